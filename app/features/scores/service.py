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


class _Target(NamedTuple):
    """What rows are checked against."""

    round_code: str
    state: RoundState
    framework: Framework
    units: dict[str, str]


def add_scores(
    session: Session, round_code: str, rows: Sequence[ScoreCreate | None], *, limit: int, by: str
) -> BatchResult:
    """Append a batch. Nothing is written where any row is refused."""
    if len(rows) > limit:
        refuse([Fault("too_many_rows", "/scores", {"count": len(rows), "limit": limit})])
    target = _target(session, round_code, {row["unit"] for row in rows if row is not None})
    faults = list(rows.faults) if isinstance(rows, BadRows) else []
    refuse(faults + _check_rows(target, rows))
    return _append(session, target, [row for row in rows if row is not None], by)


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
    row = ScoreCreate(unit=unit, item=item, **score.model_dump())  # type: ignore[typeddict-item]
    row["evidence"] = score.evidence
    _refuse_rows(_check_rows(target, [row]), "/scores/0")
    _check_revision(session, target, unit, expected)
    result = _append(session, target, [row], by, "/scores/0")
    return ScoreRead(
        round=round_code,
        unit=unit,
        item=item,
        stage=score.stage,
        points=None if score.points is None else points_number(to_scaled(score.points), 4),
        not_applicable=score.not_applicable,
        reason=score.reason,
        evidence=score.evidence,
        revision=result.revisions[unit],
    )


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


def _check_rows(target: _Target, rows: Sequence[ScoreCreate | None]) -> list[Fault]:
    faults: list[Fault] = []
    first: dict[Key, int] = {}
    for index, row in enumerate(rows):
        if row is None:
            continue
        pointer = f"/scores/{index}"
        key = (row["unit"], row["item"], row["stage"])
        if first.setdefault(key, index) != index:
            faults.append(Fault("duplicate_row", pointer, {"first": first[key]}))
        if row["unit"] not in target.units:
            params: dict[str, object] = {"unit": row["unit"], "round": target.round_code}
            faults.append(Fault("unit_not_participant", f"{pointer}/unit", params))
        item = target.framework.items.get(row["item"])
        if item is None:
            params = {"item": row["item"], "framework": target.framework.reference}
            faults.append(Fault("item_unknown", f"{pointer}/item", params))
        else:
            faults += _check_stage(target, item, row, pointer)
            faults += _check_points(target, item, row, pointer)
    return faults


def _check_stage(target: _Target, item: Item, row: ScoreCreate, pointer: str) -> list[Fault]:
    stage = Stage(row["stage"])
    allowed = writable_stages(item, target.state)
    if stage not in allowed:
        params = {
            "state": target.state,
            "stage": stage,
            "item": item.code,
            "source": item.source,
            "allowed": ", ".join(sorted(allowed)) or "-",
        }
        return [Fault("stage_not_writable", f"{pointer}/stage", params)]
    if needs_reason(item, stage) and not row.get("reason"):
        return [Fault("reason_missing", f"{pointer}/reason", {"stage": stage, "source": item.source})]
    return []


def _check_points(target: _Target, item: Item, row: ScoreCreate, pointer: str) -> list[Fault]:
    points = row.get("points")
    if row.get("not_applicable"):
        return _check_not_applicable(item, row, pointer)
    if points is None:
        return [] if row.get("reason") else [Fault("points_missing", f"{pointer}/points")]
    scaled, maximum = to_scaled(points), target.framework.pools[item.pool].max_points
    if scaled > maximum:
        params = {"points": points, "max_points": from_scaled(maximum)}
        return [Fault("points_above_maximum", f"{pointer}/points", params)]
    if isinstance(item.rule, Manual) and off_step(item.rule, scaled):
        params = {"points": points, "step": from_scaled(item.rule.step or 0)}
        return [Fault("points_off_step", f"{pointer}/points", params)]
    return []


def _check_not_applicable(item: Item, row: ScoreCreate, pointer: str) -> list[Fault]:
    if row.get("points") is not None:
        return [Fault("points_with_not_applicable", f"{pointer}/points")]
    if item.max_points is None:
        return [Fault("not_applicable_unknown_maximum", f"{pointer}/not_applicable", {"item": item.code})]
    return []


def _append(
    session: Session, target: _Target, rows: Sequence[ScoreCreate], by: str, prefix: str = ""
) -> BatchResult:
    """Write the rows that say something new; raise the revision of their sheets once."""
    units = {row["unit"]: target.units[row["unit"]] for row in rows}
    revisions = repository.lock_sheets(session, target.round_code, units)
    shared = any(len(pool.items) > 1 for pool in target.framework.pools)
    stages = None if shared else {row["stage"] for row in rows}
    known: dict[Key, Said] = {
        (unit, item, stage): (points, bool(na), reason, evidence)
        for unit, item, stage, points, na, _, reason, evidence in repository.list_entries(
            session, target.round_code, units, stages
        )
    }
    changed = []
    for index, row in enumerate(rows):
        said = _said(row)
        key = (row["unit"], row["item"], row["stage"])
        if known.get(key) != said:
            changed.append((index, key, said))
    touched = {key[0]: units[key[0]] for _, key, _ in changed}
    if shared:
        _refuse_rows(_check_shared(target, known, changed), prefix)
    if changed:
        repository.bump_sheets(session, target.round_code, touched)
        revisions.update({unit: revisions[unit] + 1 for unit in touched})
        repository.add_entries(session, entry_rows(target.round_code, units, revisions, changed, by))
    return BatchResult(accepted=len(changed), unchanged=len(rows) - len(changed), revisions=revisions)


def _said(row: ScoreCreate) -> Said:
    points, evidence = row.get("points"), row.get("evidence")
    stored = orjson.dumps([e.model_dump(exclude_none=True) for e in evidence]).decode() if evidence else None
    return (
        None if points is None else to_scaled(points),
        row.get("not_applicable", False),
        row.get("reason"),
        stored,
    )


def entry_rows(
    round_code: str,
    units: Mapping[str, str],
    revisions: Mapping[str, int],
    changed: Sequence[tuple[int, Key, Said]],
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
        for _, (unit, item, stage), (points, not_applicable, reason, evidence) in changed
    ]


def _check_shared(
    target: _Target, known: Mapping[Key, Said], changed: Sequence[tuple[int, Key, Said]]
) -> list[Fault]:
    """Items of unknown maxima under a known parent: their effective points must not exceed it."""
    after = dict(known)
    after.update({key: said for _, key, said in changed})
    faults = []
    for index, (unit, item_code, _), (points, *_) in changed:
        pool = target.framework.pools[target.framework.items[item_code].pool]
        total = sum(_effective(target, after, unit, code) for code in pool.items)
        if len(pool.items) > 1 and total > pool.max_points:
            params = {
                "points": from_scaled(points or 0),
                "items": " + ".join(pool.items),
                "sum": from_scaled(total),
                "max_points": from_scaled(pool.max_points),
            }
            faults.append(Fault("points_above_shared_maximum", f"/scores/{index}/points", params))
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
