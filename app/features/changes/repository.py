"""Queries that return changes."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from app.models import ChangeCounterRow, ChangeRow, HeldChangeRow


def get_last(session: Session) -> int:
    """The highest number."""
    return session.exec(select(ChangeCounterRow.last)).one()


def has_due(session: Session) -> bool:
    """Whether something waits whose release has passed."""
    due = select(HeldChangeRow.number).where(col(HeldChangeRow.release_at) <= datetime.now(UTC))
    return session.exec(due.limit(1)).first() is not None


def list_changes(session: Session, since: int, limit: int) -> Sequence[ChangeRow]:
    """Changes behind a number, in order."""
    query = select(ChangeRow).where(ChangeRow.sequence > since)
    return session.exec(query.order_by(col(ChangeRow.sequence)).limit(limit)).all()
