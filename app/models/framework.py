"""Versions of criteria sets."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field, SQLModel

from app.models.base import CODE, instant


class FrameworkVersionRow(SQLModel, table=True):
    """A criteria set as a document; published ones never change."""

    __tablename__ = "framework_version"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'published')", name="state"),
        CheckConstraint("status IN ('official', 'official_partial', 'illustrative')", name="status"),
        CheckConstraint("applies_to IS NULL OR applies_to >= applies_from", name="applies_interval"),
    )

    code: str = Field(primary_key=True, sa_type=CODE)
    version: str = Field(primary_key=True, sa_type=CODE)
    state: str = Field(sa_type=CODE)
    status: str = Field(sa_type=CODE)
    title_vi: str
    applies_from: date
    applies_to: date | None = None
    document: str = Field(sa_type=Text)
    sha256: str = Field(sa_type=CODE)
    recorded_at: datetime = instant()
    recorded_by: str
