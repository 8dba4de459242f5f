"""A year of monthly dossier counts of 3,321 communes, rolled up to the nation over HTTP."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from benchmarks import data
from benchmarks.databases import Database
from benchmarks.measure import Row, sample, time_row
from benchmarks.servers import Server

YEAR, LIMIT = 2026, 0.150
REPORTED_AT = datetime(2027, 1, 5, 8, 30, tzinfo=UTC)
COLUMNS = (
    "received_online",
    "received_direct",
    "carried_over",
    "received",
    "resolved_early",
    "resolved_on_time",
    "resolved_overdue",
    "resolved",
    "pending_in_time",
    "pending_overdue",
    "pending",
)
HEAD = ("jurisdiction_code", "period", "unit_code", "scope", "revision")


def load_months(database: Database) -> None:
    """Twelve months of every commune, each carrying over what was pending before."""
    rows = sorted(_rows())
    database.bulk("dossier_statistic", (*HEAD, *COLUMNS, "recorded_at", "recorded_by"), rows)
    communes = data.communes()
    revisions = [(province, code, 12) for code, province, _ in communes]
    columns = ("jurisdiction_code", "unit_code", "revision")
    database.bulk("statistics_revision", columns, revisions)


def _rows() -> Iterator[tuple[Any, ...]]:
    chance = random.Random(YEAR)  # noqa: S311 - the same data in every run
    for code, province, _ in data.communes():
        pending = chance.randint(0, 40)
        for month in range(1, 13):
            counts = _month(chance, pending)
            pending = counts[-1]
            yield (province, f"{YEAR}-{month:02}", code, "own", month, *counts, REPORTED_AT, "bench")


def _month(chance: random.Random, carried_over: int) -> tuple[int, ...]:
    online, direct = chance.randint(50, 400), chance.randint(20, 200)
    received = online + direct + carried_over
    pending = chance.randint(0, received // 10)
    overdue, late = chance.randint(0, 5), min(pending, chance.randint(0, 3))
    resolved = received - pending
    overdue = min(overdue, resolved)
    early = (resolved - overdue) // 2
    settled = (early, resolved - overdue - early, overdue, resolved)
    return (online, direct, carried_over, received, *settled, pending - late, late, pending)


def measure_roll_up(database: Database, server: Server) -> Row:
    """The whole country over the twelve months of a year."""
    client = server.client()
    path = f"/v1/units/VN/dossier-statistics/{YEAR}?rollup=true"
    found = orjson.loads(client.ask("GET", path))
    assert found["coverage"]["reported"] == data.COMMUNES
    assert found["counts"]["resolved"] == sum(row[-6] for row in _rows())
    ours = sample(lambda: client.ask("GET", path), 25, warm_up=3)
    limit = LIMIT if database.label == "PostgreSQL" else None
    return time_row(f"Roll-up of 3,321 units x 12 months, {database.label}", ours, limit=limit)
