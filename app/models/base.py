"""What all tables share: constraint names, instants, and column kinds."""

from datetime import UTC, datetime
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

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse instants without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return value.astimezone(UTC)

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
