"""Rows -> trees and measures of the core."""

from collections.abc import Container, Iterable, Mapping
from fractions import Fraction

from app.core.errors import Fault
from app.core.ratio import Ratio
from app.core.rollup import RolledUp, roll_up
from app.core.rules import Reported

MEASURE_SCALE = 10**4
Figures = Mapping[tuple[str, str], Mapping[str, int]]


def children_of(tree: Iterable[tuple[str, str | None]]) -> dict[str, list[str]]:
    """(code, parent) pairs -> parent -> children."""
    children: dict[str, list[str]] = {}
    for code, parent in tree:
        if parent is not None:
            children.setdefault(parent, []).append(code)
    return children


def roll_up_measure(
    root: str, children: Mapping[str, list[str]], figures: Figures, measure: str
) -> dict[str, RolledUp]:
    """A measure of `root` and of all units below it: what a unit reported itself stands, as scores read it;
    where it reported nothing, those of all units below it are added. Percentages are never added."""
    own = _own(figures, measure)
    return add_measure(root, children, figures, measure) | {
        unit: RolledUp(numbers, rows=1, reported=1) for unit, numbers in own.items() if numbers
    }


def add_measure(
    root: str,
    children: Mapping[str, list[str]],
    figures: Figures,
    measure: str,
    for_all_below: Container[str] = (),
) -> dict[str, RolledUp]:
    """A measure that units count each for itself: own and below, added. `for_all_below`: units that reported
    it for themselves with everything below."""
    additive = {
        unit: {name: n for name, n in numbers.items() if name != "percent"}
        for unit, numbers in _own(figures, measure).items()
    }
    own = {unit: numbers for unit, numbers in additive.items() if unit not in for_all_below}
    total = {unit: numbers for unit, numbers in additive.items() if unit in for_all_below}
    return roll_up(root, children, own, total)


def _own(figures: Figures, measure: str) -> dict[str, Mapping[str, int]]:
    return {unit: numbers for (code, unit), numbers in figures.items() if code == measure}


def measure_figures(measure: str, numbers: Mapping[str, int]) -> dict[str, Fraction]:
    """The exact numbers of a measure by the names of figures; a percentage is none."""
    names = {"value": f"measure:{measure}"} | {
        part: f"measure:{measure}/{part}" for part in ("numerator", "denominator")
    }
    return {name: Fraction(numbers[part], MEASURE_SCALE) for part, name in names.items() if part in numbers}


def measure_rate(numbers: Mapping[str, int]) -> Ratio | None:
    """The rate of a measure; a value alone is no rate."""
    if "percent" in numbers:
        return _unscaled(numbers["percent"], 100 * MEASURE_SCALE)
    if "numerator" in numbers and "denominator" in numbers:
        return _unscaled(numbers["numerator"], numbers["denominator"])
    return None


def measure_as_reported(numbers: Mapping[str, int]) -> Reported:
    """The rate of a measure in the numbers of its report."""
    found = {name: Fraction(number, MEASURE_SCALE) for name, number in numbers.items()}
    if "percent" in found:
        return Reported(percent=found["percent"])
    return Reported(found.get("numerator"), found.get("denominator"))


def _unscaled(numerator: int, denominator: int) -> Ratio:
    """A ratio of 10^-4 as people write it: 14/27, or 8761/10000 for 87.61 %."""
    scale = MEASURE_SCALE
    while numerator % scale or denominator % scale:
        scale //= 10
    return Ratio(numerator // scale, denominator // scale)


def warnings_of(rolled: RolledUp) -> list[Fault]:
    """What a roll-up must say about itself."""
    partly = [
        Fault("column_partly_known", "", {"columns": [c], "column": c, "known": n, "rows": rolled.rows})
        for c, n in sorted(rolled.known_in.items())
    ]
    differing = [
        Fault(
            "total_differs_from_parts",
            "",
            {
                "columns": [d.column],
                "column": d.column,
                "unit": d.unit,
                "total": d.total,
                "parts": d.parts,
                "difference": d.total - d.parts,
            },
        )
        for d in rolled.differences
    ]
    return partly + differing
