"""Files on disk as records: the form as it is printed, workbooks cell by cell, lists read in bits."""

import json
import tracemalloc
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from app.core.errors import Fault
from app.core.intake.cells import Broken, Cell, Merged, Percentage, text_of
from app.core.intake.letterhead import Letterhead
from app.features.imports.mapping.cells import stored_cells
from app.features.imports.mapping.dossiers import read_dossier
from app.features.imports.mapping.records import Notes, Record, read_records
from app.features.imports.schemas import ImportOptions
from app.infra.errors import AppError
from app.infra.spreadsheets.limits import Limits
from app.infra.spreadsheets.streaming import SheetRow, stream_rows
from app.infra.tables import read_table
from tests.workbooks import SHEET, Formatted, Formula, part_of, replaced, sheet_of, write

KIND = "dossier-statistics"
MEGABYTE = 1_000_000
FIGURES = [
    "received",
    "received_online",
    "received_direct",
    "carried_over",
    "resolved",
    "resolved_early",
    "resolved_on_time",
    "resolved_overdue",
    "pending",
    "pending_in_time",
    "pending_overdue",
]
# TT, field, then the eleven counts; the identities of the form hold
LAND = [1, "Đất đai", 60, 20, 35, 5, 55, 35, 19, 1, 5, 5, 0]
CIVIL = [2, "Hộ tịch", 30, 10, 15, 5, 25, 15, 9, 1, 5, 4, 1]
OF_DISTRICTS = [1, "Hộ tịch", 10, 0, 10, 0, 10, 10, 0, 0, 0, 0, 0]
PROVINCE = ["I", "TTHC cấp tỉnh", 90, 30, 50, 10, 80, 50, 28, 2, 10, 9, 1]
DISTRICTS = ["II", "Cấp huyện", 10, 0, 10, 0, 10, 10, 0, 0, 0, 0, 0]
TOTAL = [100, 30, 60, 10, 90, 60, 28, 2, 10, 9, 1]


