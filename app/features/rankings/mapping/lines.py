"""Results of a group -> the ranking as it is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from app.core.errors import Fault
from app.core.framework import Framework
from app.core.index import Tally, UnitIndex, band_of, count_bands
from app.core.ranking import summarise
from app.core.rounding import fraction_number, percent_number, points_number
from app.core.types import ReformArea
from app.core.workflow import status_of
from app.features.rankings.mapping.fuller import ranks_by_method, ties_of
from app.features.rankings.mapping.moving import Earlier, changes_answer, head_of
from app.features.results.mapping import (
    MANY,
    GroupResults,
    Part,
    UnitResult,
    all_ranks_of,
    ranks_of,
    scores_of,
    tallies_of,
    tally_numbers,
)
from app.infra.clock import VIETNAM
from app.infra.errors import refuse

Regions = Mapping[str, Sequence[str]]
"""Unit -> the groups of the register that it is in."""


_STATISTICS = ("mean", "median", "highest", "lowest", "first_quartile", "third_quartile")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be ranked, and what is to be said of it."""

    area: str | None = None
    reform_area: ReformArea | None = None
    region: str | None = None
    full: bool = False
    after: int = 0
    limit: int | None = None
    known_at: datetime | None = None
    on_today: bool = False

    def is_same_in(self, framework: Framework, other: Framework) -> bool:
        """Whether another criteria set means the same by it: codes of areas are of one set alone."""
        return self.area is None or framework.reference == other.reference

    def part_of(self, framework: Framework) -> Part:
        """The areas that are ranked; () where the criteria set has none of them."""
        if self.area is not None:
            return tuple(i for i, area in enumerate(framework.areas) if area.code == self.area)
        if self.reform_area is not None:
            return tuple(i for i, a in enumerate(framework.areas) if a.reform_area == self.reform_area)
        return None


class Beside(NamedTuple):
    """What is told beside the results of a group. `regions`: where a region or everything is asked for.
    `previous`: the round before, if everything is asked for and the caller may see it."""

    regions: Regions | None = None
    previous: Earlier | None = None


def ranking_answer(results: GroupResults, asked: Asked, beside: Beside) -> tuple[dict[str, Any], int | None]:
    """(answer, position of the next page)."""
    framework, ranked = results.framework, results.group.ranked
    part = check_part(framework, asked)
    chosen = _in_region(results, asked.region, beside.regions or {})
    whole_places, *area_places = all_ranks_of(framework, chosen, ranked)
    if part is None:
        places = whole_places
    else:
        places = area_places[part[0]] if len(part) == 1 else ranks_of(framework, chosen, ranked, part)
    more = _members(results, chosen, asked, beside)
    found = {r.code: (r, tally) for r, tally in zip(chosen, tallies_of(chosen, part), strict=True)}
    end = len(places) if asked.limit is None else min(len(places), asked.after + asked.limit)
    items = []
    for code in islice(places, asked.after, end):
        result, tally = found[code]
        line = ranked_answer(framework, result, places[code], tally, area_places)
        status = status_of(results.state, result.self_scores_only)
        items.append({**line, "status": status, **{name: said[code] for name, said in more.items()}})
    previous = beside.previous and beside.previous.results
    answer = {
        **results.head,
        "area": asked.area,
        "reform_area": asked.reform_area,
        "region": asked.region,
        "known_at": None if asked.known_at is None else asked.known_at.astimezone(VIETNAM),
        "map": "today" if asked.on_today else "as_published",
        **({"compared_with": _compared_with(framework, previous)} if asked.full else {}),
        "ranked": ranked,
        "ties": framework.tie_method,
        "status": status_of(results.state),
        "items": items,
        "statistics": statistics_answer(framework, chosen, part),
    }
    return answer, end if end < len(places) else None


def check_part(framework: Framework, asked: Asked) -> Part:
    """The areas that are to be ranked; refuses those that the criteria set does not have."""
    if asked.area is not None and asked.reform_area is not None:
        refuse([Fault("area_and_reform_area", "/query/reform_area")])
    part = asked.part_of(framework)
    if part == () and asked.area is not None:
        codes = ", ".join(area.code for area in framework.areas)
        refuse([Fault("area_unknown", "/query/area", {"area": asked.area, "areas": codes})])
    if part == ():
        known = dict.fromkeys(area.reform_area for area in framework.areas if area.reform_area)
        params = {"reform_area": asked.reform_area, "areas": ", ".join(known) or "-"}
        refuse([Fault("reform_area_absent", "/query/reform_area", params)])
    return part


