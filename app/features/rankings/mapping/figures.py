"""The figures of a ranking as one cube, which every format but JSON is made of: unit x area x metric."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.features.results.mapping import GroupResults
from app.infra.messages.words import REFORM_AREAS

WHOLE_VI = "Toàn bộ"
NOT_COMPARABLE = "not_comparable"
"""Where lines say their status: on today's map, a unit whose index of then cannot be said."""
METRICS: Mapping[str, str] = {
    "points": "Điểm",
    "max_points": "Điểm tối đa",
    "percent": "Tỷ lệ đạt được (%)",
    "rank": "Hạng",
}
IN_GROUP: Mapping[str, str] = {"rank_in_group": "Hạng trong cả nhóm"}
FULLER: Mapping[str, str] = {
    "rank_competition": "Hạng theo cách 1-2-2-4",
    "rank_dense": "Hạng theo cách 1-2-2-3",
    "rank_ordinal": "Hạng theo cách 1-2-3-4",
    "change_index_percent": "Tăng, giảm so với kỳ trước (điểm phần trăm)",
    "change_rank": "Số bậc tăng so với kỳ trước",
}
ALL_METRICS: Mapping[str, str] = {**METRICS, **IN_GROUP, **FULLER}
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


def extras_of(body: Mapping[str, Any]) -> dict[str, str]:
    """The metrics that only what is ranked has: those that were asked for."""
    region = IN_GROUP if body["region"] is not None else {}
    return {**region, **(FULLER if "compared_with" in body else {})}


def metrics_of(body: Mapping[str, Any]) -> dict[str, str]:
    """All metrics of a ranking as it was answered."""
    return {**METRICS, **extras_of(body)}


def view_of(body: Mapping[str, Any]) -> dict[str, str]:
    """Of when and on which map the figures are, where these are not as published and of now."""
    view = {"map": "today"} if body["map"] == "today" else {}
    return view | ({} if body["known_at"] is None else {"known_at": body["known_at"].isoformat()})


def rows_of(results: GroupResults, body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The lines of a ranking; then, on today's map, the units that cannot be compared, without figures."""
    blank = dict.fromkeys((*METRICS, "index_percent", "band"))
    areas = [{"code": area.code, **dict.fromkeys(METRICS)} for area in results.framework.areas]
    return [
        *body["items"],
        *(
            {**blank, "unit": each["unit"], "status": NOT_COMPARABLE, "areas": areas}
            for each in body.get("not_comparable", ())
        ),
    ]


def cube_of(results: GroupResults, body: Mapping[str, Any]) -> Cube:
    """The cube of a ranking as it was answered. What is ranked stands first, unless it is one area."""
    metrics, areas, rows = metrics_of(body), areas_of(results), rows_of(results, body)
    return Cube(
        [Named(**item["unit"]) for item in rows],
        areas if body["area"] is not None else [ranked_of(results, body), *areas],
        [part.get(metric) for item in rows for part in _parts(item, body["area"]) for metric in metrics],
    )


def _parts(item: Mapping[str, Any], area: str | None) -> Iterator[Mapping[str, Figure]]:
    ranked = whole_of(item)
    if area is None:
        yield ranked
    yield from (ranked if part["code"] == area else part for part in item["areas"])


def whole_of(item: Mapping[str, Any]) -> dict[str, Figure]:
    """The metrics of what is ranked, by the names that they have in areas; those beyond come after."""
    found = {metric: item["index_percent" if metric == "percent" else metric] for metric in METRICS}
    if "rank_in_group" in item:
        found["rank_in_group"] = item["rank_in_group"]
    if "ranks_by_method" in item:
        found |= {f"rank_{method}": rank for method, rank in item["ranks_by_method"].items()}
        change = item["change"] or {}
        found |= {f"change_{name}": change.get(name) for name in ("index_percent", "rank")}
    return found


def areas_of(results: GroupResults) -> list[Named]:
    """The areas of the criteria set."""
    return [Named(area.code, area.name_vi) for area in results.framework.areas]


def ranked_of(results: GroupResults, body: Mapping[str, Any]) -> Named:
    """What is ranked, where it is no area."""
    whole, *reform_areas = sums_of(results)
    return next((s for s in reform_areas if s.code.lstrip("_") == body["reform_area"]), whole)


def sums_of(results: GroupResults) -> list[Named]:
    """The whole, and the reform areas. SDMX calls a total `_T`; where an area has taken that, it is `__T`.
    Reform areas begin with `_` likewise."""
    taken = dict(areas_of(results))
    present = dict.fromkeys(area.reform_area for area in results.framework.areas if area.reform_area)
    sums = [("_T", WHOLE_VI), *((f"_{each}", REFORM_AREAS[each].vi) for each in present)]
    return [Named(_free(code, taken), name) for code, name in sums]


def _free(code: str, taken: Collection[str]) -> str:
    while code in taken:
        code = f"_{code}"
    return code


def decimals_of(results: GroupResults, metric: str) -> int:
    """How many decimals a metric may show."""
    if "rank" in metric:
        return 0
    return _MAX_DECIMALS if metric == "max_points" else results.framework.decimals
