"""A batch of 10,000 scores beside a bare executemany of the very same rows."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx
import orjson
from sqlalchemy import event

from app.infra.config import Settings
from app.main import create_app
from benchmarks import data
from benchmarks.databases import Database
from benchmarks.measure import Row, Sample, timed, verdict
from benchmarks.servers import KEY, Client, Server

REPETITIONS = 5
ROWS = 10_000
LEAST_RATIO = 0.3


def rounds() -> list[str]:
    """A round for each batch, so that every key is fresh."""
    pairs = [f"{name}-{n}" for n in range(1 + REPETITIONS) for name in ("batch", "bare")]
    return [*pairs, "count-1000", "count-10000"]


def measure_batches(database: Database, server: Server, units: Sequence[str]) -> Row:
    """By turns: a batch over HTTP, then its rows again with the driver alone."""
    client = server.client()
    scores = data.batch(units, ROWS)
    body = orjson.dumps({"scores": scores})
    order = {(score["unit"], score["item"]): position for position, score in enumerate(scores)}
    pairs = [
        (_send(client, number, body), _insert_barely(database, number, order))
        for number in range(1 + REPETITIONS)
    ]
    ours, bare = (Sample(seconds[1:]) for seconds in zip(*pairs, strict=True))
    ratio = bare.median / ours.median
    return Row(
        f"Batch of {ROWS:,} scores by POST, {database.label}",
        str(ours),
        f"{bare} bare executemany",
        f"{ratio:.2f}",
        f">= {LEAST_RATIO}",
        verdict(ratio >= LEAST_RATIO),
    )


def _send(client: Client, number: int, body: bytes) -> float:
    answers: list[bytes] = []
    path = f"/v1/rounds/batch-{number}/scores"
    seconds = timed(lambda: answers.append(client.ask("POST", path, body)))
    assert orjson.loads(answers[0])["accepted"] == ROWS
    return seconds


def _insert_barely(database: Database, number: int, order: dict[tuple[str, str], int]) -> float:
    """The rows that the batch stored, in the order in which they were sent, into a sister round."""
    connection = database.connect()
    columns = ", ".join(data.ENTRY_COLUMNS)
    query = f"SELECT {columns} FROM score_entry WHERE round_code = 'batch-{number}'"
    stored = sorted(connection.execute(query).fetchall(), key=lambda row: order[row[2], row[3]])
    rows = [(row[0], f"bare-{number}", *row[2:]) for row in stored]
    assert len(rows) == ROWS
    connection.commit()
    statement = database.insert_sql("score_entry", data.ENTRY_COLUMNS)

    def insert() -> None:
        database.begin(connection)
        connection.cursor().executemany(statement, rows)
        connection.commit()

    seconds = timed(insert)
    connection.close()
    return seconds


def measure_statements(database: Database, units: Sequence[str]) -> Row:
    """SQL statements of a batch of 1,000 and of 10,000 rows."""
    asyncio.run(_count(database, units, 1_000, "?dry_run=true"))  # what is parsed once is parsed now
    counts = {rows: asyncio.run(_count(database, units, rows)) for rows in (1_000, 10_000)}
    return Row(
        f"SQL statements of a batch of 10,000 scores, {database.label}",
        str(counts[10_000]),
        f"{counts[1_000]} of 1,000 scores",
        f"{counts[1_000] / counts[10_000]:.2f}",
        "the same",
        verdict(counts[1_000] == counts[10_000]),
    )


async def _count(database: Database, units: Sequence[str], rows: int, options: str = "") -> int:
    app = create_app(Settings(database_url=database.url, admin_key=KEY))
    seen: list[str] = []

    def remember(_c: object, _cur: object, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(app.state.database.engine, "before_cursor_execute", remember)
    transport = httpx.ASGITransport(app=app)
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://bench", headers=headers) as client:
        path = f"/v1/rounds/count-{rows}/scores{options}"
        answer = await client.post(path, json={"scores": data.batch(units, rows)}, timeout=60)
    app.state.database.close()
    assert answer.is_success, answer.text[:500]
    return len(seen)
