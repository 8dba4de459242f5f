"""Moves of a round, and what becomes of its results by them."""

from datetime import datetime

from sqlmodel import Session

from app.core.errors import Fault
from app.core.scoring import computed_entries
from app.core.sheet import Key, Said
from app.core.types import RoundState
from app.features.findings import service as findings
from app.features.inputs.service import list_inputs
from app.features.results.mapping.items import figures_text
from app.features.rounds import repository as round_queries
from app.features.rounds import service as rounds
from app.features.rounds.repository import Participant
from app.features.scores import service as scores
from app.features.scores.mapping import Writing
from app.features.sheets import repository as sheet_queries
from app.features.sheets import service as sheets
from app.infra.auth import Caller
from app.infra.errors import ConflictError, refuse
from app.models import AssessmentRoundRow


def move_round(
    session: Session,
    code: str,
    to: RoundState,
    reason: str | None,
    by: Caller,
    *,
    release_at: datetime | None = None,
    is_publication: bool = False,
) -> AssessmentRoundRow:
    """Move a round; approval writes down the figures' scores, so that nothing moves them afterwards.

    `release_at`: when an approved round's results are public. `is_publication`: once a signed document was
    published, only another one makes a correction public: they would say different things."""
    if release_at is not None and to is not RoundState.APPROVED:
        refuse([Fault("embargo_not_here", "/release_at")])
    if to is RoundState.PUBLISHED and not is_publication and round_queries.has_publication(session, code):
        raise ConflictError("publication_needed", round=code)
    row, left = rounds.move_round(session, code, to, reason, by)
    if release_at is not None:
        rounds.set_release(session, row, release_at)
    if left is RoundState.DRAFT:
        sheets.open_round(session, code)
        findings.count_round(session, row, by)
    match to:
        case RoundState.EXPLANATION:
            sheet_queries.open_all(session, code)
        case RoundState.APPROVED:
            _freeze_figures(session, row, by)
        case RoundState.PUBLISHED:
            sheets.mark_published(session, row, by)
    return row


def _freeze_figures(session: Session, row: AssessmentRoundRow, by: Caller) -> None:
    """Write down what the figures gave as they were known at the instant of the approval."""
    framework = rounds.get_framework(session, row)
    participants: list[Participant] = round_queries.list_participants(session, row.code)
    places = {p.unit_code: p.jurisdiction_code for p in participants}
    known_at = round_queries.find_approval(session, row.code)
    inputs = list_inputs(session, places, rounds.period_of(row), framework, known_at)
    said: dict[Key, Said] = {
        (unit, item, stage): (
            entry.points,
            entry.not_applicable,
            figures_text(framework.items[item], found, row.period),
            None,
        )
        for unit, found in inputs.items()
        for (item, stage), entry in computed_entries(framework, found).items()
    }
    touched = {unit: places[unit] for unit, _, _ in said}
    if not touched:
        return
    held = sheets.hold_sheets(session, row.code, touched)
    sheet_queries.bump_sheets(session, row.code, touched)
    revisions = {unit: revision + 1 for unit, (revision, _) in held.items()}
    scores.write_entries(session, row.code, Writing(touched, revisions, said, {}), by)
