"""The file of rules."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from app.core.validation import Kind, Severity
from app.features.statistics.schemas import Column
from app.infra.schemas import Code, Schema

RateColumn = Literal[
    "resolved_of_received_percent",
    "on_time_of_resolved_percent",
    "in_time_including_pending_percent",
    "overdue_of_resolved_percent",
    "online_percent",
]


class Text(Schema):
    """A text in both languages; names in braces are filled in."""

    en: str
    vi: str


class RuleDocument(Schema):
    """A rule; what its members mean is said in `core.validation`."""

    code: Code
    kind: Kind
    severity: Severity
    columns: list[Column | RateColumn] = Field(default=[])
    whole: Column | Literal[""] = ""
    instead: dict[Column, list[Column]] = Field(default={})
    exact: list[Column] = Field(default=[])
    or_with: list[Column] = Field(default=[])
    given: list[Column] = Field(default=[])
    threshold: Decimal = Decimal(0)
    values: int = 1
    least: Decimal = Decimal(0)
    days: int = 0


class RulesFile(Schema):
    """All rules, with the texts of what they say."""

    source: str
    messages: dict[Code, Text]
    expected_columns: list[Column]
    """Columns that a complete report has."""
    rules: list[RuleDocument]
