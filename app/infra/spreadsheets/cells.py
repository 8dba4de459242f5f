"""What a cell holds, what it is called, and which place of a document it is."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from app.core.errors import Fault
from app.core.intake.cells import Broken, Percentage
from app.core.intake.headings import column_letter

__all__ = [
    "Broken",
    "Percentage",
    "Place",
    "Places",
    "Position",
    "Value",
    "cell_name",
    "find_place",
    "locate",
]
PLACES = "parindex.places"
"""Where a request keeps the cells that its document came from."""

Value = str | Decimal | bool | date | datetime | Percentage | Broken | None
Position = tuple[int, int]
"""Row and column, from 0."""


class Place(NamedTuple):
    """A cell of a workbook."""

    sheet: str
    cell: str


def cell_name(row: int, column: int) -> str:
    """`E7` of row 6 and column 4."""
    return f"{column_letter(column)}{row + 1}"


Places = Mapping[str, Place]
"""JSON pointer into a document -> the cell that it came from."""


def locate(faults: Iterable[Fault], places: Places) -> list[Fault]:
    """Faults of a document with the cells to be mended: that of the pointer, or of what it lies in."""
    return [fault if fault.place else _located(fault, places) for fault in faults]


def _located(fault: Fault, places: Places) -> Fault:
    params = dict(fault.params)
    first = places.get(f"{params.get('first')}/code")
    if first is not None:
        params["first"] = f"{first.sheet}!{first.cell}"
    return replace(fault, params=params, place=find_place(fault.pointer, places))


def find_place(pointer: str, places: Places) -> Place | None:
    """The cell of a pointer, or of the nearest thing around it."""
    while pointer and pointer not in places:
        pointer = pointer.rpartition("/")[0]
    return places.get(pointer)
