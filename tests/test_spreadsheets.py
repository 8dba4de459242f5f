"""Workbooks from outside: what is refused before it is read, and how cells are understood."""

import resource
import struct
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from app.infra.errors import AppError
from app.infra.problems import FaultError
from app.infra.spreadsheets.cells import Broken, Percentage, cell_name
from app.infra.spreadsheets.limits import Limits
from app.infra.spreadsheets.reading import read_sheets
from app.infra.spreadsheets.values import day_of, number_of, percent_of, text_of
from tests.workbooks import SHEET, Formatted, Formula, part_of, position, replaced, sheet_of, write

PLAIN = write({"Tiêu chí": {(0, 0): "Mã"}, "Trống": {}})
ONE = b'<row r="1"><c r="A1"><v>1</v></c></row>'
RELATIONS = "xl/_rels/workbook.xml.rels"
MEGABYTE = 1_000_000


def refusal(content: bytes, limits: Limits | None = None) -> tuple[str, tuple[str, str] | None]:
    """Code and place of what is wrong with a file."""
    with pytest.raises(AppError) as refused:
        read_sheets(content, limits)
    (fault,) = refused.value.faults or [None]
    return (fault.code, fault.place) if fault else (refused.value.code, None)


def with_sheet(rows: bytes, **parts: bytes) -> bytes:
    """A workbook whose first sheet has some rows."""
    return replaced(PLAIN, {SHEET: sheet_of(rows), **parts})


def with_stated_size(content: bytes, name: str, size: int) -> bytes:
    """A zip file that lies about how large one of its parts is."""
    lying = bytearray(content)
    start = content.rindex(name.encode()) - 46
    assert content[start : start + 4] == b"PK\x01\x02"
    lying[start + 24 : start + 28] = struct.pack("<I", size)
    return bytes(lying)


def zip_of(**parts: str) -> bytes:
    """A zip file that is no workbook."""
    file = BytesIO()
    with ZipFile(file, "w") as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return file.getvalue()


NO_WORKBOOKS: list[tuple[bytes, str]] = [
    (b"", "xlsx_not_a_workbook"),
    (b"Ma;Ten\n1;A\n", "xlsx_not_a_workbook"),
    (b"%PDF-1.7\n", "xlsx_not_a_workbook"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "xlsx_old_format"),
    (zip_of(content="<office/>"), "xlsx_not_a_workbook"),
    (PLAIN[:600], "xlsx_damaged"),
    (PLAIN[:-40], "xlsx_damaged"),
    (with_sheet(b"<row>"), "xlsx_damaged"),
    (with_sheet(b'<row><c t="s"><v>99</v></c></row>'), "xlsx_damaged"),
    (with_sheet(b'<row><c r="AAAA1"><v>1</v></c></row>'), "xlsx_damaged"),
    (replaced(PLAIN, {"xl/styles.xml": b"\xff\xfe<\0a\0/\0>\0"}), "xlsx_damaged"),
]


def test_what_is_no_workbook_is_refused_whatever_its_name() -> None:
    for content, code in NO_WORKBOOKS:
        assert refusal(content) == (code, None), (content[:30], code)


def test_a_file_over_the_limit_is_refused_unseen() -> None:
    assert refusal(b"PK\x03\x04" + b"\0" * 50 * MEGABYTE) == ("file_too_large", None)
    assert refusal(PLAIN, Limits(file_bytes=len(PLAIN) - 1)) == ("file_too_large", None)
    assert len(read_sheets(PLAIN, Limits(file_bytes=len(PLAIN)))) == 2


@pytest.fixture
def little_memory() -> Callable[[], int]:
    """How many bytes more than at the start this process has ever held."""
    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return lambda: (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start) * 1024


def test_bombs_are_refused_before_they_go_off(little_memory: Callable[[], int]) -> None:
    bomb = with_sheet(b" " * 60 * MEGABYTE)
    assert len(bomb) < MEGABYTE / 10
    before = little_memory()
    assert refusal(bomb) == ("xlsx_unpacks_too_large", None)
    assert refusal(with_stated_size(bomb, SHEET, 1000)) == ("xlsx_damaged", None)
    entities = b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + sheet_of(ONE)
    assert refusal(replaced(PLAIN, {SHEET: entities})) == ("xlsx_damaged", None)
    twice = part_of(PLAIN, RELATIONS).replace(b"sheet2.xml", b"sheet1.xml")
    assert refusal(replaced(PLAIN, {RELATIONS: twice})) == ("xlsx_damaged", None)
    shared = b"<sst><si><t>" + b"x" * 30_000 + b"</t></si></sst>"
    many = b'<row><c t="s"><v>0</v></c></row>' * 1000
    echoed = with_sheet(many, **{"xl/sharedStrings.xml": shared})
    assert refusal(echoed) == ("sheet_too_much_text", ("Tiêu chí", "A1"))
    assert little_memory() - before < 40 * MEGABYTE


