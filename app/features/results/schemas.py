"""Shapes of sheets and indices."""

from pydantic import Field

from app.core.types import (
    ItemSource,
    ReformArea,
    ResultStatus,
    RoundState,
    SheetState,
    Stage,
)
from app.features.evidence.schemas import Evidence
from app.features.findings.schemas import FindingRead
from app.features.inputs.schemas import ReportRead
from app.features.rounds.schemas import NextAction
from app.features.sheets.schemas import Submission
from app.infra.schemas import Read, ShownInstant


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
