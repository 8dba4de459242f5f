"""Findings of inspections, as a history of revisions."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field, SQLModel

from app.models.base import CODE, instant

_AREAS = (
    "'institutional', 'procedures', 'apparatus', 'civil_service', 'public_finance', 'digital_government', "
    "'leadership', 'impact'"
)


class FindingRow(SQLModel, table=True):
    """One revision of a finding. Append-only: the latest counts."""

    __tablename__ = "finding"
    __table_args__ = (
        CheckConstraint(f"reform_area IN ({_AREAS})", name="reform_area"),
        CheckConstraint("period_end >= period_start", name="period_interval"),
        CheckConstraint("revision > 0", name="revision_positive"),
        CheckConstraint("length(finding) > 0", name="finding_not_empty"),
        Index("ix_finding_unit_code", "unit_code"),
        Index("ix_finding_round_code", "round_code"),
        {"sqlite_with_rowid": False},
    )

    code: str = Field(primary_key=True, sa_type=CODE)
    revision: int = Field(primary_key=True)
    jurisdiction_code: str = Field(sa_type=CODE)
    unit_code: str = Field(foreign_key="unit.code", sa_type=CODE)
    round_code: str | None = Field(default=None, foreign_key="assessment_round.code", sa_type=CODE)
    period: str = Field(sa_type=CODE)
    period_start: date
    period_end: date
    reform_area: str = Field(sa_type=CODE)
    items: str = Field(sa_type=Text)
    finding: str = Field(sa_type=Text)
    recommendation: str | None = Field(default=None, sa_type=Text)
    found_on: date | None = None
    due_on: date | None = None
    resolved_on: date | None = None
    evidence: str | None = Field(default=None, sa_type=Text)
    source: str | None = Field(default=None, sa_type=Text)
    recorded_at: datetime = instant()
    recorded_by: str
