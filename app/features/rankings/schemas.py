"""Shapes of rankings, and of comparisons of two rounds."""

from typing import Any, Literal

from pydantic import Field

from app.core.progress import Comparability
from app.core.types import ReformArea, ResultStatus, TieMethod
from app.features.results.schemas import UnitName
from app.infra.schemas import Page, Read, ShownInstant


class RankedArea(Read):
    """A unit's result in one area, in a ranking."""

    code: str = Field(examples=["appraisal"])
    points: float | None = Field(examples=[57.66])
    """Null where, on today's map, an area of a recomputed unit cannot be."""
    max_points: float | None = Field(examples=[60.5])
    percent: float | None = Field(examples=[95.31])
    rank: int | None = Field(examples=[3])


class Tied(Read):
    """A unit whose index is exactly the same."""

    unit: str = Field(examples=["22"])
    decided_by: str | None = Field(examples=["area:appraisal"])
    """The first tie key at which the two differ; `name` or `code` where only that orders them (`ordinal`);
    null: nothing decides, they share the rank."""


class Tie(Read):
    """What decided among units of the same index."""

    units: int = Field(examples=[1])
    """How many others have it."""
    with_: list[Tied] = Field(alias="with")
    """Of more than twenty those that stand next to it."""
    keys: list[dict[str, float | str | None]] = Field(
        examples=[[{"key": "area:appraisal", "value": 95.3058}]]
    )
    """What the unit itself has for the tie keys of the criteria set: percent of an area, or its name."""


class Moved(Read):
    """By how much a unit moved, from exact values."""

    points: float | None = Field(examples=[0.03])
    """Null where the maxima differ."""
    index_percent: float | None = Field(examples=[0.03])
    """Percentage points."""
    rank: int | None = Field(examples=[2])
    """Positive where it rose."""


class Placed(Read):
    """A unit as it was called in a round, and its result there."""

    unit: UnitName
    points: float
    max_points: float
    index_percent: float | None
    rank: int | None
    band: str | None


class RoundChange(Moved):
    """How a unit moved since the round before; ranks are those in the whole group."""

    previous: Placed | None
    comparability: Comparability
    related: list[str] = Field(examples=[["10", "15"]])
    """Where it is not comparable: the units of the round before that it came from."""


class RankedUnit(Read):
    """A line of a ranking."""

    rank: int | None = Field(examples=[1])
    unit: UnitName
    points: float = Field(examples=[91.05])
    max_points: float = Field(examples=[100])
    open_points: float = Field(examples=[0])
    index_percent: float | None = Field(examples=[91.05])
    band: str | None = Field(examples=["A"])
    status: ResultStatus
    """Provisional while it rests on self scores alone."""
    areas: list[RankedArea]
    regions: list[str] = Field(default=[], examples=[["region.dong-bang-song-hong"]])
    """Groups of the register that it is in; with `region` and `full`."""
    rank_in_group: int | None = None
    """With `region`: the rank among all."""
    ranks_by_method: dict[TieMethod, int | None] = Field(
        default={}, examples=[{"competition": 1, "dense": 1, "ordinal": 1}]
    )
    """What the rank would be; with `full`, as what follows."""
    tie: Tie | None = None
    change: RoundChange | None = None
    comparability: Literal["same", "recomputed"] | None = None
    """On today's map: the unit is the same still, or was computed from the counts of its origins."""
    origins: list[UnitName] | None = None
    """On today's map: the units of the round that it came from."""


class Origin(Read):
    """What a unit of the round had itself, whole or in the area that is ranked."""

    unit: UnitName
    points: float = Field(examples=[86.97])
    max_points: float = Field(examples=[100])
    open_points: float = Field(examples=[0])
    index_percent: float | None = Field(examples=[86.97])
    rank: int | None = Field(examples=[14])


