"""The document format of a criteria set."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from app.core.statistics import COLUMNS, RATES
from app.core.types import ItemSource, Need, NoData, ReformArea, TieMethod, UnitKind
from app.infra.problems import FaultError
from app.infra.schemas import AsNumber, Code, Day, NoText, PointsValue, Read, Schema, printable
from app.infra.schemas import LongText as AnyLongText
from app.infra.schemas import Name as AnyName


def _writable(text: str) -> str:
    """A set is also a workbook, and XML cannot hold these."""
    if "\ufffe" in text or "\uffff" in text:
        raise FaultError("not_printable")
    return printable(text)


Name = Annotated[AnyName, AfterValidator(_writable)]
LongText = Annotated[AnyLongText, AfterValidator(_writable)]
_DOSSIER_RATES = tuple(f"dossier:{name}" for name in RATES)
Percent = Annotated[
    Decimal, NoText, Field(ge=0, le=100, decimal_places=4, allow_inf_nan=False, examples=[90]), AsNumber
]
_RATE_PATTERN = rf"^(measure:[A-Za-z0-9._-]{{1,64}}|{'|'.join(_DOSSIER_RATES)})$"


def _known_rate(name: str) -> str:
    if not re.fullmatch(_RATE_PATTERN, name):
        raise FaultError("unknown_rate", rate=name, known=", ".join(_DOSSIER_RATES))
    return name


RateName = Annotated[
    str,
    AfterValidator(_known_rate),
    Field(json_schema_extra={"pattern": _RATE_PATTERN}, examples=["measure:plan_tasks"]),
]


_COLUMNS = "|".join(COLUMNS)
_FIGURE_PATTERN = rf"^(measure:[A-Za-z0-9._-]{{1,64}}(/numerator|/denominator)?|dossier:({_COLUMNS}))$"


def _known_figure(name: str) -> str:
    if not re.fullmatch(_FIGURE_PATTERN, name):
        raise FaultError("unknown_figure", figure=name)
    return name


FigureName = Annotated[
    str,
    AfterValidator(_known_figure),
    Field(json_schema_extra={"pattern": _FIGURE_PATTERN}, examples=["measure:complaints"]),
]


class SumDocument(Schema):
    """Figures added, and figures taken off."""

    plus: list[FigureName] = Field(min_length=1, max_length=50, examples=[["measure:complaints"]])
    minus: list[FigureName] = Field(default=[], max_length=50, examples=[["measure:complaints_overdue"]])


class QuotientDocument(Schema):
    """A rate that is built from figures: a sum over a sum."""

    numerator: SumDocument
    denominator: SumDocument


RateDocument = Annotated[
    Annotated[RateName, Tag("tag:name")] | Annotated[QuotientDocument, Tag("tag:quotient")],
    Discriminator(lambda rate: "tag:name" if isinstance(rate, str) else "tag:quotient"),
]
OnNoData = Annotated[NoData, Field(default=NoData.MISSING, exclude_if=lambda value: value == NoData.MISSING)]
"""What a zero denominator means."""


FrameworkReference = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9._-]{1,64}@[A-Za-z0-9._-]{1,64}$", examples=["par-province@2020"]),
]


def _optional(**more: Any) -> Any:
    """A member that a document does not carry where it says nothing: digests of older documents stay."""
    return Field(default=None, exclude_if=lambda value: value is None, **more)


class LegalBasis(Schema):
    """Where in law a thing stands, and on which days it is law (both included); null where not known."""

    document: Name = Field(examples=["Quyết định 1149/QĐ-BNV"])
    number: Name | None = _optional(examples=["1149/QĐ-BNV"])
    issued_on: Day | None = Field(default=None, examples=["2020-12-30"])
    article: Name | None = None
    clause: Name | None = _optional(examples=["điểm b khoản 4"])
    url: Annotated[str, Field(pattern=r"^https?://\S{1,500}$"), AfterValidator(_writable)] | None = None
    valid_from: Day | None = _optional(examples=["2020-12-30"])
    valid_to: Day | None = _optional(examples=["2022-11-09"])

    @model_validator(mode="after")
    def _ordered(self) -> "LegalBasis":
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise FaultError("interval_reversed", "/valid_to")
        return self


class ManualRule(Schema):
    """Points given by people, in steps where `step` says so."""

    kind: Literal["manual"] = "manual"
    step: Annotated[PointsValue, Field(gt=0)] | None = Field(default=None, examples=[0.25])


class MeasureRule(Schema):
    """rate x maximum."""

    kind: Literal["measure"] = Field(examples=["measure"])
    rate: RateDocument
    on_no_data: OnNoData


class StepDocument(Schema):
    """Points from a rate on: `from` includes it, `above` does not. In percent."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    from_: Percent | None = Field(default=None, alias="from")
    above: Percent | None = None
    points: PointsValue

    @model_validator(mode="after")
    def _one_end(self) -> "StepDocument":
        if (self.from_ is None) == (self.above is None):
            raise FaultError("step_needs_one_end")
        return self


