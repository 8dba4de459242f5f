"""Rows of scores -> what is stored, and what the audit says."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from app.core.sheet import Key, Said
from app.features.sheets.mapping import change_text
from app.infra import audit
from app.infra.auth import Caller

SHOWN_CHANGES = 20
"""Changes that an audit event spells out; the history has all, and the event their digest."""


class Writing(NamedTuple):
    """Entries to write: unit -> jurisdiction, unit -> new revision, key -> what is said, and was before."""

    units: Mapping[str, str]
    revisions: Mapping[str, int]
    said: Mapping[Key, Said]
    known: Mapping[Key, Said]
    import_id: str | None = None


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
            "import_id": writing.import_id,
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
    before = [change_text(key, writing.known[key]) for key in shown if key in writing.known]
    after = {
        "scores": len(keys),
        "revisions": {unit: writing.revisions[unit] for unit in units},
        "changes": [change_text(key, writing.said[key]) for key in shown],
    }
    digests = {
        f"score_entry/{round_code}/{unit}/{writing.revisions[unit]}": audit.digest_entries(
            now, by.code, sorted(of_units[unit])
        )
        for unit in units
    }
    subject = {"round": round_code} | ({"unit": units[0]} if len(units) == 1 else {})
    subject |= {"import": writing.import_id} if writing.import_id else {}
    return audit.Event(by, "scores.write", jurisdiction, subject, before or None, after, None, digests)
