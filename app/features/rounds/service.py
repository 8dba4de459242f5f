"""Rounds: set up as drafts, then moved from state to state by explicit calls."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from app.core.access import NATION
from app.core.errors import Fault
from app.core.framework import Framework, unbounded_items
from app.core.periods import Period, parse_period
from app.core.types import ClientScope, RoundState
from app.core.workflow import (
    FINAL_STATES,
    PHASES,
    Standing,
    check_deadlines,
    refuse_move,
    refuse_opening,
)
from app.features.frameworks import service as frameworks
from app.features.rounds import mapping, repository
from app.features.rounds.mapping import as_write, deadlines_read, groups_of, summary_of
from app.features.rounds.repository import Participant
from app.features.rounds.schemas import Deadlines, ParticipantGroup, RoundRead, RoundSummary, RoundWrite
from app.features.units import repository as unit_queries
from app.features.units import service as units
from app.infra import audit
from app.infra.auth import Caller, require_everywhere, require_scope
from app.infra.errors import (
    ConflictError,
    NotFoundError,
    PreconditionFailedError,
    refuse,
    refuse_state,
)
from app.infra.messages import Language
from app.infra.problems import conflict_between
from app.models import AssessmentRoundRow, RoundGroupRow, RoundTransitionRow

MAX_PARTICIPANTS = 20_000
"""Six times all communes; PostgreSQL takes 65,535 parameters in a statement."""


def get_round(session: Session, code: str) -> AssessmentRoundRow:
    """A round, or an error."""
    return _found(repository.find_round(session, code), code)


def lock_round(session: Session, code: str) -> AssessmentRoundRow:
    """A round that nobody else moves or changes before the commit."""
    return _found(repository.find_round_for_update(session, code), code)


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


def standing_of(session: Session, row: AssessmentRoundRow) -> Standing:
    """Where a round stands: its state, the process of its criteria set, its deadlines."""
    return mapping.standing_of(row, get_framework(session, row).process)


def require_round(session: Session, row: AssessmentRoundRow, caller: Caller, scope: ClientScope) -> None:
    """Refuse a caller whose scope does not reach every unit of a round."""
    require_scope(caller, [scope])
    if not caller.everywhere(scope):
        members = [p.unit_code for p in repository.list_participants(session, row.code)]
        if not members:
            require_everywhere(caller, scope)
        units.require_units(session, caller, [scope], members, row.period_end)


def reaches_all(session: Session, row: AssessmentRoundRow, caller: Caller, scope: ClientScope) -> bool:
    """Whether a scope of a caller reaches every unit of a round."""
    if caller.everywhere(scope):
        return True
    members = {p.unit_code for p in repository.list_participants(session, row.code)}
    return (
        bool(members)
        and units.find_covered(session, caller.having(scope), members, row.period_end) == members
    )


def period_of(row: AssessmentRoundRow) -> Period:
    """The period of a round."""
    return Period(row.period, row.period_start, row.period_end)


def is_final(row: AssessmentRoundRow) -> bool:
    """Whether the results are approved: no longer moved by figures, and public once they are released."""
    return row.state in FINAL_STATES


def is_public(row: AssessmentRoundRow, at: datetime | None = None) -> bool:
    """Whether everybody may see the results; now, or at an instant."""
    return is_final(row) and (row.release_at is None or row.release_at <= (at or datetime.now(UTC)))


def set_release(session: Session, row: AssessmentRoundRow, at: datetime | None) -> None:
    """Hold the results back until an instant, from which on they are public everywhere at once."""
    row.release_at = at
    session.flush()


def get_participant(session: Session, row: AssessmentRoundRow, unit_code: str) -> Participant:
    """A participant, or an error."""
    found = repository.list_participants(session, row.code, [unit_code])
    if not found:
        raise NotFoundError("unit_not_participant", unit=unit_code, round=row.code)
    return found[0]


def list_rounds(session: Session, after: str | None, limit: int, language: Language) -> list[RoundSummary]:
    """Rounds by code."""
    rows = repository.list_rounds(session, after, limit)
    ready = repository.list_readiness(session, [row.code for row in rows if row.state == RoundState.DRAFT])
    used = frameworks.get_frameworks(session, {(r.framework_code, r.framework_version) for r in rows})
    summaries = []
    for row in rows:
        framework = used[row.framework_code, row.framework_version]
        fault = refuse_opening(framework, *ready[row.code]) if row.code in ready else None
        summaries.append(summary_of(row, framework.process, fault, language))
    return summaries


def read_round(session: Session, row: AssessmentRoundRow, language: Language) -> RoundRead:
    """A round with its participants."""
    participants = repository.list_participants(session, row.code)
    process, fault = get_framework(session, row).process, _opening_fault(session, row)
    return RoundRead(
        **summary_of(row, process, fault, language).model_dump(),
        participants=groups_of(repository.list_groups(session, row.code), participants),
        deadlines=deadlines_read(row),
    )


def put_round(
    session: Session,
    code: str,
    written: RoundWrite,
    by: Caller,
    language: Language = "vi",
    if_match: str | None = None,
) -> tuple[RoundRead, bool]:
    """Create a draft, or replace one; (round, whether it is new). The same again is no change.

    Until approval the deadlines of a running round may be moved; nothing else of it changes.
    """
    existing = repository.find_round_for_update(session, code)
    before = None
    if existing is not None:
        before = read_round(session, existing, language)
        require_round(session, existing, by, ClientScope.ROUNDS_MANAGE)
        _check_match(before, written, if_match)
        if as_write(before) == written:
            return before, False
    refuse(check_deadlines({phase: getattr(written.deadlines, phase) for phase in PHASES}))
    if existing is not None and before is not None and existing.state != RoundState.DRAFT:
        _move_deadlines(session, existing, before, written)
    else:
        _replace_draft(session, code, written, by, before.revision + 1 if before else 1)
    read = read_round(session, get_round(session, code), language)
    _record_put(session, by, before, read)
    return read, before is None


def _move_deadlines(
    session: Session, row: AssessmentRoundRow, before: RoundRead, written: RoundWrite
) -> None:
    same = as_write(before).model_copy(update={"deadlines": written.deadlines}) == written
    if not same or is_final(row):
        raise ConflictError("round_not_draft", round=row.code, state=row.state)
    row.revision += 1
    _set_deadlines(row, written.deadlines)
    session.flush()


def _replace_draft(session: Session, code: str, written: RoundWrite, by: Caller, revision: int) -> None:
    period = parse_period(written.period)
    members = [(unit, g.group) for g in written.participants for unit in g.units]
    if not by.everywhere(ClientScope.ROUNDS_MANAGE):
        if not members:
            require_everywhere(by, ClientScope.ROUNDS_MANAGE)
        units.require_units(
            session, by, [ClientScope.ROUNDS_MANAGE], [unit for unit, _ in members], period.end
        )
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
        revision=revision,
        recorded_at=datetime.now(UTC),
    )
    _set_deadlines(row, written.deadlines)
    groups = [
        RoundGroupRow(round_code=code, group_code=g.group, position=position, ranked=g.ranked)
        for position, g in enumerate(written.participants)
    ]
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


def _record_put(session: Session, by: Caller, before: RoundRead | None, after: RoundRead) -> None:
    def said(read: RoundRead) -> dict[str, Any]:
        return read.model_dump(mode="json", exclude={"actions", "allowed_transitions"})

    event = audit.Event(
        by, "round.put", NATION, {"round": after.code}, said(before) if before else None, said(after)
    )
    audit.record(session, event)


def _check_match(before: RoundRead, written: RoundWrite, if_match: str | None) -> None:
    """Refuse what was written over another revision than the one that was read."""
    if if_match is None or if_match.strip() == "*":
        return
    if any(
        tag.strip().startswith((f'"{before.revision}.', f'"{before.revision}"'))
        for tag in if_match.split(",")
    ):
        return
    current = as_write(before).model_dump(mode="json")
    conflict = conflict_between(current, written.model_dump(mode="json"), before.revision)
    raise PreconditionFailedError("precondition_failed", conflict, current=before.revision, given=if_match)


def _set_deadlines(row: AssessmentRoundRow, deadlines: Deadlines) -> None:
    for phase in PHASES:
        setattr(row, f"{phase}_until", getattr(deadlines, phase))


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
    jurisdictions = unit_queries.list_valid(
        session, {u for g in written.participants for u in g.units}, period.end
    )
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
    for version in unit_queries.list_versions(session, missing) if missing else ():
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
    session: Session, code: str, to: RoundState, reason: str | None, by: Caller
) -> tuple[AssessmentRoundRow, RoundState]:
    """Move a round one step, and record it; (round, the state that it left)."""
    row = lock_round(session, code)
    scope = ClientScope.PUBLISH if to is RoundState.PUBLISHED else ClientScope.ROUNDS_MANAGE
    require_round(session, row, by, scope)
    standing = standing_of(session, row)
    refuse_state(refuse_move(standing, to))
    if standing.state is RoundState.DRAFT:
        refuse_state(_opening_fault(session, row))
    if to is RoundState.CORRECTION and not reason:
        refuse([Fault("reason_needed", "/reason", {})])
    row.state = to
    row.revision += 1
    transition = RoundTransitionRow(
        round_code=code,
        revision=row.revision,
        from_state=standing.state,
        to_state=to,
        reason=reason,
        recorded_at=datetime.now(UTC),
        recorded_by=by.code,
    )
    repository.add_transition(session, transition)
    event = audit.Event(
        by,
        "round.move",
        NATION,
        {"round": code},
        {"state": standing.state},
        {"state": to, "revision": row.revision},
        reason,
        {f"round_transition/{code}/{row.revision}": audit.digest_of_row(transition)},
    )
    audit.record(session, event)
    return row, standing.state


def etag_of(session: Session, row: AssessmentRoundRow, language: Language) -> str:
    """The revision; with it what else the answer says: why a draft cannot be opened, in which language."""
    fault = _opening_fault(session, row)
    return f'"{row.revision}.{fault.code if fault else ""}.{language}"'


def _opening_fault(session: Session, row: AssessmentRoundRow) -> Fault | None:
    """Why a draft cannot be opened yet; None where it can, or is open already."""
    if row.state != RoundState.DRAFT:
        return None
    # asked first: once a set is published, it no longer changes
    ready = repository.list_readiness(session, [row.code])[row.code]
    return refuse_opening(get_framework(session, row), *ready)
