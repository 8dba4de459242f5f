"""The change feed: what others may follow, numbered 1, 2, 3 without a gap, in the transaction of the change.

Changes follow from the events of the audit log and are numbered behind them, as the last thing before the
commit: the row of the counter is the last lock of a transaction and held for no longer than the commit takes,
so numbers become visible in their order. What a transaction that is rolled back had taken was never taken.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import update
from sqlmodel import Session, col, delete, insert, select

from app.infra.db import append_rows
from app.models import AssessmentRoundRow, ChangeCounterRow, ChangeRow, HeldChangeRow

TOLD: Mapping[str, tuple[str, str]] = {
    "round.put": ("round", "changed"),
    "round.move": ("round", "moved"),
    "publication.add": ("publication", "released"),
    "framework.put": ("framework", "put"),
    "framework.publish": ("framework", "published"),
    "unit.put": ("unit", "put"),
    "units.import": ("unit", "imported"),
    "units.load_reference": ("unit", "loaded"),
    "finding.put": ("finding", "put"),
}
"""Action of an event -> kind and action of the change; other events are nobody else's business."""
_HELD = ("round", "publication", "correction")
"""Kinds of which nothing is told while results are held back."""


class Change(NamedTuple):
    """What happened to what. The subject names codes, never contents."""

    kind: str
    action: str
    subject: Mapping[str, str]


def list_changes(action: str, subject: Mapping[str, str], before: Any, after: Any) -> list[Change]:
    """What an event means to others."""
    if action not in TOLD:
        return []
    kind, told = TOLD[action]
    match action:
        case "round.put" if before is None:
            told = "created"
        case "publication.add" if "supersedes" in subject:
            kind = "correction"
        case "units.import":
            return [Change(kind, told, {"unit": unit}) for unit in after["units"]]
    return [Change(kind, told, subject)]


def write(session: Session, changes: Sequence[Change]) -> None:
    """Number changes, those of rounds that are held back at their release."""
    if not changes:
        return
    session.flush()  # nothing but what is held back is locked behind the counter
    rounds = {c.subject["round"] for c in changes if c.kind in _HELD}
    releases = _list_releases(session, rounds)
    _move_held(session, rounds, releases)
    held, free = [], []
    for change in changes:
        release = releases.get(change.subject["round"]) if change.kind in _HELD else None
        if release is None:
            free.append(_row_of(change))
        else:
            held.append({**_row_of(change), "release_at": release})
    if held:
        session.execute(insert(HeldChangeRow), held)
    if free:
        _append(session, free)


def release(session: Session) -> None:
    """Number what was held back until now."""
    _append(session, [])


def _append(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    last = _take(session, len(rows))  # from here on others wait for the commit
    now = datetime.now(UTC)
    due = _take_due(session, now)
    if due:
        last = _take(session, len(due))
    told = [*due, *({**row, "at": now} for row in rows)]
    if told:
        first = last - len(told) + 1
        append_rows(session, ChangeRow, [{"sequence": first + n, **row} for n, row in enumerate(told)])


def _take(session: Session, count: int) -> int:
    """The last of some new numbers."""
    raised = update(ChangeCounterRow).values(last=col(ChangeCounterRow.last) + count)
    last: int = session.execute(raised.returning(col(ChangeCounterRow.last))).scalar_one()
    return last


def _take_due(session: Session, now: datetime) -> list[dict[str, Any]]:
    """What was held back until now, in order. Under the lock of the counter: nobody else takes it."""
    row = HeldChangeRow
    columns = (col(row.release_at), col(row.number), col(row.kind), col(row.action), col(row.subject))
    taken = session.execute(delete(row).where(col(row.release_at) <= now).returning(*columns)).all()
    return [
        {"kind": kind, "action": action, "subject": subject, "at": at}
        for at, _, kind, action, subject in sorted(taken)
    ]


def _list_releases(session: Session, rounds: set[str]) -> dict[str, datetime]:
    """Round -> instant, of those of some rounds whose results are held back now."""
    if not rounds:
        return {}
    row = AssessmentRoundRow
    held = select(row.code, row.release_at).where(
        col(row.code).in_(rounds), col(row.release_at) > datetime.now(UTC)
    )
    return {code: at for code, at in session.exec(held) if at is not None}


def _move_held(session: Session, rounds: set[str], releases: Mapping[str, datetime]) -> None:
    """A publication may move the release of its round: what waits for another instant goes with it. What was
    released before now keeps its instant, though nobody has numbered it yet."""
    row, now = HeldChangeRow, datetime.now(UTC)
    if not rounds:
        return
    waiting = session.exec(select(row.number, row.subject, row.release_at).where(col(row.release_at) > now))
    moved: dict[datetime, list[int | None]] = {}
    for number, subject, planned in waiting.all():
        code = orjson.loads(subject)["round"]
        if code in rounds and planned != (release := releases.get(code, now)):
            moved.setdefault(release, []).append(number)
    for release, numbers in moved.items():
        _take(session, 0)  # whoever numbers what is released locks the counter first, and then these rows
        still = col(row.number).in_(numbers), col(row.release_at) > datetime.now(UTC)
        session.execute(update(row).where(*still).values(release_at=release))


def _row_of(change: Change) -> dict[str, Any]:
    subject = orjson.dumps(change.subject, option=orjson.OPT_SORT_KEYS).decode()
    return {"kind": change.kind, "action": change.action, "subject": subject}
