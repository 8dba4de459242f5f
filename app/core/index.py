"""The PAR index of a unit: points / applicable maximum x 100, whole and by area.

QĐ 1149/QĐ-BNV: "index % = points obtained / maximum points (100)"; component indices in the same way.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.core.framework import Framework, Pool
from app.core.rounding import quantise
from app.core.scoring import Entries, counting_stage, effective_entry
from app.core.types import ReformArea, Stage


@dataclass(frozen=True, slots=True)
class Tally:
    """Scaled points, applicable maximum, and the maximum that still waits for a score."""

    points: int = 0
    max_points: int = 0
    open_points: int = 0

    @property
    def score(self) -> tuple[int, int]:
        """What is ranked: points and maximum."""
        return self.points, self.max_points


@dataclass(frozen=True, slots=True)
class UnitIndex:
    """What a unit has in each area; the whole is their sum.

    `adjustment`: scaled points that the caps of the whole set add to the sum of the areas or take off it.
    """

    areas: tuple[Tally, ...]
    adjustment: int = 0

    @property
    def total(self) -> Tally:
        """All areas together."""
        whole = sum_tallies(self.areas)
        return replace(whole, points=whole.points + self.adjustment) if self.adjustment else whole


def sum_tallies(tallies: Iterable[Tally]) -> Tally:
    """Points, maxima and open points added up."""
    points = max_points = open_points = 0
    for tally in tallies:
        points += tally.points
        max_points += tally.max_points
        open_points += tally.open_points
    return Tally(points, max_points, open_points)


def compute_index(framework: Framework, entries: Entries) -> UnitIndex:
    """Entries (item, stage) -> index. Pure, and independent of the order of its input."""
    points = [0] * len(framework.areas)
    maxima = [0] * len(framework.areas)
    open_points = [0] * len(framework.areas)
    for pool in framework.pools:
        if pool.sign:
            continue
        tally = tally_pool(framework, pool, entries)
        points[pool.area] += tally[0]
        maxima[pool.area] += tally[1]
        open_points[pool.area] += tally[2]
    adjustment = _add_extras(framework, entries, points, sum(maxima)) if framework.has_extras else 0
    return UnitIndex(tuple(map(Tally, points, maxima, open_points)), adjustment)


def _add_extras(framework: Framework, entries: Entries, points: list[int], max_points: int) -> int:
    """Add bonuses and penalties to the points of the areas, as far as these cap them; the adjustment by which
    the whole differs from the areas: it is capped itself, not below 0, and never above the scale."""
    base = sum(points)
    extras = extras_of_areas(framework, entries)
    for position, (bonus, penalty) in enumerate(extras):
        points[position] += bonus - penalty
    bonus, penalty = framework.caps.apply(sum(b for b, _ in extras), sum(p for _, p in extras))
    return cut_off(max_points, base, bonus, penalty) - sum(points)


def cut_off(max_points: int, base: int, bonus: int, penalty: int) -> int:
    """Scaled points of the whole: never below 0, and never above the scale (Hà Nội 2025, content 9)."""
    return max(0, min(max_points, base + bonus - penalty))


def extras_of_areas(framework: Framework, entries: Entries) -> list[tuple[int, int]]:
    """(bonus, penalty) of each area in scaled points, as far as its own caps let them count."""
    added, taken = [0] * len(framework.areas), [0] * len(framework.areas)
    for pool in framework.pools:
        if pool.sign:
            points, _, _ = tally_pool(framework, pool, entries)
            (added if pool.sign > 0 else taken)[pool.area] += points
    return [
        area.caps.apply(bonus, penalty)
        for area, bonus, penalty in zip(framework.areas, added, taken, strict=True)
    ]


def tally_pool(framework: Framework, pool: Pool, entries: Entries) -> tuple[int, int, int]:
    """(points, applicable maximum, open points) of the items that share a maximum.

    Rounding items to few decimals never lifts them above it (0.25 of 0.25 to 1 decimal is not 0.3).
    """
    points, missing = 0, False
    for code in pool.items:
        entry = effective_entry(framework.items[code], entries)
        if entry is None:
            missing = True
        elif entry.not_applicable:
            return 0, 0, 0
        else:
            points += quantise(entry.points or 0, framework.item_decimals)
    points = min(points, pool.max_points)
    return points, pool.max_points, pool.max_points - points if missing else 0


def sum_reform_areas(framework: Framework, index: UnitIndex) -> dict[ReformArea, Tally]:
    """Areas added up by reform area, in order of first appearance; areas without one are left out."""
    members: dict[ReformArea, list[Tally]] = {}
    for area, tally in zip(framework.areas, index.areas, strict=True):
        if area.reform_area is not None:
            members.setdefault(area.reform_area, []).append(tally)
    return {reform_area: sum_tallies(tallies) for reform_area, tallies in members.items()}


def band_of(framework: Framework, points: int, max_points: int) -> str | None:
    """Label of the highest band that the exact index reaches; None below all, without a maximum, or where the
    sources do not say it."""
    for band in framework.bands:
        numerator, denominator = band.percent.as_integer_ratio()
        if max_points and points * 100 * denominator >= numerator * max_points:
            return band.label_vi
    return None


def count_bands(framework: Framework, scores: Iterable[tuple[int, int]]) -> list[int]:
    """How many units (points, maximum) have each band, in the order of the criteria set."""
    applicable = [score for score in scores if score[1]]
    counts, above = [], 0
    for band in framework.bands:
        numerator, denominator = band.percent.as_integer_ratio()
        share = denominator * 100
        reached = sum(points * share >= numerator * maximum for points, maximum in applicable)
        counts.append(reached - above)
        above = reached
    return counts


def rests_on_self_scores(framework: Framework, entries: Entries) -> bool:
    """Whether no stage but `self` counts anywhere: such an index is provisional."""
    return all(counting_stage(item, entries) in (None, Stage.SELF) for item in framework.items.values())
