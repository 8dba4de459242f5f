"""The outermost layer: request ids, limits of bodies, security headers, logs, counts and durations."""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Callable
from http import HTTPStatus

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.infra.auth import CALLER
from app.infra.config import Settings
from app.infra.logs import REQUEST
from app.infra.rates import HEADERS as RATE_HEADERS

_log = logging.getLogger("parindex")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "DELETE"))
_UPLOADS = frozenset((("POST", "/v1/imports"),))
"""Whose bodies go to disk while they come: larger, and for as long as something comes."""
_FORM_BYTES = 64 * 1024
"""What a form adds to its file."""
_SHOWN = 1000
"""Characters of a path that the log takes."""
_DOCS = ("/docs", "/static-offline-docs")
_NO_CONTENT = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")


class Metrics:
    """Requests by route, method and status; seconds by route."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "parindex_requests_total",
            "Requests answered",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "parindex_request_seconds", "Seconds to the end of the answer", ["route"], registry=self.registry
        )
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request."""
        key = (route, method, status)
        if key not in self._known:
            self._known[key] = (self.requests.labels(*key), self.seconds.labels(route))
        counter, histogram = self._known[key]
        counter.inc()
        histogram.observe(seconds)


class Edge:
    """Pure ASGI, so that nothing is buffered and the cost is microseconds."""

    def __init__(
        self, app: ASGIApp, metrics: Metrics, settings: Settings, on_failure: Callable[[Request], Response]
    ) -> None:
        self.app = app
        self.metrics = metrics
        self.settings = settings
        self.on_failure = on_failure
        self.always = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
        if settings.environment == "production":
            self.always.append((b"strict-transport-security", b"max-age=31536000"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = scope["request_id"] = _request_id(scope)
        started, status = time.perf_counter(), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(message, scope)
            await send(message)

        try:
            await self.app(scope, _limited(receive, scope, self.settings), send_with_headers)
        except Exception:  # noqa: BLE001 - the last resort, logged whole
            _log.exception("request %s failed", request_id)
            if not status:
                await self.on_failure(Request(scope))(scope, receive, send_with_headers)
        finally:
            self._remember(scope, status, time.perf_counter() - started)

    def _add_headers(self, message: Message, scope: Scope) -> None:
        headers: list[tuple[bytes, bytes]] = list(message["headers"])
        message["headers"] = headers
        names = {name for name, _ in headers}
        headers.append((b"x-request-id", scope["request_id"].encode()))
        headers += self.always
        if b"content-security-policy" not in names and not scope["path"].startswith(_DOCS):
            headers.append(_NO_CONTENT)
        if b"cache-control" not in names and any(n == b"authorization" for n, _ in scope["headers"]):
            headers.append((b"cache-control", b"private, no-cache"))
        for name, value in scope.get(RATE_HEADERS, {}).items():
            headers.append((name.lower().encode(), value.encode()))

    def _remember(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self.metrics.count(route, method, status, seconds)
        if _log.isEnabledFor(logging.INFO):
            caller = scope.get(CALLER)
            said = {
                "request_id": scope["request_id"],
                "method": scope["method"],
                "path": scope["path"][:_SHOWN],
                "status": status,
                "ms": round(seconds * 1000, 1),
                "client": caller.code if caller else None,
                "address": scope["client"][0] if scope.get("client") else None,
            }
            # as _log.info does, without looking for the line of code that says it
            record = logging.LogRecord(_log.name, logging.INFO, __file__, 0, REQUEST, None, None)
            record.__dict__.update(said)
            _log.handle(record)


def body_limit(scope: Scope, settings: Settings) -> int:
    """The most bytes of a body."""
    if (scope["method"], scope["path"]) in _UPLOADS:
        return settings.max_import_bytes
    return settings.max_body_bytes


def _limited(receive: Receive, scope: Scope, settings: Settings) -> Receive:
    """`receive` that refuses a body over the limit, declared or streamed, or one that does not arrive."""
    upload = (scope["method"], scope["path"]) in _UPLOADS
    limit = body_limit(scope, settings) + (_FORM_BYTES if upload else 0)
    length = Headers(scope=scope).get("content-length", "0")
    declared = int(length) if length.isdecimal() else 0
    read, ended, deadline = 0, False, 0.0

    async def receive_within_limit() -> Message:
        nonlocal read, ended, deadline
        if declared > limit:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if ended:
            return await receive()
        deadline = deadline or time.monotonic() + settings.body_seconds  # the time before is not the caller's
        try:
            message = await asyncio.wait_for(receive(), max(0, deadline - time.monotonic()))
        except TimeoutError:
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None
        deadline = 0.0 if upload else deadline
        read += len(message.get("body", b""))
        ended = not message.get("more_body", False)
        if read > limit:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message

    return receive_within_limit


def _request_id(scope: Scope) -> str:
    """The caller's X-Request-Id where it is a plain token, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            given: str = value.decode("latin-1")
            if _REQUEST_ID.fullmatch(given):
                return given
    return secrets.token_hex(8)
