"""Rounds: set up as drafts, then moved from state to state by explicit calls."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlmodel import Session

from app.core.errors import Fault
from app.core.framework import Framework, unbounded_items
from app.core.periods import Period, parse_period
from app.core.types import RoundState
from app.features.frameworks import service as frameworks
from app.features.rounds import repository
from app.features.rounds.repository import Participant
from app.features.rounds.schemas import ParticipantGroup, RoundRead, RoundSummary, RoundWrite
from app.features.units import repository as units
from app.infra.errors import ConflictError, NotFoundError, refuse
from app.models import AssessmentRoundRow, RoundGroupRow, RoundTransitionRow

MAX_PARTICIPANTS = 20_000
"""Six times all communes; PostgreSQL takes 65,535 parameters in a statement."""
NOT_FINAL = frozenset(RoundState) - {RoundState.APPROVED, RoundState.PUBLISHED, RoundState.CORRECTION}
"""States in which results are not public and still follow the figures."""


def allowed_transitions(state: RoundState) -> list[RoundState]:
    """Where a round may go from a state."""
    return [to for to in RoundState if _is_legal(state, to)]


def _is_legal(current: RoundState, to: RoundState) -> bool:
    match (current, to):
        case (RoundState.DRAFT, RoundState.SELF_ASSESSMENT):
            return True
        case (RoundState.SELF_ASSESSMENT, RoundState.APPRAISAL):
            return True
        case (RoundState.APPRAISAL, RoundState.APPROVED):
            return True
        case (RoundState.APPROVED, RoundState.PUBLISHED):
            return True
        case _:
            return False


def get_round(session: Session, code: str) -> AssessmentRoundRow:
    """A round, or an error."""
    return _found(repository.find_round(session, code), code)


def hold_round(session: Session, code: str) -> AssessmentRoundRow:
    """A round whose state cannot change before the commit."""
    return _found(repository.find_round_for_share(session, code), code)


def _found(row: AssessmentRoundRow | None, code: str) -> AssessmentRoundRow:
    if row is None:
        raise NotFoundError("round_unknown", round=code)
    return row


def get_framework(session: Session, row: AssessmentRoundRow) -> Framework:
    """The criteria set of a round."""
    return frameworks.get_framework(session, row.framework_code, row.framework_version)


def period_of(row: AssessmentRoundRow) -> Period:
    """The period of a round."""
    return Period(row.period, row.period_start, row.period_end)


def is_final(row: AssessmentRoundRow) -> bool:
    """Whether the results are approved: public, and no longer moved by figures."""
    return RoundState(row.state) not in NOT_FINAL


def get_participant(session: Session, row: AssessmentRoundRow, unit_code: str) -> Participant:
    """A participant, or an error."""
    found = repository.list_participants(session, row.code, [unit_code])
    if not found:
        raise NotFoundError("unit_not_participant", unit=unit_code, round=row.code)
    return found[0]


def list_rounds(session: Session, after: str | None, limit: int) -> list[RoundSummary]:
    """Rounds by code."""
    return [summary_of(row) for row in repository.list_rounds(session, after, limit)]


def summary_of(row: AssessmentRoundRow) -> RoundSummary:
    """A round without its participants."""
    state = RoundState(row.state)
    return RoundSummary(
        code=row.code,
        title_vi=row.title_vi,
        framework=f"{row.framework_code}@{row.framework_version}",
        period=row.period,
        previous_round=row.previous_round_code,
        state=state,
        revision=row.revision,
        allowed_transitions=allowed_transitions(state),
    )


def read_round(session: Session, row: AssessmentRoundRow) -> RoundRead:
    """A round with its participants."""
    members: dict[str, list[str]] = {}
    for participant in repository.list_participants(session, row.code):
        members.setdefault(participant.group_code, []).append(participant.unit_code)
    groups = [
        ParticipantGroup(group=g.group_code, units=members.get(g.group_code, []), ranked=g.ranked)
        for g in repository.list_groups(session, row.code)
    ]
    return RoundRead(**summary_of(row).model_dump(), participants=groups)


def put_round(session: Session, code: str, written: RoundWrite) -> tuple[RoundRead, bool]:
    """Create a draft, or replace one; (round, whether it is new). The same again is no change."""
    existing = repository.find_round_for_update(session, code)
    if existing is not None:
        read = read_round(session, existing)
        if _as_write(read) == written:
            return read, False
        if existing.state != RoundState.DRAFT:
            raise ConflictError("round_not_draft", round=code, state=existing.state)
    period = parse_period(written.period)
    jurisdictions = _check_round(session, code, written, period)
    framework_code, _, framework_version = written.framework.partition("@")
    row = AssessmentRoundRow(
        code=code,
        title_vi=written.title_vi,
        framework_code=framework_code,
        framework_version=framework_version,
        period=period.text,
        period_start=period.start,
        period_end=period.end,
        previous_round_code=written.previous_round,
        state=RoundState.DRAFT,
        revision=existing.revision + 1 if existing else 1,
        recorded_at=datetime.now(UTC),
    )
    groups = [
        RoundGroupRow(round_code=code, group_code=g.group, position=position, ranked=g.ranked)
        for position, g in enumerate(written.participants)
    ]
    members = [(unit, g.group) for g in written.participants for unit in g.units]
    participants = [
        {
            "round_code": code,
            "unit_code": unit,
            "group_code": group,
            "position": position,
            "jurisdiction_code": jurisdictions[unit],
        }
        for position, (unit, group) in enumerate(members)
    ]
    repository.replace_round(session, row, groups, participants)
    return read_round(session, get_round(session, code)), existing is None


def _as_write(read: RoundRead) -> RoundWrite:
    fields = set(RoundWrite.model_fields)
    return RoundWrite.model_validate(read.model_dump(include=fields))


def _check_round(session: Session, code: str, written: RoundWrite, period: Period) -> dict[str, str]:
    """Refuse what cannot be; return the jurisdiction of each unit at the period's end."""
    count = sum(len(group.units) for group in written.participants)
    if count > MAX_PARTICIPANTS:
        refuse([Fault("too_many_rows", "/participants", {"count": count, "limit": MAX_PARTICIPANTS})])
    faults = _check_framework(session, written.framework)
    if written.previous_round == code:
        faults.append(Fault("previous_round_is_itself", "/previous_round"))
    elif written.previous_round and repository.find_round(session, written.previous_round) is None:
        faults.append(Fault("round_unknown", "/previous_round", {"round": written.previous_round}))
    groups = [group.group for group in written.participants]
    faults += [
        Fault("group_twice", f"/participants/{index}/group", {"group": group})
        for index, group in enumerate(groups)
        if group in groups[:index]
    ]
    jurisdictions = units.list_valid(session, {u for g in written.participants for u in g.units}, period.end)
    faults += _check_units(session, written.participants, jurisdictions, period)
    refuse(faults)
    return jurisdictions


