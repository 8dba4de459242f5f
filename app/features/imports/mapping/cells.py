"""Cells of bad rows: kept as they came, and given back so that they read the same again."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from app.core.intake.cells import LARGEST_COUNT, Cell, text_of
from app.infra.tables import Entry, Line, Remark

_QUOTED = re.compile(r"'[=+\-@\t\r]")
_LIKE_THOUSANDS = re.compile(r"-?\d+\.\d{3}")
LONGEST = 4000
Stored = str | int


def stored_cells(row: Sequence[Cell]) -> list[Stored]:
    """The cells of a row for JSON: whole numbers stay numbers, everything else is text."""
    return [_stored(cell) for cell in row]


def _stored(cell: Cell) -> Stored:
    match cell:
        case bool():
            return text_of(cell)
        case int() | Decimal() if -LARGEST_COUNT < cell < LARGEST_COUNT and int(cell) == cell:
            return int(cell)
        case Decimal():
            text = text_of(cell)
            return text + "0" if _LIKE_THOUSANDS.fullmatch(text) else text  # 1.234 must not become a thousand
        case _:
            return text_of(cell)[:LONGEST]


def unquoted(rows: Iterable[Line | Entry | Remark]) -> Iterator[Line | Entry | Remark]:
    """Rows without the quotes that we put before formulas."""
    for row in rows:
        if isinstance(row, Line) and any(isinstance(c, str) and _QUOTED.match(c) for c in row.cells):
            bare = [c[1:] if isinstance(c, str) and _QUOTED.match(c) else c for c in row.cells]
            yield row._replace(cells=bare)
        else:
            yield row
