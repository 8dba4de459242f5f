"""Clients, and the answers that are kept for their repeated requests."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field, SQLModel

from app.models.base import CODE, UtcDateTime, instant


class ClientRow(SQLModel, table=True):
    """Who may call, and what it may do. The key itself is nowhere: only its SHA-256."""

    __tablename__ = "client"
    __table_args__ = (
        CheckConstraint("length(key_sha256) = 64", name="key_sha256_length"),
        CheckConstraint("length(name) > 0", name="name_not_empty"),
        Index("uq_client_key_sha256", "key_sha256", unique=True),
    )

    code: str = Field(primary_key=True, sa_type=CODE)
    name: str
    key_sha256: str = Field(sa_type=CODE)
    key_hint: str = Field(sa_type=CODE)
    grants: str = Field(sa_type=Text)
    home_unit_code: str | None = Field(default=None, foreign_key="unit.code", sa_type=CODE)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    recorded_at: datetime = instant()
    recorded_by: str


class KeptAnswerRow(SQLModel, table=True):
    """The answer to a POST with an Idempotency-Key, kept for a day; `status` NULL while it is being made."""

    __tablename__ = "kept_answer"
    __table_args__ = (Index("ix_kept_answer_recorded_at", "recorded_at"),)

    client_code: str = Field(primary_key=True, sa_type=CODE)
    idempotency_key: str = Field(primary_key=True, sa_type=CODE)
    fingerprint: str = Field(sa_type=CODE)
    status: int | None = None
    headers: str | None = Field(default=None, sa_type=Text)
    body: bytes | None = None
    recorded_at: datetime = instant()