def test_sheets_that_reach_too_far(little_memory: Callable[[], int]) -> None:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert refusal(with_sheet(ONE + far)) == ("sheet_too_long", ("Tiêu chí", "XFD1048576"))
    assert refusal(with_sheet(b"<row><c><v>1</v></c></row>" * 200_000)) == (
        "sheet_too_long",
        ("Tiêu chí", "A20001"),
    )
    wide = b'<row><c r="CW1"><v>1</v></c></row>'
    assert refusal(with_sheet(wide)) == ("sheet_too_wide", ("Tiêu chí", "CW1"))
    corner = b'<row r="19000"><c r="CV19000"><v>1</v></c></row>'
    assert refusal(with_sheet(ONE + corner)) == ("sheet_too_large", ("Tiêu chí", "A1"))
    assert refusal(with_sheet(b"<c/>" * 1_600_000))[0] == "sheet_too_large"
    assert little_memory() < 60 * MEGABYTE
    painted = b'<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    (sheet, _) = read_sheets(with_sheet(ONE + painted))
    assert sheet.rows == [[Decimal(1)]]
    stated = sheet_of(ONE).replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
    (sheet, _) = read_sheets(replaced(PLAIN, {SHEET: stated}))
    assert sheet.rows == [[Decimal(1)]]


def test_cells_are_read_exactly() -> None:
    cells: dict[tuple[int, int], Any] = {
        (0, 0): 0.1,
        (0, 1): 87.61,
        (0, 2): 99_999.9999,
        (0, 3): Formula("=0.1+0.2", 0.1 + 0.2),
        (1, 0): Formatted(0.7, "0%"),
        (1, 1): Formatted(0.6667, "0.00%"),
        (1, 2): Formatted(70, '0" %"'),
        (1, 3): Formula("=1/0", "#DIV/0!"),
        (2, 0): date(2020, 12, 30),
        (2, 1): " Tên\n=1+1 ",
        (2, 2): True,
    }
    ((name, rows),) = [(sheet.name, sheet.rows) for sheet in read_sheets(write({"Số": cells}))]
    assert (name, rows) == (
        "Số",
        [
            [Decimal("0.1"), Decimal("87.61"), Decimal("99999.9999"), Decimal("0.3")],
            [Percentage(Decimal(70)), Percentage(Decimal("66.67")), Decimal(70), Broken()],
            [date(2020, 12, 30), " Tên\n=1+1 ", True, None],
        ],
    )


def test_names_of_cells() -> None:
    for name in ("A1", "Z9", "AA10", "AZ1", "BA1", "ZZ2", "AAA3", "XFD1048576"):
        assert cell_name(*position(name)) == name


def code_of(read: Callable[[Any], object], value: object) -> str:
    """The code of what is wrong with a value."""
    with pytest.raises(FaultError) as refused:
        read(value)
    return refused.value.fault.code


def test_numbers_as_officials_write_them() -> None:
    for text, number in [
        ("0,25", "0.25"),
        (" 14,5 ", "14.5"),
        ("0.25", "0.25"),
        ("0.125", "0.125"),
        ("7", "7"),
    ]:
        assert number_of(text) == Decimal(number)
    assert (number_of("1,125"), number_of("12.50"), number_of("−1")) == (
        Decimal("1.125"),
        Decimal("12.5"),
        -1,
    )
    for text in ("1.234", "12.500", "999.000"):  # a thousand, or one and a bit
        assert code_of(number_of, text) == "number_unclear"
    for text in ("", "mười", "1 000", "1.234,5", "1e3", "NaN", "٣", "5 điểm"):
        assert code_of(number_of, text) == "cell_not_a_number", text
    assert code_of(number_of, date(2024, 5, 1)) == "number_became_date"  # 1.5, typed in a Vietnamese Excel
    assert code_of(number_of, Percentage(Decimal(70))) == "cell_is_percentage"
    assert code_of(number_of, True) == "cell_not_a_number"
    assert code_of(number_of, Broken()) == "cell_broken"


def test_percentages_are_never_shares() -> None:
    for value, percent in [
        (Decimal(70), 70),
        ("70", 70),
        ("70 %", 70),
        ("70%", 70),
        (Percentage(Decimal(70)), 70),
    ]:
        assert percent_of(value) == percent
    assert (percent_of(Decimal(0)), percent_of("0,7"), percent_of("1 %")) == (0, Decimal("0.7"), 1)
    for share in (Decimal("0.7"), Decimal(1)):  # what Excel keeps of 70 % and of 100 %
        assert code_of(percent_of, share) == "percent_or_share"


def test_days_and_texts() -> None:
    for text in ("30/12/2020", "30-12-2020", "2020-12-30", " 30/12/2020 "):
        assert day_of(text) == date(2020, 12, 30)
    for value in ("12/30/2020", "30/12/20", "2020", "31/02/2020", Decimal(44195), True):
        assert code_of(day_of, value) == "cell_not_a_day"
    assert (text_of("1.10"), text_of(Decimal(2020))) == ("1.10", "2020")
    for value in (Decimal("1.1"), date(2024, 1, 1), True):  # 1.1 may have been 1.10
        assert code_of(text_of, value) == "cell_not_text"
