"""Answers that everybody gets, kept as bytes ahead of the routes until something public changes.

A route says of its answer that it is shared. What everybody sees depends on a few revisions: they are read
as one text, at most SOON apart, and another text empties the shelf. So all workers show a change within LATE
seconds, this one its own writes at once, and an answer is always whole: it was made in one snapshot.
"""

import asyncio
import gzip
import hashlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from weakref import WeakKeyDictionary

import brotli
from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.infra.auth import CALLER
from app.infra.errors import TooManyRequestsError

_log = logging.getLogger("parindex")
SOON, LATE = 0.4, 0.9
"""Seconds after which the revisions are read again beside an answer, and before it."""
MOST_BYTES, MOST_OF_ONE = 128 * 1024 * 1024, 32 * 1024 * 1024
MOST_PRIVATE, LONGEST_QUERY, _OVERHEAD = 10_000, 500, 2000
_SHARED = "parindex.shared"
_ABOUT = (b"content-type", b"content-disposition")
_LATEST = b"public, max-age=1, stale-while-revalidate=10"
_NEVER = float("-inf")
_WORTH_PACKING = 1000
_LARGE = 256 * 1024
Key = tuple[str, bytes]
Headers = list[tuple[bytes, bytes]]


def mark_shared(request: Request) -> None:
    """Say that the answer to a request without a key is the same for everybody until something public
    changes."""
    request.scope[_SHARED] = True


async def _share(request: Request) -> None:
    mark_shared(request)


SHARED = Depends(_share)
"""The same as a dependency of a route."""


@dataclass(slots=True)
class _Stored:
    """One answer: its bytes, as they are ("") and packed, with the headers of each."""

    route: Any
    etag: bytes
    about: Headers
    """Its type, and the name of a file."""
    body: bytes
    size: int = 0
    packed: dict[str, tuple[Headers, bytes, Headers]] = field(default_factory=dict)
    """Encoding -> headers, bytes, and the headers where they are not sent again."""
    tags: frozenset[bytes] = frozenset()
    packing: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.tags = frozenset(_tag(self.etag, encoding) for encoding in _PACKERS)

    def pack(self, encoding: str) -> None:
        """Prepare headers and bytes in an encoding, once."""
        with self.packing:
            if encoding in self.packed:
                return
            body = _PACKERS[encoding](self.body)
            headers = [
                *self.about,
                (b"content-length", str(len(body)).encode()),
                (b"etag", _tag(self.etag, encoding)),
                (b"cache-control", _LATEST),
                (b"vary", b"Accept-Encoding, Authorization"),
            ]
            if encoding:
                headers.append((b"content-encoding", encoding.encode()))
            unchanged = [h for h in headers if h[0] in (b"etag", b"cache-control", b"vary")]
            self.packed[encoding] = (headers, body, unchanged)


def _brotli(body: bytes) -> bytes:
    packed: bytes = brotli.compress(body, quality=5 if len(body) > _LARGE else 9)
    return packed


_PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda body: body,
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
    "br": _brotli,
}


def _tag(etag: bytes, encoding: str) -> bytes:
    """A strong ETag of its own for each encoding."""
    return b'%s-%s"' % (etag[:-1], encoding.encode()) if encoding else etag


class _Waits:
    """What requests of one event loop wait for; a worker has one loop."""

    def __init__(self) -> None:
        self.checking: asyncio.Task[None] | None = None
        self.filling: dict[Key, asyncio.Event] = {}


