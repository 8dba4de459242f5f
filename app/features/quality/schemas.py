"""Shapes of quality and acknowledgements."""

from datetime import date

from pydantic import Field

from app.core.validation import Severity
from app.features.statistics.schemas import Column, Coverage
from app.infra.schemas import Code, LongText, Read, Schema, ShownInstant


class AcknowledgementCreate(Schema):
    """Why a warning stands. `rule` and `subject` are those of the warning."""

    rule: Code = Field(examples=["carried_over_unknown"])
    subject: LongText = Field(examples=["own:carried_over"])
    reason: LongText = Field(examples=["Hệ thống một cửa chưa tách hồ sơ kỳ trước chuyển qua"])


class NamedUnit(Read):
    """A unit."""

    code: str = Field(examples=["31.cau-tre"])
    name_vi: str


class Completeness(Read):
    """How much is there of what is expected."""

    columns: Coverage
    """Columns of form II.06a in the unit's own report."""
    missing_columns: list[Column]
    units: Coverage
    """The unit and those below it."""
    missing_units: list[NamedUnit]
    """The first fifty."""


class Timeliness(Read):
    """When the figures came. `deadline` is what was asked for; without one nobody is late."""

    deadline: date | None = Field(examples=["2022-10-05"])
    reported_at: ShownInstant | None
    """The unit's own figures, when they were first complete; a correction is not late."""
    is_late: bool | None
    """Null while it has not reported and the deadline has not passed."""
    late_units: int | None
    """Of the unit and those below it, those that reported late and those that have not reported."""


class Findings(Read):
    """Warnings of one severity on the unit's own report."""

    severity: Severity
    open: int = Field(examples=[1])
    acknowledged: int


class QualityRead(Read):
    """How good the dossier counts of a unit and period are."""

    unit: str = Field(examples=["31.cau-tre"])
    period: str = Field(examples=["2022-01-01/2022-09-15"])
    completeness: Completeness
    timeliness: Timeliness
    consistency: list[Findings]
