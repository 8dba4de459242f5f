"""Queries that return findings. Rows are append-only: the latest revision counts."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.core.periods import Period
from app.features.units.repository import is_reached
from app.models import AssessmentRoundRow, FindingRow, RoundParticipantRow, UnitRow

Finding = FindingRow


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
    inside = and_(*_within(start, end))
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


def count_resolved(session: Session, unit: str, start: date, end: date) -> tuple[int, int]:
    """(resolved, all) findings in a unit whose period lies in an interval."""
    query = select(func.count(col(Finding.resolved_on)), func.count()).where(
        _latest(), Finding.unit_code == unit, *_within(start, end)
    )
    resolved, total = session.exec(query).one()
    return resolved, total


def _within(start: date, end: date) -> tuple[ColumnElement[bool], ...]:
    return (col(Finding.period_start) >= start, col(Finding.period_end) <= end)


def list_found_in(session: Session, units: Sequence[str], start: date, end: date) -> list[str]:
    """Those of some units in which anything was found within an interval, in order."""
    query = select(Finding.unit_code).where(_latest(), *_within(start, end)).distinct()
    return sorted(set(session.exec(query)) & set(units))


def list_round_periods(session: Session, unit: str) -> list[Period]:
    """The periods of the rounds in which a unit takes part."""
    row = AssessmentRoundRow
    query = (
        select(col(row.period), col(row.period_start), col(row.period_end))
        .join(RoundParticipantRow, col(RoundParticipantRow.round_code) == row.code)
        .where(RoundParticipantRow.unit_code == unit)
        .distinct()
    )
    return [Period(*found) for found in session.exec(query)]


def list_findings(
    session: Session, reach: Subquery | None, filters: Filters, after: str | None, limit: int
) -> Sequence[FindingRow]:
    """Visible findings by code."""
    query = select(Finding).where(
        _latest(), is_reached(reach, Finding.unit_code, Finding.period_end), *_wanted(filters)
    )
    if after is not None:
        query = query.where(col(Finding.code) > after)
    return session.exec(query.order_by(col(Finding.code)).limit(limit)).all()


def list_reached(session: Session, reach: Subquery | None, codes: Collection[str]) -> set[str]:
    """Those of some findings that are visible."""
    visible = is_reached(reach, Finding.unit_code, Finding.period_end)
    return set(session.exec(select(Finding.code).where(_latest(), visible, col(Finding.code).in_(codes))))


def count_findings(
    session: Session, reach: Subquery | None, filters: Filters
) -> list[tuple[str, str, str, int]]:
    """(unit, reform area, state, number) of visible findings, in this order."""
    keys = (col(Finding.unit_code), col(Finding.reform_area))
    query: Any = select(*keys, _state(filters.today).label("state"), func.count())
    query = query.where(
        _latest(), is_reached(reach, Finding.unit_code, Finding.period_end), *_wanted(filters)
    )
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
