"""Queries of what figures are compared with, and of what was acknowledged."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.core.fields import ALL_FIELDS
from app.core.validation import Past
from app.features.statistics.repository import as_counts
from app.features.units.repository import valid_on
from app.models import DossierStatisticRow, FigureAcknowledgementRow, UnitVersionRow

Acknowledged = FigureAcknowledgementRow
Dossier = DossierStatisticRow


class Position(NamedTuple):
    """Whose counts: (jurisdiction, unit), scope and field of procedure."""

    jurisdiction: str
    unit: str
    scope: str
    field: str


def list_past(session: Session, position: Position, periods: Iterable[str]) -> dict[str, dict[str, Past]]:
    """Period -> field of procedure -> what was reported for it, as it stands; every field where the position
    is that of all."""
    query = (
        select(Dossier)
        .where(
            Dossier.jurisdiction_code == position.jurisdiction,
            col(Dossier.period).in_(list(periods)),
            Dossier.unit_code == position.unit,
            Dossier.scope == position.scope,
        )
        .order_by(col(Dossier.revision))
    )
    if position.field != ALL_FIELDS:
        query = query.where(Dossier.procedure_field == position.field)
    found: dict[str, dict[str, Past]] = {}
    for row in session.exec(query):
        said = Past(row.period, as_counts(row), row.revision)
        found.setdefault(row.period, {})[row.procedure_field] = said
    return found


def list_revisions(
    session: Session, position: Position, periods: Iterable[str]
) -> dict[tuple[str, str], int]:
    """(period, field of procedure) -> the revision of the latest counts; of all fields where the position is
    that of all."""
    key = (col(Dossier.period), col(Dossier.procedure_field))
    query = select(*key).add_columns(func.max(Dossier.revision)).group_by(*key)
    query = query.where(
        col(Dossier.jurisdiction_code) == position.jurisdiction,
        col(Dossier.period).in_(list(periods)),
        col(Dossier.unit_code) == position.unit,
        col(Dossier.scope) == position.scope,
    )
    if position.field != ALL_FIELDS:
        query = query.where(col(Dossier.procedure_field) == position.field)
    return {(period, field): revision for period, field, revision in session.execute(query)}


def list_peers(session: Session, unit: str, on: date) -> dict[str, str]:
    """Code -> jurisdiction of the other units of the same kind under the same parent on a day."""
    own = aliased(UnitVersionRow)
    row = UnitVersionRow
    query = (
        select(row.unit_code, row.jurisdiction_code)
        .join(own, (col(own.parent_code) == row.parent_code) & (col(own.kind) == row.kind))
        .where(valid_on(on), own.unit_code == unit, col(own.valid_from) <= on)
        .where(col(own.valid_to).is_(None) | (col(own.valid_to) >= on), col(row.unit_code) != unit)
    )
    return dict(session.exec(query).all())


def list_acknowledgements(
    session: Session, place: tuple[str, str, str]
) -> dict[tuple[str, str], FigureAcknowledgementRow]:
    """(rule, subject) -> the newest acknowledgement at (jurisdiction, period, unit)."""
    jurisdiction, period, unit = place
    query = (
        select(Acknowledged)
        .where(
            Acknowledged.jurisdiction_code == jurisdiction,
            Acknowledged.period == period,
            Acknowledged.unit_code == unit,
        )
        .order_by(col(Acknowledged.revision))
    )
    return {(row.rule, row.subject): row for row in session.exec(query)}


def add_acknowledgement(session: Session, row: FigureAcknowledgementRow) -> None:
    """Append."""
    session.add(row)
    session.flush()
