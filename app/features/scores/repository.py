"""Queries that return score entries."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select
from sqlmodel import Session, col, select

from app.infra.db import append_rows
from app.models import ScoreEntryRow

MANY = 500
"""Above this many units a round is read whole: one scan is faster than a long list."""


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
    session: Session,
    round_code: str,
    units: dict[str, str],
    *,
    before: datetime | None = None,
    batch: int | None = None,
) -> Iterator[tuple[str, str, str, int | None, bool]]:
    """(unit, item, stage, points, not_applicable) by unit, in order of revision: what computing needs.

    `before`: only what was recorded earlier. `batch`: no more rows than these are held at a time."""
    row = ScoreEntryRow
    query = select(row.unit_code, row.item_code, row.stage, row.points).add_columns(col(row.not_applicable))
    if before is not None:
        query = query.where(col(row.recorded_at) < before)
    options = {} if batch is None else {"yield_per": batch}
    result = session.connection().execute(_of_units(query, round_code, units), execution_options=options)
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
