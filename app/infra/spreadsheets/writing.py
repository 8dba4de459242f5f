"""Plain workbooks, to be read or filled in: headings that stay in view, lists to choose from, texts that stay
texts.

The same content makes the same bytes. XlsxWriter is imported only when a workbook is made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

Cell = str | Decimal | float | date | None
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - the same for everybody
_FIRST_SAFE_DAY = date(1900, 3, 1)
"""Excel believes in 29 February 1900: days before it are written as text."""
_OF_FORMULAS = ("=", "+", "-", "@")
_ROWS_TO_FILL = 2000
_LONGEST_PROMPT = 255


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `choices` names a list of the workbook, `prompt` is shown beside a cell that is filled in.

    `text` cells stay as they are typed: Excel makes no number, day or share of them. `digits`: how Excel
    shows numbers.
    """

    heading: str
    width: float = 16
    text: bool = True
    choices: str | None = None
    prompt: str = ""
    digits: str = "General"


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet: headings in the first row, then rows; `choices` of single cells, by (row, column) from 0.

    `frozen`: columns that stay in view.
    """

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    choices: Mapping[tuple[int, int], str] = field(default_factory=dict)
    frozen: int = 0


def write_tables(
    title: str, tables: Sequence[Table], lists_name: str = "", lists: Mapping[str, list[str]] | None = None
) -> bytes:
    """The bytes of an .xlsx file; the lists to choose from, if any, are on a last sheet of their own."""
    import xlsxwriter

    file = BytesIO()
    book: Any = xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": title[:255], "created": _EPOCH})
    lists = lists or {}
    columns = [Column(name, 34) for name in lists]
    rows = [
        [values[row] if row < len(values) else None for values in lists.values()]
        for row in range(max(map(len, lists.values()), default=0))
    ]
    sources = {
        name: f"='{lists_name}'!${chr(ord('A') + place)}$2:${chr(ord('A') + place)}${len(values) + 1}"
        for place, (name, values) in enumerate(lists.items())
    }
    writer = _Writer(book, sources)
    for table in (*tables, *([Table(lists_name, columns, rows)] if lists else [])):
        writer.write(table)
    book.close()
    return file.getvalue()


class _Writer:
    """One workbook in the making; whatever XlsxWriter gives is `Any` here."""

    def __init__(self, book: Any, sources: Mapping[str, str]) -> None:
        self.book = book
        self.sources = sources
        self.formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def write(self, table: Table) -> None:
        """Add one sheet."""
        sheet = self.book.add_worksheet(table.name)
        sheet.freeze_panes(1, table.frozen)
        heading = self._format(bold=True, text_wrap=True, valign="vcenter", border=1, bg_color="#DDEBF7")
        for place, column in enumerate(table.columns):
            sheet.set_column(place, place, column.width, self._body(column))
            sheet.write_string(0, place, column.heading, heading)
            self._guide(sheet, column, place)
        for (row, place), name in table.choices.items():
            self._offer(sheet, (row + 1, place, row + 1, place), name)
        for number, cells in enumerate(table.rows, 1):
            for place, (column, value) in enumerate(zip(table.columns, cells, strict=True)):
                self._cell(sheet, (number, place), value, column)

    def _body(self, column: Column, **more: Any) -> Any:
        wanted = {"valign": "top", "text_wrap": True, **more}
        return self._format(**({"num_format": "@", **wanted} if column.text else wanted))

    def _format(self, **wanted: Any) -> Any:
        key = tuple(sorted(wanted.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(wanted)
        return self.formats[key]

    def _guide(self, sheet: Any, column: Column, place: int) -> None:
        """The list and the prompt of a whole column."""
        area = (1, place, _ROWS_TO_FILL, place)
        if column.choices:
            self._offer(sheet, area, column.choices, column.prompt)
        elif column.prompt:
            sheet.data_validation(*area, {"validate": "any", "input_message": _shortened(column.prompt)})

    def _offer(self, sheet: Any, area: tuple[int, int, int, int], name: str, prompt: str = "") -> None:
        wanted = {"validate": "list", "source": self.sources[name], "error_type": "warning"}
        if prompt:
            wanted["input_message"] = _shortened(prompt)
        sheet.data_validation(*area, wanted)

    def _cell(self, sheet: Any, at: tuple[int, int], value: Cell, column: Column) -> None:
        match value:
            case None:
                return
            case str():
                quoted = {"quote_prefix": True} if value.startswith(_OF_FORMULAS) else {}
                sheet.write_string(*at, _safe(value), self._body(column, **quoted))
            case date() if value < _FIRST_SAFE_DAY:
                sheet.write_string(*at, value.isoformat(), self._body(column))
            case date():
                sheet.write_datetime(*at, value, self._body(column, num_format="dd/mm/yyyy"))
            case _:
                sheet.write_number(*at, float(value), self._body(column, num_format=column.digits))


def _safe(text: str) -> str:
    """XlsxWriter would take a text between <r> and </r> for markup of its own."""
    return text + " " if text.startswith("<r>") and text.endswith("</r>") else text


def _shortened(prompt: str) -> str:
    return prompt if len(prompt) <= _LONGEST_PROMPT else prompt[: _LONGEST_PROMPT - 1] + "…"
