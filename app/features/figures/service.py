"""Dossier counts by unit and rolled up over the tree, over fields of procedure, and over periods."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from sqlmodel import Session

from app.core.access import NATION
from app.core.composition import months_of, periods_within
from app.core.errors import Fault
from app.core.fields import ALL_FIELDS
from app.core.lineage import find_origins
from app.core.periods import Period
from app.core.rollup import RolledUp, merge
from app.core.statistics import compute_rates, derive_counts
from app.core.types import Scope
from app.features.checks.repository import Position
from app.features.checks.service import Checked, list_warnings, warnings_of_sum
from app.features.figures import mapping, repository
from app.features.figures.mapping import Figure
from app.features.statistics import repository as statistic_queries
from app.features.statistics import service as statistics
from app.features.statistics.repository import Place
from app.features.statistics.schemas import BreakdownPart, Coverage, DossierRead, Rates, StatisticWarning
from app.features.units import repository as unit_queries
from app.features.units import service as units
from app.infra.auth import Caller
from app.infra.clock import today
from app.infra.errors import NotFoundError
from app.infra.messages import Language
from app.models import DossierStatisticRow


class Subject(NamedTuple):
    """Whose counts are read."""

    jurisdiction: str
    unit: str
    period: Period
    field: str | None = None

    @property
    def place(self) -> tuple[str, str, str]:
        """(jurisdiction, period, unit)."""
        return self.jurisdiction, self.period.text, self.unit


def read_dossiers(
    session: Session,
    unit: str,
    period: Period,
    *,
    by: Caller,
    language: Language,
    scope: Scope | None = None,
    field: str | None = None,
) -> DossierRead:
    """The latest counts of the unit itself; `own` before `total` where no scope is asked for."""
    subject = Subject(statistics.reach(session, unit, period, by), unit, period, field)
    figures = list_figures(session, {subject.jurisdiction}, period, units=[unit], field=field)
    scopes = (scope,) if scope else (Scope.OWN, Scope.TOTAL)
    found = [(s, figures[unit, s]) for s in scopes if (unit, s) in figures]
    if not found:
        raise NotFoundError("statistics_unknown", unit=unit, period=period.text)
    wanted, figure = next((f for f in found if f[1].is_whole), found[0])
    row = statistic_queries.list_rows(session, subject.place).get((wanted, field or ALL_FIELDS))
    return _read_figure(session, subject, wanted, figure, row, language, by)


def list_figures(
    session: Session,
    jurisdictions: set[str] | None,
    period: Period,
    known_at: datetime | None = None,
    *,
    units: Sequence[str] | None = None,
    field: str | None = None,
) -> dict[tuple[str, str], Figure]:
    """(unit, scope) -> its counts in a period; of one field of procedure where it is named.

    The database adds up what is plain; rows that take more thought are read. The number of queries does not
    grow with units or periods."""
    if field is not None:
        return mapping.put_together(
            period, mapping.of_field(_read_rows(session, jurisdictions, period, known_at, units), field)
        )
    periods = periods_within(period)
    lines = repository.sum_dossiers(session, jurisdictions, period, periods, known_at, units)
    figures, odd = mapping.figures_of_sums(period, periods, lines)
    if odd:
        raw = _read_rows(session, jurisdictions, period, known_at, odd)
        figures |= mapping.put_together(period, raw)
    return figures


def _read_rows(
    session: Session,
    jurisdictions: set[str] | None,
    period: Period,
    known_at: datetime | None,
    units: Sequence[str] | None,
    *,
    single_fields: bool = False,
) -> dict[Place, dict[str, int]]:
    names = [part.text for part in periods_within(period)]
    return statistic_queries.list_dossiers(
        session, jurisdictions, names, known_at, units=units, single_fields=single_fields
    )


def _read_figure(
    session: Session,
    subject: Subject,
    scope: Scope,
    figure: Figure,
    row: DossierStatisticRow | None,
    language: Language,
    by: Caller,
) -> DossierRead:
    rolled = RolledUp(figure.counts, {}, 1, int(figure.is_whole))
    checked = _checked(subject, figure, row)
    warnings = list_warnings(session, checked, mapping.figure_faults(figure), language, by)
    return _read(session, subject, scope, rolled, figure.reported, warnings, row)


def _checked(subject: Subject, figure: Figure, row: DossierStatisticRow | None) -> Checked:
    said = {column: count for column, count in figure.counts.items() if column in figure.reported}
    position = Position(subject.jurisdiction, subject.unit, figure.scope, subject.field or ALL_FIELDS)
    return Checked(position, subject.period, said, row, figure.composed.parts)


class View(NamedTuple):
    """How a roll-up is looked at."""

    by: Literal["level", "field"] | None = None
    on_today: bool = False
    field: str | None = None


class _Roots(NamedTuple):
    """The units of the period that are rolled up, the jurisdictions that hold their figures, and units that
    were split since."""

    units: list[str]
    jurisdictions: set[str]
    split: tuple[str, ...] = ()

    @property
    def held(self) -> set[str] | None:
        """The jurisdictions; None is all."""
        return None if NATION in self.jurisdictions else self.jurisdictions


def roll_up_dossiers(
    session: Session, unit: str, period: Period, *, by: Caller, language: Language, view: View
) -> DossierRead:
    """The unit with everything below it, on the map of the period's end; on today's map the units that it
    came from."""
    jurisdiction, roots = _find_roots(session, unit, period, by, on_today=view.on_today)
    children = statistics.children_of(session, roots.jurisdictions, period)
    figures = list_figures(session, roots.held, period, field=view.field)
    below: dict[str, RolledUp] = {}
    counted: list[Figure] = []
    for root in roots.units:
        below |= mapping.roll_up_figures(root, children, figures)
        counted += mapping.counted_figures(root, children, figures)
    rolled = merge([below[root] for root in roots.units])
    parts = {} if roots.split else _break_down(session, roots, period, view, children, figures, below)
    faults = mapping.roll_up_faults(rolled, counted, parts)
    if roots.split:
        rolled = rolled._replace(counts={})
        params = {"columns": [], "unit": unit, "split": ", ".join(roots.split)}
        faults = [Fault("not_comparable", "", params)]
    subject = Subject(jurisdiction, unit, period, view.field)
    reported = frozenset(column for figure in counted for column in figure.reported)
    warnings = warnings_of_sum(session, period, rolled.counts, faults, language)
    read = _read(session, subject, Scope.TOTAL, rolled, reported, warnings, None)
    if view.by is not None:
        read.breakdown = [_part(key, part) for key, part in parts.items()]
    if months_of(period):
        expected = months_of(period) * rolled.expected
        read.months = Coverage(reported=mapping.months_reported(counted, below), expected=expected)
    return read


def _break_down(
    session: Session,
    roots: _Roots,
    period: Period,
    view: View,
    children: Mapping[str, list[str]],
    figures: Mapping[tuple[str, str], Figure],
    below: Mapping[str, RolledUp],
) -> dict[str, RolledUp]:
    """The parts that were asked for."""
    if view.by == "level":
        kinds = unit_queries.list_kinds(session, roots.jurisdictions, period.end)
        return mapping.by_level(below, kinds, children, figures)
    if view.by == "field":
        raw = _read_rows(session, roots.held, period, None, None, single_fields=True)
        return mapping.by_field(period, roots.units, children, raw)
    return {}


def _find_roots(
    session: Session, unit: str, period: Period, by: Caller, *, on_today: bool
) -> tuple[str, _Roots]:
    """(jurisdiction, what is rolled up); the caller must reach the unit, and the units that it came from."""
    if not on_today or period.end >= today():
        jurisdiction = statistics.reach(session, unit, period, by)
        return jurisdiction, _Roots([unit], {jurisdiction})
    version = units.get_version(session, unit, today())
    units.require_units(session, by, statistics.READERS, [unit], today())
    steps = unit_queries.list_steps(session, period.end)
    origins = find_origins((unit, version.valid_from), period.end, steps)
    places = unit_queries.list_valid(session, origins.units, period.end)
    units.require_units(session, by, statistics.READERS, places, period.end)
    if not places:
        raise NotFoundError("statistics_unknown", unit=unit, period=period.text)
    return version.jurisdiction_code, _Roots(sorted(places), set(places.values()), origins.split)


def _part(key: str, part: RolledUp) -> BreakdownPart:
    rates = {name: statistics.percent_of(rate) for name, rate in compute_rates(part.counts).items()}
    coverage = Coverage(reported=part.reported, expected=part.expected)
    return BreakdownPart.model_validate(
        {"key": key, "counts": part.counts, "rates": rates, "coverage": coverage}
    )


def _read(
    session: Session,
    subject: Subject,
    scope: Scope,
    rolled: RolledUp,
    reported: frozenset[str],
    warnings: list[StatisticWarning],
    row: DossierStatisticRow | None,
) -> DossierRead:
    """`reported`: columns that some report has; the others follow from these. `row`: None where no single
    report says it all."""
    everything = {**rolled.counts, **derive_counts(rolled.counts)}
    rates = {name: statistics.percent_of(rate) for name, rate in compute_rates(rolled.counts).items()}
    return DossierRead(
        unit=subject.unit,
        period=subject.period.text,
        scope=scope,
        field=subject.field,
        data_from=row.data_from if row else None,
        data_to=row.data_to if row else None,
        counts={column: n for column, n in rolled.counts.items() if column in reported},
        derived={column: n for column, n in everything.items() if column not in reported},
        rates=Rates(**rates),
        coverage=Coverage(reported=rolled.reported, expected=rolled.expected),
        warnings=warnings,
        source=row.source if row else None,
        extracted_at=row.extracted_at if row else None,
        revision=statistic_queries.find_revision(session, subject.jurisdiction, subject.unit),
    )
