"""The life of an import: it comes, is rehearsed in the background, is committed, cancelled or forgotten."""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from app.core.types import ClientScope
from app.features.evidence.service import shown_name
from app.features.imports import repository
from app.features.imports.mapping.answers import Refusal, import_answer, refusal_of, row_answers
from app.features.imports.mapping.notes import OWN_HEADINGS
from app.features.imports.mapping.rejected import BadRow, bad_rows
from app.features.imports.schemas import ImportKind, ImportOptions, ImportRead, ImportRowRead
from app.features.imports.service.commits import commit, refuse_commit
from app.features.imports.service.rehearsal import KEPT_FOR, CancelledError, Rehearsal, Work, take
from app.infra.auth import Caller
from app.infra.db import Database
from app.infra.errors import AppError, ConflictError, NotFoundError, UnavailableError
from app.infra.jobs import Jobs
from app.infra.messages import Language
from app.infra.uploads import Incoming, Upload
from app.models import ImportRow

_log = logging.getLogger("parindex")
_STALE = timedelta(seconds=60)
_PAGE = 1000
"""Bad rows that are read at a time."""


class Desk(NamedTuple):
    """What imports are worked on with."""

    database: Database
    jobs: Jobs
    incoming: Incoming


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
        row = _require(repository.find_import_for_update(session, import_id), import_id, by)
        if row.state == "committed" or (row.state == "committing" and not _is_orphan(desk, row)):
            return running
        if row.state not in ("rehearsed", "committing"):
            raise ConflictError("import_not_rehearsed", state=_state(desk, row))
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
        row = _require(repository.find_import_for_update(session, import_id), import_id, by)
        if row.state == "cancelled":
            return running
        if row.state not in ("rehearsing", "rehearsed"):
            raise ConflictError("import_not_cancellable", state=_state(desk, row))
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
        orphans = [row.id for row in repository.list_unfinished(session) if _is_orphan(desk, row)]
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
        if row is None or not _is_orphan(desk, row):
            return
        failed = row.state == "rehearsing"
        row.state = "failed" if failed else "rehearsed"
        if failed:
            row.finished_at = datetime.now(UTC)
            _set_refusal(row, _death())
    if failed:
        desk.incoming.remove(import_id)
        drop_lines(desk.database, import_id)


def _death() -> Refusal:
    return refusal_of(UnavailableError("import_worker_died"))


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


def _is_orphan(desk: Desk, row: ImportRow) -> bool:
    """Whether nobody works on an import that somebody should be working on."""
    if row.state not in ("rehearsing", "committing") or desk.jobs.find(row.id) is not None:
        return False
    alive_at = row.alive_at or row.recorded_at
    return desk.jobs.is_dead(row.worker) or datetime.now(UTC) - alive_at > _STALE


def _state(desk: Desk, row: ImportRow) -> str:
    """The state as people see it: what a dead worker left is failed, or as it was rehearsed."""
    if _is_orphan(desk, row):
        return "failed" if row.state == "rehearsing" else "rehearsed"
    return row.state


def _require(row: ImportRow | None, import_id: str, by: Caller) -> ImportRow:
    """An import that the caller may see: its own, or any where its right is not bound to some units."""
    seen = row is not None and (row.recorded_by == by.code or by.everywhere(ClientScope.STATISTICS_WRITE))
    if row is None or not seen or row.expires_at <= datetime.now(UTC):
        raise NotFoundError("import_unknown", import_id=import_id)
    return row


def read_import(session: Session, desk: Desk, import_id: str, by: Caller, language: Language) -> ImportRead:
    """An import with its progress or its report."""
    row = _require(repository.find_import(session, import_id), import_id, by)
    return _read(desk, row, language)


def _read(desk: Desk, row: ImportRow, language: Language) -> ImportRead:
    state = _state(desk, row)
    died = _death() if state != row.state and state == "failed" else None
    return import_answer(row, state, died, language, datetime.now(UTC))


def read_commit(session: Session, desk: Desk, import_id: str, by: Caller, language: Language) -> ImportRead:
    """As `read_import`, after a commit was asked for: refuses with what stood against it."""
    row = _require(repository.find_import(session, import_id), import_id, by)
    refusal = Refusal.load(row.report) if row.state == "rehearsed" else None
    if refusal is not None:
        raise refusal.as_error()
    return _read(desk, row, language)


def list_imports(
    session: Session,
    desk: Desk,
    by: Caller,
    before: Sequence[str] | None,
    limit: int,
    language: Language,
) -> list[ImportRead]:
    """Imports that the caller may see, the newest first."""
    own = None if by.everywhere(ClientScope.STATISTICS_WRITE) else by.code
    rows = repository.list_imports(session, own, datetime.now(UTC), before, limit)
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
    _require(repository.find_import(session, import_id), import_id, by)
    lines = repository.list_lines(session, import_id, action, after, limit)
    changing = [line.position for line in lines if line.action in ("inserted", "updated")]
    values = repository.list_values(session, import_id, changing) if changing else {}
    return row_answers(lines, values, language)


class BadRows(NamedTuple):
    """The bad rows of a file, read page by page while they go out."""

    name: str
    headings: list[str]
    rows: Iterator[BadRow]


def open_rejected(database: Database, import_id: str, by: Caller, language: Language) -> BadRows:
    """The bad rows of an import with what is wrong with them."""
    with database.read() as session:
        row = _require(repository.find_import(session, import_id), import_id, by)
        said: dict[str, Any] = orjson.loads(row.report or "{}")
        name = Path(row.file_name).stem
    headings = [*OWN_HEADINGS[language], *said.get("heading_row", [])]
    return BadRows(name, headings, _iterate_rejected(database, import_id, language))


def _iterate_rejected(database: Database, import_id: str, language: Language) -> Iterator[BadRow]:
    after, full = 0, True
    while full:
        with database.read() as session:
            lines = repository.list_lines(session, import_id, "rejected", after, _PAGE)
        yield from bad_rows(lines, language)
        full = len(lines) == _PAGE
        after = lines[-1].position if lines else 0
