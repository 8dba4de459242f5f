"""The audit log: every change in an append-only, hash-chained log, in the transaction of the change.

Events wait in the session and are written at its commit: the chains of the jurisdictions concerned are
locked last, in the order of their codes, and for no longer than the commit takes. The hash of an event
is the SHA-256 of the canonical JSON (sorted ASCII keys, no blanks, no floats: RFC 8785) of all its columns,
the hash of the event before it included.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import update
from sqlalchemy.event import listens_for
from sqlmodel import Session, col, insert, select

from app.infra import changes
from app.infra.auth import Caller
from app.infra.db import add_missing
from app.models import AuditChainRow, AuditEventRow

NO_HASH = "0" * 64
_PENDING, _MARKS = "parindex.audit", "parindex.audit.marks"


@dataclass(frozen=True, slots=True)
class Event:
    """One change, before it has its place in a chain.

    `digests`: for each set of rows that the change added to a history (for example
    "score_entry/<round>/<unit>/<revision>"), the digest of what they say; `audit verify` compares them with
    the tables.
    """

    caller: Caller
    action: str
    jurisdiction: str
    subject: Mapping[str, str]
    before: Any = None
    after: Any = None
    reason: str | None = None
    digests: Mapping[str, str] = field(default_factory=dict)


def record(session: Session, event: Event) -> None:
    """Keep an event for the commit of the session."""
    session.info.setdefault(_PENDING, []).append(event)


def digest_rows(rows: Iterable[Sequence[Any]]) -> str:
    """The digest of rows of plain values, in their order. Instants are UTC with microseconds."""
    return hashlib.sha256(orjson.dumps(list(rows), default=str, option=_OPTIONS)).hexdigest()


_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z


def digest_entries(recorded_at: datetime, recorded_by: str, rows: Sequence[Sequence[Any]]) -> str:
    """The digest of what one write added to one sheet: (item, stage, points, not_applicable, reason,
    evidence), sorted."""
    return digest_rows([[_utc(recorded_at), recorded_by], *rows])


def code_of_document(document: Mapping[str, Any]) -> str:
    """The code of a cited document: the digest of what its citation says."""
    members = ("title", "issued_by", "number", "issued_on", "url", "sha256")
    said = {name: document.get(name) for name in members}
    return hashlib.sha256(orjson.dumps(said, option=_OPTIONS)).hexdigest()[:32]


LATER_COLUMNS = {"procedure_field": "", "import_id": None}
"""Columns that came after rows were vouched for: where they say nothing, a digest does not know them."""


def digest_of_row(row: Any) -> str:
    """The digest of one table row: all of its columns by name."""
    values = {
        name: _utc(value)
        for name, value in row.model_dump().items()
        if name not in LATER_COLUMNS or value != LATER_COLUMNS[name]
    }
    return hashlib.sha256(orjson.dumps(values, default=str, option=_OPTIONS)).hexdigest()


class RowsDigest:
    """The digest of rows that come one after another and are never held together."""

    def __init__(self) -> None:
        self.rows = 0
        self._digest = hashlib.sha256()

    def add(self, row: Sequence[Any]) -> None:
        """One more row of plain values."""
        self.rows += 1
        self._digest.update(orjson.dumps(row, default=str, option=_LINE))

    def hexdigest(self) -> str:
        """The digest of all rows so far."""
        return self._digest.hexdigest()


_LINE = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE


def digest_import(
    rows: str, recorded_at: datetime, recorded_by: str, revisions: Iterable[tuple[str, int]]
) -> str:
    """The digest of what an import wrote in a jurisdiction: its rows in the order of their keys (RowsDigest),
    when and by whom they were written, and the revision that each unit has by it."""
    return digest_rows([[rows, _utc(recorded_at), recorded_by], *sorted(revisions)])


def _utc(value: object) -> object:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def canonical(value: object) -> str:
    """Plain data as canonical text; decimals as their text."""
    return orjson.dumps(value, default=str, option=_OPTIONS).decode()


@listens_for(Session, "after_transaction_create")
def mark(session: Any, transaction: Any) -> None:
    """Remember where the events of a savepoint begin."""
    if transaction.nested:
        session.info.setdefault(_MARKS, []).append(len(session.info.get(_PENDING, ())))


@listens_for(Session, "after_transaction_end")
def unmark(session: Any, transaction: Any) -> None:
    """A savepoint is over."""
    if transaction.nested:
        session.info[_MARKS].pop()


@listens_for(Session, "after_rollback")
def forget(session: Any) -> None:
    """Drop the events of changes that were rolled back: all, or those of the savepoint."""
    begin = session.info[_MARKS][-1] if session.in_nested_transaction() else 0
    del session.info.get(_PENDING, [])[begin:]


@listens_for(Session, "before_commit")
def flush(session: Any) -> None:
    """Write the waiting events, each behind the last one of its chain; then number what others may follow."""
    if session.in_nested_transaction():
        return
    pending: list[Event] = session.info.pop(_PENDING, [])
    if not pending:
        return
    chains = _lock_chains(session, sorted({event.jurisdiction for event in pending}))
    now = datetime.now(UTC)
    rows = []
    for event in pending:
        sequence, previous = chains[event.jurisdiction]
        row = _row_of(event, now, sequence + 1, previous)
        chains[event.jurisdiction] = (row["sequence"], row["hash"])
        rows.append(row)
    session.exec(insert(AuditEventRow), params=rows)
    heads = [
        {"jurisdiction_code": code, "sequence": sequence, "hash": digest}
        for code, (sequence, digest) in chains.items()
    ]
    session.execute(update(AuditChainRow), heads)
    told = (changes.list_changes(e.action, e.subject, e.before, e.after) for e in pending)
    changes.write(session, [change for found in told for change in found])


def _lock_chains(session: Session, jurisdictions: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Jurisdiction -> (sequence, hash) of its newest event, held until the commit."""
    query = (
        select(AuditChainRow.jurisdiction_code, AuditChainRow.sequence, AuditChainRow.hash)
        .where(col(AuditChainRow.jurisdiction_code).in_(jurisdictions))
        .order_by(col(AuditChainRow.jurisdiction_code))
        .with_for_update()
    )
    found = {code: (sequence, digest) for code, sequence, digest in session.exec(query)}
    if len(found) < len(jurisdictions):
        _begin_chains(session, [code for code in jurisdictions if code not in found])
        found = {code: (sequence, digest) for code, sequence, digest in session.exec(query)}
    return found


def _begin_chains(session: Session, jurisdictions: Sequence[str]) -> None:
    rows = [{"jurisdiction_code": code, "sequence": 0, "hash": NO_HASH} for code in jurisdictions]
    add_missing(session, AuditChainRow, rows)


def _row_of(event: Event, now: datetime, sequence: int, previous: str) -> dict[str, Any]:
    row = {
        "jurisdiction_code": event.jurisdiction,
        "sequence": sequence,
        "recorded_at": now,
        "client_code": event.caller.code,
        "address": event.caller.address,
        "request_id": event.caller.request_id,
        "action": event.action,
        "round_code": event.subject.get("round"),
        "unit_code": event.subject.get("unit"),
        "subject": canonical(event.subject),
        "reason": event.reason,
        "before": None if event.before is None else canonical(event.before),
        "after": None if event.after is None else canonical(event.after),
        "digests": canonical(event.digests),
        "previous_hash": previous,
    }
    return {**row, "hash": hash_of(row)}


def hash_of(row: Mapping[str, Any]) -> str:
    """The hash of an event's row (its own `hash` left out)."""
    content = {name: _utc(value) for name, value in row.items() if name != "hash"}
    return hashlib.sha256(orjson.dumps(content, option=_OPTIONS)).hexdigest()
