"""What an official document says, whatever file it becomes (Decree 30/2020/NĐ-CP, Annex I)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Literal

NATION_LINE = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
BLANK = "……"
"""What is not known stays dotted, to be filled in by hand."""
RECIPIENTS_LINE = "Nơi nhận:"
MEDIA_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Align = Literal["left", "center", "right"]
Cell = str | Decimal | int | date | datetime | None


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The head of a document. `number` and `signed_on` are None where they are not known yet."""

    issuer: str
    superior: str = ""
    number: str | None = None
    kind: str = "BC"
    """The abbreviation of the kind of document, in the number that is still to be given."""
    place: str | None = None
    signed_on: date | None = None

    @property
    def number_line(self) -> str:
        """`Số: 12/BC-UBND`."""
        return f"Số: {self.number or f'{BLANK}/{self.kind}-{BLANK}'}"

    @property
    def date_line(self) -> str:
        """Place and day; days below 10 and the months 1 and 2 carry a zero, as the decree asks."""
        place, on = self.place or BLANK, self.signed_on
        if on is None:
            return f"{place}, ngày {BLANK} tháng {BLANK} năm {BLANK}"
        month = f"{on.month:02}" if on.month <= 2 else str(on.month)
        return f"{place}, ngày {on.day:02} tháng {month} năm {on.year}"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs: on whose behalf (`TM. ỦY BAN NHÂN DÂN`), as what, and the full name."""

    authority: str | None = None
    position: str | None = None
    name: str | None = None

    @property
    def lines(self) -> list[str]:
        """Authority and position, in capitals."""
        return [line.upper() for line in (self.authority, self.position or BLANK) if line]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; neighbours of the same `group` stand under one heading. Widths weigh."""

    heading: str
    width: float
    align: Align = "left"
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells; a bold one heads or sums up others."""

    cells: Sequence[Cell]
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its heading repeated on every page; `title` stands above it, `notes` below.

    `name`: that of its sheet, where it has one of its own in a workbook.
    """

    columns: Sequence[Column]
    rows: Sequence[Row]
    title: str | None = None
    notes: Sequence[str] = ()
    name: str = "Bảng"

    @property
    def grouped(self) -> bool:
        """Whether the heading has two lines."""
        return any(column.group for column in self.columns)

    @property
    def spans(self) -> list[tuple[int, int, str | None]]:
        """(first column, last column, group) of the upper line of the heading; single columns have none."""
        found: list[tuple[int, int, str | None]] = []
        for group, members in groupby(enumerate(self.columns), key=lambda c: c[1].group):
            places = [place for place, _ in members]
            found += [(places[0], places[-1], group)] if group else [(p, p, None) for p in places]
        return found


@dataclass(frozen=True, slots=True)
class Document:
    """An official document. `status` says that it is not final yet.

    A workbook has the first table on the sheet of the document, every other one on a sheet of its own;
    `annexes` are for workbooks alone.
    """

    letterhead: Letterhead
    title: str
    summary: str
    tables: Sequence[Table]
    signature: Signature = Signature()
    recipients: Sequence[str] = ()
    lines: Sequence[str] = ()
    status: str | None = None
    landscape: bool = False
    annexes: Sequence[Table] = ()
