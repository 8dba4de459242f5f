"""Queries that return units."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, bindparam, case, func, literal, or_, true, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, delete, select

from app.core.access import Grant
from app.core.lineage import Step
from app.core.lineage import Version as Dated
from app.core.vietnamese import fold
from app.infra.db import add_missing, upsert
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
_FOREVER = literal(date(9999, 12, 31))


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


def list_groups_on(session: Session, on: date) -> dict[str, list[str]]:
    """Code -> group codes, in order, of the units that are in any on a day."""
    same = and_(
        col(UnitGroupRow.unit_code) == Version.unit_code, col(UnitGroupRow.valid_from) == Version.valid_from
    )
    query = select(UnitGroupRow.unit_code, UnitGroupRow.group_code).join(Version, same).where(valid_on(on))
    groups: dict[str, list[str]] = {}
    for code, group in session.exec(query.order_by(col(UnitGroupRow.group_code))):
        groups.setdefault(code, []).append(group)
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


def list_all_uses(session: Session) -> dict[str, list[tuple[str, date | None]]]:
    """Unit -> as `list_uses`, of all units."""
    figures = select(StatisticsRevisionRow.unit_code, StatisticsRevisionRow.jurisdiction_code)
    rounds = (
        select(RoundParticipantRow.unit_code, RoundParticipantRow.jurisdiction_code)
        .add_columns(col(AssessmentRoundRow.period_end))
        .join(AssessmentRoundRow, col(AssessmentRoundRow.code) == RoundParticipantRow.round_code)
        .distinct()
    )
    uses: dict[str, list[tuple[str, date | None]]] = {}
    for unit, jurisdiction in session.exec(figures):
        uses.setdefault(unit, []).append((jurisdiction, None))
    for unit, jurisdiction, on in session.execute(rounds):
        uses.setdefault(unit, []).append((jurisdiction, on))
    return uses


def list_tree(session: Session, jurisdictions: Iterable[str], on: date) -> list[tuple[str, str | None]]:
    """(code, parent code) of the units of some jurisdictions on a day; all units where VN is among them."""
    wanted = set(jurisdictions)
    query = select(Version.unit_code, Version.parent_code).where(valid_on(on))
    if "VN" not in wanted:
        query = query.where(col(Version.jurisdiction_code).in_(wanted))
    return list(session.exec(query.order_by(col(Version.unit_code))).all())


def list_kinds(session: Session, jurisdictions: Iterable[str], on: date) -> dict[str, str]:
    """Code -> kind of the units of some jurisdictions on a day; all units where VN is among them."""
    wanted = set(jurisdictions)
    query = select(Version.unit_code, Version.kind).where(valid_on(on))
    if "VN" not in wanted:
        query = query.where(col(Version.jurisdiction_code).in_(wanted))
    return dict(session.exec(query).all())


def list_steps(session: Session, after: date, until: date) -> list[Step]:
    """What became of units after a day, and until another."""
    row = UnitSuccessionRow
    columns = (col(row.from_code), col(row.from_valid_from), col(row.to_code), col(row.to_valid_from))
    query = (
        select(*columns)
        .add_columns(col(row.kind))
        .where(col(row.effective_on) > after, col(row.effective_on) <= until)
    )
    return [Step(*found) for found in session.execute(query)]


def list_changed(session: Session, after: date, until: date) -> list[Dated]:
    """The versions that began after a day and until another, and those that these may have come from."""
    columns = (col(Version.unit_code), col(Version.valid_from), col(Version.valid_to))
    query = select(*columns).add_columns(col(Version.jurisdiction_code))
    changed = or_(
        and_(col(Version.valid_from) > after, col(Version.valid_from) <= until),
        and_(col(Version.valid_to) >= after, col(Version.valid_to) < until),
    )
    return [Dated(*found) for found in session.execute(query.where(changed))]


def reach_of(grants: Sequence[Grant]) -> Subquery | None:
    """(unit_code, reached_from, reached_to): what grants reach, and when, for queries to join; None is all.

    One recursion over the tree: a unit is reached while it stands below a root, or is a member of a group.
    """
    if any(grant.everywhere for grant in grants):
        return None
    roots = [grant.unit for grant in grants if grant.unit is not None]
    groups = [grant.group for grant in grants if grant.group is not None]
    until = func.coalesce(Version.valid_to, _FOREVER)
    base = select(col(Version.unit_code), col(Version.valid_from), until).where(
        col(Version.unit_code).in_(roots)
    )
    below = base.cte(recursive=True)
    unit, start, end = below.c
    child = aliased(Version)
    child_until = func.coalesce(child.valid_to, _FOREVER)
    step = select(
        col(child.unit_code),
        case((col(child.valid_from) > start, col(child.valid_from)), else_=start),
        case((child_until < end, child_until), else_=end),
    ).where(col(child.parent_code) == unit, col(child.valid_from) <= end, child_until >= start)
    below = below.union(step)
    member = and_(
        col(UnitGroupRow.unit_code) == Version.unit_code, col(UnitGroupRow.valid_from) == Version.valid_from
    )
    members = (
        select(col(Version.unit_code), col(Version.valid_from), until)
        .join(UnitGroupRow, member)
        .where(col(UnitGroupRow.group_code).in_(groups))
    )
    columns = ("unit_code", "reached_from", "reached_to")
    labelled = [column.label(name) for column, name in zip(below.c, columns, strict=True)]
    return select(*labelled).union_all(members).subquery()


def is_reached(reach: Subquery | None, unit: Any, on: Any) -> ColumnElement[bool]:
    """Whether a unit lies within a reach on a day (columns, or values)."""
    if reach is None:
        return true()
    within = (reach.c.unit_code == unit, reach.c.reached_from <= on, reach.c.reached_to >= on)
    return select(reach.c.unit_code).where(*within).exists()


def list_reached(session: Session, reach: Subquery, units: Iterable[str], on: date) -> set[str]:
    """Those of some units that lie within a reach on a day."""
    wanted = set(units)
    query = select(reach.c.unit_code).where(reach.c.reached_from <= on, reach.c.reached_to >= on)
    if len(wanted) <= 500:
        query = query.where(reach.c.unit_code.in_(wanted))
    return wanted & set(session.execute(query).scalars())


def list_reach(session: Session, reach: Subquery) -> Iterator[tuple[str, date, date]]:
    """(unit, from, to) of everything that lies within a reach."""
    return ((unit, start, end) for unit, start, end in session.execute(select(*reach.c)))


def reaches_meet(session: Session, one: Subquery | None, other: Subquery | None, on: date) -> bool:
    """Whether any unit lies within both on a day."""
    if one is None or other is None:
        return True
    query = select(one.c.unit_code).where(one.c.reached_from <= on, one.c.reached_to >= on)
    both = query.where(is_reached(other, one.c.unit_code, on)).limit(1)
    return session.execute(both).first() is not None


def list_all_versions(
    session: Session,
) -> Iterator[tuple[str, str, str, str | None, date, date | None, str]]:
    """(code, folded name, jurisdiction, parent, from, to, name) of every version of every unit."""
    query = select(Version.unit_code, Version.name_folded, Version.jurisdiction_code, Version.parent_code)
    dated = query.add_columns(col(Version.valid_from), col(Version.valid_to), col(Version.name_vi))
    return (tuple(row) for row in session.execute(dated.order_by(col(Version.unit_code))))


def list_registry(session: Session) -> Iterator[tuple[Any, ...]]:
    """(code, from, to, kind, names, parent, jurisdiction) of every version of every unit, by code and day."""
    names = ("valid_from", "valid_to", "kind", "name_vi", "name_en", "parent_code", "jurisdiction_code")
    query = select(Version.unit_code).add_columns(*(col(getattr(Version, name)) for name in names))
    order = (col(Version.unit_code), col(Version.valid_from))
    return (tuple(row) for row in session.execute(query.order_by(*order)))


def list_all_groups(session: Session) -> dict[tuple[str, date], list[str]]:
    """(code, valid_from) -> group codes, in order, of every version."""
    groups: dict[tuple[str, date], list[str]] = {}
    for row in session.exec(select(UnitGroupRow).order_by(col(UnitGroupRow.group_code))):
        groups.setdefault((row.unit_code, row.valid_from), []).append(row.group_code)
    return groups


def put_versions(
    session: Session,
    rows: list[dict[str, Any]],
    groups: list[dict[str, Any]],
    ended: Sequence[tuple[str, date, date]],
) -> None:
    """Insert or replace versions with their groups, and end others (code, first day, last day): in a fixed
    number of statements."""
    add_missing(session, UnitRow, [{"code": code} for code in sorted({row["unit_code"] for row in rows})])
    key = {column.name for column in Version.__table__.primary_key}  # type: ignore[attr-defined]
    changed = [name for name in rows[0] if name not in key]
    upsert(session, Version, rows, lambda new: {name: new[name] for name in changed})
    if ended:
        statement = _at(update(Version)).values(valid_to=bindparam("last"))
        places = [{"code": code, "begun": begun, "last": last} for code, begun, last in ended]
        session.connection().execute(statement, places)
    places = [{"code": row["unit_code"], "begun": row["valid_from"]} for row in rows]
    session.connection().execute(_at(delete(UnitGroupRow)), places)
    add_rows(session, UnitGroupRow, groups)


def _at(statement: Any) -> Any:
    """A statement over the version of `code` that has `begun` on a day."""
    columns = statement.table.c
    return statement.where(columns.unit_code == bindparam("code"), columns.valid_from == bindparam("begun"))


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
