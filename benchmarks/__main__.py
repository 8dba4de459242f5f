"""Measure everything in one run: `python -m benchmarks`."""

import os
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks import data
from benchmarks.batches import measure_batches, measure_statements
from benchmarks.batches import rounds as batch_rounds
from benchmarks.databases import Backend, Database, Postgresql, Sqlite
from benchmarks.explanations import measure_explanation
from benchmarks.imports import measure_imports, measure_rehearsal
from benchmarks.measure import Row
from benchmarks.publications import measure_publishing
from benchmarks.rankings import COMMUNES_ROUND, PROVINCES_ROUND, measure_changed, measure_from_nothing
from benchmarks.report import write_report
from benchmarks.rollups import load_months, measure_roll_up
from benchmarks.servers import Server, environment, parindex
from benchmarks.starts import measure_cold, measure_second_setup, megabytes
from benchmarks.throughput import measure_communes, measure_throughput, measure_while_writing

STARTED = time.perf_counter()
PUBLISHED_ROUND = "published-63"
PUBLISHED = f"/v1/rounds/{PUBLISHED_ROUND}/rankings"


def main() -> None:
    """All rows of both databases, then the report."""
    for name in [name for name in os.environ if name.startswith("PARINDEX_")]:
        del os.environ[name]
    load = os.getloadavg()[0]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parindex-bench-")))
        compiled = environment()["PYTHONPYCACHEPREFIX"]
        stack.callback(shutil.rmtree, compiled, ignore_errors=True)
        rows: list[Row] = []
        described = []
        for kind in (Sqlite, Postgresql):
            backend = kind(folder)
            stack.callback(backend.close)
            rows += measure(backend, folder)
            described.append(backend.describe())
        print(write_report(rows, described, time.perf_counter() - STARTED, load))


def measure(backend: Backend, folder: Path) -> list[Row]:
    """All rows of one database."""
    limited = isinstance(backend, Sqlite)
    database = backend.create("bench")
    _say(f"{backend.label}: loading")
    prepare(database)
    provinces, batch_units = data.provinces("2024-12-31"), [code for code, _, _ in data.communes()]
    rows, body = [], folder / "ranking.json"
    with Server.of_service(database.url) as server:
        body.write_bytes(server.client().ask("GET", PUBLISHED))
        _say(f"{backend.label}: rankings")
        rows += measure_changed(database, server, PROVINCES_ROUND, provinces)
        rows += measure_changed(database, server, COMMUNES_ROUND, batch_units)
        _say(f"{backend.label}: explanations")
        rows += measure_explanation(database, server, provinces)
        _say(f"{backend.label}: roll-up")
        rows += measure_roll_up(database, server)
    nothing, resident = measure_from_nothing(database, repetitions=3 if limited else 2)
    rows += nothing
    _say(f"{backend.label}: batches")
    batch_units = batch_units[: data.BATCH_UNITS]
    with Server.of_service(database.url) as server:
        rows.append(measure_batches(database, server, batch_units))
        rows.append(measure_rehearsal(database.label, server, batch_units))
    rows.append(measure_statements(database, batch_units))
    _say(f"{backend.label}: imports")
    rows += measure_imports(backend, folder)
    _say(f"{backend.label}: starts")
    rows += measure_cold(database, body, PUBLISHED, limited=limited)
    rows.append(Row(f"Resident memory after the 3,321 from nothing, {backend.label}", megabytes(resident)))
    rows += measure_second_setup(backend.create("setup"), limited=limited)
    _say(f"{backend.label}: publishing")
    rows += measure_publishing(database)
    _say(f"{backend.label}: throughput")
    with Server.of_service(database.url) as server:
        rows += measure_throughput(backend.label, server, PUBLISHED, body)
        rows.append(measure_while_writing(backend.label, server, PUBLISHED))
        rows += measure_communes(backend.label, server)
    return rows


def prepare(database: Database) -> None:
    """Migrate, and load units, the criteria set, rounds and scores."""
    parindex(database.url, "db", "upgrade")
    parindex(database.url, "load-reference")
    data.load_communes(database)
    provinces = data.provinces("2024-12-31")
    places = [(code, province) for code, province, _ in data.communes()]
    communes = [code for code, _ in places]
    with Server.of_service(database.url) as server:
        client = server.client()
        version = f"/v1/frameworks/{data.FRAMEWORK.replace('@', '/versions/')}"
        client.send("PUT", version, data.framework())
        client.send("POST", f"{version}/publish", None)
        data.open_round(client, PROVINCES_ROUND, "2024", provinces)
        data.open_round(client, PUBLISHED_ROUND, "2024", provinces)
        data.open_round(client, COMMUNES_ROUND, "2026", communes)
        for code in batch_rounds():
            data.open_round(client, code, "2026", communes[: data.BATCH_UNITS])
        for code in (PROVINCES_ROUND, PUBLISHED_ROUND):
            data.load_scores(database, code, [(unit, unit) for unit in provinces])
        data.load_scores(database, COMMUNES_ROUND, places)
        load_months(database)
        client = server.client()  # loading may outlast the connection
        for state in ("approved", "published"):
            client.send("POST", f"/v1/rounds/{PUBLISHED_ROUND}/transitions", {"to": state})
    database.settle()


def _say(text: str) -> None:
    print(f"{time.perf_counter() - STARTED:5.0f} s  {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
