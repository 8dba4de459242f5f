"""Uploaded files: outside of anything that is served, named by their SHA-256, never by their sender."""

import hashlib
import io
import os
import struct
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from app.infra.errors import NotFoundError, TooLargeError, UnsupportedMediaError

_SIGNATURES = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
_OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text",
    b"application/vnd.oasis.opendocument.spreadsheet",
}
MEDIA_TYPES = (*_SIGNATURES.values(), *_OFFICE.values(), *sorted(t.decode() for t in _OPEN_DOCUMENT))
"""The kinds that are taken."""
TYPES = "PDF, PNG, JPEG, DOCX, XLSX, ODT, ODS"
_CHUNK = 64 * 1024
_EXPANDS, _MOST_UNPACKED = 100, 16 * 1024 * 1024
"""How far an archive may unpack: so many times its size, and so many bytes beyond."""


class FileStore:
    """A folder of files by digest. Workers and hosts of one service share it."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = folder
        self.max_bytes = max_bytes

    def add(self, content: bytes) -> tuple[str, str]:
        """Store a file; (sha256, media type). The same content again is stored once."""
        if len(content) > self.max_bytes:
            raise TooLargeError("file_too_large", limit=self.max_bytes)
        media_type = media_type_of(content)
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._write(path, content)
        return digest, media_type

    def _write(self, path: Path, content: bytes) -> None:
        """Whole or not at all: a crash leaves a nameless file at most."""
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def read(self, digest: str) -> Iterator[bytes]:
        """The content of a stored file, in parts."""
        path = self._path(digest)
        if not path.exists():
            raise NotFoundError("file_missing", sha256=digest)
        return _parts(path)

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(_CHUNK):
            yield part


def media_type_of(content: bytes) -> str:
    """The kind of a file by what it holds, whatever it is called; kinds that are not taken are refused."""
    for signature, media_type in _SIGNATURES.items():
        if content.startswith(signature):
            return media_type
    found = _archive_type(content) if content.startswith(b"PK\x03\x04") else None
    if found is None:
        raise UnsupportedMediaError("file_type_refused", types=TYPES)
    return found


def _is_plain(member: zipfile.ZipInfo) -> bool:
    """Short and not packed, as OpenDocument wants it: nothing is unpacked to read it."""
    return member.file_size < 100 and member.compress_type == zipfile.ZIP_STORED


def _archive_type(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if sum(info.file_size for info in archive.infolist()) > _MOST_UNPACKED + _EXPANDS * len(content):
                return None
            if "mimetype" in names and _is_plain(archive.getinfo("mimetype")):
                stated = archive.read("mimetype").strip()
                return stated.decode() if stated in _OPEN_DOCUMENT else None
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, ValueError, struct.error):
        return None
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return None
    return next((kind for folder, kind in _OFFICE.items() if any(n.startswith(folder) for n in names)), None)
