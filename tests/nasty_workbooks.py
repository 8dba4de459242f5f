"""Nasty workbooks, and what is called one."""

import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter

from tests.nasty_parts import BODY, GOOD, HEADING, MEGABYTE, PLAIN, Nasty, Refused, Rows, adder
from tests.workbooks import SHEET, Formatted, Formula, replaced, sheet_of, write

WORKBOOKS: list[Nasty] = []
nasty = adder(WORKBOOKS)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CELLS: dict[tuple[int, int], Any] = {
    **{(0, column): text for column, text in enumerate(HEADING.split(","))},
    **{(1, column): value for column, value in enumerate(("22", "2021-09", 1234, 1000))},
    **{(2, column): value for column, value in enumerate(("24", "2021-09", 56, 56))},
}


def book(cells: Mapping[tuple[int, int], Any] = CELLS, **sheets: Mapping[tuple[int, int], Any]) -> bytes:
    """A workbook whose first sheet has some cells."""
    return write({"Số liệu": cells, **sheets})


def drawn(draw: Callable[[Any, Any], None], options: Mapping[str, Any] | None = None) -> bytes:
    """A workbook on which more has been done than writing cells."""
    file = BytesIO()
    workbook = xlsxwriter.Workbook(file, {"in_memory": True, **(options or {})})
    sheet = workbook.add_worksheet("Số liệu")
    for at, value in CELLS.items():
        sheet.write(*at, value)
    draw(workbook, sheet)
    workbook.close()
    return file.getvalue()


def with_sheet(rows: bytes) -> bytes:
    """A workbook whose first sheet is written by hand."""
    return replaced(book(), {SHEET: sheet_of(rows)})


def with_parts(content: bytes, **parts: bytes) -> bytes:
    """A workbook with more in its zip file."""
    file = BytesIO(content)
    with ZipFile(file, "a", ZIP_DEFLATED) as target:
        for name, part in parts.items():
            target.writestr(name, part)
    return file.getvalue()


