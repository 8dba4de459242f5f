"""Servers as processes on 127.0.0.1, and a plain client."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson
import psutil

ROOT = Path(__file__).parent.parent
KEY = "par_bench_0123456789abcdefghijklmn"
HOST = "127.0.0.1"
LIFE_SECONDS = 150
START_SECONDS = 30


def environment(**settings: str) -> dict[str, str]:
    """The surroundings of a server: no settings of the caller, compiled modules kept for the run."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PARINDEX_") and name != "PYTHONDONTWRITEBYTECODE"
    }
    compiled = Path(tempfile.gettempdir()) / f"parindex-bench-compiled-{os.getpid()}"
    return {
        **kept,
        "PYTHONPYCACHEPREFIX": str(compiled),
        "PARINDEX_ADMIN_KEY": KEY,
        "PARINDEX_RATE_LIMIT": "",
        "PARINDEX_RATE_LIMIT_ANONYMOUS": "",
        **settings,
    }


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def parindex(url: str, *arguments: str) -> None:
    """Run a command of the service to its end."""
    command = [sys.executable, "-m", "app.cli", *arguments]
    settings = environment(PARINDEX_DATABASE_URL=url)
    subprocess.run(command, env=settings, cwd=ROOT, check=True, capture_output=True, timeout=120)


class Server:
    """A server process; it ends with the block, and in any case after `life_seconds`."""

    def __init__(self, arguments: list[str], ready: str, env: dict[str, str]) -> None:
        self.port = free_port()
        self.ready = ready
        self.command = [sys.executable, "-m", *arguments, "--host", HOST, "--port", str(self.port)]
        self.env = env
        self.start_seconds = 0.0
        self.life_seconds = LIFE_SECONDS

    @classmethod
    def of_service(cls, url: str, *options: str) -> "Server":
        """`parindex serve` over a database."""
        env = environment(PARINDEX_DATABASE_URL=url)
        return cls(["app.cli", "serve", *options], "/readyz", env)

    @classmethod
    def bare(cls, body: Path) -> "Server":
        """A FastAPI application that answers the bytes of a file, and does nothing else."""
        arguments = ["uvicorn", "benchmarks.bare:app", "--log-level", "warning"]
        return cls(arguments, "/", environment(BENCH_BODY=str(body)))

    @classmethod
    def of_table(cls, table: Path) -> "Server":
        """Datasette over a SQLite file that nobody writes to: its fastest way."""
        return cls(["datasette", "serve", "--immutable", str(table)], "/-/versions.json", environment())

    def __enter__(self) -> Self:
        """Start, and wait for the first 200."""
        started = time.perf_counter()
        self.process = subprocess.Popen(
            self.command, env=self.env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.guard = threading.Timer(self.life_seconds, self.process.kill)
        self.guard.daemon = True
        self.guard.start()
        while not self._answers():
            late = time.perf_counter() - started > START_SECONDS
            if late or self.process.poll() is not None:
                self._stop()
                raise RuntimeError(f"no answer from: {' '.join(self.command)}")
            time.sleep(0.004)
        self.start_seconds = time.perf_counter() - started
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        self._stop()

    def _stop(self) -> None:
        self.guard.cancel()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)

    def _answers(self) -> bool:
        connection = HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", self.ready)
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def client(self) -> "Client":
        """A client of this server."""
        return Client(self.port)

    def resident_bytes(self) -> int:
        """Resident memory of the largest process of the server: its worker."""
        top = psutil.Process(self.process.pid)
        return max(int(p.memory_info().rss) for p in [top, *top.children(recursive=True)])

    def peak_bytes(self) -> int:
        """The most resident memory that the largest process ever had."""
        top = psutil.Process(self.process.pid)
        return max(_peak(p.pid) for p in [top, *top.children(recursive=True)])


def _peak(pid: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


class Client:
    """One kept connection; every answer but 2xx is an error."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection(HOST, port, timeout=120)
        self.headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """Send, and read the whole answer."""
        self.connection.request(method, path, body, self.headers)
        response = self.connection.getresponse()
        answer = response.read()
        if not 200 <= response.status < 300:
            raise RuntimeError(f"{method} {path}: {response.status} {answer[:500]!r}")
        return answer

    def tag_of(self, path: str) -> str:
        """The ETag that somebody without a key gets."""
        self.connection.request("GET", path)
        response = self.connection.getresponse()
        response.read()
        return response.headers["ETag"]

    def send(self, method: str, path: str, document: Any) -> Any:
        """Send a JSON document; the answer as data."""
        return orjson.loads(self.ask(method, path, orjson.dumps(document)))
