"""What all tables share: constraint names, instants, and column kinds."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Dialect, MetaData, String, TypeDecorator
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = SQLModel.metadata
metadata.naming_convention = NAMING


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: stored in UTC on both databases, always read with its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Instants to UTC; refuses those without a zone. The rows of a batch share one instant."""
        inner = self.impl_instance.bind_processor(dialect)

        @lru_cache(maxsize=16)
        def process(value: datetime | None) -> Any:
            if value is not None and value.tzinfo is None:
                raise ValueError("an instant needs a zone")
            utc = None if value is None else value.astimezone(UTC)
            return inner(utc) if inner else utc

        return process

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite forgets the zone; it is UTC."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


CODE: Any = String().with_variant(String(collation="C"), "postgresql")
"""Codes sort by their characters on both databases, whatever the locale of the server."""


def instant(**options: Any) -> Any:
    """A NOT NULL column of an instant."""
    return Field(sa_column=Column(UtcDateTime, nullable=False, **options))


def big(nullable: bool = True) -> Any:
    """A 64-bit integer column."""
    default: Any = None if nullable else ...
    return Field(default=default, sa_type=BigInteger, nullable=nullable)
