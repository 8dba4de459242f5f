"""Official documents as workbooks. XlsxWriter is imported only when one is made."""

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from itertools import accumulate
from typing import Any

from app.infra.official.document import (
    BLANK,
    MOTTO,
    NATION_LINE,
    RECIPIENTS_LINE,
    Cell,
    Document,
    Row,
    Table,
)
from app.infra.official.text import as_text, bold_width, clean, decimals_of

FONT = "Times New Roman"
LONGEST_CELL = 32_000
"""A little below what a cell may hold (32,767); a longer text would be left out as a whole."""
WIDTH = 1000
"""Of a sheet, in pixels; it is fitted to the page when printed."""
HEAD_SHARE = 0.42
SIGNING_LINES = 3
_A4 = 9
_INCH = 25.4
_OF_FORMULAS = ("=", "+", "-", "@")


def make_workbook(document: Document) -> bytes:
    """The bytes of an .xlsx file."""
    return _Writer(document).write()


class _Writer:
    """One workbook in the making; whatever XlsxWriter gives is `Any` here."""

    def __init__(self, document: Document) -> None:
        import xlsxwriter

        self.document = document
        self.file = BytesIO()
        self.book: Any = xlsxwriter.Workbook(
            self.file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self.formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def write(self) -> bytes:
        """The sheet of the document, then one for each further table."""
        document = self.document
        self.book.set_properties({"title": clean(document.title)[:255]})
        _Sheet(self, document.tables[0]).write_document(document)
        for table in (*document.annexes, *document.tables[1:]):
            _Sheet(self, table).write_alone()
        self.book.close()
        return self.file.getvalue()

    def format(self, **wanted: Any) -> Any:
        """A format in the font of official documents; the same one for the same wishes."""
        key = tuple(sorted(wanted.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format({"font_name": FONT, "font_size": 13, **wanted})
        return self.formats[key]


_LINE, _PADDING, _HIGHEST = 21, 12, 545
"""Pixels: the height of a line of 12 points, what a cell keeps free at its sides, the highest row."""


class _Sheet:
    """One sheet, written from the top downwards; `here` is the next row."""

    def __init__(self, writer: _Writer, table: Table) -> None:
        self.writer = writer
        self.table = table
        self.here = 0
        self.sheet: Any = writer.book.add_worksheet(table.name)
        total = sum(column.width for column in table.columns)
        self.widths = [round(WIDTH * column.width / total) for column in table.columns]
        self.last = len(self.widths) - 1
        for place, width in enumerate(self.widths):
            self.sheet.set_column_pixels(place, place, width)
        self._set_up()

    def _set_up(self) -> None:
        sheet = self.sheet
        sheet.set_paper(_A4)
        sheet.set_landscape()
        sheet.set_margins(left=30 / _INCH, right=15 / _INCH, top=20 / _INCH, bottom=20 / _INCH)
        sheet.set_header('&C&"Times New Roman,Regular"&13&P', {"margin": 10 / _INCH})
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)

    def write_document(self, document: Document) -> None:
        """Head, title, table, recipients and signature."""
        edges = [abs(edge - WIDTH * HEAD_SHARE) for edge in accumulate(self.widths)]
        half = min(edges.index(min(edges)), self.last - 1)
        self._head(document, half)
        self._wide(document.title.upper(), font_size=14, bold=True, align="center")
        self._wide(document.summary, font_size=14, bold=True, align="center")
        if document.status:
            self._wide(document.status, bold=True, italic=True, align="center")
        for line in document.lines:
            self._wide(line)
        self._table()
        self._foot(document, half)

    def write_alone(self) -> None:
        """The table under its title."""
        if self.table.title:
            self._wide(self.table.title, font_size=14, bold=True, align="center")
        self._table()

    def _head(self, document: Document, half: int) -> None:
        head = document.letterhead
        issuer = head.issuer.upper()
        above = [head.superior.upper()] if head.superior else []
        for place, text in enumerate((*above, issuer)):
            self._text(place, 0, half, text, bold=place == len(above), align="center", valign="top")
            self._make_room(place, text, sum(self.widths[: half + 1]))
        self._text(0, half + 1, self.last, NATION_LINE, bold=True, align="center", valign="top")
        self._text(1, half + 1, self.last, MOTTO, font_size=14, bold=True, align="center", valign="top")
        left, right = sum(self.widths[: half + 1]), sum(self.widths[half + 1 :])
        self._rule(len(above) + 1, 0, left, min(_pixels(bold_width(issuer, 13)), left) * 0.4)
        self._rule(2, left, right, _pixels(bold_width(MOTTO, 14)))
        self.sheet.set_row_pixels(2, 8)
        self._text(3, 0, half, head.number_line, align="center")
        self._text(3, half + 1, self.last, head.date_line, font_size=14, italic=True, align="center")
        self._make_room(3, head.number_line, left)
        self.sheet.set_row_pixels(4, 12)
        self.here = 5

    def _rule(self, row: int, start: int, room: int, length: float) -> None:
        """A line in the middle of `room` pixels."""
        black = {"color": "#000000"}
        line = {**black, "width": 0.75}
        place = {"x_offset": start + (room - length) / 2, "y_offset": 2, "width": length, "height": 1}
        self.sheet.insert_textbox(row, 0, "", {**place, "line": line, "fill": black, "decorative": True})

    def _table(self) -> None:
        table, first = self.table, self.here
        heading = {"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1}
        for place, column in enumerate(table.columns):
            row = first + table.grouped if column.group else first
            self._block(row, first + table.grouped, (place, place), column.heading, font_size=12, **heading)
        for start, end, group in table.spans if table.grouped else ():
            if group:
                self._block(first, first, (start, end), group, font_size=12, **heading)
        for place in range(1 + table.grouped):
            self.sheet.set_row_pixels(first + place, _LINE * (1 if place < table.grouped else 3))
        self.here = first + 1 + table.grouped
        self.sheet.repeat_rows(first, self.here - 1)
        self.sheet.freeze_panes(self.here, 0)
        for line in table.rows:
            self._row(line)
        for note in table.notes:
            self._wide(note, font_size=12, italic=True)

    def _row(self, row: Row) -> None:
        for place, (column, value) in enumerate(zip(self.table.columns, row.cells, strict=True)):
            wanted: dict[str, Any] = {"font_size": 12, "border": 1, "valign": "top", "text_wrap": True}
            wanted["align"] = column.align
            if row.bold:
                wanted["bold"] = True
            self._cell(self.here, place, value, wanted)
        self.sheet.set_row_pixels(self.here, min(_HIGHEST, _LINE * self._lines(row)))
        self.here += 1

    def _lines(self, row: Row) -> int:
        """The lines that the fullest cell of a row takes: readers that do not fit rows themselves need it."""
        return max(
            sum(1 + int(_pixels(bold_width(line, 12)) / (width - _PADDING)) for line in text.split("\n"))
            for width, value in zip(self.widths, row.cells, strict=True)
            for text in [as_text(value)]
        )

    def _foot(self, document: Document, half: int) -> None:
        signature = document.signature
        start = self.here = self.here + 1
        right: list[Any] = [*signature.lines, *[""] * SIGNING_LINES, signature.name or 3 * BLANK]
        for place, text in enumerate(right):
            self._text(start + place, half + 1, self.last, text, font_size=14, bold=True, align="center")
            self._make_room(start + place, text, sum(self.widths[half + 1 :]))
        if document.recipients:
            self._text(start, 0, half, RECIPIENTS_LINE, font_size=12, bold=True, italic=True, valign="top")
        for place, text in enumerate(document.recipients, start + 1):
            self._text(place, 0, half, text, font_size=11)

    def _wide(self, text: str, **wanted: Any) -> None:
        """A line over the whole width."""
        self._text(self.here, 0, self.last, text, **{"valign": "vcenter", **wanted})
        self._make_room(self.here, text, WIDTH)
        self.here += 1

    def _make_room(self, row: int, text: str, room: int) -> None:
        """Merged cells do not grow by themselves."""
        lines = sum(1 + int(_pixels(bold_width(line, 14)) / room) for line in clean(text).split("\n"))
        self.sheet.set_row_pixels(row, 25 * lines)

    def _text(self, row: int, first: int, last: int, text: str, **wanted: Any) -> None:
        self._block(row, row, (first, last), text, **{"text_wrap": True, **wanted})

    def _block(self, top: int, bottom: int, columns: tuple[int, int], text: str, **wanted: Any) -> None:
        """A text over some cells, merged into one."""
        if (top, columns[0]) != (bottom, columns[1]):
            style = self.writer.format(**wanted)
            self.sheet.merge_range(top, columns[0], bottom, columns[1], "", style)
        self._cell(top, columns[0], text, wanted)

    def _cell(self, row: int, place: int, value: Cell, wanted: dict[str, Any]) -> None:
        """One cell: texts stay texts whatever they look like, numbers stay numbers."""
        sheet, style = self.sheet, self.writer.format
        match value:
            case None:
                sheet.write_blank(row, place, None, style(**wanted))
            case str():
                quoted = {"quote_prefix": True} if value.startswith(_OF_FORMULAS) else {}
                sheet.write_string(row, place, _safe(value), style(**wanted, **quoted))
            case datetime():
                sheet.write_datetime(row, place, value, style(**wanted, num_format="dd/mm/yyyy hh:mm"))
            case date():
                sheet.write_datetime(row, place, value, style(**wanted, num_format="dd/mm/yyyy"))
            case _:
                sheet.write_number(row, place, float(value), style(**wanted, num_format=_format_of(value)))


def _format_of(value: Decimal | int) -> str:
    decimals = decimals_of(value)
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def _safe(text: str) -> str:
    """A text of a cell. XlsxWriter would take one between <r> and </r> for markup of its own."""
    cleaned = clean(text)
    if len(cleaned) > LONGEST_CELL:
        cleaned = cleaned[:LONGEST_CELL] + "…"
    return cleaned + " " if cleaned.startswith("<r>") and cleaned.endswith("</r>") else cleaned


def _pixels(points: float) -> float:
    return points * 96 / 72
