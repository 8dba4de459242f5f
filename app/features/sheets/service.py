"""Sheets between the unit and the appraisal: submitted, returned, locked by a deadline."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlmodel import Session

from app.core.access import NATION, READS_SCORES
from app.core.types import ClientScope, RoundState, SheetState
from app.core.workflow import (
    UNIT_STATES,
    SheetStanding,
    Standing,
    refuse_return,
    refuse_unit,
    sheet_actions,
)
from app.features.rounds import repository as round_queries
from app.features.rounds import service as rounds
from app.features.rounds.mapping import render_actions
from app.features.rounds.schemas import NextAction
from app.features.sheets import repository
from app.features.sheets.mapping import conflict_of
from app.features.sheets.schemas import ReturnCreate, SheetStandingRead, SheetSummary, SubmitCreate
from app.features.units import service as units
from app.infra import audit
from app.infra.auth import Caller
from app.infra.errors import ConflictError, PreconditionFailedError, refuse_state
from app.infra.messages import Language
from app.infra.problems import matches
from app.models import AssessmentRoundRow, SheetRow, SheetSubmissionRow

RETURNERS = (ClientScope.SCORES_APPRAISE, ClientScope.ROUNDS_MANAGE)


def require_reader(session: Session, row: AssessmentRoundRow, unit: str, caller: Caller) -> None:
    """Refuse a caller that may not see the unpublished scores of a unit."""
    units.require_units(session, caller, READS_SCORES, [unit], row.period_end)


def list_sheets(session: Session, code: str, caller: Caller, language: Language) -> list[SheetStandingRead]:
    """Where the sheets stand that the caller may see, and what can be done next with each."""
    row = rounds.get_round(session, code)
    standing = rounds.standing_of(session, row)
    found = repository.list_sheets(session, code)
    scopes = (*READS_SCORES, ClientScope.ROUNDS_MANAGE)
    seen = units.find_covered(session, caller.having(*scopes), [s.unit_code for s in found], row.period_end)
    return [_standing(code, standing, sheet, language) for sheet in found if sheet.unit_code in seen]


def _standing(code: str, standing: Standing, sheet: SheetRow, language: Language) -> SheetStandingRead:
    actions = list_actions(standing, standing_of(sheet), language)
    return SheetStandingRead(**_summary(sheet).model_dump(), round=code, actions=actions)


def _summary(sheet: SheetRow) -> SheetSummary:
    return SheetSummary(
        unit=sheet.unit_code,
        state=SheetState(sheet.state),
        revision=sheet.revision,
        open_until=sheet.open_until,
    )


def standing_of(sheet: SheetRow) -> SheetStanding:
    """Where a sheet stands, for the rules of the core."""
    return SheetStanding(SheetState(sheet.state), sheet.open_until)


def list_actions(standing: Standing, sheet: SheetStanding, language: Language) -> list[NextAction]:
    """What can be done next with a sheet."""
    return render_actions(sheet_actions(standing, sheet, datetime.now(UTC)), language)


def submit_sheet(
    session: Session,
    place: tuple[str, str],
    written: SubmitCreate,
    if_match: str | None,
    by: Caller,
    language: Language,
) -> SheetStandingRead:
    """The unit hands its sheet at (round, unit) in; from then on its side is locked."""
    row, standing, sheet = _hold(session, place, by, (ClientScope.SCORES_SELF,))
    _check_match(session, sheet, if_match)
    _refuse_outside_phase(standing)
    refuse_state(refuse_unit(standing, standing_of(sheet), datetime.now(UTC)))
    return _step(session, row, sheet, "submit", written.note, None, by, language)


def return_sheet(
    session: Session,
    place: tuple[str, str],
    written: ReturnCreate,
    if_match: str | None,
    by: Caller,
    language: Language,
) -> SheetStandingRead:
    """A sheet at (round, unit) goes back to its unit, where needed with more time."""
    row, standing, sheet = _hold(session, place, by, RETURNERS)
    _check_match(session, sheet, if_match)
    refuse_state(refuse_return(standing, standing_of(sheet), written.until, datetime.now(UTC)))
    return _step(session, row, sheet, "return", written.reason, written.until, by, language)


def _hold(
    session: Session, place: tuple[str, str], by: Caller, scopes: Sequence[ClientScope]
) -> tuple[AssessmentRoundRow, Standing, SheetRow]:
    code, unit = place
    row = rounds.hold_round(session, code)
    participant = rounds.get_participant(session, row, unit)
    units.require_units(session, by, scopes, [unit], row.period_end)
    standing = rounds.standing_of(session, row)
    if standing.state is RoundState.DRAFT:
        raise ConflictError("round_not_started", round=code)
    sheet = repository.find_sheet_for_update(session, participant.jurisdiction_code, code, unit)
    return row, standing, sheet


def _refuse_outside_phase(standing: Standing) -> None:
    if standing.state not in UNIT_STATES:
        raise ConflictError("sheet_not_in_units_hands", state=standing.state)


def _check_match(session: Session, sheet: SheetRow, if_match: str | None) -> None:
    """Refuse what was decided over another version of the sheet than the one that stands."""
    if if_match is None or matches(if_match, f'"{sheet.revision}"'):
        return
    history = repository.list_history(session, sheet.round_code, sheet.unit_code, sheet.jurisdiction_code)
    conflict = conflict_of(history, sheet.revision, if_match, {})
    conflict["current"] |= _summary(sheet).model_dump(mode="json")
    raise PreconditionFailedError("precondition_failed", conflict, current=sheet.revision, given=if_match)


def _step(
    session: Session,
    row: AssessmentRoundRow,
    sheet: SheetRow,
    action: str,
    reason: str | None,
    until: datetime | None,
    by: Caller,
    language: Language,
) -> SheetStandingRead:
    before = _summary(sheet).model_dump(mode="json")
    state = SheetState.SUBMITTED if action == "submit" else SheetState.RETURNED
    repository.set_state(session, sheet, state, until)
    step = SheetSubmissionRow(
        jurisdiction_code=sheet.jurisdiction_code,
        round_code=sheet.round_code,
        unit_code=sheet.unit_code,
        revision=sheet.revision,
        action=action,
        reason=reason,
        open_until=until,
        recorded_at=datetime.now(UTC),
        recorded_by=by.code,
    )
    repository.add_submission(session, step)
    summary = _summary(sheet)
    key = f"sheet_submission/{sheet.round_code}/{sheet.unit_code}/{sheet.revision}"
    event = audit.Event(
        by,
        f"sheet.{action}",
        sheet.jurisdiction_code,
        {"round": sheet.round_code, "unit": sheet.unit_code},
        before,
        summary.model_dump(mode="json"),
        reason,
        {key: audit.digest_of_row(step)},
    )
    audit.record(session, event)
    return _standing(sheet.round_code, rounds.standing_of(session, row), sheet, language)


def open_round(session: Session, code: str) -> None:
    """The round leaves draft: every participant gets its sheet."""
    participants = round_queries.list_participants(session, code)
    repository.add_sheets(session, code, {p.unit_code: p.jurisdiction_code for p in participants})


def mark_published(session: Session, row: AssessmentRoundRow, by: Caller) -> None:
    """What is published now: the revisions of all sheets as they are, which the audit vouches for."""
    repository.mark_published(session, row.code)
    published = [(s.unit_code, s.revision) for s in repository.list_sheets(session, row.code)]
    event = audit.Event(
        by,
        "sheets.publish",
        NATION,
        {"round": row.code},
        None,
        {"sheets": len(published)},
        None,
        {f"published/{row.code}/{row.revision}": audit.digest_rows(published)},
    )
    audit.record(session, event)


def hold_sheets(
    session: Session, round_code: str, places: Mapping[str, str]
) -> dict[str, tuple[int, SheetStanding]]:
    """Unit -> (revision, standing) of its sheet, held until the commit. `places`: unit -> jurisdiction."""
    rows = repository.lock_sheets(session, round_code, places)
    return {
        unit: (revision, SheetStanding(SheetState(state), until))
        for unit, (_, revision, state, until) in rows.items()
    }
