"""Live rankings: after one changed score, and from nothing."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from benchmarks import data
from benchmarks.databases import Database
from benchmarks.measure import Row, Sample, sample, time_row, timed
from benchmarks.servers import Client, Server

PROVINCES_ROUND, COMMUNES_ROUND = "live-63", "live-3321"
CHANGED_LIMITS = {63: 0.020, 3_321: 0.150}
NOTHING_LIMIT = 5.0


class Live:
    """A round whose scores change one at a time."""

    def __init__(self, client: Client, code: str, units: Sequence[str]) -> None:
        self.client = client
        self.path = f"/v1/rounds/{code}"
        self.changes = self._changes(units)
        self.puts: list[float] = []
        self.answer: dict[str, Any] = {}

    def _changes(self, units: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Every change says something new: full and no points by turns, a new place each time."""
        maxima = data.item_maxima()
        places = zip(itertools.cycle(units), itertools.cycle(maxima.items()), strict=False)
        for number, (unit, (item, maximum)) in enumerate(places):
            points = 0 if number % 2 else maximum / 4
            score = {"stage": "appraisal", "points": points, "reason": f"thay đổi {number}"}
            yield f"{self.path}/units/{unit}/scores/{item}", orjson.dumps(score)

    def change(self) -> None:
        """PUT one score; also the time that it took."""
        path, body = next(self.changes)
        self.puts.append(timed(lambda: self.client.ask("PUT", path, body)))

    def read(self) -> bytes:
        """GET the whole ranking."""
        return self.client.ask("GET", f"{self.path}/rankings")

    def check(self) -> None:
        """The ranking must have followed the last change."""
        before = orjson.loads(self.read())["revision"]
        self.change()
        self.answer = orjson.loads(self.read())
        assert self.answer["revision"] != before


def measure_changed(database: Database, server: Server, code: str, units: Sequence[str]) -> list[Row]:
    """The ranking after one changed score, and the change itself."""
    live = Live(server.client(), code, units)
    repetitions = 25 if len(units) < 1000 else 9
    ours = sample(live.read, repetitions, warm_up=3, before=live.change)
    puts = Sample(tuple(live.puts[3:]))
    live.check()
    floor = _floor(database, code, live.answer, repetitions)
    limit = CHANGED_LIMITS[len(units)] if database.label == "SQLite" else None
    size = f"{len(units):,} units x 88 items, {database.label}"
    about = "bare: read stored results, write the same JSON"
    return [
        time_row(f"Live ranking after one changed score, {size}", ours, floor, about=about, limit=limit),
        time_row(f"PUT of that one score, {size}", puts),
    ]


def _floor(database: Database, code: str, answer: dict[str, Any], repetitions: int) -> Sample:
    """The least that any answer costs: stored results read, decoded, and the same body written."""
    connection = database.connect()
    query = f"SELECT unit_code, areas FROM unit_result WHERE round_code = '{code}' ORDER BY unit_code"

    def answer_barely() -> None:
        found = connection.execute(query).fetchall()
        assert len([orjson.loads(areas) for _, areas in found]) == len(answer["items"])
        orjson.dumps(answer)

    floor = sample(answer_barely, repetitions, warm_up=2)
    connection.close()
    return floor


def measure_from_nothing(database: Database, repetitions: int) -> tuple[list[Row], int]:
    """(rows, largest resident memory): no stored result, and a fresh process each time."""
    seconds, resident = [], 0
    for _ in range(1 + repetitions):
        database.execute("DELETE FROM unit_result WHERE round_code = %s", COMMUNES_ROUND)
        with Server.of_service(database.url) as server:
            client = server.client()
            client.ask("GET", f"/v1/rounds/{PROVINCES_ROUND}/rankings")
            path = f"/v1/rounds/{COMMUNES_ROUND}/rankings"
            seconds.append(timed(lambda: client.ask("GET", path)))  # noqa: B023 - called at once
            resident = max(resident, server.resident_bytes())
    connection = database.connect()
    query = (
        "SELECT unit_code, item_code, stage, points, not_applicable FROM score_entry"
        f" WHERE round_code = '{COMMUNES_ROUND}'"
        " ORDER BY jurisdiction_code, unit_code, item_code, stage, revision"
    )
    floor = sample(lambda: connection.execute(query).fetchall(), repetitions)
    connection.close()
    row = time_row(
        f"Live ranking from nothing, 3,321 units x 88 items, {database.label}",
        Sample(tuple(seconds[1:])),
        floor,
        about="bare: read the 292,248 scores",
        limit=NOTHING_LIMIT if database.label == "SQLite" else None,
    )
    return [row], resident
