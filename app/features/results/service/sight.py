"""What of a round a caller may see."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session

from app.core import ENGINE_VERSION
from app.core.access import NATION, READS_SCORES
from app.core.errors import Fault
from app.core.types import ClientScope, RoundState
from app.features.results import repository
from app.features.rounds import repository as round_queries
from app.features.rounds import service as rounds
from app.features.rounds.service import PastRound
from app.features.units import repository as unit_queries
from app.features.units import service as units
from app.infra import audit
from app.infra.auth import Caller, require_scope
from app.infra.clock import VIETNAM
from app.infra.db import Database
from app.infra.errors import ConflictError, ForbiddenError, UnauthorizedError, refuse
from app.models import AssessmentRoundRow, RoundGroupRow


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller may see of a round.

    `units`: those whose unpublished results it may see, None is all. `live`: in a correction, the corrected
    figures before they are published.
    """

    units: frozenset[str] | None = None
    live: bool = False


def open_round(session: Session, code: str) -> AssessmentRoundRow:
    """A round that has results."""
    row = rounds.get_round(session, code)
    if row.state == RoundState.DRAFT:
        raise ConflictError("round_not_started", round=code)
    return row


class Instant(NamedTuple):
    """As of when a round is looked at: None is now. `settled`: how long ago it must be."""

    at: datetime | None = None
    settled: timedelta = timedelta()


NOW = Instant()


class View(NamedTuple):
    """A group of a round that a caller may see. `tag` changes whenever a result of it may; `past`: the round
    as it stood, where it is looked at as of an instant."""

    round: AssessmentRoundRow
    group: RoundGroupRow
    sight: Sight
    tag: str
    past: PastRound | None = None


def open_view(
    session: Session,
    row: AssessmentRoundRow,
    choose: Callable[[Session, AssessmentRoundRow], RoundGroupRow],
    caller: Caller | None,
    instant: Instant = NOW,
    wanted: Sequence[str] | None = None,
) -> View:
    """A group as a caller may see it, or an error. `wanted`: as `require_sight`."""
    past = open_past(session, row, *instant)
    if caller is None and not rounds.is_public(row if past is None else past.row, instant.at):
        raise UnauthorizedError("key_missing")
    group = choose(session, row)
    sight = look(session, row, group, caller, past)
    require_sight(sight, caller, wanted)
    return View(row, group, sight, revision_tag(session, row, sight, past), past)


def open_past(
    session: Session, row: AssessmentRoundRow, at: datetime | None, settled: timedelta
) -> PastRound | None:
    """A round as it stood at an instant; None where none is asked for. What was recorded less than `settled`
    ago may be joined by something earlier that is still being written: such an instant is refused, else its
    answer could change."""
    if at is None:
        return None
    latest = datetime.now(UTC) - settled
    if at > latest:
        refuse(
            [
                Fault(
                    "known_at_too_late",
                    "/query/known_at",
                    {"latest": latest.astimezone(VIETNAM).isoformat(timespec="seconds")},
                )
            ]
        )
    past = rounds.find_past(session, row, at)
    if past is None:
        raise ConflictError("round_not_started", round=row.code)
    return past


def revision_tag(
    session: Session, row: AssessmentRoundRow, sight: Sight, past: PastRound | None = None
) -> str:
    """A text that changes whenever any result of a round may: cheap, nothing is computed."""
    if past is not None:
        return _seen_tag(_past_tag(session, past), past.row, sight)
    sheet_sum, figures = repository.sum_revisions(session, row.code, NATION)
    if rounds.is_final(row):
        figures = 0
    if row.state == RoundState.CORRECTION and not sight.live:
        sheet_sum = 0  # what is corrected is hidden, and that it is, too
    tree = unit_queries.get_tree_revision(session)
    tag = f"{row.code}.{row.revision}.{sheet_sum}.{figures}.{tree}.{ENGINE_VERSION}"
    return _seen_tag(tag, row, sight)


