"""Whole answers as bytes, packed once in each encoding, with the headers that go with them."""

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import brotli
from starlette.types import Send

from app.infra.http import choose_media

LATEST, LASTING = b"public, max-age=1", b"public, max-age=31536000, immutable"
"""How long others may keep what may change, and what never does."""
_WORTH_PACKING = 1000
_LARGE = 256 * 1024
_UNCHANGED = (b"etag", b"cache-control", b"vary")
Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Stored:
    """One answer: its bytes, as they are ("") and packed, with the headers of each."""

    route: Any
    etag: bytes
    about: Headers
    """Its type, the name of a file, and how long others may keep it."""
    body: bytes
    lasts: bool = False
    """Whether it never changes."""
    media: Sequence[str] = ()
    """The types that the route answers in, where there are several."""
    size: int = 0
    packed: dict[str, tuple[Headers, bytes, Headers]] = field(default_factory=dict)
    """Encoding -> headers, bytes, and the headers where they are not sent again."""
    tags: frozenset[bytes] = frozenset()

    def __post_init__(self) -> None:
        self.tags = frozenset(_tag(self.etag, encoding) for encoding in _PACKERS)

    def suits(self, accepted: bytes) -> bool:
        """Whether the route would answer in the same type."""
        kind = dict(self.about)[b"content-type"].decode("latin-1")
        return not self.media or choose_media(accepted.decode("latin-1"), self.media) == kind

    def pack(self, encoding: str) -> None:
        """Prepare headers and bytes in an encoding."""
        body = _PACKERS[encoding](self.body)
        headers = [
            *self.about,
            (b"content-length", str(len(body)).encode()),
            (b"etag", _tag(self.etag, encoding)),
        ]
        if encoding:
            headers.append((b"content-encoding", encoding.encode()))
        self.packed[encoding] = (headers, body, kept_unchanged(headers))


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


def encoding_of(accepted: bytes, stored: Stored) -> str:
    """The encoding that a client takes and that is worth it: brotli before gzip."""
    if not accepted or len(stored.body) < _WORTH_PACKING:
        return ""
    parts = [part.replace(b" ", b"") for part in accepted.split(b",")]
    offered = {part.split(b";")[0] for part in parts if not part.endswith((b";q=0", b";q=0.0"))}
    return "br" if b"br" in offered else "gzip" if b"gzip" in offered else ""


async def answer(stored: Stored, encoding: str, tags: bytes, send: Send) -> None:
    """Send an answer that is packed already, or 304 where the client has it."""
    headers, body, unchanged = stored.packed[encoding]
    if tags and names(tags, stored.tags):
        await send({"type": "http.response.start", "status": 304, "headers": list(unchanged)})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})


def kept_unchanged(headers: Headers) -> Headers:
    """Those of an answer that stay where it is not sent again (RFC 9110, 15.4.5)."""
    return [header for header in headers if header[0] in _UNCHANGED]


def names(tags: bytes, known: frozenset[bytes]) -> bool:
    """Whether If-None-Match names an answer in any encoding (weak comparison, RFC 9110)."""
    if tags in known:
        return True
    return tags.strip() == b"*" or any(tag.strip().removeprefix(b"W/") in known for tag in tags.split(b","))
