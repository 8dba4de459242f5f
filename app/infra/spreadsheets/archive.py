"""The zip file around a workbook: unpacked within bounds, and packed again for the reader."""

import zlib
from collections.abc import Iterator
from io import SEEK_END, BytesIO
from typing import IO, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from app.core.errors import Fault
from app.infra.errors import InvalidInputError, TooLargeError, refuse
from app.infra.spreadsheets.limits import Limits

_ZIP, _OLE, _ENTRY = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PK\x01\x02"
_MOST_PARTS = 5000
_PIECE = 64 * 1024
_SMALL, _BEST_PACKED = 10_000_000, 200
"""Cells of real sheets pack to a twentieth at best; only what is larger than `_SMALL` is suspected."""
_DAMAGED = (BadZipFile, RuntimeError, ValueError, EOFError, OSError, zlib.error)
"""RuntimeError: a password, or a way of packing that Excel does not use."""


class Archive:
    """The parts of an .xlsx file; what nobody asks for stays packed."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        _refuse_by_look(file, limits)
        try:
            self.file = ZipFile(file)
        except _DAMAGED as error:
            raise damaged() from error
        self.infos = {info.filename.lower(): info for info in self.file.infolist()}
        self.read_parts: dict[str, bytes] = {}
        self.passed: set[str] = set()
        self.limit = self.left = limits.unpacked_bytes
        self.part_limit = limits.part_bytes

    def read(self, name: str) -> bytes | None:
        """A part by its name, whatever the case; None where there is none. All of them together are at most
        as large as the limits allow."""
        info = self.infos.get(name.lower())
        if info is None:
            return None
        if info.filename not in self.read_parts:
            self._spend(info)
            if info.file_size > self.part_limit:
                raise TooLargeError("xlsx_unpacks_too_large", limit=self.part_limit)
            try:
                self.read_parts[info.filename] = self._content(info)
            except _DAMAGED as error:
                raise damaged() from error
        return self.read_parts[info.filename]

    def pieces(self, name: str) -> Iterator[bytes]:
        """A part bit by bit, to be walked through without being held. What packs too well is a bomb."""
        info = self.infos.get(name.lower())
        if info is None:
            raise damaged()
        self._spend(info)
        if info.file_size > max(_SMALL, info.compress_size * _BEST_PACKED):
            raise TooLargeError("xlsx_unpacks_too_large", limit=self.limit)
        try:
            with self._opened(info) as stream:
                while piece := stream.read(_PIECE):
                    yield piece
        except _DAMAGED as error:
            raise damaged() from error

    def _spend(self, info: ZipInfo) -> None:
        if info.filename not in self.passed:
            self.passed.add(info.filename)
            self.left -= info.file_size
        if self.left < 0:
            raise TooLargeError("xlsx_unpacks_too_large", limit=self.limit)

    def _content(self, info: ZipInfo) -> bytes:
        """What is packed behind the stated size stays packed, and then the check sum is wrong."""
        with self._opened(info) as stream:
            return stream.read(info.file_size)

    def _opened(self, info: ZipInfo) -> IO[bytes]:
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise BadZipFile
        return self.file.open(info)

    def packed(self) -> BytesIO:
        """A zip file of just the parts that were read: nothing in it was not looked at."""
        packed = BytesIO()
        with ZipFile(packed, "w", ZIP_STORED) as file:
            for name, content in self.read_parts.items():
                file.writestr(ZipInfo(name), content)
        packed.seek(0)
        return packed


def _refuse_by_look(file: BinaryIO, limits: Limits) -> None:
    if file.seek(0, SEEK_END) > limits.file_bytes:
        raise TooLargeError("file_too_large", limit=limits.file_bytes)
    file.seek(0)
    start = file.read(len(_OLE))
    if start.startswith(_OLE):
        refuse([Fault("xlsx_old_format")])
    if not start.startswith(_ZIP):
        refuse([Fault("xlsx_not_a_workbook")])
    if _count_entries(file) > _MOST_PARTS:
        raise damaged()
    file.seek(0)


def _count_entries(file: BinaryIO) -> int:
    """How many parts a zip file lists, before the list is read."""
    count, tail = 0, b""
    while piece := file.read(_PIECE):
        count += (tail + piece).count(_ENTRY)
        tail = piece[-len(_ENTRY) + 1 :]
    return count


def damaged() -> InvalidInputError:
    """The error of a workbook that cannot be read."""
    return InvalidInputError("invalid_input", [Fault("xlsx_damaged")], count=1)
