"""Shapes of units."""

from datetime import date

from pydantic import Field

from app.core.types import UnitKind
from app.infra.schemas import Code, Day, Name, Read, Schema


class UnitWrite(Schema):
    """One version of a unit, from `valid_from` on."""

    name_vi: Name = Field(examples=["Quảng Ninh"])
    name_en: Name | None = None
    kind: UnitKind = Field(examples=["province"])
    parent_code: Code | None = Field(examples=["VN"])
    """The unit above; null for the nation alone."""
    valid_from: Day = Field(examples=["2012-01-01"])
    valid_to: Day | None = Field(default=None, examples=["2025-06-30"])
    """The last day; null while it exists."""
    groups: list[Code] = Field(default=[], max_length=50, examples=[["region.dong-bang-song-hong"]])


class UnitRead(Read):
    """A unit as it is (or was) on a day."""

    code: str = Field(examples=["22"])
    name_vi: str = Field(examples=["Quảng Ninh"])
    name_en: str | None
    kind: UnitKind = Field(examples=["province"])
    parent_code: str | None = Field(examples=["VN"])
    jurisdiction_code: str = Field(examples=["22"])
    """Its province, or VN."""
    valid_from: date = Field(examples=["2012-01-01"])
    valid_to: date | None = Field(examples=["2025-06-30"])
    groups: list[str] = Field(examples=[["region.dong-bang-song-hong"]])


class VersionOfUnit(Read):
    """Which version of which code."""

    code: str = Field(examples=["30"])
    valid_from: date = Field(examples=["2012-01-01"])
    valid_to: date | None = Field(examples=["2025-06-30"])
    name_vi: str = Field(examples=["Hải Dương"])


class Succession(Read):
    """A merger, split, rename or continuation."""

    effective_on: date = Field(examples=["2025-07-01"])
    kind: str = Field(examples=["merge"])
    instrument: str | None = Field(examples=["Nghị quyết 202/2025/QH15"])
    predecessors: list[VersionOfUnit]
    successors: list[VersionOfUnit]


class Lineage(Read):
    """All versions of a code, and what they came from and became."""

    code: str = Field(examples=["31"])
    versions: list[UnitRead]
    events: list[Succession]
