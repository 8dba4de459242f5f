"""Queries that return sheets and score entries."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Select, update
from sqlmodel import Session, col, select

from app.infra.db import append_rows
from app.models import ScoreEntryRow, SheetRow

MANY = 500
"""Above this many units a round is read whole: one scan is faster than a long list."""


def lock_sheets(session: Session, round_code: str, units: dict[str, str]) -> dict[str, int]:
    """Unit -> revision of its sheet, held until the commit, in the order of codes (no deadlock).

    `units`: unit code -> jurisdiction.
    """
    query = (
        select(SheetRow.unit_code, SheetRow.revision)
        .where(
            col(SheetRow.jurisdiction_code).in_(set(units.values())),
            SheetRow.round_code == round_code,
            col(SheetRow.unit_code).in_(list(units)),
        )
        .order_by(col(SheetRow.jurisdiction_code), col(SheetRow.unit_code))
        .with_for_update()
    )
    return dict(session.exec(query).all())


def bump_sheets(session: Session, round_code: str, units: dict[str, str]) -> None:
    """Raise the revision of each sheet by one."""
    statement = update(SheetRow).where(
        col(SheetRow.jurisdiction_code).in_(set(units.values())),
        col(SheetRow.round_code) == round_code,
        col(SheetRow.unit_code).in_(list(units)),
    )
    session.exec(statement.values(revision=SheetRow.revision + 1))


def find_sheet_revision(session: Session, jurisdiction: str, round_code: str, unit: str) -> int:
    """The revision of a sheet; 0 before the round leaves draft."""
    row = session.get(SheetRow, (jurisdiction, round_code, unit))
    return row.revision if row else 0


def add_entries(session: Session, entries: Sequence[dict[str, Any]]) -> None:
    """Append entries in one statement."""
    append_rows(session, ScoreEntryRow, entries)


def list_entries(
    session: Session, round_code: str, units: dict[str, str], stages: Iterable[str] | None = None
) -> Iterator[tuple[str, str, str, int | None, bool, int, str | None, str | None]]:
    """(unit, item, stage, points, not_applicable, revision, reason, evidence) in order of revision."""
    row = ScoreEntryRow
    query = select(row.unit_code, row.item_code, row.stage, row.points).add_columns(
        col(row.not_applicable), col(row.revision), col(row.reason), col(row.evidence)
    )
    query = _of_units(query, round_code, units)
    if stages is not None:
        query = query.where(col(row.stage).in_(list(stages)))
    return (tuple(found) for found in session.execute(query))


def list_points(
    session: Session, round_code: str, units: dict[str, str]
) -> Iterator[tuple[str, str, str, int | None, bool]]:
    """(unit, item, stage, points, not_applicable) in order of revision: what computing needs."""
    row = ScoreEntryRow
    query = select(row.unit_code, row.item_code, row.stage, row.points).add_columns(col(row.not_applicable))
    result = session.connection().execute(_of_units(query, round_code, units))
    return iter(result)


def _of_units(query: Select[Any], round_code: str, units: dict[str, str]) -> Select[Any]:
    """Entries of some units of a round, in the order of the key (so the last of a stage is the latest)."""
    row = ScoreEntryRow
    query = query.where(
        col(row.jurisdiction_code).in_(set(units.values())), col(row.round_code) == round_code
    )
    if len(units) <= MANY:
        query = query.where(col(row.unit_code).in_(list(units)))
    key = (row.jurisdiction_code, row.unit_code, row.item_code, row.stage, row.revision)
    return query.order_by(*(col(column) for column in key))
