"""A million dossier rows: the commit beside a bare COPY or executemany, memory, and small reads meanwhile."""

import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles

import orjson

from benchmarks import data
from benchmarks.databases import Backend, Database, PostgresqlDatabase
from benchmarks.measure import Row, sample, timed, verdict
from benchmarks.servers import HOST, KEY, Server, parindex

ROWS = 1_000_000
LEAST_RATIO, MOST_MEMORY, MOST_SLOWER = 0.4, 100, 10
SCORE_ROWS, MOST_SECONDS, REPETITIONS = 10_000, 2, 5
SCORED_ROUND = "batch-0"
"""Its scores were sent by the first batch."""
FIELDS = 26
LIFE_SECONDS = 1800
SMALL = "/v1/units/01"
HEAD = (
    "unit,period,field,received,received_online,received_direct,carried_over,resolved,resolved_early,"
    "resolved_on_time,resolved_overdue,pending,pending_in_time,pending_overdue"
)
COUNT = 20_000
"""Rows that the reference inserts at a time, from memory."""


def measure_imports(backend: Backend, folder: Path, rows: int = ROWS) -> list[Row]:
    """All rows of one database, in databases of their own."""
    database, bare = (_prepared(backend, name) for name in ("imports", "imports-bare"))
    path = folder / "million.csv"
    if not path.exists():
        path.write_text(HEAD + "\n" + "".join(_lines(rows)), encoding="utf-8")
    server = Server.of_service(database.url)
    server.life_seconds = LIFE_SECONDS
    server.env["PARINDEX_FILES_FOLDER"] = str(folder / "files")
    with server:
        idle_bytes, idle = server.resident_bytes(), _Reads(server)
        idle.run_for(5)
        watch, reads = _Memory(server), _Reads(server)
        with watch, reads:
            started = time.perf_counter()
            import_id = _rehearse(server, path)
            rehearsal = time.perf_counter() - started
            seconds = timed(lambda: _commit(server, import_id, rows))
    reference = _insert_barely(database, bare, rows)
    above = (watch.most - idle_bytes) / 1e6
    name = "COPY" if isinstance(database, PostgresqlDatabase) else "executemany"
    ratio = reference / seconds
    slower = reads.p99 / idle.p99
    return [
        Row(
            f"Commit of {rows:,} dossier rows, {database.label}",
            f"{seconds:.1f} s",
            f"{reference:.1f} s bare {name}",
            f"{ratio:.2f}",
            f">= {LEAST_RATIO}",
            verdict(ratio >= LEAST_RATIO),
        ),
        Row(f"Rehearsal of these rows, {database.label}", f"{rehearsal:.0f} s"),
        Row(
            f"Resident memory during that import, above idle, {database.label}",
            f"{above:.0f} MB",
            target=f"<= {MOST_MEMORY} MB",
            met=verdict(above <= MOST_MEMORY),
        ),
        Row(
            f"99th percentile of a small read meanwhile, {database.label}",
            f"{reads.p99 * 1000:.1f} ms",
            f"{idle.p99 * 1000:.1f} ms idle",
            f"{slower:.1f} times",
            f"<= {MOST_SLOWER} times",
            verdict(slower <= MOST_SLOWER),
        ),
    ]


def measure_rehearsal(label: str, server: Server, units: Sequence[str]) -> Row:
    """Other scores in place of a batch: the full difference, and who moves from which rank to which."""
    client = server.client()
    scores = data.batch(units, SCORE_ROWS, seed=1)
    lines = [f"{s['unit']},{s['item']},{s['stage']},{s['points']},x" for s in scores]
    body = "\n".join(["unit,item,stage,points,reason", *lines]).encode()

    def rehearse() -> None:
        path = f"/v1/imports?kind=scores&round={SCORED_ROUND}&wait=30"
        answer = orjson.loads(client.ask("POST", path, body))
        assert answer["counts"]["updated"] == SCORE_ROWS, answer
        assert answer["effects"][0]["changed_ranks"], answer

    rehearsals = sample(rehearse, REPETITIONS)
    return Row(
        f"Rehearsal of {SCORE_ROWS:,} score rows with effects, {label}",
        str(rehearsals),
        target=f"<= {MOST_SECONDS} s",
        met=verdict(rehearsals.median <= MOST_SECONDS),
    )


