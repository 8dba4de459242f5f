"""Counts and values -> exact rates and figures by the names that rules use."""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NamedTuple

from app.core.fields import ALL_FIELDS
from app.core.ratio import Ratio
from app.core.rollup import RolledUp, counted_rows, merge, roll_up
from app.core.rules import Inputs
from app.core.statistics import compute_rates, derive_counts
from app.features.figures.mapping.composing import Figure
from app.features.statistics.repository import Place, Report
from app.infra.clock import VIETNAM


def dossier_rates(rolled: RolledUp) -> dict[str, Ratio]:
    """`dossier:<rate>` -> exact rate, for those that have data."""
    rates = compute_rates(rolled.counts)
    return {f"dossier:{name}": rate for name, rate in rates.items() if rate is not None}


def dossier_figures(rolled: RolledUp, wanted: Container[str]) -> dict[str, Fraction]:
    """`dossier:<column>` -> exact count as far as it is wanted, those that follow from others included."""
    counts = {**rolled.counts, **derive_counts(rolled.counts)}
    named = ((f"dossier:{column}", count) for column, count in counts.items())
    return {name: Fraction(count) for name, count in named if name in wanted}


def unite(rolled: Mapping[str, RolledUp], parts: Sequence[str]) -> RolledUp:
    """Several roll-ups as one; nothing where one of them has no figures."""
    found = [rolled.get(part, RolledUp()) for part in parts]
    return merge(found) if all(part.rows for part in found) else RolledUp()


def unite_measure(rolled: Mapping[str, RolledUp], parts: Sequence[str]) -> RolledUp:
    """As `unite`, of a measure: of several parts numerator and denominator alone. Percentages cannot be
    added, and a value may be no count (a rank, a score)."""
    if len(parts) == 1:
        return unite(rolled, parts)
    counts = {
        part: {name: n for name, n in rolled[part].counts.items() if name in ("numerator", "denominator")}
        for part in parts
    }
    return unite({part: rolled[part]._replace(counts=counts[part]) for part in parts}, parts)


class Sources(NamedTuple):
    """The reports that a figure of a unit rests on, from the top down, and how much of it they cover."""

    reports: list[Report]
    reported: int
    expected: int


class Moment(NamedTuple):
    """What a unit's rules read once some reports had come at an instant.

    `reports`: those that came, with what they are of: "dossier", or "measure:<code>".
    """

    at: datetime
    inputs: Inputs
    reports: list[tuple[str, Report]]


def group_reports(
    reports: Iterable[tuple[str, Report]], most: int
) -> list[tuple[datetime, list[tuple[str, Report]]]]:
    """The last instants at which something was reported, in their order, with what it was."""
    found: dict[datetime, list[tuple[str, Report]]] = {}
    for figure, report in reports:
        found.setdefault(report.recorded_at, []).append((figure, report))
    return sorted(found.items())[-most:]


def report_answer(report: Report, *, details: bool) -> dict[str, Any]:
    """A report as it is answered; who made it only with `details`."""
    extracted_at = report.extracted_at
    return {
        **report._asdict(),
        "extracted_at": None if extracted_at is None else extracted_at.astimezone(VIETNAM),
        "recorded_at": report.recorded_at.astimezone(VIETNAM),
        "recorded_by": report.recorded_by if details else None,
    }


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
