"""Results by pull: a read computes only what is stale, and never answers an old number."""

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session

from app.core import ENGINE_VERSION
from app.core.access import NATION
from app.core.entry import Entry
from app.core.framework import Framework
from app.core.index import compute_index, rests_on_self_scores
from app.core.scoring import Entries, computed_entries
from app.core.types import RoundState
from app.features.inputs.service import list_inputs
from app.features.results import mapping, repository
from app.features.results.mapping import GroupResults, UnitResult
from app.features.results.repository import Basis
from app.features.results.service.sight import Sight
from app.features.rounds import service as rounds
from app.features.scores import repository as score_queries
from app.features.units import repository as unit_queries
from app.infra.db import Database
from app.models import AssessmentRoundRow, RoundGroupRow

_log = logging.getLogger("parindex")
BATCH = 10_000
"""Rows that are fetched at a time where all are walked through."""


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
    live = live_entries(session, row, framework, places)
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


def live_entries(
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
