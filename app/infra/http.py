"""What endpoints share: exact JSON, sessions, languages, ETags, cursors."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from typing import Annotated, Any, ClassVar

import orjson
from fastapi import Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlmodel import Session
from starlette.datastructures import Headers
from starlette.types import Message, Receive

from app.core.errors import Fault
from app.infra import idempotency
from app.infra.auth import Needs, identify, needs_of, require_scope
from app.infra.config import Settings
from app.infra.db import Database
from app.infra.documents import MAX_BYTES, read_exact_json, read_json, read_yaml, refuse_large
from app.infra.errors import UnauthorizedError, refuse
from app.infra.files import FileStore
from app.infra.messages import Language
from app.infra.problems import choose_language
from app.infra.spreadsheets.cells import PLACES, Places

_UNREAD = object()
_PACKED = re.compile(r'-(br|gzip)"$')
"""What the ETag of a packed answer ends with."""
_REPEATABLE, _SESSION = "parindex.repeatable", "parindex.session"
MAX_IDEMPOTENCY_KEY = 255


class ExactRequest(Request):
    """Reads JSON numbers as decimals, so that no digit of a score is lost on the way in."""

    parsed: Any = _UNREAD

    async def json(self) -> Any:
        """The body; every way of being no JSON is one error."""
        return read_exact_json(await self.body()) if self.parsed is _UNREAD else self.parsed


async def _require_right_to_write(request: Request, needs: Sequence[Needs]) -> None:
    """Nobody makes the service read a body without a key, and a scope that the operation takes."""
    if request.method in ("GET", "HEAD"):
        return
    caller = await identify(request)
    if caller is None:
        raise UnauthorizedError("key_missing")
    for need in needs:
        require_scope(caller, need.scopes)


class ExactRoute(APIRoute):
    """A route whose requests are ExactRequests, and whose POSTs may carry an Idempotency-Key."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler of FastAPI."""
        handler = super().get_route_handler()
        needs = needs_of(self.dependant)

        async def handle(request: Request) -> Response:
            await _require_right_to_write(request, needs)
            exact = ExactRequest(request.scope, self.receive_of(request))
            await self.prepare(exact)
            return await self._once(exact, handler)

        return handle

    def receive_of(self, request: Request) -> Receive:
        """Where the body comes from."""
        return request.receive

    async def prepare(self, request: "ExactRequest") -> None:
        """What is done with a request before anything of it is read."""

    async def _once(
        self, request: ExactRequest, handler: Callable[[Request], Coroutine[Any, Any, Response]]
    ) -> Response:
        key = request.headers.get("idempotency-key")
        caller = await identify(request) if key and request.method == "POST" else None
        if caller is None or not key or len(key) > MAX_IDEMPOTENCY_KEY:
            return await handler(request)
        may = (*sorted(map(str, caller.grants)), caller.home_unit or "")  # another right, another request
        target = f"{request.method} {request.url.path}?{request.url.query} {may}"
        body = _without_boundary(request, await request.body())
        repeatable = idempotency.Request(caller.code, key, idempotency.fingerprint_of(target, body))
        request.scope[_REPEATABLE] = repeatable
        try:
            response = await handler(request)
        except idempotency.AlreadyAnswered as kept:
            return kept.response
        session = request.scope.get(_SESSION)
        if session is not None:
            secret = (self.openapi_extra or {}).get("x-shown-once")
            await run_in_threadpool(idempotency.keep, session, repeatable, response, secret)
        return response


def _without_boundary(request: Request, body: bytes) -> bytes:
    """A multipart body without the text that parts it, which senders make anew each time."""
    found = re.search(r'boundary="?([^";]+)', request.headers.get("content-type", ""))
    return body.replace(found[1].encode(), b"") if found else body


class DocumentRoute(ExactRoute):
    """A route whose body is a document: JSON or YAML, within the limits of documents."""

    reads: ClassVar[str] = "application/json or application/yaml"

    def limit_of(self, _content_type: str) -> int:
        """The most bytes of a body of a type."""
        return MAX_BYTES

    def receive_of(self, request: Request) -> Receive:
        """No more of the body is read than a document may have."""
        read, limit = 0, self.limit_of(Headers(scope=request.scope).get("content-type", ""))

        async def receive() -> Message:
            nonlocal read
            message = await request.receive()
            read += len(message.get("body", b""))
            refuse_large(read, limit)
            return message

        return receive

    async def prepare(self, request: ExactRequest) -> None:
        """Read the document; what is no JSON goes on as the same document in JSON."""
        if request.method in ("GET", "HEAD"):
            return
        headers = Headers(scope=request.scope)
        length, kind = headers.get("content-length", ""), headers.get("content-type", "")
        refuse_large(int(length) if length.isdecimal() else 0, self.limit_of(kind))
        body, read = await request.body(), self.reader_of(kind)
        if read is not None:
            request.parsed, request.scope[PLACES] = await run_in_threadpool(read, body)
            others = [h for h in request.scope["headers"] if h[0] != b"content-type"]
            request.scope["headers"] = [*others, (b"content-type", b"application/json")]
        elif body and "json" in kind:
            with suppress(json.JSONDecodeError):  # told where FastAPI reads it again
                request.parsed = await run_in_threadpool(read_json, body)

    def reader_of(self, content_type: str) -> Callable[[bytes], tuple[Any, Places]] | None:
        """What reads a body of a type, with the cells that its parts stand in; None for JSON."""
        return (lambda body: (read_yaml(body), {})) if "yaml" in content_type else None


