"""Shapes of dossier statistics and measures."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import Field, model_validator

from app.core.types import Scope
from app.core.validation import Severity
from app.infra.problems import FaultError
from app.infra.schemas import Day, Instant, LongText, NoText, Read, Schema, ShownInstant

Count = Annotated[int, Field(strict=True, ge=0, le=10**15)]
Amount = Annotated[Decimal, NoText, Field(ge=0, le=10**11, decimal_places=4, allow_inf_nan=False)]
UnitInPath = Annotated[str, Path(examples=["31.cau-tre"])]
PeriodInPath = Annotated[
    str,
    Path(
        description="2021, 2021-H1, 2021-Q3, 2021-09, or an interval 2021-01-01--2021-09-15.",
        examples=["2022-01-01--2022-09-15"],
    ),
]
RollUp = Annotated[bool, Query(description="With everything below the unit.")]
Column = Literal[
    "received_online",
    "received_direct",
    "carried_over",
    "received",
    "resolved_early",
    "resolved_on_time",
    "resolved_early_or_on_time",
    "resolved_overdue",
    "resolved",
    "pending_in_time",
    "pending_overdue",
    "pending",
    "returned_or_withdrawn",
    "due_in_period",
]


class Counts(Schema):
    """Columns of form II.06a (Circular 01/2020/TT-VPCP). Absent or null is unknown, never zero."""

    received_online: Count | None = Field(default=None, examples=[2756])
    received_direct: Count | None = None
    carried_over: Count | None = None
    received: Count | None = Field(default=None, examples=[4545])
    """Online + direct + carried over."""
    resolved_early: Count | None = None
    resolved_on_time: Count | None = None
    resolved_early_or_on_time: Count | None = None
    """Where a source merges the two."""
    resolved_overdue: Count | None = Field(default=None, examples=[4])
    resolved: Count | None = Field(default=None, examples=[4545])
    pending_in_time: Count | None = None
    pending_overdue: Count | None = None
    pending: Count | None = None
    returned_or_withdrawn: Count | None = None
    due_in_period: Count | None = None


class Provenance(Schema):
    """Where a figure comes from."""

    source: LongText | None = Field(default=None, examples=["Báo cáo của phường Cầu Tre, 16/09/2022"])
    extracted_at: Instant | None = None


class DossierWrite(Counts, Provenance):
    """Dossier counts of a unit and period."""

    scope: Scope = Scope.OWN
    """`own`: without the units below; `total`: with them."""
    data_from: Day | None = None
    """First day of the data, where a reporting year has cut-off dates of its own."""
    data_to: Day | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "DossierWrite":
        if self.data_from and self.data_to and self.data_to < self.data_from:
            raise FaultError("data_interval_reversed", "/data_to")
        return self


class Rates(Read):
    """Percentages, rounded half up to 2 decimals; null without data."""

    resolved_of_received_percent: float | None = Field(examples=[100.0])
    on_time_of_resolved_percent: float | None = Field(examples=[99.91])
    """Early or on time of the resolved (PAR criteria)."""
    in_time_including_pending_percent: float | None = None
    """Early, on time or still pending in time, of the received (QĐ 766/QĐ-TTg)."""
    overdue_of_resolved_percent: float | None = Field(examples=[0.09])
    online_percent: float | None = Field(examples=[60.64])
    """Online of the newly received."""


class Coverage(Read):
    """How many units of the subtree have figures."""

    reported: int = Field(examples=[1])
    expected: int = Field(examples=[1])


class Acknowledgement(Read):
    """Somebody looked at a warning and said why it stands."""

    reason: str
    recorded_by: str = Field(examples=["so-noi-vu"])
    recorded_at: ShownInstant
    revision: int
    """The statistics revision of the unit that was looked at: newer figures open the warning again."""


class StatisticWarning(Read):
    """An inconsistency that is kept with the figure."""

    code: str = Field(examples=["carried_over_unknown"])
    columns: list[str] = Field(examples=[["carried_over"]])
    message: str
    severity: Severity = Severity.INFO
    rule: str | None = None
    subject: str | None = Field(default=None, examples=["own:carried_over"])
    """What it is about, to acknowledge it by; null where the figures below are to be mended."""
    acknowledged: Acknowledgement | None = None


class BreakdownPart(Read):
    """The units of one kind themselves, or one field of procedure."""

    key: str = Field(examples=["commune"])
    counts: dict[Column, int]
    rates: Rates
    coverage: Coverage


class DossierRead(Read):
    """Dossier statistics of a unit and period."""

    unit: str = Field(examples=["31.cau-tre"])
    period: str = Field(examples=["2022-01-01/2022-09-15"])
    scope: Scope
    field: str | None = Field(examples=[None])
    """Field of procedure; null is all of them."""
    data_from: date | None = Field(examples=[None])
    data_to: date | None = Field(examples=[None])
    """Cut-off dates of the report, where it named them; null in a roll-up."""
    extracted_at: ShownInstant | None = Field(examples=[None])
    counts: dict[Column, int] = Field(examples=[{"received": 4545, "received_online": 2756}])
    """Known columns only."""
    derived: dict[Column, int] = Field(examples=[{"resolved_early_or_on_time": 4541}])
    """Columns that follow from those reported."""
    rates: Rates
    coverage: Coverage
    warnings: list[StatisticWarning]
    months: Coverage | None = None
    """Of a roll-up over whole months: how many months of units have figures."""
    breakdown: list[BreakdownPart] | None = None
    """By kind of unit or by field of procedure, where it was asked for."""
    source: str | None
    revision: int
    """The statistics revision of the unit; 0 where nothing was ever reported."""


class MeasureWrite(Provenance):
    """A measure: numerator and denominator, or value, or percent."""

    numerator: Amount | None = Field(default=None, examples=[14])
    denominator: Amount | None = Field(default=None, examples=[27])
    value: Amount | None = None
    percent: Amount | None = None

    @model_validator(mode="after")
    def _one_form(self) -> "MeasureWrite":
        pair = (self.numerator is not None, self.denominator is not None)
        single = (self.value is not None) + (self.percent is not None)
        if pair.count(True) == 1 or all(pair) + single != 1:
            raise FaultError("measure_form")
        return self


class MeasureRead(Read):
    """A measure of a unit and period."""

    unit: str = Field(examples=["31.cau-tre"])
    measure: str = Field(examples=["plan_tasks"])
    period: str = Field(examples=["2022-01-01/2022-09-15"])
    numerator: float | None = Field(examples=[14])
    denominator: float | None = Field(examples=[27])
    value: float | None
    percent: float | None = Field(examples=[51.85])
    """As reported, else numerator / denominator rounded half up to 2 decimals."""
    coverage: Coverage
    warnings: list[StatisticWarning]
    source: str | None
    extracted_at: ShownInstant | None = Field(examples=[None])
    revision: int
