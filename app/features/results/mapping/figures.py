"""The figures of a ranking as one cube, which every format but JSON is made of: unit x area x metric."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.features.results.mapping import GroupResults

WHOLE_VI = "Toàn bộ"
METRICS: Mapping[str, str] = {
    "points": "Điểm",
    "max_points": "Điểm tối đa",
    "percent": "Tỷ lệ đạt được (%)",
    "rank": "Hạng",
}
_MAX_DECIMALS = 4
Figure = float | None


class Named(NamedTuple):
    """A code and what it is called."""

    code: str
    name_vi: str


@dataclass(frozen=True, slots=True)
class Cube:
    """What JSON shows, to the digit; `values` by unit, then area, then metric."""

    units: Sequence[Named]
    areas: Sequence[Named]
    values: Sequence[Figure]


def cube_of(results: GroupResults, body: Mapping[str, Any]) -> Cube:
    """The cube of a ranking as it was answered. The whole stands first, unless one area is ranked."""
    whole, *areas = areas_of(results)
    with_whole = body["area"] is None
    items = body["items"]
    return Cube(
        [Named(**item["unit"]) for item in items],
        [whole, *areas] if with_whole else areas,
        [
            value
            for item in items
            for part in (*([whole_of(item)] if with_whole else []), *item["areas"])
            for value in (part[metric] for metric in METRICS)
        ],
    )


def whole_of(item: Mapping[str, Any]) -> dict[str, Figure]:
    """The metrics of what is ranked, by the names that they have in areas."""
    return {metric: item["index_percent" if metric == "percent" else metric] for metric in METRICS}


def areas_of(results: GroupResults) -> list[Named]:
    """The whole, then the areas. SDMX calls a total `_T`; where an area has taken that, it is `__T`."""
    code, areas = "_T", [Named(area.code, area.name_vi) for area in results.framework.areas]
    while code in dict(areas):
        code = f"_{code}"
    return [Named(code, WHOLE_VI), *areas]


def decimals_of(results: GroupResults, metric: str) -> int:
    """How many decimals a metric may show."""
    if metric == "rank":
        return 0
    return _MAX_DECIMALS if metric == "max_points" else results.framework.decimals
