"""What a kind of import knows: how its rows are checked, compared, written, and whose ranks they may move."""

from abc import ABC, abstractmethod
from collections.abc import Container, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from sqlmodel import Session

from app.core.errors import Fault
from app.core.types import ClientScope
from app.features.effects.service import Watched
from app.features.imports.mapping.notes import Warnings
from app.features.imports.mapping.places import Places, Version
from app.features.imports.mapping.records import Record
from app.features.imports.schemas import ImportOptions
from app.features.imports.service.work import Work
from app.features.units import repository as unit_queries
from app.models import ImportRow


class Checked(NamedTuple):
    """A row: what is known of its line, what it says, what is wrong with it, and (where nothing is) the place
    that it writes to."""

    record: Record
    line: dict[str, Any]
    said: Any
    faults: list[Fault]
    key: tuple[str, ...] = ()


def row_twice(line: int, sheet: str | None) -> Fault:
    """A row about what another row of the file says already; `line` and `sheet` are those of the other."""
    return Fault("row_twice", "", {"first": f"{line} ({sheet})" if sheet else line})


class Kind(ABC):
    """A kind of import, over one file. It is made anew for the commit, from what is staged."""

    scopes: ClassVar[tuple[ClientScope, ...]]
    """One of them is needed; unbound, it opens the imports of others too."""
    subject: ClassVar[tuple[str, ...]] = ()
    """What the parts of a line's subject are called."""
    chunk: ClassVar[int] = 5000
    """Rows that are checked and staged in one transaction."""
    most_rows: ClassVar[int | None] = None
    needs_round: ClassVar[bool] = False

    def __init__(self, work: Work, options: ImportOptions) -> None:
        self.work = work
        self.options = options
        self.warnings = Warnings()

    @abstractmethod
    def prepare(self, session: Session) -> None:
        """Read what rows are checked against."""

    @abstractmethod
    def check(self, record: Record, line: dict[str, Any]) -> Checked:
        """What a row says, without the database."""

    @abstractmethod
    def stage(self, session: Session, checked: Sequence[Checked]) -> Mapping[int, str]:
        """Lay a part of the file beside what stands: position -> `inserted`, `updated` or `unchanged`. What
        is found wrong is added to the faults of its row."""

    @abstractmethod
    def keep(self, found: Checked, action: str) -> None:
        """Remember a good row with what it does."""

    def finish(self) -> dict[str, Any]:
        """All rows are staged; what a commit relies on."""
        return {}

    def list_remarks(self, session: Session) -> list[Fault]:  # noqa: ARG002 - only some kinds ask the database
        """What is said of all rows together."""
        return []

    @abstractmethod
    def watch(self, session: Session) -> list[Watched]:
        """Groups of rounds whose ranks the rows may move."""

    @abstractmethod
    def hold(self, session: Session) -> None:
        """Hold what is written to, and what that relies on, until the end of the transaction."""

    @abstractmethod
    def list_outdated(self, session: Session) -> tuple[int, list[Fault]]:
        """How many rows something newer stands in the place of, and the first of them."""

    @abstractmethod
    def write(self, session: Session, row: ImportRow) -> int:
        """Write all that is staged, with its audit events; the number of rows. What it touches is held."""

    @staticmethod
    def show(stored: Any) -> dict[str, Any]:
        """A value of a line, as people read it."""
        shown: dict[str, Any] = stored
        return shown


def read_places(session: Session, near: Container[str]) -> Places:
    """All units of the registry, to look up row after row."""
    return Places((Version(*row) for row in unit_queries.list_all_versions(session)), near)
