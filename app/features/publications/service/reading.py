"""Reading publications: who may see which, and the keys that signed them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlmodel import Session

from app.core.types import ClientScope
from app.features.publications import repository
from app.features.publications.schemas import Decision, PublicationRead
from app.features.rounds import service as rounds
from app.infra.auth import Caller
from app.infra.clock import today
from app.infra.db import Database
from app.infra.errors import NotFoundError
from app.models import PublicationRow


def get_publication(
    session: Session, publication_id: str, caller: Caller | None, at: datetime
) -> PublicationRow:
    """A publication that a caller may see: before its release nobody else learns that it is there."""
    row = repository.find_publication(session, publication_id)
    if row is None or not (is_released(row, at) or _sees_all(session, row.round_code, caller)):
        raise NotFoundError("publication_unknown", publication=publication_id)
    return row


def _sees_all(session: Session, round_code: str, caller: Caller | None) -> bool:
    """Whether a caller may see every unpublished result of a round."""
    row = rounds.get_round(session, round_code)
    return caller is not None and rounds.reaches_all(
        session, row, caller, ClientScope.RESULTS_READ_UNPUBLISHED
    )


def read_content(session: Session, row: PublicationRow) -> bytes:
    """The bytes that were signed."""
    return repository.read_content(session, row.id)


def is_released(row: PublicationRow, at: datetime) -> bool:
    """Whether everybody may see a publication at an instant."""
    return row.release_at is None or row.release_at <= at


def list_publications(
    session: Session, round_code: str, caller: Caller | None, at: datetime
) -> list[PublicationRead]:
    """The publications of a round that a caller may see, the first one first."""
    sees_all = _sees_all(session, round_code, caller)
    rows = repository.list_publications(session, round_code)
    return [read_publication(session, row) for row in rows if sees_all or is_released(row, at)]


def read_publication(session: Session, row: PublicationRow) -> PublicationRead:
    """A publication without its document."""
    decision = Decision(
        number=row.decision_number, issued_on=row.decision_issued_on, signer=row.decision_signer
    )
    return PublicationRead(
        **row.model_dump(include=set(PublicationRead.model_fields) - {"round", "decision", "supersedes"}),
        round=row.round_code,
        decision=decision,
        supersedes=row.supersedes_id,
        superseded_by=repository.find_successor(session, row.id),
    )


def list_public_keys(session: Session, at: datetime) -> list[Mapping[str, Any]]:
    """The keys that ever signed, the newest first: each from the release of its first publication on."""
    return [orjson.loads(row.public_key) for row in repository.list_keys(session, at)]


def read_public_revisions(database: Database) -> str:
    """A text that changes whenever anything that everybody sees does."""
    with database.read() as session:
        return repository.read_revisions(session, datetime.now(UTC), today())
