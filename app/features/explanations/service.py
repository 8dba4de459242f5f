"""An index with the way to it, as far as the caller may see it."""

from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session

from app.core.access import READS_SCORES
from app.core.entry import Entry
from app.core.explanation.trace import Traced, trace_index
from app.core.framework import Framework
from app.core.scoring import computed_entries
from app.core.types import RoundState
from app.features.explanations import mapping
from app.features.explanations.mapping import Source
from app.features.frameworks import service as frameworks
from app.features.inputs.service import list_inputs, list_reports
from app.features.measures import service as measures
from app.features.results import mapping as result_mapping
from app.features.results import service as results
from app.features.results.mapping import GroupResults
from app.features.rounds import repository as round_queries
from app.features.rounds import service as rounds
from app.features.sheets import repository as sheet_queries
from app.features.units import service as units
from app.infra.auth import Caller
from app.infra.clock import VIETNAM
from app.infra.errors import NotFoundError
from app.models import AssessmentRoundRow, ScoreEntryRow

Written = dict[tuple[str, str], ScoreEntryRow]


class Explained(NamedTuple):
    """An explanation, and the results that were computed on the way (to be stored)."""

    answer: dict[str, Any]
    results: GroupResults


def explain_index(
    session: Session,
    row: AssessmentRoundRow,
    unit: str,
    caller: Caller | None,
    item: str | None,
    known_at: datetime,
) -> Explained:
    """The index of a unit with its tree, or (with `item`) the path to one node of it. `known_at`: an instant
    before the snapshot of the session."""
    group = results.group_of(session, row, unit)
    sight = results.look(session, row, group, caller)
    results.require_sight(sight, caller, [unit])
    found = results.compute_group(session, row, group, results.revision_tag(session, row, sight), sight)
    hidden = row.state == RoundState.CORRECTION and not sight.live
    source, fixed_at = _source_of(session, row, unit, found.framework, hidden)
    source = replace(source, details=_sees_details(session, row, unit, caller))
    traced = trace_index(found.framework, _entries_of(source), source.final)
    answer = {
        **result_mapping.find_in_group(found, unit),
        "known_at": known_at.astimezone(VIETNAM),
        "figures_known_at": None if fixed_at is None else fixed_at.astimezone(VIETNAM),
        **mapping.whole_answer(traced, found.framework.decimals),
        "framework_status": frameworks.get_row(session, row.framework_code, row.framework_version).status,
        "legal_basis": mapping.law_answers(found.framework.legal_basis, row.period_end),
        "tree": _tree_of(source, traced, item),
    }
    return Explained(answer, found)


def _tree_of(source: Source, traced: Traced, item: str | None) -> list[dict[str, Any]]:
    tree = mapping.area_answers(source, traced)
    if item is None:
        return tree
    path = mapping.path_to(tree, item)
    if not path:
        raise NotFoundError("item_unknown", item=item, framework=source.framework.reference)
    return path


def _source_of(
    session: Session, row: AssessmentRoundRow, unit: str, framework: Framework, hidden: bool
) -> tuple[Source, datetime | None]:
    """What was written and reported, and when approval fixed it; without a correction that is `hidden`."""
    final = rounds.is_final(row)
    place = (rounds.get_participant(session, row, unit).jurisdiction_code, unit)
    fixed_at = round_queries.find_approval(session, row.code) if final else None
    period = rounds.period_of(row)
    inputs = list_inputs(session, {unit: place[0]}, period, framework, fixed_at)[unit]
    reports = list_reports(session, place, period, framework, fixed_at)
    written = _written(session, row, place, hidden)
    computed = computed_entries(framework, inputs)
    names = measures.list_names(session, framework.rates | framework.figures)
    source = Source(framework, row.period, row.period_end, written, inputs, reports, computed, final, names)
    return source, fixed_at


def _entries_of(source: Source) -> dict[tuple[str, str], Entry]:
    entries = {key: Entry(e.points, bool(e.not_applicable)) for key, e in source.written.items()}
    return entries if source.final else {**entries, **source.computed}


def _written(session: Session, row: AssessmentRoundRow, place: tuple[str, str], hidden: bool) -> Written:
    """(item, stage) -> the latest entry; where a correction is `hidden`, of what was published."""
    jurisdiction, unit = place
    sheet = sheet_queries.find_sheet(session, jurisdiction, row.code, unit)
    until = sheet.published_revision if hidden and sheet else None
    history = sheet_queries.list_history(session, row.code, unit, jurisdiction)
    return {(e.item_code, e.stage): e for e in history if until is None or e.revision <= until}


def _sees_details(session: Session, row: AssessmentRoundRow, unit: str, caller: Caller | None) -> bool:
    if caller is None:
        return False
    return unit in units.find_covered(session, caller.having(*READS_SCORES), [unit], row.period_end)
