"""What a case may ask about rankings, and about what changed from one to another."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.core.index import count_bands
from app.core.lineage import Lineage, Step, Version
from app.core.progress import Change, Place, change_between, pair_units, sum_up
from app.core.ranking import deciding_key, equal_runs, order_key, rank, rank_by_methods, summarise
from app.core.rounding import as_number, from_scaled, to_scaled
from app.core.types import TieMethod
from app.core.vietnamese import sort_key
from tests.core.build import Standing, framework_of, line_up_standings, rank_standings


def _shown(value: Fraction | None) -> Decimal | None:
    """The digits that JSON would carry, at 2 decimals."""
    return None if value is None else Decimal(repr(as_number(value.numerator, value.denominator, 2)))


def _standings(given: Any) -> list[Standing]:
    """Rows [name, points, maximum = 100, [area points, area maximum]...], in reverse."""
    standings = []
    for name, points, *rest in reversed(given["rows"]):
        maximum = rest[0] if rest else given.get("max", 100)
        keys = tuple(-order_key(to_scaled(p), to_scaled(m)) for p, m in rest[1:])
        standings.append(Standing(name, to_scaled(points), to_scaled(maximum), keys, sort_key(name)))
    return standings


def ranks(given: Any, expected: Any) -> Any:
    """Ranks of the rows, in their order, by each method that the case asks for, alone and among all."""
    found, standings = {}, _standings(given)
    together = rank_by_methods([(s.points, s.max_points) for s in standings], line_up_standings(standings))
    for method in map(TieMethod, expected):
        by_name = {s.code: place for place, s in rank_standings(standings, method)}
        found[method] = [by_name[row[0]] for row in given["rows"]]
        assert found[method] == [each and each[method] for each in reversed(together)]
    return found


def ties(given: Any, _: Any) -> Any:
    """Units with exactly the same index, as they are ranked -> "A B": number of the tie key that decides
    between the two, or null."""
    standings = _standings(given)
    lineup, found = line_up_standings(standings), []
    scores = [(s.points, s.max_points) for s in standings]
    order = [position for position, _ in rank(scores, lineup, TieMethod.COMPETITION)]
    for run in equal_runs(scores, order):
        pairs = [(one, other) for place, one in enumerate(run) for other in run[place + 1 :]]
        found.append(
            {
                f"{standings[one].code} {standings[other].code}": deciding_key(
                    lineup.ties[one], lineup.ties[other]
                )
                for one, other in pairs
            }
        )
    return found


def summary(given: Any, expected: Any) -> Any:
    """What the case asks for of the summary statistics, at 2 decimals."""
    found = summarise([(s.points, s.max_points) for s in _standings(given)])
    if found is None:
        return None
    return {name: found.units if name == "units" else _shown(getattr(found, name)) for name in expected}


def bands(given: Any, _: Any) -> Any:
    """Bands [label, from], and rows -> how many have each."""
    framework = framework_of([{"code": "1", "max": 100}], bands=given["bands"])
    return count_bands(framework, [(s.points, s.max_points) for s in _standings(given)])


def pairs(given: Any, _: Any) -> Any:
    """Units of two days, and what became of them between -> [earlier, later, comparability, related]."""
    versions = [Version(*version, "P") for version in given["versions"]]
    lineage = Lineage([Step(*step) for step in given["steps"]], versions)
    found = pair_units(lineage, given["earlier"], given["later"], *given["days"])
    return [[pair.earlier, pair.later, pair.comparability, list(pair.related)] for pair in found]


def movements(given: Any, _: Any) -> Any:
    """Rows [points, maximum, rank] before and after -> their changes, and all of them together."""
    found = [change_between(_place(*before), _place(*after)) for before, after in given]
    moved = sum_up(found)
    return {"changes": [_told(change) for change in found], **moved._asdict(), "mean": _shown(moved.mean)}


def _place(points: Any, maximum: Any, place: int | None) -> Place:
    return Place((to_scaled(points), to_scaled(maximum)), place)


def _told(change: Change) -> list[Any]:
    points = None if change.points is None else from_scaled(change.points)
    return [points, _shown(change.percent), change.rank]


RANKING_CHECKS = (ranks, ties, summary, bands, pairs, movements)
