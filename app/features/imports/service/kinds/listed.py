"""Rows of bounded files, kept as JSON in their lines."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson
from sqlmodel import Session

from app.features.imports import repository
from app.features.imports.repository import StagedLine
from app.features.imports.schemas import ImportOptions
from app.features.imports.service.kinds.base import Checked, Kind, row_twice
from app.features.imports.service.work import Work

CHANGING = ("inserted", "updated")
GOOD = (*CHANGING, "unchanged")
PAGE = 5000
TOLD = 20
"""Rows that stop a commit and are named one by one."""


class ListedKind(Kind):
    """A kind whose rows are staged as what they say (`said`, plain values) and what stands there."""

    def __init__(self, work: Work, options: ImportOptions) -> None:
        super().__init__(work, options)
        self.first: dict[tuple[str, ...], tuple[int, int, str | None]] = {}
        """Key -> position, row and sheet of the line that said it first."""

    def stage(self, session: Session, checked: Sequence[Checked]) -> Mapping[int, str]:
        """By the rules of the kind, beside what stands."""
        self._refuse_twice(checked)
        good = [found for found in checked if not found.faults]
        standing = self.list_standing(session, good)
        self.check_together(good, standing)
        good = [found for found in good if not found.faults]
        return {found.line["position"]: self._lay(found, standing.get(found.key)) for found in good}

    def _refuse_twice(self, checked: Sequence[Checked]) -> None:
        for found in checked:
            if not found.faults:
                place = (found.line["position"], found.line["line"], found.line["sheet"])
                first = self.first.setdefault(found.key, place)
                if first != place:
                    found.faults.append(row_twice(*first[1:]))

    def _lay(self, found: Checked, old: Any) -> str:
        new = self.stored(found)
        found.line["new"] = _text(new)
        found.line["old"] = None if old is None else _text(old)
        if old is None:
            return "inserted"
        return "unchanged" if self.is_same(old, new) else "updated"

    @abstractmethod
    def list_standing(self, session: Session, rows: Sequence[Checked]) -> Mapping[tuple[str, ...], Any]:
        """Key -> what stands in the place of a row."""

    def check_together(self, rows: Sequence[Checked], standing: Mapping[tuple[str, ...], Any]) -> None:
        """Add what is wrong with rows beside each other, and beside what stands, to their faults."""

    def stored(self, found: Checked) -> Any:
        """What a row says, as plain values."""
        return found.said

    def is_same(self, old: Any, new: Any) -> bool:
        """Whether a row says what stands already."""
        return bool(old == new)

    def iterate_pages(
        self, session: Session, actions: Iterable[str] = GOOD
    ) -> Iterator[Sequence[StagedLine]]:
        """Staged lines in the order of the file, some at a time."""
        wanted, after, full = tuple(actions), 0, True
        while full:
            lines = repository.list_staged(session, self.work.import_id, wanted, after, PAGE)
            if lines:
                yield lines
                after = lines[-1].position
            full = len(lines) == PAGE


def _text(said: Any) -> str:
    return orjson.dumps(said, option=orjson.OPT_UTC_Z).decode()
