"""Scores come in: checked row by row, then appended all together or not at all."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import orjson
from sqlmodel import Session

from app.core.access import STAGE_SCOPES
from app.core.errors import Fault
from app.core.framework import Framework
from app.core.rounding import points_number, to_scaled
from app.core.scoring import JUDGED_STAGES, WRITABLE_STAGES
from app.core.sheet import Basis, Key, Row, Said, check_removed, check_rows, check_shared
from app.core.types import ClientScope
from app.core.workflow import UNIT_STAGES, SheetStanding, Standing, refuse_unit, round_actions
from app.features.evidence import service as evidence
from app.features.evidence.schemas import Evidence
from app.features.rounds import repository as round_queries
from app.features.rounds import service as rounds
from app.features.rounds.mapping import render_actions
from app.features.rounds.schemas import NextAction
from app.features.scores import repository
from app.features.scores.mapping import Writing, audit_events, entry_rows
from app.features.scores.schemas import BadRows, BatchResult, ScoreCreate, ScoreRead, ScoreWrite
from app.features.sheets import repository as sheet_queries
from app.features.sheets import service as sheets
from app.features.sheets.mapping import conflict_of
from app.features.units import service as units
from app.infra import audit
from app.infra.auth import Caller
from app.infra.errors import ConflictError, NotFoundError, PreconditionFailedError, refuse
from app.infra.messages import Language
from app.infra.problems import matches
from app.models import AssessmentRoundRow


class Target(NamedTuple):
    """What rows are checked against; the sheets are held until the commit."""

    row: AssessmentRoundRow
    standing: Standing
    framework: Framework
    units: dict[str, str]
    sheets: dict[str, tuple[int, SheetStanding]]
    by: Caller

    @property
    def basis(self) -> Basis:
        return Basis(self.row.code, self.standing.state, self.framework, self.units)


def add_scores(
    session: Session,
    round_code: str,
    scores: Sequence[ScoreCreate | None],
    *,
    limit: int,
    by: Caller,
    language: Language = "vi",
    if_match: str | None = None,
) -> BatchResult:
    """Append a batch. Nothing is written where any row is refused. `if_match`: ETag of the sheet, where the
    batch is of one unit."""
    if len(scores) > limit:
        refuse([Fault("too_many_rows", "/scores", {"count": len(scores), "limit": limit})])
    rows = [row_of(index, score) for index, score in enumerate(scores) if score is not None]
    target = hold_target(session, round_code, {row.key[0] for row in rows}, by)
    require_rights(session, target, rows)
    faults = list(scores.faults) if isinstance(scores, BadRows) else []
    faults += check_rows(target.basis, rows)
    named = {row.key[0] for row in rows}
    if if_match is not None and len(named) != 1:
        faults.append(Fault("if_match_of_one_unit", "/header/If-Match", {"units": len(named)}))
    refuse(faults)
    _check_open(target, rows)
    if if_match is not None:
        _check_revision(session, target, rows, if_match)
    revisions, accepted = _append(session, target, rows)
    actions = _actions(target, named, language)
    return BatchResult(
        accepted=accepted, unchanged=len(rows) - accepted, revisions=revisions, actions=actions
    )


def put_score(
    session: Session,
    place: tuple[str, str, str],
    score: ScoreWrite,
    *,
    expected: str | None,
    by: Caller,
    language: Language = "vi",
) -> ScoreRead:
    """Write one score at (round, unit, item); `expected` is the ETag that If-Match names."""
    round_code, unit, item = place
    target = hold_target(session, round_code, {unit}, by)
    created = ScoreCreate(unit=unit, item=item, **score.model_dump())  # type: ignore[typeddict-item]
    created["evidence"] = score.evidence
    row = row_of(0, created)
    require_rights(session, target, [row])
    if unit not in target.units:
        raise NotFoundError("unit_not_participant", unit=unit, round=round_code)
    if item not in target.framework.items:
        raise NotFoundError("item_unknown", item=item, framework=target.framework.reference)
    _refuse_rows(check_rows(target.basis, [row]), row.pointer)
    _check_open(target, [row], row.pointer)
    if expected is not None:
        _check_revision(session, target, [row], expected)
    revisions, _ = _append(session, target, [row], row.pointer)
    points = row.said[0]
    return ScoreRead(
        round=round_code,
        unit=unit,
        item=item,
        stage=score.stage,
        points=None if points is None else points_number(points, 4),
        not_applicable=score.not_applicable,
        reason=score.reason,
        evidence=score.evidence,
        revision=revisions[unit],
        actions=_actions(target, {unit}, language),
    )


def _actions(target: Target, named: set[str], language: Language) -> list[NextAction]:
    """What can be done next: with the sheet where there is one, else with the round."""
    if len(named) == 1:
        (unit,) = named
        return sheets.list_actions(target.standing, target.sheets[unit][1], language)
    return render_actions(round_actions(target.standing, {}), language)


def row_of(position: int, score: ScoreCreate) -> Row:
    """A score as the rules of the core see it."""
    points, evidence = score.get("points"), score.get("evidence")
    stored = orjson.dumps([e.model_dump(exclude_none=True) for e in evidence]).decode() if evidence else None
    scaled = None if points is None else to_scaled(points)
    said = (scaled, score.get("not_applicable", False), score.get("reason"), stored)
    return Row(position, (score["unit"], score["item"], score["stage"]), said)


def _refuse_rows(faults: Sequence[Fault], prefix: str) -> None:
    """Refuse with pointers into the body that was sent: one score alone has no `prefix`."""
    refuse([Fault(f.code, f.pointer.removeprefix(prefix), f.params) for f in faults])


def hold_target(session: Session, round_code: str, units: Iterable[str], by: Caller) -> Target:
    """A round and the sheets of some units, held until the commit. Refuses a round that takes no scores."""
    row = rounds.hold_round(session, round_code)
    standing = rounds.standing_of(session, row)
    if not WRITABLE_STAGES[standing.state]:
        raise ConflictError("round_closed", round=round_code, state=standing.state)
    participants = round_queries.list_participants(session, round_code, units)
    places = {p.unit_code: p.jurisdiction_code for p in participants}
    held = sheets.hold_sheets(session, round_code, places)
    return Target(row, standing, rounds.get_framework(session, row), places, held, by)


def require_rights(session: Session, target: Target, rows: Sequence[Row]) -> None:
    """Each side writes its own stages of the units that it reaches; nobody appraises his own unit."""
    by, on = target.by, target.row.period_end
    wanted: dict[ClientScope, set[str]] = {}
    for row in rows:
        wanted.setdefault(STAGE_SCOPES[row.key[2]], set()).add(row.key[0])
    for scope, named in wanted.items():
        units.require_units(session, by, [scope], named, on)
    units.require_not_own(session, by, wanted.get(ClientScope.SCORES_APPRAISE, ()), on)


def _check_open(target: Target, rows: Sequence[Row], prefix: str = "") -> None:
    """Refuse the unit's side of sheets that are submitted, or whose deadline has passed."""
    faults = [Fault(f.code, f.pointer.removeprefix(prefix), f.params) for f in list_closed(target, rows)]
    if faults:
        raise ConflictError(faults[0].code, faults, **faults[0].params)


