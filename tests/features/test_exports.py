"""Sheets as officials print them: Word files and workbooks in the layout of Decree 30/2020/NĐ-CP."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from lxml import etree
from python_calamine import CalamineWorkbook

from app.features.exports.mapping import period_text
from app.infra.official.document import Column, Document, Letterhead, Row, Table
from app.infra.official.text import as_text
from app.infra.official.word import make_word
from app.models import FindingRow
from tests.clients import make_client
from tests.conftest import Client, open_client
from tests.features.test_scores import move, score, send, sheet, start_round

Export = Callable[..., Any]
FORMULA = '=HYPERLINK("https://evil.example","Bấm vào đây")'
HOSTILE = "</w:t></w:r> & <r><t>x</t></r> ]]> \ufffe\uffff _x0041_ 𝄞"
MARKUP = "<r><t>x</r>"
MY_XUYEN = "/v1/rounds/six-areas-my-xuyen-2021/units/94.my-xuyen/sheet"
TEXTS = {
    "number": "12/BC-UBND",
    "place": "Mỹ Xuyên",
    "signed_on": "2022-02-05",
    "position": "Chủ tịch",
    "signer": "Nguyễn Văn A",
    "issuer": "Ủy ban nhân dân huyện Mỹ Xuyên",
    "superior": "",
}


def export(client: Client, url: str, format_: str, **texts: str) -> bytes:
    answer = client.get(url, params={"format": format_, **texts})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "private, no-cache"
    return answer.content


def word(client: Client, url: str, **texts: str) -> Any:
    return docx.Document(io.BytesIO(export(client, url, "docx", **texts)))


def workbook(client: Client, url: str, **texts: str) -> dict[str, list[list[Any]]]:
    """Sheet name -> its rows."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(export(client, url, "xlsx", **texts)))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def well_formed(file: bytes) -> dict[str, Any]:
    """Every part of an Office file, parsed by a strict reader."""
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        return {name: etree.fromstring(parts.read(name)) for name in parts.namelist()}


def scores_in_word(document: Any) -> dict[str, list[str]]:
    """Code -> the other cells; the total is under ''."""
    rows = [[cell.text for cell in row.cells] for row in document.tables[1].rows]
    assert rows[0][3:8] == ["Các bước chấm điểm"] * 5
    assert rows[1] == [
        "Mã",
        "Tiêu chí",
        "Điểm tối đa",
        "Tự chấm",
        "Thẩm định",
        "Giải trình",
        "Thẩm định lần 2",
        "Điều tra XHH / Số liệu",
        "Điểm được tính",
        "Lý do / tài liệu kiểm chứng",
    ]
    return {row[0]: row[1:] for row in rows[2:]}


def scores_in_workbook(rows: list[list[Any]]) -> dict[str, list[Any]]:
    """As `scores_in_word`."""
    first = next(place for place, row in enumerate(rows) if row[3] == "Tự chấm") + 1
    last = next(place for place, row in enumerate(rows) if row[1] == "Tổng cộng")
    return {row[0]: row[1:] for row in rows[first : last + 1]}


def all_text(document: Any) -> str:
    return "\n".join(node.text or "" for node in document.element.iter(qn("w:t")))


def comma(number: float | None) -> str:
    """With a decimal comma, as far as the numbers of these tests need it."""
    return "" if number is None else f"{number:g}".replace(".", ",")


def drive(client: Client, reason: str = "Thiếu kế hoạch", title: str = "Kế hoạch CCHC") -> str:
    """The sheet of unit 22 in a round with all stages, in final appraisal.

    1.1: 45 of 50, 40.25 with a reason, explained, then 41.5. 1.2: 10.5 of 20. 1.3: survey 9 of 12.
    1.4: 14/27 of 10 = 5.1852 (exactly 5.185185...). 2 (of 8): not applicable.
    """
    base = start_round(client, ["22", "24"], "self_assessment")
    document = {"title": title, "number": "5/KH-UBND", "issued_on": "2021-01-05", "issued_by": "UBND tỉnh"}
    own = score("22", "1.1", "self", 45, evidence=[document])
    assert send(client, base, own, score("22", "1.2", "self", 10.5)).status_code == 201
    move(client, "r", "appraisal")
    judged = [
        score("22", "1.1", "appraisal", 40.25, reason=reason),
        score("22", "1.3", "survey", 9),
        score("22", "2", "appraisal", not_applicable=True),
    ]
    assert send(client, base, *judged).status_code == 201
    move(client, "r", "explanation")
    explained = score("22", "1.1", "explanation", reason="Kế hoạch đã ban hành")
    assert send(client, base, explained).status_code == 201
    move(client, "r", "final_appraisal")
    assert send(client, base, score("22", "1.1", "final_appraisal", 41.5, reason="Chấp nhận")).is_success
    figures = {"numerator": 14, "denominator": 27, "source": "Sở Nội vụ"}
    assert client.put("/v1/units/22/measures/plan_tasks/2021", json=figures).is_success
    return f"{base}/units/22/sheet"