def printed_form(path: Path, rows: Sequence[Sequence[Any]], second: str) -> None:
    """Form II.06a with its letterhead, three rows of merged headings, numbers of columns and signatures."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("II.06a")
    sheet.write("A1", "Biểu số II.06a/VPCP/KSTT")
    sheet.write("J1", "- Đơn vị báo cáo: Sở Tư pháp\n- Đơn vị nhận báo cáo: UBND tỉnh")
    sheet.merge_range("D2:H2", "Kỳ báo cáo: Quý III/2021")
    sheet.merge_range("D3:H3", "(Từ ngày 15/6/2021 đến ngày 14/9/2021)")
    sheet.write("K4", "Đơn vị tính: Số hồ sơ TTHC.")
    merged = {
        "A5:A7": "TT", "B5:B7": second, "C5:F5": "Số hồ sơ nhận giải quyết",
        "G5:J5": "Số lượng hồ sơ đã giải quyết", "K5:M5": "Số lượng hồ sơ đang giải quyết",
        "C6:C7": "Tổng số", "D6:E6": "Trong kỳ", "F6:F7": "Từ kỳ trước", "G6:G7": "Tổng số",
        "H6:H7": "Trước hạn", "I6:I7": "Đúng hạn", "J6:J7": "Quá hạn", "K6:K7": "Tổng số",
        "L6:L7": "Trong hạn", "M6:M7": "Quá hạn",
    }  # fmt: skip
    for cells, text in merged.items():
        sheet.merge_range(cells, text)
    sheet.write("D7", "Trực tuyến")
    sheet.write("E7", "Trực tiếp, dịch vụ bưu chính")
    sheet.write_row("A8", ["(1)", "(2)", "(3)=(4)+(5)+(6)", *(f"({number})" for number in range(4, 14))])
    for number, row in enumerate(rows, start=9):
        sheet.write_row(f"A{number}", row)
    below = 9 + len(rows)
    sheet.merge_range(f"A{below}:B{below}", "TỔNG SỐ")
    sheet.write_row(f"C{below}", TOTAL)
    sheet.write(f"J{below + 2}", "Hà Giang, ngày 15 tháng 9 năm 2021")
    sheet.write_row(f"B{below + 3}", ["NGƯỜI LẬP BIỂU", *[None] * 7, "THỦ TRƯỞNG ĐƠN VỊ"])
    sheet.write(f"B{below + 6}", "Nguyễn Văn A")
    book.close()


def figures(row: Sequence[Any]) -> dict[str, Any]:
    """The counts of a row by their names."""
    return dict(zip(FIGURES, row[-len(FIGURES) :], strict=True))


def read(path: Path, kind: str = KIND) -> tuple[list[Record], Notes]:
    """The records of a file, and what is said of it."""
    notes = Notes()
    return list(read_records(read_table(path), kind, notes)), notes


def csv_of(path: Path, text: str) -> Path:
    """A file of comma-separated lines."""
    path.write_text(text, encoding="utf-8")
    return path


def test_the_printed_form_counts_one_unit_by_level_and_field(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    heading = "Lĩnh vực, công việc giải quyết theo cấp"
    printed_form(path, [PROVINCE, LAND, CIVIL, DISTRICTS, OF_DISTRICTS], heading)
    records, notes = read(path)
    assert [(record.number, dict(record.values)) for record in records] == [
        (10, {"procedure_field": "tinh.dat-dai", **figures(LAND)}),
        (11, {"procedure_field": "tinh.ho-tich", **figures(CIVIL)}),
        (13, {"procedure_field": "huyen.ho-tich", **figures(OF_DISTRICTS)}),
        (14, {"procedure_field": "", **figures(TOTAL)}),
    ]
    head = Letterhead("2021-Q3", date(2021, 6, 15), date(2021, 9, 14), "Sở Tư pháp")
    assert all(record.head == head and not record.faults for record in records)
    assert (notes.totals, notes.unknown) == (2, [])
    assert [remark.code for remark in notes.remarks] == ["letterhead_read"]


def test_the_printed_form_with_one_row_a_unit(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    rows = [
        [1, "Sở Tư pháp", *LAND[2:]],
        [2, "UBND xã A", *CIVIL[2:]],
        [3, "Công an tỉnh", *OF_DISTRICTS[2:]],
    ]
    printed_form(path, rows, "Đơn vị")
    records, notes = read(path)
    assert [(record.number, dict(record.values)) for record in records] == [
        (number, {"unit_name": row[1], **figures(row)}) for number, row in enumerate(rows, start=9)
    ]
    assert (records[0].columns["received"], records[0].columns["pending_overdue"]) == ("C", "M")
    assert notes.totals == 1


def test_rows_given_back_say_the_same_when_they_come_again(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    printed_form(path, [PROVINCE, LAND, CIVIL, DISTRICTS, OF_DISTRICTS], "Lĩnh vực giải quyết")
    records, notes = read(path)
    book = xlsxwriter.Workbook(tmp_path / "again.xlsx")
    sheet = book.add_worksheet()
    (headings,) = notes.rows.values()
    sheet.write_row(0, 0, ["Lỗi", *(heading.text for heading in headings)])
    for number, record in enumerate(records, start=1):
        sheet.write_row(number, 0, ["ô C9: ...", *record.row])
    book.close()
    again, notes_again = read(tmp_path / "again.xlsx")
    assert [record.values for record in again] == [record.values for record in records]
    assert [record.row for record in again] == [record.row for record in records]
    assert ([*notes_again.rows.values()], notes_again.unknown) == ([headings], [])


def rows_of(content: bytes, limits: Limits | None = None) -> list[SheetRow | Fault]:
    """What a workbook streams."""
    return list(stream_rows(BytesIO(content), *([limits] if limits else [])))


def cells_of(content: bytes) -> list[Cell]:
    """The cells of the one row of a workbook."""
    (row,) = rows_of(content)
    assert isinstance(row, SheetRow)
    return row.cells


def test_cells_of_a_workbook_as_excel_shows_them() -> None:
    cells: Mapping[tuple[int, int], Any] = {
        (0, 0): 0.1 + 0.2,
        (0, 1): 1234,
        (0, 2): Formatted(0.6667, "0.00%"),
        (0, 3): date(2020, 12, 30),
        (0, 4): Formatted(44195.5, "dd/mm/yyyy hh:mm"),
        (0, 5): Formatted(44440, "mm/yyyy"),
        (0, 6): Formatted(44440, "yyyy"),
        (0, 7): True,
        (0, 8): Formula("=1/0", "#DIV/0!"),
        (0, 9): Formatted(12, '#,##0 "hồ sơ"'),
        (0, 10): "a_x000D_b",
    }
    assert cells_of(write({"A": cells})) == [
        Decimal("0.3"),
        1234,
        Percentage(Decimal("66.67")),
        date(2020, 12, 30),
        datetime(2020, 12, 30, 12),  # noqa: DTZ001
        "2021-09",
        "2021",
        True,
        Broken("#DIV/0!"),
        12,
        "a_x000D_b",
    ]


def test_days_of_a_workbook_that_counts_from_1904() -> None:
    content = write({"A": {(0, 0): date(2020, 12, 30)}})
    book = part_of(content, "xl/workbook.xml").replace(b"<workbookPr", b'<workbookPr date1904="1"')
    assert cells_of(replaced(content, {"xl/workbook.xml": book})) == [date(2024, 12, 31)]


def test_texts_without_how_they_are_spoken_and_cells_without_names() -> None:
    spoken = b"<x:c t='inlineStr'><x:is><x:t>A</x:t><x:rPh><x:t>a</x:t></x:rPh></x:is></x:c>"
    empty = b"<x:c/><x:c t='str'><x:f>\"\"</x:f><x:v></x:v></x:c>"
    row = b"<x:row>" + spoken + empty + b"<x:c><x:v>5</x:v></x:c></x:row>"
    sheet = sheet_of(row).replace(b"<worksheet ", b"<worksheet xmlns:x='urn:x' ")
    assert cells_of(replaced(write({"A": {(0, 0): 1}}), {SHEET: sheet})) == ["A", None, None, 5]


def test_merged_cells_are_marked_where_they_hold_and_where_they_reach(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "merged.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row("A1", ["Mã đơn vị", "Kỳ", "Tiếp nhận", "Đã giải quyết"])
    sheet.write_row("A2", ["22", "", 5, 4])
    sheet.write_row("A3", ["24", "", 6])
    sheet.merge_range("B2:B3", "2021-09")
    sheet.merge_range("C3:D3", 6)
    book.close()
    *_, last = [row for row in read_table(tmp_path / "merged.xlsx") if not isinstance(row, Fault)]
    assert last.cells == ["24", Merged("2021-09", False), Merged(6, True), Merged(None, False)]  # type: ignore[union-attr]
    records, _ = read(tmp_path / "merged.xlsx")
    assert [text_of(record.values["period"]) for record in records] == ["2021-09", "2021-09"]
    assert list(records[1].row) == ["24", "2021-09", "6 (ô gộp)", None]


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(rows=2), "workbook_too_many_rows"),
        (Limits(rows=3, area=5), "workbook_too_many_cells"),
        (Limits(rows=3, text=5), "workbook_too_much_text"),
        (Limits(columns=1), "sheet_too_wide"),
        (Limits(file_bytes=1000), "file_too_large"),
        (Limits(unpacked_bytes=1000), "xlsx_unpacks_too_large"),
    ],
)
def test_limits_of_workbooks(limits: Limits, code: str) -> None:
    content = write({"A": {(row, column): f"{row}{column}" for row in (0, 7, 99) for column in (0, 1)}})
    assert len(rows_of(content, Limits(rows=3, columns=2, area=6, text=200))) == 3
    with pytest.raises(AppError) as refused:
        rows_of(content, limits)
    assert code in {refused.value.code, *(fault.code for fault in refused.value.faults)}


def test_hidden_columns_are_named_as_they_are_hidden() -> None:
    hidden = b'<cols><col min="2" max="4" hidden="1"/><col min="6" max="6" hidden="1"/></cols><sheetData>'
    content = write({"A": {(0, column): column for column in range(7)}})
    sheet = part_of(content, SHEET).replace(b"<sheetData>", hidden)
    *_, remark = rows_of(replaced(content, {SHEET: sheet}))
    assert isinstance(remark, Fault)
    assert (remark.code, remark.params["columns"]) == ("columns_hidden", "B:D, F")


def test_sheets_without_a_table_are_named(tmp_path: Path) -> None:
    table = {(0, 0): "Mã đơn vị", (0, 1): "Tiếp nhận", (1, 0): "22", (1, 1): 5}
    path = tmp_path / "sheets.xlsx"
    path.write_bytes(write({"Bìa": {(0, 0): "Báo cáo"}, "1": table, "Ghi chú": {(0, 0): "x"}, "2": table}))
    records, notes = read(path)
    assert [(record.sheet, record.number) for record in records] == [("1", 2), ("2", 2)]
    assert notes.sheets_without_table == ["Bìa", "Ghi chú"]


def test_a_long_list_of_objects_is_read_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "long.json"
    name = "Sở Tư pháp ế" * 30
    with path.open("w", encoding="utf-8") as file:
        file.write('{"rows": [')
        for number in range(20_000):
            row = json.dumps({"unit_name": name, "received": number}, ensure_ascii=False)
            file.write(f"{',' if number else ''}\n {row}")
        file.write("]}")
    assert path.stat().st_size > 8 * MEGABYTE
    tracemalloc.start()
    try:
        count = 0
        for number, record in enumerate(read_records(read_table(path), KIND, Notes())):
            assert record.values == {"unit_name": name, "received": number}
            count += 1
        assert (count, tracemalloc.get_traced_memory()[1] < 2 * MEGABYTE) == (20_000, True)
    finally:
        tracemalloc.stop()


def test_members_in_lists_come_as_in_cells(tmp_path: Path) -> None:
    path = tmp_path / "units.json"
    path.write_text(json.dumps([{"code": "1", "name_vi": "A", "groups": ["so", "khoi-1"]}]), encoding="utf-8")
    records, _ = read(path, "units")
    assert records[0].values == {"code": "1", "name_vi": "A", "groups": "so, khoi-1"}


def test_a_table_of_units_and_fields(tmp_path: Path) -> None:
    text = "Mã đơn vị,Lĩnh vực,Kỳ,Tiếp nhận\n22,Đất đai,2021,5\n22,Tổng số,2021,9\nTổng cộng,,,9\n"
    records, notes = read(csv_of(tmp_path / "fields.csv", text))
    assert [(r.values["unit_code"], r.values["procedure_field"]) for r in records] == [
        ("22", "dat-dai"),
        ("22", ""),
    ]
    assert notes.totals == 1


def test_figures_below_signatures_are_not_lost(tmp_path: Path) -> None:
    text = "Mã đơn vị,Kỳ,Tiếp nhận\n22,2021,5\nGhi chú: tạm tính,,\n24,2021,7\nNgười lập,,\n"
    records, _ = read(csv_of(tmp_path / "notes.csv", text))
    assert [(record.number, record.values["received"]) for record in records] == [(2, "5"), (4, "7")]


def faults_of(record: Record) -> list[str]:
    """What is wrong with a record, and with the counts that it says."""
    return [fault.code for fault in read_dossier(record, ImportOptions(period="2021"), {})[1]]


def test_a_number_below_the_heading_quy_is_a_quarter(tmp_path: Path) -> None:
    text = "Mã đơn vị,Quý,Tiếp nhận\n22,3/2021,5\n"
    objects = '[{"ma_don_vi": "22", "quy": "3/2021", "tiep_nhan": 5}]'
    for path in (csv_of(tmp_path / "a.csv", text), csv_of(tmp_path / "a.json", objects)):
        said, faults = read_dossier(read(path)[0][0], ImportOptions(), {})
        assert (said["period"].text, faults) == ("2021-Q3", [])


@pytest.mark.parametrize(
    ("above", "cell", "option", "expected"),
    [
        ("Quý II/2021", "", "2021-Q3", ["period_differs"]),
        ("Quý II/2021", "", "2021-Q2", []),
        ("Quý II/2021", "", None, []),
        ("Quý II/2021", "", "2021-05", ["period_differs"]),
        ("Quý II/2021", "2021-05", None, []),
        ("Quý II/2021", "2021-07", None, ["period_differs"]),
        ("Quý II/2021", "2021", None, ["period_differs"]),
        ("Từ ngày 15/12/2020 đến ngày 14/6/2021", "", "2021-H1", []),
        ("Từ ngày 15/12/2020 đến ngày 14/6/2021", "", "2021-H2", ["period_differs"]),
        ("Lũy kế đến tháng 9/2021", "", None, ["period_missing"]),
    ],
)
def test_the_period_above_a_table_is_no_other_one(
    tmp_path: Path, above: str, cell: str, option: str | None, expected: list[str]
) -> None:
    path = csv_of(tmp_path / "a.csv", f"{above},,\nMã đơn vị,Kỳ,Tiếp nhận\n22,{cell},5\n")
    (record,) = read(path)[0]
    assert [fault.code for fault in read_dossier(record, ImportOptions(period=option), {})[1]] == expected


def test_merged_figures_given_back_stay_refused(tmp_path: Path) -> None:
    """Merged over two rows: neither may be accepted when the rows come again."""
    book = xlsxwriter.Workbook(tmp_path / "merged.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row("A1", ["Mã đơn vị", "Kỳ", "Tiếp nhận"])
    sheet.write_column("A2", ["22", "24"])
    sheet.write_column("B2", ["2021", "2021"])
    sheet.merge_range("C2:C3", 1290)
    book.close()
    records, _ = read(tmp_path / "merged.xlsx")
    assert [list(record.row) for record in records] == [
        ["22", "2021", "1290 (ô gộp)"],
        ["24", "2021", "1290 (ô gộp)"],
    ]
    text = "Mã đơn vị,Kỳ,Tiếp nhận\n22,2021,1290 (ô gộp)\n24,2021,1290 (ô gộp)\n"
    again, _ = read(csv_of(tmp_path / "again.csv", text))
    assert [faults_of(record) for record in again] == [["cell_no_count"], ["cell_no_count"]]


def test_true_is_no_number_when_it_comes_again(tmp_path: Path) -> None:
    (record,) = read(csv_of(tmp_path / "a.json", '[{"unit_code": "22", "received": true}]'))[0]
    (stored,) = [stored_cells(record.row)]
    assert (stored, faults_of(record)) == (["22", "TRUE"], ["cell_no_count"])


def test_each_sheet_keeps_its_headings(tmp_path: Path) -> None:
    """By hand: the second sheet has its columns the other way round."""
    first = {(0, 0): "Mã đơn vị", (0, 1): "Tiếp nhận", (1, 0): "22", (1, 1): 5}
    second = {(0, 0): "Đã giải quyết", (0, 1): "Mã đơn vị", (1, 0): 4, (1, 1): "24"}
    path = tmp_path / "sheets.xlsx"
    path.write_bytes(write({"A": first, "B": second}))
    records, notes = read(path)
    unit, received, resolved = (
        ("Mã đơn vị", "unit_code"),
        ("Tiếp nhận", "received"),
        ("Đã giải quyết", "resolved"),
    )
    assert notes.rows == {"A": [unit, received], "B": [resolved, unit]}
    assert [list(record.row) for record in records] == [["22", 5], [4, "24"]]


def test_a_field_that_is_no_name_does_not_stand_for_the_whole_unit(tmp_path: Path) -> None:
    unit_rows = "Mã đơn vị,Lĩnh vực,Tiếp nhận\n22,(Đất đai),5\n22,I.,6\n22,Đất đai,7\n22,,8\n"
    form = "TT,Lĩnh vực,Tiếp nhận\n1,(Đất đai),5\n2,V,6\n3,Hộ tịch,7\n,Tổng số,18\n"
    objects = '[{"linh_vuc": "V", "received": 1}, {"linh_vuc": null, "received": 2}]'
    unclear = ["procedure_field_unclear"]
    for text, expected in ((unit_rows, [unclear, unclear, [], []]), (form, [unclear, unclear, [], []])):
        assert [faults_of(record) for record in read(csv_of(tmp_path / "a.csv", text))[0]] == expected
    assert [faults_of(record) for record in read(csv_of(tmp_path / "a.json", objects))[0]] == [unclear, []]


def test_a_row_of_the_form_that_names_no_field_is_no_total(tmp_path: Path) -> None:
    text = "TT,Lĩnh vực,Tiếp nhận\n1,Đất đai,5\n2,,7\n,Tổng số,12\n"
    records, _ = read(csv_of(tmp_path / "form.csv", text))
    assert [[fault.code for fault in record.faults] for record in records] == [
        [],
        ["field_of_row_missing"],
        [],
    ]
    assert [record.values["procedure_field"] for record in records] == ["dat-dai", None, ""]
