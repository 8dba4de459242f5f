"""Answers that everybody gets, kept as bytes ahead of the routes until something public changes.

A route says of its answer that it is shared. What everybody sees depends on a few revisions: they are read
as one text, at most SOON apart, and another text empties the shelf. So all workers show a change within LATE
seconds, this one its own writes at once, and an answer is always whole: it was made in one snapshot. What
never changes, once everybody may see it, stays.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.infra.auth import CALLER
from app.infra.canonical import digest_of
from app.infra.errors import TooManyRequestsError
from app.infra.packing import LASTING, LATEST, Stored, answer, encoding_of, kept_unchanged, names

_log = logging.getLogger("parindex")
SOON, LATE = 0.4, 0.9
"""Seconds after which the revisions are read again beside an answer, and before it."""
MOST_BYTES, MOST_OF_ONE = 64 * 1024 * 1024, 32 * 1024 * 1024
"""Of what may change, and again as many of what never does; each as it is and packed."""
MOST_PRIVATE, LONGEST_KEY, _OVERHEAD = 10_000, 500, 2000
_SHARED = "parindex.shared"
_ABOUT = (b"content-type", b"content-disposition", b"link")
_NEVER = float("-inf")
_PASSING = (HTTPStatus.NOT_MODIFIED, HTTPStatus.TOO_MANY_REQUESTS)
Key = tuple[str, bytes]


class _Shared(NamedTuple):
    """What a route says of a shared answer: whether it never changes, and the types it could have had."""

    lasts: bool
    media: Sequence[str]


def mark_shared(request: Request, *, lasts: bool = False, media: Sequence[str] = ()) -> None:
    """Say that the answer to a request without a key is the same for everybody until something public
    changes, or for ever; `media`: for all who accept the same of these types."""
    request.scope[_SHARED] = _Shared(lasts, media)


async def _share(request: Request) -> None:
    mark_shared(request)


SHARED = Depends(_share)
"""The same as a dependency of a route."""


class _Filling(NamedTuple):
    """An answer in the making, and the revisions when that began."""

    revisions: str
    made: "asyncio.Future[Stored | None]"


class _Waits:
    """What requests of one event loop wait for; a worker has one loop."""

    def __init__(self) -> None:
        self.checking: asyncio.Task[None] | None = None
        self.filling: dict[Key, _Filling] = {}
        self.packing: dict[tuple[int, str], asyncio.Task[None]] = {}


class Shelf:
    """Pure ASGI, inside of the layer that logs and counts."""

    def __init__(self, app: ASGIApp, state: Any, read_revisions: Callable[[], str]) -> None:
        self.app = app
        self.state = state
        self.read_revisions = read_revisions
        self.latest = _Space()
        self.lasting = _Space()
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
            await self._read_public(asked, scope, receive, send)

    async def _read_public(self, asked: "_Asked", scope: Scope, receive: Receive, send: Send) -> None:
        key = (scope["path"], scope["query_string"])
        stored = self.lasting.found.get(key)
        if stored is None:
            if time.monotonic() - self.checked > SOON:
                await self._check()
            stored = self.latest.found.get(key) or await self._wait_for(key)
        if stored is None or not stored.suits(asked.media) or not self._count(scope, stored):
            stored = await self._fill(key, asked.tags, scope, receive, send)
        if stored is not None:
            encoding = encoding_of(asked.encodings, stored)
            if encoding not in stored.packed:
                await self._pack(stored, encoding)
            await answer(stored, encoding, asked.tags, send)

    async def _pack(self, stored: Stored, encoding: str) -> None:
        """Pack an answer in one thread, however many wait: those of the pool are others', too."""
        packing, key = self._waits.packing, (id(stored), encoding)
        if key not in packing:
            packing[key] = asyncio.create_task(run_in_threadpool(stored.pack, encoding))
            packing[key].add_done_callback(lambda _: packing.pop(key))
        await asyncio.shield(packing[key])

    def _count(self, scope: Scope, stored: Stored) -> bool:
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
                self.latest, self.revisions = _Space(), revisions
                self.private.clear()  # what was held back may be everybody's now
            self.checked = asked

    async def _wait_for(self, key: Key) -> Stored | None:
        """What somebody else is asking for just now: at the instant of a release the whole country asks at
        once. None where it is this one's turn to ask the routes, or where the answer is nobody's else."""
        filling = self._waits.filling.get(key)
        if filling is None or key in self.private or filling.revisions != self.revisions:
            return None  # an answer begun before the revisions moved may be an old one
        return await asyncio.shield(filling.made)

    async def _fill(self, key: Key, tags: bytes, scope: Scope, receive: Receive, send: Send) -> Stored | None:
        """Ask the routes; what they share is kept, and everything else is answered."""
        stored, waiting = None, self._waits.filling
        mine = _Filling(self.revisions, asyncio.get_running_loop().create_future())
        waiting[key] = mine
        try:
            kept = _Kept(scope, tags, send)
            if key not in self.private:  # it may be shared: then whole, whatever this one has already
                scope["headers"] = [header for header in scope["headers"] if header[0] != b"if-none-match"]
            await self.app(scope, receive, kept.send)
            stored = kept.stored
            if stored is not None:
                self._keep(key, stored, mine.revisions)
            elif kept.is_private:
                self._remember_private(key)
        finally:
            if waiting.get(key) is mine:
                del waiting[key]
            mine.made.set_result(stored)
        return stored

    def _keep(self, key: Key, stored: Stored, revisions: str) -> None:
        if stored.lasts or revisions == self.revisions:
            self.private.discard(key)
            (self.lasting if stored.lasts else self.latest).keep(key, stored)

    def _remember_private(self, key: Key) -> None:
        """Nobody need wait for an answer that is not shared."""
        if len(self.private) >= MOST_PRIVATE:
            self.private.clear()
        self.private.add(key)


