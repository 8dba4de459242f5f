"""Counts and values -> exact rates and figures by the names that rules use."""

from collections.abc import Container, Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from app.core.fields import ALL_FIELDS
from app.core.ratio import Ratio
from app.core.rollup import RolledUp, counted_rows, roll_up
from app.core.statistics import compute_rates, derive_counts
from app.features.figures.mapping import Figure
from app.features.statistics.repository import Place, Report


def dossier_rates(rolled: RolledUp) -> dict[str, Ratio]:
    """`dossier:<rate>` -> exact rate, for those that have data."""
    rates = compute_rates(rolled.counts)
    return {f"dossier:{name}": rate for name, rate in rates.items() if rate is not None}


def dossier_figures(rolled: RolledUp, wanted: Container[str]) -> dict[str, Fraction]:
    """`dossier:<column>` -> exact count as far as it is wanted, those that follow from others included."""
    counts = {**rolled.counts, **derive_counts(rolled.counts)}
    named = ((f"dossier:{column}", count) for column, count in counts.items())
    return {name: Fraction(count) for name, count in named if name in wanted}


class Sources(NamedTuple):
    """The reports that a figure of a unit rests on, from the top down, and how much of it they cover."""

    reports: list[Report]
    reported: int
    expected: int


def dossier_reports(rolled: RolledUp, counted: Iterable[Figure], found: Mapping[Place, Report]) -> Sources:
    """The reports of dossier counts that the roll-up of a unit adds."""
    grouped: dict[tuple[str, str, str], list[Place]] = {}
    for place in sorted(found):
        grouped.setdefault((place.unit, place.scope, place.period), []).append(place)
    reports = [
        found[place]
        for figure in counted
        if figure.is_whole
        for period in figure.composed.parts
        for place in _stated(grouped.get((figure.unit, figure.scope, period), []))
    ]
    return Sources(reports, rolled.reported, rolled.expected)


def _stated(places: list[Place]) -> list[Place]:
    """The row of all fields of procedure, else that of every field."""
    return [place for place in places if place.field == ALL_FIELDS] or places


def measure_reports(
    unit: str, children: Mapping[str, list[str]], found: Mapping[tuple[str, str], Report], measure: str
) -> Sources:
    """The report of a measure: the unit's own, else those of the units below."""
    if (measure, unit) in found:
        return Sources([found[measure, unit]], 1, 1)
    own = {u for code, u in found if code == measure}
    reports = [found[measure, u] for u, _ in counted_rows(unit, children, own, ())]
    nothing: Mapping[str, int] = MappingProxyType({})
    rolled = roll_up(unit, children, dict.fromkeys(own, nothing), {})[unit]
    return Sources(reports, rolled.reported, rolled.expected)
