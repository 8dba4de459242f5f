"""The outermost layer: request ids, body limit, security headers, counts and durations."""

import logging
import re
import secrets
import time
from collections.abc import Callable
from http import HTTPStatus

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("parindex")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_DOCS = ("/docs", "/static-offline-docs")


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


class Edge:
    """Pure ASGI, so that nothing is buffered and the cost is microseconds."""

    def __init__(
        self, app: ASGIApp, metrics: Metrics, max_body_bytes: int, on_failure: Callable[[Request], Response]
    ) -> None:
        self.app = app
        self.metrics = metrics
        self.max_body_bytes = max_body_bytes
        self.on_failure = on_failure

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
                _add_headers(message, request_id, scope["path"])
            await send(message)

        try:
            await self.app(scope, _limited(receive, scope, self.max_body_bytes), send_with_headers)
        except Exception:  # noqa: BLE001 - the last resort, logged whole
            _log.exception("request %s failed", request_id)
            if not status:
                await self.on_failure(Request(scope))(scope, receive, send_with_headers)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            self.metrics.requests.labels(route, scope["method"], status).inc()
            self.metrics.seconds.labels(route).observe(time.perf_counter() - started)


def _add_headers(message: Message, request_id: str, path: str) -> None:
    headers = MutableHeaders(scope=message)
    headers["X-Request-Id"] = request_id
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    if not path.startswith(_DOCS):
        headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"


def _limited(receive: Receive, scope: Scope, limit: int) -> Receive:
    """`receive` that refuses a body over the limit, declared or streamed."""
    length = Headers(scope=scope).get("content-length", "0")
    declared = int(length) if length.isdecimal() else 0
    read = 0

    async def receive_within_limit() -> Message:
        nonlocal read
        if declared > limit:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        message = await receive()
        read += len(message.get("body", b""))
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
