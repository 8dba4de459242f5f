"""Queries that return findings. Rows are append-only: the latest revision counts."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, false, func, or_, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.models import FindingRow, UnitRow

Finding = FindingRow
Sight = Mapping[date, Collection[str]] | None
"""What is visible: last day of a period -> units; None is everything."""


class Filters(NamedTuple):
    """Which findings are asked for. `today` decides what is overdue."""

    today: date
    unit: str | None = None
    reform_area: str | None = None
    round: str | None = None
    state: str | None = None


def _latest() -> ColumnElement[bool]:
    newer = aliased(Finding)
    newest = select(func.max(newer.revision)).where(newer.code == Finding.code).correlate(Finding)
    return col(Finding.revision) == newest.scalar_subquery()


def list_of_period(
    session: Session, unit: str, round_code: str, start: date, end: date
) -> Sequence[FindingRow]:
    """Findings in a unit that belong to a round, or whose period lies in an interval."""
    of_round = col(Finding.round_code) == round_code
    inside: Any = (col(Finding.period_start) >= start) & (col(Finding.period_end) <= end)
    query = select(Finding).where(_latest(), Finding.unit_code == unit, or_(of_round, inside))
    return session.exec(query.order_by(col(Finding.code))).all()


def hold_unit(session: Session, unit: str) -> None:
    """Let the writers of one unit's findings take turns: each counts what the one before wrote. Rows that
    only refer to the unit need not wait."""
    session.exec(select(UnitRow.code).where(UnitRow.code == unit).with_for_update(key_share=True)).one()


def find_finding(session: Session, code: str) -> FindingRow | None:
    """The latest revision of a finding."""
    query = select(Finding).where(Finding.code == code).order_by(col(Finding.revision).desc()).limit(1)
    return session.exec(query).one_or_none()


def add_finding(session: Session, row: FindingRow) -> None:
    """Append a revision."""
    session.add(row)
    session.flush()


def count_resolved(session: Session, unit: str, period: str) -> tuple[int, int]:
    """(resolved, all) findings in a unit of exactly one period."""
    query = select(func.count(col(Finding.resolved_on)), func.count()).where(
        _latest(), Finding.unit_code == unit, Finding.period == period
    )
    resolved, total = session.exec(query).one()
    return resolved, total


def list_places(session: Session, filters: Filters) -> dict[date, set[str]]:
    """Last day of a period -> units with findings that meet the filters."""
    query = (
        select(col(Finding.period_end), col(Finding.unit_code)).where(_latest(), *_wanted(filters)).distinct()
    )
    places: dict[date, set[str]] = {}
    for end, unit in session.exec(query):
        places.setdefault(end, set()).add(unit)
    return places


def list_findings(
    session: Session, sight: Sight, filters: Filters, after: str | None, limit: int
) -> Sequence[FindingRow]:
    """Visible findings by code."""
    query = select(Finding).where(_latest(), _visible(sight), *_wanted(filters))
    if after is not None:
        query = query.where(col(Finding.code) > after)
    return session.exec(query.order_by(col(Finding.code)).limit(limit)).all()


def count_findings(session: Session, sight: Sight, filters: Filters) -> list[tuple[str, str, str, int]]:
    """(unit, reform area, state, number) of visible findings, in this order."""
    keys = (col(Finding.unit_code), col(Finding.reform_area))
    query: Any = select(*keys, _state(filters.today).label("state"), func.count())
    query = query.where(_latest(), _visible(sight), *_wanted(filters))
    return [tuple(row) for row in session.execute(query.group_by(*keys, "state").order_by(*keys, "state"))]


def _state(today: date) -> ColumnElement[str]:
    """As `state_of` says it of one row."""
    overdue = col(Finding.due_on) < today
    return case((col(Finding.resolved_on).is_not(None), "resolved"), (overdue, "overdue"), else_="open")


def _wanted(filters: Filters) -> list[ColumnElement[bool]]:
    wanted: list[Any] = [
        col(getattr(Finding, column)) == value
        for column, value in (
            ("unit_code", filters.unit),
            ("reform_area", filters.reform_area),
            ("round_code", filters.round),
        )
        if value is not None
    ]
    return wanted if filters.state is None else [*wanted, _state(filters.today) == filters.state]


def _visible(sight: Sight) -> ColumnElement[bool]:
    if sight is None:
        return true()
    reached = [
        and_(col(Finding.period_end) == end, col(Finding.unit_code).in_(list(units)))
        for end, units in sight.items()
    ]
    return or_(*reached) if reached else false()
