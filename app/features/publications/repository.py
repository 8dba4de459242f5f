"""Queries that return publications and keys."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.infra.db import add_missing
from app.models import (
    AssessmentRoundRow,
    FrameworkVersionRow,
    PublicationDocumentRow,
    PublicationRow,
    SigningKeyRow,
    UnitTreeRow,
)

Row = PublicationRow


def add_publication(session: Session, row: PublicationRow, content: bytes) -> None:
    """A new publication with its document."""
    session.add(row)
    session.flush()
    session.add(PublicationDocumentRow(publication_id=row.id, content=content))
    session.flush()


def find_publication(session: Session, publication_id: str) -> PublicationRow | None:
    """A publication by its id."""
    return session.get(PublicationRow, publication_id)


def find_latest(session: Session, round_code: str) -> PublicationRow | None:
    """The last publication of a round."""
    query = select(Row).where(Row.round_code == round_code).order_by(col(Row.number).desc()).limit(1)
    return session.exec(query).one_or_none()


def find_by_digest(session: Session, sha256: str) -> PublicationRow | None:
    """The publication of some bytes."""
    return session.exec(select(Row).where(Row.sha256 == sha256)).first()


def find_successor(session: Session, publication_id: str) -> str | None:
    """The publication that supersedes another one."""
    return session.exec(select(Row.id).where(Row.supersedes_id == publication_id)).one_or_none()


def list_publications(session: Session, round_code: str) -> Sequence[PublicationRow]:
    """All publications of a round, the first one first."""
    return session.exec(select(Row).where(Row.round_code == round_code).order_by(col(Row.number))).all()


def read_content(session: Session, publication_id: str) -> bytes:
    """The bytes of a document."""
    return session.get_one(PublicationDocumentRow, publication_id).content


def read_revisions(session: Session, now: datetime, day: date) -> str:
    """A text that changes whenever anything that everybody sees does: rounds, releases, units, criteria sets,
    and the day, which units are asked for on."""
    rounds, sets = AssessmentRoundRow, FrameworkVersionRow
    read: list[Any] = [
        select(func.count()).select_from(rounds),
        select(func.coalesce(func.sum(rounds.revision), 0)),
        select(func.count()).where(col(rounds.release_at) <= now),
        select(UnitTreeRow.revision),
        select(func.count()).where(col(sets.state) == "published"),
        select(func.count()).select_from(Row),
    ]
    found = session.execute(select(*(each.scalar_subquery() for each in read))).one()
    return f"{day}:" + ".".join(map(str, found))


def add_key(session: Session, row: SigningKeyRow) -> bool:
    """Keep a public key, if it is not there; whether it was new."""
    return add_missing(session, SigningKeyRow, [row.model_dump()]) > 0


def list_keys(session: Session, at: datetime) -> Sequence[SigningKeyRow]:
    """All public keys that ever signed what everybody may see at an instant, the newest first."""
    released = select(Row.kid).where(col(Row.release_at).is_(None) | (col(Row.release_at) <= at))
    key = SigningKeyRow
    query = select(key).where(col(key.kid).in_(released))
    return session.exec(query.order_by(col(key.recorded_at).desc(), col(key.kid))).all()
