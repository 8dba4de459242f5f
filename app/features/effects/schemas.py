"""Shapes of effects."""

from pydantic import Field

from app.infra.schemas import Read


class Standing(Read):
    """Where a unit stands. No `rank` where the group is not ranked, or the caller may not see all of it."""

    points: float = Field(examples=[78.53])
    index_percent: float | None = Field(examples=[85.36])
    rank: int | None = Field(examples=[3])


class UnitEffect(Read):
    """A unit whose points or rank would be others."""

    code: str = Field(examples=["31.cau-tre"])
    name_vi: str
    before: Standing
    after: Standing


class GroupEffects(Read):
    """What would change in a group of a round: those whose points change first, then those that only move."""

    round: str = Field(examples=["cau-tre-2022"])
    group: str = Field(examples=["xa"])
    changed_points: int
    changed_ranks: int
    units: list[UnitEffect]
    """At most 100."""
    is_hidden: bool = False
    """The caller's key does not open unpublished results of this group."""
