"""OIDC: access tokens of an identity provider, checked against its published keys.

A token names its caller (`sub`) and carries grants (`scores:self@22`) in the claim that the settings name;
the optional claim `parindex_home_unit` names the unit that the caller reports for, and never appraises.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import orjson
from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError
from joserfc.jwk import GuestProtocol, Key, KeySet, import_key
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry
from pydantic import HttpUrl

from app.core.access import Grant, parse_grant
from app.infra.auth import Caller
from app.infra.config import Settings
from app.infra.errors import UnauthorizedError, UnavailableError
from app.infra.logs import log

ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "EdDSA",
    "Ed25519",
)
"""Signatures by a private key alone: with HS* the public key would be the secret."""
HOME_UNIT = "parindex_home_unit"
_PUBLIC_KEYS = ("RSA", "EC", "OKP")
_LEEWAY = 30
_FETCH_SECONDS, _FETCH_BYTES = 5, 1_000_000
_FRESH, _PATIENT = 600, 24 * 3600
"""Seconds that fetched keys are used without asking, and while the provider does not answer."""
_PAUSE_KNOWN, _PAUSE_EMPTY = 30, 5
"""Least seconds between two fetches, with keys in hand and without: no caller makes us hammer it."""
_MAX_SUBJECT = 200


class TokenVerifier:
    """Checks tokens of the issuer in the settings. Used by many threads."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._issuer = str(settings.oidc_issuer)
        self._roles_claim = settings.oidc_roles_claim
        self._keys = _Keys(self._issuer, settings.oidc_jwks_url, clock)
        self._registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        self._claims = JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": str(settings.oidc_audience)},
            exp={"essential": True},
            sub={"essential": True},
        )

    def verify(self, token: str) -> Caller:
        """The caller of a token; refuses it with a reason that gives nothing of it away."""
        try:
            claims = jwt.decode(token, self._find_key, registry=self._registry).claims
            self._claims.validate(claims)
        except ExpiredTokenError:
            raise _refused("expired") from None
        except ClaimError as error:
            raise _refused(f"claim {error.claim}") from None
        except JoseError as error:
            raise _refused(error.error.replace("_", " ")) from None
        except (ValueError, TypeError, AttributeError, LookupError):
            raise _refused("malformed") from None
        return Caller(f"oidc:{_subject(claims)}", self._grants(claims), _home_unit(claims))

    def _find_key(self, signature: GuestProtocol) -> Key:
        header = signature.headers()
        return self._keys.find(header.get("kid"), str(header.get("alg")))

    def _grants(self, claims: dict[str, Any]) -> tuple[Grant, ...]:
        """Whatever in the roles claim is a grant; other roles belong to other services."""
        said = _member(claims, self._roles_claim)
        texts = said.split() if isinstance(said, str) else said if isinstance(said, list) else []
        found = []
        for text in texts:
            try:
                found.append(parse_grant(text))
            except (ValueError, AttributeError):
                continue
        return tuple(dict.fromkeys(found))


def _refused(reason: str) -> UnauthorizedError:
    return UnauthorizedError("token_refused", error=reason)


def _subject(claims: dict[str, Any]) -> str:
    subject: str = claims["sub"]
    if not (0 < len(subject) <= _MAX_SUBJECT and subject.isprintable()):
        raise _refused("claim sub")
    return subject


def _home_unit(claims: dict[str, Any]) -> str | None:
    """A home unit that cannot be read refuses the token: without it, the caller could appraise his own."""
    unit = claims.get(HOME_UNIT)
    if unit is None:
        return None
    try:
        grant = parse_grant(f"scores:self@{unit}" if isinstance(unit, str) else "")
    except ValueError:
        raise _refused(f"claim {HOME_UNIT}") from None
    if grant.unit is None:
        raise _refused(f"claim {HOME_UNIT}")
    return grant.unit


