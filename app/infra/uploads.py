"""Large files on their way in: from the network to the disk part by part, never whole in memory."""

import errno
import hashlib
import shutil
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from app.core.errors import Fault
from app.infra.config import Settings
from app.infra.errors import TooLargeError, UnavailableError, refuse
from app.infra.http import ExactRequest, ExactRoute

KEPT_FREE = 256 * 1024 * 1024
"""Bytes of the disk that are never filled."""
_LEFT_AFTER = 3600
_LOOK_EVERY = 16 * 1024 * 1024


@dataclass(slots=True)
class Upload:
    """A file that has come. `key` names it here; `name` is what its sender calls it."""

    key: str
    path: Path
    name: str | None
    sha256: str
    size: int
    lines: int


class Incoming:
    """A folder of files that wait for their rehearsal, shared by the workers of a service."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.files_folder / "incoming"
        self.max_bytes = settings.max_import_bytes

    async def receive(self, request: Request) -> Upload:
        """The body of a request, raw or the part `file` of a form, as a file of ours."""
        await run_in_threadpool(self._refuse_where_full, _declared(request))
        upload = Upload(key := uuid4().hex, self.folder / key, None, "", 0, 0)
        try:
            with upload.path.open("wb") as file:
                writer = _Writer(file, self)
                async for part in _content(request, upload):
                    if part:
                        await run_in_threadpool(writer.write, part)
            upload.sha256, upload.size, upload.lines = writer.digest.hexdigest(), writer.size, writer.lines
        except OSError as error:
            self.remove(key)
            raise _as_refusal(error) from error
        except BaseException:
            self.remove(key)
            raise
        return upload

    def remove(self, key: str) -> None:
        """Delete a file, if it is there."""
        (self.folder / key).unlink(missing_ok=True)

    def list_left(self) -> list[str]:
        """Keys of files that have lain here for an hour."""
        if not self.folder.is_dir():
            return []
        since = time.time() - _LEFT_AFTER
        return [path.name for path in self.folder.iterdir() if _is_older(path, since)]

    def _refuse_where_full(self, needed: int) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.folder).free < needed + KEPT_FREE:
            raise UnavailableError("disk_full")

    def refuse_large(self, size: int) -> None:
        """413 beyond the limit."""
        if size > self.max_bytes:
            raise TooLargeError("body_too_large", limit=self.max_bytes)


class _Writer:
    """Writes, counts and digests."""

    def __init__(self, file: BinaryIO, incoming: Incoming) -> None:
        self.file = file
        self.incoming = incoming
        self.digest = hashlib.sha256()
        self.size = self.lines = self.looked_at = 0

    def write(self, part: bytes) -> None:
        """One part of the file."""
        self.size += len(part)
        self.incoming.refuse_large(self.size)
        if self.size - self.looked_at > _LOOK_EVERY:
            self.looked_at = self.size
            if shutil.disk_usage(self.incoming.folder).free < KEPT_FREE:
                raise UnavailableError("disk_full")
        self.digest.update(part)
        self.lines += part.count(b"\n")
        self.file.write(part)


def _is_older(path: Path, since: float) -> bool:
    try:
        return path.stat().st_mtime < since
    except FileNotFoundError:
        return False


def _declared(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


def _as_refusal(error: OSError) -> Exception:
    return UnavailableError("disk_full") if error.errno in (errno.ENOSPC, errno.EDQUOT) else error


async def _content(request: Request, upload: Upload) -> AsyncIterator[bytes]:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data":
        async for part in request.stream():
            yield part
        return
    form = _Form(options.get(b"boundary", b""))
    async for part in request.stream():
        for piece in form.feed(part):
            yield piece
    form.end()
    upload.name = form.file_name


class _Form:
    """The part `file` of a form, piece by piece."""

    def __init__(self, boundary: bytes) -> None:
        self.file_name: str | None = None
        self._pieces: list[bytes] = []
        self._header: list[bytes] = [b"", b""]
        self._headers: dict[bytes, bytes] = {}
        self._files = 0
        self._ended = False
        callbacks: dict[str, Callable[..., None]] = {
            "on_part_begin": self._headers.clear,
            "on_header_field": lambda data, start, end: self._add_header(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._add_header(1, data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._begin_file,
            "on_part_data": lambda data, start, end: self._pieces.append(data[start:end]),
            "on_end": self._end,
        }
        try:
            self._parser = MultipartParser(boundary, callbacks)  # type: ignore[arg-type]
        except (FormParserError, ValueError) as error:
            refuse([Fault("form_broken", "", {"error": str(error)})])

    def feed(self, part: bytes) -> list[bytes]:
        """Pieces of the file in a part of the body."""
        try:
            self._parser.write(part)
        except FormParserError as error:
            refuse([Fault("form_broken", "", {"error": str(error)})])
        pieces, self._pieces = self._pieces, []
        return pieces

    def end(self) -> None:
        """The body has ended: the form must have, too."""
        if not self._ended:
            refuse([Fault("form_broken", "", {"error": "it ends too early"})])
        if not self._files:
            refuse([Fault("form_without_file")])

    def _add_header(self, place: int, text: bytes) -> None:
        self._header[place] += text

    def _end_header(self) -> None:
        self._headers[self._header[0].lower()] = self._header[1]
        self._header = [b"", b""]

    def _begin_file(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._files += 1
        if options.get(b"name") != b"file" or self._files > 1:
            refuse([Fault("form_without_file")])
        if b"filename" in options:
            self.file_name = options[b"filename"].decode(errors="replace")

    def _end(self) -> None:
        self._ended = True


class UploadRoute(ExactRoute):
    """A route that reads its body itself: nothing of it is kept in memory, for an Idempotency-Key neither."""

    async def _once(
        self, request: ExactRequest, handler: Callable[[Request], Coroutine[Any, Any, Response]]
    ) -> Response:
        return await handler(request)
