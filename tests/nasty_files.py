"""Files as clerks, programs and attackers send them: each is read rightly, or refused for a reason.

Every file says the same two rows where nothing else is expected: unit 22 with 1,234 dossiers received and
1,000 resolved in September 2021, and unit 24 with 56 and 56. `expected` is either `Rows` or `Refused`.
"""

import codecs
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter

from tests.workbooks import SHEET, Formatted, Formula, replaced, sheet_of, write

Said = int | str | None
Row = tuple[int, str, str, Said, Said]
"""Number of the row in the file, unit, period, received, resolved; a text is the code of what is wrong."""


class Rows(NamedTuple):
    """What is read, what is wrong with rows as such {number: codes}, and what is remarked of the file."""

    rows: Sequence[Row]
    faults: Mapping[int, Sequence[str]] = {}
    remarks: Sequence[str] = ()
    totals: int = 0


class Refused(NamedTuple):
    """The code, and the line where it breaks, or the cell of a workbook."""

    code: str
    line: int | None = None
    cell: str | None = None


class Nasty(NamedTuple):
    """A file to be written into a folder under its name."""

    name: str
    write: Callable[[Path], Path]
    kind: str
    expected: Rows | Refused


HEADING = "Mã đơn vị,Kỳ báo cáo,Tiếp nhận,Đã giải quyết"
BODY = "22,2021-09,1234,1000\n24,2021-09,56,56\n"
PLAIN = f"{HEADING}\n{BODY}"
GOOD: list[Row] = [(2, "22", "2021-09", 1234, 1000), (3, "24", "2021-09", 56, 56)]
CELLS: dict[tuple[int, int], Any] = {
    **{(0, column): text for column, text in enumerate(HEADING.split(","))},
    **{(1, column): value for column, value in enumerate(("22", "2021-09", 1234, 1000))},
    **{(2, column): value for column, value in enumerate(("24", "2021-09", 56, 56))},
}
OBJECTS = [
    {"unit_code": "22", "period": "2021-09", "received": 1234, "resolved": 1000},
    {"unit_code": "24", "period": "2021-09", "received": 56, "resolved": 56},
]
OF_OBJECTS: list[Row] = [(number - 1, *rest) for number, *rest in GOOD]  # type: ignore[misc]
MEGABYTE = 1_000_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
KIND = "dossier-statistics"

NASTY: list[Nasty] = []


def nasty(name: str, content: bytes | Callable[[], bytes], expected: Rows | Refused) -> None:
    """Add a file to the gallery; what is large is made when it is written."""

    def write_file(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content())
        return path

    NASTY.append(Nasty(name, write_file, KIND, expected))


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


# encodings
nasty("bom.csv", codecs.BOM_UTF8 + PLAIN.encode(), Rows(GOOD))
nasty("utf-16.csv", PLAIN.replace(",", "\t").encode("utf-16"), Rows(GOOD))
nasty("utf-16-no-bom.csv", PLAIN.encode("utf-16-le"), Refused("file_holds_nul"))
WINDOWS_1258 = (
    "Ma\u0303 đơn vi\u0323,Ky\u0300 báo cáo,Tiê\u0301p nhâ\u0323n,Đa\u0303 gia\u0309i quyê\u0301t\n"
)
nasty("windows-1258.csv", (WINDOWS_1258 + BODY).encode("cp1258"), Refused("file_not_utf8", 1))
TCVN3 = f"M· ®¬n vÞ,Kú b¸o c¸o,TiÕp nhËn,§· gi¶i quyÕt\n{BODY}"
"""As a program shows it that does not know the font."""
nasty("tcvn3.csv", TCVN3.encode("latin-1"), Refused("file_not_utf8", 1))
nasty("tcvn3-as-utf8.csv", TCVN3.encode(), Refused("text_in_old_font"))
nasty(
    "vni-as-utf8.csv",
    f"Maõ ñôn vò,Kyø baùo caùo,Tieáp nhaän,Ñaõ giaûi quyeát\n{BODY}".encode(),
    Refused("text_in_old_font"),
)
nasty("utf-7.csv", PLAIN.encode("utf-7"), Refused("text_in_old_font"))
nasty("mojibake.csv", PLAIN.encode().decode("cp1252", "ignore").encode(), Refused("text_in_old_font"))
nasty("one-bad-byte.csv", PLAIN.encode() + b"25,2021-09,\xff,1\n", Refused("file_not_utf8", 4))
nasty("ascii.csv", f"Ma don vi,Ky bao cao,Tiep nhan,Da giai quyet\n{BODY}".encode("cp1252"), Rows(GOOD))

