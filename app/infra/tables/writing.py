"""CSV for spreadsheets and machines: UTF-8 with a byte order mark, and no text that becomes a formula."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

BOM = "\ufeff"
_OF_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
Value = str | int | float | None


def quoted(cell: str | int) -> str:
    """A cell of CSV that no spreadsheet takes for a formula."""
    text = str(cell)
    return f"'{text}" if text.startswith(_OF_FORMULAS) and isinstance(cell, str) else text


def number_text(value: float) -> str:
    """A number that was rounded for showing, with the digits that it has: 91.05, and 100 for 100.0."""
    return repr(value).removesuffix(".0")


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """A whole file; what is not known is an empty cell."""
    text = StringIO()
    text.write(BOM)
    writer = csv.writer(text)
    writer.writerow([quoted(heading) for heading in headings])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _cell(value: Value) -> str:
    match value:
        case None:
            return ""
        case str():
            return quoted(value)
        case _:
            return number_text(value)
