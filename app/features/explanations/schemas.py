"""The shape of an explanation."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from app.core.explanation.trace import NodeStatus
from app.core.types import ItemSource, Stage
from app.features.results.schemas import IndexRead
from app.infra.schemas import Read, ShownInstant


class Words(Read):
    """A text in both languages."""

    vi: str = Field(examples=["Điểm do người chấm cho, từ 0 đến 60,5."])
    en: str = Field(examples=["Points are given by people, from 0 to 60.5."])


class RuleRead(Words):
    """The rule of an item in words."""

    kind: str = Field(examples=["manual"])


class ScoreInput(Read):
    """What was written about an item at one stage."""

    kind: Literal["score"] = Field(examples=["score"])
    stage: Stage
    points: float | None = Field(examples=[57.66])
    not_applicable: bool
    counts: bool
    """Whether this stage is the one that counts."""
    reason: str | None
    """Why; null for callers who may not read the sheet, as are the next two."""
    evidence: list[str]
    recorded_by: str | None
    recorded_at: ShownInstant


class ReportRead(Read):
    """A report that a figure rests on."""

    unit: str = Field(examples=["38"])
    scope: str | None = Field(examples=["total"])
    period: str | None = None
    """Of dossier counts: a figure may be made of the parts of its period."""
    field: str | None = None
    """Field of procedure; null is all of them."""
    source: str | None
    extracted_at: ShownInstant | None
    recorded_at: ShownInstant
    recorded_by: str | None
    revision: int
    import_id: str | None = None
    """The import that brought it."""


class FigureInput(Read):
    """A rate or figure that the rule reads, with the reports behind it."""

    kind: Literal["figure"] = Field(examples=["figure"])
    figure: str = Field(examples=["measure:plan_tasks"])
    name: Words
    period: str = Field(examples=["2021"])
    numerator: float | None = None
    denominator: float | None = None
    value: float | None = None
    """Of a figure that is no rate. All are null where it is not known."""
    percent: float | None = None
    reported: int
    """Units of `expected` that reported."""
    expected: int
    reports: list[ReportRead]
    """The first twenty."""


class ComputedRead(Read):
    """What figures give, where a later stage overrides it."""

    points: float | None
    arithmetic: str = Field(examples=["14 / 27 x 1.5 = 0.7778"])
    gap: float | None
    """Points that count, less these."""


class NextStepRead(Words):
    """What would earn the next points."""

    points: float | None
    """The points that the item would have; null where they depend on what is reported."""
    gain: float | None


class CitedLaw(Read):
    """A citation that is in force at the end of the round's period."""

    document: str = Field(examples=["Quyết định 1149/QĐ-BNV"])
    number: str | None = None
    issued_on: date | None = None
    article: str | None = None
    clause: str | None = None
    url: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    inherited_from: str | None = None
    """The node above that cites it, or the set; null where the node itself does."""


class ExplainedNode(Read):
    """An area, criterion or item with its points and what they rest on."""

    code: str = Field(examples=["appraisal"])
    name_vi: str = Field(examples=["Điểm thẩm định"])
    name_en: str | None
    points: float = Field(examples=[57.66])
    exact_points: str = Field(examples=["57.66"])
    """With all digits, as they are added."""
    max_points: float | None = Field(examples=[60.5])
    """Applicable maximum; null where the item shares an unknown one. Of a bonus or penalty: its cap."""
    lost_points: float | None
    open_points: float
    percent: float | None
    status: NodeStatus
    beside_scale: Literal["bonus", "penalty"] | None
    source: ItemSource | None
    stage: Stage | None
    """The stage that counts."""
    rule: RuleRead | None
    rule_basis: Literal["stated", "inferred"] | None
    """Whether a source states the rule, or it is inferred."""
    note_vi: str | None
    inputs: list[Annotated[ScoreInput | FigureInput, Field(discriminator="kind")]]
    arithmetic: str | None = Field(examples=["14 / 27 x 1.5 = 0.7778"])
    limits: Words | None
    """Why the points are not the sum of those below."""
    computed: ComputedRead | None
    next_step: NextStepRead | None
    legal_basis: list[CitedLaw]
    children: list["ExplainedNode"]


class ExplanationRead(IndexRead):
    """An index with the way to it."""

    known_at: datetime
    """The instant at which everything here was known."""
    figures_known_at: datetime | None
    """Approval fixed the figures: the instant at which these were known; null while they may move."""
    arithmetic: str = Field(examples=["57.66 + 9.56 + 20.15 + 3.68 = 91.05; 91.05 / 100 = 91.05 %"])
    limits: Words | None
    """Why the points are not the sum of the areas."""
    framework_status: Literal["official", "official_partial", "illustrative"] = Field(
        examples=["official_partial"]
    )
    legal_basis: list[CitedLaw]
    """What the set as a whole rests on."""
    tree: list[ExplainedNode]
