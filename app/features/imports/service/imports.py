"""The life of an import: it comes, is rehearsed in the background, is committed, cancelled or forgotten."""

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

import orjson
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from app.features.evidence.service import shown_name
from app.features.imports import repository
from app.features.imports.mapping.answers import Refusal, refusal_of
from app.features.imports.schemas import ImportKind, ImportOptions
from app.features.imports.service.commits import commit, refuse_commit
from app.features.imports.service.desk import Desk, death, is_orphan, require, state_of
from app.features.imports.service.rehearsal import KEPT_FOR, CancelledError, Rehearsal, Work, take
from app.infra.auth import Caller
from app.infra.db import Database
from app.infra.errors import AppError, ConflictError, UnavailableError
from app.infra.uploads import Upload
from app.models import ImportRow

_log = logging.getLogger("parindex")


def create(
    session: Session, desk: Desk, upload: Upload, kind: ImportKind, options: ImportOptions, by: Caller
) -> str:
    """A new import; its id. Nothing is read yet."""
    now = datetime.now(UTC)
    row = ImportRow(
        id=upload.key,
        kind=kind,
        state="rehearsing",
        file_name=shown_name(upload.name),
        sha256=upload.sha256,
        size=upload.size,
        options=options.model_dump_json(),
        report=orjson.dumps({"lines": upload.lines}).decode(),
        worker=desk.jobs.name,
        rows_read=0,
        rows_valid=0,
        rows_committed=0,
        recorded_at=now,
        recorded_by=by.code,
        alive_at=now,
        expires_at=now + KEPT_FOR,
    )
    repository.add_import(session, row)
    return row.id


def start(desk: Desk, upload: Upload, options: ImportOptions, by: Caller) -> None:
    """Rehearse an import in the background."""
    work = _work(desk, upload.key, by)
    try:
        desk.jobs.submit(upload.key, lambda: _rehearse(desk, work, upload.path, options), bounded=False)
    except UnavailableError as error:
        _fail(work, refusal_of(error))
        desk.incoming.remove(upload.key)
        raise


def _work(desk: Desk, import_id: str, by: Caller) -> Work:
    return Work(desk.database, import_id, by, desk.jobs.name, desk.jobs.stopping)


def _rehearse(desk: Desk, work: Work, path: Path, options: ImportOptions) -> None:
    """Whatever happens ends in a state that people can read."""
    try:
        _begin(work)
        rehearsal = Rehearsal(work, path, options)
        rehearsal.run()
        if options.commit:
            _commit_at_once(work, options, rehearsal.counts["rejected"])
    except CancelledError:
        drop_lines(work.database, work.import_id)
    except Exception as error:  # noqa: BLE001 - told as the end of the import
        _fail(work, _told(error))
        drop_lines(work.database, work.import_id)
    finally:
        desk.incoming.remove(work.import_id)
    forget_expired(desk.database)


def _begin(work: Work) -> None:
    with work.database.write() as session:
        row = take(session, work, "rehearsing")
        said = orjson.loads(row.report or "{}")
        row.report = orjson.dumps({**said, "started_at": datetime.now(UTC)}).decode()


def _told(error: Exception) -> Refusal:
    """What people are told of a failure; what nobody foresaw is logged."""
    match error:
        case AppError():
            return refusal_of(error)
        case SQLAlchemyError() | OSError():
            _log.error("an import broke off: %s", error)
            return refusal_of(UnavailableError("import_broken_off"))
        case _:
            _log.error("an import failed", exc_info=error)
            return refusal_of(UnavailableError("import_failed"))


def _fail(work: Work, refusal: Refusal) -> None:
    """The import has failed, and says why. Where even that cannot be written, it is found dead later."""
    try:
        with work.database.work() as session:
            row = repository.find_import_for_update(session, work.import_id)
            if row is not None and row.state == "rehearsing" and row.worker == work.worker:
                _set_refusal(row, refusal)
                row.state, row.finished_at = "failed", datetime.now(UTC)
    except SQLAlchemyError as error:
        _log.error("the end of an import could not be written: %s", error)


def _set_refusal(row: ImportRow, refusal: Refusal | None) -> None:
    said = orjson.loads(row.report or "{}")
    said["refusal"] = refusal._asdict() if refusal else None
    row.report = orjson.dumps(said, default=str).decode()


def _commit_at_once(work: Work, options: ImportOptions, rejected: int) -> None:
    """The second half of `commit=true`."""
    with work.database.write() as session:
        row = take(session, work, "rehearsed")
        if rejected and options.on_error != "skip":
            error = ConflictError("import_has_rejected", rejected=rejected)
            _set_refusal(row, refusal_of(error))
            return
        row.state, row.alive_at = "committing", datetime.now(UTC)
    _commit(work)


