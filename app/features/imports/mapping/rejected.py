"""Bad rows given back: their cells as they came, and first what is wrong with them."""

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from app.features.imports.mapping.answers import row_errors
from app.features.imports.mapping.cells import Stored
from app.features.imports.mapping.notes import GivenBack
from app.infra.messages import Language
from app.infra.tables.writing import BOM, quoted
from app.models import ImportLineRow

_AT_ONCE = 500
_ROWS_OF_A_SHEET = 1_000_000
_PART = 64 * 1024


class BadRow(NamedTuple):
    """What is wrong, the number of the row in its file, and its cells."""

    errors: str
    row: int
    cells: list[Stored]


def bad_rows(lines: Iterable[ImportLineRow], given: GivenBack, language: Language) -> Iterator[BadRow]:
    """Rejected lines as they are given back, each cell under its heading."""
    for line in lines:
        errors = [
            f"{error.column or '•'}: {error.message}{f' {error.hint}' if error.hint else ''}"
            for error in row_errors(line, language)
        ]
        yield BadRow("\n".join(errors), line.line, _laid_out(line, given))


def _laid_out(line: ImportLineRow, given: GivenBack) -> list[Stored]:
    cells: list[Stored] = orjson.loads(line.cells or "[]")
    places = given.places.get(line.sheet or "", [])
    row: list[Stored] = [""] * len(given.headings)
    for place, cell in zip(places, cells, strict=False):
        row[place] = cell
    for place, field in enumerate(given.added, start=len(row) - len(given.added)):
        row[place] = getattr(line, field) or ""
    return row + cells[len(places) :]


def as_csv(headings: Sequence[str], rows: Iterator[BadRow]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, as spreadsheets of Windows want it."""
    text = StringIO()
    writer = csv.writer(text)
    text.write(BOM)
    writer.writerow([quoted(heading) for heading in headings])
    for count, row in enumerate(rows):
        writer.writerow([quoted(row.errors), row.row, *(quoted(cell) for cell in row.cells)])
        if not count % _AT_ONCE:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def as_workbook(headings: Sequence[str], rows: Iterator[BadRow]) -> Iterator[bytes]:
    """An .xlsx file, made on the disk row by row."""
    import xlsxwriter

    with tempfile.TemporaryDirectory(prefix="parindex-") as folder:
        path = Path(folder) / "rejected.xlsx"
        options = {"constant_memory": True, "tmpdir": folder, "strings_to_urls": False}
        with xlsxwriter.Workbook(path, options | {"strings_to_formulas": False}) as book:
            formats = [book.add_format({"num_format": "@", "quote_prefix": quote}) for quote in (False, True)]
            sheet: Any = None
            for number, row in enumerate(rows):
                place = number % _ROWS_OF_A_SHEET
                if not place:
                    sheet = _add_sheet(book, headings)
                for column, cell in enumerate((row.errors, row.row, *row.cells)):
                    _write(sheet, place + 1, column, cell, formats)
        with path.open("rb") as file:
            while part := file.read(_PART):
                yield part


def _add_sheet(book: Any, headings: Sequence[str]) -> Any:
    sheet = book.add_worksheet()
    for place, heading in enumerate(headings):
        sheet.write_string(0, place, heading)
    return sheet


def _write(sheet: Any, row: int, column: int, cell: Stored, formats: Sequence[Any]) -> None:
    """A number, or a text that stays one."""
    if isinstance(cell, int):
        sheet.write_number(row, column, cell)
    elif cell:
        shown = cell + " " if cell.startswith("<r>") else cell  # XlsxWriter has markup of its own
        sheet.write_string(row, column, shown, formats[quoted(cell) != cell])
