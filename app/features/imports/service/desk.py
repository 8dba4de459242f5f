"""What imports are worked on with, whether somebody works on one, and who may see it."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from app.core.types import ClientScope
from app.features.imports.mapping.answers import Refusal, refusal_of
from app.infra.auth import Caller
from app.infra.db import Database
from app.infra.errors import NotFoundError, UnavailableError
from app.infra.jobs import Jobs
from app.infra.uploads import Incoming
from app.models import ImportRow

_STALE = timedelta(seconds=60)


class Desk(NamedTuple):
    """What imports are worked on with."""

    database: Database
    jobs: Jobs
    incoming: Incoming


def is_orphan(desk: Desk, row: ImportRow) -> bool:
    """Whether nobody works on an import that somebody should be working on."""
    if row.state not in ("rehearsing", "committing") or desk.jobs.find(row.id) is not None:
        return False
    alive_at = row.alive_at or row.recorded_at
    return desk.jobs.is_dead(row.worker) or datetime.now(UTC) - alive_at > _STALE


def state_of(desk: Desk, row: ImportRow) -> str:
    """The state as people see it: what a dead worker left is failed, or as it was rehearsed."""
    if is_orphan(desk, row):
        return "failed" if row.state == "rehearsing" else "rehearsed"
    return row.state


def require(row: ImportRow | None, import_id: str, by: Caller) -> ImportRow:
    """An import that the caller may see: its own, or any where its right is not bound to some units."""
    seen = row is not None and (row.recorded_by == by.code or by.everywhere(ClientScope.STATISTICS_WRITE))
    if row is None or not seen or row.expires_at <= datetime.now(UTC):
        raise NotFoundError("import_unknown", import_id=import_id)
    return row


def death() -> Refusal:
    """What is told of a rehearsal whose worker is gone."""
    return refusal_of(UnavailableError("import_worker_died"))