class _Space:
    """Answers within some memory; the oldest goes first."""

    def __init__(self) -> None:
        self.found: dict[Key, Stored] = {}
        self.size = 0

    def keep(self, key: Key, stored: Stored) -> None:
        """Put an answer in, in place of the one before, unless it is too large."""
        if key in self.found:
            self.size -= self.found.pop(key).size
        stored.size = _OVERHEAD + len(key[0]) + len(key[1]) + 2 * len(stored.body)  # packed ones are smaller
        if stored.size > MOST_OF_ONE:
            return
        while self.found and self.size + stored.size > MOST_BYTES:
            oldest = next(iter(self.found))
            self.size -= self.found.pop(oldest).size
        self.found[key] = stored
        self.size += stored.size


class _Asked(NamedTuple):
    """If-None-Match, Accept-Encoding and Accept of a request."""

    tags: bytes
    encodings: bytes
    media: bytes


def _asked(scope: Scope) -> _Asked | None:
    """What a request without a key asks for; None with one, and where there is much to remember of it."""
    if len(scope["path"]) + len(scope["query_string"]) > LONGEST_KEY:
        return None
    tags, encodings, media = b"", b"", b""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return None
        if name == b"if-none-match":
            tags = value
        elif name == b"accept-encoding":
            encodings = value
        elif name == b"accept":
            media = value
    return _Asked(tags, encodings, media)


class _Kept:
    """Holds an answer back where it is shared; passes others on, as 304 where the client has them."""

    def __init__(self, scope: Scope, tags: bytes, send: Send) -> None:
        self.scope = scope
        self.tags = tags
        self.to: Send = send
        self.status = 0
        self.headers: dict[bytes, bytes] | None = None
        self.body = b""

    async def send(self, message: Message) -> None:
        """One message of the answer."""
        if message["type"] == "http.response.start":
            await self._start(message)
        elif self.headers is not None:
            self.body += message.get("body", b"")
        elif self.status != HTTPStatus.NOT_MODIFIED:
            await self.to(message)
        elif not message.get("more_body"):
            await self.to({"type": "http.response.body", "body": b""})

    async def _start(self, message: Message) -> None:
        headers = dict(message["headers"])
        self.status = message["status"]
        if self.status == HTTPStatus.OK and _SHARED in self.scope:
            self.headers = headers
            return
        etag = headers.get(b"etag")
        if self.status == HTTPStatus.OK and self.tags and etag and names(self.tags, frozenset({etag})):
            self.status = HTTPStatus.NOT_MODIFIED
            message = {**message, "status": 304, "headers": kept_unchanged(message["headers"])}
        await self.to(message)

    @property
    def is_private(self) -> bool:
        """Whether it is not shared, rather than not to be had just now."""
        return self.headers is None and self.status < 500 and self.status not in _PASSING

    @property
    def stored(self) -> Stored | None:
        """The whole answer, if it is shared."""
        if self.headers is None:
            return None
        etag = self.headers.get(b"etag") or b'"%s"' % digest_of(self.body)[:32].encode()
        lasts, media = self.scope[_SHARED]
        vary = b"Accept-Encoding" + b", Authorization" * (not lasts) + b", Accept" * bool(media)
        about = [(name, self.headers[name]) for name in _ABOUT if name in self.headers]
        about += [(b"cache-control", LASTING if lasts else LATEST), (b"vary", vary)]
        return Stored(self.scope.get("route"), etag, about, self.body, lasts, media)
