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
FILLED = (*HEAD, *COLUMNS, "recorded_at", "recorded_by")
CORRECTED = f"{YEAR}-06"


def load_months(database: Database) -> None:
    """Twelve months of every commune, each carrying over what was pending before."""
    database.bulk("dossier_statistic", FILLED, sorted(_rows()))
    revisions = [(province, code, 12) for code, province, _ in data.communes()]
    database.bulk("statistics_revision", ("jurisdiction_code", "unit_code", "revision"), revisions)


def correct_months(database: Database) -> None:
    """A month of every commune a second time, with one dossier more: received online, resolved early."""
    more = ("received_online", "received", "resolved_early", "resolved")
    places = [FILLED.index(name) for name in more]
    rows = [list(row) for row in sorted(_rows()) if row[1] == CORRECTED]
    for row in rows:
        row[HEAD.index("revision")] = 13
        for place in places:
            row[place] += 1
    database.bulk("dossier_statistic", FILLED, rows)
    database.execute("UPDATE statistics_revision SET revision = 13")
    database.settle()


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


def measure_roll_up(database: Database, server: Server) -> list[Row]:
    """The whole country over the twelve months of a year, as first reported and after corrections."""
    resolved = sum(row[FILLED.index("resolved")] for row in _rows())
    plain = _measure(database, server, "", resolved)
    correct_months(database)
    return [plain, _measure(database, server, ", one corrected in each", resolved + data.COMMUNES)]


def _measure(database: Database, server: Server, which: str, resolved: int) -> Row:
    client = server.client()
    path = f"/v1/units/VN/dossier-statistics/{YEAR}?rollup=true"
    found = orjson.loads(client.ask("GET", path))
    assert found["coverage"]["reported"] == data.COMMUNES
    assert found["counts"]["resolved"] == resolved
    ours = sample(lambda: client.ask("GET", path), 25, warm_up=3)
    limit = LIMIT if database.label == "PostgreSQL" else None
    return time_row(f"Roll-up of 3,321 units x 12 months{which}, {database.label}", ours, limit=limit)
