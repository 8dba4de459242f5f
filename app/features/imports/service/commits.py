"""A rehearsed import becomes figures: exactly what was rehearsed, or nothing."""

from datetime import UTC, datetime

import orjson
from sqlmodel import Session

from app.features.imports import repository
from app.features.imports.service.kinds import KINDS, Kind, open_kind
from app.features.imports.service.work import CancelledError, Work
from app.features.units import repository as unit_queries
from app.infra.auth import Caller
from app.infra.errors import ConflictError
from app.models import ImportRow


def refuse_commit(session: Session, row: ImportRow, by: Caller) -> None:
    """What a rehearsal relied on must still be so: the registry of units, and the rights of the caller."""
    seal = orjson.loads(row.seal or "{}")
    if seal["tree_revision"] != unit_queries.get_tree_revision(session):
        raise ConflictError("import_units_changed")
    scopes = KINDS[row.kind].scopes
    everywhere = all(by.everywhere(scope) for scope in scopes)
    if not everywhere and not set(seal["grants"]) <= set(map(str, by.having(*scopes))):
        raise ConflictError("import_rights_changed")


def commit(work: Work) -> None:
    """Write what is staged, in one transaction."""
    with work.database.work() as session:
        row = repository.find_import(session, work.import_id)
        if row is None or row.state != "committing" or row.worker != work.worker:
            raise CancelledError
        kind = open_kind(row, work)
        kind.hold(session)
        refuse_commit(session, row, work.caller)
        _refuse_outdated(session, kind)
        written = kind.write(session, row)
        _refuse_incomplete(row, written)
        report = {**orjson.loads(row.report or "{}"), "faults": [], "committed_at": datetime.now(UTC)}
        values = {
            "state": "committed",
            "rows_committed": written,
            "report": orjson.dumps({**report, "committed_by": work.caller.code}).decode(),
        }
        if not repository.finish_commit(session, work.import_id, work.worker, values):
            raise CancelledError


def _refuse_incomplete(row: ImportRow, written: int) -> None:
    """All that the rehearsal told of, or nothing."""
    counts = orjson.loads(row.report or "{}")["counts"]
    expected = counts["inserted"] + counts["updated"]
    if written != expected:
        raise ConflictError("import_incomplete", written=written, expected=expected)


def _refuse_outdated(session: Session, kind: Kind) -> None:
    count, faults = kind.list_outdated(session)
    if count:
        raise ConflictError("import_outdated", faults, count=count)