# separators, quotes, line ends
nasty("semicolons.csv", PLAIN.replace(",", ";").encode(), Rows(GOOD))
nasty("tabs.txt", PLAIN.replace(",", "\t").encode(), Rows(GOOD))
nasty("sep-line.csv", f"sep=|\r\n{PLAIN.replace(',', '|')}".encode(), Rows(GOOD))
nasty(
    "decimal-commas.csv",
    PLAIN.replace(",", ";").replace("1234;1000", "1234,0;1000,5").encode(),
    Rows([(2, "22", "2021-09", 1234, "count_not_whole"), GOOD[1]]),
)
nasty("thousands.csv", PLAIN.replace(",", ";").replace("1234;1000", "1.234;1 000").encode(), Rows(GOOD))
nasty("thousands-in-quotes.csv", PLAIN.replace("1234,1000", '"1,234","1,000"').encode(), Rows(GOOD))
nasty(
    "commas-not-quoted.csv",
    PLAIN.replace("1234,1000", "1,234,1,000").encode(),
    Rows([(2, "22", "2021-09", 1, 234), GOOD[1]], {2: ["cell_under_no_heading"] * 2}),
)
nasty("apostrophes.csv", PLAIN.replace("22,", "'22,").replace("1234", "'1234").encode(), Rows(GOOD))
nasty(
    "negative.csv",
    PLAIN.replace("1234", "-1234").encode(),
    Rows([(2, "22", "2021-09", "count_negative", 1000), GOOD[1]]),
)
nasty("carriage-returns.csv", PLAIN.replace("\n", "\r").encode(), Rows(GOOD))
nasty("line-break-in-cell.csv", PLAIN.replace("Tiếp nhận", '"Tiếp\nnhận"').encode(), Rows(GOOD))
nasty(
    "blank-tail.csv",
    f"{PLAIN.replace(chr(10), ',,,' + chr(10))}{',,,,,,' + chr(10)}".encode() + b"\n" * 1000,
    Rows(GOOD),
)
nasty(
    "quote-not-closed.csv",
    PLAIN.replace("22,", '"22,').encode() + BODY.encode() * 50_000,
    Refused("quote_not_closed", 2),
)
nasty(
    "quote-closed-by-another.csv",
    f'{HEADING}\n"22,2021-09,1,1\n24,2021-09,1,1\n"25",2021-09,1,1\n'.encode(),
    Refused("quote_not_closed", 2),
)
nasty("endless-line.csv", lambda: PLAIN.encode() + b"1" * 20 * MEGABYTE, Refused("line_too_long", 4))
nasty("endless-line-alone.csv", lambda: b"1;" * 5 * MEGABYTE, Refused("line_too_long", 1))
nasty(
    "endless-cell.csv", lambda: PLAIN.encode() + b"25,2021-09," + b"1" * 200_000, Refused("cell_too_long", 4)
)
nasty("nul-bytes.csv", PLAIN.encode() + b"25,2021-09,\0\0,1\n", Refused("file_holds_nul"))
nasty(
    "nul-bytes-late.csv",
    lambda: PLAIN.encode() + b"\n" * 70_000 + b"25,2021-09,\0\0,1\n",
    Refused("file_holds_nul"),
)
nasty("lone-heading.csv", f"{HEADING}\n".encode(), Refused("table_without_rows"))
nasty("no-heading.csv", BODY.encode(), Refused("headings_not_found"))
nasty(
    "heading-twice.csv",
    PLAIN.replace("Đã giải quyết", "Tổng tiếp nhận").encode(),
    Refused("heading_twice", 1),
)
SHORT = "Mã đơn vị,Tiếp nhận\n"
nasty(
    "heading-on-each-page.csv",
    f"{PLAIN}{HEADING}\n1,2,3,4\n{BODY}".encode(),
    Rows([*GOOD, (6, *GOOD[0][1:]), (7, *GOOD[1][1:])], remarks=("numbering_left_out",)),
)
nasty(
    "figures-like-column-numbers.csv",
    "Mã đơn vị,Tiếp nhận,Đã giải quyết\n01,2,3\n02,3,4\n".encode(),
    Rows([(2, "01", "", 2, 3), (3, "02", "", 3, 4)]),
)
nasty(
    "column-numbers.csv",
    "Mã đơn vị,Tiếp nhận,Đã giải quyết\n(1),(2),(3)\n1,2,3\n2,3,4\n".encode(),
    Rows([(3, "1", "", 2, 3), (4, "2", "", 3, 4)]),
)
nasty(
    "column-numbers-with-gaps.csv",
    "Mã đơn vị,Tiếp nhận,Đã giải quyết,Đang giải quyết\n1,2,3,\n".encode(),
    Rows([(2, "1", "", 2, 3)]),
)
nasty("other-heading-below.csv", f"{PLAIN}{SHORT}25,7\n".encode(), Refused("headings_differ", 4))
nasty("smaller-table-above.csv", f"{SHORT}25,7\n{PLAIN}".encode(), Refused("headings_differ", 3))
nasty("heading-below-figures.csv", f"{BODY}{PLAIN}".encode(), Refused("figures_above_heading", 1))
nasty(
    "letterhead-in-cells.csv",
    f"Đơn vị,Sở Tư pháp,Kỳ,2021-09\n{PLAIN}".encode(),
    Rows([(number + 1, *rest) for number, *rest in GOOD]),  # type: ignore[misc]
)
nasty(
    "late-of-what.csv",
    "Mã đơn vị,Kỳ,Đang giải quyết,Quá hạn\n22,2021-09,5,1\n".encode(),
    Refused("heading_unclear", 1),
)
nasty("empty.csv", b"", Refused("file_empty"))
nasty("spaces.csv", b"\xef\xbb\xbf \r\n\r\n", Refused("file_empty"))
nasty("duplicate-rows.csv", (PLAIN + BODY).encode(), Rows([*GOOD, (4, *GOOD[0][1:]), (5, *GOOD[1][1:])]))
nasty("total-rows.csv", f"{PLAIN}Tổng cộng,,1290,1056\nCộng các xã,,0,0\n".encode(), Rows(GOOD, totals=2))
nasty(
    "units-like-totals.csv",
    "Tên đơn vị,Kỳ,Tiếp nhận\nCông an tỉnh,2021-09,5\nTổng cục Thuế,2021-09,6\n".encode(),
    Rows([(2, "Công an tỉnh", "2021-09", 5, None), (3, "Tổng cục Thuế", "2021-09", 6, None)]),
)
nasty(
    "signatures.csv",
    (
        f',,UBND TỈNH,\n,,BÁO CÁO,\n{PLAIN},,"Hà Nội, ngày 5 tháng 10 năm 2021",\n'
        "Người lập biểu,,,Thủ trưởng\n,,,\nNguyễn Văn A,,,Trần B\n"
    ).encode(),
    Rows([(number + 2, *rest) for number, *rest in GOOD]),
)  # type: ignore[misc]
nasty(
    "errors-given-back.csv",
    "\n".join(
        f"{first},{rest}" for first, rest in zip(("Lỗi", "ô C2 sai", ""), PLAIN.splitlines(), strict=True)
    ).encode(),
    Rows(GOOD),
)

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