def list_closed(target: Target, rows: Sequence[Row]) -> list[Fault]:
    """Rows of the unit's side whose sheet is submitted, or whose deadline has passed."""
    now = datetime.now(UTC)
    faults = []
    for row in rows:
        if row.key[2] in UNIT_STAGES and row.key[0] in target.sheets:
            fault = refuse_unit(target.standing, target.sheets[row.key[0]][1], now)
            if fault is not None:
                faults.append(Fault(fault.code, row.pointer, {**fault.params, "unit": row.key[0]}))
    return faults


def _check_revision(session: Session, target: Target, rows: Sequence[Row], if_match: str) -> None:
    """Refuse what was written over another version than the one that was read: of the whole sheet ("7"),
    or of the one item ("i7")."""
    unit, item = rows[0].key[:2]
    revision = target.sheets[unit][0]
    if matches(if_match, f'"{revision}"'):
        return
    history = sheet_queries.list_history(session, target.row.code, unit, target.units[unit])
    newest = max((entry.revision for entry in history if entry.item_code == item), default=0)
    if len(rows) == 1 and matches(if_match, f'"i{newest}"'):
        return
    conflict = conflict_of(history, revision, if_match, {r.key: r.said for r in rows}, item)
    raise PreconditionFailedError("precondition_failed", conflict, current=revision, given=if_match)


