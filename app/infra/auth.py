"""Who calls: one admin key for every write; published things need none."""

import hmac
import secrets
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.infra.config import Settings
from app.infra.errors import UnauthorizedError

_bearer = HTTPBearer(
    auto_error=False, scheme_name="key", description="`Authorization: Bearer <PARINDEX_ADMIN_KEY>`"
)
KEY_OPTIONAL: dict[str, Any] = {"security": [{"key": []}, {}]}
"""`openapi_extra` of operations that show more to a caller with a key."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A client that showed a valid key."""

    code: str


ADMIN = Caller("admin")


def make_key() -> str:
    """A new random key."""
    return f"par_{secrets.token_urlsafe(32)}"


def identify(request: Request) -> Caller | None:
    """The caller, or None without an Authorization header. A wrong key is refused everywhere."""
    given = request.headers.get("authorization")
    if given is None:
        return None
    settings: Settings = request.app.state.settings
    expected = settings.admin_key.get_secret_value() if settings.admin_key else make_key()
    scheme, _, key = given.partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(key.strip().encode(), expected.encode()):
        raise UnauthorizedError("key_wrong")
    return ADMIN


async def identified(request: Request) -> Caller | None:
    """`identify` as a dependency (no thread is needed for it)."""
    return identify(request)


MaybeCaller = Annotated[Caller | None, Depends(identified)]


async def _require(
    caller: MaybeCaller, _: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
) -> Caller:
    if caller is None:
        raise UnauthorizedError("key_missing")
    return caller


KnownCaller = Annotated[Caller, Depends(_require)]
