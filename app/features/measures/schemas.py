"""Shapes of the catalogue of measures."""

from typing import Literal

from pydantic import Field

from app.features.frameworks.schemas import LegalBasis
from app.infra.schemas import Code, LongText, Name, Schema


class MeasureDefinition(Schema):
    """What a measure (chỉ tiêu) counts."""

    code: Code = Field(examples=["plan_tasks"])
    name_vi: Name = Field(examples=["Tỷ lệ nhiệm vụ hoàn thành của kế hoạch CCHC"])
    name_en: Name | None = None
    unit_vi: Name | None = Field(default=None, examples=["nhiệm vụ"])
    """What is counted, of a rate above and below the line; `%` of a bare percentage."""
    unit_en: Name | None = None
    form: Literal["rate", "value", "percent"] = Field(examples=["rate"])
    """`rate`: numerator and denominator, or the percentage alone where a source prints no more. `percent`:
    never counts."""
    direction: Literal["higher", "lower", "neutral"] = Field(examples=["higher"])
    """Which way is better."""
    meaning_vi: LongText | None = None
    numerator_vi: Name | None = Field(default=None, examples=["Số nhiệm vụ đã hoàn thành"])
    numerator_en: Name | None = None
    denominator_vi: Name | None = None
    denominator_en: Name | None = None
    parts: list[Code] = Field(default=[], max_length=50, examples=[["plan_tasks_overdue"]])
    """Measures that count a part of what this one counts."""
    legal_basis: list[LegalBasis] = Field(default=[], max_length=50)
    """What a source states; empty where none does."""


class Bundle(Schema):
    """The catalogue that ships with the service."""

    measures: list[MeasureDefinition]
