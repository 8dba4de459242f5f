"""Queries that return units."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, delete, select

from app.core.vietnamese import fold
from app.models import (
    AssessmentRoundRow,
    RoundParticipantRow,
    StatisticsRevisionRow,
    UnitGroupRow,
    UnitRow,
    UnitSuccessionRow,
    UnitTreeRow,
    UnitVersionRow,
)

Version = UnitVersionRow


def valid_on(on: date) -> ColumnElement[bool]:
    """The versions in force on a day."""
    return and_(
        col(Version.valid_from) <= on, or_(col(Version.valid_to).is_(None), col(Version.valid_to) >= on)
    )


def find_version(session: Session, code: str, on: date) -> UnitVersionRow | None:
    """The version of a code on a day."""
    return session.exec(select(Version).where(Version.unit_code == code, valid_on(on))).one_or_none()


def list_versions(session: Session, codes: Iterable[str]) -> Sequence[UnitVersionRow]:
    """All versions of some codes, by code and day."""
    query = select(Version).where(col(Version.unit_code).in_(list(codes)))
    return session.exec(query.order_by(col(Version.unit_code), col(Version.valid_from))).all()


def list_units(
    session: Session,
    on: date,
    *,
    filters: dict[str, str | None],
    text: str | None,
    after: str | None,
    limit: int,
) -> Sequence[UnitVersionRow]:
    """Units of a day by code, after a code. `filters` are columns of the version, and `group`."""
    query = select(Version).where(valid_on(on)).order_by(col(Version.unit_code)).limit(limit)
    for name, value in filters.items():
        if value is not None and name == "group":
            member = and_(
                col(UnitGroupRow.unit_code) == Version.unit_code,
                col(UnitGroupRow.valid_from) == Version.valid_from,
                col(UnitGroupRow.group_code) == value,
            )
            query = query.where(select(UnitGroupRow).where(member).exists())
        elif value is not None:
            query = query.where(getattr(Version, name) == value)
    if text is not None:
        found = col(Version.name_folded).contains(fold(text), autoescape=True)
        query = query.where(or_(found, func.lower(Version.unit_code) == text.lower()))
    if after is not None:
        query = query.where(col(Version.unit_code) > after)
    return session.exec(query).all()


def list_groups(session: Session, versions: Sequence[UnitVersionRow]) -> dict[tuple[str, date], list[str]]:
    """(code, valid_from) -> group codes, in order."""
    codes = {version.unit_code for version in versions}
    query = select(UnitGroupRow).where(col(UnitGroupRow.unit_code).in_(codes))
    groups: dict[tuple[str, date], list[str]] = {}
    for row in session.exec(query.order_by(col(UnitGroupRow.group_code))):
        groups.setdefault((row.unit_code, row.valid_from), []).append(row.group_code)
    return groups


def list_children_versions(session: Session, code: str) -> Sequence[UnitVersionRow]:
    """All versions that name `code` as their parent."""
    return session.exec(select(Version).where(Version.parent_code == code)).all()


def list_uses(session: Session, code: str) -> list[tuple[str, date | None]]:
    """(jurisdiction, day) in which a unit is relied on: rounds have a last day, figures None."""
    figures = select(StatisticsRevisionRow.jurisdiction_code).where(StatisticsRevisionRow.unit_code == code)
    rounds = (
        select(col(RoundParticipantRow.jurisdiction_code), col(AssessmentRoundRow.period_end))
        .join(AssessmentRoundRow, col(AssessmentRoundRow.code) == RoundParticipantRow.round_code)
        .where(RoundParticipantRow.unit_code == code)
    )
    return [*((jurisdiction, None) for jurisdiction in session.exec(figures)), *session.exec(rounds)]


def list_tree(session: Session, jurisdictions: Iterable[str], on: date) -> list[tuple[str, str | None]]:
    """(code, parent code) of the units of some jurisdictions on a day; all units where VN is among them."""
    wanted = set(jurisdictions)
    query = select(Version.unit_code, Version.parent_code).where(valid_on(on))
    if "VN" not in wanted:
        query = query.where(col(Version.jurisdiction_code).in_(wanted))
    return list(session.exec(query.order_by(col(Version.unit_code))).all())


def list_subtrees(session: Session, roots: Iterable[str], on: date) -> set[str]:
    """Some units and everything below them on a day."""
    below = (select(col(Version.unit_code)).where(valid_on(on), col(Version.unit_code).in_(list(roots)))).cte(
        "below", recursive=True
    )
    child = aliased(Version)
    step = select(col(child.unit_code)).where(
        col(child.parent_code) == below.c.unit_code,
        col(child.valid_from) <= on,
        or_(col(child.valid_to).is_(None), col(child.valid_to) >= on),
    )
    return set(session.execute(select(below.union(step).c.unit_code)).scalars())


def list_members(session: Session, groups: Iterable[str], on: date) -> set[str]:
    """The units that belong to any of some groups on a day."""
    query = (
        select(Version.unit_code)
        .join(
            UnitGroupRow,
            and_(
                col(UnitGroupRow.unit_code) == Version.unit_code,
                col(UnitGroupRow.valid_from) == Version.valid_from,
            ),
        )
        .where(valid_on(on), col(UnitGroupRow.group_code).in_(list(groups)))
    )
    return set(session.exec(query).all())


def list_names(session: Session, codes: Sequence[str], on: date) -> dict[str, str]:
    """Code -> Vietnamese name on a day. Codes without a version on that day are absent."""
    query = select(Version.unit_code, Version.name_vi).where(valid_on(on))
    if len(codes) <= 500:
        query = query.where(col(Version.unit_code).in_(codes))
    return dict(session.exec(query).all())


def list_valid(session: Session, codes: Iterable[str], on: date) -> dict[str, str]:
    """Code -> jurisdiction of those of `codes` that exist on a day."""
    query = select(Version.unit_code, Version.jurisdiction_code)
    return dict(session.exec(query.where(valid_on(on), col(Version.unit_code).in_(set(codes)))).all())


def list_successions(session: Session, code: str) -> Sequence[UnitSuccessionRow]:
    """Every event that a code takes part in, with the other sides of the same event."""
    near = select(col(UnitSuccessionRow.effective_on), col(UnitSuccessionRow.to_code)).where(
        or_(col(UnitSuccessionRow.from_code) == code, col(UnitSuccessionRow.to_code) == code)
    )
    events = set(session.exec(near).all())
    query = select(UnitSuccessionRow).where(col(UnitSuccessionRow.to_code).in_({to for _, to in events}))
    rows = session.exec(
        query.order_by(
            col(UnitSuccessionRow.effective_on),
            col(UnitSuccessionRow.to_code),
            col(UnitSuccessionRow.from_code),
        )
    )
    return [row for row in rows if (row.effective_on, row.to_code) in events]


def add_version(session: Session, version: UnitVersionRow, groups: Sequence[str]) -> None:
    """Insert or replace one version with its groups."""
    if session.get(UnitRow, version.unit_code) is None:
        session.add(UnitRow(code=version.unit_code))
        session.flush()
    session.merge(version)
    session.flush()
    replace_groups(session, version.unit_code, version.valid_from, groups)


def replace_groups(session: Session, code: str, valid_from: date, groups: Sequence[str]) -> None:
    """Set the groups of one version."""
    where = (col(UnitGroupRow.unit_code) == code, col(UnitGroupRow.valid_from) == valid_from)
    session.exec(delete(UnitGroupRow).where(*where))
    session.add_all(
        UnitGroupRow(unit_code=code, valid_from=valid_from, group_code=group)
        for group in dict.fromkeys(groups)
    )
    session.flush()


def add_rows(session: Session, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows in one statement."""
    if rows:
        session.exec(table.__table__.insert(), params=list(rows))


def lock_tree(session: Session) -> None:
    """Changes of the registry wait for one another until the commit."""
    session.exec(select(UnitTreeRow).with_for_update()).one()


def bump_tree(session: Session) -> None:
    """Every change of the registry raises its revision."""
    session.exec(update(UnitTreeRow).values(revision=UnitTreeRow.revision + 1))


def get_tree_revision(session: Session) -> int:
    """The revision of the registry."""
    return session.exec(select(UnitTreeRow.revision)).one()