# JSON
LINES = "\n".join(json.dumps(row) for row in OBJECTS)
nasty("list.json", json.dumps(OBJECTS).encode(), Rows(OF_OBJECTS))
nasty(
    "rows.json",
    json.dumps({"about": {"x": [1]}, "rows": OBJECTS}).encode(),
    Rows(OF_OBJECTS, remarks=("json_member_unread",)),
)
nasty(
    "lines.ndjson",
    codecs.BOM_UTF8 + f"\r\n{LINES}\r\n\r\n".encode(),
    Rows([(n + 1, *rest) for n, *rest in OF_OBJECTS]),
)  # type: ignore[misc]
nasty("one.json", json.dumps(OBJECTS[0], indent=1).encode(), Rows(OF_OBJECTS[:1]))
nasty("list-as.csv", json.dumps(OBJECTS, indent=2).encode(), Rows(OF_OBJECTS))
nasty("nan.json", json.dumps(OBJECTS).replace("1234", "NaN").encode(), Refused("json_broken", 1))
nasty("infinity.ndjson", LINES.replace("56,", "-Infinity,").encode(), Refused("json_broken", 2))
nasty(
    "key-twice.json",
    json.dumps(OBJECTS).replace("resolved", "received").encode(),
    Refused("json_key_twice", 1),
)
nasty(
    "same-field-twice.json",
    json.dumps([{**OBJECTS[0], "tiep_nhan": 5}]).encode(),
    Rows([(1, "22", "2021-09", 5, 1000)], {1: ["field_in_two_members"]}),
)
nasty("deep.json", b'[{"unit_code": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]", Refused("json_too_deep", 1))
nasty(
    "nested.json",
    json.dumps([{**OBJECTS[0], "received": {"a": [1.5]}}]).encode(),
    Rows([(1, "22", "2021-09", "cell_no_count", 1000)]),
)
nasty(
    "huge-numbers.json",
    json.dumps(OBJECTS).replace("1234", "1e999999999").replace("1000", "9" * 4000).encode(),
    Rows([(1, "22", "2021-09", "cell_no_count", "count_too_large"), OF_OBJECTS[1]]),
)
nasty(
    "exact.json",
    json.dumps(OBJECTS).replace("1234", "1234.0").replace("1000", "1000.0000000000000000001").encode(),
    Rows([(1, "22", "2021-09", 1234, "count_not_whole"), OF_OBJECTS[1]]),
)
nasty("no-rows.json", b'{"rows": 5}', Refused("json_no_rows"))
nasty("no-objects.json", b"[1, 2]", Refused("json_row_no_object", 1))
nasty("empty-list.json", b"[]", Refused("file_empty"))
nasty("cut.json", json.dumps(OBJECTS).encode()[:-9], Refused("json_broken", 2))
nasty("more-behind.json", json.dumps(OBJECTS).encode() + b"]", Refused("json_broken", 2))
nasty("nul.json", json.dumps([{**OBJECTS[0], "source": "a\0b"}]).encode(), Refused("text_unstorable", 1))
nasty(
    "half-a-letter.json",
    json.dumps([{**OBJECTS[0], "source": "\ud800"}]).encode(),
    Refused("text_unstorable", 1),
)
nasty("utf-16.json", json.dumps(OBJECTS).encode("utf-16"), Refused("json_not_utf8"))
nasty("endless-string.json", lambda: b'[{"unit_code": "' + b"x" * 20 * MEGABYTE, Refused("line_too_long", 1))
nasty("other-names.json", b'[{"a": 1, "b": 2}]', Refused("headings_not_found"))
nasty(
    "many-members.ndjson",
    lambda: b"\n".join(json.dumps({**OBJECTS[0], f"x{n}": n}).encode() for n in range(2000)),
    Refused("too_many_columns", 497),
)
