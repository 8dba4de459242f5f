"""Queries that return figures. Rows are append-only: the latest revision counts."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, update
from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.fields import ALL_FIELDS
from app.core.statistics import COLUMNS
from app.infra.db import add_missing, append_rows
from app.models import DossierStatisticRow, MeasureValueRow, StatisticsRevisionRow


class Place(NamedTuple):
    """Where dossier counts belong; `field` is empty for all fields of procedure together."""

    unit: str
    scope: str
    field: str
    period: str


class Report(NamedTuple):
    """Where a figure came from. `period` and `field`: of dossier counts alone."""

    unit: str
    scope: str | None
    period: str | None
    field: str | None
    source: str | None
    extracted_at: datetime | None
    recorded_at: datetime
    recorded_by: str
    revision: int
    import_id: str | None


Dossier = DossierStatisticRow
Measure = MeasureValueRow
NUMBERS = ("numerator", "denominator", "value", "percent")
"""Columns of a measure, of which one form is filled."""
MOST_NAMED = 500
"""Units that a query names one by one; for more it reads all."""
_PLACE = (
    col(Dossier.unit_code),
    col(Dossier.scope),
    col(Dossier.procedure_field),
    col(Dossier.period),
)
_REVISION = col(Dossier.revision)


def hold_revisions(session: Session, jurisdiction: str, units: Iterable[str]) -> None:
    """Hold the revisions of some units until the commit, locked in the order of codes."""
    named = sorted(units)
    rows = [{"jurisdiction_code": jurisdiction, "unit_code": code, "revision": 0} for code in named]
    add_missing(session, StatisticsRevisionRow, rows)
    query = (
        select(StatisticsRevisionRow.unit_code)
        .where(*_of(jurisdiction, named))
        .order_by(col(StatisticsRevisionRow.unit_code))
        .with_for_update()
    )
    session.exec(query).all()


def bump_revisions(session: Session, jurisdiction: str, units: Iterable[str]) -> None:
    """Raise the revisions of some units that are held."""
    statement = update(StatisticsRevisionRow).where(*_of(jurisdiction, list(units)))
    session.exec(statement.values(revision=StatisticsRevisionRow.revision + 1))


def _of(jurisdiction: str, units: Sequence[str]) -> tuple[Any, ...]:
    row = StatisticsRevisionRow
    return col(row.jurisdiction_code) == jurisdiction, col(row.unit_code).in_(units)


def find_revision(session: Session, jurisdiction: str, unit: str) -> int:
    """The statistics revision of a unit; 0 before any figure."""
    row = session.get(StatisticsRevisionRow, (jurisdiction, unit))
    return row.revision if row else 0


def find_dossier(
    session: Session, place: tuple[str, str, str], scope: str, field: str = ALL_FIELDS
) -> DossierStatisticRow | None:
    """The latest counts at (jurisdiction, period, unit), scope and field of procedure."""
    query = _at(place).where(Dossier.scope == scope, Dossier.procedure_field == field)
    return session.exec(query.order_by(_REVISION.desc()).limit(1)).one_or_none()


def list_rows(session: Session, place: tuple[str, str, str]) -> dict[tuple[str, str], DossierStatisticRow]:
    """(scope, field of procedure) -> the latest counts at (jurisdiction, period, unit)."""
    rows = session.exec(_at(place).order_by(_REVISION))
    return {(row.scope, row.procedure_field): row for row in rows}


def _at(place: tuple[str, str, str]) -> SelectOfScalar[DossierStatisticRow]:
    jurisdiction, period, unit = place
    return select(Dossier).where(
        Dossier.jurisdiction_code == jurisdiction, Dossier.period == period, Dossier.unit_code == unit
    )


def find_measure(session: Session, place: tuple[str, str, str], measure: str) -> MeasureValueRow | None:
    """The latest value of a measure at (jurisdiction, period, unit)."""
    jurisdiction, period, unit = place
    query = select(Measure).where(
        Measure.jurisdiction_code == jurisdiction,
        Measure.period == period,
        Measure.unit_code == unit,
        Measure.measure_code == measure,
    )
    return session.exec(query.order_by(col(Measure.revision).desc()).limit(1)).one_or_none()


def list_latest_measures(
    session: Session, keys: Iterable[tuple[str, ...]]
) -> dict[tuple[str, ...], dict[str, Any]]:
    """(jurisdiction, period, unit, measure) -> the latest value at each of some keys."""
    wanted = set(keys)
    if not wanted:
        return {}
    place = (Measure.jurisdiction_code, Measure.period, Measure.unit_code, Measure.measure_code)
    names = (*NUMBERS, "source", "extracted_at", "revision")
    query = select(*place).add_columns(*(col(getattr(Measure, name)) for name in names))
    for column, values in zip(place, zip(*wanted, strict=True), strict=True):
        query = query.where(col(column).in_(set(values)))
    rows = session.execute(query.order_by(col(Measure.revision)))
    return {
        tuple(row[:4]): dict(zip(names, row[4:], strict=True)) for row in rows if tuple(row[:4]) in wanted
    }


def add_measures(session: Session, rows: list[dict[str, Any]]) -> None:
    """Append values of units whose revisions are held and raised."""
    if rows:
        append_rows(session, Measure, rows)


def has_figures(session: Session, place: tuple[str, str, str]) -> bool:
    """Whether anything was reported at (jurisdiction, period, unit)."""
    jurisdiction, period, unit = place
    return any(
        session.exec(
            select(table.revision)
            .where(table.jurisdiction_code == jurisdiction, table.period == period, table.unit_code == unit)
            .limit(1)
        ).first()
        for table in (Dossier, Measure)
    )


def list_dossiers(
    session: Session,
    jurisdictions: Iterable[str] | None,
    periods: Sequence[str],
    known_at: datetime | None = None,
    *,
    units: Iterable[str] | None = None,
    fields: Collection[str] | None = None,
) -> dict[Place, dict[str, int]]:
    """The latest counts in some periods; all jurisdictions or units where None; as known at an instant.
    `fields`: those of procedure alone, every single one where none is named."""
    columns = [col(getattr(Dossier, name)) for name in COLUMNS]
    query = of_periods(select(*_PLACE).add_columns(*columns), periods, units)
    if fields is not None:
        named = col(Dossier.procedure_field).in_(fields)
        query = query.where(named if fields else col(Dossier.procedure_field) != ALL_FIELDS)
    rows = session.execute(_known(query, Dossier, jurisdictions, known_at))
    return {
        Place(*row[:4]): {name: n for name, n in zip(COLUMNS, row[4:], strict=True) if n is not None}
        for row in rows
    }


def of_periods(query: Any, periods: Sequence[str], units: Iterable[str] | None) -> Any:
    """Dossier counts of some periods and units."""
    query = query.where(col(Dossier.period).in_(periods))
    wanted = None if units is None else list(units)
    if wanted is not None and len(wanted) <= MOST_NAMED:
        query = query.where(col(Dossier.unit_code).in_(wanted))
    return query


def list_measures(
    session: Session,
    jurisdictions: Iterable[str] | None,
    period: str,
    measures: Iterable[str],
    known_at: datetime | None = None,
) -> dict[tuple[str, str], dict[str, int]]:
    """(measure, unit) -> its latest numbers (in 10^-4) in a period; all jurisdictions where None; as known
    at an instant."""
    found = list_measures_of(session, jurisdictions, [period], measures, known_at)
    return {(measure, unit): numbers for (measure, unit, _), numbers in found.items()}


def list_measures_of(
    session: Session,
    jurisdictions: Iterable[str] | None,
    periods: Sequence[str],
    measures: Iterable[str],
    known_at: datetime | None = None,
) -> dict[tuple[str, str, str], dict[str, int]]:
    """(measure, unit, period) -> its latest numbers, as `list_measures`, in some periods."""
    columns = [col(getattr(Measure, name)) for name in NUMBERS]
    query = select(Measure.measure_code, Measure.unit_code, Measure.period).add_columns(*columns)
    query = query.where(col(Measure.period).in_(periods), col(Measure.measure_code).in_(list(measures)))
    rows = session.execute(_known(query, Measure, jurisdictions, known_at))
    return {
        (measure, unit, period): {name: n for name, n in zip(NUMBERS, numbers, strict=True) if n is not None}
        for measure, unit, period, *numbers in rows
    }


def _known(
    query: Any, table: Any, jurisdictions: Iterable[str] | None, known_at: datetime | None
) -> Select[Any]:
    """Rows of some jurisdictions in the order of revision, as far as they were recorded at an instant."""
    ordered: Select[Any] = recorded(query, table, jurisdictions, known_at).order_by(col(table.revision))
    return ordered


def recorded(query: Any, table: Any, jurisdictions: Iterable[str] | None, known_at: datetime | None) -> Any:
    """Rows of some jurisdictions, as far as they were recorded at an instant."""
    if jurisdictions is not None:
        query = query.where(col(table.jurisdiction_code).in_(list(jurisdictions)))
    if known_at is not None:
        query = query.where(col(table.recorded_at) <= known_at)
    return query


def list_dossier_reports(
    session: Session,
    jurisdictions: Iterable[str] | None,
    periods: Sequence[str],
    known_at: datetime | None,
    units: Iterable[str] | None = None,
) -> dict[Place, Report]:
    """Who reported the latest counts in some periods, and when."""
    query = select(*_PLACE).add_columns(*_report_columns(Dossier))
    rows = session.execute(_known(of_periods(query, periods, units), Dossier, jurisdictions, known_at))
    return {
        Place(unit, scope, field, period): Report(unit, scope, period, field or None, *said)
        for unit, scope, field, period, *said in rows
    }


def list_dossier_history(
    session: Session,
    jurisdictions: Iterable[str] | None,
    periods: Sequence[str],
    units: Collection[str],
    until: datetime | None,
) -> list[Report]:
    """Every report of counts of some units in some periods, superseded ones among them."""
    query = select(*_PLACE).add_columns(*_report_columns(Dossier))
    rows = session.execute(_known(of_periods(query, periods, units), Dossier, jurisdictions, until))
    return [Report(u, scope, period, f or None, *said) for u, scope, f, period, *said in rows if u in units]


def list_first_reports(
    session: Session, jurisdictions: Iterable[str] | None, periods: Sequence[str]
) -> dict[tuple[str, str, str], datetime]:
    """(unit, scope, period) -> when its counts were first complete: those of all fields of procedure, else
    the last of the single fields."""
    query = of_periods(select(*_PLACE).add_columns(func.min(Dossier.recorded_at)), periods, None)
    rows = session.execute(recorded(query, Dossier, jurisdictions, None).group_by(*_PLACE))
    first = {Place(*place): at for *place, at in rows}
    complete: dict[tuple[str, str, str], datetime] = {}
    for place in sorted(first, key=lambda place: (place.field == ALL_FIELDS, first[place])):
        complete[place.unit, place.scope, place.period] = first[place]
    return complete


def list_measure_reports(
    session: Session,
    jurisdictions: Iterable[str] | None,
    period: str,
    measures: Iterable[str],
    known_at: datetime | None,
) -> dict[tuple[str, str], Report]:
    """(measure, unit) -> who reported its latest value in a period, and when."""
    query = select(Measure.measure_code, Measure.unit_code).add_columns(*_report_columns(Measure))
    query = query.where(col(Measure.period) == period, col(Measure.measure_code).in_(list(measures)))
    rows = session.execute(_known(query, Measure, jurisdictions, known_at))
    return {(row[0], row[1]): Report(row[1], None, None, None, *row[2:]) for row in rows}


def list_measure_history(
    session: Session,
    jurisdictions: Iterable[str] | None,
    period: str,
    measures: Iterable[str],
    units: Collection[str],
    until: datetime | None,
) -> list[tuple[str, Report]]:
    """(measure, report) of every value of some units in a period, superseded ones among them."""
    query = select(Measure.measure_code, Measure.unit_code).add_columns(*_report_columns(Measure))
    query = query.where(col(Measure.period) == period, col(Measure.measure_code).in_(list(measures)))
    rows = session.execute(_known(query, Measure, jurisdictions, until))
    return [(row[0], Report(row[1], None, None, None, *row[2:])) for row in rows if row[1] in units]


def _report_columns(table: Any) -> tuple[Any, ...]:
    return tuple(col(getattr(table, name)) for name in Report._fields[4:])


def add_figure(session: Session, row: SQLModel) -> None:
    """Append a figure."""
    session.add(row)
    session.flush()


def as_counts(row: DossierStatisticRow) -> dict[str, int]:
    """Known columns of a row."""
    values: Sequence[Any] = [getattr(row, name) for name in COLUMNS]
    return {name: value for name, value in zip(COLUMNS, values, strict=True) if value is not None}
