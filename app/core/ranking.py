"""Ranks and summary statistics, taken before any rounding."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from app.core.types import TieMethod

_KEY_SCALE = 10**30
_WITHOUT_MAXIMUM = -(10**60)
"""Below every key: areas of penalties alone have points below 0, and a place all the same."""
Key = tuple[object, ...]
Score = tuple[int, int]
"""Scaled points and maximum of one unit."""


@dataclass(frozen=True, slots=True)
class Lineup:
    """Units as they follow among equals: sorted once, then used for the whole index and every area."""

    order: tuple[int, ...]
    """Positions by tie keys, name, code."""
    ties: tuple[Key, ...]
    """Tie keys by position."""


def line_up(ties: Sequence[Key], by_name: Sequence[int]) -> Lineup:
    """Tie keys by position (sorting ascending, best first), and the positions in the order of names."""
    return Lineup(tuple(sorted(by_name, key=ties.__getitem__)), tuple(ties))


def order_key(points: int, max_points: int) -> int:
    """An integer in the exact order of points / max_points; the lowest of all without a maximum.

    Two different fractions a/b, c/d differ by at least 1/(bd); scaled maxima stay far below 10^15,
    so floors at 10^30 are equal only for equal fractions: the same as cross-multiplication, sorted faster.
    """
    return points * _KEY_SCALE // max_points if max_points else _WITHOUT_MAXIMUM


def order_keys(scores: Sequence[Score]) -> list[int]:
    """Keys of many scores; under one common maximum the points themselves are in the same order."""
    maxima = {maximum for _, maximum in scores}
    if len(maxima) == 1 and 0 not in maxima:
        return [points for points, _ in scores]
    return [order_key(points, maximum) for points, maximum in scores]


def rank(scores: Sequence[Score], lineup: Lineup, method: TieMethod) -> list[tuple[int, int | None]]:
    """(position, rank) from the best to the last; units without a maximum have no rank and stand last.

    `competition` 1-2-2-4, `dense` 1-2-2-3, `ordinal` 1-2-3-4 in the order of the lineup. Units share a
    rank where index and tie keys are equal. `scores` are by position of the lineup.
    """
    keys, ties = order_keys(scores), lineup.ties
    ordinal, dense = method is TieMethod.ORDINAL, method is TieMethod.DENSE
    ranked: list[tuple[int, int | None]] = []
    last = -1  # position of the unit before
    shown = distinct = 0
    for place, position in enumerate(sorted(lineup.order, key=keys.__getitem__, reverse=True), start=1):
        key = keys[position]
        if key == _WITHOUT_MAXIMUM:
            ranked.append((position, None))
            continue
        if last < 0 or key != keys[last] or ordinal or ties[position] != ties[last]:
            distinct += 1
            shown = distinct if dense else place
        last = position
        ranked.append((position, shown))
    return ranked


def rank_by_methods(scores: Sequence[Score], lineup: Lineup) -> list[dict[TieMethod, int] | None]:
    """Ranks under each method, by position of the lineup; None for units without a maximum.

    Whoever shares a rank under `competition` shares it under `dense`; under `ordinal` places are counted.
    """
    found: list[dict[TieMethod, int] | None] = [None] * len(scores)
    last = dense = 0
    for place, (position, shared) in enumerate(rank(scores, lineup, TieMethod.COMPETITION), start=1):
        if shared is None:
            break
        dense += shared != last
        last = shared
        found[position] = {
            TieMethod.COMPETITION: shared,
            TieMethod.DENSE: dense,
            TieMethod.ORDINAL: place,
        }
    return found


def equal_runs(scores: Sequence[Score], order: Sequence[int]) -> list[list[int]]:
    """Positions that follow one another in a ranking with exactly the same index, two or more each; units
    without a maximum are equal to none. `order`: positions from the best to the last."""
    keys = order_keys(scores)
    runs = (list(run) for key, run in groupby(order, keys.__getitem__) if key != _WITHOUT_MAXIMUM)
    return [run for run in runs if len(run) > 1]


def deciding_key(one: Key, other: Key) -> int | None:
    """Which of the tie keys is the first at which two units differ; None where all are the same."""
    pairs = enumerate(zip(one, other, strict=True))
    return next((place for place, (mine, others) in pairs if mine != others), None)


@dataclass(frozen=True, slots=True)
class Summary:
    """Exact percentages over the units that have an index. Quartiles are those of QUARTILE.INC (Excel) and of
    numpy's `linear`: at (n - 1) / 4 and 3(n - 1) / 4 of the ascending order, between two units in proportion.
    """

    units: int
    mean: Fraction
    median: Fraction
    highest: Fraction
    lowest: Fraction
    first_quartile: Fraction
    third_quartile: Fraction


def summarise(scores: Sequence[Score]) -> Summary | None:
    """Mean, median, quartiles, highest and lowest index in percent; None where no unit has an index."""
    applicable = [score for score in scores if score[1]]
    if not applicable:
        return None
    keys = order_keys(applicable)
    ordered = [applicable[i] for i in sorted(range(len(keys)), key=keys.__getitem__)]
    sums: dict[int, int] = {}
    for points, maximum in ordered:
        sums[maximum] = sums.get(maximum, 0) + points
    total = sum((Fraction(points, maximum) for maximum, points in sums.items()), Fraction(0))
    return Summary(
        units=len(ordered),
        mean=total * 100 / len(ordered),
        median=_quartile(ordered, 2),
        highest=_percent(ordered[-1]),
        lowest=_percent(ordered[0]),
        first_quartile=_quartile(ordered, 1),
        third_quartile=_quartile(ordered, 3),
    )


def _quartile(ordered: Sequence[Score], number: int) -> Fraction:
    """The index below which that many quarters lie, of scores in ascending order."""
    below, quarters = divmod(number * (len(ordered) - 1), 4)
    value = _percent(ordered[below])
    if quarters:
        value += (_percent(ordered[below + 1]) - value) * Fraction(quarters, 4)
    return value


def _percent(score: Score) -> Fraction:
    """Exact index in percent (maximum > 0)."""
    return Fraction(score[0] * 100, score[1])
