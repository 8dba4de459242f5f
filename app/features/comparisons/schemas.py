"""Shapes of comparisons."""

from typing import Any

from pydantic import ConfigDict, Field

from app.core.comparison import ChangeKind
from app.core.types import RoundState
from app.features.frameworks.schemas import FrameworkSummary
from app.infra.schemas import Read


class ChangeRead(Read):
    """One difference, of a node or (`code` null) of the set itself. What is null is none, or not known."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    change: ChangeKind = Field(examples=["reweighted"])
    code: str | None = Field(examples=["3"])
    name_vi: str | None = Field(examples=["Cải cách thủ tục hành chính"])
    pointer_from: str | None = Field(examples=["/areas/2"])
    """The node in the document `from`; "" is the set itself, null is nowhere."""
    pointer_to: str | None = Field(examples=["/areas/2"])
    from_: Any = Field(alias="from", examples=[14.5])
    """As it was: points, a code, a name, the node itself, or a member as the document has it."""
    to: Any = Field(examples=[13])
    text: str = Field(examples=["3 Cải cách thủ tục hành chính: điểm tối đa 14,5 -> 13 (-1,5)"])


class TouchedRound(Read):
    """A round that is scored with either version."""

    code: str = Field(examples=["par-province-2020"])
    title_vi: str
    framework: str = Field(examples=["par-province@2020"])
    period: str = Field(examples=["2020"])
    state: RoundState
    participants: int = Field(examples=[10])
    units: list[str] = Field(examples=[["22", "31"]])


class ComparisonRead(Read):
    """What changes from one version to another."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    from_: FrameworkSummary = Field(alias="from")
    to: FrameworkSummary
    caveat: str | None
    """Where only a part of a set is known: that a gap of the sources may look like a change."""
    summary: dict[str, int] = Field(examples=[{"added": 1, "reweighted": 2}])
    """How many changes there are of each kind."""
    changes: list[ChangeRead]
    """Of the set; of nodes as they now stand; then what is gone."""
    rounds: list[TouchedRound]
    """In order of code."""
