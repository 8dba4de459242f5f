"""Scores come in: checked row by row, then appended all together or not at all."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
from sqlmodel import Session

from app.core.errors import Fault
from app.core.framework import Framework, Item
from app.core.rounding import from_scaled, points_number, to_scaled
from app.core.rules import Manual, off_step
from app.core.scoring import (
    WRITABLE_STAGES,
    Entry,
    effective_entry,
    needs_reason,
    writable_stages,
)
from app.core.types import RoundState, Stage
from app.features.rounds import repository as round_queries
from app.features.rounds import service as rounds
from app.features.scores import repository
from app.features.scores.schemas import BadRows, BatchResult, ScoreCreate, ScoreRead, ScoreWrite
from app.infra.errors import (
    ConflictError,
    NotFoundError,
    PreconditionFailedError,
    refuse,
)

Key = tuple[str, str, str]
Said = tuple[int | None, bool, str | None, str | None]
"""What an entry says: points, not_applicable, reason, evidence."""


class _Row(NamedTuple):
    """A row as it will be stored, with its place in the batch."""

    position: int
    key: Key
    said: Said

    @property
    def pointer(self) -> str:
        return f"/scores/{self.position}"


class _Target(NamedTuple):
    """What rows are checked against."""

    round_code: str
    state: RoundState
    framework: Framework
    units: dict[str, str]


def add_scores(
    session: Session, round_code: str, scores: Sequence[ScoreCreate | None], *, limit: int, by: str
) -> BatchResult:
    """Append a batch. Nothing is written where any row is refused."""
    if len(scores) > limit:
        refuse([Fault("too_many_rows", "/scores", {"count": len(scores), "limit": limit})])
    rows = [_row(index, score) for index, score in enumerate(scores) if score is not None]
    target = _target(session, round_code, {row.key[0] for row in rows})
    faults = list(scores.faults) if isinstance(scores, BadRows) else []
    refuse(faults + _check_rows(target, rows))
    return _append(session, target, rows, by)


def put_score(
    session: Session,
    place: tuple[str, str, str],
    score: ScoreWrite,
    *,
    expected: str | None,
    by: str,
) -> ScoreRead:
    """Write one score at (round, unit, item); `expected` is the ETag that If-Match names."""
    round_code, unit, item = place
    target = _target(session, round_code, {unit})
    if unit not in target.units:
        raise NotFoundError("unit_not_participant", unit=unit, round=round_code)
    if item not in target.framework.items:
        raise NotFoundError("item_unknown", item=item, framework=target.framework.reference)
    created = ScoreCreate(unit=unit, item=item, **score.model_dump())  # type: ignore[typeddict-item]
    created["evidence"] = score.evidence
    row = _row(0, created)
    _refuse_rows(_check_rows(target, [row]), row.pointer)
    _check_revision(session, target, unit, expected)
    result = _append(session, target, [row], by, row.pointer)
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
        revision=result.revisions[unit],
    )


def _row(position: int, score: ScoreCreate) -> _Row:
    points, evidence = score.get("points"), score.get("evidence")
    stored = orjson.dumps([e.model_dump(exclude_none=True) for e in evidence]).decode() if evidence else None
    scaled = None if points is None else to_scaled(points)
    said = (scaled, score.get("not_applicable", False), score.get("reason"), stored)
    return _Row(position, (score["unit"], score["item"], score["stage"]), said)


def _refuse_rows(faults: Sequence[Fault], prefix: str) -> None:
    """Refuse with pointers into the body that was sent: one score alone has no `prefix`."""
    refuse([Fault(f.code, f.pointer.removeprefix(prefix), f.params) for f in faults])


def _target(session: Session, round_code: str, units: set[str]) -> _Target:
    row = rounds.hold_round(session, round_code)
    state = RoundState(row.state)
    if not WRITABLE_STAGES[state]:
        raise ConflictError("round_closed", round=round_code, state=state)
    participants = round_queries.list_participants(session, round_code, units)
    jurisdictions = {p.unit_code: p.jurisdiction_code for p in participants}
    return _Target(round_code, state, rounds.get_framework(session, row), jurisdictions)


def _check_revision(session: Session, target: _Target, unit: str, expected: str | None) -> None:
    current = repository.lock_sheets(session, target.round_code, target.units)[unit]
    if expected is None or expected.strip() == "*":
        return
    tags = {tag.strip() for tag in expected.split(",")}
    if f'"{current}"' not in tags:
        raise PreconditionFailedError("precondition_failed", current=current, given=expected)


def _check_rows(target: _Target, rows: Sequence[_Row]) -> list[Fault]:
    faults: list[Fault] = []
    first: dict[Key, int] = {}
    for row in rows:
        found = _check_row(target, row)
        if first.setdefault(row.key, row.position) != row.position:
            found.append(Fault("duplicate_row", "", {"first": first[row.key]}))
        faults += [Fault(fault.code, row.pointer + fault.pointer, fault.params) for fault in found]
    return faults


def _check_row(target: _Target, row: _Row) -> list[Fault]:
    """What is wrong with a row; pointers are into the row."""
    unit, item_code, _ = row.key
    faults = []
    if unit not in target.units:
        faults.append(Fault("unit_not_participant", "/unit", {"unit": unit, "round": target.round_code}))
    item = target.framework.items.get(item_code)
    if item is None:
        params = {"item": item_code, "framework": target.framework.reference}
        return [*faults, Fault("item_unknown", "/item", params)]
    return faults + _check_stage(target, item, row) + _check_points(target, item, row.said)


def _check_stage(target: _Target, item: Item, row: _Row) -> list[Fault]:
    stage, reason = row.key[2], row.said[2]
    allowed = writable_stages(item.source, target.state)
    if stage not in allowed:
        params = {
            "state": target.state,
            "stage": stage,
            "item": item.code,
            "source": item.source,
            "allowed": ", ".join(sorted(allowed)) or "-",
        }
        return [Fault("stage_not_writable", "/stage", params)]
    if not reason and needs_reason(item, stage):
        return [Fault("reason_missing", "/reason", {"stage": stage, "source": item.source})]
    return []


def _check_points(target: _Target, item: Item, said: Said) -> list[Fault]:
    points, not_applicable, reason, _ = said
    if not_applicable:
        return _check_not_applicable(item, points)
    if points is None:
        return [] if reason else [Fault("points_missing", "/points")]
    maximum = target.framework.pools[item.pool].max_points
    if points > maximum:
        params = {"points": from_scaled(points), "max_points": from_scaled(maximum)}
        return [Fault("points_above_maximum", "/points", params)]
    if isinstance(item.rule, Manual) and off_step(item.rule, points):
        params = {"points": from_scaled(points), "step": from_scaled(item.rule.step or 0)}
        return [Fault("points_off_step", "/points", params)]
    return []


def _check_not_applicable(item: Item, points: int | None) -> list[Fault]:
    if points is not None:
        return [Fault("points_with_not_applicable", "/points")]
    if item.max_points is None:
        return [Fault("not_applicable_unknown_maximum", "/not_applicable", {"item": item.code})]
    return []


def _append(
    session: Session, target: _Target, rows: Sequence[_Row], by: str, prefix: str = ""
) -> BatchResult:
    """Write the rows that say something new; raise the revision of their sheets once."""
    units = {row.key[0]: target.units[row.key[0]] for row in rows}
    revisions = repository.lock_sheets(session, target.round_code, units)
    shared = any(len(pool.items) > 1 for pool in target.framework.pools)
    stages = None if shared else {row.key[2] for row in rows}
    known: dict[Key, Said] = {
        (unit, item, stage): (points, bool(na), reason, evidence)
        for unit, item, stage, points, na, _, reason, evidence in repository.list_entries(
            session, target.round_code, units, stages
        )
    }
    changed = [row for row in rows if known.get(row.key) != row.said]
    if shared:
        _refuse_rows(_check_shared(target, known, changed), prefix)
    if changed:
        touched = {row.key[0]: units[row.key[0]] for row in changed}
        repository.bump_sheets(session, target.round_code, touched)
        revisions.update({unit: revisions[unit] + 1 for unit in touched})
        said = {row.key: row.said for row in changed}
        repository.add_entries(session, entry_rows(target.round_code, units, revisions, said, by))
    return BatchResult(accepted=len(changed), unchanged=len(rows) - len(changed), revisions=revisions)


def entry_rows(
    round_code: str,
    units: Mapping[str, str],
    revisions: Mapping[str, int],
    said: Mapping[Key, Said],
    by: str,
) -> list[dict[str, Any]]:
    """Rows of the history table."""
    now = datetime.now(UTC)
    return [
        {
            "jurisdiction_code": units[unit],
            "round_code": round_code,
            "unit_code": unit,
            "item_code": item,
            "stage": stage,
            "revision": revisions[unit],
            "points": points,
            "not_applicable": not_applicable,
            "reason": reason,
            "evidence": evidence,
            "recorded_at": now,
            "recorded_by": by,
        }
        for (unit, item, stage), (points, not_applicable, reason, evidence) in said.items()
    ]


def _check_shared(target: _Target, known: Mapping[Key, Said], changed: Sequence[_Row]) -> list[Fault]:
    """Items of unknown maxima under a known parent: their effective points must not exceed it."""
    after = {**known, **{row.key: row.said for row in changed}}
    faults = []
    for row in changed:
        unit, item_code, _ = row.key
        pool = target.framework.pools[target.framework.items[item_code].pool]
        total = sum(_effective(target, after, unit, code) for code in pool.items)
        if len(pool.items) > 1 and total > pool.max_points:
            params = {
                "points": from_scaled(row.said[0] or 0),
                "items": " + ".join(pool.items),
                "sum": from_scaled(total),
                "max_points": from_scaled(pool.max_points),
            }
            faults.append(Fault("points_above_shared_maximum", f"{row.pointer}/points", params))
    return faults


def _effective(target: _Target, known: Mapping[Key, Said], unit: str, item_code: str) -> int:
    item = target.framework.items[item_code]
    entries = {
        (item_code, stage.value): Entry(said[0], said[1])
        for stage in Stage
        if (said := known.get((unit, item_code, stage.value))) is not None
    }
    entry = effective_entry(item, entries)
    return 0 if entry is None else entry.points or 0