def test_every_stage_is_printed_beside_the_others(client: Client) -> None:
    url = drive(client)
    reasons = (
        "Tự chấm: Tài liệu: Kế hoạch CCHC số 5/KH-UBND ngày 05/01/2021 của UBND tỉnh\n"
        "Thẩm định: Thiếu kế hoạch\nThẩm định lần 2: Chấp nhận"
    )
    printed = scores_in_word(word(client, url))
    # 41.5 + 10.5 + 9 + 10 x 14/27 = 66.185185..., 66.19 in the 2 decimals of this criteria set
    assert printed["1"] == ["Lĩnh vực 1", "92", "", "", "", "", "", "66,19", ""]
    explained = "Kế hoạch đã ban hành"
    assert printed["1.1"] == [
        "Thẩm định",
        "50",
        "45",
        "40,25",
        explained,
        "41,5",
        "",
        "41,5",
        reasons,
    ]
    assert printed["1.2"] == ["Có bước", "20", "10,5", "", "", "", "", "10,5", ""]
    assert printed["1.3"] == ["Điều tra", "12", "", "", "", "", "9", "9", ""]
    assert printed["1.4"] == ["Số liệu", "10", "", "", "", "", "5,1852", "5,1852", ""]
    assert printed["2"] == ["Lĩnh vực 2", "8", "", "KĐG", "", "", "", "KĐG", ""]
    assert printed[""] == ["Tổng cộng", "92", "", "", "", "", "", "66,19", ""]

    sheets = workbook(client, url)
    assert list(sheets) == ["Phiếu", "Lịch sử"]
    written = scores_in_workbook(sheets["Phiếu"])
    assert written["1.1"] == ["Thẩm định", 50.0, 45.0, 40.25, explained, 41.5, "", 41.5, reasons]
    assert written["1.4"][-3:-1] == [5.1852, 5.1852]
    assert written["2"][-2] == "KĐG"
    assert written[""] == ["Tổng cộng", 92.0, "", "", "", "", "", 66.19, ""]
    index = client.get("/v1/rounds/r/indices/22").json()
    assert (index["points"], index["max_points"]) == (66.19, 92)


def test_the_history_is_a_sheet_of_the_workbook(client: Client) -> None:
    url = drive(client)
    items = client.get(url).json()["items"]
    title, heading, *rows = workbook(client, url)["Lịch sử"]
    assert title[0] == "Lịch sử chấm điểm"
    assert heading[2:] == [
        "Bước",
        "Điểm",
        "Lý do / tài liệu kiểm chứng",
        "Phiên bản",
        "Thời điểm ghi",
        "Người ghi",
    ]
    expected = [
        (item["code"], "KĐG" if entry["not_applicable"] else entry["points"] or "", entry["revision"])
        for item in items
        for entry in item["history"]
    ]
    assert [(row[0], row[3], row[5]) for row in rows] == expected
    assert [row[2] for row in rows[:4]] == ["Tự chấm", "Thẩm định", "Giải trình", "Thẩm định lần 2"]
    instants = [entry["recorded_at"] for item in items for entry in item["history"]]
    assert [f"{row[6]:%Y-%m-%dT%H:%M}" for row in rows] == [instant[:16] for instant in instants]
    assert {row[7] for row in rows} == {"admin"}


