"""Many who ask the shelf at once: nobody waits twice, nobody gets what was old when he asked."""

import asyncio
import random
import time
from types import SimpleNamespace
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import Request
from starlette.types import Message, Receive, Scope, Send

from app.infra.shelf import LATE, Shelf, mark_shared

LARGE = 17_000_000
"""More than the shelf keeps of one answer."""


class Routes:
    """Shares `body` with everybody, once it is told to."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.asked = 0
        self.ready = asyncio.Event()

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """As it was when it was asked for."""
        self.asked += 1
        body = self.body
        await self.ready.wait()
        mark_shared(Request(scope))
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def shelf_of(routes: Routes) -> Shelf:
    """A shelf without limits, whose revisions are read when a test says so."""
    shelf = Shelf(routes, SimpleNamespace(limits=SimpleNamespace(count=lambda *_: None)), lambda: "")
    shelf.checked = float("inf")
    return shelf


async def ask(shelf: Shelf, encoding: bytes = b"identity") -> bytes:
    """The bytes of an answer."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"accept-encoding", encoding)]
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/v1/x", "query_string": b""}
    await shelf({**scope, "headers": headers}, receive, send)
    return b"".join(message.get("body", b"") for message in sent)


async def receive() -> Message:
    """Nothing is sent with a GET."""
    return {"type": "http.request"}


async def begin(shelf: Shelf, count: int) -> list["asyncio.Task[bytes]"]:
    """So many requests, all of which wait now."""
    tasks = [asyncio.create_task(ask(shelf)) for _ in range(count)]
    await asyncio.sleep(0)
    return tasks


def test_an_answer_that_is_too_large_to_keep_is_made_once_for_all_who_wait() -> None:
    async def story() -> None:
        routes = Routes(bytes(LARGE))
        shelf = shelf_of(routes)
        waiting = await begin(shelf, 8)
        routes.ready.set()
        assert {len(body) for body in await asyncio.gather(*waiting)} == {LARGE}
        assert routes.asked == 1

    asyncio.run(story())


def test_who_asks_after_a_change_does_not_get_what_others_wait_for() -> None:
    """The revisions moved while an answer was made: it is for those who asked before, and not kept."""

    async def story() -> None:
        routes = Routes(b"old")
        shelf = shelf_of(routes)
        early = await begin(shelf, 3)
        routes.body, shelf.revisions = b"new", "moved"
        late = await begin(shelf, 3)
        routes.ready.set()
        assert (await asyncio.gather(*early), await asyncio.gather(*late)) == ([b"old"] * 3, [b"new"] * 3)
        assert (routes.asked, await ask(shelf), routes.asked) == (2, b"new", 2)

    asyncio.run(story())


def test_nothing_is_shown_that_was_replaced_a_second_ago() -> None:
    """Another worker wrote; the revisions were read less than a second ago, and moved since."""

    async def story() -> None:
        routes = Routes(b"old")
        routes.ready.set()
        shelf = shelf_of(routes)
        assert await ask(shelf) == b"old"
        routes.body, shelf.read_revisions = b"new", lambda: "moved"
        shelf.checked = time.monotonic() - LATE
        assert (LATE < 1, await ask(shelf)) == (True, b"new")

    asyncio.run(story())


def test_packing_takes_one_thread_however_many_wait() -> None:
    """The others belong to the routes, and to the reading of the revisions."""

    async def story() -> None:
        routes, most = Routes(random.Random(1).randbytes(2_000_000)), 0  # noqa: S311 - any bytes
        routes.ready.set()
        shelf, threads = shelf_of(routes), current_default_thread_limiter()
        asking = asyncio.gather(*(ask(shelf, b"br") for _ in range(20)))
        while not asking.done():
            most = max(most, threads.borrowed_tokens)
            await asyncio.sleep(0)
        assert (len(set(asking.result())), most, routes.asked) == (1, 1, 1)

    asyncio.run(story())
