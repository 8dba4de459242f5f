"""The catalogue of measures: what ships with the service, and what a deployment makes of it."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import orjson
from sqlmodel import Session

from app.core.access import NATION
from app.core.errors import Fault
from app.core.figure_names import measures_in
from app.core.types import ClientScope
from app.features.measures import mapping, repository
from app.features.measures.schemas import Bundle, MeasureDefinition
from app.infra import audit
from app.infra.auth import Caller, require_everywhere
from app.infra.documents import read_file, validated
from app.infra.errors import NotFoundError, PreconditionFailedError, refuse
from app.infra.messages import Message
from app.infra.problems import conflict_between, matches
from app.models import MeasureRow


def list_measures(session: Session, text: str | None, after: str | None, limit: int) -> list[dict[str, Any]]:
    """Entries by code; with `text`, those that have it in code or name."""
    if text is None:
        return [read_document(row) for row in repository.list_measures(session, after, limit)]
    rows = (row for row in repository.list_measures(session, after) if mapping.is_found(row, text))
    return [read_document(row) for _, row in zip(range(limit), rows, strict=False)]


def get_row(session: Session, code: str) -> MeasureRow:
    """A stored entry, or an error."""
    row = repository.find_measure(session, code)
    if row is None:
        raise NotFoundError("measure_unknown", measure=code)
    return row


def read_document(row: MeasureRow) -> dict[str, Any]:
    """What an entry says."""
    document: dict[str, Any] = orjson.loads(row.document)
    return document


def etag_of(row: MeasureRow) -> str:
    """The digest of what an entry says."""
    return f'"{_digest(row.document)[:32]}"'


def _digest(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()


def list_names(session: Session, figures: Iterable[str]) -> dict[str, Message]:
    """Name of a figure -> what the catalogue calls it, of those whose measure it knows."""
    codes = measures_in(figures)
    return mapping.names_of(repository.list_of_codes(session, codes)) if codes else {}


def put_measure(
    session: Session, code: str, written: MeasureDefinition, by: Caller, if_match: str | None = None
) -> tuple[MeasureRow, bool]:
    """Create or change an entry; (row, whether it is new). The same again is no change."""
    require_everywhere(by, ClientScope.FRAMEWORKS_WRITE)
    if written.code != code:
        refuse([Fault("measure_code_differs", "/code", {"document": written.code, "path": code})])
    _check_parts(session, written)
    existing = repository.find_measure_for_update(session, code)
    _check_match(existing, written, if_match)
    text = _text(written)
    if existing is not None and existing.document == text:
        return existing, False
    before = None if existing is None else orjson.loads(existing.document)
    _store(session, code, text, by)
    event = audit.Event(by, "measure_definition.put", NATION, {"measure": code}, before, orjson.loads(text))
    audit.record(session, event)
    return get_row(session, code), existing is None


def _check_parts(session: Session, written: MeasureDefinition) -> None:
    """Parts are other measures of the catalogue."""
    known = {row.code for row in repository.list_of_codes(session, written.parts)} - {written.code}
    refuse(
        [
            Fault("measure_unknown", f"/parts/{index}", {"measure": part})
            for index, part in enumerate(written.parts)
            if part not in known
        ]
    )


def _check_match(existing: MeasureRow | None, written: MeasureDefinition, if_match: str | None) -> None:
    """Refuse what was written over another entry than the one that was read."""
    if if_match is None or (existing is not None and matches(if_match, etag_of(existing))):
        return
    stands = etag_of(existing) if existing else "-"
    current = read_document(existing) if existing else {}
    conflict = conflict_between(current, orjson.loads(_text(written)), stands)
    raise PreconditionFailedError("precondition_failed", conflict, current=stands, given=if_match)


def _text(written: MeasureDefinition) -> str:
    """The stored text of an entry."""
    return orjson.dumps(written.model_dump()).decode()


def _store(session: Session, code: str, text: str, by: Caller) -> None:
    row = MeasureRow(code=code, document=text, recorded_at=datetime.now(UTC), recorded_by=by.code)
    repository.add_measure(session, row)


def load_bundled(session: Session, by: Caller) -> int:
    """Load the entries that ship with the service; the number of new or amended ones. What somebody else has
    written since is his."""
    bundle = validated(Bundle, read_file(files("app.data").joinpath("measures.yaml")))
    stored = {row.code: row for row in repository.list_measures(session)}
    due = {
        entry.code: _text(entry) for entry in bundle.measures if _is_due(stored.get(entry.code), entry, by)
    }
    for code, text in due.items():
        _store(session, code, text, by)
    if due:
        digests = {code: _digest(text) for code, text in due.items()}
        audit.record(
            session, audit.Event(by, "measure_definitions.load_reference", NATION, {}, None, digests)
        )
    return len(due)


def _is_due(stored: MeasureRow | None, entry: MeasureDefinition, by: Caller) -> bool:
    return stored is None or (stored.recorded_by == by.code and stored.document != _text(entry))
