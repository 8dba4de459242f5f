"""Results by pull: a read computes only what is stale, and never answers an old number."""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session

from app.core import ENGINE_VERSION
from app.core.access import NATION, READS_SCORES
from app.core.entry import Entry
from app.core.errors import Fault
from app.core.framework import Framework
from app.core.index import compute_index, rests_on_self_scores
from app.core.rules import is_computed, names_read
from app.core.scoring import WRITABLE_STAGES, Entries, computed_entries
from app.core.sheet import Key, Said
from app.core.types import ClientScope, RoundState
from app.features.findings import service as findings
from app.features.inputs.service import list_inputs, list_moments
from app.features.results import mapping, repository
from app.features.results.mapping import GroupResults, UnitResult
from app.features.results.mapping.items import figures_text, item_answers, moment_answers
from app.features.results.repository import Basis
from app.features.results.schemas import SheetItemRead, SheetRead
from app.features.rounds import repository as round_queries
from app.features.rounds import service as rounds
from app.features.rounds.repository import Participant
from app.features.scores import repository as score_queries
from app.features.scores import service as scores
from app.features.scores.mapping import Writing
from app.features.sheets import repository as sheet_queries
from app.features.sheets import service as sheets
from app.features.units import repository as unit_queries
from app.features.units import service as units
from app.infra import audit
from app.infra.auth import Caller, require_scope
from app.infra.db import Database
from app.infra.errors import ConflictError, ForbiddenError, NotFoundError, UnauthorizedError, refuse
from app.infra.messages import Language
from app.models import AssessmentRoundRow, RoundGroupRow

_log = logging.getLogger("parindex")
BATCH = 10_000
"""Rows that are fetched at a time where all are walked through."""


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


def revision_tag(session: Session, row: AssessmentRoundRow, sight: Sight) -> str:
    """A text that changes whenever any result of a round may: cheap, nothing is computed."""
    sheet_sum, figures = repository.sum_revisions(session, row.code, NATION)
    if rounds.is_final(row):
        figures = 0
    tree = unit_queries.get_tree_revision(session)
    tag = f"{row.code}.{row.revision}.{sheet_sum}.{figures}.{tree}.{ENGINE_VERSION}"
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


def look(session: Session, row: AssessmentRoundRow, group: RoundGroupRow, caller: Caller | None) -> Sight:
    """What a caller may see of a group; refuses one that may see nothing."""
    if rounds.is_public(row) and (row.state != RoundState.CORRECTION or caller is None):
        return Sight()
    if caller is None:
        raise UnauthorizedError("key_missing")
    members = {
        p.unit_code for p in round_queries.list_participants(session, row.code, group=group.group_code)
    }
    scopes = (ClientScope.RESULTS_READ_UNPUBLISHED,) if rounds.is_final(row) else READS_SCORES
    seen = units.find_covered(session, caller.having(*scopes), members, row.period_end)
    if seen == members:
        return Sight(live=caller.everywhere(ClientScope.RESULTS_READ_UNPUBLISHED))
    if rounds.is_public(row):
        return Sight()
    require_scope(caller, scopes)
    if not seen:
        raise units.outside_error(caller, scopes, members)
    return Sight(frozenset(seen))


def compute_group(
    session: Session, row: AssessmentRoundRow, group: RoundGroupRow, revision: str, sight: Sight
) -> GroupResults:
    """Results of all units of a group, in one snapshot; stale ones are computed anew.

    `revision`: the `revision_tag` of the same snapshot. While a round is corrected, the results stay those
    that were published, except for a live sight.
    """
    framework = rounds.get_framework(session, row)
    bases = repository.list_bases(session, row.code, group.group_code)
    current = (row.revision, unit_queries.get_tree_revision(session), ENGINE_VERSION)
    final = rounds.is_final(row)
    hidden = row.state == RoundState.CORRECTION and not sight.live
    masked = [basis for basis in bases if hidden and _is_corrected(basis)]
    stale = [
        basis
        for basis in bases
        if not (hidden and _is_corrected(basis)) and not _is_fresh(basis, current, final)
    ]
    computed = _compute(session, row, framework, stale, current)
    published = _compute_published(session, row, framework, masked, current)
    names = unit_queries.list_names(session, [basis.unit_code for basis in bases], row.period_end)
    results = []
    for basis in bases:
        stored = computed.get(basis.unit_code) or published.get(basis.unit_code)
        areas = stored["areas"] if stored else basis.areas
        index, total = mapping.load_areas(areas or "[]")
        self_only = stored["self_scores_only"] if stored else bool(basis.self_scores_only)
        name = names.get(basis.unit_code, basis.unit_code)
        results.append(UnitResult(basis.unit_code, name, index, total, self_only))
    return GroupResults(row, framework, group, results, revision, list(computed.values()), sight.units)


