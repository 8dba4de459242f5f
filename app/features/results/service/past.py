"""Results as they were known at an instant: computed from what had been recorded by then."""

from datetime import datetime, timedelta

from sqlmodel import Session

from app.core.framework import Framework
from app.core.index import compute_index, rests_on_self_scores
from app.core.scoring import Entries, computed_entries
from app.core.types import RoundState
from app.core.workflow import SETTLED_STATES
from app.features.inputs.service import list_inputs
from app.features.results import mapping
from app.features.results.mapping import GroupResults, UnitResult
from app.features.results.service.computing import compute_group
from app.features.results.service.sight import Sight, View
from app.features.rounds import repository as round_queries
from app.features.rounds import service as rounds
from app.features.rounds.service import PastRound
from app.features.scores import repository as score_queries
from app.features.units import repository as unit_queries
from app.models import RoundGroupRow

_TICK = timedelta(microseconds=1)


def compute_as_known(session: Session, view: View, revision: str) -> GroupResults:
    """Results of all units of a group, now or as they were at an instant. Since then nothing moved them where
    a round stands as approved or published still: then they are those of now."""
    row, group, sight, _, past = view
    if past is None or (past.left_at is None and past.row.state in SETTLED_STATES):
        return compute_group(session, row, group, revision, sight)
    framework = rounds.get_framework(session, past.row)
    places = list_places(session, past, group)
    entries = list_past_entries(session, past, framework, places, sight)
    names = unit_queries.list_names(session, list(places), past.row.period_end)
    results = [unit_result(framework, unit, names.get(unit, unit), found) for unit, found in entries.items()]
    return GroupResults(past.row, framework, group, results, revision, [], sight.units)


def list_places(session: Session, past: PastRound, group: RoundGroupRow) -> dict[str, str]:
    """Unit -> jurisdiction of all units of a group."""
    members = round_queries.list_participants(session, past.row.code, group=group.group_code)
    return {member.unit_code: member.jurisdiction_code for member in members}


def list_past_entries(
    session: Session, past: PastRound, framework: Framework, places: dict[str, str], sight: Sight
) -> dict[str, Entries]:
    """Unit -> what its index was computed from: entries as written by then, and what figures known then gave.

    After the approval figures move nothing, and what the approval wrote down belongs to it. A correction
    shows what was published before, except to a live sight."""
    written = mapping.group_entries(
        score_queries.list_points(session, past.row.code, places, before=_recorded_before(past, sight))
    )
    if rounds.is_final(past.row):
        return {unit: written.get(unit, {}) for unit in places}
    inputs = list_inputs(session, places, rounds.period_of(past.row), framework, past.at)
    return {unit: {**written.get(unit, {}), **computed_entries(framework, inputs[unit])} for unit in places}


def _recorded_before(past: PastRound, sight: Sight) -> datetime | None:
    if past.row.state == RoundState.CORRECTION and not sight.live:
        return past.entered_at
    if past.row.state in SETTLED_STATES:
        return past.left_at
    return past.at + _TICK


def unit_result(framework: Framework, code: str, name_vi: str, entries: Entries) -> UnitResult:
    """The index of a unit from its entries."""
    index = compute_index(framework, entries)
    return UnitResult(code, name_vi, index, index.total, rests_on_self_scores(framework, entries))
