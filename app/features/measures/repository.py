"""Queries that return entries of the catalogue of measures."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from app.models import MeasureRow


def find_measure(session: Session, code: str) -> MeasureRow | None:
    """One entry."""
    return session.get(MeasureRow, code)


def find_measure_for_update(session: Session, code: str) -> MeasureRow | None:
    """One entry that nobody else can change until the commit."""
    query = select(MeasureRow).where(MeasureRow.code == code).with_for_update()
    return session.exec(query).one_or_none()


def list_measures(
    session: Session, after: str | None = None, limit: int | None = None
) -> Sequence[MeasureRow]:
    """Entries by code, after a code; all of them without a limit."""
    query = select(MeasureRow).order_by(col(MeasureRow.code)).limit(limit)
    if after is not None:
        query = query.where(col(MeasureRow.code) > after)
    return session.exec(query).all()


def list_of_codes(session: Session, codes: Iterable[str]) -> Sequence[MeasureRow]:
    """Those entries of some codes that there are."""
    return session.exec(select(MeasureRow).where(col(MeasureRow.code).in_(set(codes)))).all()


def add_measure(session: Session, row: MeasureRow) -> None:
    """Insert or replace an entry."""
    session.merge(row)
    session.flush()