class NotComparable(Read):
    """A unit of today whose index of then cannot be said."""

    unit: UnitName
    reason: Literal["merged", "split", "incomplete"]
    """People gave points to several units that are one today; one unit became several; or an origin did not
    take part in the group."""
    origins: list[Origin]


class BandCount(Read):
    """A band of the criteria set, and how many units have it."""

    label_vi: str = Field(examples=["A"])
    units: int = Field(examples=[2])


class RankingStatistics(Read):
    """Over the units that have an index, from exact values, rounded when shown."""

    units: int = Field(examples=[10])
    mean: float | None = Field(examples=[87.44])
    median: float | None = Field(examples=[86.66])
    highest: float | None = Field(examples=[91.05])
    lowest: float | None = Field(examples=[85.73])
    first_quartile: float | None = Field(examples=[86.12])
    """As QUARTILE.INC of Excel: between two units in proportion."""
    third_quartile: float | None = Field(examples=[88.09])
    bands: list[BandCount]
    """How many units have each band; empty where parts are ranked."""


class ComparedRound(Read):
    """One of two rounds."""

    round: str = Field(examples=["par-province-2020"])
    group: str
    period: str
    framework: str
    status: ResultStatus


class ComparedWith(ComparedRound):
    """The round before."""

    same_framework: bool


class RankingRead(Page[RankedUnit]):
    """A ranking of a group, the best first."""

    round: str = Field(examples=["par-province-2020"])
    group: str = Field(examples=["provinces"])
    area: str | None
    """The area that is ranked; null for the whole index."""
    reform_area: ReformArea | None
    """The reform area that is ranked."""
    region: str | None
    """The region among whose units is ranked; ranks and statistics are those of these units alone."""
    compared_with: ComparedWith | None = None
    """With `full`; null without a round before, or where you may not see it."""
    ranked: bool
    """False where the group is only assessed: every rank is null."""
    period: str = Field(examples=["2020"])
    framework: str = Field(examples=["par-province@2020"])
    engine_version: str = Field(examples=["1"])
    revision: str = Field(examples=["par-province-2020.5.10.0.18.1"])
    """Opaque; another one whenever a result of the round may have changed. It is the ETag, too."""
    ties: TieMethod
    status: ResultStatus
    statistics: RankingStatistics
    known_at: ShownInstant | None
    map: Literal["as_published", "today"]
    not_comparable: list[NotComparable] | None = None
    """On today's map: units of today that are not ranked."""
    ended: list[UnitName] | None = None
    """On today's map: units of the round that nothing of today continues."""


class JsonStatDataset(Read):
    """A ranking as JSON-stat 2.0: unit x area x metric, the whole as area `_T`."""

    version: Literal["2.0"]
    class_: Literal["dataset"] = Field(alias="class")
    id: list[str] = Field(examples=[["unit", "area", "metric"]])
    size: list[int] = Field(examples=[[63, 5, 4]])
    dimension: dict[str, Any]
    value: list[float | None]


class ComparedArea(Read):
    """Percentages of an area (`code`), or of a reform area where the criteria sets differ."""

    code: str | None = Field(examples=["appraisal"])
    reform_area: ReformArea | None
    before: float | None
    after: float | None
    change: float | None


class ComparedUnit(Read):
    """A unit in two rounds."""

    unit: UnitName
    comparability: Comparability
    related: list[str]
    """Where it is not comparable: the units of the other round that it came from, or became."""
    before: Placed | None
    after: Placed | None
    change: Moved | None
    areas: list[ComparedArea]


class RoundComparison(Read):
    """Two rounds side by side: units by rank in `after`, then those of `before` alone."""

    before: ComparedRound
    after: ComparedRound
    same_framework: bool
    summary: dict[str, float | None] = Field(
        examples=[{"compared": 6, "risen": 2, "fallen": 2, "unchanged": 2, "mean_change": 3.45}]
    )
    """Over the units that are the same in both: by rank; the mean change in percentage points."""
    items: list[ComparedUnit]