def test_a_real_sheet_says_what_the_json_says(examples: Client) -> None:
    items = examples.get(MY_XUYEN).json()["items"]
    printed = scores_in_word(word(examples, MY_XUYEN))
    written = scores_in_workbook(workbook(examples, MY_XUYEN)["Phiếu"])
    for item in items:
        found = item["points"] if item["counts"] else "chưa có điểm"
        shown = comma(found) if item["counts"] else found
        assert [printed[item["code"]][place] for place in (0, 1, 7)] == [
            item["name_vi"],
            comma(item["max_points"]),
            shown,
        ]
        assert [written[item["code"]][place] for place in (0, 1, 7)] == [
            item["name_vi"],
            item["max_points"],
            found,
        ]
    assert {item["counts"] for item in items} == {"statistic", None}
    index = examples.get("/v1/rounds/six-areas-my-xuyen-2021/indices/94.my-xuyen").json()
    for area in index["areas"]:
        waiting = area["open_points"] == area["max_points"]
        assert written[area["code"]][7] == ("chưa có điểm" if waiting else area["points"])
    assert written[""][1] == index["max_points"]
    assert written[""][7] == index["points"]


def test_the_page_is_laid_out_as_the_decree_asks(examples: Client) -> None:
    document = word(examples, MY_XUYEN)
    (section,) = document.sections
    assert [round(side.mm) for side in (section.page_width, section.page_height)] == [297, 210]
    assert 20 <= round(section.top_margin.mm) <= 25
    assert 20 <= round(section.bottom_margin.mm) <= 25
    assert 30 <= round(section.left_margin.mm) <= 35
    assert 15 <= round(section.right_margin.mm) <= 20
    normal = document.styles["Normal"]
    assert (normal.font.name, normal.font.size.pt) == ("Times New Roman", 13)
    assert str(normal.font.color.rgb) == "000000"
    fonts = {run.font.name for paragraph in document.paragraphs for run in paragraph.runs}
    assert fonts == {None}

    assert section.different_first_page_header_footer
    assert "PAGE" in section.header._element.xml
    heading = document.tables[1].rows[:2]
    assert all(row._tr.trPr.find(qn("w:tblHeader")) is not None for row in heading)

    left, right = document.tables[0].rows[0].cells
    superior, issuer, _ = left.paragraphs
    assert (superior.text, superior.runs[0].bold) == ("SÓC TRĂNG", None)
    assert (issuer.text, issuer.runs[0].bold) == ("UBND HUYỆN MỸ XUYÊN", True)
    nation, motto, _ = right.paragraphs
    assert (nation.text, nation.runs[0].bold) == ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", True)
    assert (motto.text, motto.runs[0].bold) == ("Độc lập - Tự do - Hạnh phúc", True)
    assert 12 <= nation.runs[0].font.size.pt <= 13 <= motto.runs[0].font.size.pt <= 14
    for cell in (left, right):
        assert cell.paragraphs[-1]._p.pPr.find(qn("w:pBdr")) is not None
    title = document.paragraphs[0]
    assert (title.text, title.runs[0].bold, title.alignment) == ("PHIẾU TỰ CHẤM ĐIỂM VÀ THẨM ĐỊNH", True, 1)
    assert document.core_properties.comments == ""


def test_what_is_not_known_stays_dotted(examples: Client) -> None:
    text = all_text(word(examples, MY_XUYEN))
    assert "Số: ……/BC-……" in text
    assert "……, ngày …… tháng …… năm ……" in text
    assert "Bản dự thảo, số liệu chưa phê duyệt" in text
    assert "Kỳ đánh giá: từ ngày 01/01/2021 đến ngày 30/09/2021" in text
    assert "Trạng thái: đang thẩm định" in text
    foot = word(examples, MY_XUYEN).tables[-1].rows[0].cells
    assert foot[0].text == "Nơi nhận:\n- Như trên;\n- Lưu: VT."
    assert foot[1].text.split() == ["……", "………………"]
    rows = workbook(examples, MY_XUYEN)["Phiếu"]
    written = {value for row in rows for value in row}
    assert {"Số: ……/BC-……", "SÓC TRĂNG", "Bản dự thảo, số liệu chưa phê duyệt"} <= written


def test_what_is_given_is_printed(examples: Client) -> None:
    document = word(examples, MY_XUYEN, **TEXTS)
    text = all_text(document)
    assert "Số: 12/BC-UBND" in text
    assert "Mỹ Xuyên, ngày 05 tháng 02 năm 2022" in text
    assert document.tables[0].rows[0].cells[0].paragraphs[0].text == "ỦY BAN NHÂN DÂN HUYỆN MỸ XUYÊN"
    assert document.tables[-1].rows[0].cells[1].text.split("\n")[::5] == ["CHỦ TỊCH", "Nguyễn Văn A"]
    written = {value for row in workbook(examples, MY_XUYEN, **TEXTS)["Phiếu"] for value in row}
    given = {"Số: 12/BC-UBND", "Mỹ Xuyên, ngày 05 tháng 02 năm 2022", "CHỦ TỊCH", "Nguyễn Văn A"}
    assert given | {"ỦY BAN NHÂN DÂN HUYỆN MỸ XUYÊN"} <= written
    too_long = examples.get(MY_XUYEN, params={"format": "docx", "signer": "x" * 201})
    assert (too_long.status_code, too_long.json()["errors"][0]["pointer"]) == (422, "/query/signer")