def _prepared(backend: Backend, name: str) -> Database:
    database = backend.create(name)
    parindex(database.url, "db", "upgrade")
    parindex(database.url, "load-reference")
    data.load_communes(database)
    database.settle()
    return database


def _lines(rows: int) -> Iterator[str]:
    """Communes, months and fields in turn; every identity of the form holds."""
    places = itertools.product(
        (code for code, _, _ in data.communes()), range(1, 13), (f"linh-vuc-{n}" for n in range(FIELDS))
    )
    for number, (unit, month, field) in enumerate(itertools.islice(places, rows)):
        early, late, waiting = number % 97, number % 5, number % 31
        received = 2 * early + late + waiting
        yield (
            f"{unit},2026-{month:02},{field},{received},{early},{early},{received - 2 * early},"
            f"{2 * early + late},{early},{early},{late},{waiting},{waiting},0\n"
        )


def _rehearse(server: Server, path: Path) -> str:
    """The id of the import, at the end of its rehearsal."""
    connection = HTTPConnection(HOST, server.port, timeout=600)
    with path.open("rb") as file:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Length": str(path.stat().st_size)}
        connection.request("POST", "/v1/imports?kind=dossier-statistics&wait=0", file, headers)
        answer = orjson.loads(connection.getresponse().read())
    connection.close()
    return _until(server, str(answer["id"]), "rehearsed", answer)["id"]


def _until(server: Server, import_id: str, state: str, answer: dict[str, str]) -> dict[str, str]:
    client = server.client()
    while answer["state"] != state:
        assert answer["state"] in ("rehearsing", "committing"), answer
        time.sleep(0.1)
        answer = orjson.loads(client.ask("GET", f"/v1/imports/{import_id}"))
    return answer


def _commit(server: Server, import_id: str, rows: int) -> None:
    answer = orjson.loads(server.client().ask("POST", f"/v1/imports/{import_id}/commit?wait=30"))
    answer = _until(server, import_id, "committed", answer)
    assert answer["progress"]["rows_committed"] == rows, answer


def _insert_barely(source: Database, target: Database, rows: int) -> float:
    """Seconds for the very same rows, in the same order, into the same table elsewhere."""
    if isinstance(source, PostgresqlDatabase) and isinstance(target, PostgresqlDatabase):
        return _copy(source, target)
    reading, writing = source.connect(), target.connect()
    columns = [row[1] for row in reading.execute("PRAGMA table_info(dossier_statistic)")]
    statement = target.insert_sql("dossier_statistic", columns)
    order = "unit_code, period, procedure_field"
    found = reading.execute(f"SELECT {', '.join(columns)} FROM dossier_statistic ORDER BY {order}")
    target.begin(writing)
    seconds, written = 0.0, 0
    while some := found.fetchmany(COUNT):
        written += len(some)
        seconds += timed(lambda some=some: writing.executemany(statement, some))  # type: ignore[misc]
    seconds += timed(lambda: writing.execute("COMMIT"))
    assert written == rows
    reading.close()
    writing.close()
    return seconds


def _copy(source: PostgresqlDatabase, target: PostgresqlDatabase) -> float:
    with source.connect() as reading, reading.cursor().copy("COPY dossier_statistic TO STDOUT") as out:
        blocks = [bytes(block) for block in out]
    content = [b"".join(blocks[at : at + 1000]) for at in range(0, len(blocks), 1000)]
    connection = target.connect()

    def insert() -> None:
        with connection.cursor().copy("COPY dossier_statistic FROM STDIN") as copy:
            for block in content:
                copy.write(block)
        connection.commit()

    seconds = timed(insert)
    connection.close()
    return seconds


class _Reads:
    """Small reads one after another, a hundred in a second."""

    def __init__(self, server: Server) -> None:
        self.client = server.client()
        self.seconds: list[float] = []
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._read)

    @property
    def p99(self) -> float:
        """Seconds that 99 of 100 reads do not exceed."""
        return quantiles(self.seconds, n=100)[98]

    def _read(self) -> None:
        while not self.ended.wait(0.01):
            self.seconds.append(timed(lambda: self.client.ask("GET", SMALL)))

    def run_for(self, seconds: float) -> None:
        """Read for some seconds."""
        with self:
            time.sleep(seconds)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()


class _Memory:
    """The most resident memory while the block runs."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.most = 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self.ended.wait(0.1):
            self.most = max(self.most, self.server.resident_bytes())

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()
