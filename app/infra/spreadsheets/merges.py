"""Merged cells of a sheet: found before its rows are read, and marked in them."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.core.errors import Fault
from app.core.intake.cells import Cell, Merged
from app.infra.errors import refuse
from app.infra.spreadsheets.archive import damaged
from app.infra.spreadsheets.parts import number_of

_MOST_MERGES = 100_000
_LONGEST_MERGE = 400
_MERGE = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^>]{0,200}?\bref\s*=\s*[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"
)


class Merge(NamedTuple):
    """A block of merged cells, rows from 1 and columns from 0."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


def find_merges(pieces: Iterable[bytes]) -> list[Merge]:
    """Blocks of merged cells, from the top down. They stand behind the cells, so this is a look ahead."""
    found: set[Merge] = set()
    tail = b""
    for piece in pieces:
        tail += piece
        if b"mergeCell" in tail:
            for left, top, right, bottom in _MERGE.findall(tail):
                columns = number_of(left.decode()) - 1, number_of(right.decode()) - 1
                found.add(Merge(int(top), int(bottom), *columns))
        if len(found) > _MOST_MERGES:
            refuse([Fault("workbook_too_many_merges", "", {"limit": _MOST_MERGES})])
        tail = tail[-_LONGEST_MERGE:]
    return sorted(found)


class Marks:
    """Marks cells of merged blocks, row after row from the top down."""

    def __init__(self, merges: Sequence[Merge]) -> None:
        self.merges = merges
        self.next = 0
        self.open: list[tuple[Merge, Cell]] = []

    def mark(self, number: int, cells: list[Cell], columns: int) -> None:
        """Put a mark in place of every cell of a block; its first column has the value in all rows."""
        if self.next < len(self.merges) and self.merges[self.next].first_row <= number:
            reached = bisect_right(self.merges, (number, float("inf")))
            for merge in self.merges[self.next : reached]:
                at = merge.first_column
                holds = merge.first_row == number and at < len(cells)
                self.open.append((merge, cells[at] if holds else None))
            self.next = reached
        if not self.open:
            return
        self.open = [each for each in self.open if each[0].last_row >= number]
        if len(self.open) > columns:  # more than fit beside each other
            raise damaged()
        for merge, value in self.open:
            first, last = merge.first_column, min(merge.last_column, columns - 1)
            if value is not None and len(cells) <= last:
                cells.extend([None] * (last - len(cells) + 1))
            for column in range(first, min(last + 1, len(cells))):
                leads = column == first
                cells[column] = Merged(value if leads else None, leads and merge.first_row == number)