class BandsRule(Schema):
    """Steps over a rate, from the highest to the lowest; below all: 0 points."""

    kind: Literal["bands"] = Field(examples=["bands"])
    rate: RateDocument
    on_no_data: OnNoData
    steps: list[StepDocument] = Field(min_length=1, max_length=50)


class ChoiceDocument(Schema):
    """A tier or a part, in words."""

    label_vi: Name = Field(examples=["kịp thời"])
    points: PointsValue


class BinaryRule(Schema):
    """All or nothing, given by people."""

    kind: Literal["binary"] = Field(examples=["binary"])


class OptionsRule(Schema):
    """One of some tiers, from the most points to the fewest, given by people."""

    kind: Literal["options"] = Field(examples=["options"])
    options: list[ChoiceDocument] = Field(min_length=2, max_length=50)


class ChecklistRule(Schema):
    """Any of some parts, added up, given by people; all of them are the maximum."""

    kind: Literal["checklist"] = Field(examples=["checklist"])
    parts: list[ChoiceDocument] = Field(min_length=1, max_length=16)


class ProportionalRule(Schema):
    """rate x maximum; all from `full_at` percent on, nothing below `floor` percent."""

    kind: Literal["proportional"] = Field(examples=["proportional"])
    rate: RateDocument
    full_at: Annotated[Percent, Field(gt=0)] | None = Field(default=None, examples=[80])
    """100 where left out."""
    floor: Percent | None = None
    on_no_data: OnNoData


class ComplementRule(Schema):
    """100 % less some rates, then as `proportional`."""

    kind: Literal["complement"] = Field(examples=["complement"])
    rates: list[RateDocument] = Field(min_length=1, max_length=10)
    full_at: Annotated[Percent, Field(gt=0)] | None = Field(default=None, examples=[90])
    """100 where left out."""
    floor: Percent | None = None
    on_no_data: OnNoData