def _member(claims: dict[str, Any], path: str) -> Any:
    """A claim by its name, or by a dotted path."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


class _Keys:
    """The keys of the issuer, kept for a while. One thread fetches; the others go on with what is there."""

    def __init__(self, issuer: str, jwks_url: HttpUrl | None, clock: Callable[[], float]) -> None:
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._clock = clock
        self._lock = threading.Lock()
        self._known: KeySet | None = None
        self._fetched_at = self._tried_at = float("-inf")

    def find(self, kid: str | None, algorithm: str) -> Key:
        """The key of a token. Raises UnavailableError where there are none to look at."""
        known = self._current()
        if kid is not None and not _has(known, kid):
            known = self._refresh() or known
        try:
            key = known.get_by_kid(kid, {"alg": algorithm, "use": "sig"})
        except JoseError:
            raise _refused("unknown key") from None
        return key

    def _current(self) -> KeySet:
        age = self._clock() - self._fetched_at
        if self._known is None or age > _FRESH:
            self._refresh(wait=self._known is None or age > _PATIENT)
        known = self._known
        if known is None or self._clock() - self._fetched_at > _PATIENT:
            raise UnavailableError("identity_unavailable")
        return known

    def _refresh(self, *, wait: bool = True) -> KeySet | None:
        """Fetch the keys anew, unless that was tried a moment ago, or another thread is at it."""
        asked_at = self._clock()
        if not self._lock.acquire(blocking=wait):
            return self._known
        try:
            pause = _PAUSE_EMPTY if self._known is None else _PAUSE_KNOWN
            if self._fetched_at < asked_at and self._clock() - self._tried_at >= pause:
                self._tried_at = self._clock()
                self._known = _fetch_keys(self._issuer, self._jwks_url)
                self._fetched_at = self._clock()
        except (httpx.HTTPError, JoseError, ValueError, TypeError, LookupError) as error:
            log.warning("keys of the identity provider: %s", type(error).__name__)
        finally:
            self._lock.release()
        return self._known


def _has(keys: KeySet, kid: str) -> bool:
    return any(key.kid == kid for key in keys)


def _fetch_keys(issuer: str, jwks_url: HttpUrl | None) -> KeySet:
    """Raises ValueError, LookupError, TypeError or an error of httpx where the answers are not sound."""
    url = str(jwks_url) if jwks_url else _discover(issuer)
    keys = [key for said in _get(url)["keys"] if (key := _import(said)) is not None]
    if not keys:
        raise ValueError("no keys")
    return KeySet(keys)


def _import(said: Any) -> Key | None:
    """A published key; None for one that signs no tokens of ours, or is of a kind that we do not know."""
    if not isinstance(said, dict) or said.get("kty") not in _PUBLIC_KEYS or said.get("use", "sig") != "sig":
        return None
    try:
        return import_key(said)
    except (JoseError, ValueError, TypeError, LookupError):
        return None


def _discover(issuer: str) -> str:
    document = _get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    url = document["jwks_uri"]
    if document["issuer"] != issuer or not isinstance(url, str):
        raise ValueError("the discovery document belongs to another issuer")
    if issuer.startswith("https:") and not url.startswith("https:"):
        raise ValueError("keys must come over https where the issuer does")
    return url


def _get(url: str) -> Any:
    """A small JSON document, without redirects."""
    deadline = time.monotonic() + _FETCH_SECONDS
    content = bytearray()
    plain = {"Accept-Encoding": "identity"}  # or a little could unfold into very much
    with httpx.stream("GET", url, headers=plain, timeout=_FETCH_SECONDS, follow_redirects=False) as answer:
        if answer.status_code != httpx.codes.OK:
            raise ValueError(f"status {answer.status_code}")
        for part in answer.iter_raw():
            content += part
            if len(content) > _FETCH_BYTES or time.monotonic() > deadline:
                raise ValueError("too large, or too slow")
    return orjson.loads(content)
