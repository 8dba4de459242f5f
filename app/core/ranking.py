"""Ranks and summary statistics, taken before any rounding."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.core.types import TieMethod

_KEY_SCALE = 10**30
TieKey = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """One unit to rank: scaled points and maximum; `tie_keys` sort ascending (best first)."""

    code: str
    points: int
    max_points: int
    tie_keys: TieKey = ()
    name_key: TieKey = ()


def order_key(points: int, max_points: int) -> int:
    """An integer in the exact order of points / max_points; -1 without a maximum.

    Two different fractions a/b, c/d differ by at least 1/(bd); scaled maxima stay far below 10^15,
    so floors at 10^30 are equal only for equal fractions: the same as cross-multiplication, sorted faster.
    """
    return points * _KEY_SCALE // max_points if max_points else -1


def rank(standings: Iterable[Standing], method: TieMethod) -> list[tuple[int | None, Standing]]:
    """(rank, standing) from the best to the last; units without a maximum have no rank and stand last.

    `competition` 1-2-2-4, `dense` 1-2-2-3, `ordinal` 1-2-3-4 by tie keys, name, code. Units share a
    rank where index and tie keys are equal.
    """
    decorated = [(-order_key(s.points, s.max_points), s.tie_keys, s.name_key, s.code, s) for s in standings]
    decorated.sort(key=lambda row: row[:4])
    ranked: list[tuple[int | None, Standing]] = []
    previous: tuple[int, TieKey] | None = None
    shown = distinct = 0
    for position, (key, tie_keys, _, _, standing) in enumerate(decorated, start=1):
        if key > 0:
            ranked.append((None, standing))
            continue
        if (key, tie_keys) != previous or method is TieMethod.ORDINAL:
            distinct += 1
            shown = distinct if method is TieMethod.DENSE else position
            previous = (key, tie_keys)
        ranked.append((shown, standing))
    return ranked


@dataclass(frozen=True, slots=True)
class Summary:
    """Exact percentages over the units that have an index."""

    units: int
    mean: Fraction
    median: Fraction
    highest: Fraction
    lowest: Fraction


def summarise(standings: Sequence[Standing]) -> Summary | None:
    """Mean, median, highest and lowest index in percent, exact; None where no unit has an index."""
    ordered = sorted((s for s in standings if s.max_points), key=lambda s: order_key(s.points, s.max_points))
    if not ordered:
        return None
    sums: dict[int, int] = {}
    for standing in ordered:
        sums[standing.max_points] = sums.get(standing.max_points, 0) + standing.points
    total = sum((Fraction(points, maximum) for maximum, points in sums.items()), Fraction(0))
    middle = len(ordered) // 2
    median = (percent_of(ordered[middle]) + percent_of(ordered[-middle - 1])) / 2
    return Summary(
        len(ordered), total * 100 / len(ordered), median, percent_of(ordered[-1]), percent_of(ordered[0])
    )


def percent_of(standing: Standing) -> Fraction:
    """Exact index in percent (maximum > 0)."""
    return Fraction(standing.points * 100, standing.max_points)