class ConditionDocument(Schema):
    """What a rate (in percent) or a figure must reach (`from`), exceed (`above`), keep to (`to`), or stay
    `below`."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    rate: RateDocument | None = None
    figure: FigureName | None = None
    from_: PointsValue | None = Field(default=None, alias="from", examples=[30])
    above: PointsValue | None = None
    to: PointsValue | None = None
    below: PointsValue | None = None

    @model_validator(mode="after")
    def _one_subject(self) -> "ConditionDocument":
        bounds = (self.from_, self.above, self.to, self.below)
        if (self.rate is None) == (self.figure is None) or all(bound is None for bound in bounds):
            raise FaultError("condition_form")
        return self


class TierDocument(Schema):
    """Points where all conditions hold."""

    points: PointsValue
    label_vi: Name | None = None
    all: list[ConditionDocument] = Field(min_length=1, max_length=20)


class ConjunctionRule(Schema):
    """The first tier all of whose conditions hold; else 0 points."""

    kind: Literal["conjunction"] = Field(examples=["conjunction"])
    tiers: list[TierDocument] = Field(min_length=1, max_length=20)


class DeductionRule(Schema):
    """The maximum, less `per_event` points for each event; not below 0."""

    kind: Literal["deduction"] = Field(examples=["deduction"])
    figure: FigureName
    per_event: Annotated[PointsValue, Field(gt=0)] = Field(examples=[0.25])


class DossierScore(Schema):
    """Dossiers that have a number of points."""

    points: PointsValue = Field(examples=[2])
    figure: FigureName


class MeanPerDossierRule(Schema):
    """The mean of the points of dossiers, from the most points to the fewest."""

    kind: Literal["mean_per_dossier"] = Field(examples=["mean_per_dossier"])
    scores: list[DossierScore] = Field(min_length=2, max_length=20)
    on_no_data: OnNoData


class SurveyAnswer(Schema):
    """Answers that are worth a share of the maximum."""

    label_vi: Name | None = Field(default=None, examples=["Rất hài lòng"])
    percent: Percent = Field(examples=[60])
    figure: FigureName


class SurveyRule(Schema):
    """Answers x coefficients of the maximum, over all answers."""

    kind: Literal["survey"] = Field(examples=["survey"])
    answers: list[SurveyAnswer] = Field(min_length=2, max_length=20)
    on_no_data: OnNoData


class _ExtraRule(Schema):
    figure: FigureName | None = _optional()
    """What is counted; where left out, people give the points."""
    per_event: Annotated[PointsValue, Field(gt=0)] | None = _optional(examples=[0.5])
    """Points for each event; of points that people give: their step."""

    @model_validator(mode="after")
    def _counted(self) -> "_ExtraRule":
        if self.figure is not None and self.per_event is None:
            raise FaultError("per_event_missing", "/per_event")
        return self


class BonusRule(_ExtraRule):
    """Points beside the scale that are added; the item's maximum is their cap."""

    kind: Literal["bonus"] = Field(examples=["bonus"])


class PenaltyRule(_ExtraRule):
    """Points beside the scale that are taken off, written as positive numbers; the item's maximum is their
    cap."""

    kind: Literal["penalty"] = Field(examples=["penalty"])


RuleDocument = Annotated[
    ManualRule
    | BinaryRule
    | OptionsRule
    | ChecklistRule
    | MeasureRule
    | BandsRule
    | ProportionalRule
    | ComplementRule
    | ConjunctionRule
    | DeductionRule
    | MeanPerDossierRule
    | SurveyRule
    | BonusRule
    | PenaltyRule,
    Field(discriminator="kind"),
]


class NodeDocument(Schema):
    """What areas, criteria and sub-criteria share. Without children a node is an item."""

    code: Code = Field(examples=["2.1"])
    name_vi: Name = Field(examples=["Cải cách thủ tục hành chính"])
    name_en: Name | None = None
    max_points: PointsValue | None = Field(examples=[14.5])
    """Null where the sources do not say. Of a bonus or penalty: its cap, which is no part of the scale."""
    source: ItemSource | None = None
    """Of an item; where left out: statistic for rules over a rate, else appraisal."""
    rule: RuleDocument | None = None
    """Of an item; where left out: manual."""
    evidence_required: bool = Field(default=False, exclude_if=lambda required: not required)
    """Of an item: a self score above 0 needs evidence, or a reason why there is none; always of a bonus."""
    points_rule_basis: Literal["stated", "inferred"] | None = Field(
        default=None, exclude_if=lambda basis: basis is None, examples=["inferred"]
    )
    """Whether a source states the points rule, or it is inferred from the rate that a source states."""
    note_vi: LongText | None = Field(default=None, exclude_if=lambda note: note is None)
    """What is unknown, or how a source is read."""
    legal_basis: list[LegalBasis] = Field(default=[], max_length=50)


class SubCriterionDocument(NodeDocument):
    """Tiêu chí thành phần."""


class CriterionDocument(NodeDocument):
    """Tiêu chí."""

    sub_criteria: list[SubCriterionDocument] = Field(default=[], max_length=500)


class CapsDocument(Schema):
    """What all bonuses, and all penalties, come to at most; null is no cap."""

    bonus: PointsValue | None = Field(default=None, examples=[5])
    penalty: PointsValue | None = Field(default=None, examples=[10])


