"""Shapes of rules, and of the rates and figures that they read."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from app.core.statistics import COLUMNS, RATES
from app.core.types import NoData
from app.infra.problems import FaultError
from app.infra.schemas import AsNumber, NoText, PointsValue, Schema, printable
from app.infra.schemas import LongText as AnyLongText
from app.infra.schemas import Name as AnyName


def writable(text: str) -> str:
    """A set is also a workbook, and XML cannot hold these."""
    if "\ufffe" in text or "\uffff" in text:
        raise FaultError("not_printable")
    return printable(text)


Name = Annotated[AnyName, AfterValidator(writable)]
LongText = Annotated[AnyLongText, AfterValidator(writable)]
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


def optional(**more: Any) -> Any:
    """A member that a document does not carry where it says nothing: digests of older documents stay."""
    return Field(default=None, exclude_if=lambda value: value is None, **more)


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
    figure: FigureName | None = optional()
    """What is counted; where left out, people give the points."""
    per_event: Annotated[PointsValue, Field(gt=0)] | None = optional(examples=[0.5])
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


ComputedRule = (
    MeasureRule
    | BandsRule
    | ProportionalRule
    | ComplementRule
    | ConjunctionRule
    | DeductionRule
    | MeanPerDossierRule
    | SurveyRule
)
"""Rules over figures alone."""
RuleDocument = Annotated[
    ManualRule | BinaryRule | OptionsRule | ChecklistRule | ComputedRule | BonusRule | PenaltyRule,
    Field(discriminator="kind"),
]