async def database(request: Request) -> Database:
    """The database of the application."""
    opened: Database = request.app.state.database
    return opened


async def settings(request: Request) -> Settings:
    """The settings of the application."""
    made: Settings = request.app.state.settings
    return made


async def files(request: Request) -> FileStore:
    """The uploaded files of the application."""
    store: FileStore = request.app.state.files
    return store


AppDatabase = Annotated[Database, Depends(database)]
AppFiles = Annotated[FileStore, Depends(files)]


def _read(opened: AppDatabase) -> Iterator[Session]:
    with opened.read() as session:
        yield session


def _write(opened: AppDatabase) -> Iterator[Session]:
    with opened.write() as session:
        yield session


def _post(
    request: Request,
    opened: AppDatabase,
    _: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=MAX_IDEMPOTENCY_KEY,
            description="The same key with the same body gets the same answer for 24 hours, and nothing is "
            "done twice.",
        ),
    ] = None,
) -> Iterator[Session]:
    with opened.write() as session:
        repeatable = request.scope.get(_REPEATABLE)
        if repeatable is not None:
            idempotency.reserve(session, repeatable)
            request.scope[_SESSION] = session
        yield session


# function scope: the commit happens before the answer is sent, so a failing one is told
ReadSession = Annotated[Session, Depends(_read, scope="function")]
WriteSession = Annotated[Session, Depends(_write, scope="function")]
PostSession = Annotated[Session, Depends(_post, scope="function")]
"""As WriteSession, for POST: with an Idempotency-Key the answer is kept in the same transaction."""
AppSettings = Annotated[Settings, Depends(settings)]


async def _language(request: Request) -> Language:
    return choose_language(request.headers.get("accept-language", ""))


RequestLanguage = Annotated[Language, Depends(_language)]


async def refuse_odd_parameters(request: Request) -> None:
    """A misspelt filter must not silently answer something else; no code or text holds NUL."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    given = [("path", *item) for item in request.path_params.items()]
    given += [("query", *item) for item in request.query_params.multi_items()]
    refuse(
        [
            Fault("malformed", f"/{where}/{name}", {"error": "NUL"})
            for where, name, value in given
            if "\0" in name + value
        ]
    )
    known = _query_names(route.dependant)
    listed = ", ".join(sorted(known)) or "-"
    refuse(
        [
            Fault("unknown_parameter", f"/query/{name}", {"name": name, "known": listed})
            for name in request.query_params
            if name not in known
        ]
    )


def _query_names(dependant: Dependant) -> set[str]:
    names = {param.alias for param in dependant.query_params}
    return names.union(*(_query_names(below) for below in dependant.dependencies))


def json_answer(content: Any, status: int = 200, etag: str | None = None) -> Response:
    """A JSON answer from plain data, without a model in between."""
    headers = {"ETag": etag} if etag else None
    return Response(orjson.dumps(content), status, headers, "application/json")


def not_modified(request: Request, etag: str) -> Response | None:
    """304 where If-None-Match names `etag` (weak comparison, RFC 9110), else None."""
    given = request.headers.get("if-none-match")
    if given is None:
        return None
    tags = {_PACKED.sub('"', tag.strip().removeprefix("W/")) for tag in given.split(",")}
    if "*" in tags or etag.removeprefix("W/") in tags:
        return Response(status_code=304, headers={"ETag": etag})
    return None


def choose_media(accept: str, offered: Sequence[str]) -> str:
    """The media type that `Accept` weighs most; the first one offered where it names none of them."""
    weights: dict[str, float] = {}
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
        weights[media] = float(quality) if re.fullmatch(r"[01](\.\d{0,3})?", quality) else 0.0

    def weight(media: str) -> float:
        ranges = (media, f"{media.partition('/')[0]}/*", "*/*")
        return next((weights[found] for found in ranges if found in weights), 0.0)

    return max(offered, key=weight)


def encode_cursor(key: list[str]) -> str:
    """An opaque text for the last key of a page."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def decode_cursor(cursor: str | None, length: int) -> list[str] | None:
    """The key in a cursor; refuses what we did not make."""
    if cursor is None:
        return None
    try:
        key = orjson.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        key = None
    whole = isinstance(key, list) and len(key) == length
    if not (whole and all(isinstance(part, str) and "\0" not in part for part in key)):
        refuse([Fault("cursor_invalid", "/query/cursor")])
    return [str(part) for part in key]
