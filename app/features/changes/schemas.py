"""Shapes of the change feed."""

from typing import Literal

from pydantic import Field

from app.infra.schemas import Read, ShownInstant

Kind = Literal["round", "publication", "correction", "framework", "unit", "finding", "hidden"]


class Change(Read):
    """What happened to what. One that the caller may not see is `hidden` and has a number alone."""

    sequence: int = Field(examples=[36])
    kind: Kind
    action: str | None = Field(default=None, examples=["moved"])
    """`created`, `changed`, `moved` (rounds); `released` (publications, corrections); `put`, `published`
    (criteria sets); `put`, `imported`, `loaded` (units); `put` (findings)."""
    subject: dict[str, str] | None = Field(default=None, examples=[{"round": "par-province-2020"}])
    url: str | None = Field(default=None, examples=["/v1/rounds/par-province-2020"])
    """Where it can be read as it stands now."""
    at: ShownInstant | None = None


class ChangeFeed(Read):
    """Changes behind `since`, without a gap."""

    items: list[Change]
    last: int = Field(examples=[38])
    """The highest number that there is now."""
    next_since: int = Field(examples=[38])
    """What to ask next."""