class AreaDocument(NodeDocument):
    """Lĩnh vực."""

    reform_area: ReformArea | None = Field(examples=["procedures"])
    caps: CapsDocument | None = _optional()
    """Of the points beside the scale in this area."""
    criteria: list[CriterionDocument] = Field(default=[], max_length=500)


class Applies(Schema):
    """The days that are assessed by a set, both included: sets are often issued after these days began, or
    ended. When they are law, `legal_basis` says."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    from_: Day = Field(alias="from", examples=["2020-01-01"])
    to: Day | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "Applies":
        if self.to is not None and self.to < self.from_:
            raise FaultError("interval_reversed", "/to")
        return self


class Rounding(Schema):
    """`decimals` shown; `items`: decimals that items are rounded to before they are added."""

    decimals: int = Field(default=4, strict=True, ge=0, le=4, examples=[2])
    items: Annotated[int, Field(strict=True, ge=0, le=10)] | None = None


class Ties(Schema):
    """How equal results are ranked; keys are `area:<code>` and `name`."""

    method: TieMethod = TieMethod.COMPETITION
    keys: list[Annotated[str, Field(max_length=80)]] = Field(
        default=[], max_length=20, examples=[["area:appraisal", "name"]]
    )


class BandDocument(Schema):
    """Xếp loại from a percentage on."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    label_vi: Name | None = Field(examples=["A"])
    """Null where the sources do not say what lies there."""
    from_: Percent = Field(alias="from")


class ProcessDocument(Schema):
    """Which steps of a round belong to this set: `required`, `optional`, or `none`."""

    explanation: Need = Field(default=Need.OPTIONAL, examples=["required"])
    """Giải trình."""
    final_appraisal: Need = Field(default=Need.OPTIONAL, examples=["required"])
    """Thẩm định lần 2."""


class FrameworkDocument(Schema):
    """A criteria set (bộ chỉ số) as a document."""

    code: Code = Field(examples=["par-province"])
    version: Code = Field(examples=["2020"])
    title_vi: Name = Field(examples=["Chỉ số cải cách hành chính cấp tỉnh năm 2020"])
    title_en: Name | None = None
    level: UnitKind = Field(examples=["province"])
    status: Literal["official", "official_partial", "illustrative"] = Field(examples=["official_partial"])
    derived_from: FrameworkReference | None = _optional(examples=["par-province@2019"])
    """The version that this one follows: amends or replaces."""
    total_points: Annotated[PointsValue, Field(gt=0)] | None = Field(examples=[100])
    """Null where the sources do not say; no round can then use the set."""
    caps: CapsDocument | None = _optional()
    """Of the points beside the scale in the whole set; the index is cut off at the scale in any case."""
    applies: Applies
    rounding: Rounding = Rounding()
    ties: Ties = Ties()
    bands: list[BandDocument] = Field(default=[], max_length=20)
    process: ProcessDocument | None = Field(
        default=None,
        exclude_if=lambda process: process is None,
        examples=[{"explanation": "required", "final_appraisal": "required"}],
    )
    """Where left out, both steps are optional."""
    legal_basis: list[LegalBasis] = Field(default=[], max_length=50)
    sources: list[LongText] = Field(default=[], max_length=100)
    notes_vi: LongText | None = None
    """What is unknown or inferred."""
    areas: list[AreaDocument] = Field(min_length=1, max_length=100)


class FrameworkRead(FrameworkDocument):
    """A stored criteria set."""

    state: Literal["draft", "published"] = Field(examples=["published"])
    sha256: str
    """Digest of the stored document."""


class FrameworkSummary(Read):
    """A line in the list of criteria sets."""

    code: str = Field(examples=["par-province"])
    version: str = Field(examples=["2020"])
    title_vi: str = Field(examples=["Chỉ số cải cách hành chính cấp tỉnh năm 2020"])
    status: str = Field(examples=["official_partial"])
    state: str = Field(examples=["published"])
    applies_from: date
    applies_to: date | None
