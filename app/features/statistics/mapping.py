"""Rows -> trees and rates of the core."""

from collections.abc import Container, Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from app.core.errors import Fault
from app.core.ratio import Ratio
from app.core.rollup import RolledUp, counted_rows, roll_up
from app.core.rules import Reported
from app.core.statistics import compute_rates, derive_counts
from app.core.types import Scope
from app.features.statistics.repository import Report

MEASURE_SCALE = 10**4
Figures = Mapping[tuple[str, str], Mapping[str, int]]


def children_of(tree: Iterable[tuple[str, str | None]]) -> dict[str, list[str]]:
    """(code, parent) pairs -> parent -> children."""
    children: dict[str, list[str]] = {}
    for code, parent in tree:
        if parent is not None:
            children.setdefault(parent, []).append(code)
    return children


def roll_up_dossiers(root: str, children: Mapping[str, list[str]], figures: Figures) -> dict[str, RolledUp]:
    """Dossier counts of `root` and all units below it; `figures`: (unit, scope) -> counts.

    Units report different columns: those that follow from the reported ones are added up too."""
    whole = {place: {**counts, **derive_counts(counts)} for place, counts in figures.items()}
    own = {unit: counts for (unit, scope), counts in whole.items() if scope == Scope.OWN}
    total = {unit: counts for (unit, scope), counts in whole.items() if scope == Scope.TOTAL}
    return roll_up(root, children, own, total)


def roll_up_measure(
    root: str, children: Mapping[str, list[str]], figures: Figures, measure: str
) -> dict[str, RolledUp]:
    """A measure of `root` and all units below it; percentages are never added."""
    own = {unit: numbers for (code, unit), numbers in figures.items() if code == measure}
    additive = {u: {name: n for name, n in row.items() if name != "percent"} for u, row in own.items()}
    return roll_up(root, children, additive, {})


def dossier_rates(rolled: RolledUp) -> dict[str, Ratio]:
    """`dossier:<rate>` -> exact rate, for those that have data."""
    rates = compute_rates(rolled.counts)
    return {f"dossier:{name}": rate for name, rate in rates.items() if rate is not None}


def dossier_figures(rolled: RolledUp, wanted: Container[str]) -> dict[str, Fraction]:
    """`dossier:<column>` -> exact count as far as it is wanted, those that follow from others included."""
    counts = rolled.counts | derive_counts(rolled.counts)
    named = ((f"dossier:{column}", count) for column, count in counts.items())
    return {name: Fraction(count) for name, count in named if name in wanted}


def measure_of(name: str) -> str:
    """`measure:<code>`, or `measure:<code>/numerator` and `/denominator` -> the code of the measure."""
    return name.removeprefix("measure:").partition("/")[0]


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


class Sources(NamedTuple):
    """The reports that a figure of a unit rests on, from the top down, and how much of it they cover."""

    reports: list[Report]
    reported: int
    expected: int


def dossier_reports(
    unit: str, children: Mapping[str, list[str]], found: Mapping[tuple[str, str], Report]
) -> Sources:
    """The reports of dossier counts that the roll-up of a unit adds."""
    own, total = ({u for u, scope in found if scope == wanted} for wanted in (Scope.OWN, Scope.TOTAL))
    rows = counted_rows(unit, children, own, total)
    reports = [found[u, Scope.TOTAL if is_total else Scope.OWN] for u, is_total in rows]
    return _covered(unit, children, reports, own, total)


def measure_reports(
    unit: str, children: Mapping[str, list[str]], found: Mapping[tuple[str, str], Report], measure: str
) -> Sources:
    """The report of a measure: the unit's own, else those of the units below."""
    if (measure, unit) in found:
        return Sources([found[measure, unit]], 1, 1)
    own = {u for code, u in found if code == measure}
    reports = [found[measure, u] for u, _ in counted_rows(unit, children, own, ())]
    return _covered(unit, children, reports, own, set())


def _covered(
    unit: str, children: Mapping[str, list[str]], reports: list[Report], own: set[str], total: set[str]
) -> Sources:
    nothing: Mapping[str, int] = MappingProxyType({})
    rolled = roll_up(unit, children, dict.fromkeys(own, nothing), dict.fromkeys(total, nothing))[unit]
    return Sources(reports, rolled.reported, rolled.expected)


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