def _past_tag(session: Session, past: PastRound) -> str:
    """What was known at an instant does not change; how units are called may."""
    tree = unit_queries.get_tree_revision(session)
    return f"{past.row.code}.{past.row.revision}.{tree}.{ENGINE_VERSION}.at-{past.at.timestamp():.6f}"


def _seen_tag(tag: str, row: AssessmentRoundRow, sight: Sight) -> str:
    if sight.units is not None:
        seen = hashlib.sha256(",".join(sorted(sight.units)).encode()).hexdigest()
        return f"{tag}.seen-{seen[:16]}"
    return f"{tag}.live" if sight.live and row.state == RoundState.CORRECTION else tag


def require_sight(sight: Sight, caller: Caller | None, wanted: Sequence[str] | None) -> None:
    """Refuse what a caller may not see: some units, or (None) a ranking, which needs all of its group."""
    if caller is None or sight.units is None:
        return
    if wanted is None:
        scope = ClientScope.RESULTS_READ_UNPUBLISHED
        raise ForbiddenError("ranking_needs_all", scope=scope)
    outside = set(wanted) - sight.units
    if outside:
        raise units.outside_error(caller, READS_SCORES, outside)


def remember_early_read(
    database: Database, row: AssessmentRoundRow, caller: Caller | None, what: str, at: datetime
) -> None:
    """Somebody saw results that were held back when he asked: that is in the audit log."""
    if caller is None or not rounds.is_final(row) or rounds.is_public(row, at):
        return
    with database.write() as session:
        subject = {"round": row.code, "what": what}
        audit.record(session, audit.Event(caller, "results.read_before_release", NATION, subject))


def look(
    session: Session,
    row: AssessmentRoundRow,
    group: RoundGroupRow,
    caller: Caller | None,
    past: PastRound | None = None,
) -> Sight:
    """What a caller may see of a group, now or as of an instant; refuses one that may see nothing. What is
    held back today is held back of the past, too."""
    is_held = rounds.is_final(row) and not rounds.is_public(row)
    if past is not None:
        row = past.row
    public = not is_held and rounds.is_public(row, None if past is None else past.at)
    if public and (row.state != RoundState.CORRECTION or caller is None):
        return Sight()
    if caller is None:
        raise UnauthorizedError("key_missing")
    members = {
        p.unit_code for p in round_queries.list_participants(session, row.code, group=group.group_code)
    }
    is_held |= rounds.is_final(row)
    scopes = (ClientScope.RESULTS_READ_UNPUBLISHED,) if is_held else READS_SCORES
    seen = units.find_covered(session, caller.having(*scopes), members, row.period_end)
    if seen == members:
        return Sight(live=caller.everywhere(ClientScope.RESULTS_READ_UNPUBLISHED))
    if public:
        return Sight()
    require_scope(caller, scopes)
    if not seen:
        raise units.outside_error(caller, scopes, members)
    return Sight(frozenset(seen))


def choose_group(session: Session, row: AssessmentRoundRow, code: str | None) -> RoundGroupRow:
    """The group that is asked for; the only ranked one where none is named."""
    groups = round_queries.list_groups(session, row.code)
    listed = ", ".join(group.group_code for group in groups)
    if code is None:
        ranked = [group for group in groups if group.ranked] or list(groups)
        if len(ranked) == 1:
            return ranked[0]
        refuse([Fault("group_needed", "/query/group", {"groups": listed, "parameter": "group"})])
    for group in groups:
        if group.group_code == code:
            return group
    refuse([Fault("group_unknown", "/query/group", {"round": row.code, "group": code, "groups": listed})])
    raise AssertionError  # refuse raised


def group_of(session: Session, row: AssessmentRoundRow, unit: str) -> RoundGroupRow:
    """The group of a unit in a round."""
    participant = rounds.get_participant(session, row, unit)
    return choose_group(session, row, participant.group_code)
