"""The five reports and the published dossiers come in as clerks send them, in spreadsheets, and give the
figures that tests/data says (sources there). Headings, letterheads and totals are a clerk's."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import yaml

from tests.conftest import Client

DATA = Path(__file__).parents[1] / "data"
REPORTS = yaml.safe_load((DATA / "published_reports.yaml").read_text(encoding="utf-8"))
DOSSIERS = yaml.safe_load((DATA / "published_dossiers.yaml").read_text(encoding="utf-8"))
UNITS: dict[str, tuple[str, str, str]] = {
    "02.vi-xuyen": ("UBND huyện Vị Xuyên", "district", "02"),
    "31.cau-tre": ("UBND phường Cầu Tre", "commune", "31"),
    "94.my-xuyen": ("UBND huyện Mỹ Xuyên", "district", "94"),
    "94.my-xuyen.cap-xa": ("Mỹ Xuyên - cấp xã", "other", "94.my-xuyen"),
    "51.minh-long": ("UBND huyện Minh Long", "district", "51"),
    "51.minh-long.cap-xa": ("Minh Long - cấp xã", "other", "51.minh-long"),
    "68.cap-huyen": ("Lâm Đồng - cấp huyện", "other", "68"),
    "68.cap-xa": ("Lâm Đồng - cấp xã", "other", "68"),
    "68.trung-tam-pvhcc": ("Trung tâm Phục vụ hành chính công tỉnh Lâm Đồng", "other", "68"),
    "68.da-lat": ("Thành phố Đà Lạt", "district", "68"),
    "68.da-lat.phuong-xa": ("Đà Lạt - phường, xã", "other", "68.da-lat"),
    "83.trung-tam-pvhcc": ("Trung tâm Phục vụ hành chính công tỉnh Bến Tre", "other", "83"),
}
GROUPS = (
    ("Số hồ sơ nhận giải quyết", "received", ("Tổng số", "")),
    ("Số hồ sơ nhận giải quyết", "received_online", ("Trong kỳ", "Trực tuyến")),
    ("Số hồ sơ nhận giải quyết", "received_direct", ("Trong kỳ", "Trực tiếp, dịch vụ bưu chính")),
    ("Số hồ sơ nhận giải quyết", "carried_over", ("Từ kỳ trước", "")),
    ("Số lượng hồ sơ đã giải quyết", "resolved", ("Tổng số", "")),
    ("Số lượng hồ sơ đã giải quyết", "resolved_early", ("Trước hạn", "")),
    ("Số lượng hồ sơ đã giải quyết", "resolved_on_time", ("Đúng hạn", "")),
    ("Số lượng hồ sơ đã giải quyết", "resolved_early_or_on_time", ("Trước và đúng hạn", "")),
    ("Số lượng hồ sơ đã giải quyết", "resolved_overdue", ("Quá hạn", "")),
    ("Số lượng hồ sơ đang giải quyết", "pending", ("Tổng số", "")),
    ("Số lượng hồ sơ đang giải quyết", "pending_in_time", ("Trong hạn", "")),
    ("Số lượng hồ sơ đang giải quyết", "pending_overdue", ("Quá hạn", "")),
)
"""Form II.06a: group, column, the two rows below the group."""
Counts = Mapping[str, int]


def pointed(number: int) -> str:
    """1.234.567, as it is written in Vietnam."""
    return f"{number:,}".replace(",", ".")


def days(period: str) -> str:
    """Kỳ báo cáo: ... (Từ ngày ... đến ngày ...)."""
    start, _, end = period.partition("--")
    start, end = ("2023-01-01", "2023-06-30") if period == "2023-H1" else (start, end)
    return f"Từ ngày {'/'.join(reversed(start.split('-')))} đến ngày {'/'.join(reversed(end.split('-')))}"


def form(unit: str, period: str, counts: Counts) -> bytes:
    """The printed form II.06a of one unit, with those of its columns that the report has."""
    columns = [column for column in GROUPS if column[1] in counts]
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet("II.06a")
    for row, text in enumerate(
        ("Biểu số II.06a/VPCP/KSTT", "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT TTHC TẠI CƠ QUAN, ĐƠN VỊ TRỰC TIẾP GIẢI "
         "QUYẾT TTHC", f"({days(period)})", f"- Đơn vị báo cáo: {unit}", "- Đơn vị nhận báo cáo: Sở Nội vụ",
         "Đơn vị tính: Số hồ sơ TTHC")
    ):  # fmt: skip
        sheet.write_string(row, 0 if row != 1 else 2, text)
    sheet.merge_range(7, 0, 9, 0, "STT")
    sheet.merge_range(7, 1, 9, 1, "Lĩnh vực giải quyết")
    _heading(sheet, columns)
    for place in range(len(columns) + 2):
        sheet.write_string(10, place, f"({place + 1})")
    sheet.write_string(11, 1, "Tổng số")
    for place, (_, column, _) in enumerate(columns):
        sheet.write_number(11, place + 2, counts[column])
    sheet.write_string(14, 1, "Người lập biểu")
    sheet.write_string(14, 4, "Thủ trưởng đơn vị")
    book.close()
    return file.getvalue()


def _heading(sheet: Any, columns: Sequence[tuple[str, str, tuple[str, str]]]) -> None:
    """Three rows: groups over parts over parts of parts, merged as they are printed."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for place, (group, _, (middle, low)) in enumerate(columns, start=2):
        first.setdefault(group, place)
        last[group] = place
        if low:
            sheet.write_string(8, place, middle)
            sheet.write_string(9, place, low)
        else:
            sheet.merge_range(8, place, 9, place, middle)
    for group, start in first.items():
        if last[group] > start:
            sheet.merge_range(7, start, 7, last[group], group)
        else:
            sheet.write_string(7, start, group)


