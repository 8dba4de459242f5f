"""What may be written into a score sheet: row by row, language-free."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.core.entry import Entry
from app.core.errors import Fault
from app.core.framework import Framework, Item
from app.core.rounding import exact_points, from_scaled
from app.core.rules import (
    Binary,
    Bonus,
    Checklist,
    Manual,
    Options,
    Penalty,
    Survey,
    allowed_points,
    off_step,
    sign_of,
)
from app.core.scoring import (
    JUDGED_STAGES,
    effective_entry,
    needs_reason,
    removed_points,
    writable_stages,
)
from app.core.types import RoundState, Stage

Key = tuple[str, str, str]
"""Unit, item, stage."""
Said = tuple[int | None, bool, str | None, str | None]
"""What an entry says: points (scaled), not_applicable, reason, evidence (as stored)."""


class Row(NamedTuple):
    """A score as it would be written, with its place in the batch."""

    position: int
    key: Key
    said: Said

    @property
    def pointer(self) -> str:
        """Where it stands in the body."""
        return f"/scores/{self.position}"


class Basis(NamedTuple):
    """What rows are checked against."""

    round_code: str
    state: RoundState
    framework: Framework
    units: Mapping[str, str]


def check_rows(basis: Basis, rows: Sequence[Row]) -> list[Fault]:
    """Everything that is wrong with rows by themselves; pointers are into the batch."""
    faults: list[Fault] = []
    first: dict[Key, int] = {}
    for row in rows:
        found = _check_row(basis, row)
        if first.setdefault(row.key, row.position) != row.position:
            found.append(Fault("duplicate_row", "", {"first": first[row.key]}))
        faults += [Fault(fault.code, row.pointer + fault.pointer, fault.params) for fault in found]
    return faults


def _check_row(basis: Basis, row: Row) -> list[Fault]:
    """What is wrong with a row; pointers are into the row."""
    unit, item_code, _ = row.key
    faults = []
    if unit not in basis.units:
        faults.append(Fault("unit_not_participant", "/unit", {"unit": unit, "round": basis.round_code}))
    item = basis.framework.items.get(item_code)
    if item is None:
        params = {"item": item_code, "framework": basis.framework.reference}
        return [*faults, Fault("item_unknown", "/item", params)]
    faults += _check_stage(basis, item, row) + _check_evidence(item, row)
    if row.key[2] == Stage.EXPLANATION:
        return faults + _check_explanation(row.said)
    return faults + _check_points(basis, item, row.said)


def _check_explanation(said: Said) -> list[Fault]:
    """Giải trình is text and evidence: it never gives points."""
    points, not_applicable, _, _ = said
    return [Fault("explanation_with_points", "/points", {})] if points is not None or not_applicable else []


def _check_stage(basis: Basis, item: Item, row: Row) -> list[Fault]:
    stage, reason = row.key[2], row.said[2]
    allowed = writable_stages(item.source, basis.state)
    if isinstance(item.rule, Survey):
        allowed -= {Stage.SURVEY}  # counted from the answers
    if stage not in allowed:
        params = {
            "state": basis.state,
            "stage": stage,
            "item": item.code,
            "source": item.source,
            "allowed": ", ".join(sorted(allowed)) or "-",
        }
        return [Fault("stage_not_writable", "/stage", params)]
    if not reason and stage == Stage.EXPLANATION:
        return [Fault("explanation_without_text", "/reason", {})]
    if not reason and needs_reason(item, stage, basis.state):
        return [Fault("reason_missing", "/reason", {"stage": stage, "source": item.source})]
    return []


def _check_evidence(item: Item, row: Row) -> list[Fault]:
    """An item that asks for evidence gets no self score above 0 without it, or a reason why there is none."""
    points, _, reason, evidence = row.said
    if item.evidence_required and row.key[2] == Stage.SELF and points and not (evidence or reason):
        return [Fault("evidence_missing", "/evidence", {"item": item.code})]
    return []


def _check_points(basis: Basis, item: Item, said: Said) -> list[Fault]:
    points, not_applicable, reason, _ = said
    if not_applicable:
        return _check_not_applicable(item, points)
    if points is None:
        return [] if reason else [Fault("points_missing", "/points")]
    maximum = basis.framework.pools[item.pool].max_points
    if points > maximum:
        params = {"points": from_scaled(points), "max_points": from_scaled(maximum)}
        return [Fault("points_above_maximum", "/points", params)]
    return _check_choice(item, maximum, points)


def _check_choice(item: Item, maximum: int, points: int) -> list[Fault]:
    """People may give only the points that the rule knows."""
    match item.rule:
        case (
            Manual(step=step) | Bonus(figure=None, per_event=step) | Penalty(figure=None, per_event=step)
        ) if off_step(step, points) and not (sign_of(item.rule) and points == maximum):
            params: dict[str, object] = {"points": from_scaled(points), "step": from_scaled(step or 0)}
            return [Fault("points_off_step", "/points", params)]
        case Binary() | Options() | Checklist() if points not in allowed_points(item.rule, maximum):
            allowed = ", ".join(exact_points(p) for p in allowed_points(item.rule, maximum))
            return [
                Fault("points_not_an_option", "/points", {"points": from_scaled(points), "allowed": allowed})
            ]
        case _:
            return []


def _check_not_applicable(item: Item, points: int | None) -> list[Fault]:
    if points is not None:
        return [Fault("points_with_not_applicable", "/points")]
    if item.max_points is None:
        return [Fault("not_applicable_unknown_maximum", "/not_applicable", {"item": item.code})]
    return []


def check_removed(framework: Framework, known: Mapping[Key, Said], changed: Sequence[Row]) -> list[Fault]:
    """Whoever takes a point away says why."""
    faults = []
    for row in changed if known or framework.has_extras else ():
        unit, item, stage = row.key
        judged = JUDGED_STAGES.get(stage)
        points, not_applicable, reason, _ = row.said
        if not judged or reason:
            continue
        said = {before: known.get((unit, item, before)) for before in (stage, *judged)}
        standing = {before: Entry(*known_said[:2]) for before, known_said in said.items() if known_said}
        removed = removed_points(framework.items[item], stage, Entry(points, not_applicable), standing)
        if removed:
            params = {"item": item, "removed": from_scaled(removed)}
            faults.append(Fault("removed_without_reason", f"{row.pointer}/reason", params))
    return faults


def check_shared(basis: Basis, known: Mapping[Key, Said], changed: Sequence[Row]) -> list[Fault]:
    """Items of unknown maxima under a known parent: their effective points must not exceed it."""
    after = {**known, **{row.key: row.said for row in changed}}
    faults = []
    for row in changed:
        unit, item_code, _ = row.key
        pool = basis.framework.pools[basis.framework.items[item_code].pool]
        total = sum(_effective(basis, after, unit, code) for code in pool.items)
        if len(pool.items) > 1 and total > pool.max_points:
            params = {
                "points": from_scaled(row.said[0] or 0),
                "items": " + ".join(pool.items),
                "sum": from_scaled(total),
                "max_points": from_scaled(pool.max_points),
            }
            faults.append(Fault("points_above_shared_maximum", f"{row.pointer}/points", params))
    return faults


def _effective(basis: Basis, known: Mapping[Key, Said], unit: str, item_code: str) -> int:
    item = basis.framework.items[item_code]
    entries = {
        (item_code, stage.value): Entry(said[0], said[1])
        for stage in Stage
        if (said := known.get((unit, item_code, stage.value))) is not None
    }
    entry = effective_entry(item, entries)
    return 0 if entry is None else entry.points or 0
