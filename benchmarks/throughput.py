"""Requests per second over kept connections, by the thinnest client that asyncio allows."""

import asyncio
import re
import time
from pathlib import Path
from statistics import median
from typing import Any

import uvloop

from benchmarks.measure import Row
from benchmarks.servers import HOST, Server

CONNECTIONS = 16
SECONDS = 2.0
TURNS = 3
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class _Connection(asyncio.Protocol):
    """Asks again as soon as an answer is complete."""

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.answered = 0
        self.received = bytearray()
        self.expected = 0
        self.failed = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        if not self.expected and (end := self.received.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self.received, 0, end)
            if length is None or not self.received.startswith(b"HTTP/1.1 200"):
                self.failed = bytes(self.received[:200])
                self.transport.close()
                return
            self.expected = end + 4 + int(length[1])
        if self.expected and len(self.received) >= self.expected:
            self.answered += 1
            self.received.clear()
            self.expected = 0
            self.transport.write(self.request)


async def _press(port: int, path: str, seconds: float) -> float:
    request = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
    loop = asyncio.get_running_loop()
    connections = [
        (await loop.create_connection(lambda: _Connection(request), HOST, port))[1]
        for _ in range(CONNECTIONS)
    ]
    started, before = time.perf_counter(), sum(c.answered for c in connections)
    await asyncio.sleep(seconds)
    done, passed = sum(c.answered for c in connections) - before, time.perf_counter() - started
    for connection in connections:
        connection.transport.abort()
    failed = [c.failed for c in connections if c.failed]
    if failed or not done:
        raise RuntimeError(f"{path}: {failed[:1] or 'no answer'}")
    return done / passed


def measure_throughput(label: str, server: Server, path: str, body: Path) -> Row:
    """Our published ranking beside a bare endpoint that answers the same bytes, by turns."""
    ours, bare = [], []
    with Server.bare(body) as other:
        for turn in range(1 + TURNS):
            seconds = SECONDS if turn else 1.0
            ours.append(uvloop.run(_press(server.port, path, seconds)))
            bare.append(uvloop.run(_press(other.port, "/", seconds)))
    rates = median(ours[1:]), median(bare[1:])
    return Row(
        f"Published ranking of 63 units, {CONNECTIONS} connections, one worker, {label}",
        f"{rates[0]:,.0f} requests/s",
        f"{rates[1]:,.0f} requests/s bare FastAPI, the same {body.stat().st_size / 1000:.0f} kB",
        f"{rates[0] / rates[1]:.2f}",
    )
