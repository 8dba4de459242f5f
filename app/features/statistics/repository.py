"""Queries that return figures. Rows are append-only: the latest revision counts."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, SQLModel, col, select

from app.core.statistics import COLUMNS
from app.infra.db import add_missing
from app.models import DossierStatisticRow, MeasureValueRow, StatisticsRevisionRow

Dossier = DossierStatisticRow
Measure = MeasureValueRow


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


def find_dossier(session: Session, place: tuple[str, str, str], scope: str) -> DossierStatisticRow | None:
    """The latest counts at (jurisdiction, period, unit) and scope."""
    jurisdiction, period, unit = place
    query = select(Dossier).where(
        Dossier.jurisdiction_code == jurisdiction,
        Dossier.period == period,
        Dossier.unit_code == unit,
        Dossier.scope == scope,
    )
    return session.exec(query.order_by(col(Dossier.revision).desc()).limit(1)).one_or_none()


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
    session: Session, jurisdictions: Iterable[str] | None, period: str
) -> dict[tuple[str, str], dict[str, int]]:
    """(unit, scope) -> its latest counts in a period; all jurisdictions where None."""
    columns = [col(getattr(Dossier, name)) for name in COLUMNS]
    query = (
        select(Dossier.unit_code, Dossier.scope).add_columns(*columns).where(col(Dossier.period) == period)
    )
    if jurisdictions is not None:
        query = query.where(col(Dossier.jurisdiction_code).in_(list(jurisdictions)))
    rows = session.execute(query.order_by(col(Dossier.revision)))
    return {
        (unit, scope): {name: n for name, n in zip(COLUMNS, counts, strict=True) if n is not None}
        for unit, scope, *counts in rows
    }


def list_measures(
    session: Session, jurisdictions: Iterable[str] | None, period: str, measures: Iterable[str]
) -> dict[tuple[str, str], dict[str, int]]:
    """(measure, unit) -> its latest numbers (in 10^-4) in a period; all jurisdictions where None."""
    names = ("numerator", "denominator", "value", "percent")
    columns = [col(getattr(Measure, name)) for name in names]
    query = select(Measure.measure_code, Measure.unit_code).add_columns(*columns)
    query = query.where(col(Measure.period) == period, col(Measure.measure_code).in_(list(measures)))
    if jurisdictions is not None:
        query = query.where(col(Measure.jurisdiction_code).in_(list(jurisdictions)))
    rows = session.execute(query.order_by(col(Measure.revision)))
    return {
        (measure, unit): {name: n for name, n in zip(names, numbers, strict=True) if n is not None}
        for measure, unit, *numbers in rows
    }


def add_figure(session: Session, row: SQLModel) -> None:
    """Append a figure."""
    session.add(row)
    session.flush()


def as_counts(row: DossierStatisticRow) -> dict[str, int]:
    """Known columns of a row."""
    values: Sequence[Any] = [getattr(row, name) for name in COLUMNS]
    return {name: value for name, value in zip(COLUMNS, values, strict=True) if value is not None}
