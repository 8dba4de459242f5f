"""The audit log: one hash chain for each jurisdiction."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Text
from sqlmodel import Field, SQLModel

from app.models.base import CODE, big, instant


class AuditChainRow(SQLModel, table=True):
    """The newest link of a chain: writers of one jurisdiction wait here for one another, at their commit."""

    __tablename__ = "audit_chain"

    jurisdiction_code: str = Field(primary_key=True, sa_type=CODE)
    sequence: int = big(nullable=False)
    hash: str = Field(sa_type=CODE)


class AuditEventRow(SQLModel, table=True):
    """One change. Append-only; `hash` covers every other column, the hash of the event before included."""

    __tablename__ = "audit_event"
    __table_args__ = (
        CheckConstraint("sequence > 0", name="sequence_positive"),
        CheckConstraint("length(hash) = 64 AND length(previous_hash) = 64", name="hash_length"),
        Index("ix_audit_event_round_code", "round_code"),
        Index("ix_audit_event_unit_code", "unit_code"),
        {"sqlite_with_rowid": False},
    )

    jurisdiction_code: str = Field(primary_key=True, sa_type=CODE)
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    recorded_at: datetime = instant()
    client_code: str = Field(sa_type=CODE)
    address: str | None = Field(default=None, sa_type=CODE)
    request_id: str | None = Field(default=None, sa_type=CODE)
    action: str = Field(sa_type=CODE)
    round_code: str | None = Field(default=None, sa_type=CODE)
    unit_code: str | None = Field(default=None, sa_type=CODE)
    subject: str = Field(sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    before: str | None = Field(default=None, sa_type=Text)
    after: str | None = Field(default=None, sa_type=Text)
    digests: str = Field(sa_type=Text)
    previous_hash: str = Field(sa_type=CODE)
    hash: str = Field(sa_type=CODE)
