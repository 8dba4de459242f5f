"""Results of two rounds -> how units moved from one to the other."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from app.core.framework import Framework
from app.core.index import UnitIndex, band_of, sum_reform_areas
from app.core.lineage import Lineage
from app.core.progress import (
    Change,
    Comparability,
    Pair,
    Place,
    change_between,
    pair_units,
    percent_change,
    sum_up,
)
from app.core.ranking import Score
from app.core.rounding import fraction_number, percent_number, points_number
from app.core.types import ReformArea
from app.core.workflow import status_of
from app.features.results.mapping import GroupResults, Part, UnitResult, ranks_of, scores_of

_NOTHING: Score = (0, 0)


class Earlier(NamedTuple):
    """The results of another round, and what became of units between the two."""

    results: GroupResults
    lineage: Lineage


class _Side(NamedTuple):
    """The units of a round with their places."""

    framework: Framework
    units: Mapping[str, UnitResult]
    places: Mapping[str, Place]
    is_whole: bool

    def said(self, code: str | None) -> dict[str, Any] | None:
        """A unit's result as shown."""
        if code is None:
            return None
        (points, max_points), rank = self.places[code]
        return {
            "unit": {"code": code, "name_vi": self.units[code].name_vi},
            "points": points_number(points, self.framework.decimals),
            "max_points": points_number(max_points, 4),
            "index_percent": percent_number(points, max_points, self.framework.decimals),
            "rank": rank,
            "band": band_of(self.framework, points, max_points) if self.is_whole else None,
        }


def _side(results: GroupResults, part: Part = None) -> _Side:
    """By rank; the ranks are those in the whole group."""
    units = {result.code: result for result in results.results}
    ranks = ranks_of(results.framework, results.results, results.group.ranked, part)
    scores = dict(zip(units, scores_of(results.results, part), strict=True))
    places = {code: Place(scores[code], rank) for code, rank in ranks.items()}
    return _Side(results.framework, units, places, part is None)


def changes_answer(
    results: GroupResults, part: Part, previous: Earlier | None, part_before: Part
) -> Mapping[str, dict[str, Any] | None]:
    """Unit -> how it moved since the round before; None without one. `part_before`: what is ranked, among the
    areas of that round; () where it has nothing like it, so that nothing can be compared."""
    if previous is None:
        return dict.fromkeys(result.code for result in results.results)
    after, before = _side(results, part), _side(previous.results, part_before)
    pairs = _pairs(previous.results, results, previous.lineage)
    if part_before == ():
        pairs = [_apart(pair) for pair in pairs]
    return {
        pair.later: {
            **_change_answer(_change(before, after, pair), results.framework.decimals),
            "previous": before.said(pair.earlier),
            "comparability": pair.comparability,
            "related": pair.related,
        }
        for pair in pairs
        if pair.later is not None
    }


def _apart(pair: Pair) -> Pair:
    """The same unit, whose results are of different things."""
    if pair.comparability is not Comparability.SAME:
        return pair
    return Pair(None, pair.later, Comparability.NOT_COMPARABLE)


def _pairs(before: GroupResults, after: GroupResults, lineage: Lineage) -> list[Pair]:
    """As `pair_units`; `before` stands as the earlier round, although its period may be the later one."""
    was, now = ([result.code for result in side.results] for side in (before, after))
    on, day = after.round.period_end, before.round.period_end
    if day <= on:
        return pair_units(lineage, was, now, day, on)
    turned = pair_units(lineage, now, was, on, day)
    return [Pair(pair.later, pair.earlier, pair.comparability, pair.related) for pair in turned]


def _change(before: _Side, after: _Side, pair: Pair) -> Change:
    if pair.earlier is None or pair.later is None:
        return Change(None, None, None)
    return change_between(before.places[pair.earlier], after.places[pair.later])


def _change_answer(change: Change, decimals: int) -> dict[str, float | None]:
    return {
        "points": None if change.points is None else points_number(change.points, decimals),
        "index_percent": fraction_number(change.percent, decimals),
        "rank": change.rank,
    }


def comparison_answer(before: GroupResults, after: GroupResults, lineage: Lineage) -> dict[str, Any]:
    """Two rounds side by side: units by their rank in `after`, then those of `before` alone."""
    was, now, decimals = _side(before), _side(after), after.framework.decimals
    pairs = _in_order(_pairs(before, after, lineage), was, now)
    compared = [pair for pair in pairs if pair.comparability is Comparability.SAME]
    moved = sum_up(_change(was, now, pair) for pair in compared)
    return {
        "before": head_of(before),
        "after": head_of(after),
        "same_framework": before.framework.reference == after.framework.reference,
        "summary": {
            "compared": moved.units,
            "risen": moved.risen,
            "fallen": moved.fallen,
            "unchanged": moved.unchanged,
            "mean_change": fraction_number(moved.mean, decimals),
        },
        "items": [_compared_unit(was, now, pair, decimals) for pair in pairs],
    }


def _in_order(pairs: Sequence[Pair], was: _Side, now: _Side) -> list[Pair]:
    later = {pair.later: pair for pair in pairs if pair.later is not None}
    gone = {pair.earlier: pair for pair in pairs if pair.later is None}
    return [later[code] for code in now.places] + [gone[code] for code in was.places if code in gone]


def head_of(results: GroupResults) -> dict[str, Any]:
    """Which round is compared."""
    return {
        "round": results.round.code,
        "group": results.group.group_code,
        "period": results.round.period,
        "framework": results.framework.reference,
        "status": status_of(results.state),
    }


def _compared_unit(was: _Side, now: _Side, pair: Pair, decimals: int) -> dict[str, Any]:
    before, after = was.said(pair.earlier), now.said(pair.later)
    both = pair.earlier is not None and pair.later is not None
    change = _change_answer(_change(was, now, pair), decimals)
    return {
        "unit": (after or before or {})["unit"],
        "comparability": pair.comparability,
        "related": pair.related,
        "before": before,
        "after": after,
        "change": change if both else None,
        "areas": _areas_answer(was, now, pair.earlier, pair.later) if pair.earlier and pair.later else [],
    }


def _areas_answer(was: _Side, now: _Side, earlier: str, later: str) -> list[dict[str, Any]]:
    """Percentages by area of one criteria set, or by reform area of two."""
    before, after = was.units[earlier].index, now.units[later].index
    found: list[tuple[str | None, ReformArea | None, Score, Score]]
    if was.framework.reference == now.framework.reference:
        areas = zip(now.framework.areas, before.areas, after.areas, strict=True)
        found = [(area.code, area.reform_area, one.score, other.score) for area, one, other in areas]
    else:
        old, new = _by_reform_area(was.framework, before), _by_reform_area(now.framework, after)
        found = [(None, each, old.get(each, _NOTHING), new.get(each, _NOTHING)) for each in {**new, **old}]
    return [
        {
            "code": code,
            "reform_area": reform_area,
            "before": percent_number(*one, now.framework.decimals),
            "after": percent_number(*other, now.framework.decimals),
            "change": fraction_number(percent_change(one, other), now.framework.decimals),
        }
        for code, reform_area, one, other in found
    ]


def _by_reform_area(framework: Framework, index: UnitIndex) -> dict[ReformArea, Score]:
    return {area: tally.score for area, tally in sum_reform_areas(framework, index).items()}
