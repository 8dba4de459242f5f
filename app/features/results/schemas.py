"""Shapes of sheets, indices and rankings."""

from typing import Any, Literal

from pydantic import Field

from app.core.types import (
    ItemSource,
    ReformArea,
    ResultStatus,
    RoundState,
    SheetState,
    Stage,
    TieMethod,
)
from app.features.evidence.schemas import Evidence
from app.features.findings.schemas import FindingRead
from app.features.inputs.schemas import ReportRead
from app.features.rounds.schemas import NextAction
from app.features.sheets.schemas import Submission
from app.infra.schemas import Page, Read, ShownInstant


class UnitName(Read):
    """A unit by code and name (as at the end of the period)."""

    code: str = Field(examples=["22"])
    name_vi: str = Field(examples=["Quảng Ninh"])


class AreaResult(Read):
    """A unit's result in one area."""

    code: str = Field(examples=["appraisal"])
    name_vi: str = Field(examples=["Điểm thẩm định"])
    reform_area: ReformArea | None
    points: float = Field(examples=[57.66])
    max_points: float = Field(examples=[60.5])
    open_points: float = Field(examples=[0])
    percent: float | None = Field(examples=[95.31])
    rank: int | None = Field(examples=[3])


class ReformAreaResult(Read):
    """Areas of the same reform area added up."""

    reform_area: ReformArea = Field(examples=["procedures"])
    points: float = Field(examples=[8.16])
    max_points: float = Field(examples=[10])
    percent: float | None = Field(examples=[81.6])


class IndexRead(Read):
    """The PAR index of a unit in a round."""

    round: str = Field(examples=["par-province-2020"])
    period: str = Field(examples=["2020"])
    group: str = Field(examples=["provinces"])
    unit: UnitName
    framework: str = Field(examples=["par-province@2020"])
    engine_version: str = Field(examples=["1"])
    revision: str = Field(examples=["par-province-2020.5.10.0.18.1"])
    """Opaque; another one whenever a result of the round may have changed. It is the ETag, too."""
    status: ResultStatus
    points: float = Field(examples=[91.05])
    max_points: float = Field(examples=[100])
    """Applicable maximum: items that do not apply have left it."""
    open_points: float = Field(examples=[0])
    """Maximum of items that still wait for a score."""
    adjustment: float = Field(examples=[0])
    """By how much `points` are not the sum of the areas: caps of bonus and penalty, the end of the scale."""
    index_percent: float | None = Field(examples=[91.05])
    rank: int | None = Field(examples=[1])
    """Null in a group that is only assessed."""
    band: str | None = Field(examples=["A"])
    areas: list[AreaResult]
    reform_areas: list[ReformAreaResult]


class RankedArea(Read):
    """A unit's result in one area, in a ranking."""

    code: str = Field(examples=["appraisal"])
    points: float | None = Field(examples=[57.66])
    """Null where, on today's map, an area of a recomputed unit cannot be."""
    max_points: float | None = Field(examples=[60.5])
    percent: float | None = Field(examples=[95.31])
    rank: int | None = Field(examples=[3])


class RankedUnit(Read):
    """A line of a ranking."""

    rank: int | None = Field(examples=[1])
    unit: UnitName
    points: float = Field(examples=[91.05])
    max_points: float = Field(examples=[100])
    open_points: float = Field(examples=[0])
    index_percent: float | None = Field(examples=[91.05])
    band: str | None = Field(examples=["A"])
    status: ResultStatus
    """Provisional while it rests on self scores alone."""
    areas: list[RankedArea]
    comparability: Literal["same", "recomputed"] | None = None
    """On today's map: the unit is the same still, or was computed from the counts of its origins."""
    origins: list[UnitName] | None = None
    """On today's map: the units of the round that it came from."""


class Origin(Read):
    """What a unit of the round had itself, whole or in the area that is ranked."""

    unit: UnitName
    points: float = Field(examples=[86.97])
    max_points: float = Field(examples=[100])
    open_points: float = Field(examples=[0])
    index_percent: float | None = Field(examples=[86.97])
    rank: int | None = Field(examples=[14])


class NotComparable(Read):
    """A unit of today whose index of then cannot be said."""

    unit: UnitName
    reason: Literal["merged", "split", "incomplete"]
    """People gave points to several units that are one today; one unit became several; or an origin did not
    take part."""
    origins: list[Origin]


