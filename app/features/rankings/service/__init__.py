"""Rankings and comparisons of rounds: what a caller may see of them, and what they are told with."""

from datetime import datetime

from sqlmodel import Session

from app.core.errors import Fault
from app.core.lineage import Lineage
from app.features.rankings.mapping.lines import Asked, Beside
from app.features.rankings.mapping.moving import Earlier
from app.features.rankings.mapping.territory import TodayResults, rank_comparable
from app.features.rankings.service.territory import compute_today
from app.features.results import service as results
from app.features.results.mapping import GroupResults
from app.features.results.service import NOW, Instant, View
from app.features.rounds import repository as round_queries
from app.features.units import repository as unit_queries
from app.features.units import service as units
from app.infra.auth import Caller
from app.infra.clock import today
from app.infra.db import Database
from app.infra.errors import ConflictError, ForbiddenError, NotFoundError, UnauthorizedError, refuse
from app.models import AssessmentRoundRow, RoundGroupRow


def open_view(
    session: Session, code: str, group: str | None, caller: Caller | None, instant: Instant = NOW
) -> View:
    """The group that is asked for, of which the caller must see every unit."""
    row = results.open_round(session, code)
    return results.open_view(
        session, row, lambda *_: results.choose_group(session, row, group), caller, instant
    )


def open_other(session: Session, view: View, code: str, group: str | None, caller: Caller | None) -> View:
    """The group of another round that is compared: the one that is asked for, else the one of the same code,
    else the only ranked one."""
    try:
        row = results.open_round(session, code)
    except NotFoundError as error:
        refuse([Fault(error.code, "/query/with", error.params)])
        raise
    return results.open_view(session, row, lambda *_: _other_group(session, row, view, group), caller)


def _other_group(session: Session, row: AssessmentRoundRow, view: View, group: str | None) -> RoundGroupRow:
    found = _find_group(session, row, group or view.group.group_code)
    if found is None and group is None:
        found = _only_ranked(session, row)
    if found is None:
        listed = ", ".join(each.group_code for each in round_queries.list_groups(session, row.code))
        fault = "group_needed" if group is None else "group_unknown"
        params = {"round": row.code, "group": group, "groups": listed, "parameter": "other_group"}
        refuse([Fault(fault, "/query/other_group", params)])
        raise AssertionError  # refuse raised
    return found


def find_previous(session: Session, view: View, caller: Caller | None, instant: Instant = NOW) -> View | None:
    """The same group in the round before, as of the same instant; None where there is none, or the caller may
    not see it."""
    code = view.round.previous_round_code
    if code is None:
        return None
    try:
        row = results.open_round(session, code)
        group = _find_group(session, row, view.group.group_code) or _only_ranked(session, row)
        if group is None:
            return None
        return results.open_view(session, row, lambda *_: group, caller, instant)
    except (ConflictError, ForbiddenError, UnauthorizedError):
        return None


def _find_group(session: Session, row: AssessmentRoundRow, code: str) -> RoundGroupRow | None:
    groups = round_queries.list_groups(session, row.code)
    return next((group for group in groups if group.group_code == code), None)


def _only_ranked(session: Session, row: AssessmentRoundRow) -> RoundGroupRow | None:
    groups = round_queries.list_groups(session, row.code)
    ranked = [group for group in groups if group.ranked] or list(groups)
    return ranked[0] if len(ranked) == 1 else None


def compute(session: Session, view: View, revision: str) -> GroupResults:
    """The results of a group; answers say that they are of a `revision`."""
    return results.compute_as_known(session, view, revision)


def compute_on_today(session: Session, view: View, revision: str, asked: Asked) -> TodayResults:
    """The same on today's map, with the units that can be compared in what is ranked."""
    found = compute_today(session, view, revision)
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
