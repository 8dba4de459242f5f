"""Dossier counts by unit and rolled up over the tree, over fields of procedure, and over periods."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session

from app.core.composition import periods_within
from app.core.errors import Fault
from app.core.fields import ALL_FIELDS
from app.core.periods import Period
from app.core.rollup import RolledUp
from app.core.statistics import compute_rates, derive_counts, warn_counts
from app.core.types import Scope
from app.features.figures import mapping
from app.features.figures.mapping import Figure
from app.features.statistics import mapping as tree
from app.features.statistics import repository
from app.features.statistics import service as statistics
from app.features.statistics.schemas import Coverage, DossierRead, Rates, StatisticWarning
from app.infra.auth import Caller
from app.infra.errors import NotFoundError
from app.infra.messages import Language
from app.infra.problems import render_warnings
from app.models import DossierStatisticRow

MOST_FAULTS = 50
"""Warnings of units below that a roll-up spells out."""


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
    row = repository.list_rows(session, subject.place).get((wanted, field or ALL_FIELDS))
    return _read_figure(session, subject, wanted, figure, row, language)


def list_figures(
    session: Session,
    jurisdictions: set[str] | None,
    period: Period,
    known_at: datetime | None = None,
    *,
    units: Sequence[str] | None = None,
    field: str | None = None,
) -> dict[tuple[str, str], Figure]:
    """(unit, scope) -> its counts in a period; of one field of procedure where it is named."""
    periods = [part.text for part in periods_within(period)]
    raw = repository.list_dossiers(session, jurisdictions, periods, known_at, units=units)
    return mapping.put_together(period, raw if field is None else mapping.of_field(raw, field))


def _read_figure(
    session: Session,
    subject: Subject,
    scope: Scope,
    figure: Figure,
    row: DossierStatisticRow | None,
    language: Language,
) -> DossierRead:
    rolled = RolledUp(counts=dict(figure.counts), rows=1, reported=int(figure.is_whole), expected=1)
    said = {column: count for column, count in figure.counts.items() if column in figure.reported}
    faults = warn_counts(said) + mapping.figure_faults(figure)
    return _read(session, subject, scope, rolled, figure.reported, faults, row, language)


def roll_up_dossiers(
    session: Session, unit: str, period: Period, *, by: Caller, language: Language, field: str | None = None
) -> DossierRead:
    """The unit with everything below it, on the map of the period's end."""
    subject = Subject(statistics.reach(session, unit, period, by), unit, period, field)
    jurisdictions = statistics.scope_of(subject.jurisdiction)
    figures = list_figures(session, jurisdictions, period, field=field)
    children = statistics.children_of(session, {subject.jurisdiction}, period)
    below = mapping.roll_up_figures(unit, children, figures)
    counted = mapping.counted_figures(unit, children, figures)
    reported = frozenset(column for figure in counted for column in figure.reported)
    rolled = below[unit]
    faults = [
        *warn_counts(rolled.counts),
        *tree.warnings_of(rolled),
        *mapping.some_faults(counted, MOST_FAULTS),
    ]
    return _read(session, subject, Scope.TOTAL, rolled, reported, faults, None, language)


def _read(
    session: Session,
    subject: Subject,
    scope: Scope,
    rolled: RolledUp,
    reported: frozenset[str],
    faults: Sequence[Fault],
    row: DossierStatisticRow | None,
    language: Language,
) -> DossierRead:
    """`reported`: columns that some report has; the others follow from these. `row`: None where no single
    report says it all."""
    everything = rolled.counts | derive_counts(rolled.counts)
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
        warnings=[StatisticWarning(**w) for w in render_warnings(faults, language)],
        source=row.source if row else None,
        extracted_at=row.extracted_at if row else None,
        revision=repository.find_revision(session, subject.jurisdiction, subject.unit),
    )