def _is_corrected(basis: Basis) -> bool:
    """Whether a sheet was changed since it was published."""
    return basis.published_revision not in (None, basis.sheet_revision)


def _compute_published(
    session: Session,
    row: AssessmentRoundRow,
    framework: Framework,
    masked: Sequence[Basis],
    current: tuple[int, int, int],
) -> dict[str, dict[str, Any]]:
    """As `_compute`, from the entries that were published; these rows are not stored."""
    if not masked:
        return {}
    until = {basis.unit_code: basis.published_revision for basis in masked}
    places = {basis.unit_code: basis.jurisdiction_code for basis in masked}
    rows = (
        found[:5]
        for found in score_queries.list_entries(session, row.code, places)
        if found[5] <= (until.get(found[0]) or 0)
    )
    entries = mapping.group_entries(rows)
    return {
        b.unit_code: _result_row(b, row, framework, entries.get(b.unit_code, {}), current) for b in masked
    }


def _is_fresh(basis: Basis, current: tuple[int, int, int], final: bool) -> bool:
    """Whether a stored result rests on exactly the revisions of now.

    Figures below the nation do not raise its revision, so its result is never taken from the store;
    after approval neither figures nor the unit tree move a result any more.
    """
    now = (basis.sheet_revision, basis.statistics_revision, *current)
    if final:
        moving = (0, 2, 4)
        return all(basis.stored_revisions[i] == now[i] for i in moving)
    return basis.stored_revisions == now and basis.unit_code != NATION


def _compute(
    session: Session,
    row: AssessmentRoundRow,
    framework: Framework,
    stale: Sequence[Basis],
    current: tuple[int, int, int],
) -> dict[str, dict[str, Any]]:
    """Unit -> row to store."""
    if not stale:
        return {}
    places = {basis.unit_code: basis.jurisdiction_code for basis in stale}
    entries = list_entries(session, row, framework, places)
    return {b.unit_code: _result_row(b, row, framework, entries[b.unit_code], current) for b in stale}


def list_entries(
    session: Session, row: AssessmentRoundRow, framework: Framework, places: dict[str, str]
) -> dict[str, Entries]:
    """Unit -> what its index is computed from: entries as written, and those that figures give now.

    `places`: unit -> jurisdiction. The number of queries does not grow with the units.
    """
    written = mapping.group_entries(score_queries.list_points(session, row.code, places))
    live = _live_entries(session, row, framework, places)
    return {unit: {**written.get(unit, {}), **live.get(unit, {})} for unit in places}


def iterate_entries(
    session: Session, round_code: str, places: dict[str, str]
) -> Iterator[tuple[str, Entries]]:
    """As `list_entries` of an approved round, one unit after the other: those of 3,321 units with 88 items
    would take 100 MB at a time."""
    left = dict.fromkeys(places)
    rows = score_queries.list_points(session, round_code, places, batch=BATCH)
    for unit, entries in mapping.iterate_entries(rows):
        if unit in left:
            del left[unit]
            yield unit, entries
    for unit in left:
        yield unit, {}


def _result_row(
    basis: Basis,
    row: AssessmentRoundRow,
    framework: Framework,
    entries: Entries,
    current: tuple[int, int, int],
) -> dict[str, Any]:
    return {
        "jurisdiction_code": basis.jurisdiction_code,
        "round_code": row.code,
        "unit_code": basis.unit_code,
        "sheet_revision": basis.sheet_revision,
        "statistics_revision": basis.statistics_revision,
        "round_revision": current[0],
        "tree_revision": current[1],
        "engine_version": current[2],
        "self_scores_only": rests_on_self_scores(framework, entries),
        "areas": mapping.dump_areas(compute_index(framework, entries)),
    }


def _live_entries(
    session: Session, row: AssessmentRoundRow, framework: Framework, places: dict[str, str]
) -> dict[str, dict[tuple[str, str], Entry]]:
    """Unit -> entries that the figures give now; none after approval, which wrote them down."""
    if rounds.is_final(row):
        return {}
    inputs = list_inputs(session, places, rounds.period_of(row), framework)
    return {unit: computed_entries(framework, found) for unit, found in inputs.items()}


