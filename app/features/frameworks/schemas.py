"""The document format of a criteria set."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from app.core.statistics import RATES
from app.core.types import ItemSource, Need, ReformArea, TieMethod, UnitKind
from app.infra.problems import FaultError
from app.infra.schemas import AsNumber, Code, Day, LongText, Name, NoText, PointsValue, Read, Schema

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


class LegalBasis(Schema):
    """Where in law a thing stands."""

    document: Name = Field(examples=["Quyết định 1149/QĐ-BNV"])
    issued_on: Day | None = Field(default=None, examples=["2020-12-30"])
    article: Name | None = None
    url: Annotated[str, Field(pattern=r"^https?://\S{1,500}$")] | None = None


class ManualRule(Schema):
    """Points given by people, in steps where `step` says so."""

    kind: Literal["manual"] = "manual"
    step: Annotated[PointsValue, Field(gt=0)] | None = Field(default=None, examples=[0.25])


class MeasureRule(Schema):
    """rate x maximum."""

    kind: Literal["measure"]
    rate: RateName


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

    kind: Literal["bands"]
    rate: RateName
    steps: list[StepDocument] = Field(min_length=1, max_length=50)


RuleDocument = Annotated[ManualRule | MeasureRule | BandsRule, Field(discriminator="kind")]


class NodeDocument(Schema):
    """What areas, criteria and sub-criteria share. Without children a node is an item."""

    code: Code = Field(examples=["2.1"])
    name_vi: Name = Field(examples=["Cải cách thủ tục hành chính"])
    name_en: Name | None = None
    max_points: PointsValue | None = Field(examples=[14.5])
    """Null where the sources do not say."""
    source: ItemSource | None = None
    """Of an item; where left out: statistic for rules over a rate, else appraisal."""
    rule: RuleDocument | None = None
    """Of an item; where left out: manual."""
    evidence_required: bool = Field(default=False, exclude_if=lambda required: not required)
    """Of an item: a self score above 0 needs evidence, or a reason why there is none."""
    legal_basis: list[LegalBasis] = Field(default=[], max_length=50)


class SubCriterionDocument(NodeDocument):
    """Tiêu chí thành phần."""


class CriterionDocument(NodeDocument):
    """Tiêu chí."""

    sub_criteria: list[SubCriterionDocument] = Field(default=[], max_length=500)


class AreaDocument(NodeDocument):
    """Lĩnh vực."""

    reform_area: ReformArea | None = Field(examples=["procedures"])
    criteria: list[CriterionDocument] = Field(default=[], max_length=500)


class Applies(Schema):
    """The days on which a set is the law."""

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

    label_vi: Name = Field(examples=["A"])
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
    total_points: Annotated[PointsValue, Field(gt=0)] = Field(examples=[100])
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
