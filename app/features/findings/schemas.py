"""Shapes of findings."""

from typing import Literal

from pydantic import Field

from app.core.types import ReformArea
from app.features.evidence.schemas import Evidence
from app.infra.schemas import Code, Day, LongText, PeriodText, Read, Schema, ShownInstant

FindingState = Literal["open", "overdue", "resolved"]


class FindingWrite(Schema):
    """What an inspection found in a unit, and what it recommends."""

    unit: Code = Field(examples=["02.vi-xuyen"])
    round: Code | None = Field(default=None, examples=[None])
    """The round that it belongs to; then the period is that of the round."""
    period: PeriodText | None = None
    """Needed without a round."""
    reform_area: ReformArea = Field(examples=["procedures"])
    items: list[Code] = Field(default=[], max_length=200, examples=[["2.1"]])
    """Items of the criteria set that it concerns: it is shown beside them."""
    finding: LongText = Field(examples=["Chưa cập nhật kịp thời TTHC trên cổng dịch vụ công"])
    recommendation: LongText | None = None
    found_on: Day | None = None
    due_on: Day | None = Field(default=None, examples=["2021-12-31"])
    resolved_on: Day | None = None
    evidence: list[Evidence] = Field(default=[], max_length=50)
    source: LongText | None = Field(default=None, examples=["Báo Hà Giang, 26/08/2021"])


class FindingRead(Read):
    """A finding as it stands."""

    code: str = Field(examples=["vi-xuyen-2021-2"])
    unit: str = Field(examples=["02.vi-xuyen"])
    round: str | None
    period: str = Field(examples=["2021-01-01/2021-07-31"])
    reform_area: ReformArea
    items: list[str]
    finding: str = Field(examples=["Chưa cập nhật kịp thời TTHC trên cổng dịch vụ công"])
    recommendation: str | None
    found_on: Day | None
    due_on: Day | None
    resolved_on: Day | None
    state: FindingState
    """`overdue`: not resolved, and due before today."""
    evidence: list[Evidence]
    source: str | None
    revision: int = Field(examples=[1])
    recorded_at: ShownInstant


class FindingCounts(Read):
    """How many findings are in each state; every finding is counted once."""

    open: int = Field(examples=[3])
    """Not resolved, and not overdue either."""
    overdue: int = Field(examples=[1])
    """Not resolved, and due before today."""
    resolved: int = Field(examples=[4])


class FindingsOfUnit(FindingCounts):
    """Findings in one unit."""

    unit: str = Field(examples=["02.vi-xuyen"])


class FindingsOfArea(FindingCounts):
    """Findings of one reform area."""

    reform_area: ReformArea


class FindingSummary(FindingCounts):
    """Findings that the caller may see, counted: whole, by unit and by reform area."""

    by_unit: list[FindingsOfUnit]
    by_reform_area: list[FindingsOfArea]
