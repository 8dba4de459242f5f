"""Entries of a sheet as people read them, and what a conflict between two writers shows."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from app.core.rounding import exact_points
from app.core.sheet import Key, Said
from app.models import ScoreEntryRow

FIELDS = ("points", "not_applicable", "reason", "evidence")


def change_text(key: Key, said: Said) -> dict[str, Any]:
    """What one entry says, and where."""
    unit, item, stage = key
    return {"unit": unit, "item": item, "stage": stage, **_shown(said)}


def _shown(said: Said) -> dict[str, Any]:
    """What an entry says, as people read it."""
    points, not_applicable, reason, documents = said
    return {
        "points": None if points is None else exact_points(points),
        "not_applicable": not_applicable,
        "reason": reason,
        "evidence": orjson.loads(documents) if documents else [],
    }


def conflict_of(
    history: Iterable[ScoreEntryRow],
    revision: int,
    if_match: str,
    yours: Mapping[Key, Said],
    item: str | None = None,
) -> dict[str, Any]:
    """Both versions of what was changed meanwhile, and field by field where they differ.

    `history`: every entry of one sheet in order of revision; `revision`: of the sheet as it stands;
    `if_match`: what was read, of the whole sheet ("7") or of `item` alone ("i7").
    """
    given = re.fullmatch(r'"(i?)(\d{1,9})"', if_match.strip())
    base_revision = int(given[2]) if given else None
    if given is None or not given[1]:
        item = None
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
            "scores": [change_text(key, current[key]) for key in concerned if key in current],
        },
        "yours": {"scores": [change_text(key, said) for key, said in yours.items()]},
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
