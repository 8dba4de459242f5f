"""The change feed: numbered changes, the number that was given last, and what waits for its release."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Text
from sqlmodel import Field, SQLModel

from app.models.base import CODE, UtcDateTime, big, instant


class ChangeRow(SQLModel, table=True):
    """One change that others may follow: codes only. Append-only; numbered without a gap in the order of
    commits."""

    __tablename__ = "change"
    __table_args__ = (CheckConstraint("sequence > 0", name="sequence_positive"),)

    sequence: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(sa_type=CODE)
    action: str = Field(sa_type=CODE)
    subject: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime)


class ChangeCounterRow(SQLModel, table=True):
    """The number that was given last: writers wait here for one another, at the very end of their commit."""

    __tablename__ = "change_counter"
    __table_args__ = (CheckConstraint("singleton = 1", name="singleton"),)

    singleton: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    last: int = big(nullable=False)


class HeldChangeRow(SQLModel, table=True):
    """A change that nobody is told of before an instant, from which on it moves to the feed."""

    __tablename__ = "held_change"
    __table_args__ = (Index("ix_held_change_release_at", "release_at"),)

    number: int | None = Field(default=None, primary_key=True)
    release_at: datetime = instant()
    kind: str = Field(sa_type=CODE)
    action: str = Field(sa_type=CODE)
    subject: str = Field(sa_type=Text)