def _append(
    session: Session, target: Target, rows: Sequence[Row], prefix: str = ""
) -> tuple[dict[str, int], int]:
    """Write the rows that say something new. (unit -> revision, rows written)."""
    known = list_known(session, target, rows)
    changed = [row for row in rows if known.get(row.key) != row.said]
    _refuse_rows(check_changes(target, known, changed), prefix)
    revisions = {row.key[0]: target.sheets[row.key[0]][0] for row in rows}
    return revisions | write_rows(session, target, known, changed), len(changed)


def list_known(session: Session, target: Target, rows: Sequence[Row]) -> dict[Key, Said]:
    """What stands in place of some rows, and whatever else `check_changes` needs to know."""
    units = {unit: target.units[unit] for unit in {row.key[0] for row in rows}}
    stages = {row.key[2] for row in rows}
    judged = {earlier for stage in stages for earlier in JUDGED_STAGES.get(stage, ())}
    wanted = None if _shares_maxima(target) else stages | judged
    return {
        (unit, item, stage): (points, bool(na), reason, evidence)
        for unit, item, stage, points, na, _, reason, evidence in repository.list_entries(
            session, target.row.code, units, wanted
        )
    }


def _shares_maxima(target: Target) -> bool:
    return any(len(pool.items) > 1 for pool in target.framework.pools)


def check_changes(target: Target, known: Mapping[Key, Said], changed: Sequence[Row]) -> list[Fault]:
    """What is wrong with rows beside what stands already."""
    judged = any(row.key[2] in JUDGED_STAGES for row in changed)
    faults = check_removed(target.framework, known, changed) if judged else []
    return faults + (check_shared(target.basis, known, changed) if _shares_maxima(target) else [])


def write_rows(
    session: Session,
    target: Target,
    known: Mapping[Key, Said],
    changed: Sequence[Row],
    import_id: str | None = None,
) -> dict[str, int]:
    """Append rows and raise the revision of their sheets once; unit -> new revision."""
    touched = {row.key[0]: target.units[row.key[0]] for row in changed}
    revisions = {unit: target.sheets[unit][0] + 1 for unit in touched}
    if changed:
        sheet_queries.bump_sheets(session, target.row.code, touched)
        said = {row.key: row.said for row in changed}
        write_entries(
            session, target.row.code, Writing(touched, revisions, said, known, import_id), target.by
        )
    return revisions


def write_entries(session: Session, round_code: str, writing: Writing, by: Caller) -> None:
    """Append entries with their evidence, and one audit event for each jurisdiction."""
    now = datetime.now(UTC)
    uses = [
        evidence.Use(
            writing.units[unit],
            round_code,
            unit,
            item,
            stage,
            writing.revisions[unit],
            [Evidence.model_validate(document) for document in orjson.loads(said[3])],
        )
        for (unit, item, stage), said in writing.said.items()
        if said[3]
    ]
    repository.add_entries(session, entry_rows(round_code, writing, by, now))
    evidence.cite(session, uses)
    for event in audit_events(round_code, writing, by, now):
        audit.record(session, event)
