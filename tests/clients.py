"""Clients with keys, written straight into the database of an application."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import orjson
from fastapi import FastAPI

from app.core.access import parse_grant
from app.infra.auth import digest_of, make_key
from app.infra.db import Database
from app.models import ClientRow


def make_client(
    app: FastAPI,
    grants: Sequence[str],
    *,
    home_unit: str | None = None,
    code: str | None = None,
    expires_at: datetime | None = None,
) -> str:
    """A client with grants such as `scores:self@22`; its key."""
    key = make_key()
    database: Database = app.state.database
    with database.write() as session:
        row = ClientRow(
            code=code or f"client-{uuid4().hex[:12]}",
            name="Ứng dụng thử nghiệm",
            key_sha256=digest_of(key),
            key_hint=key[:8],
            grants=orjson.dumps([str(parse_grant(grant)) for grant in grants]).decode(),
            home_unit_code=home_unit,
            expires_at=expires_at,
            recorded_at=datetime.now(UTC),
            recorded_by="test",
        )
        session.add(row)
    return key
