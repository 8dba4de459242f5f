"""Where a file goes: the local database, or a service elsewhere. Both are asked and answer alike."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from app.features.imports.schemas import ImportKind, ImportOptions

Report = dict[str, Any]
"""An import as `GET /v1/imports/{id}` tells it."""
UNKNOWN = 0
"""The status where nobody answered: what was asked for may have been done."""
_PART = 1024 * 1024
_HOW_TO_GO_ON = {"on_error", "commit"}


class Mistake(NamedTuple):
    """One thing that is wrong."""

    place: str
    message: str
    hint: str | None


class RefusedError(Exception):
    """The file, an option, the database or the service: in words that people can act on."""

    def __init__(
        self, message: str, hint: str | None = None, mistakes: Iterable[Mistake] = (), status: int = UNKNOWN
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.mistakes = list(mistakes)
        self.status = status


class Letter(NamedTuple):
    """A file to be imported."""

    path: Path
    kind: ImportKind
    options: ImportOptions
    sha256: str
    size: int
    lines: int

    @classmethod
    def of(cls, path: Path, kind: ImportKind, options: ImportOptions) -> "Letter":
        """Read once for its digest."""
        digest, size, lines = hashlib.sha256(), 0, 0
        with path.open("rb") as file:
            while part := file.read(_PART):
                digest.update(part)
                size += len(part)
                lines += part.count(b"\n")
        return cls(path, kind, options, digest.hexdigest(), size, lines)

    def is_of(self, report: Report) -> bool:
        """Whether an import is of this file, with the same options."""
        said = report["options"]
        wanted = self.options.model_dump(mode="json", exclude=_HOW_TO_GO_ON)
        same = (report["kind"], report["sha256"]) == (self.kind, self.sha256)
        return same and all(said.get(name) == value for name, value in wanted.items())

    def key(self, after: str) -> str:
        """The Idempotency-Key: sent again, it is the same import. `after`: an earlier one that is over."""
        wanted = self.options.model_dump_json(exclude=_HOW_TO_GO_ON)
        text = "\n".join((self.sha256, self.kind, wanted, after))
        return "file-" + hashlib.sha256(text.encode()).hexdigest()


Sent = Callable[[int], None]
"""Told how many bytes have gone out."""


class ImportDesk(Protocol):
    """Takes files, rehearses and commits them. Everything may raise `RefusedError`."""

    def list_recent(self) -> list[Report]:
        """Imports, the newest first."""

    def send(self, letter: Letter, key: str, sent: Sent) -> Report:
        """Begin a rehearsal."""

    def read(self, import_id: str) -> Report:
        """How far an import is."""

    def commit(self, import_id: str, skip: bool) -> Report:
        """Begin the commit of a rehearsed import; `skip`: without its bad rows."""

    def cancel(self, import_id: str) -> Report:
        """Stop a rehearsal."""

    def settle(self, import_id: str) -> Report:
        """What becomes of a commit that nobody wants to wait for."""

    def list_rejected(self, import_id: str, limit: int) -> list[Report]:
        """The first bad rows."""

    def iterate_rejected(self, import_id: str, suffix: str) -> Iterable[bytes]:
        """The bad rows as a file, `.csv` or `.xlsx`."""

    def close(self) -> None:
        """Let go of everything."""
