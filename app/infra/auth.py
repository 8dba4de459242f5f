"""Who calls, and what it may do: the admin key, API keys of clients, and OIDC tokens."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import orjson
from fastapi import Depends, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import select

from app.core.access import Grant, grants_of, parse_grant
from app.core.types import ClientScope
from app.infra.config import Settings
from app.infra.db import Database
from app.infra.errors import ForbiddenError, UnauthorizedError
from app.models import ClientRow

_USED_EVERY = timedelta(minutes=1)
CALLER = "parindex.caller"
"""Where the caller of a request is kept."""
_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="`Authorization: Bearer par_...` (an API key), or an OIDC access token",
)


def key_optional(*scopes: ClientScope) -> dict[str, Any]:
    """`openapi_extra` of operations that show more to a caller with one of some scopes."""
    return {"security": [{"key": []}, {}], "x-scopes-unpublished": [scope.value for scope in scopes]}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who acts, from where, in which request, and what it may do.

    `home_unit`: the unit that the caller itself belongs to, and therefore never appraises.
    """

    code: str
    grants: tuple[Grant, ...] = ()
    home_unit: str | None = None
    is_admin: bool = False
    address: str | None = None
    request_id: str | None = None

    def having(self, *scopes: ClientScope) -> list[Grant]:
        """Its grants of any of the scopes."""
        return grants_of(self.grants, scopes)

    def everywhere(self, *scopes: ClientScope) -> bool:
        """Whether one of the scopes is bound to nothing smaller than the whole country."""
        return any(grant.everywhere for grant in self.having(*scopes))


def operator(code: str) -> Caller:
    """Somebody who works at the machine itself: the command line, set-up."""
    return Caller(code, tuple(Grant(scope) for scope in ClientScope), is_admin=True)


def make_key() -> str:
    """A new random key: 256 bits."""
    return f"par_{secrets.token_urlsafe(32)}"


def digest_of(key: str) -> str:
    """What is stored of a key. 256 random bits need no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()


async def identify(request: Request) -> Caller | None:
    """The caller, or None without an Authorization header. A wrong key is refused everywhere.

    The first time in a request, it is counted against the limits of the caller, or of a wrong key.
    """
    if CALLER not in request.scope:
        limits = request.app.state.limits
        try:
            found = request.scope[CALLER] = await _identify(request)
        except UnauthorizedError:
            limits.count_failure(request)
            raise
        limits.count(request, found.code if found else None)
    caller: Caller | None = request.scope[CALLER]
    return caller


async def _identify(request: Request) -> Caller | None:
    given = request.headers.get("authorization")
    if given is None:
        return None
    scheme, _, credential = given.partition(" ")
    credential = credential.strip()
    if scheme.lower() != "bearer" or not credential:
        raise UnauthorizedError("key_wrong")
    state = request.app.state
    if _is_admin_key(state.settings, credential):
        known: Caller | None = operator("admin")
    elif credential.startswith("par_"):
        known = await run_in_threadpool(_find_client, state.database, credential)
    elif state.oidc is not None:
        known = await run_in_threadpool(state.oidc.verify, credential)
    else:
        known = None
    if known is None:
        raise UnauthorizedError("key_wrong")
    address = request.client.host if request.client else None
    return replace(known, address=address, request_id=request.scope.get("request_id"))


def _is_admin_key(settings: Settings, credential: str) -> bool:
    expected = settings.admin_key.get_secret_value() if settings.admin_key else make_key()
    return hmac.compare_digest(credential.encode(), expected.encode())


def _find_client(database: Database, key: str) -> Caller | None:
    """The client of a key; refuses one that is revoked or expired."""
    now = datetime.now(UTC)
    with database.read() as session:
        row = session.exec(select(ClientRow).where(ClientRow.key_sha256 == digest_of(key))).one_or_none()
        if row is None:
            return None
        if row.revoked_at is not None:
            raise UnauthorizedError("key_revoked")
        if row.expires_at is not None and row.expires_at <= now:
            raise UnauthorizedError("key_expired")
        caller = Caller(row.code, load_grants(row.grants), row.home_unit_code)
        seen = row.last_used_at
    if seen is None or now - seen > _USED_EVERY:
        _remember_use(database, caller.code, now)
    return caller


def load_grants(text: str) -> tuple[Grant, ...]:
    """Stored grants."""
    return tuple(parse_grant(grant) for grant in orjson.loads(text))


def _remember_use(database: Database, code: str, now: datetime) -> None:
    """`last used`, to the minute. A busy database or a replica must not refuse the call for it."""
    try:
        with database.store() as session:
            row = session.get(ClientRow, code)
            if row is not None:
                row.last_used_at = now
    except (DBAPIError, PoolTimeoutError):
        return


MaybeCaller = Annotated[Caller | None, Depends(identify)]


class Needs:
    """A dependency: a caller with at least one of the scopes. What they are bound to is for the service
    to check, which knows the units concerned.

    `outside` declares what a caller gets whose scope is bound to other units: 403, 404 (where even the
    existence is nobody's business), or `filtered` (a list without them).
    """

    def __init__(self, *scopes: ClientScope, outside: Literal["403", "404", "filtered"] = "403") -> None:
        self.scopes = scopes
        self.outside = outside

    async def __call__(
        self, caller: MaybeCaller, _: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
    ) -> Caller:
        """The caller, or 401, or 403 that names the scopes."""
        if caller is None:
            raise UnauthorizedError("key_missing")
        require_scope(caller, self.scopes)
        return caller


def needs_of(dependant: Dependant) -> list[Needs]:
    """The scopes that a route declares."""
    below = [need for dependency in dependant.dependencies for need in needs_of(dependency)]
    return [dependant.call, *below] if isinstance(dependant.call, Needs) else below


def require_scope(caller: Caller, scopes: Sequence[ClientScope]) -> None:
    """Refuse a caller that has none of the scopes, bound to whatever."""
    if not caller.having(*scopes):
        raise ForbiddenError("scope_missing", scopes=" | ".join(scopes))


def require_everywhere(caller: Caller, scope: ClientScope) -> None:
    """Refuse a caller whose scope is bound to some units: what it asks for belongs to all."""
    require_scope(caller, [scope])
    if not caller.everywhere(scope):
        raise ForbiddenError("scope_bound", scope=scope, bound=", ".join(map(str, caller.having(scope))))
