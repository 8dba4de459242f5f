"""Queries that return rounds and their participants."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, tuple_
from sqlmodel import Session, col, delete, insert, select

from app.core.types import RoundState
from app.core.workflow import FINAL_STATES
from app.models import (
    AssessmentRoundRow,
    FrameworkVersionRow,
    PublicationRow,
    RoundGroupRow,
    RoundParticipantRow,
    RoundTransitionRow,
)


class Participant(NamedTuple):
    """A unit in its group of a round."""

    unit_code: str
    group_code: str
    jurisdiction_code: str


class Readiness(NamedTuple):
    """What a draft needs to be opened, as far as the database can tell."""

    framework_published: bool
    has_units: bool


def find_round(session: Session, code: str) -> AssessmentRoundRow | None:
    """A round as it is."""
    return session.get(AssessmentRoundRow, code)


def find_round_for_update(session: Session, code: str) -> AssessmentRoundRow | None:
    """A round that nobody else can change until the commit."""
    query = select(AssessmentRoundRow).where(AssessmentRoundRow.code == code).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).one_or_none()


def find_round_for_share(session: Session, code: str) -> AssessmentRoundRow | None:
    """A round whose state stays as it is until the commit; others may share it."""
    query = select(AssessmentRoundRow).where(AssessmentRoundRow.code == code).with_for_update(read=True)
    return session.exec(query).one_or_none()


def has_publication(session: Session, code: str) -> bool:
    """Whether a round was published with a signed document."""
    return (
        session.exec(select(PublicationRow.id).where(PublicationRow.round_code == code)).first() is not None
    )


def list_rounds(session: Session, after: str | None, limit: int) -> Sequence[AssessmentRoundRow]:
    """Rounds by code, after a code."""
    query = select(AssessmentRoundRow).order_by(col(AssessmentRoundRow.code)).limit(limit)
    if after is not None:
        query = query.where(col(AssessmentRoundRow.code) > after)
    return session.exec(query).all()


def list_running(session: Session) -> Sequence[AssessmentRoundRow]:
    """Rounds by code that are open and not approved yet."""
    row = AssessmentRoundRow
    over = (RoundState.DRAFT, *FINAL_STATES)
    return session.exec(select(row).where(col(row.state).not_in(over)).order_by(col(row.code))).all()


def list_readiness(session: Session, codes: Iterable[str]) -> dict[str, Readiness]:
    """Round -> what it has of what opening it needs, in one statement for all."""
    row, framework = AssessmentRoundRow, FrameworkVersionRow
    has_units = select(RoundParticipantRow).where(RoundParticipantRow.round_code == row.code).exists()
    of_round = and_(
        col(framework.code) == row.framework_code, col(framework.version) == row.framework_version
    )
    query = (
        select(row.code, col(framework.state) == "published", has_units)
        .join(framework, of_round)
        .where(col(row.code).in_(list(codes)))
    )
    return {code: Readiness(published, has) for code, published, has in session.exec(query)}


def list_rounds_of(session: Session, frameworks: Iterable[tuple[str, str]]) -> Sequence[AssessmentRoundRow]:
    """Rounds by code that are scored with any of some criteria sets (code, version)."""
    row = AssessmentRoundRow
    scored_with = tuple_(col(row.framework_code), col(row.framework_version))
    query = select(row).where(scored_with.in_(list(frameworks))).order_by(col(row.code))
    return session.exec(query).all()


def list_units_of(session: Session, rounds: Iterable[str]) -> Sequence[tuple[str, str]]:
    """(round, unit) of the participants of some rounds, in the order in which they were given."""
    row = RoundParticipantRow
    query = select(row.round_code, row.unit_code).where(col(row.round_code).in_(list(rounds)))
    return session.exec(query.order_by(col(row.round_code), col(row.position))).all()


def list_groups(session: Session, code: str) -> Sequence[RoundGroupRow]:
    """Groups of a round in their order."""
    query = select(RoundGroupRow).where(RoundGroupRow.round_code == code)
    return session.exec(query.order_by(col(RoundGroupRow.position))).all()


def list_participants(
    session: Session, code: str, units: Iterable[str] | None = None, group: str | None = None
) -> list[Participant]:
    """Participants in the order in which they were given; only some units, or one group, where named."""
    row = RoundParticipantRow
    query = select(row.unit_code, row.group_code, row.jurisdiction_code).where(row.round_code == code)
    if units is not None:
        query = query.where(col(row.unit_code).in_(list(units)))
    if group is not None:
        query = query.where(row.group_code == group)
    return [Participant(*found) for found in session.exec(query.order_by(col(row.position))).all()]


def replace_round(
    session: Session,
    row: AssessmentRoundRow,
    groups: Sequence[RoundGroupRow],
    participants: Sequence[dict[str, Any]],
) -> None:
    """Insert or replace a draft with all its groups and participants."""
    session.merge(row)
    session.flush()
    for table in (RoundParticipantRow, RoundGroupRow):
        session.exec(delete(table).where(col(table.round_code) == row.code))
    session.add_all(groups)
    session.flush()
    if participants:
        session.exec(insert(RoundParticipantRow), params=participants)


def find_approval(session: Session, code: str) -> datetime | None:
    """When a round was approved; None before."""
    row = RoundTransitionRow
    query = select(row.recorded_at).where(row.round_code == code, row.to_state == RoundState.APPROVED)
    return session.exec(query.order_by(col(row.revision).desc()).limit(1)).first()


def list_transitions(session: Session, code: str) -> Sequence[RoundTransitionRow]:
    """All steps of a round, the first one first."""
    row = RoundTransitionRow
    return session.exec(select(row).where(row.round_code == code).order_by(col(row.revision))).all()


def add_transition(session: Session, transition: RoundTransitionRow) -> None:
    """Record a step."""
    session.add(transition)
    session.flush()
