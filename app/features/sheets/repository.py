"""Queries that return sheets, their submissions and their history."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, insert, select

from app.models import ScoreEntryRow, SheetRow, SheetSubmissionRow


def add_sheets(session: Session, round_code: str, units: Mapping[str, str]) -> None:
    """One empty sheet for each unit (unit -> jurisdiction)."""
    sheets = [
        {"jurisdiction_code": jurisdiction, "round_code": round_code, "unit_code": unit, "revision": 0}
        for unit, jurisdiction in units.items()
    ]
    session.exec(insert(SheetRow), params=sheets)


def lock_sheets(session: Session, round_code: str, units: Mapping[str, str]) -> dict[str, Any]:
    """Unit -> (revision, state, open_until) of its sheet, held until the commit, in the order of codes (no
    deadlock). `units`: unit code -> jurisdiction."""
    query = (
        select(SheetRow.unit_code, SheetRow.revision, SheetRow.state)
        .add_columns(col(SheetRow.open_until))
        .where(*_of(round_code, units))
        .order_by(col(SheetRow.jurisdiction_code), col(SheetRow.unit_code))
        .with_for_update()
    )
    return {row[0]: row for row in session.execute(query)}


def bump_sheets(session: Session, round_code: str, units: Mapping[str, str]) -> None:
    """Raise the revision of each sheet by one."""
    session.exec(update(SheetRow).where(*_of(round_code, units)).values(revision=SheetRow.revision + 1))


def _of(round_code: str, units: Mapping[str, str]) -> tuple[Any, ...]:
    return (
        col(SheetRow.jurisdiction_code).in_(set(units.values())),
        col(SheetRow.round_code) == round_code,
        col(SheetRow.unit_code).in_(list(units)),
    )


def find_sheet(session: Session, jurisdiction: str, round_code: str, unit: str) -> SheetRow | None:
    """A sheet; None before the round leaves draft."""
    return session.get(SheetRow, (jurisdiction, round_code, unit))


def list_sheets(session: Session, round_code: str) -> Sequence[SheetRow]:
    """Sheets of a round by unit."""
    query = select(SheetRow).where(SheetRow.round_code == round_code)
    return session.exec(query.order_by(col(SheetRow.unit_code))).all()


def list_submissions(
    session: Session, jurisdiction: str, round_code: str, unit: str
) -> Sequence[SheetSubmissionRow]:
    """The steps of a sheet between the unit and the appraisal."""
    row = SheetSubmissionRow
    query = select(row).where(
        row.jurisdiction_code == jurisdiction, row.round_code == round_code, row.unit_code == unit
    )
    return session.exec(query.order_by(col(row.revision))).all()


def list_history(session: Session, round_code: str, unit: str, jurisdiction: str) -> Sequence[ScoreEntryRow]:
    """Every entry of a sheet, in the order of items, stages and revisions."""
    row = ScoreEntryRow
    query = select(row).where(
        row.jurisdiction_code == jurisdiction, row.round_code == round_code, row.unit_code == unit
    )
    return session.exec(query.order_by(col(row.item_code), col(row.stage), col(row.revision))).all()


def set_state(session: Session, sheet: SheetRow, state: str, open_until: datetime | None) -> None:
    """Hand a sheet over; this is a revision."""
    sheet.state = state
    sheet.open_until = open_until
    sheet.revision += 1
    session.add(sheet)
    session.flush()


def find_sheet_for_update(session: Session, jurisdiction: str, round_code: str, unit: str) -> SheetRow:
    """A sheet that nobody else changes until the commit."""
    query = (
        select(SheetRow)
        .where(
            SheetRow.jurisdiction_code == jurisdiction,
            SheetRow.round_code == round_code,
            SheetRow.unit_code == unit,
        )
        .with_for_update()
    )
    return session.exec(query).one()


def add_submission(session: Session, row: SheetSubmissionRow) -> None:
    """Record a step."""
    session.add(row)
    session.flush()


def open_all(session: Session, round_code: str) -> None:
    """A new phase of the units begins: every sheet is in its unit's hands again."""
    statement = update(SheetRow).where(col(SheetRow.round_code) == round_code)
    session.exec(statement.values(state="open", open_until=None))


def mark_published(session: Session, round_code: str) -> None:
    """What is published now: the revisions as they are."""
    statement = update(SheetRow).where(col(SheetRow.round_code) == round_code)
    session.exec(statement.values(published_revision=SheetRow.revision))