HEADINGS = {
    "unit": "Mã đơn vị", "name": "Tên đơn vị", "period": "Kỳ báo cáo", "scope": "Phạm vi",
    "carried_over": "Kỳ trước chuyển qua", "received": "Tổng số hồ sơ tiếp nhận",
    "resolved_early": "Trước hạn",
    "resolved_on_time": "Đúng hạn", "resolved_early_or_on_time": "Trước và đúng hạn",
    "resolved_overdue": "Giải quyết quá hạn", "resolved": "Tổng số đã giải quyết",
    "pending_in_time": "Đang giải quyết trong hạn", "pending_overdue": "Đang giải quyết quá hạn",
    "pending": "Tổng số đang giải quyết", "source": "Nguồn số liệu", "note": "Ghi chú",
}  # fmt: skip


def by_unit(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """A table of many units: titles, one heading, numbers with points as texts, a total row, a signature."""
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet("Tổng hợp")
    sheet.merge_range(0, 0, 0, 12, "TỔNG HỢP KẾT QUẢ GIẢI QUYẾT HỒ SƠ THỦ TỤC HÀNH CHÍNH")
    sheet.merge_range(1, 0, 1, 12, "(Kèm theo Báo cáo của Văn phòng UBND tỉnh)")
    for place, heading in enumerate(HEADINGS.values()):
        sheet.write_string(3, place, heading)
    for number, row in enumerate(rows, start=4):
        said = {"unit": row["unit"], "name": "", "period": row["period"].replace("--", "/"),
                "scope": row["scope"], "source": row["source"], "note": row["name"]}  # fmt: skip
        for place, name in enumerate(HEADINGS):
            if name in row["counts"]:
                sheet.write_string(number, place, pointed(row["counts"][name]))
            elif said.get(name):
                sheet.write_string(number, place, said[name])
    sheet.write_string(len(rows) + 4, 0, "Tổng cộng")
    place = list(HEADINGS).index("received")
    sheet.write_string(len(rows) + 4, place, pointed(sum(row["counts"].get("received", 0) for row in rows)))
    sheet.write_string(len(rows) + 6, 1, "Người lập biểu")
    book.close()
    return file.getvalue()


def put_units(client: Client) -> None:
    for code, (name, kind, parent) in UNITS.items():
        unit = {"name_vi": name, "kind": kind, "parent_code": parent}
        body = unit | {"valid_from": "2012-01-01", "valid_to": "2025-06-30"}
        assert client.put(f"/v1/units/{code}", json=body).status_code == 201


def bring_in(
    client: Client, name: str, content: bytes, rows: int, kind: str = "dossier-statistics", **options: str
) -> dict[str, Any]:
    """Rehearse, look, commit; the report. Nothing is rejected, and every row is new."""
    files = {"file": (name, content, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")}
    answer = client.post("/v1/imports", params={"kind": kind, **options}, files=files)
    assert answer.status_code == 201, answer.text
    report: dict[str, Any] = answer.json()
    told = client.get(f"/v1/imports/{report['id']}/rows").json()["items"]
    assert report["counts"] == {"inserted": rows, "updated": 0, "unchanged": 0, "rejected": 0}, (report, told)
    committed = client.post(f"/v1/imports/{report['id']}/commit")
    assert (committed.status_code, committed.json()["progress"]["rows_committed"]) == (200, rows)
    return report


PARTS: dict[str, Sequence[tuple[str, str, Counts]]] = {
    "94.my-xuyen": (
        ("94.my-xuyen", "own", {"received": 5937, "resolved": 5937, "resolved_early_or_on_time": 5937,
                                "resolved_overdue": 0}),
        ("94.my-xuyen.cap-xa", "own", {"received": 29818, "resolved": 29818,
                                       "resolved_early_or_on_time": 29818, "resolved_overdue": 0}),
    ),
    "51.minh-long": (("51.minh-long", "own", {"received": 395}),
                    ("51.minh-long.cap-xa", "own", {"received": 1963})),
}  # fmt: skip
"""Reports that tell the district and its communes apart (tests/data/published_reports.yaml says the sums)."""
WITH_DOSSIERS = [report for report in REPORTS if "dossiers" in report]


@pytest.mark.parametrize("report", [pytest.param(each, id=each["unit"]) for each in WITH_DOSSIERS])
def test_a_report_comes_in_on_the_printed_form(client: Client, report: dict[str, Any]) -> None:
    put_units(client)
    whole = [(report["unit"], "total", report["dossiers"]["counts"])]
    for unit, scope, counts in PARTS.get(report["unit"], whole):
        content = form(UNITS[unit][0], report["period"], counts)
        found = bring_in(client, "II.06a.xlsx", content, 1, scope=scope, source=report["source"])
        assert [*found["columns"]] == ["procedure_field", *(c for _, c, _ in GROUPS if c in counts)]
        assert found["unknown_columns"] == []
    url = f"/v1/units/{report['unit']}/dossier-statistics/{report['period']}?rollup=true"
    answer = client.get(url).json()
    assert answer["counts"] == report["dossiers"]["counts"]
    for name, value in report["dossiers"].get("rates", {}).items():
        assert answer["rates"][name] == value, name
    for name, value in report["dossiers"].get("derived", {}).items():
        assert answer["derived"][name] == value, name


def test_the_published_dossiers_come_in_as_one_table(client: Client) -> None:
    """Kept as printed; every difference is told, in the report and with the figure."""
    put_units(client)
    report = bring_in(client, "tong-hop.xlsx", by_unit(DOSSIERS), len(DOSSIERS))
    assert report["totals_left_out"] == 1
    assert report["unknown_columns"] == ["Ghi chú"]
    expected: dict[str, int] = {}
    for row in DOSSIERS:
        for code in {code for code, _, _ in row["warnings"]}:
            expected[code] = expected.get(code, 0) + 1
    for row in DOSSIERS:
        url = f"/v1/units/{row['unit']}/dossier-statistics/{row['period']}"
        body = client.get(url, params={"scope": row["scope"]}).json()
        assert body["counts"] == row["counts"], row["name"]
        assert body["source"] == row["source"]
        assert {name: body["rates"][name] for name in row["rates"]} == row["rates"], row["name"]
        found = [(warning["code"], warning["columns"]) for warning in body["warnings"]]
        assert found == [(code, columns) for code, columns, _ in row["warnings"]], row["name"]
        for warning, (_, _, difference) in zip(body["warnings"], row["warnings"], strict=True):
            assert f"(difference {difference})" in warning["message"]
    told = {warning["code"] for warning in report["warnings"]}
    assert told == {*expected}
    lam_dong = client.get("/v1/units/68/dossier-statistics/2019-12-01--2020-02-29?rollup=true").json()
    assert lam_dong["counts"]["received"] == 54_575 + 340_060 + 264_610 == 659_245


def of_measures(reports: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> bytes:
    """One table of all measures of some reports by their names, percentages as they are printed (10,89 %)."""
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet("Chỉ tiêu")
    sheet.merge_range(0, 0, 0, 8, "KẾT QUẢ THỰC HIỆN CÁC CHỈ TIÊU CẢI CÁCH HÀNH CHÍNH")
    heading = ("TT", "Mã đơn vị", "Kỳ báo cáo", "Chỉ tiêu", "Đã hoàn thành", "Kế hoạch", "Giá trị",
               "Tỷ lệ (%)", "Nguồn số liệu")  # fmt: skip
    for place, text in enumerate(heading):
        sheet.write_string(2, place, text)
    listed = [(report, code) for report in reports for code in report["measures"]]
    for number, (report, code) in enumerate(listed, start=1):
        said = report["measures"][code]
        head = (number, report["unit"], report["period"].replace("--", "/"), names[code])
        printed = (
            "" if "percent" not in said or "numerator" in said else f"{said['percent']} %".replace(".", ",")
        )
        numbers = (said.get("numerator"), said.get("denominator"), said.get("value"))
        for place, value in enumerate((*head, *numbers, printed, report["source"])):
            sheet.write(number + 2, place, value)
    sheet.write_string(len(listed) + 5, 1, "Người lập biểu")
    book.close()
    return file.getvalue()


def measure_names(client: Client) -> dict[str, str]:
    catalogue = client.get("/v1/measures", params={"limit": 200}).json()["items"]
    return {entry["code"]: entry["name_vi"] for entry in catalogue}


def test_the_measures_of_the_five_reports_come_in_as_one_table(client: Client) -> None:
    """14/27 is 51.85 %, 14/19 is 73.68 %, 15/28 is 53.57 %; a percentage alone stays as printed."""
    put_units(client)
    rows = sum(len(report["measures"]) for report in REPORTS)
    found = bring_in(client, "chi-tieu.xlsx", of_measures(REPORTS, measure_names(client)), rows, "measures")
    assert (rows, found["unknown_columns"]) == (23, [])
    for report in REPORTS:
        for measure, expected in report["measures"].items():
            url = f"/v1/units/{report['unit']}/measures/{measure}/{report['period']}"
            for query in ("", "?rollup=true"):
                answer = client.get(url + query).json()
                forms = ("numerator", "denominator", "value", "percent")
                assert {form: answer[form] for form in forms} == dict.fromkeys(forms) | expected, measure
            assert client.get(url).json()["source"] == report["source"]


@pytest.mark.parametrize(
    ("unit", "points", "open_points"), [("31.cau-tre", 36.11, 58), ("94.my-xuyen", 30.56, 65)]
)
def test_what_clerks_bring_in_is_scored(client: Client, unit: str, points: float, open_points: float) -> None:
    """A round over two tables alone, of dossiers and of measures: plan tasks 14/27 x 6 = 3.11 points in Cầu
    Tre, 14/19 x 6 = 4.42 in Mỹ Xuyên; test_published.py adds up the others."""
    put_units(client)
    report = next(report for report in REPORTS if report["unit"] == unit)
    group = {"group": "all", "units": [unit]}
    round_ = {"title_vi": "Sáu nội dung", "framework": "six-areas@2021", "participants": [group]}
    round_["period"] = report["period"].replace("--", "/")
    assert client.put("/v1/rounds/six", json=round_).status_code == 201
    for state in ("self_assessment", "appraisal"):
        assert client.post("/v1/rounds/six/transitions", json={"to": state}).status_code == 200
    content = form(UNITS[unit][0], report["period"], report["dossiers"]["counts"])
    bring_in(client, "II.06a.xlsx", content, 1, scope="total", source=report["source"])
    bring_in(
        client,
        "chi-tieu.xlsx",
        of_measures([report], measure_names(client)),
        len(report["measures"]),
        "measures",
    )
    index = client.get(f"/v1/rounds/six/indices/{unit}").json()
    assert (index["points"], index["open_points"]) == (points, open_points)
