"""The desk of the machine itself: the database of the settings, without a server."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as StillRunningError
from contextlib import contextmanager, suppress
from uuid import uuid4

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from app.cli_imports.desks import Letter, Mistake, RefusedError, Report, Sent
from app.cli_imports.words import say
from app.features.imports.mapping.rejected import as_csv, as_workbook
from app.features.imports.schemas import ImportRead
from app.features.imports.service import imports as service
from app.features.imports.service import reading
from app.features.imports.service.desk import Desk
from app.infra.auth import operator
from app.infra.config import Settings
from app.infra.db import Database
from app.infra.errors import AppError
from app.infra.jobs import Jobs
from app.infra.messages import Language, render
from app.infra.problems import render_fault
from app.infra.uploads import Incoming, Upload

BY = operator("cli")
_WAIT = 0.5
_RECENT = 100
_NO_TABLE = ("no such table", "does not exist")


class LocalDesk:
    """Imports as the operator, who reaches every unit."""

    def __init__(self, language: Language) -> None:
        settings = Settings()
        database = Database.from_settings(settings)
        jobs = Jobs(settings.import_threads, settings.import_queue)
        self.desk = Desk(database, jobs, Incoming(settings))
        self.language = language
        jobs.on_beat = lambda ids: service.beat(self.desk, ids)

    def list_recent(self) -> list[Report]:
        """Imports, the newest first."""
        with self._reading() as session:
            found = reading.list_imports(session, self.desk, BY, None, _RECENT, self.language)
        return [_report(each) for each in found]

    def send(self, letter: Letter, key: str, sent: Sent) -> Report:  # noqa: ARG002 - no message is lost here
        """Begin a rehearsal; the file is read where it lies."""
        upload = Upload(uuid4().hex, letter.path, letter.path.name, letter.sha256, letter.size, letter.lines)
        with self._told():
            self.desk.incoming.refuse_large(letter.size)
            with self.desk.database.write() as session:
                service.create(session, self.desk, upload, letter.kind, letter.options, BY)
            service.start(self.desk, upload, letter.kind, letter.options, BY)
        sent(letter.size)
        return self._wait(upload.key, self.desk.jobs.find(upload.key))

    def read(self, import_id: str) -> Report:
        """How far an import is."""
        with self._reading() as session:
            return _report(reading.read_import(session, self.desk, import_id, BY, self.language))

    def commit(self, import_id: str, skip: bool) -> Report:
        """Begin the commit of a rehearsed import."""
        with self._told():
            job = service.start_commit(self.desk, import_id, BY, skip)
        return self._wait(import_id, job)

    def cancel(self, import_id: str) -> Report:
        """Stop a rehearsal, and wait until its lines are gone."""
        with self._told():
            job = service.cancel(self.desk, import_id, BY)
        return self._wait(import_id, job, None)

    def settle(self, import_id: str) -> Report:
        """The end of a commit: this process is the one that writes."""
        return self._wait(import_id, self.desk.jobs.find(import_id), None)

    def list_rejected(self, import_id: str, limit: int) -> list[Report]:
        """The first bad rows."""
        with self._reading() as session:
            found = reading.list_rows(session, import_id, BY, "rejected", 0, limit, self.language)
        return [row.model_dump(mode="json") for row in found]

    def iterate_rejected(self, import_id: str, suffix: str) -> Iterable[bytes]:
        """The bad rows as a file."""
        with self._told():
            found = reading.open_rejected(self.desk.database, import_id, BY, self.language)
            yield from (as_csv if suffix == ".csv" else as_workbook)(found.headings, found.rows)

    def close(self) -> None:
        """What runs comes to an end first."""
        with suppress(DBAPIError):
            service.stop(self.desk)
        self.desk.database.close()

    def _wait(self, import_id: str, job: "Future[None] | None", seconds: float | None = _WAIT) -> Report:
        if job is not None:
            with suppress(StillRunningError):
                job.result(seconds)
        return self.read(import_id)

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with self._told(), self.desk.database.read() as session:
            yield session

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Refusals of the service and of the database, in words."""
        try:
            yield
        except AppError as error:
            raise _refused(error, self.language) from None
        except DBAPIError as error:
            cause = str(error.orig).strip()
            hint = say("no_schema", self.language) if any(sign in cause for sign in _NO_TABLE) else None
            raise RefusedError(say("database", self.language, cause=cause), hint) from None


def _report(found: ImportRead) -> Report:
    return found.model_dump(mode="json")


def _refused(error: AppError, language: Language) -> RefusedError:
    message, hint = render(error.code, error.params, language)
    told = [render_fault(fault, language) for fault in error.faults]
    return RefusedError(
        message, hint, [Mistake(f["pointer"], f["message"], f["hint"]) for f in told], error.status
    )