class RankingStatistics(Read):
    """Over the units that have an index, from exact values, rounded when shown."""

    units: int = Field(examples=[10])
    mean: float | None = Field(examples=[87.44])
    median: float | None = Field(examples=[86.66])
    highest: float | None = Field(examples=[91.05])
    lowest: float | None = Field(examples=[85.73])


class RankingRead(Page[RankedUnit]):
    """A ranking of a group, the best first."""

    round: str = Field(examples=["par-province-2020"])
    group: str = Field(examples=["provinces"])
    area: str | None
    """The area that is ranked; null for the whole index."""
    ranked: bool
    """False where the group is only assessed: every rank is null."""
    period: str = Field(examples=["2020"])
    framework: str = Field(examples=["par-province@2020"])
    engine_version: str = Field(examples=["1"])
    revision: str = Field(examples=["par-province-2020.5.10.0.18.1"])
    """Opaque; another one whenever a result of the round may have changed. It is the ETag, too."""
    ties: TieMethod
    status: ResultStatus
    statistics: RankingStatistics
    known_at: ShownInstant | None
    map: Literal["as_published", "today"]
    not_comparable: list[NotComparable] | None = None
    """On today's map: units of today that are not ranked."""
    ended: list[UnitName] | None = None
    """On today's map: units of the round that nothing of today continues."""


class JsonStatDataset(Read):
    """A ranking as JSON-stat 2.0: unit x area x metric, the whole as area `_T`."""

    version: Literal["2.0"]
    class_: Literal["dataset"] = Field(alias="class")
    id: list[str] = Field(examples=[["unit", "area", "metric"]])
    size: list[int] = Field(examples=[[63, 5, 4]])
    dimension: dict[str, Any]
    value: list[float | None]


class StageScore(Read):
    """What a stage says about an item."""

    points: float | None
    not_applicable: bool
    reason: str | None
    evidence: list[Evidence]
    revision: int | None
    """The sheet revision that wrote it; null for a figure computed just now."""


class StageEntry(StageScore):
    """One entry of the history."""

    stage: Stage
    recorded_at: ShownInstant
    recorded_by: str = Field(examples=["so-noi-vu"])


class SheetItem(Read):
    """An item with all its stages."""

    code: str = Field(examples=["2.1"])
    name_vi: str
    source: ItemSource
    max_points: float | None
    stages: dict[Stage, StageScore]
    counts: Stage | None
    """The stage whose points count; null while the item is missing."""
    points: float | None
    evidence_required: bool
    reform_area: ReformArea | None
    history: list[StageEntry]
    """Every entry of every stage, the oldest of a stage first."""
    findings: list[FindingRead] = Field(default=[])
    """Findings of inspections that concern the item."""


class SheetSubmissions(Read):
    """In whose hands a sheet is, and how it got there."""

    state: SheetState
    open_until: ShownInstant | None
    """An extension for this unit alone."""
    history: list[Submission]


class SheetRead(Read):
    """The score sheet of a unit: every item, every stage side by side, with their history."""

    round: str = Field(examples=["par-province-2021"])
    round_title_vi: str
    period: str = Field(examples=["2021"])
    unit: UnitName
    framework: str
    state: RoundState
    revision: int
    writable_stages: list[Stage]
    submission: SheetSubmissions
    actions: list[NextAction]
    items: list[SheetItem]
    findings: list[FindingRead]
    """All findings of inspections in the period; each stands beside the items that it concerns, too."""


class FigureReport(ReportRead):
    """A report that changed what figures give."""

    figure: str = Field(examples=["measure:plan_tasks"])
    """`dossier`, or `measure:<code>`."""


class ComputedMoment(Read):
    """What the figures gave from an instant on, and the reports that came then."""

    recorded_at: ShownInstant
    points: float | None
    """Null while something that the rule reads is unknown."""
    not_applicable: bool
    figures: str = Field(examples=["14/27 (2022-01-01/2022-09-15)"])
    reports: list[FigureReport]


class SheetItemRead(SheetItem):
    """An item, and what can be done next with its sheet."""

    actions: list[NextAction]
    computed_history: list[ComputedMoment]
    """Why the points of figures are what they are: the last 20 instants at which figures of the unit, or of
    those below it, were reported; until the approval, which wrote the points down. Empty for other items."""
