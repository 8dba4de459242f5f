"""Stored rows <-> results of the core, and results -> answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import orjson

from app.core import ENGINE_VERSION
from app.core.framework import Framework, Item
from app.core.index import Tally, UnitIndex, band_of, sum_reform_areas
from app.core.ranking import Standing, Summary, order_key, rank
from app.core.rounding import as_number, percent_number, points_number
from app.core.scoring import Entries, Entry, counting_stage, effective_entry
from app.core.types import Stage
from app.core.vietnamese import sort_key


@dataclass(frozen=True, slots=True)
class UnitResult:
    """A unit's index with what an answer says around it."""

    code: str
    name_vi: str
    index: UnitIndex
    total: Tally
    self_scores_only: bool


def dump_areas(index: UnitIndex) -> str:
    """The stored text of a result."""
    return orjson.dumps([[t.points, t.max_points, t.open_points] for t in index.areas]).decode()


def load_areas(text: str) -> UnitIndex:
    """A stored text -> index."""
    return UnitIndex(tuple(Tally(*numbers) for numbers in orjson.loads(text)))


def group_entries(
    rows: Iterable[tuple[str, str, str, int | None, bool]],
) -> dict[str, dict[tuple[str, str], Entry]]:
    """Rows (unit, item, stage, points, not_applicable) in order of revision -> unit -> latest entries."""
    units: dict[str, dict[tuple[str, str], Entry]] = {}
    current, entries = None, {}
    for unit, item, stage, points, not_applicable in rows:
        if unit != current:
            current, entries = unit, units.setdefault(unit, {})
        entries[item, stage] = Entry(points, bool(not_applicable))
    return units


def standings_of(
    framework: Framework, results: Sequence[UnitResult], area: int | None = None
) -> list[Standing]:
    """What is ranked: the whole index, or one area."""
    keys = [_tie_key(framework, key) for key in framework.tie_keys]
    return [
        Standing(
            result.code,
            tally.points,
            tally.max_points,
            tuple(key(result) for key in keys),
            sort_key(result.name_vi),
        )
        for result in results
        for tally in [result.total if area is None else result.index.areas[area]]
    ]


def _tie_key(framework: Framework, key: str) -> Any:
    if key == "name":
        return lambda result: sort_key(result.name_vi)
    codes = [area.code for area in framework.areas]
    position = codes.index(key.removeprefix("area:"))

    def by_area(result: UnitResult) -> int:
        tally = result.index.areas[position]
        return -order_key(tally.points, tally.max_points)

    return by_area


def ranks_of(
    framework: Framework, results: Sequence[UnitResult], area: int | None, ranked: bool
) -> dict[str, int | None]:
    """Unit code -> rank, in the order of the ranking; all None where the group is not ranked."""
    rows = rank(standings_of(framework, results, area), framework.tie_method)
    return {standing.code: position if ranked else None for position, standing in rows}


def area_ranks_of(
    framework: Framework, results: Sequence[UnitResult], ranked: bool
) -> list[dict[str, int | None]]:
    """The ranks in each area."""
    return [ranks_of(framework, results, area, ranked) for area in range(len(framework.areas))]


def tally_numbers(tally: Tally, decimals: int) -> dict[str, float]:
    """Points, maximum and open points as shown."""
    return {
        "points": points_number(tally.points, decimals),
        "max_points": points_number(tally.max_points, 4),
        "open_points": points_number(tally.open_points, decimals),
    }


def index_answer(
    framework: Framework,
    result: UnitResult,
    place: int | None,
    area_places: Sequence[Mapping[str, int | None]],
) -> dict[str, Any]:
    """What an index says, without the round around it."""
    decimals = framework.decimals
    total = result.total
    return {
        "unit": {"code": result.code, "name_vi": result.name_vi},
        "framework": framework.reference,
        "engine_version": str(ENGINE_VERSION),
        **tally_numbers(total, decimals),
        "index_percent": percent_number(total.points, total.max_points, decimals),
        "rank": place,
        "band": band_of(framework, total.points, total.max_points),
        "areas": [
            {
                "code": area.code,
                "name_vi": area.name_vi,
                "reform_area": area.reform_area,
                **tally_numbers(tally, decimals),
                "percent": percent_number(tally.points, tally.max_points, decimals),
                "rank": places[result.code],
            }
            for area, tally, places in zip(framework.areas, result.index.areas, area_places, strict=True)
        ],
        "reform_areas": [
            {
                "reform_area": reform_area,
                "points": points_number(tally.points, decimals),
                "max_points": points_number(tally.max_points, 4),
                "percent": percent_number(tally.points, tally.max_points, decimals),
            }
            for reform_area, tally in sum_reform_areas(framework, result.index).items()
        ],
    }


def ranked_answer(
    framework: Framework,
    result: UnitResult,
    place: int | None,
    ranked_tally: Tally,
    area_places: Sequence[Mapping[str, int | None]],
) -> dict[str, Any]:
    """A line of a ranking; `ranked_tally` is the whole or the area that is ranked."""
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
                "points": points_number(tally.points, decimals),
                "max_points": points_number(tally.max_points, 4),
                "percent": percent_number(tally.points, tally.max_points, decimals),
                "rank": places[code],
            }
            for area, tally, places in zip(framework.areas, result.index.areas, area_places, strict=True)
        ],
    }


def statistics_answer(summary: Summary | None, decimals: int) -> dict[str, Any]:
    """Summary statistics as shown."""
    names = ("mean", "median", "highest", "lowest")
    if summary is None:
        return {"units": 0, **dict.fromkeys(names)}

    def shown(value: Fraction) -> float:
        return as_number(value.numerator, value.denominator, decimals)

    return {"units": summary.units, **{name: shown(getattr(summary, name)) for name in names}}


def item_answer(
    item: Item, entries: Entries, written: Mapping[tuple[str, str], Mapping[str, Any]]
) -> dict[str, Any]:
    """An item of a sheet with all its stages; `written`: revision, reason and evidence of each."""
    entry = effective_entry(item, entries)
    keys = {stage: (item.code, stage.value) for stage in Stage if (item.code, stage.value) in entries}
    return {
        "code": item.code,
        "name_vi": item.name_vi,
        "source": item.source,
        "max_points": None if item.max_points is None else points_number(item.max_points, 4),
        "stages": {s: _stage_answer(entries[key], written.get(key, {})) for s, key in keys.items()},
        "counts": counting_stage(item, entries),
        "points": None if entry is None or entry.points is None else points_number(entry.points, 4),
    }


def _stage_answer(entry: Entry, said: Mapping[str, Any]) -> dict[str, Any]:
    """One stage of one item; a figure that was computed just now has no revision."""
    return {
        "points": None if entry.points is None else points_number(entry.points, 4),
        "not_applicable": entry.not_applicable,
        "reason": said.get("reason"),
        "evidence": orjson.loads(said["evidence"]) if said.get("evidence") else [],
        "revision": said.get("revision"),
    }
