"""Idempotency-Key: the same POST again gets the same answer, and does nothing twice.

The key is taken in the transaction of the work itself, and the answer is kept in it: a crash leaves neither,
and of two requests at the same time one waits for the other.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson
from fastapi import Response
from sqlmodel import Session, col, delete, update

from app.core.errors import Fault
from app.infra.db import add_missing
from app.infra.errors import refuse
from app.models import KeptAnswerRow

KEPT_FOR = timedelta(hours=24)
_HEADERS = ("etag", "location")


@dataclass(frozen=True, slots=True)
class Request:
    """A POST that may come again: whose key, which key, and what was asked."""

    client: str
    key: str
    fingerprint: str


class AlreadyAnswered(Exception):  # noqa: N818 - no error: the kept answer
    """This request was answered before."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


def fingerprint_of(target: str, body: bytes) -> str:
    """What makes two requests the same."""
    return hashlib.sha256(f"{target}\n".encode() + body).hexdigest()


def reserve(session: Session, request: Request) -> None:
    """Take the key for this transaction; raises AlreadyAnswered with the kept answer, or refuses a key that
    was used for something else."""
    now = datetime.now(UTC)
    of_client = col(KeptAnswerRow.client_code) == request.client
    session.exec(delete(KeptAnswerRow).where(of_client, col(KeptAnswerRow.recorded_at) < now - KEPT_FOR))
    row = {
        "client_code": request.client,
        "idempotency_key": request.key,
        "fingerprint": request.fingerprint,
        "recorded_at": now,
    }
    if add_missing(session, KeptAnswerRow, [row]):
        return
    kept = session.get_one(KeptAnswerRow, (request.client, request.key))
    if kept.fingerprint != request.fingerprint:
        refuse([Fault("idempotency_key_reused", "/header/Idempotency-Key", {"key": request.key})])
    headers = {"Idempotency-Replayed": "true", **orjson.loads(kept.headers or "{}")}
    raise AlreadyAnswered(Response(kept.body, kept.status or 200, headers))


def release(session: Session, request: Request) -> None:
    """Forget a key whose work failed through no fault of the client: it may be sent again."""
    of_client = col(KeptAnswerRow.client_code) == request.client
    session.exec(delete(KeptAnswerRow).where(of_client, col(KeptAnswerRow.idempotency_key) == request.key))


def forget_old(session: Session) -> None:
    """Drop answers that were kept long enough, of clients that come no more."""
    session.exec(delete(KeptAnswerRow).where(col(KeptAnswerRow.recorded_at) < datetime.now(UTC) - KEPT_FOR))


def keep(session: Session, request: Request, response: Response, secret: str | None) -> None:
    """Keep the answer in the transaction that made it. A `secret` member is shown once: it is not kept.
    A rehearsal was rolled back, and its key with it: there is no row to fill."""
    body = bytes(response.body)
    if secret is not None:
        body = orjson.dumps({**orjson.loads(body), secret: None})
    headers = {name: response.headers[name] for name in _HEADERS if name in response.headers}
    headers["content-type"] = response.headers["content-type"]
    session.exec(
        update(KeptAnswerRow)
        .where(
            col(KeptAnswerRow.client_code) == request.client,
            col(KeptAnswerRow.idempotency_key) == request.key,
            col(KeptAnswerRow.fingerprint) == request.fingerprint,
        )
        .values(status=response.status_code, headers=orjson.dumps(headers).decode(), body=body)
    )
