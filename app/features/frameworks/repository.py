"""Queries that return criteria sets."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import or_, tuple_
from sqlmodel import Session, col, select

from app.models import FrameworkVersionRow

Row = FrameworkVersionRow


def list_digests(session: Session, codes: Iterable[str]) -> dict[tuple[str, str], str]:
    """(code, version) -> digest of all versions of some codes."""
    query = select(Row.code, Row.version, Row.sha256).where(col(Row.code).in_(set(codes)))
    return {(code, version): digest for code, version, digest in session.exec(query)}


def find_version(session: Session, code: str, version: str) -> FrameworkVersionRow | None:
    """One version of a criteria set."""
    return session.get(Row, (code, version))


def find_version_for_update(session: Session, code: str, version: str) -> FrameworkVersionRow | None:
    """One version that nobody else can change until the commit."""
    query = select(Row).where(Row.code == code, Row.version == version)
    return session.exec(query.with_for_update()).one_or_none()


def find_digest(session: Session, code: str, version: str) -> str | None:
    """The digest of a stored document, without the document."""
    query = select(Row.sha256).where(Row.code == code, Row.version == version)
    return session.exec(query).one_or_none()


def list_rows(session: Session, references: Iterable[tuple[str, str]]) -> Sequence[FrameworkVersionRow]:
    """Some versions, as far as they exist."""
    query = select(Row).where(tuple_(col(Row.code), col(Row.version)).in_(list(references)))
    return session.exec(query).all()


def list_versions(
    session: Session, *, on: date | None, drafts: bool, after: Sequence[str] | None, limit: int
) -> Sequence[FrameworkVersionRow]:
    """Versions by code and version; of a day where `on` is given."""
    query = select(Row).order_by(col(Row.code), col(Row.version)).limit(limit)
    if on is not None:
        query = query.where(
            col(Row.applies_from) <= on, or_(col(Row.applies_to).is_(None), col(Row.applies_to) >= on)
        )
    if not drafts:
        query = query.where(Row.state == "published")
    if after is not None:
        query = query.where(tuple_(col(Row.code), col(Row.version)) > tuple_(*after))
    return session.exec(query).all()


def add_version(session: Session, row: FrameworkVersionRow) -> None:
    """Insert or replace a draft."""
    session.merge(row)
    session.flush()
