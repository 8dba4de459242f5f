"""Dossier statistics and measures: append-only figures of a unit and period."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field, SQLModel

from app.models.base import CODE, UtcDateTime, big, instant


class StatisticsRevisionRow(SQLModel, table=True):
    """Raised for a unit and its ancestors by every figure written at or below it."""

    __tablename__ = "statistics_revision"
    __table_args__ = ({"sqlite_with_rowid": False},)

    jurisdiction_code: str = Field(primary_key=True, sa_type=CODE)
    unit_code: str = Field(primary_key=True, foreign_key="unit.code", sa_type=CODE)
    revision: int = 0


class DossierStatisticRow(SQLModel, table=True):
    """Counts of form II.06a; NULL is unknown. Append-only: the latest revision counts."""

    __tablename__ = "dossier_statistic"
    __table_args__ = (
        CheckConstraint("scope IN ('own', 'total')", name="scope"),
        CheckConstraint(
            "received >= 0 AND received_online >= 0 AND received_direct >= 0 AND carried_over >= 0 "
            "AND resolved >= 0 AND resolved_early >= 0 AND resolved_on_time >= 0 "
            "AND resolved_early_or_on_time >= 0 AND resolved_overdue >= 0 AND pending >= 0 "
            "AND pending_in_time >= 0 AND pending_overdue >= 0 AND returned_or_withdrawn >= 0 "
            "AND due_in_period >= 0",
            name="not_negative",
        ),
        CheckConstraint("data_to >= data_from", name="data_interval"),
        {"sqlite_with_rowid": False},
    )

    # the period before the unit: a roll-up reads one range
    jurisdiction_code: str = Field(primary_key=True, sa_type=CODE)
    period: str = Field(primary_key=True, sa_type=CODE)
    unit_code: str = Field(primary_key=True, foreign_key="unit.code", sa_type=CODE)
    scope: str = Field(primary_key=True, sa_type=CODE)
    procedure_field: str = Field(
        default="", primary_key=True, sa_type=CODE, sa_column_kwargs={"server_default": ""}
    )
    """Lĩnh vực of the procedures that are counted; empty is all of them."""
    revision: int = Field(primary_key=True)
    received_online: int | None = big()
    received_direct: int | None = big()
    carried_over: int | None = big()
    received: int | None = big()
    resolved_early: int | None = big()
    resolved_on_time: int | None = big()
    resolved_early_or_on_time: int | None = big()
    resolved_overdue: int | None = big()
    resolved: int | None = big()
    pending_in_time: int | None = big()
    pending_overdue: int | None = big()
    pending: int | None = big()
    returned_or_withdrawn: int | None = big()
    due_in_period: int | None = big()
    data_from: date | None = None
    data_to: date | None = None
    source: str | None = Field(default=None, sa_type=Text)
    extracted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    recorded_at: datetime = instant()
    recorded_by: str
    import_id: str | None = Field(default=None, sa_type=CODE)


class FigureAcknowledgementRow(SQLModel, table=True):
    """Somebody looked at a warning of a figure and says why it stands. Append-only."""

    __tablename__ = "figure_acknowledgement"
    __table_args__ = (
        CheckConstraint("length(reason) > 0", name="reason_not_empty"),
        {"sqlite_with_rowid": False},
    )

    jurisdiction_code: str = Field(primary_key=True, sa_type=CODE)
    period: str = Field(primary_key=True, sa_type=CODE)
    unit_code: str = Field(primary_key=True, foreign_key="unit.code", sa_type=CODE)
    rule: str = Field(primary_key=True, sa_type=CODE)
    subject: str = Field(primary_key=True, sa_type=CODE)
    """What the warning is about: columns, a measure, or a field of procedure."""
    revision: int = Field(primary_key=True)
    """The statistics revision of the unit that was looked at."""
    reason: str = Field(sa_type=Text)
    recorded_at: datetime = instant()
    recorded_by: str


class MeasureValueRow(SQLModel, table=True):
    """A measure in 10^-4 of its unit: numerator and denominator, or value, or percent. Append-only."""

    __tablename__ = "measure_value"
    __table_args__ = (
        CheckConstraint("(numerator IS NULL) = (denominator IS NULL)", name="numerator_with_denominator"),
        CheckConstraint(
            "(numerator IS NOT NULL AND value IS NULL AND percent IS NULL) "
            "OR (numerator IS NULL AND value IS NOT NULL AND percent IS NULL) "
            "OR (numerator IS NULL AND value IS NULL AND percent IS NOT NULL)",
            name="one_form",
        ),
        CheckConstraint(
            "numerator >= 0 AND denominator >= 0 AND value >= 0 AND percent >= 0", name="not_negative"
        ),
        {"sqlite_with_rowid": False},
    )

    jurisdiction_code: str = Field(primary_key=True, sa_type=CODE)
    period: str = Field(primary_key=True, sa_type=CODE)
    measure_code: str = Field(primary_key=True, sa_type=CODE)
    unit_code: str = Field(primary_key=True, foreign_key="unit.code", sa_type=CODE)
    revision: int = Field(primary_key=True)
    numerator: int | None = big()
    denominator: int | None = big()
    value: int | None = big()
    percent: int | None = big()
    source: str | None = Field(default=None, sa_type=Text)
    extracted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    recorded_at: datetime = instant()
    recorded_by: str
    import_id: str | None = Field(default=None, sa_type=CODE)