def _in_region(results: GroupResults, region: str | None, regions: Regions) -> Sequence[UnitResult]:
    if region is None:
        return results.results
    known = {code for unit in results.codes for code in regions.get(unit, ())}
    if region not in known:
        params = {"region": region, "regions": ", ".join(sorted(known)) or "-"}
        refuse([Fault("region_unknown", "/query/region", params)])
    return [result for result in results.results if region in regions.get(result.code, ())]


def _members(
    results: GroupResults, chosen: Sequence[UnitResult], asked: Asked, beside: Beside
) -> dict[str, Mapping[str, Any]]:
    """What lines say beyond those of every ranking: member -> unit -> value."""
    framework, ranked, part = results.framework, results.group.ranked, asked.part_of(results.framework)
    more: dict[str, Mapping[str, Any]] = {}
    if beside.regions is not None:
        more["regions"] = {result.code: beside.regions.get(result.code, []) for result in chosen}
    if asked.region is not None:
        more["rank_in_group"] = ranks_of(framework, results.results, ranked, part)
    if asked.full:
        more["ranks_by_method"] = ranks_by_method(framework, chosen, part, ranked)
        more["tie"] = ties_of(framework, chosen, part, ranked)
        more["change"] = changes_answer(
            results, part, beside.previous, _part_before(framework, asked, beside)
        )
    return more


def _part_before(framework: Framework, asked: Asked, beside: Beside) -> Part:
    """What is ranked, in the round before; () where its criteria set has nothing like it."""
    if beside.previous is None or not asked.is_same_in(framework, beside.previous.results.framework):
        return ()
    return asked.part_of(beside.previous.results.framework)


def _compared_with(framework: Framework, previous: GroupResults | None) -> dict[str, Any] | None:
    if previous is None:
        return None
    return {**head_of(previous), "same_framework": previous.framework.reference == framework.reference}


@lru_cache(maxsize=MANY)
def _shown_areas(index: UnitIndex, decimals: int) -> list[tuple[float, float, float | None]]:
    """Points, maximum and percent of each area as shown."""
    return [
        (
            points_number(tally.points, decimals),
            points_number(tally.max_points, 4),
            percent_number(tally.points, tally.max_points, decimals),
        )
        for tally in index.areas
    ]


def ranked_answer(
    framework: Framework,
    result: UnitResult,
    place: int | None,
    ranked_tally: Tally,
    area_places: Sequence[Mapping[str, int | None]],
) -> dict[str, Any]:
    """A line of a ranking; `ranked_tally` is the whole or what else is ranked."""
    decimals, code = framework.decimals, result.code
    points, max_points = ranked_tally.points, ranked_tally.max_points
    whole = ranked_tally is result.total
    return {
        "rank": place,
        "unit": {"code": code, "name_vi": result.name_vi},
        **tally_numbers(ranked_tally, decimals),
        "index_percent": percent_number(points, max_points, decimals),
        "band": band_of(framework, points, max_points) if whole else None,
        "areas": [
            {
                "code": area.code,
                "points": shown[0],
                "max_points": shown[1],
                "percent": shown[2],
                "rank": places[code],
            }
            for area, shown, places in zip(
                framework.areas, _shown_areas(result.index, decimals), area_places, strict=True
            )
        ],
    }


def statistics_answer(framework: Framework, results: Sequence[UnitResult], part: Part) -> dict[str, Any]:
    """Summary statistics as shown; bands are those of the whole index."""
    scores = scores_of(results, part)
    summary = summarise(scores)
    shown = {
        name: None if summary is None else fraction_number(getattr(summary, name), framework.decimals)
        for name in _STATISTICS
    }
    counts = zip(framework.bands, count_bands(framework, scores), strict=True) if part is None else ()
    return {
        "units": 0 if summary is None else summary.units,
        **shown,
        "bands": [{"label_vi": band.label_vi, "units": units} for band, units in counts],
    }
