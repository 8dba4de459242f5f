"""Queries that return clients."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from app.models import ClientRow


def find_client(session: Session, code: str, *, for_update: bool = False) -> ClientRow | None:
    """A client; with `for_update` nobody else changes it until the commit."""
    query = select(ClientRow).where(ClientRow.code == code)
    return session.exec(query.with_for_update() if for_update else query).one_or_none()


def list_clients(session: Session, after: str | None = None) -> Sequence[ClientRow]:
    """Clients by code, after a code."""
    query = select(ClientRow).order_by(col(ClientRow.code))
    return session.exec(query if after is None else query.where(col(ClientRow.code) > after)).all()


def add_client(session: Session, row: ClientRow) -> None:
    """Record a client."""
    session.add(row)
    session.flush()
