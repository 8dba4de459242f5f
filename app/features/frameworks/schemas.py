"""The document format of a criteria set."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from app.core.types import ItemSource, Need, ReformArea, TieMethod, UnitKind
from app.features.frameworks.rule_schemas import LongText, Name, Percent, RuleDocument, optional, writable
from app.infra.problems import FaultError
from app.infra.schemas import Code, Day, PointsValue, Read, Schema

FrameworkReference = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9._-]{1,64}@[A-Za-z0-9._-]{1,64}$", examples=["par-province@2020"]),
]


class LegalBasis(Schema):
    """Where in law a thing stands, and on which days it is law (both included); null where not known."""

    document: Name = Field(examples=["Quyết định 1149/QĐ-BNV"])
    number: Name | None = optional(examples=["1149/QĐ-BNV"])
    issued_on: Day | None = Field(default=None, examples=["2020-12-30"])
    article: Name | None = None
    clause: Name | None = optional(examples=["điểm b khoản 4"])
    url: Annotated[str, Field(pattern=r"^https?://\S{1,500}$"), AfterValidator(writable)] | None = None
    valid_from: Day | None = optional(examples=["2020-12-30"])
    valid_to: Day | None = optional(examples=["2022-11-09"])

    @model_validator(mode="after")
    def _ordered(self) -> "LegalBasis":
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise FaultError("interval_reversed", "/valid_to")
        return self


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
    caps: CapsDocument | None = optional()
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
    derived_from: FrameworkReference | None = optional(examples=["par-province@2019"])
    """The version that this one follows: amends or replaces."""
    total_points: Annotated[PointsValue, Field(gt=0)] | None = Field(examples=[100])
    """Null where the sources do not say; no round can then use the set."""
    caps: CapsDocument | None = optional()
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
