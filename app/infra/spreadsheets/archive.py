"""The zip file around a workbook: unpacked within bounds, and packed again for the reader."""

import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from app.core.errors import Fault
from app.infra.errors import InvalidInputError, TooLargeError, refuse
from app.infra.spreadsheets.limits import Limits

_ZIP, _OLE, _ENTRY = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PK\x01\x02"
_MOST_PARTS = 5000
_DAMAGED = (BadZipFile, RuntimeError, ValueError, EOFError, OSError, zlib.error)
"""RuntimeError: a password, or a way of packing that Excel does not use."""


class Archive:
    """The parts of an .xlsx file; what nobody asks for stays packed."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        _refuse_by_look(content, limits)
        try:
            self.file = ZipFile(BytesIO(content))
        except _DAMAGED as error:
            raise damaged() from error
        self.infos = {info.filename.lower(): info for info in self.file.infolist()}
        self.read_parts: dict[str, bytes] = {}
        self.limit = self.left = limits.unpacked_bytes

    def read(self, name: str) -> bytes | None:
        """A part by its name, whatever the case; None where there is none. All of them together are at most
        as large as the limits allow."""
        info = self.infos.get(name.lower())
        if info is None:
            return None
        if info.filename not in self.read_parts:
            self.left -= info.file_size
            if self.left < 0:
                raise TooLargeError("xlsx_unpacks_too_large", limit=self.limit)
            try:
                self.read_parts[info.filename] = self._content(info)
            except _DAMAGED as error:
                raise damaged() from error
        return self.read_parts[info.filename]

    def _content(self, info: ZipInfo) -> bytes:
        """What is packed behind the stated size stays packed, and then the check sum is wrong."""
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise BadZipFile
        with self.file.open(info) as stream:
            return stream.read(info.file_size)

    def packed(self) -> BytesIO:
        """A zip file of just the parts that were read: nothing in it was not looked at."""
        packed = BytesIO()
        with ZipFile(packed, "w", ZIP_STORED) as file:
            for name, content in self.read_parts.items():
                file.writestr(ZipInfo(name), content)
        packed.seek(0)
        return packed


def _refuse_by_look(content: bytes, limits: Limits) -> None:
    if len(content) > limits.file_bytes:
        raise TooLargeError("file_too_large", limit=limits.file_bytes)
    if content.startswith(_OLE):
        refuse([Fault("xlsx_old_format")])
    if not content.startswith(_ZIP):
        refuse([Fault("xlsx_not_a_workbook")])
    if content.count(_ENTRY) > _MOST_PARTS:
        raise damaged()


def damaged() -> InvalidInputError:
    """The error of a workbook that cannot be read."""
    return InvalidInputError("invalid_input", [Fault("xlsx_damaged")], count=1)