def _check_framework(session: Session, reference: str) -> list[Fault]:
    code, _, version = reference.partition("@")
    try:
        items = unbounded_items(frameworks.get_framework(session, code, version))
    except NotFoundError as error:
        return [Fault(error.code, "/framework", error.params)]
    if not items:
        return []
    return [
        Fault("framework_items_unbounded", "/framework", {"framework": reference, "items": ", ".join(items)})
    ]


def _check_units(
    session: Session, groups: Sequence[ParticipantGroup], valid: dict[str, str], period: Period
) -> list[Fault]:
    missing = {unit for group in groups for unit in group.units} - valid.keys()
    versions: dict[str, list[str]] = {}
    for version in units.list_versions(session, missing) if missing else ():
        interval = f"{version.valid_from}..{version.valid_to or ''}"
        versions.setdefault(version.unit_code, []).append(interval)
    seen: set[str] = set()
    faults = []
    for g, group in enumerate(groups):
        for u, unit in enumerate(group.units):
            pointer = f"/participants/{g}/units/{u}"
            if unit in missing:
                faults.append(_missing_unit(unit, versions.get(unit), period, pointer))
            elif unit in seen:
                faults.append(Fault("unit_in_two_groups", pointer, {"unit": unit}))
            seen.add(unit)
    return faults


def _missing_unit(unit: str, versions: list[str] | None, period: Period, pointer: str) -> Fault:
    if versions is None:
        return Fault("unit_unknown", pointer, {"unit": unit})
    params = {"unit": unit, "on": period.end, "versions": ", ".join(versions)}
    return Fault("unit_not_valid_on", pointer, params)


def move_round(
    session: Session, code: str, to: RoundState, reason: str | None, by: str
) -> AssessmentRoundRow:
    """Move a round one step, and record it. Moving out of draft opens the sheets."""
    row = _found(repository.find_round_for_update(session, code), code)
    current = RoundState(row.state)
    if not _is_legal(current, to):
        allowed = ", ".join(allowed_transitions(current)) or "-"
        raise ConflictError("transition_not_allowed", state=current, allowed=allowed)
    if current is RoundState.DRAFT:
        _open_sheets(session, row)
    row.state = to
    row.revision += 1
    transition = RoundTransitionRow(
        round_code=code,
        revision=row.revision,
        from_state=current,
        to_state=to,
        reason=reason,
        recorded_at=datetime.now(UTC),
        recorded_by=by,
    )
    repository.add_transition(session, transition)
    return row


def _open_sheets(session: Session, row: AssessmentRoundRow) -> None:
    reference = f"{row.framework_code}@{row.framework_version}"
    if frameworks.get_row(session, row.framework_code, row.framework_version).state != "published":
        raise ConflictError("framework_not_published", framework=reference)
    items = unbounded_items(get_framework(session, row))
    if items:
        raise ConflictError("framework_items_unbounded", framework=reference, items=", ".join(items))
    participants = repository.list_participants(session, row.code)
    if not participants:
        raise ConflictError("round_without_units")
    repository.add_sheets(session, row.code, participants)