def test_a_published_sheet_is_no_draft(examples: Client) -> None:
    url = "/v1/rounds/par-province-2020/units/22/sheet"
    text = all_text(word(examples, url))
    assert "Bản dự thảo" not in text
    assert "đã công bố" in text
    # below the nation nothing stands above a province
    assert word(examples, url).tables[0].rows[0].cells[0].paragraphs[0].text == "QUẢNG NINH"


def test_a_correction_is_a_draft_again_and_shows_the_official_figure(client: Client) -> None:
    url = drive(client)
    move(client, "r", "approved", "published")
    assert "Bản dự thảo" not in all_text(word(client, url))
    to_correction = {"to": "correction", "reason": "Đính chính"}
    assert client.post("/v1/rounds/r/transitions", json=to_correction).is_success
    corrected = score("22", "1.1", "final", 42.25, reason="Kết luận thanh tra")
    assert send(client, "/v1/rounds/r", corrected).is_success
    document = word(client, url)
    assert "Bản dự thảo, số liệu chưa phê duyệt" in all_text(document)
    printed = scores_in_word(document)
    assert printed["1.1"][7] == "42,25"
    assert printed["1.1"][8].endswith("Kết quả: 42,25\nKết luận thanh tra")
    # 42.25 + 10.5 + 9 + 10 x 14/27
    assert printed[""][7] == "66,94"


def test_findings_stand_under_the_scores(examples: Client) -> None:
    with examples.app.state.database.write() as session:
        found = FindingRow(
            code="f-1",
            revision=1,
            jurisdiction_code="94",
            unit_code="94.my-xuyen",
            period="2021-01-01/2021-07-31",
            period_start=date(2021, 1, 1),
            period_end=date(2021, 7, 31),
            reform_area="procedures",
            items='["2.1"]',
            finding="Chưa cập nhật kịp thời TTHC",
            recommendation="+Cập nhật",
            due_on=date(2021, 8, 1),
            recorded_at=datetime(2021, 9, 1, tzinfo=UTC),
            recorded_by="test",
        )
        session.add(found)
    expected = [
        "f-1",
        "Cải cách thủ tục hành chính",
        "2.1",
        "Chưa cập nhật kịp thời TTHC",
        "+Cập nhật",
    ]
    document = word(examples, MY_XUYEN)
    assert "Kết luận, kiến nghị của đoàn kiểm tra" in all_text(document)
    row = [cell.text for cell in document.tables[2].rows[1].cells]
    assert row == [*expected, "01/08/2021", "Quá hạn"]
    sheets = workbook(examples, MY_XUYEN)
    assert list(sheets) == ["Phiếu", "Lịch sử", "Kết luận kiểm tra"]
    assert sheets["Kết luận kiểm tra"][2] == [*expected, date(2021, 8, 1), "Quá hạn"]


def test_no_text_becomes_a_formula_or_markup(client: Client) -> None:
    url = drive(client, reason=FORMULA, title=MARKUP)
    item = next(item for item in sheet(client, "/v1/rounds/r", "22")["items"] if item["code"] == "1.1")
    assert item["stages"]["appraisal"]["reason"] == FORMULA
    texts = {"signer": MARKUP, "issuer": FORMULA, "place": HOSTILE, "position": "@SUM(1)"}
    parts = well_formed(export(client, url, "xlsx", **texts))
    assert not [name for name, part in parts.items() if list(part.iter("{*}f"))]
    sheets = workbook(client, url, **texts)
    written = {str(value).strip() for rows in sheets.values() for row in rows for value in row}
    assert {FORMULA, FORMULA.upper(), "@SUM(1)", MARKUP} <= written
    assert any(f"Thẩm định: {FORMULA}" in value for value in written)
    well_formed(export(client, url, "docx", **texts))
    document = word(client, url, signer=FORMULA, issuer=MARKUP, place=HOSTILE)
    assert f"Thẩm định: {FORMULA}" in all_text(document).replace("\n", " ")
    assert "</w:t></w:r> & <r><t>x</t></r> ]]>  _x0041_ 𝄞, ngày" in all_text(document)


