"""The service as its users run it: `parindex serve` in processes of its own."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import httpx
import uvicorn
from fastapi import FastAPI

ROOT = Path(__file__).parents[1]


def _is_ready(url: str, process: subprocess.Popen[bytes]) -> bool:
    """Whether the service answers within a minute; the transport tries again for half a second each time."""
    with httpx.Client(transport=httpx.HTTPTransport(retries=2), timeout=30) as client:
        for _ in range(120):
            try:
                return client.get(f"{url}/readyz").status_code == 200
            except httpx.ConnectError:
                if process.poll() is not None:
                    return False
    return False


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def settings_of(**settings: str) -> dict[str, str]:
    """The environment of a service: ours, with its own PARINDEX_* alone."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PARINDEX_")}
    return environment | {f"PARINDEX_{name.upper()}": value for name, value in settings.items()}


@contextmanager
def serving(folder: Path, *options: str, **settings: str) -> Iterator[str]:
    """The address of a running service; `folder` takes its log."""
    with running(folder, *options, **settings) as (url, _):
        yield url


@contextmanager
def running(folder: Path, *options: str, **settings: str) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """The address and the process of a running service, which may be killed."""
    port = free_port()
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port), *options]
    log = folder / f"log-{port}"
    environment = settings_of(files_folder=str(folder / "files"), **settings)
    with (
        log.open("wb") as output,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output) as process,  # noqa: S603 - our own command
    ):
        try:
            assert _is_ready(f"http://127.0.0.1:{port}", process), log.read_text()
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()
            process.wait(timeout=30)


@contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    """The address of an application that listens in this process."""
    with socket.create_server(("127.0.0.1", 0)) as place:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = Thread(target=server.run, args=([place],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{place.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
