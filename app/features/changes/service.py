"""The change feed: every number for everybody, and behind it what the caller may know."""

import logging

import orjson
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session

from app.core.access import READS_SCORES
from app.features.changes import repository
from app.features.changes.mapping import change_of, etag_of, hidden
from app.features.changes.schemas import ChangeFeed
from app.features.findings import service as findings
from app.features.frameworks import service as frameworks
from app.infra import changes
from app.infra.auth import Caller
from app.infra.db import Database
from app.models import ChangeRow

READERS = (*frameworks.DRAFT_READERS, *READS_SCORES)
"""Scopes that open what is hidden from others."""
_log = logging.getLogger("parindex.changes")


def release_due(database: Database) -> None:
    """Number what was held back until now, if there is anything: whoever reads first writes it. A replica
    cannot, and tells it as soon as the primary has."""
    with database.read() as session:
        if not repository.has_due(session):
            return
    try:
        with database.write() as session:
            changes.release(session)
    except (DBAPIError, PoolTimeoutError) as error:
        _log.warning("released changes could not be numbered: %s", error)


def get_etag(session: Session, caller: Caller | None) -> str:
    """What the feed of a caller depends on."""
    return etag_of(repository.get_last(session), caller.having(*READERS) if caller else [])


def list_changes(session: Session, since: int, limit: int, caller: Caller | None) -> ChangeFeed:
    """Changes behind a number, in order and without a gap."""
    rows = repository.list_changes(session, since, limit)
    drafts = frameworks.reads_drafts(caller)
    codes = {row.sequence: orjson.loads(row.subject)["finding"] for row in rows if row.kind == "finding"}
    readable = findings.list_readable(session, set(codes.values()), caller)

    def is_shown(row: ChangeRow) -> bool:
        if row.kind == "finding":
            return codes[row.sequence] in readable
        return drafts or (row.kind, row.action) != ("framework", "put")

    return ChangeFeed(
        items=[change_of(row) if is_shown(row) else hidden(row) for row in rows],
        last=repository.get_last(session),
        next_since=rows[-1].sequence if rows else since,
    )
