"""Workbooks as officials make them: the cells of a template, written by another program, some changed."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from io import BytesIO
from typing import Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter
from python_calamine import CalamineWorkbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET = "xl/worksheets/sheet1.xml"
_HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_TAIL = b"</sheetData></worksheet>"


class Formula(NamedTuple):
    """A formula and what it came to."""

    text: str
    value: Any


class Formatted(NamedTuple):
    """A number shown in a format of Excel."""

    number: float
    format: str


def position(cell: str) -> tuple[int, int]:
    """Row and column of `E7`, from 0."""
    letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", cell).groups()  # type: ignore[union-attr]
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(digits) - 1, column - 1


def cells_of(content: bytes) -> dict[str, dict[tuple[int, int], Any]]:
    """Sheet -> its cells by row and column."""
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return {
        name: {
            (row, column): value
            for row, values in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for column, value in enumerate(values)
            if value != ""
        }
        for name in book.sheet_names
    }


def write(sheets: Mapping[str, Mapping[tuple[int, int], Any]]) -> bytes:
    """A plain workbook of some cells."""
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for name, cells in sheets.items():
        sheet = book.add_worksheet(name)
        for at, value in cells.items():
            match value:
                case Formula():
                    sheet.write_formula(*at, value.text, None, value.value)
                case Formatted():
                    sheet.write_number(*at, value.number, book.add_format({"num_format": value.format}))
                case bool():
                    sheet.write_boolean(*at, value)
                case str():
                    sheet.write_string(*at, value)
                case date():
                    sheet.write_datetime(*at, value, day)
                case _:
                    sheet.write_number(*at, value)
    book.close()
    return file.getvalue()


def changed(content: bytes, changes: Mapping[tuple[str, str], Any], without: Iterable[str] = ()) -> bytes:
    """A workbook with some cells changed, (None) emptied, or some sheets left out."""
    sheets = cells_of(content)
    for (name, cell), value in changes.items():
        cells = sheets.setdefault(name, {})
        if value is None:
            cells.pop(position(cell), None)
        else:
            cells[position(cell)] = value
    return write({name: cells for name, cells in sheets.items() if name not in without})


def row_of(content: bytes, sheet: str, text: Any, column: int = 0) -> int:
    """The number of the row, as Excel counts, that has a text in a column."""
    return (
        next(row for (row, at), value in cells_of(content)[sheet].items() if (at, value) == (column, text))
        + 1
    )


def replaced(content: bytes, parts: Mapping[str, bytes]) -> bytes:
    """A workbook with some of its parts put in place of others."""
    file = BytesIO()
    with ZipFile(BytesIO(content)) as source, ZipFile(file, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, parts.get(name, source.read(name)))
    return file.getvalue()


def part_of(content: bytes, name: str) -> bytes:
    """One part of a workbook."""
    with ZipFile(BytesIO(content)) as source:
        return source.read(name)


def sheet_of(rows: bytes) -> bytes:
    """The XML of a sheet."""
    return _HEAD + rows + _TAIL
