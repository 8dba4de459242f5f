"""One database, two ways to use it: a writing transaction, or a reading snapshot."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, insert, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from app.infra.config import Settings

_SETUP_LOCK = 7_600_001
_PATIENCE, _IMPATIENCE, _WORK_PATIENCE = 10_000, 50, 600_000
"""Milliseconds that a transaction waits for a lock."""
_WORK_SECONDS = 3600
"""Longest statement of work in the background."""


class Database:
    """An engine with both kinds of transactions.

    SQLite: writers BEGIN IMMEDIATE (a reader that turns writer would fail at once instead of
    waiting), readers see one snapshot of the WAL. PostgreSQL: writers READ COMMITTED over row
    locks, readers REPEATABLE READ, read-only.
    """

    def __init__(self, url: str, pool_size: int = 10, statement_seconds: float = 30) -> None:
        self.engine = _create_engine(url, pool_size, statement_seconds)
        if self.engine.dialect.name == "sqlite":
            self._reads: Engine = self.engine
            self._writes: Engine = self.engine.execution_options(begin="BEGIN IMMEDIATE")
            self._stores: Engine = self._writes.execution_options(busy_timeout=_IMPATIENCE)
            self._works: Engine = self._writes.execution_options(
                statement_seconds=_WORK_SECONDS, busy_timeout=_WORK_PATIENCE
            )
            self._scans: Engine = self.engine.execution_options(statement_seconds=_WORK_SECONDS)
        else:
            self._writes = self._stores = self._works = self.engine
            self._reads = self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            self._scans = self._reads

    @classmethod
    def from_settings(cls, settings: Settings) -> "Database":
        """The database that the settings name."""
        return cls(settings.database_url, settings.database_pool, settings.statement_seconds)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session over one snapshot; nothing is written."""
        with Session(self._reads) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that commits once, when the block ends without an exception."""
        with Session(self._writes) as session:
            yield session
            session.commit()

    @contextmanager
    def work(self) -> Iterator[Session]:
        """As `write`, in the background: statements take as long as they need."""
        with Session(self._works) as session:
            self._allow_time(session)
            yield session
            session.commit()

    @contextmanager
    def scan(self) -> Iterator[Session]:
        """As `read`, in the background: over rows without number."""
        with Session(self._scans) as session:
            self._allow_time(session)
            yield session

    def _allow_time(self, session: Session) -> None:
        if self.engine.dialect.name == "postgresql":
            session.execute(text(f"SET LOCAL statement_timeout = {_WORK_SECONDS * 1000}"))

    @contextmanager
    def store(self) -> Iterator[Session]:
        """As `write`, for what can be computed again: waits for nobody, and may reach the disk later."""
        with Session(self._stores) as session:
            if self.engine.dialect.name == "postgresql":
                session.execute(text(f"SET LOCAL lock_timeout = {_IMPATIENCE}"))
                session.execute(text("SET LOCAL synchronous_commit = off"))
            yield session
            session.commit()

    @contextmanager
    def exclusively(self) -> Iterator[Connection]:
        """A connection for set-up; on PostgreSQL other processes that set up wait for their turn."""
        with self._writes.connect() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_lock({_SETUP_LOCK})")
                connection.commit()
            yield connection

    def close(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


def append_rows(
    session: Session, table: Any, rows: Sequence[dict[str, Any]], *, unless_there: bool = False
) -> None:
    """Insert many rows with the driver's executemany, or COPY. SQLAlchemy's work for each row costs as much
    as the rows themselves, so statement and types are prepared once. All rows have the same columns; they are
    changed in place into what the driver takes. `unless_there`: rows whose key exists are left out."""
    connection = session.connection()
    dialect = connection.dialect
    compiled = insert(table.__table__).compile(dialect=dialect, column_keys=list(rows[0]))
    prepared = {
        name: process
        for name in rows[0]
        if (process := table.__table__.c[name].type.dialect_impl(dialect).bind_processor(dialect))
    }
    for name, process in prepared.items():
        for row in rows:
            row[name] = process(row[name])
    if dialect.name == "postgresql" and not unless_there:
        _copy(connection, table.__table__, rows)
        return
    statement = str(compiled) + (" ON CONFLICT DO NOTHING" if unless_there else "")
    if compiled.positional:
        order = itemgetter(*(compiled.positiontup or ()))
        connection.exec_driver_sql(statement, [order(row) for row in rows])
    else:
        connection.exec_driver_sql(statement, list(rows))


def _copy(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """COPY: rows stream to the server, which checks them as it does others. Errors are SQLAlchemy's."""
    dialect = connection.dialect
    names, prepare = list(rows[0]), dialect.identifier_preparer
    columns = ", ".join(map(prepare.quote, names))
    statement = f"COPY {prepare.format_table(table)} ({columns}) FROM STDIN"
    order = itemgetter(*names)
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(order(row))
    except dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(
            statement, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect
        ) from error


