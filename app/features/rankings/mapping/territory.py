"""A round on today's map: which of its units today's units came from, and what can be compared."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, NamedTuple

from app.core.framework import Framework
from app.core.index import compute_index, rests_on_self_scores
from app.core.lineage import Lineage, Version
from app.core.rounding import percent_number
from app.core.scoring import Entries
from app.core.territory import comparable_areas
from app.features.rankings.mapping.lines import Asked, Beside, check_part, ranking_answer
from app.features.results.mapping import GroupResults, Part, UnitResult, ranks_of, tallies_of, tally_numbers


class Descent(NamedTuple):
    """A unit of today and the units of a round that it came from. `is_same`: it was one of them all along.
    `obstacle`: why they cannot be united: one became several units, or did not take part."""

    code: str
    origins: tuple[str, ...]
    is_same: bool
    obstacle: Literal["split", "incomplete"] | None = None


@dataclass(frozen=True, slots=True)
class TodayUnit:
    """A unit of today. `result`: None where none of its areas can be compared; `areas`: those that can."""

    code: str
    name_vi: str
    descent: Descent
    result: UnitResult | None = None
    areas: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class TodayResults(GroupResults):
    """A group on today's map; `results` are those that can be ranked, as a whole or in one area.

    `published`: what the units of the round had; `ended`: those that nothing of today continues."""

    units: tuple[TodayUnit, ...] = ()
    published: tuple[UnitResult, ...] = ()
    ended: tuple[str, ...] = ()

    @property
    def codes(self) -> list[str]:
        """All units of today, those that cannot be compared among them."""
        return [unit.code for unit in self.units]


def rank_comparable(results: TodayResults, asked: Asked) -> TodayResults:
    """The results with those units alone that can be compared in what is ranked, and in the areas that part
    equals in it."""
    framework = results.framework
    part, codes = check_part(framework, asked), [area.code for area in framework.areas]
    keys = [key.removeprefix("area:") for key in framework.tie_keys if key.startswith("area:")]
    needed = set(range(len(codes))) if part is None else {*part, *map(codes.index, keys)}
    listed = [unit.result for unit in results.units if unit.result is not None and needed <= unit.areas]
    return replace(results, results=listed)


def find_descents(
    lineage: Lineage, members: Collection[str], standing: Collection[str], days: tuple[date, date]
) -> list[Descent]:
    """Today's units that came from members of a round, by code. `standing`: members' codes that are in force
    today; `days`: the last one of the round, and today."""
    begun = lineage.list_begun(*days)
    codes = {version.code for version in begun}
    found = [Descent(code, (code,), is_same=True) for code in standing if code not in codes]
    for version in begun:
        descent = _descent(lineage, version, days[0], frozenset(members))
        if descent is not None:
            found.append(descent)
    return sorted(found, key=lambda descent: descent.code)


def _descent(lineage: Lineage, version: Version, day: date, members: frozenset[str]) -> Descent | None:
    origins = lineage.origins((version.code, version.valid_from), day)
    mine = members & {*origins.units, *origins.split}
    if not mine:
        return None
    if origins.split:
        return Descent(version.code, tuple(sorted(mine)), is_same=False, obstacle="split")
    if len(mine) < len(origins.units) or origins.others:
        return Descent(version.code, tuple(sorted(mine)), is_same=False, obstacle="incomplete")
    return Descent(version.code, origins.units, origins.is_same)


def same_unit(descent: Descent, name_vi: str, result: UnitResult) -> TodayUnit:
    """A unit that is the same still: its result stands, under its name of today."""
    areas = frozenset(range(len(result.index.areas)))
    renamed = replace(result, code=descent.code, name_vi=name_vi)
    return TodayUnit(descent.code, name_vi, descent, renamed, areas)


def united_unit(
    framework: Framework, descent: Descent, name_vi: str, entries: Mapping[str, Entries], united: Entries
) -> TodayUnit:
    """A unit that others were united into, as far as their counts say what it would have had."""
    parts = [entries[unit] for unit in descent.origins]
    areas = comparable_areas(framework, parts, united) if united else frozenset[int]()
    if not areas:
        return TodayUnit(descent.code, name_vi, descent)
    index = compute_index(framework, united)
    self_only = rests_on_self_scores(framework, united)
    result = UnitResult(descent.code, name_vi, index, index.total, self_only)
    return TodayUnit(descent.code, name_vi, descent, result, areas)


def today_answer(results: TodayResults, asked: Asked, beside: Beside) -> tuple[dict[str, Any], int | None]:
    """As `ranking_answer`, of today's units. Those that cannot be compared stand beside the ranking, with
    what the units that they came from had."""
    body, following = ranking_answer(results, asked, beside)
    regions = beside.regions or {}
    units = [u for u in results.units if asked.region is None or asked.region in regions.get(u.code, ())]
    names = {result.code: result.name_vi for result in results.published}
    listed = {result.code for result in results.results}
    ranked = {unit.code: unit for unit in units if unit.code in listed}
    common = frozenset(range(len(results.framework.areas)))
    common = common.intersection(*(unit.areas for unit in ranked.values()))
    items = [_line(item, ranked[item["unit"]["code"]], names, common) for item in body["items"]]
    own = _own_answers(results, check_part(results.framework, asked))
    not_comparable = [
        {
            "unit": {"code": unit.code, "name_vi": unit.name_vi},
            "reason": unit.descent.obstacle or "merged",
            "origins": [own[code] for code in unit.descent.origins],
        }
        for unit in units
        if unit.code not in listed
    ]
    gone = results.ended if asked.region is None else ()
    ended = [{"code": code, "name_vi": names[code]} for code in gone]
    return {**body, "items": items, "not_comparable": not_comparable, "ended": ended}, following


def _line(
    item: Mapping[str, Any], unit: TodayUnit, names: Mapping[str, str], common: Collection[int]
) -> dict[str, Any]:
    """A line of the ranking with where the unit came from, and nothing about areas that cannot be compared;
    areas have ranks where all units that are listed can (`common`)."""
    areas = []
    for position, area in enumerate(item["areas"]):
        unknown = [] if position in unit.areas else ["points", "max_points", "percent"]
        unknown += [] if position in common else ["rank"]
        areas.append(area | dict.fromkeys(unknown))
    return {
        **item,
        "areas": areas,
        "comparability": "same" if unit.descent.is_same else "recomputed",
        "origins": [{"code": code, "name_vi": names[code]} for code in unit.descent.origins],
    }


def _own_answers(results: TodayResults, part: Part) -> dict[str, dict[str, Any]]:
    """Unit of the round -> what it had itself, and its rank among those of the round."""
    framework, published = results.framework, results.published
    places = ranks_of(framework, published, results.group.ranked, part)
    return {
        result.code: {
            "unit": {"code": result.code, "name_vi": result.name_vi},
            **tally_numbers(tally, framework.decimals),
            "index_percent": percent_number(tally.points, tally.max_points, framework.decimals),
            "rank": places[result.code],
        }
        for result, tally in zip(published, tallies_of(published, part), strict=True)
    }
