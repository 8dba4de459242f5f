"""Requests per second over kept connections, by the thinnest client that asyncio allows."""

import asyncio
import itertools
import re
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles
from threading import Event, Thread
from typing import Any

import orjson
import uvloop

from benchmarks import data, datasette
from benchmarks.measure import Row, verdict
from benchmarks.rankings import COMMUNES_ROUND, PROVINCES_ROUND
from benchmarks.servers import HOST, Server

CONNECTIONS, MANY_CONNECTIONS = 16, 32
SECONDS = 2.0
TURNS = 3
PATIENCE = 0.020
"""Seconds of the 99th percentile while scores are being written."""
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"transfer-encoding: chunked", re.IGNORECASE)
_CHUNKS = -1
"""As many bytes as come until the last chunk, which is empty."""


class _Connection(asyncio.Protocol):
    """Asks again as soon as an answer is complete; remembers how long each took."""

    def __init__(self, request: bytes, status: bytes) -> None:
        self.request = request
        self.status = status
        self.seconds: list[float] = []
        self.received = bytearray()
        self.expected = 0
        self.failed = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self._ask()

    def _ask(self) -> None:
        self.asked = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        if not self.expected and (end := self.received.find(b"\r\n\r\n")) >= 0:
            if not self.received.startswith(self.status):
                self.failed = bytes(self.received[:200])
                self.transport.close()
                return
            self._expect(end + 4)
        if self.expected == _CHUNKS:
            complete = self.received.endswith(b"\r\n0\r\n\r\n")
        else:
            complete = 0 < self.expected <= len(self.received)
        if complete:
            self.seconds.append(time.perf_counter() - self.asked)
            self.received.clear()
            self.expected = 0
            self._ask()

    def _expect(self, head: int) -> None:
        """How long the answer is whose head has this length."""
        length = _LENGTH.search(self.received, 0, head)
        chunked = _CHUNKED.search(self.received, 0, head)
        self.expected = _CHUNKS if chunked else head + (int(length[1]) if length else 0)


async def _press(
    port: int, path: str, seconds: float, connections: int = CONNECTIONS, tag: str = ""
) -> tuple[float, list[float]]:
    """(requests per second, how long each took); with `tag` every answer is a 304."""
    known = f"If-None-Match: {tag}\r\n" if tag else ""
    request = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{known}\r\n".encode()
    status = b"HTTP/1.1 304" if tag else b"HTTP/1.1 200"
    loop = asyncio.get_running_loop()
    opened = [
        (await loop.create_connection(lambda: _Connection(request, status), HOST, port))[1]
        for _ in range(connections)
    ]
    started, before = time.perf_counter(), sum(len(c.seconds) for c in opened)
    await asyncio.sleep(seconds)
    done, passed = sum(len(c.seconds) for c in opened) - before, time.perf_counter() - started
    for connection in opened:
        connection.transport.abort()
    failed = [c.failed for c in opened if c.failed]
    if failed or not done:
        raise RuntimeError(f"{path}: {failed[:1] or 'no answer'}")
    return done / passed, [second for c in opened for second in c.seconds]


def measure_throughput(label: str, server: Server, path: str, body: Path) -> list[Row]:
    """Our published ranking beside a bare endpoint that answers the same bytes, as 304, and beside Datasette
    with the same table, by turns."""
    tag = server.client().tag_of(path)
    with Server.bare(body) as other, Server.of_table(datasette.write_table(body)) as table:
        length = datasette.check_same_table(table, body)
        ours, bare, unchanged, beside = _by_turns(
            (server.port, path, ""),
            (other.port, "/", ""),
            (server.port, path, tag),
            (table.port, datasette.PATH, ""),
        )
    about = f"{CONNECTIONS} connections, one worker, {label}"
    size = f"{body.stat().st_size / 1000:.0f} kB"
    rates = median(ours[1:]), median(beside[1:])
    return [
        _rate_row(f"Published ranking of 63 units, {about}", ours, bare, size, 0.8),
        _rate_row(f"The same, not changed (304), {about}", unchanged, bare, size, 1.0),
        Row(
            f"The same table as {datasette.NAME} serves it from SQLite, {about}",
            f"{rates[0]:,.0f} requests/s",
            f"{rates[1]:,.0f} requests/s, {length / 1000:.0f} kB",
            f"{rates[0] / rates[1]:,.0f}",
        ),
    ]


def _by_turns(*asked: tuple[int, str, str]) -> list[list[float]]:
    """Requests per second of each (port, path, tag), by turns; the first turn warms up."""
    rates: list[list[float]] = [[] for _ in asked]
    for turn in range(1 + TURNS):
        for (port, path, tag), found in zip(asked, rates, strict=True):
            found.append(uvloop.run(_press(port, path, SECONDS if turn else 1.0, tag=tag))[0])
    return rates


def measure_communes(label: str, server: Server) -> list[Row]:
    """A published round of 3,321 communes: its first page, and whole."""
    rows = []
    for which, query in (("first page of 100", "?limit=100"), ("whole", "")):
        path = f"/v1/rounds/{COMMUNES_ROUND}/rankings{query}"
        with tempfile.NamedTemporaryFile() as file:
            body = Path(file.name)
            body.write_bytes(server.client().ask("GET", path))
            with Server.bare(body) as other:
                ours, bare = _by_turns((server.port, path, ""), (other.port, "/", ""))
            what = f"Published ranking of 3,321 units, {which}, {label}"
            rows.append(_rate_row(what, ours, bare, f"{body.stat().st_size / 1000:,.0f} kB", 0.6))
    return rows


def measure_while_writing(label: str, server: Server, path: str) -> Row:
    """The 99th percentile of a published ranking under 32 connections while scores are being written."""
    stop, written = Event(), [0]
    writer = Thread(target=_write_scores, args=(server, stop, written))
    writer.start()
    try:
        rate, seconds = uvloop.run(_press(server.port, path, 2 * SECONDS, MANY_CONNECTIONS))
    finally:
        stop.set()
        writer.join()
    last = quantiles(seconds, n=100)[98]
    return Row(
        f"99th percentile of it under {MANY_CONNECTIONS} connections while scores are written, {label}",
        f"{last * 1000:.1f} ms",
        f"{rate:,.0f} requests/s, {written[0] / (2 * SECONDS):.0f} scores/s written",
        target=f"<= {PATIENCE * 1000:.0f} ms",
        met=verdict(last <= PATIENCE),
    )


def _write_scores(server: Server, stop: Event, written: list[int]) -> None:
    client, units = server.client(), data.provinces("2024-12-31")
    places = zip(itertools.count(), itertools.cycle(units), itertools.cycle(data.item_maxima().items()))
    for number, unit, (item, maximum) in places:
        if stop.is_set():
            return
        points = 0 if number % 2 else maximum / 4
        score = {"stage": "appraisal", "points": points, "reason": f"thay đổi {number}"}
        client.ask("PUT", f"/v1/rounds/{PROVINCES_ROUND}/units/{unit}/scores/{item}", orjson.dumps(score))
        written[0] += 1


def _rate_row(what: str, ours: Sequence[float], bare: Sequence[float], size: str, least: float) -> Row:
    rates = median(ours[1:]), median(bare[1:])
    ratio = rates[0] / rates[1]
    return Row(
        what,
        f"{rates[0]:,.0f} requests/s",
        f"{rates[1]:,.0f} requests/s bare FastAPI, the same {size}",
        f"{ratio:.2f}",
        f">= {least}",
        verdict(ratio >= least),
    )
