"""Results of a round on today's map."""

from datetime import UTC, datetime

from sqlmodel import Session

from app.core.framework import Framework
from app.core.scoring import Entries
from app.core.territory import unite_entries
from app.features.inputs.service import list_inputs
from app.features.rankings.mapping.territory import (
    Descent,
    TodayResults,
    find_descents,
    same_unit,
    united_unit,
)
from app.features.results import service as results
from app.features.rounds import repository as round_queries
from app.features.rounds import service as rounds
from app.features.rounds.service import PastRound
from app.features.units import repository as unit_queries
from app.features.units import service as units
from app.infra.clock import today
from app.infra.errors import ConflictError


def compute_today(session: Session, view: results.View, revision: str) -> TodayResults:
    """Results of a group, now or as they were at an instant, and of the units of today that came from its
    units. Those that others were united into are computed from the counts of these, added up; points are
    never averaged."""
    row, group, sight, _, past = view
    past = past or rounds.find_past(session, row, datetime.now(UTC))
    if past is None:
        raise ConflictError("round_not_started", round=row.code)
    framework = rounds.get_framework(session, past.row)
    places = results.list_places(session, past, group)
    entries = results.list_past_entries(session, past, framework, places, sight)
    names = unit_queries.list_names(session, list(places), past.row.period_end)
    own = {
        unit: results.unit_result(framework, unit, names.get(unit, unit), entries[unit]) for unit in places
    }
    days = (past.row.period_end, max(today(), past.row.period_end))
    standing = unit_queries.list_valid(session, places, days[1])
    descents = find_descents(units.trace_lineage(session, *days), places, standing, days)
    united = _unite(session, past, framework, places, entries, descents)
    called = unit_queries.list_names(session, [descent.code for descent in descents], days[1])
    found = (
        same_unit(descent, called[descent.code], own[descent.origins[0]])
        if descent.is_same
        else united_unit(framework, descent, called[descent.code], entries, united.get(descent.code, {}))
        for descent in descents
    )
    ended = set(places).difference(*(descent.origins for descent in descents))
    return TodayResults(
        past.row,
        framework,
        group,
        [],
        revision,
        [],
        sight.units,
        units=tuple(found),
        published=tuple(own.values()),
        ended=tuple(sorted(ended)),
    )


def _unite(
    session: Session,
    past: PastRound,
    framework: Framework,
    places: dict[str, str],
    entries: dict[str, Entries],
    descents: list[Descent],
) -> dict[str, Entries]:
    """Unit of today -> the entries that those which were united into it have together."""
    parts = {d.code: d.origins for d in descents if not d.is_same and d.obstacle is None}
    named = {unit: places[unit] for origins in parts.values() for unit in origins}
    if not parts:
        return {}
    known_at = round_queries.find_approval(session, past.row.code) if rounds.is_final(past.row) else past.at
    period = rounds.period_of(past.row)
    inputs = list_inputs(session, named, period, framework, known_at, united=parts)
    return {
        code: unite_entries(framework, [entries[unit] for unit in origins], inputs[code])
        for code, origins in parts.items()
    }
