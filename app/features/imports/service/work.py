"""An import in the hands of a worker."""

from threading import Event
from typing import NamedTuple

from sqlmodel import Session

from app.features.imports import repository
from app.infra.auth import Caller
from app.infra.db import Database
from app.infra.errors import UnavailableError
from app.models import ImportRow


class CancelledError(Exception):
    """Somebody cancelled the import, or took it over."""


class Work(NamedTuple):
    """An import in the hands of a worker."""

    database: Database
    import_id: str
    caller: Caller
    worker: str
    stopping: Event

    def refuse_when_stopping(self) -> None:
        """Break off where the service comes to its end."""
        if self.stopping.is_set():
            raise UnavailableError("import_interrupted")


def take(session: Session, work: Work, state: str) -> ImportRow:
    """The row of an import that is still in the hands of its worker."""
    row = repository.find_import_for_update(session, work.import_id)
    if row is None or row.state != state or row.worker != work.worker:
        raise CancelledError
    return row