class Shelf:
    """Pure ASGI, inside of the layer that logs and counts."""

    def __init__(self, app: ASGIApp, state: Any, read_revisions: Callable[[], str]) -> None:
        self.app = app
        self.state = state
        self.read_revisions = read_revisions
        self.stored: dict[Key, _Stored] = {}
        self.size = 0
        self.revisions = ""
        self.checked = _NEVER
        self.private: set[Key] = set()
        self.waits: WeakKeyDictionary[asyncio.AbstractEventLoop, _Waits] = WeakKeyDictionary()

    @property
    def _waits(self) -> "_Waits":
        return self.waits.setdefault(asyncio.get_running_loop(), _Waits())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from the shelf, or by the routes; what these share is kept."""
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self.app(scope, receive, send)
            return
        if scope["method"] != "GET":
            await self._write(scope, receive, send)
            return
        asked = _asked(scope)
        if asked is None:
            await self.app(scope, receive, send)
        else:
            await self._read_public(*asked, scope, receive, send)

    async def _read_public(
        self, tags: bytes, accepted: bytes, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if time.monotonic() - self.checked > SOON:
            await self._check()
        key = (scope["path"], scope["query_string"])
        stored = self.stored.get(key) or await self._wait_for(key)
        if stored is None or not self._count(scope, stored):
            stored = await self._fill(key, scope, receive, send)
        if stored is not None:
            encoding = _encoding_of(accepted, stored)
            if encoding not in stored.packed:
                await run_in_threadpool(stored.pack, encoding)
            await _answer(stored, encoding, tags, send)

    def _count(self, scope: Scope, stored: _Stored) -> bool:
        """Count the request as the routes would; False over the limit, which they tell."""
        try:
            self.state.limits.count(Request(scope), None)
        except TooManyRequestsError:
            return False
        scope[CALLER] = None
        scope["route"] = stored.route
        return True

    async def _write(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Whoever writes sees it at once: the revisions are read again before the answer goes out."""

        async def send_afterwards(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < HTTPStatus.BAD_REQUEST:
                await self._read()
            await send(message)

        await self.app(scope, receive, send_afterwards)

    async def _check(self) -> None:
        """Read the revisions again: beside this answer, or before it where they are old."""
        waits = self._waits
        if waits.checking is None or waits.checking.done():
            waits.checking = asyncio.create_task(self._read())
        if time.monotonic() - self.checked > LATE:
            await asyncio.shield(waits.checking)

    async def _read(self) -> None:
        asked = time.monotonic()
        try:
            revisions = await run_in_threadpool(self.read_revisions)
        except (DBAPIError, PoolTimeoutError) as error:
            _log.warning("the revisions of what is public cannot be read: %s", error)
            revisions = f"unknown {asked}"  # the routes say what is wrong
        if asked >= self.checked:
            if revisions != self.revisions:
                self.stored, self.size, self.revisions = {}, 0, revisions
                self.private.clear()  # what was held back may be everybody's now
            self.checked = asked

    async def _wait_for(self, key: Key) -> _Stored | None:
        """What somebody else is asking for just now: at the instant of a release the whole country asks at
        once. None where it is this one's turn to ask the routes, or where the answer is nobody's else."""
        filled = self._waits.filling
        while key not in self.private and (filling := filled.get(key)) is not None:
            await filling.wait()
            stored = self.stored.get(key)
            if stored is not None:
                return stored
        return None

    async def _fill(self, key: Key, scope: Scope, receive: Receive, send: Send) -> _Stored | None:
        """Ask the routes; what they share is kept, and everything else is answered."""
        done, filling = None, self._waits.filling
        if key not in filling:
            done = filling[key] = asyncio.Event()
        try:
            revisions, kept = self.revisions, _Kept(scope, send)
            await self.app(scope, receive, kept.send)
            stored = kept.stored
            if stored is None:
                self._remember_private(key)
            elif revisions == self.revisions:
                self._keep(key, stored)
        finally:
            if done is not None:
                del filling[key]
                done.set()
        return stored

    def _remember_private(self, key: Key) -> None:
        """Nobody need wait for an answer that is not shared."""
        if len(self.private) >= MOST_PRIVATE:
            self.private.clear()
        self.private.add(key)

    def _keep(self, key: Key, stored: _Stored) -> None:
        self.private.discard(key)
        if key in self.stored:
            self.size -= self.stored.pop(key).size
        size = _OVERHEAD + len(key[0]) + len(key[1]) + 2 * len(stored.body)  # packed ones are smaller
        if size > MOST_OF_ONE or len(key[1]) > LONGEST_QUERY:
            return
        while self.stored and self.size + size > MOST_BYTES:
            oldest = next(iter(self.stored))
            self.size -= self.stored.pop(oldest).size
        stored.size = size
        self.stored[key] = stored
        self.size += size


def _asked(scope: Scope) -> tuple[bytes, bytes] | None:
    """(If-None-Match, Accept-Encoding) of a request without a key; None with one."""
    tags, accepted = b"", b""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return None
        if name == b"if-none-match":
            tags = value
        elif name == b"accept-encoding":
            accepted = value
    return tags, accepted


class _Kept:
    """Holds an answer back where it is shared; passes others on."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.to: Send = send
        self.headers: dict[bytes, bytes] | None = None
        self.body = b""

    async def send(self, message: Message) -> None:
        """One message of the answer."""
        if message["type"] == "http.response.start" and message["status"] == 200 and _SHARED in self.scope:
            self.headers = dict(message["headers"])
        elif self.headers is None:
            await self.to(message)
        else:
            self.body += message.get("body", b"")

    @property
    def stored(self) -> _Stored | None:
        """The whole answer, if it is shared."""
        if self.headers is None:
            return None
        digest = hashlib.sha256(self.body).hexdigest()[:32]
        etag = self.headers.get(b"etag", f'"{digest}"'.encode())
        about = [(name, self.headers[name]) for name in _ABOUT if name in self.headers]
        return _Stored(self.scope.get("route"), etag, about, self.body)


def _encoding_of(accepted: bytes, stored: _Stored) -> str:
    """The encoding that a client takes and that is worth it: brotli before gzip."""
    if not accepted or len(stored.body) < _WORTH_PACKING:
        return ""
    parts = [part.replace(b" ", b"") for part in accepted.split(b",")]
    offered = {part.split(b";")[0] for part in parts if not part.endswith((b";q=0", b";q=0.0"))}
    return "br" if b"br" in offered else "gzip" if b"gzip" in offered else ""


async def _answer(stored: _Stored, encoding: str, tags: bytes, send: Send) -> None:
    headers, body, unchanged = stored.packed[encoding]
    if tags and _names(tags, stored.tags):
        await send({"type": "http.response.start", "status": 304, "headers": list(unchanged)})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})


def _names(tags: bytes, known: frozenset[bytes]) -> bool:
    """Whether If-None-Match names an answer in any encoding (weak comparison, RFC 9110)."""
    if tags in known:
        return True
    return tags.strip() == b"*" or any(tag.strip().removeprefix(b"W/") in known for tag in tags.split(b","))
