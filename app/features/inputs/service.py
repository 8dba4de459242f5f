"""Figures as the inputs of rules, and the reports behind them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from sqlmodel import Session

from app.core.access import NATION
from app.core.composition import periods_within
from app.core.figure_names import is_of_dossiers, measures_in
from app.core.framework import Framework
from app.core.periods import Period
from app.core.ratio import Ratio
from app.core.rollup import RolledUp, list_below
from app.core.rules import Inputs, Reported
from app.features.figures.mapping.rolling import counted_figures, roll_up_figures
from app.features.figures.service import list_figures
from app.features.inputs import mapping
from app.features.inputs.mapping import Moment, Sources
from app.features.statistics import mapping as measure_mapping
from app.features.statistics import repository
from app.features.statistics.repository import Report
from app.features.statistics.service import children_of, scope_of

MOST_MOMENTS = 20
"""Instants at which reports came that a history looks at: each reads all figures of the unit as of then."""


class Below(NamedTuple):
    """A unit and all units below it, from the top down."""

    children: Mapping[str, list[str]]
    units: list[str]


def list_inputs(
    session: Session,
    participants: Mapping[str, str],
    period: Period,
    framework: Framework,
    known_at: datetime | None = None,
    below: Below | None = None,
    united: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> dict[str, Inputs]:
    """Unit -> what the rules of a criteria set read, for `participants` (unit -> jurisdiction); now, or as
    known at an instant. `united`: another name -> participants whose counts are added up under it; what one
    of them does not know is unknown. With it, only these are answered.

    Dossier figures are of the unit with everything below it. A measure is the unit's own; where it
    reported none, the sum of the units below. The number of queries does not grow with the units. `below`:
    one participant's tree, where it is known already; then figures of its units alone are read.
    """
    wanted = framework.rates | framework.figures
    parts = united or {unit: (unit,) for unit in participants}
    rates: dict[str, dict[str, Ratio]] = {unit: {} for unit in parts}
    figures: dict[str, dict[str, Fraction]] = {unit: {} for unit in parts}
    reported: dict[str, dict[str, Reported]] = {unit: {} for unit in parts}
    if wanted and participants:
        reader = _Reader(session, participants, period, known_at, below, parts)
        if any(map(is_of_dossiers, wanted)):
            reader.read_dossiers(rates, figures, framework.figures)
        measures = measures_in(wanted)
        if measures:
            reader.read_measures(measures, rates, figures, reported)
    return {unit: Inputs(rates[unit], figures[unit], reported[unit]) for unit in parts}


def list_reports(
    session: Session,
    place: tuple[str, str],
    period: Period,
    framework: Framework,
    known_at: datetime | None = None,
) -> dict[str, Sources]:
    """ "dossier", or "measure:<code>" -> the reports behind what `list_inputs` gives a unit.

    `place`: (jurisdiction, unit).
    """
    jurisdiction, unit = place
    wanted = framework.rates | framework.figures
    children = children_of(session, {jurisdiction}, period) if wanted else {}
    held = scope_of(jurisdiction)
    found: dict[str, Sources] = {}
    if any(map(is_of_dossiers, wanted)):
        found["dossier"] = _dossier_reports(session, held, unit, period, children, known_at)
    measures = measures_in(wanted)
    if measures:
        values = repository.list_measure_reports(session, held, period.text, measures, known_at)
        found |= {f"measure:{m}": mapping.measure_reports(unit, children, values, m) for m in measures}
    return found


def list_moments(
    session: Session,
    place: tuple[str, str],
    period: Period,
    framework: Framework,
    names: Collection[str],
    until: datetime | None = None,
) -> list[Moment]:
    """What the rules of a unit read at the last instants at which some of the figures `names` were reported,
    of the unit or of those below it; the oldest first. `place`: (jurisdiction, unit).

    Each of at most MOST_MOMENTS instants reads the figures of the unit and of those below it, as of then; the
    tree is read once."""
    jurisdiction, unit = place
    children = children_of(session, {jurisdiction}, period)
    below = Below(children, list_below(unit, children))
    units, held = set(below.units), scope_of(jurisdiction)
    reports: list[tuple[str, Report]] = []
    if any(map(is_of_dossiers, names)):
        periods = [part.text for part in periods_within(period)]
        found = repository.list_dossier_history(session, held, periods, units, until)
        reports += [("dossier", report) for report in found]
    measures = measures_in(names)
    if measures:
        of_measures = repository.list_measure_history(session, held, period.text, measures, units, until)
        reports += [(f"measure:{code}", report) for code, report in of_measures]
    return [
        Moment(at, list_inputs(session, {unit: jurisdiction}, period, framework, at, below)[unit], came)
        for at, came in mapping.group_reports(reports, MOST_MOMENTS)
    ]


def _dossier_reports(
    session: Session,
    jurisdictions: set[str] | None,
    unit: str,
    period: Period,
    children: Mapping[str, list[str]],
    known_at: datetime | None,
) -> Sources:
    found = list_figures(session, jurisdictions, period, known_at)
    rolled = roll_up_figures(unit, children, found)[unit]
    counted = counted_figures(unit, children, found)
    periods = [part.text for part in periods_within(period)]
    reports = repository.list_dossier_reports(
        session, jurisdictions, periods, known_at, [figure.unit for figure in counted]
    )
    return mapping.dossier_reports(rolled, counted, reports)


class _Reader:
    """Reads figures of one period for some units."""

    def __init__(
        self,
        session: Session,
        participants: Mapping[str, str],
        period: Period,
        known_at: datetime | None,
        below: Below | None,
        parts: Mapping[str, Sequence[str]],
    ) -> None:
        jurisdictions = set(participants.values())
        everywhere = NATION in jurisdictions
        self.session = session
        self.period = period
        self.known_at = known_at
        self.parts = parts
        self.scope = None if everywhere else jurisdictions
        self.below = below
        self.roots: set[str]
        self.children: Mapping[str, list[str]]
        if below is not None:
            self.roots, self.children = {below.units[0]}, below.children
        else:
            self.roots = {NATION} if everywhere else jurisdictions
            self.children = children_of(session, jurisdictions, period)

    def read_dossiers(
        self,
        rates: dict[str, dict[str, Ratio]],
        figures: dict[str, dict[str, Fraction]],
        wanted: frozenset[str],
    ) -> None:
        """Dossier rates and counts of every unit with those below it."""
        units = self.below.units if self.below else None
        found = list_figures(self.session, self.scope, self.period, self.known_at, units=units)
        rolled: dict[str, RolledUp] = {}
        for root in self.roots:
            rolled |= roll_up_figures(root, self.children, found)
        for unit, parts in self.parts.items():
            whole = mapping.unite(rolled, parts)
            rates[unit] |= mapping.dossier_rates(whole)
            figures[unit] |= mapping.dossier_figures(whole, wanted)

    def read_measures(
        self,
        measures: set[str],
        rates: dict[str, dict[str, Ratio]],
        figures: dict[str, dict[str, Fraction]],
        as_reported: dict[str, dict[str, Reported]],
    ) -> None:
        """Measures of every unit."""
        reported = repository.list_measures(
            self.session, self.scope, self.period.text, measures, self.known_at
        )
        for measure in measures:
            found: dict[str, RolledUp] = {}
            for root in self.roots:
                found |= measure_mapping.roll_up_measure(root, self.children, reported, measure)
            for unit, parts in self.parts.items():
                numbers = mapping.unite_measure(found, parts).counts
                rate = measure_mapping.measure_rate(numbers)
                if rate is not None:
                    rates[unit][f"measure:{measure}"] = rate
                    as_reported[unit][f"measure:{measure}"] = measure_mapping.measure_as_reported(numbers)
                figures[unit] |= measure_mapping.measure_figures(measure, numbers)
