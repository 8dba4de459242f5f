"""Starting and idling: cold start, second set-up, resident memory."""

import time
from pathlib import Path
from statistics import median

from benchmarks.databases import Database
from benchmarks.measure import NONE, Row, Sample, time_row, verdict
from benchmarks.servers import Server

COLD_LIMIT, SETUP_LIMIT = 2.5, 3.0
MEMORY_LIMIT = 130 * 10**6
REPETITIONS = 4


def measure_cold(database: Database, body: Path, ranking: str, *, limited: bool) -> list[Row]:
    """Process start to the first 200, then resident memory after one read; both beside bare FastAPI."""
    ours = [_start(Server.of_service(database.url), ranking) for _ in range(1 + REPETITIONS)][1:]
    bare = [_start(Server.bare(body), "/") for _ in range(1 + REPETITIONS)][1:]
    about = "bare FastAPI"
    seconds = [Sample(tuple(start for start, _ in starts)) for starts in (ours, bare)]
    resident = [int(median(size for _, size in starts)) for starts in (ours, bare)]
    return [
        time_row(
            f"Cold start to the first 200 of /readyz, {database.label}",
            *seconds,
            about=about,
            limit=COLD_LIMIT if limited else None,
        ),
        Row(
            f"Resident memory of the idle worker after one ranking read, {database.label}",
            megabytes(resident[0]),
            f"{megabytes(resident[1])} {about}",
            f"{resident[1] / resident[0]:.2f}",
            f"<= {megabytes(MEMORY_LIMIT)}" if limited else NONE,
            verdict(resident[0] <= MEMORY_LIMIT) if limited else NONE,
        ),
    ]


def _start(server: Server, path: str) -> tuple[float, int]:
    with server:
        server.client().ask("GET", path)
        time.sleep(0.3)
        return server.start_seconds, server.resident_bytes()


def measure_second_setup(database: Database, *, limited: bool) -> list[Row]:
    """`parindex serve --setup` where everything is set up already; the first time for orientation."""
    starts = [_setup_seconds(database) for _ in range(2 + REPETITIONS)]
    limit = SETUP_LIMIT if limited else None
    what = f"serve --setup to the first 200 of /readyz, {database.label}"
    return [
        time_row(f"Second {what}", Sample(tuple(starts[2:])), limit=limit),
        time_row(
            f"First {what} (empty database: migrations, reference data, examples)", Sample((starts[0],))
        ),
    ]


def _setup_seconds(database: Database) -> float:
    with Server.of_service(database.url, "--setup") as server:
        return server.start_seconds


def megabytes(size: int) -> str:
    """Bytes as text."""
    return f"{size / 10**6:.0f} MB"
