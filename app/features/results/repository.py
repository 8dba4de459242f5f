"""Queries that return results, and what they rest on."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.infra.db import upsert
from app.models import (
    PublicationRow,
    RoundParticipantRow,
    SheetRow,
    StatisticsRevisionRow,
    UnitResultRow,
)

Participant = RoundParticipantRow
Sheet = SheetRow
Statistics = StatisticsRevisionRow
Result = UnitResultRow
_REVISIONS = ("sheet_revision", "statistics_revision", "round_revision", "tree_revision", "engine_version")


class Basis(NamedTuple):
    """A participant, the revisions as they are now, and its stored result (None where there is none)."""

    unit_code: str
    group_code: str
    jurisdiction_code: str
    sheet_revision: int
    statistics_revision: int
    stored_revisions: tuple[int | None, ...]
    """In the order of: sheet, statistics, round, tree, engine."""
    self_scores_only: bool | None
    areas: str | None
    published_revision: int | None
    """The revision of the sheet that was published; None before."""


def list_bases(session: Session, round_code: str, group: str) -> list[Basis]:
    """All participants of a group with revisions and stored results, in one query."""
    columns = [
        col(Participant.unit_code),
        col(Participant.group_code),
        col(Participant.jurisdiction_code),
        col(Sheet.revision),
        func.coalesce(Statistics.revision, 0),
        *(col(getattr(Result, name)) for name in _REVISIONS),
        col(Result.self_scores_only),
        col(Result.areas),
        col(Sheet.published_revision),
    ]
    query = (
        select(*columns)
        .select_from(Participant)
        .join(Sheet, _same_place(Sheet))
        .outerjoin(Statistics, _same_unit())
        .outerjoin(Result, _same_place(Result))
        .where(col(Participant.round_code) == round_code, col(Participant.group_code) == group)
    )
    rows = session.connection().execute(query)
    return [Basis(r[0], r[1], r[2], r[3], r[4], tuple(r[5:10]), *r[10:13]) for r in rows]


def _same_place(table: Any) -> ColumnElement[bool]:
    return and_(
        col(table.jurisdiction_code) == Participant.jurisdiction_code,
        col(table.round_code) == Participant.round_code,
        col(table.unit_code) == Participant.unit_code,
    )


def _same_unit() -> ColumnElement[bool]:
    return and_(
        col(Statistics.jurisdiction_code) == Participant.jurisdiction_code,
        col(Statistics.unit_code) == Participant.unit_code,
    )


def sum_revisions(session: Session, round_code: str, nation: str) -> tuple[int, int]:
    """Sums of the sheet and statistics revisions of a round: they rise with every write.

    Figures of provinces do not raise the revision of the nation: where it takes part, all figures count.
    """
    everything, takes_part = aliased(Statistics), aliased(Participant)
    national = select(func.sum(everything.revision)).where(
        select(takes_part.unit_code)
        .where(col(takes_part.round_code) == round_code, col(takes_part.unit_code) == nation)
        .exists()
    )
    query = (
        select(
            func.coalesce(func.sum(Sheet.revision), 0),
            func.coalesce(func.sum(Statistics.revision), 0),
            func.coalesce(national.scalar_subquery(), 0),
        )
        .select_from(Participant)
        .join(Sheet, _same_place(Sheet))
        .outerjoin(Statistics, _same_unit())
        .where(col(Participant.round_code) == round_code)
    )
    sheets, statistics, all_figures = session.exec(query).one()
    return int(sheets), int(statistics) + int(all_figures)


def find_decision_day(session: Session, round_code: str, known_at: datetime | None = None) -> date | None:
    """The day of the decision that published the results of a round last, now or as of an instant; None where
    none did."""
    row = PublicationRow
    query = select(col(row.decision_issued_on)).where(row.round_code == round_code)
    if known_at is not None:
        query = query.where(col(row.recorded_at) <= known_at)
    return session.exec(query.order_by(col(row.number).desc()).limit(1)).first()


def store_results(session: Session, results: Sequence[dict[str, Any]]) -> None:
    """Store results; a stored one is replaced only by one whose every revision is as new or newer."""
    values = ("self_scores_only", "areas", *_REVISIONS)
    in_order = sorted(results, key=lambda r: (r["jurisdiction_code"], r["unit_code"]))
    upsert(
        session,
        Result,
        in_order,
        lambda inserted: {name: inserted[name] for name in values},
        only_if=lambda inserted: and_(*(inserted[n] >= col(getattr(Result, n)) for n in _REVISIONS)),
    )
