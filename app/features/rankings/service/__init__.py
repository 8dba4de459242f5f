"""Rankings and comparisons of rounds: what a caller may see of them, and what they are told with."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session

from app.core.errors import Fault
from app.core.lineage import Lineage
from app.features.rankings.mapping.lines import Asked, Beside
from app.features.rankings.mapping.moving import Earlier
from app.features.rankings.mapping.territory import TodayResults, rank_comparable
from app.features.rankings.service.territory import compute_today
from app.features.results import service as results
from app.features.results.mapping import GroupResults
from app.features.results.service import Sight
from app.features.rounds import repository as round_queries
from app.features.rounds import service as rounds
from app.features.rounds.service import PastRound
from app.features.units import repository as unit_queries
from app.features.units import service as units
from app.infra.auth import Caller
from app.infra.clock import today
from app.infra.db import Database
from app.infra.errors import ConflictError, ForbiddenError, NotFoundError, UnauthorizedError, refuse
from app.models import AssessmentRoundRow, RoundGroupRow


class View(NamedTuple):
    """A group of a round whose ranking a caller may see. `tag` changes whenever a result of it may."""

    round: AssessmentRoundRow
    group: RoundGroupRow
    sight: Sight
    tag: str
    past: PastRound | None = None
    """The round as it stood, where it is looked at as of an instant."""


class Instant(NamedTuple):
    """As of when a round is looked at: None is now. `settled`: how long ago it must be."""

    at: datetime | None = None
    settled: timedelta = timedelta()


def open_view(
    session: Session, code: str, group: str | None, caller: Caller | None, instant: Instant = Instant()
) -> View:
    """The group that is asked for, or an error."""
    row = results.open_round(session, code)
    past = results.open_past(session, row, *instant)
    if caller is None and not rounds.is_public(row if past is None else past.row, instant.at):
        raise UnauthorizedError("key_missing")
    return _view(session, row, results.choose_group(session, row, group), caller, past)


def _view(
    session: Session,
    row: AssessmentRoundRow,
    group: RoundGroupRow,
    caller: Caller | None,
    past: PastRound | None = None,
) -> View:
    seen, at = (row, None) if past is None else (past.row, past.at)
    sight = results.look(session, seen, group, caller, at)
    results.require_sight(sight, caller, None)
    return View(row, group, sight, results.revision_tag(session, row, sight, past), past)


def open_other(session: Session, view: View, code: str, group: str | None, caller: Caller | None) -> View:
    """The group of another round that is compared: the one that is asked for, else the one of the same code,
    else the only ranked one."""
    try:
        row = results.open_round(session, code)
    except NotFoundError as error:
        refuse([Fault(error.code, "/query/with", error.params)])
        raise
    if caller is None and not rounds.is_public(row):
        raise UnauthorizedError("key_missing")
    found = _find_group(session, row, group or view.group.group_code)
    if found is None and group is None:
        found = _only_ranked(session, row)
    if found is None:
        listed = ", ".join(each.group_code for each in round_queries.list_groups(session, row.code))
        fault = "group_needed" if group is None else "group_unknown"
        params = {"round": row.code, "group": group, "groups": listed}
        refuse([Fault(fault, "/query/other_group", params)])
        raise AssertionError  # refuse raised
    return _view(session, row, found, caller)


def find_previous(
    session: Session, view: View, caller: Caller | None, instant: Instant = Instant()
) -> View | None:
    """The same group in the round before, as of the same instant; None where there is none, or the caller may
    not see it."""
    code = view.round.previous_round_code
    if code is None:
        return None
    try:
        row = results.open_round(session, code)
        group = _find_group(session, row, view.group.group_code) or _only_ranked(session, row)
        past = results.open_past(session, row, *instant)
        return _view(session, row, group, caller, past) if group is not None else None
    except (ConflictError, ForbiddenError, UnauthorizedError):
        return None


def _find_group(session: Session, row: AssessmentRoundRow, code: str) -> RoundGroupRow | None:
    groups = round_queries.list_groups(session, row.code)
    return next((group for group in groups if group.group_code == code), None)


def _only_ranked(session: Session, row: AssessmentRoundRow) -> RoundGroupRow | None:
    ranked = [group for group in round_queries.list_groups(session, row.code) if group.ranked]
    return ranked[0] if len(ranked) == 1 else None


def compute(session: Session, view: View, revision: str) -> GroupResults:
    """The results of a group; answers say that they are of a `revision`."""
    return results.compute_as_known(session, view.round, view.past, view.group, revision, view.sight)


def compute_on_today(session: Session, view: View, revision: str, asked: Asked) -> TodayResults:
    """The same on today's map, with the units that can be compared in what is ranked."""
    found = compute_today(session, view.round, view.past, view.group, revision, view.sight)
    return rank_comparable(found, asked)


def find_beside(session: Session, view: View, before: View | None, asked: Asked) -> Beside:
    """What a ranking is told with, as far as it is asked for."""
    if not asked.full and asked.region is None:
        return Beside()
    regions = unit_queries.list_groups_on(session, today() if asked.on_today else view.round.period_end)
    if before is None:
        return Beside(regions)
    found = compute(session, before, before.tag)
    return Beside(regions, Earlier(found, trace_between(session, before, view)))


def trace_between(session: Session, one: View, other: View) -> Lineage:
    """What became of units between the ends of the periods of two rounds."""
    first, last = sorted((one.round.period_end, other.round.period_end))
    return units.trace_lineage(session, first, last)


def settle(
    database: Database, view: View, found: GroupResults, caller: Caller | None, what: str, at: datetime
) -> None:
    """After an answer: keep what was computed, and remember who read what is held back."""
    results.store_computed(database, found)
    results.remember_early_read(database, view.round, caller, what, at)


def settle_unchanged(
    database: Database, views: list[View | None], caller: Caller | None, what: str, at: datetime
) -> None:
    """After a 304: whoever has what is held back reads it, too."""
    for view in filter(None, views):
        results.remember_early_read(database, view.round, caller, what, at)
