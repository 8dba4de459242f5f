"""Stored rows <-> results of the core, and results -> answers."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson

from app.core import ENGINE_VERSION
from app.core.entry import Entry
from app.core.framework import Framework
from app.core.index import Tally, UnitIndex, band_of, sum_reform_areas, sum_tallies
from app.core.ranking import Lineup, Score, line_up, order_key, rank
from app.core.rounding import percent_number, points_number
from app.core.types import RoundState
from app.core.vietnamese import sort_key
from app.core.workflow import status_of
from app.infra.errors import NotFoundError
from app.models import AssessmentRoundRow, RoundGroupRow

MANY = 4096
"""Results kept parsed: all communes of the country."""
Part = tuple[int, ...] | None
"""What is ranked: areas, by their positions, added up; None is the whole index."""


@dataclass(frozen=True, slots=True)
class UnitResult:
    """A unit's index with what an answer says around it."""

    code: str
    name_vi: str
    index: UnitIndex
    total: Tally
    self_scores_only: bool


@dataclass(frozen=True, slots=True)
class GroupResults:
    """Everything that a ranking or an index of a group says."""

    round: AssessmentRoundRow
    framework: Framework
    group: RoundGroupRow
    results: list[UnitResult]
    revision: str
    computed: list[dict[str, Any]]
    """Rows to store: results that were stale."""
    seen: frozenset[str] | None = None
    """The units that the caller may see; None is all."""

    @property
    def shows_ranks(self) -> bool:
        """Ranks say something about every unit: they are for whoever may see them all."""
        return self.group.ranked and self.seen is None

    @property
    def codes(self) -> list[str]:
        """All units of the group."""
        return [result.code for result in self.results]

    @property
    def state(self) -> RoundState:
        """The state of the round."""
        return RoundState(self.round.state)

    @property
    def head(self) -> dict[str, Any]:
        """What every answer about a round says."""
        return {
            "round": self.round.code,
            "period": self.round.period,
            "group": self.group.group_code,
            "framework": self.framework.reference,
            "engine_version": str(ENGINE_VERSION),
            "revision": self.revision,
        }


def dump_areas(index: UnitIndex) -> str:
    """The stored text of a result: [points, maximum, open] of each area, then the adjustment if any."""
    numbers: list[Any] = [[t.points, t.max_points, t.open_points] for t in index.areas]
    return orjson.dumps(numbers + [index.adjustment] * bool(index.adjustment)).decode()


@lru_cache(maxsize=MANY)
def load_areas(text: str) -> tuple[UnitIndex, Tally]:
    """A stored text -> index and its total. Both are immutable: readers share them."""
    numbers = orjson.loads(text)
    adjustment = numbers.pop() if numbers and isinstance(numbers[-1], int) else 0
    index = UnitIndex(tuple(Tally(*area) for area in numbers), adjustment)
    return index, index.total


def iterate_entries(
    rows: Iterable[tuple[str, str, str, int | None, bool]],
) -> Iterator[tuple[str, dict[tuple[str, str], Entry]]]:
    """Rows (unit, item, stage, points, not_applicable) by unit, in order of revision -> each unit with its
    latest entries."""
    for unit, found in groupby(rows, itemgetter(0)):
        yield unit, {(item, stage): Entry(points, bool(odd)) for _, item, stage, points, odd in found}


def group_entries(
    rows: Iterable[tuple[str, str, str, int | None, bool]],
) -> dict[str, dict[tuple[str, str], Entry]]:
    """As `iterate_entries`, all at a time."""
    return dict(iterate_entries(rows))


def tallies_of(results: Sequence[UnitResult], part: Part) -> list[Tally]:
    """What is ranked, by unit."""
    if part is None:
        return [result.total for result in results]
    if len(part) == 1:
        return [result.index.areas[part[0]] for result in results]
    return [sum_tallies(result.index.areas[area] for area in part) for result in results]


def scores_of(results: Sequence[UnitResult], part: Part) -> list[Score]:
    """As `tallies_of`, as far as it counts for a rank."""
    if part is not None and len(part) == 1:
        area = part[0]
        return [result.index.areas[area].score for result in results]
    return [tally.score for tally in tallies_of(results, part)]


@lru_cache(maxsize=32)
def _by_name(units: tuple[tuple[str, str], ...]) -> tuple[int, ...]:
    """Positions of (name, code) in the order of the Vietnamese alphabet; every read of a round asks."""
    return tuple(sorted(range(len(units)), key=lambda i: (sort_key(units[i][0]), units[i][1])))


def all_ranks_of(
    framework: Framework, results: Sequence[UnitResult], ranked: bool
) -> list[dict[str, int | None]]:
    """Unit code -> rank, in the order of the ranking: of the whole, then of each area.

    All ranks are None where the group is not ranked.
    """
    return _ranks_of(framework, results, ranked, (None, *((area,) for area in range(len(framework.areas)))))


def ranks_of(
    framework: Framework, results: Sequence[UnitResult], ranked: bool, part: Part = None
) -> dict[str, int | None]:
    """As `all_ranks_of`, of the whole or one part alone."""
    return _ranks_of(framework, results, ranked, (part,))[0]


def lineup_of(framework: Framework, results: Sequence[UnitResult]) -> Lineup:
    """The units as they follow among equals, by the tie keys of the criteria set."""
    keys = [_tie_key(framework, key) for key in framework.tie_keys]
    ties = [tuple(key(result) for key in keys) for result in results]
    return line_up(ties, _by_name(tuple((result.name_vi, result.code) for result in results)))


def _ranks_of(
    framework: Framework, results: Sequence[UnitResult], ranked: bool, parts: Iterable[Part]
) -> list[dict[str, int | None]]:
    lineup = lineup_of(framework, results)
    codes = [result.code for result in results]
    return [
        {
            codes[position]: place if ranked else None
            for position, place in rank(scores_of(results, part), lineup, framework.tie_method)
        }
        for part in parts
    ]


def _tie_key(framework: Framework, key: str) -> Callable[[UnitResult], object]:
    if key == "name":
        return lambda result: sort_key(result.name_vi)
    area = [area.code for area in framework.areas].index(key.removeprefix("area:"))
    return lambda result: -order_key(*result.index.areas[area].score)


@lru_cache(maxsize=MANY)
def tally_numbers(tally: Tally, decimals: int) -> Mapping[str, float]:
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
        "adjustment": points_number(result.index.adjustment, decimals),
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


def index_answers(results: GroupResults, codes: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Indices of a group by unit code; only some units where these are named."""
    framework, ranked = results.framework, results.shows_ranks
    places, *area_places = all_ranks_of(framework, results.results, ranked)
    wanted = results.seen if codes is None else set(codes)
    return [
        {
            **results.head,
            "status": status_of(results.state, result.self_scores_only),
            **index_answer(framework, result, places[result.code], area_places),
        }
        for result in sorted(results.results, key=lambda r: r.code)
        if wanted is None or result.code in wanted
    ]


def find_in_group(results: GroupResults, unit: str) -> dict[str, Any]:
    """The index of one unit."""
    found = index_answers(results, [unit])
    if not found:
        raise NotFoundError("unit_not_participant", unit=unit, round=results.round.code)
    return found[0]
