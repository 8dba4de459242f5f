"""A rehearsed import becomes figures: exactly what was rehearsed, or nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlmodel import Session

from app.core.errors import Fault
from app.core.types import ClientScope
from app.features.imports import repository
from app.features.imports.repository import Changed
from app.features.imports.service.rehearsal import CancelledError, Work
from app.features.units import repository as unit_queries
from app.infra import audit
from app.infra.auth import Caller
from app.infra.errors import ConflictError
from app.models import ImportRow

_TOLD = 20
"""Rows that changed meanwhile and are named one by one."""


def refuse_commit(session: Session, row: ImportRow, by: Caller) -> None:
    """What a rehearsal relied on must still be so: the registry of units, and the rights of the caller."""
    seal = orjson.loads(row.seal or "{}")
    if seal["tree_revision"] != unit_queries.get_tree_revision(session):
        raise ConflictError("import_units_changed")
    scope = ClientScope.STATISTICS_WRITE
    if not by.everywhere(scope) and not set(seal["grants"]) <= set(map(str, by.having(scope))):
        raise ConflictError("import_rights_changed")


def commit(work: Work) -> None:
    """Write what is staged, in one transaction with a fixed number of statements."""
    with work.database.work() as session:
        repository.hold_units(session, work.import_id)
        row = repository.find_import(session, work.import_id)
        if row is None or row.state != "committing" or row.worker != work.worker:
            raise CancelledError
        refuse_commit(session, row, work.caller)
        _refuse_outdated(session, work.import_id)
        repository.bump_units(session, work.import_id)
        now = datetime.now(UTC)
        written = repository.write_dossiers(session, work.import_id, now, work.caller.code)
        _record(session, row, work, now)
        report = {**orjson.loads(row.report or "{}"), "faults": [], "committed_at": now}
        values = {
            "state": "committed",
            "rows_committed": written,
            "report": orjson.dumps({**report, "committed_by": work.caller.code}).decode(),
        }
        if not repository.finish_commit(session, work.import_id, work.worker, values):
            raise CancelledError


def _refuse_outdated(session: Session, import_id: str) -> None:
    count, changed = repository.list_changed_since(session, import_id, _TOLD)
    if count:
        raise ConflictError("import_outdated", [_changed(row) for row in changed], count=count)


def _changed(row: Changed) -> Fault:
    place = row.unit_code + (f", {row.procedure_field}" if row.procedure_field else "")
    said = {"period": row.period, "unit": place, "scope": row.scope, "now": row.now}
    return Fault("import_row_outdated", f"/rows/{row.position}", {**said, "before": row.before or "-"})


def _record(session: Session, row: ImportRow, work: Work, now: datetime) -> None:
    """One event for each jurisdiction, with the digest of its rows."""
    digests: Mapping[str, dict[str, Any]] = orjson.loads(row.seal or "{}")["digests"]
    revisions: dict[str, list[tuple[str, int]]] = {}
    for jurisdiction, unit, revision in repository.list_written_units(session, row.id):
        revisions.setdefault(jurisdiction, []).append((unit, revision))
    for jurisdiction, staged in digests.items():
        digest = audit.digest_import(staged["digest"], now, work.caller.code, revisions[jurisdiction])
        event = audit.Event(
            work.caller,
            "dossier_statistics.import",
            jurisdiction,
            {"import": row.id},
            after={"rows": staged["rows"], "file_name": row.file_name, "sha256": row.sha256},
            digests={f"dossier_statistic/import/{row.id}/{jurisdiction}": digest},
        )
        audit.record(session, event)
