"""What a table is made of, whatever file it came in."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.core.errors import Fault
from app.core.intake.cells import Cell


class Line(NamedTuple):
    """A row of a table. `sheet` is None where there are none; `number` counts from 1 as Excel shows it."""

    sheet: str | None
    number: int
    cells: Sequence[Cell]


class Entry(NamedTuple):
    """A JSON object in place of a row, counted from 1."""

    number: int
    members: Mapping[str, Cell]


Remark = Fault
"""What is to be said of a file besides its rows."""