@pytest.mark.parametrize("format_", ["docx", "xlsx"])
def test_characters_that_xml_cannot_hold_are_left_out(client: Client, format_: str) -> None:
    url = drive(client, reason=HOSTILE)
    reader: Export = word if format_ == "docx" else workbook
    opened = reader(client, url)
    cells = scores_in_word(opened)["1.1"] if format_ == "docx" else scores_in_workbook(opened["Phiếu"])["1.1"]
    assert "Thẩm định: </w:t></w:r> & <r><t>x</t></r> ]]>  _x0041_ 𝄞\n" in cells[-1]


def test_very_long_reasons_fit_into_a_cell(client: Client) -> None:
    base = start_round(client, ["22"], "self_assessment")
    documents = [
        {"title": f"{n:02}{'x' * 298}", "issued_by": "y" * 300, "number": "z" * 300} for n in range(50)
    ]
    assert send(client, base, score("22", "1.1", "self", 1, evidence=documents)).status_code == 201
    cell = scores_in_workbook(workbook(client, f"{base}/units/22/sheet")["Phiếu"])["1.1"][-1]
    assert cell.startswith("Tự chấm: Tài liệu: 00xxx")
    assert (cell[-1], len(cell) <= 32_767) == ("…", True)


def test_files_are_for_readers_of_the_sheet_alone(examples: Client, public: Client) -> None:
    url = "/v1/rounds/par-province-2020/units/22/sheet"
    for format_ in ("json", "xlsx", "docx"):
        assert public.get(url, params={"format": format_}).status_code == 401
        with open_client(examples.app, key=make_client(examples.app, ["scores:self@24"])) as other:
            refused = other.get(url, params={"format": format_})
            assert (refused.status_code, refused.json()["code"]) == (403, "outside_scope")
        with open_client(examples.app, key=make_client(examples.app, ["scores:self@22"])) as own:
            answer = own.get(url, params={"format": format_})
            assert answer.status_code == 200
            if format_ != "json":
                name = f"phieu-cham-diem_22_par-province-2020.{format_}"
                assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert examples.get(url, params={"format": "pdf"}).status_code == 422


def test_the_service_starts_without_the_libraries_of_office_files() -> None:
    check = "import app.main, sys; assert not {'docx', 'lxml', 'xlsxwriter'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True)  # noqa: S603


@pytest.mark.parametrize(
    ("on", "line"),
    [
        (date(2021, 3, 9), "Hà Nội, ngày 09 tháng 3 năm 2021"),
        (date(2021, 1, 31), "Hà Nội, ngày 31 tháng 01 năm 2021"),
        (date(2021, 12, 10), "Hà Nội, ngày 10 tháng 12 năm 2021"),
    ],
)
def test_days_below_10_and_the_months_1_and_2_carry_a_zero(on: date, line: str) -> None:
    assert Letterhead("Bộ Nội vụ", place="Hà Nội", signed_on=on).date_line == line


def test_periods_are_told_in_words() -> None:
    texts = ("2021", "2021-H2", "2021-Q3", "2021-09", "2021-01-01/2021-09-15")
    assert [period_text(text) for text in texts] == [
        "năm 2021",
        "6 tháng cuối năm 2021",
        "quý III năm 2021",
        "tháng 9 năm 2021",
        "từ ngày 01/01/2021 đến ngày 15/09/2021",
    ]


def test_other_documents_may_stand_upright_without_groups_of_columns() -> None:
    table = Table((Column("Chỉ tiêu", 3), Column("Số", 1, "right")), [Row(("Hồ sơ", 29818))], title="Biểu 1")
    report = Document(Letterhead("Bộ Nội vụ", number="1/BC-BNV"), "Báo cáo", "Năm 2021", [table])
    document = docx.Document(io.BytesIO(make_word(report)))
    assert round(document.sections[0].page_width.mm) == 210
    assert [[cell.text for cell in row.cells] for row in document.tables[1].rows] == [
        ["Chỉ tiêu", "Số"],
        ["Hồ sơ", "29.818"],
    ]
    assert as_text(date(2021, 12, 1)) == "01/12/2021"
