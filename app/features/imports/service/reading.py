"""Imports as people read them: progress, report, rows, and bad rows to be corrected."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from sqlmodel import Session

from app.features.imports import repository
from app.features.imports.mapping.answers import Refusal, Value, dossier_values, import_answer, row_answers
from app.features.imports.mapping.notes import OWN_HEADINGS, GivenBack
from app.features.imports.mapping.rejected import BadRow, bad_rows
from app.features.imports.schemas import ImportRead, ImportRowRead
from app.features.imports.service.desk import Desk, death, require, state_of
from app.features.imports.service.kinds import KINDS, Kind
from app.features.imports.service.kinds.listed import CHANGING
from app.infra.auth import Caller
from app.infra.db import Database
from app.infra.messages import Language
from app.models import ImportLineRow, ImportRow

_PAGE = 1000
"""Bad rows that are read at a time."""


def read_import(session: Session, desk: Desk, import_id: str, by: Caller, language: Language) -> ImportRead:
    """An import with its progress or its report."""
    row = require(repository.find_import(session, import_id), import_id, by)
    return _read(desk, row, language)


def _read(desk: Desk, row: ImportRow, language: Language) -> ImportRead:
    state = state_of(desk, row)
    died = death() if state != row.state and state == "failed" else None
    return import_answer(row, state, died, language, datetime.now(UTC))


def read_commit(session: Session, desk: Desk, import_id: str, by: Caller, language: Language) -> ImportRead:
    """As `read_import`, after a commit was asked for: refuses with what stood against it."""
    row = require(repository.find_import(session, import_id), import_id, by)
    refusal = Refusal.load(row.report) if row.state == "rehearsed" else None
    if refusal is not None:
        raise refusal.as_error()
    return _read(desk, row, language)


def list_imports(
    session: Session,
    desk: Desk,
    by: Caller,
    before: tuple[datetime, str] | None,
    limit: int,
    language: Language,
) -> list[ImportRead]:
    """Imports that the caller may see, the newest first."""
    kinds = [name for name, kind in KINDS.items() if by.everywhere(*kind.scopes)]
    rows = repository.list_imports(session, by.code, kinds, datetime.now(UTC), before, limit)
    return [_read(desk, row, language) for row in rows]


def list_rows(
    session: Session,
    import_id: str,
    by: Caller,
    action: str | None,
    after: int,
    limit: int,
    language: Language,
) -> list[ImportRowRead]:
    """Rows of a file with what they do, in their order."""
    kind = KINDS[require(repository.find_import(session, import_id), import_id, by).kind]
    lines = repository.list_lines(session, import_id, (action,) if action else (), after, limit)
    changing = [line for line in lines if line.action in CHANGING]
    values = {line.position: _listed(line, kind) for line in changing if line.new is not None}
    apart = [line.position for line in changing if line.new is None]
    if apart:
        staged = repository.list_values(session, import_id, apart)
        values |= {position: dossier_values(*found) for position, found in staged.items()}
    return row_answers(lines, values, kind.subject, language)


def _listed(line: ImportLineRow, kind: type[Kind]) -> tuple[Value, Value | None]:
    old = None if line.old is None else kind.show(orjson.loads(line.old))
    return kind.show(orjson.loads(line.new or "null")), old


class BadRows(NamedTuple):
    """The bad rows of a file, read page by page while they go out."""

    name: str
    headings: list[str]
    rows: Iterator[BadRow]


def open_rejected(database: Database, import_id: str, by: Caller, language: Language) -> BadRows:
    """The bad rows of an import with what is wrong with them."""
    with database.read() as session:
        row = require(repository.find_import(session, import_id), import_id, by)
        said: dict[str, Any] = orjson.loads(row.report or "{}")
        name = Path(row.file_name).stem
    given = GivenBack(**said.get("given_back", {"headings": [], "places": {}, "added": []}))
    headings = [*OWN_HEADINGS[language], *given.headings]
    return BadRows(name, headings, _iterate_rejected(database, import_id, given, language))


def _iterate_rejected(
    database: Database, import_id: str, given: GivenBack, language: Language
) -> Iterator[BadRow]:
    after, full = 0, True
    while full:
        with database.read() as session:
            lines = repository.list_lines(session, import_id, ("rejected",), after, _PAGE)
        yield from bad_rows(lines, given, language)
        full = len(lines) == _PAGE
        after = lines[-1].position if lines else 0