def _commit(work: Work) -> None:
    """Everything is written, or the import is as it was rehearsed and says why."""
    try:
        commit(work)
    except CancelledError:
        return
    except Exception as error:  # noqa: BLE001 - told in the report
        refusal = _told(error)
        with work.database.work() as session:
            row = repository.find_import_for_update(session, work.import_id)
            if row is not None and row.state == "committing" and row.worker == work.worker:
                _set_refusal(row, refusal)
                row.state = "rehearsed"


def start_commit(desk: Desk, import_id: str, by: Caller, skip: bool) -> Future[None] | None:
    """Commit a rehearsed import in the background; the job, or None where nothing is left to do here."""
    running = desk.jobs.find(import_id)
    with desk.database.write() as session:
        row = require(repository.find_import_for_update(session, import_id), import_id, by)
        if row.state == "committed" or (row.state == "committing" and not is_orphan(desk, row)):
            return running
        if row.state not in ("rehearsed", "committing"):
            raise ConflictError("import_not_rehearsed", state=state_of(desk, row))
        _refuse_rejected(row, skip)
        refuse_commit(session, row, by)
        _set_refusal(row, None)
        row.state, row.worker, row.alive_at = "committing", desk.jobs.name, datetime.now(UTC)
    work = _work(desk, import_id, by)
    try:
        return desk.jobs.submit(import_id, lambda: _commit(work))
    except UnavailableError:
        with desk.database.write() as session:
            take(session, work, "committing").state = "rehearsed"
        raise


def _refuse_rejected(row: ImportRow, skip: bool) -> None:
    rejected = orjson.loads(row.report or "{}")["counts"]["rejected"]
    if rejected and not skip and ImportOptions.model_validate_json(row.options).on_error != "skip":
        raise ConflictError("import_has_rejected", rejected=rejected)


def cancel(desk: Desk, import_id: str, by: Caller) -> Future[None] | None:
    """Stop a rehearsal, or forget what was rehearsed; the job that does it."""
    running = desk.jobs.find(import_id)
    with desk.database.write() as session:
        row = require(repository.find_import_for_update(session, import_id), import_id, by)
        if row.state == "cancelled":
            return running
        if row.state not in ("rehearsing", "rehearsed"):
            raise ConflictError("import_not_cancellable", state=state_of(desk, row))
        stops_itself = running is not None and row.state == "rehearsing"
        row.state, row.finished_at = "cancelled", datetime.now(UTC)
    if stops_itself:
        return running
    desk.incoming.remove(import_id)
    return desk.jobs.submit(import_id, lambda: drop_lines(desk.database, import_id), bounded=False)


def drop_lines(database: Database, import_id: str) -> None:
    """Forget the lines of an import, some at a time."""
    more = True
    while more:
        with database.work() as session:
            more = repository.drop_some(session, import_id)


def forget_expired(database: Database) -> None:
    """Forget imports whose time is over; what they wrote stays."""
    with database.read() as session:
        expired = repository.list_expired(session, datetime.now(UTC))
    for import_id in expired:
        drop_lines(database, import_id)
        with database.write() as session:
            repository.delete_import(session, import_id)


def recover(desk: Desk) -> None:
    """At the start of a worker: end what others left behind, and clear up after it."""
    with desk.database.read() as session:
        orphans = [row.id for row in repository.list_unfinished(session) if is_orphan(desk, row)]
    for import_id in orphans:
        _recover(desk, import_id)
    for key in desk.incoming.list_left():
        with desk.database.read() as session:
            row = repository.find_import(session, key)
        if row is None or row.state != "rehearsing":
            desk.incoming.remove(key)
    forget_expired(desk.database)


def _recover(desk: Desk, import_id: str) -> None:
    with desk.database.write() as session:
        row = repository.find_import_for_update(session, import_id)
        if row is None or not is_orphan(desk, row):
            return
        failed = row.state == "rehearsing"
        row.state = "failed" if failed else "rehearsed"
        if failed:
            row.finished_at = datetime.now(UTC)
            _set_refusal(row, death())
    if failed:
        desk.incoming.remove(import_id)
        drop_lines(desk.database, import_id)


def stop(desk: Desk) -> None:
    """At the end of a worker: what runs ends soon, what waits has failed, or is as it was rehearsed."""
    for import_id in desk.jobs.stop():
        work = Work(desk.database, import_id, Caller(""), desk.jobs.name, desk.jobs.stopping)
        _fail(work, refusal_of(UnavailableError("import_interrupted")))
        desk.incoming.remove(import_id)
        with desk.database.write() as session:
            row = repository.find_import_for_update(session, import_id)
            if row is not None and row.state == "committing":
                row.state = "rehearsed"


def beat(desk: Desk, ids: Sequence[str]) -> None:
    """A sign of life."""
    with desk.database.store() as session:
        repository.touch(session, ids, desk.jobs.name, datetime.now(UTC))
