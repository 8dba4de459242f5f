"""Rows of scores -> what is stored, what the audit says, and what a conflict shows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from app.core.rounding import from_scaled
from app.core.sheet import Key, Said
from app.infra import audit
from app.infra.auth import Caller
from app.models import ScoreEntryRow

SHOWN_CHANGES = 20
"""Changes that an audit event spells out; the history has all, and the event their digest."""
FIELDS = ("points", "not_applicable", "reason", "evidence")


class Writing(NamedTuple):
    """Entries to write: unit -> jurisdiction, unit -> new revision, key -> what is said, and was before."""

    units: Mapping[str, str]
    revisions: Mapping[str, int]
    said: Mapping[Key, Said]
    known: Mapping[Key, Said]


def entry_rows(round_code: str, writing: Writing, by: Caller, now: datetime) -> list[dict[str, Any]]:
    """Rows of the history table."""
    return [
        {
            "jurisdiction_code": writing.units[unit],
            "round_code": round_code,
            "unit_code": unit,
            "item_code": item,
            "stage": stage,
            "revision": writing.revisions[unit],
            "points": points,
            "not_applicable": not_applicable,
            "reason": reason,
            "evidence": documents,
            "recorded_at": now,
            "recorded_by": by.code,
        }
        for (unit, item, stage), (points, not_applicable, reason, documents) in writing.said.items()
    ]


def audit_events(round_code: str, writing: Writing, by: Caller, now: datetime) -> list[audit.Event]:
    """One event for each jurisdiction, with the digest of what every sheet got."""
    of_units: dict[str, list[tuple[Any, ...]]] = {}
    for (unit, item, stage), said in writing.said.items():
        of_units.setdefault(unit, []).append((item, stage, *said))
    of_jurisdictions: dict[str, list[str]] = {}
    for unit in of_units:
        of_jurisdictions.setdefault(writing.units[unit], []).append(unit)
    return [
        _event(round_code, jurisdiction, units, of_units, writing, by, now)
        for jurisdiction, units in of_jurisdictions.items()
    ]


def _event(
    round_code: str,
    jurisdiction: str,
    units: Sequence[str],
    of_units: Mapping[str, list[tuple[Any, ...]]],
    writing: Writing,
    by: Caller,
    now: datetime,
) -> audit.Event:
    keys = [(unit, row[0], row[1]) for unit in units for row in of_units[unit]]
    shown = keys[:SHOWN_CHANGES]
    before = [_change(key, writing.known[key]) for key in shown if key in writing.known]
    after = {
        "scores": len(keys),
        "revisions": {unit: writing.revisions[unit] for unit in units},
        "changes": [_change(key, writing.said[key]) for key in shown],
    }
    digests = {
        f"score_entry/{round_code}/{unit}/{writing.revisions[unit]}": audit.digest_entries(
            now, by.code, sorted(of_units[unit])
        )
        for unit in units
    }
    subject = {"round": round_code} | ({"unit": units[0]} if len(units) == 1 else {})
    return audit.Event(by, "scores.write", jurisdiction, subject, before or None, after, None, digests)


def _change(key: Key, said: Said) -> dict[str, Any]:
    unit, item, stage = key
    return {"unit": unit, "item": item, "stage": stage, **_shown(said)}


def _shown(said: Said) -> dict[str, Any]:
    """What an entry says, as people read it."""
    points, not_applicable, reason, documents = said
    return {
        "points": None if points is None else points_text(points),
        "not_applicable": not_applicable,
        "reason": reason,
        "evidence": orjson.loads(documents) if documents else [],
    }


def points_text(points: int) -> str:
    """Exact points as text: an audit carries no binary fractions."""
    return str(from_scaled(points))


def conflict_of(
    history: Iterable[ScoreEntryRow],
    revision: int,
    base_revision: int | None,
    yours: Mapping[Key, Said],
    item: str | None = None,
) -> dict[str, Any]:
    """Both versions of what was changed meanwhile, and field by field where they differ.

    `history`: every entry of one sheet in order of revision; `revision`: of the sheet as it stands;
    `base_revision`: the one that was read; `item`: only this one was read.
    """
    base: dict[Key, Said] = {}
    current: dict[Key, Said] = {}
    for entry in history:
        key = (entry.unit_code, entry.item_code, entry.stage)
        current[key] = (entry.points, entry.not_applicable, entry.reason, entry.evidence)
        if base_revision is not None and entry.revision <= base_revision:
            base[key] = current[key]
    changed = {
        key
        for key, said in current.items()
        if base_revision is not None and base.get(key) != said and item in (None, key[1])
    }
    concerned = sorted(changed | set(yours))
    return {
        "current": {
            "revision": revision,
            "scores": [_change(key, current[key]) for key in concerned if key in current],
        },
        "yours": {"scores": [_change(key, said) for key, said in yours.items()]},
        "difference": [
            line
            for key in concerned
            for line in _differences(key, base.get(key), current.get(key), yours.get(key))
        ],
    }


def _differences(
    key: Key, base: Said | None, current: Said | None, yours: Said | None
) -> Iterable[dict[str, Any]]:
    """One line for each field that was changed meanwhile, or that would be changed."""
    sides = [_shown(said) if said else dict.fromkeys(FIELDS) for said in (base, current, yours)]
    for field in FIELDS:
        then, now, mine = (side[field] for side in sides)
        if then != now or (yours is not None and mine != now):
            line = {"field": "/".join((*key[1:], field)), "base": then, "current": now}
            yield line | ({"yours": mine} if yours is not None else {})