def store_computed(database: Database, results: GroupResults) -> None:
    """Keep what was computed, in a transaction of its own. On a replica, or while the database is busy
    writing, it is not kept: the answer is right all the same, and the next read computes it again."""
    if not results.computed:
        return
    try:
        with database.store() as session:
            repository.store_results(session, results.computed)
    except (DBAPIError, PoolTimeoutError) as error:
        _log.warning("results of %s were computed but not stored: %s", results.round.code, error)


def choose_group(session: Session, row: AssessmentRoundRow, code: str | None) -> RoundGroupRow:
    """The group that is asked for; the only ranked one where none is named."""
    groups = round_queries.list_groups(session, row.code)
    listed = ", ".join(group.group_code for group in groups)
    if code is None:
        ranked = [group for group in groups if group.ranked] or list(groups)
        if len(ranked) == 1:
            return ranked[0]
        refuse([Fault("group_needed", "/query/group", {"groups": listed})])
    for group in groups:
        if group.group_code == code:
            return group
    refuse([Fault("group_unknown", "/query/group", {"round": row.code, "group": code, "groups": listed})])
    raise AssertionError  # refuse raised


def group_of(session: Session, row: AssessmentRoundRow, unit: str) -> RoundGroupRow:
    """The group of a unit in a round."""
    participant = rounds.get_participant(session, row, unit)
    return choose_group(session, row, participant.group_code)


def read_sheet(
    session: Session, row: AssessmentRoundRow, unit: str, caller: Caller, language: Language
) -> SheetRead:
    """All items of a unit with all stages, the computed ones among them, with their history and findings."""
    framework = rounds.get_framework(session, row)
    participant = rounds.get_participant(session, row, unit)
    sheets.require_reader(session, row, unit, caller)
    place = {unit: participant.jurisdiction_code}
    history = sheet_queries.list_history(session, row.code, unit, participant.jurisdiction_code)
    computed = _live_entries(session, row, framework, place).get(unit, {})
    items = item_answers(framework, history, computed)
    found = findings.list_for_sheet(session, row, unit)
    names = unit_queries.list_names(session, [unit], row.period_end)
    sheet = sheet_queries.find_sheet(session, participant.jurisdiction_code, row.code, unit)
    if sheet is None:
        raise ConflictError("round_not_started", round=row.code)
    steps = sheet_queries.list_submissions(session, participant.jurisdiction_code, row.code, unit)
    actions = sheets.list_actions(rounds.standing_of(session, row), sheets.standing_of(sheet), language)
    return SheetRead.model_validate(
        {
            "round": row.code,
            "round_title_vi": row.title_vi,
            "period": row.period,
            "unit": {"code": unit, "name_vi": names.get(unit, unit)},
            "framework": framework.reference,
            "state": row.state,
            "revision": sheet.revision,
            "writable_stages": sorted(WRITABLE_STAGES[RoundState(row.state)]),
            "submission": {"state": sheet.state, "open_until": sheet.open_until, "history": _said(steps)},
            "actions": _said(actions),
            "items": [
                {**item, "findings": _said(f for f in found if item["code"] in f.items)} for item in items
            ],
            "findings": _said(found),
        }
    )


def _said(parts: Iterable[BaseModel]) -> list[dict[str, Any]]:
    return [part.model_dump() for part in parts]


def read_item(
    session: Session, row: AssessmentRoundRow, unit: str, item: str, caller: Caller, language: Language
) -> tuple[SheetItemRead, int]:
    """One item of a sheet, and the sheet revision that changed it last."""
    sheet = read_sheet(session, row, unit, caller, language)
    found = next((i for i in sheet.items if i.code == item), None)
    if found is None:
        raise NotFoundError("item_unknown", item=item, framework=sheet.framework)
    moments = _computed_history(session, row, unit, item)
    read = SheetItemRead.model_validate(
        {**found.model_dump(), "actions": sheet.actions, "computed_history": moments}
    )
    return read, max((entry.revision or 0 for entry in found.history), default=0)


def _computed_history(
    session: Session, row: AssessmentRoundRow, unit: str, item_code: str
) -> list[dict[str, Any]]:
    """How the figures came to what they give an item; empty where they give nothing."""
    framework = rounds.get_framework(session, row)
    item = framework.items[item_code]
    if not is_computed(item.rule):
        return []
    place = (rounds.get_participant(session, row, unit).jurisdiction_code, unit)
    until = round_queries.find_approval(session, row.code) if rounds.is_final(row) else None
    names = frozenset().union(*names_read(item.rule))
    moments = list_moments(session, place, rounds.period_of(row), framework, names, until)
    return moment_answers(framework, item, moments, row.period)


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
        refuse([Fault("embargo_too_late", "/release_at")])
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