def zip_of(**parts: bytes) -> bytes:
    """A zip file of some parts."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as target:
        for name, part in parts.items():
            target.writestr(name, part)
    return file.getvalue()


def inline(*rows: Sequence[str]) -> bytes:
    """Rows of a sheet with texts in the cells themselves."""
    return b"".join(
        b"<row>"
        + b"".join(b'<c t="inlineStr"><is><t>' + cell.encode() + b"</t></is></c>" for cell in row)
        + b"</row>"
        for row in rows
    )


TABLE_INLINE = inline(HEADING.split(","), *(line.split(",") for line in BODY.split()))


def _hidden(workbook: Any) -> None:
    """A draft that nobody is to see."""
    sheet = workbook.add_worksheet("Nháp")
    for at, value in CELLS.items():
        sheet.write(*at, value)
    sheet.hide()


# not what the name says
nasty("pdf.xlsx", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", Refused("file_is_no_table"))
nasty("xls.xlsx", OLE + b"\0" * 4096, Refused("xlsx_old_format"))
nasty(
    "password.xlsx",
    OLE + "EncryptedPackage".encode("utf-16-le").ljust(4096, b"\0"),
    Refused("xlsx_old_format"),
)
nasty("html.xls", b"<html><table><tr><td>22</td></tr></table></html>", Refused("file_is_no_table"))
nasty("csv.xlsx", PLAIN.encode(), Rows(GOOD))
nasty("xlsx.csv", book(), Rows(GOOD))
nasty("png.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, Refused("file_is_no_table"))
nasty("zip.xlsx", zip_of(**{"bao-cao.csv": PLAIN.encode()}), Refused("xlsx_not_a_workbook"))
nasty("docx.xlsx", zip_of(**{"word/document.xml": b"<w/>"}), Refused("xlsx_not_a_workbook"))
nasty("truncated.xlsx", book()[:-600], Refused("xlsx_damaged"))
nasty("damaged.xlsx", replaced(book(), {SHEET: b"<worksheet><sheetData><row"}), Refused("xlsx_damaged"))

# workbooks
nasty("numbers-as-text.xlsx", book({**CELLS, (1, 2): "1.234", (2, 2): "'56"}), Rows(GOOD))
nasty(
    "dates-as-text.xlsx",
    book({**CELLS, (1, 2): "01/02/2021"}),
    Rows([(2, "22", "2021-09", "cell_no_count", 1000), GOOD[1]]),
)
nasty(
    "number-became-date.xlsx",
    book({**CELLS, (1, 2): date(2021, 2, 1)}),
    Rows([(2, "22", "2021-09", "number_is_day", 1000), GOOD[1]]),
)
nasty(
    "months-as-dates.xlsx",
    book({**CELLS, (1, 1): Formatted(44440, "mm/yyyy"), (2, 1): Formatted(44440, "mmm-yy")}),
    Rows(GOOD),
)
nasty(
    "percent.xlsx",
    book({**CELLS, (1, 3): Formatted(0.5, "0%")}),
    Rows([(2, "22", "2021-09", 1234, "cell_no_count"), GOOD[1]]),
)
nasty(
    "formulas.xlsx",
    book({**CELLS, (1, 2): Formula("=1000+234", 1234), (2, 3): Formula("='[other.xlsx]A'!A1", 56)}),
    Rows(GOOD),
)
nasty(
    "formula-not-computed.xlsx",
    with_sheet(
        TABLE_INLINE[: -len(b"</row>")] + b'</row><row><c t="inlineStr"><is><t>25</t></is></c>'
        b'<c t="inlineStr"><is><t>2021-09</t></is></c><c><f>SUM(C2:C3)</f><v></v></c><c><f>1+1</f></c></row>'
    ),
    Rows([*GOOD, (4, "25", "2021-09", "formula_not_computed", "formula_not_computed")]),
)
nasty(
    "error-cells.xlsx",
    book({**CELLS, (1, 2): Formula("=1/0", "#DIV/0!"), (2, 3): Formula("=#REF!", "#REF!")}),
    Rows([(2, "22", "2021-09", "cell_shows_error", 1000), (3, "24", "2021-09", 56, "cell_shows_error")]),
)
nasty("merged-period.xlsx", drawn(lambda _, sheet: sheet.merge_range("B2:B3", "2021-09")), Rows(GOOD))
nasty(
    "merged-counts.xlsx",
    drawn(lambda _, sheet: sheet.merge_range("C2:C3", 1290)),
    Rows([(2, "22", "2021-09", "cell_merged", 1000), (3, "24", "2021-09", "cell_merged", 56)]),
)
nasty("hidden-sheet.xlsx", drawn(lambda book, _: _hidden(book)), Rows(GOOD, remarks=("sheet_hidden",)))
nasty(
    "hidden-row.xlsx",
    drawn(lambda _, sheet: sheet.set_row(1, None, None, {"hidden": True})),
    Rows(GOOD, remarks=("rows_hidden",)),
)
nasty(
    "hidden-column.xlsx",
    drawn(lambda _, sheet: sheet.set_column("C:C", 9, None, {"hidden": True})),
    Rows(GOOD, remarks=("columns_hidden",)),
)
nasty("two-sheets.xlsx", book(CELLS, Khác=CELLS, Bìa={(0, 0): "Bìa"}), Rows([*GOOD, *GOOD]))
nasty("macros.xlsm", with_parts(book(), **{"xl/vbaProject.bin": OLE + b"\0" * 100}), Rows(GOOD))
nasty(
    "external-links.xlsx",
    with_parts(book(), **{"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}),
    Rows(GOOD),
)
nasty(
    "path-traversal.xlsx",
    with_parts(book(), **{"../../../../tmp/parindex-escaped": b"x", "/etc/parindex": b"x"}),
    Rows(GOOD),
)
nasty(
    "far-corner.xlsx",
    with_sheet(TABLE_INLINE + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    Refused("sheet_too_wide", cell="XFD1048576"),
)
nasty(
    "painted-to-the-end.xlsx",
    with_sheet(TABLE_INLINE + b'<row r="1048576"><c r="XFD1048576" s="0"/></row>'),
    Rows(GOOD),
)
nasty(
    "300000-empty-rows.xlsx",
    lambda: with_sheet(
        TABLE_INLINE
        + b"".join(f'<row r="{number}" s="0" spans="1:4"/>'.encode() for number in range(4, 300_004))
    ),
    Rows(GOOD),
)
nasty(
    "zip-bomb.xlsx",
    lambda: with_sheet(TABLE_INLINE + b" " * 60 * MEGABYTE),
    Refused("xlsx_unpacks_too_large"),
)
nasty(
    "styles-bomb.xlsx",
    lambda: replaced(book(), {"xl/styles.xml": b"<styleSheet>" + b" " * 30 * MEGABYTE + b"</styleSheet>"}),
    Refused("xlsx_unpacks_too_large"),
)
nasty(
    "endless-cell.xlsx",
    lambda: with_sheet(
        TABLE_INLINE + b'<row><c t="inlineStr"><is><t>' + b"x" * 9 * MEGABYTE + b"</t></is></c></row>"
    ),
    Refused("workbook_too_much_text"),
)
nasty(
    "shared-bomb.xlsx",
    lambda: replaced(
        book(), {"xl/sharedStrings.xml": b"<sst><si><t>" + b"x" * 9 * MEGABYTE + b"</t></si></sst>" * 2}
    ),
    Refused("workbook_too_much_text"),
)
nasty(
    "endless-tag.xlsx",
    lambda: with_sheet(
        TABLE_INLINE
        + b'<row a="'
        + b"".join(struct.pack(">I", n * 2654435761 % 2**32).hex().encode() for n in range(600_000))
        + b'"/>'
    ),
    Refused("xlsx_damaged"),
)
nasty(
    "billion-laughs.xlsx",
    replaced(
        book(), {SHEET: b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + sheet_of(TABLE_INLINE)}
    ),
    Refused("xlsx_damaged"),
)
nasty(
    "xml-from-outside.xlsx",
    replaced(book(), {SHEET: b'<!DOCTYPE a SYSTEM "file:///etc/passwd">' + sheet_of(TABLE_INLINE)}),
    Refused("xlsx_damaged"),
)
nasty(
    "merged-everywhere.xlsx",
    lambda: replaced(
        book(),
        {
            SHEET: sheet_of(TABLE_INLINE).replace(
                b"</sheetData>",
                b"</sheetData><mergeCells>"
                + b"".join(b'<mergeCell ref="A1:B%d"/>' % number for number in range(9, 2009))
                + b"</mergeCells>",
            )
        },
    ),
    Refused("xlsx_damaged"),
)
