"""What changed for units from one round to another: who is still the same unit, and by how much it moved."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from app.core.lineage import Lineage
from app.core.ranking import Score


class Comparability(StrEnum):
    """Whether the results in two rounds are those of one unit: the same, under whatever name and code; one
    that merged, split, or took over a code; or one that is absent in one of the rounds."""

    SAME = "same"
    NOT_COMPARABLE = "not_comparable"
    ABSENT = "absent"


class Pair(NamedTuple):
    """A unit of the later round and, where it is the same one, of the earlier; None where there is none.

    `related`: units of the other round that it came from, or became, without being the same.
    """

    earlier: str | None
    later: str | None
    comparability: Comparability
    related: tuple[str, ...] = ()


def pair_units(
    lineage: Lineage, earlier: Sequence[str], later: Sequence[str], day: date, on: date
) -> list[Pair]:
    """Units of a round of an earlier `day` and of one of a later, `on`: those of the later in their order,
    then those of the earlier that are none of them."""
    pairs: list[Pair] = []
    became: dict[str, list[str]] = {}
    present = set(earlier)
    for code in later:
        origins = lineage.trace_code(code, on, day)
        known = tuple(unit for unit in origins.units if unit in present)
        if origins.is_same and known:
            pairs.append(Pair(known[0], code, Comparability.SAME))
            continue
        for unit in known:
            became.setdefault(unit, []).append(code)
        pairs.append(Pair(None, code, _without_other(known), known))
    kept = {pair.earlier for pair in pairs}
    gone = [(code, tuple(became.get(code, ()))) for code in earlier if code not in kept]
    return pairs + [Pair(code, None, _without_other(related), related) for code, related in gone]


def _without_other(related: Collection[str]) -> Comparability:
    return Comparability.NOT_COMPARABLE if related else Comparability.ABSENT


class Place(NamedTuple):
    """Scaled points and maximum of a unit, and its rank (None where it has none)."""

    score: Score
    rank: int | None


class Change(NamedTuple):
    """By how much a unit moved, exactly. `points`: scaled; None where the maxima differ. `percent`: in
    percentage points; None where one has no index. `rank`: positive where the unit rose."""

    points: int | None
    percent: Fraction | None
    rank: int | None


def change_between(before: Place, after: Place) -> Change:
    """From one place to another."""
    rank = None if before.rank is None or after.rank is None else before.rank - after.rank
    (was, old_maximum), (now, maximum) = before.score, after.score
    percent = percent_change(before.score, after.score)
    return Change(now - was if maximum == old_maximum else None, percent, rank)


def percent_change(before: Score, after: Score) -> Fraction | None:
    """Percentage points between two indices; None where one has no maximum."""
    if not before[1] or not after[1]:
        return None
    return Fraction(after[0] * 100, after[1]) - Fraction(before[0] * 100, before[1])


class Movement(NamedTuple):
    """How many units rose, fell and stayed by rank, and the mean change of their indices in percentage
    points; None where no two indices can be compared."""

    units: int
    risen: int
    fallen: int
    unchanged: int
    mean: Fraction | None


def sum_up(changes: Iterable[Change]) -> Movement:
    """Over the units that can be compared."""
    found = list(changes)
    ranks = [change.rank for change in found if change.rank is not None]
    percents = [change.percent for change in found if change.percent is not None]
    return Movement(
        units=len(found),
        risen=sum(rank > 0 for rank in ranks),
        fallen=sum(rank < 0 for rank in ranks),
        unchanged=ranks.count(0),
        mean=sum(percents, Fraction(0)) / len(percents) if percents else None,
    )