def upsert(
    session: Session,
    table: Any,
    rows: Sequence[dict[str, Any]],
    change: Callable[[Any], dict[str, Any]],
    only_if: Callable[[Any], Any] | None = None,
) -> None:
    """Insert rows; where the key exists, apply `change(inserted)` if `only_if(inserted)` holds.

    Rows are locked in their order.
    """
    dialect = session.get_bind().dialect.name
    statement: Any = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table.__table__)
    statement = statement.on_conflict_do_update(
        index_elements=[column.name for column in table.__table__.primary_key],
        set_=change(statement.excluded),
        where=None if only_if is None else only_if(statement.excluded),
    )
    session.connection().execute(statement, list(rows))


def add_missing(session: Session, table: Any, rows: Sequence[dict[str, Any]]) -> int:
    """Insert rows whose keys are not there yet; how many were new. Waits for others that insert the same."""
    dialect = session.get_bind().dialect.name
    statement: Any = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table.__table__)
    # counted by RETURNING: the driver of PostgreSQL tells no count of an executemany
    added = statement.on_conflict_do_nothing().returning(*table.__table__.primary_key)
    return len(session.connection().execute(added, list(rows)).all())


def _create_engine(url: str, pool_size: int, statement_seconds: float) -> Engine:
    options = {}
    if url.startswith("postgresql"):
        options["options"] = f"-c statement_timeout={int(statement_seconds * 1000)}"
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        connect_args=options,
        hide_parameters=True,  # errors are logged
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", partial(_prepare_sqlite, seconds=statement_seconds))
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "checkin", _forget_mode)
    return engine


def _forget_mode(connection: Any, _: ConnectionPoolEntry) -> None:
    """After a read, writes are what the server allows: SQLAlchemy would insist on READ WRITE."""
    if connection is not None:
        connection.read_only = None


class _Patience:
    """Stops an SQLite statement that runs longer than allowed, as statement_timeout does on PostgreSQL."""

    def __init__(self, seconds: float) -> None:
        self.usual = self.seconds = seconds
        self.started = time.monotonic()

    def is_over(self) -> bool:
        """Whether to interrupt."""
        return time.monotonic() - self.started > self.seconds


def _prepare_sqlite(connection: Any, entry: ConnectionPoolEntry, seconds: float) -> None:
    connection.isolation_level = None  # BEGIN is ours
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()
    patience = entry.info["patience"] = _Patience(seconds)
    connection.set_progress_handler(patience.is_over, 100_000)


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    patience: _Patience = connection.connection.info["patience"]
    patience.started = time.monotonic()
    patience.seconds = options.get("statement_seconds", patience.usual)
    connection.exec_driver_sql(f"PRAGMA busy_timeout={options.get('busy_timeout', _PATIENCE)}")
    connection.exec_driver_sql(options.get("begin", "BEGIN"))
    patience.started = time.monotonic()
