"""Dossier counts by unit and rolled up over the tree, over fields of procedure, and over periods."""

from collections.abc import Collection, Container, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from sqlmodel import Session

from app.core.access import NATION
from app.core.composition import months_of, periods_within, split_at
from app.core.errors import Fault
from app.core.fields import ALL_FIELDS
from app.core.periods import Period
from app.core.rollup import RolledUp, merge
from app.core.statistics import compute_rates, derive_counts
from app.core.types import Scope
from app.features.checks.repository import Position
from app.features.checks.service import Checked, list_warnings, warnings_of_sum
from app.features.figures import repository
from app.features.figures.mapping.changes import Changes, find_changes, is_foreign
from app.features.figures.mapping.composing import (
    Figure,
    figures_of_sums,
    find_elsewhere,
    find_seams,
    of_field,
    put_together,
)
from app.features.figures.mapping.faults import MOST_FAULTS, figure_faults, roll_up_faults
from app.features.figures.mapping.joining import Joined, Piece, changed_units, join_pieces, piece_of
from app.features.figures.mapping.rolling import (
    by_field,
    by_level,
    counted_figures,
    months_reported,
    roll_up_figures,
    without,
)
from app.features.statistics import repository as statistic_queries
from app.features.statistics import service as statistics
from app.features.statistics.repository import Place
from app.features.statistics.schemas import BreakdownPart, Coverage, DossierRead, Rates, StatisticWarning
from app.features.units import repository as unit_queries
from app.features.units import service as units
from app.infra.auth import Caller
from app.infra.clock import today
from app.infra.errors import NotFoundError, refuse
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

    What was reported under the unit's code while this was another unit is none of them. The database adds up
    what is plain; rows that take more thought are read. The number of queries does not grow with units or
    periods."""
    changes = list_changes(session, period, units)
    if field is not None:
        raw = _read_rows(session, jurisdictions, period, known_at, units, changes, fields=(field,))
        figures = put_together(period, of_field(raw, field), changes)
        named = {unit for unit, _ in figures}
        return figures | _seams(session, jurisdictions, period, known_at, figures, named, field)
    periods = periods_within(period)
    lines = repository.sum_dossiers(session, jurisdictions, period, periods, known_at, units)
    figures, odd = figures_of_sums(period, periods, lines, changes)
    dated = {line.unit_code for line in lines if line.dated}
    if odd:
        named = set(odd)
        again = repository.sum_dossiers(session, jurisdictions, period, periods, known_at, odd, latest=True)
        lines = [line for line in again if line.unit_code in named]
        found, odd = figures_of_sums(period, periods, lines, changes)
        figures |= found
    if odd:
        raw = _read_rows(session, jurisdictions, period, known_at, odd, changes)
        figures |= put_together(period, raw, changes)
    return figures | _seams(session, jurisdictions, period, known_at, figures, dated)


def _seams(
    session: Session,
    jurisdictions: set[str] | None,
    period: Period,
    known_at: datetime | None,
    figures: Mapping[tuple[str, str], Figure],
    dated: Collection[str],
    field: str | None = None,
) -> dict[tuple[str, str], Figure]:
    """The composed figures of some units, with the parts that do not meet."""
    wanted = {key: f for key, f in figures.items() if key[0] in dated and len(f.composed.parts) > 1}
    if not wanted:
        return {}
    names = [part.text for part in periods_within(period)]
    found = repository.list_days(session, jurisdictions, names, known_at, {unit for unit, _ in wanted})
    days: dict[tuple[str, str], dict[str, dict[str, repository.Days]]] = {}
    for place, said in found.items():
        if field is None or place.field == field:
            of_part = days.setdefault((place.unit, place.scope), {}).setdefault(place.period, {})
            of_part[place.field] = said
    return {
        key: figure._replace(seams=find_seams(figure, days.get(key, {}))) for key, figure in wanted.items()
    }


def say_elsewhere(
    session: Session,
    jurisdictions: set[str] | None,
    period: Period,
    figures: Sequence[Figure],
    field: str | None = None,
) -> list[Figure]:
    """Figures; the first that lack parts, with the periods that these are known in alone."""
    lacking = {f.unit for f in [f for f in figures if not f.is_whole and f.change is None][:MOST_FAULTS]}
    if not lacking:
        return list(figures)
    names = [part.text for part in periods_within(period)]
    others = repository.list_other_periods(session, jurisdictions, period, names, lacking, field)
    return [find_elsewhere(figure, others.get((figure.unit, figure.scope), ())) for figure in figures]


def _read_rows(
    session: Session,
    jurisdictions: set[str] | None,
    period: Period,
    known_at: datetime | None,
    units: Sequence[str] | None,
    changes: Changes,
    *,
    fields: Collection[str] | None = None,
) -> dict[Place, dict[str, int]]:
    names = [part.text for part in periods_within(period)]
    raw = statistic_queries.list_dossiers(session, jurisdictions, names, known_at, units=units, fields=fields)
    return {
        place: counts for place, counts in raw.items() if not is_foreign(place.unit, place.period, changes)
    }


def list_changes(session: Session, period: Period, units_read: Container[str] | None = None) -> Changes:
    """Units of the period's end that were others while a part of it was reported."""
    after = min(part.end for part in periods_within(period))
    return find_changes(units.trace_lineage(session, after, period.end), period, units_read)


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
    (said,) = say_elsewhere(session, {subject.jurisdiction}, subject.period, [figure], subject.field)
    checked = _checked(subject, figure, row)
    warnings = list_warnings(session, checked, figure_faults(said), language, by)
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
    were split since, or had the code then."""

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
    if view.by == "field" and view.field is not None:
        refuse([Fault("field_not_divided", "/query/by", {"field": view.field})])
    jurisdiction, roots = _find_roots(session, unit, period, by, on_today=view.on_today)
    children = statistics.children_of(session, roots.jurisdictions, period)
    figures = list_figures(session, roots.held, period, field=view.field)
    joined = _join(session, roots, period, by, view, children, figures)
    below: dict[str, RolledUp] = {}
    counted: list[Figure] = []
    alone = without(children, figures, joined.rolled)
    for root in roots.units:
        below |= roll_up_figures(root, children, figures, joined.rolled)
        counted += counted_figures(root, children, alone)
    rolled = merge([below[root] for root in roots.units])
    parts = {} if roots.split else _break_down(session, roots, period, view, children, figures, below)
    told = say_elsewhere(session, roots.held, period, counted, view.field)
    faults = roll_up_faults(rolled, told, parts) + joined.faults
    if roots.split:
        rolled = rolled._replace(counts={})
        params = {"columns": [], "unit": unit, "split": ", ".join(roots.split)}
        faults = [Fault("not_comparable", "", params)]
    subject = Subject(jurisdiction, unit, period, view.field)
    reported = joined.reported.union(*(figure.reported for figure in counted))
    warnings = warnings_of_sum(session, period, rolled.counts, faults, language)
    read = _read(session, subject, Scope.TOTAL, rolled, reported, warnings, None)
    if view.by is not None:
        read.breakdown = [_part(key, part) for key, part in parts.items()]
    if months_of(period):
        elsewhere = sum(found.expected for found in joined.rolled.values())
        expected = months_of(period) * (rolled.expected - elsewhere) + joined.months.expected
        months = months_reported(counted, below, children) + joined.months.reported
        read.months = Coverage(reported=months, expected=expected)
    return read


def _join(
    session: Session,
    roots: _Roots,
    period: Period,
    by: Caller,
    view: View,
    children: Mapping[str, list[str]],
    figures: Mapping[tuple[str, str], Figure],
) -> Joined:
    """On today's map, units that changed within the period: before the day with the units that they came
    from, each part on its own map."""
    changes = list_changes(session, period) if view.on_today and not roots.split else {}
    wanted = changed_units(roots.units, children, figures, changes)
    lineage = units.trace_lineage(session, period.start, period.end) if wanted else None
    places: dict[Period, dict[str, tuple[str, ...]]] = {}
    for unit in wanted:
        for part in split_at(period, changes[unit].since):
            origins = (unit,) if lineage is None else lineage.origins_of_code(unit, period.end, part.end)
            places.setdefault(part, {})[unit] = origins
    pieces: dict[str, list[Piece]] = {unit: [] for unit in wanted}
    for part, named in places.items():
        for unit, piece in _pieces(session, part, named, by, view).items():
            pieces[unit].append(piece)
    parts = {unit: sum(unit in named for named in places.values()) for unit in wanted}
    whole = {unit: found for unit, found in pieces.items() if found and len(found) == parts[unit]}
    return join_pieces(period, whole)


def _pieces(
    session: Session, part: Period, named: Mapping[str, Sequence[str]], by: Caller, view: View
) -> dict[str, Piece]:
    """Unit -> what the units that it came from come to; the caller must reach these."""
    origins = {code for codes in named.values() for code in codes}
    held = unit_queries.list_valid(session, origins, part.end)
    units.require_units(session, by, statistics.READERS, sorted(held), part.end)
    jurisdictions = set(held.values())
    children = statistics.children_of(session, jurisdictions, part)
    figures = list_figures(session, jurisdictions, part, field=view.field)
    found = {unit: piece_of(part, codes, children, figures) for unit, codes in named.items()}
    return {unit: piece for unit, piece in found.items() if piece is not None}


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
        return by_level(below, kinds, children, figures)
    if view.by == "field":
        changes = list_changes(session, period)
        raw = _read_rows(session, roots.held, period, None, None, changes, fields=())
        return by_field(period, roots.units, children, raw)
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
    lineage = units.trace_lineage(session, period.end, today())
    origins = lineage.origins((unit, version.valid_from), period.end)
    places = unit_queries.list_valid(session, origins.units, period.end)
    units.require_units(session, by, statistics.READERS, places, period.end)
    unknown = origins.split + origins.others
    if not places and not unknown:
        raise NotFoundError("statistics_unknown", unit=unit, period=period.text)
    return version.jurisdiction_code, _Roots(sorted(places), set(places.values()), unknown)


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
