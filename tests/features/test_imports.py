"""Files of figures: rehearsed, reported row by row, and committed whole or not at all."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlmodel import col, select

from app.features.imports.service import rehearsal
from app.features.imports.service.kinds.dossiers import DossierKind
from app.models import DossierStatisticRow, ImportLineRow
from tests.clients import make_client
from tests.conftest import Client, open_client
from tests.dossier_files import KIND, desk_of, put, send, stands, table
from tests.importing import commit, count, counted, rows, tamper, verify
from tests.nasty_files import NASTY
from tests.workbooks import write


def test_a_rehearsal_says_of_every_row_what_it_would_do_and_writes_nothing(client: Client) -> None:
    """By hand: Hà Nội (01) stands with other counts, Hà Giang (02) with the same, Cao Bằng (04) with none."""
    put(client, received=90, resolved=80)
    put(client, "02", received=7, resolved=7, resolved_overdue=0)
    content = table(
        "01,2021,100,80,", "02,2021,7,7,0", '04,2021,"1.200",1199,3', "99,2021,1,1,0", "06,2021,5,9,0"
    )
    report = send(client, content, file_name="../../Quý 3.csv")
    assert (report["kind"], report["state"], report["file_name"]) == (
        "dossier-statistics", "rehearsed", "Quý 3.csv",
    )  # fmt: skip
    assert report["counts"] == counted(inserted=1, updated=1, unchanged=1, rejected=2)
    assert report["columns"] == {
        "unit_code": "A", "period": "B", "received": "C", "resolved": "D", "resolved_overdue": "E"
    }  # fmt: skip
    assert report["size"] == len(content)
    assert (report["progress"]["rows_read"], report["progress"]["rows_valid"]) == (5, 3)
    assert (report["faults"], report["effects"], report["committed_at"]) == ([], [], None)
    updated, unchanged, inserted, unknown, larger = rows(client, report)
    where = {"sheet": None, "period": "2021", "scope": "own", "procedure_field": None, "errors": []}
    where |= {"measure": None, "item": None, "stage": None}
    assert updated == where | {
        "position": 1, "row": 2, "action": "updated", "unit": "01",
        "old": {"received": 90}, "new": {"received": 100},
    }  # fmt: skip
    assert unchanged == where | {
        "position": 2, "row": 3, "action": "unchanged", "unit": "02", "old": None, "new": None
    }  # fmt: skip
    new = {"received": 1200, "resolved": 1199, "resolved_overdue": 3}
    assert inserted == where | {
        "position": 3, "row": 4, "action": "inserted", "unit": "04", "old": None, "new": new
    }  # fmt: skip
    assert [(e["column"], e["field"], e["code"]) for e in unknown["errors"]] == [
        ("A", "unit_code", "unit_unknown")
    ]
    assert [(e["column"], e["field"], e["code"]) for e in larger["errors"]] == [
        ("D", "resolved", "part_larger_than_whole")
    ]
    assert [row["action"] for row in (unknown, larger)] == ["rejected", "rejected"]
    assert rows(client, report, action="rejected") == [unknown, larger]
    in_vietnamese = client.get(
        f"/v1/imports/{report['id']}/rows", params={"action": "rejected"}, headers={"Accept-Language": "vi"}
    ).json()["items"]
    assert in_vietnamese[0]["errors"][0]["message"].startswith("Không có đơn vị")
    assert count(client, DossierStatisticRow) == 2
    assert stands(client) == {"received": 90, "resolved": 80}


def test_rows_come_in_pages(client: Client) -> None:
    report = send(client, table(*(f"{unit},2021,{n},," for n, unit in enumerate(("01", "02", "04")))))
    path = f"/v1/imports/{report['id']}/rows"
    first = client.get(path, params={"limit": 2}).json()
    last = client.get(path, params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [row["unit"] for row in first["items"] + last["items"]] == ["01", "02", "04"]
    assert last["next_cursor"] is None
    assert client.get(path, params={"cursor": "x"}).status_code == 422


def test_a_commit_writes_exactly_what_was_rehearsed_once(client: Client) -> None:
    put(client, received=90)
    report = send(client, table("01,2021,100,80,2", "02,2021,7,7,0"), source="Báo cáo quý", scope="total")
    committed = commit(client, report)
    assert committed["progress"]["rows_committed"] == 2
    assert committed["committed_by"] == "admin"
    with client.app.state.database.read() as session:
        query = select(DossierStatisticRow).where(DossierStatisticRow.import_id == report["id"])
        written = session.exec(query.order_by(col(DossierStatisticRow.unit_code))).all()
    found = [(r.unit_code, r.scope, r.received, r.resolved, r.resolved_overdue, r.source) for r in written]
    assert found == [("01", "total", 100, 80, 2, "Báo cáo quý"), ("02", "total", 7, 7, 0, "Báo cáo quý")]
    assert [row.revision for row in written] == [2, 1]  # 01 had one already
    assert {row.recorded_by for row in written} == {"admin"}
    again = client.post(f"/v1/imports/{report['id']}/commit")
    assert (again.status_code, again.json()) == (200, committed)
    assert count(client, DossierStatisticRow) == 3
    assert verify(client).intact


def test_the_same_file_twice_is_unchanged_throughout(client: Client) -> None:
    content = table("01,2021,100,80,2", "02,2021,7,7,0", "04,2021-Q1,3,,")
    commit(client, send(client, content))
    report = send(client, content)
    assert report["counts"] == counted(unchanged=3)
    events = client.get("/v1/audit", params={"action": "dossier_statistics.import"}).json()["items"]
    commit(client, report)
    assert count(client, DossierStatisticRow) == 3
    assert client.get("/v1/audit", params={"action": "dossier_statistics.import"}).json()["items"] == events
    assert [(event["jurisdiction"], event["after"]["rows"]) for event in events] == [
        ("01", 1), ("02", 1), ("04", 1)
    ]  # fmt: skip


def test_a_commit_is_refused_where_something_else_was_written_since(client: Client) -> None:
    put(client, received=90)
    report = send(client, table("01,2021,100,80,2", "02,2021,7,7,0", "04,2021,5,5,0"))
    put(client, received=95)
    put(client, "04", received=5, resolved=5)
    put(client, "04", "2020", received=1)  # another period: no matter
    refused = client.post(f"/v1/imports/{report['id']}/commit")
    assert refused.status_code == 409
    problem = refused.json()
    assert problem["code"] == "import_outdated"
    assert "2 row(s)" in problem["detail"]
    assert [(e["pointer"], e["message"]) for e in problem["errors"]] == [
        ("/rows/1", "01, 2021, own: revision 2 stands there; the rehearsal saw 1."),
        ("/rows/3", "04, 2021, own: revision 1 stands there; the rehearsal saw -."),
    ]
    assert (stands(client), stands(client, "02")) == ({"received": 95}, None)
    after = client.get(f"/v1/imports/{report['id']}").json()
    assert after["state"] == "rehearsed"
    assert [fault["code"] for fault in after["faults"]] == ["import_outdated"] + ["import_row_outdated"] * 2


def test_an_unchanged_row_that_somebody_changed_stops_a_commit_too(client: Client) -> None:
    """The file says 90 for Hà Nội: committing must not leave 95 there and call it done."""
    put(client, received=90)
    report = send(client, table("01,2021,90,,", "02,2021,7,,"))
    put(client, received=95)
    assert client.post(f"/v1/imports/{report['id']}/commit").json()["code"] == "import_outdated"


def test_bad_rows_stop_a_commit_unless_they_are_skipped(client: Client) -> None:
    content = table("01,2021,100,80,2", "nowhere,2021,1,1,0")
    report = send(client, content)
    refused = client.post(f"/v1/imports/{report['id']}/commit")
    assert (refused.status_code, refused.json()["code"]) == (409, "import_has_rejected")
    assert count(client, DossierStatisticRow) == 0
    assert commit(client, report, on_error="skip")["progress"]["rows_committed"] == 1
    assert stands(client) == {"received": 100, "resolved": 80, "resolved_overdue": 2}
    commit(client, send(client, content, on_error="skip"))


def test_machines_rehearse_and_commit_in_one_go(client: Client) -> None:
    done = send(client, table("01,2021,100,80,2"), commit=True)
    assert (done["state"], done["progress"]["rows_committed"]) == ("committed", 1)
    stopped = send(client, table("01,2021,101,80,2", "nowhere,2021,1,1,0"), commit=True)
    assert stopped["state"] == "rehearsed"
    assert [fault["code"] for fault in stopped["faults"]] == ["import_has_rejected"]
    assert stands(client) == {"received": 100, "resolved": 80, "resolved_overdue": 2}
    skipped = send(client, table("01,2021,102,80,2", "nowhere,2021,1,1,0"), commit=True, on_error="skip")
    assert skipped["state"] == "committed"
    assert stands(client) == {"received": 102, "resolved": 80, "resolved_overdue": 2}


@pytest.mark.parametrize("chunk", [2, 5000], ids=["in another part of the file", "in the same part"])
def test_rows_that_say_the_same_thing_twice_are_rejected(
    client: Client, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(DossierKind, "chunk", chunk)
    put(client, received=1)
    report = send(client, table("01,2021,1,,", "02,2021,5,,", "01,2021,2,,", "02,2021,5,,"))
    assert report["counts"] == counted(unchanged=1, inserted=1, rejected=2)
    third, fourth = rows(client, report, action="rejected")
    assert [(e["code"], e["message"][:5]) for e in third["errors"]] == [("row_twice", "Row 2")]
    assert [(e["code"], e["message"][:5]) for e in fourth["errors"]] == [("row_twice", "Row 3")]


def test_warnings_are_counted_with_the_first_rows(client: Client) -> None:
    """received = online + direct + carried over: 10 = 3 + 4 + 2 is broken by 1."""
    head = "unit,period,received,received_online,received_direct,carried_over"
    report = send(client, table("01,2021,10,3,4,2", "02,2021,9,3,4,2", head=head))
    (warning,) = report["warnings"]
    assert (warning["code"], warning["count"]) == ("identity_broken", 1)
    (sample,) = warning["samples"]
    assert (sample["position"], sample["row"], sample["unit"], sample["period"]) == (1, 2, "01", "2021")
    assert "9" in sample["message"]


def test_a_row_says_its_field_its_scope_its_days_and_when_it_was_extracted(client: Client) -> None:
    head = "unit,period,scope,field,received,data_from,data_to,extracted_at"
    content = table(
        "01,2021,total,Đất đai,5,2021-01-01,30/06/2021,16/09/2021",
        "01,2021,,,9,,,2021-09-16T08:30",
        "01,2021,both,,9,,,",
        "01,2021,,…,9,,,soon",
        "01,,,x.y,9,,,",
        head=head,
    )
    report = send(client, content)
    first, second, *bad = rows(client, report)
    assert (first["scope"], first["procedure_field"]) == ("total", "dat-dai")
    assert (second["scope"], second["procedure_field"]) == ("own", None)
    assert first["new"] == {
        "received": 5, "data_from": "2021-01-01", "data_to": "2021-06-30",
        "extracted_at": "2021-09-15T17:00:00Z",
    }  # fmt: skip
    assert second["new"] == {"received": 9, "extracted_at": "2021-09-16T01:30:00Z"}
    assert [[e["code"] for e in row["errors"]] for row in bad] == [
        ["scope_unknown"], ["cell_no_instant"], ["period_missing"]
    ]  # fmt: skip
    commit(client, report, on_error="skip")
    answer = client.get("/v1/units/01/dossier-statistics/2021", params={"field": "dat-dai", "scope": "total"})
    assert answer.json()["counts"] == {"received": 5}
    assert verify(client).intact


def test_a_form_or_a_raw_body_are_the_same_import(client: Client) -> None:
    content = table("01,2021,100,80,2")
    form = client.post("/v1/imports", params=KIND, files={"file": ("a/b\\Báo cáo.csv", content, "text/csv")})
    assert form.status_code == 201
    raw = send(client, content)
    assert form.json()["sha256"] == raw["sha256"]
    assert (form.json()["file_name"], raw["file_name"]) == ("Báo cáo.csv", "tai-lieu")
    other = client.post("/v1/imports", params=KIND, files={"other": ("b.csv", content)})
    assert [e["code"] for e in other.json()["errors"]] == ["form_without_file"]
    torn = client.post(
        "/v1/imports",
        params=KIND,
        content=b"--x\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert [e["code"] for e in torn.json()["errors"]] == ["form_broken"]
    assert not list(desk_of(client).incoming.folder.iterdir())


def test_json_and_ndjson_name_the_member(client: Client) -> None:
    ndjson = (
        b'{"unit": "01", "period": "2021", "received": 5}\n{"unit": "xx", "period": "2021", "received": 6}\n'
    )
    report = send(client, ndjson)
    assert report["counts"] == counted(inserted=1, rejected=1)
    (bad,) = rows(client, report, action="rejected")
    assert (bad["row"], bad["errors"][0]["column"]) == (2, "unit")


def test_a_file_that_cannot_be_read_has_failed_and_says_why(client: Client) -> None:
    report = send(client, b"%PDF-1.7\n")
    assert report["state"] == "failed"
    assert report["counts"] is None
    refused = client.post(f"/v1/imports/{report['id']}/commit")
    assert (refused.status_code, refused.json()["code"]) == (409, "import_not_rehearsed")
    assert not list(desk_of(client).incoming.folder.iterdir())


def test_what_was_seen_of_a_workbook_is_told_with_its_sheet(client: Client, tmp_path: Path) -> None:
    hidden, broken = (
        next(file for file in NASTY if file.name == name).write(tmp_path)
        for name in ("hidden-sheet.xlsx", "far-corner.xlsx")
    )
    report = send(client, hidden.read_bytes(), period="2021")
    ((remark),) = report["remarks"]
    assert (remark["code"], remark["sheet"]) == ("sheet_hidden", "Nháp")
    assert client.get("/v1/imports").json()["items"][0]["remarks"] == report["remarks"]
    ((fault),) = send(client, broken.read_bytes(), period="2021")["faults"]
    assert (fault["code"], fault["cell"]) == ("sheet_too_wide", "XFD1048576")


def test_what_was_read_above_a_table_is_told(client: Client) -> None:
    """Nobody has to guess which period and unit rows without their own came to be of."""
    above = ("Kỳ báo cáo: Quý III/2021", "Đơn vị báo cáo: Hà Giang", "")
    report = send(client, table(*above[1:], "Tiếp nhận,Đã giải quyết", "9,8", head=above[0]))
    ((remark),) = report["remarks"]
    assert (remark["code"], "2021-Q3" in remark["message"]) == ("letterhead_read", True)
    assert "Hà Giang" in remark["message"]
    (row,) = rows(client, report)
    assert (row["unit"], row["period"], row["new"]) == ("02", "2021-Q3", {"received": 9, "resolved": 8})


def test_figures_that_a_file_is_silent_about_are_told(client: Client) -> None:
    """02 and 04 have figures of both columns; the file lacks one column, and 04 its other figure too."""
    for unit in ("02", "04"):
        put(client, unit, received=10, resolved=8)
    put(client, "01", received=1)
    head = "unit,period,received,received_online"
    report = send(client, table("01,2021,1,", "02,2021,11,", "04,2021,,3", head=head))
    assert [(remark["code"], remark["message"]) for remark in report["remarks"]] == [
        (
            "figures_emptied",
            f"{column}: {n} row(s) have a figure now and none in this file; it would become unknown.",
        )
        for column, n in (("received", 1), ("resolved", 2))
    ]
    vietnamese = client.get(f"/v1/imports/{report['id']}", headers={"Accept-Language": "vi"}).json()
    assert vietnamese["remarks"][0]["message"].startswith("Tổng số hồ sơ tiếp nhận: 1 dòng")
    assert send(client, table("01,2021,2", head="unit,period,received"))["remarks"] == []


def test_a_name_of_several_units_is_that_of_the_unit_that_the_key_reaches(client: Client) -> None:
    """Two districts called Châu Thành; the clerk of the second may write there alone."""
    for code in ("82", "84"):
        unit = {"name_vi": "Huyện Châu Thành", "kind": "district", "parent_code": code}
        days = {"valid_from": "2012-01-01", "valid_to": "2025-06-30"}
        assert client.put(f"/v1/units/{code}.ct", json=unit | days).status_code == 201
    content = table("Huyện Châu Thành,2021,5", head="Đơn vị,Kỳ,Tiếp nhận")
    (unclear,) = rows(client, send(client, content))
    assert [error["code"] for error in unclear["errors"]] == ["unit_name_unclear"]
    with open_client(client.app, make_client(client.app, ["statistics:write@84"])) as clerk:
        (found,) = rows(clerk, send(clerk, content))
    assert (found["action"], found["unit"]) == ("inserted", "84.ct")


def test_bad_rows_come_back_ready_to_be_corrected(client: Client) -> None:
    head = "Ghi chú;Đơn vị;Kỳ;Tiếp nhận;Nguồn"
    content = table(
        "=1+1;Hà Nội;2021;5;=cmd|' /C calc'!A0", "-;Nowhere;2021;1.200;@nguồn", "x;Nơi nào;2021;7;", head=head
    )
    report = send(client, content)
    assert report["unknown_columns"] == ["Ghi chú"]
    answer = client.get(f"/v1/imports/{report['id']}/rejected.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    found = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert found[0] == ["Errors", "Row", "Ghi chú", "Đơn vị", "Kỳ", "Tiếp nhận", "Nguồn"]
    assert [row[1:] for row in found[1:]] == [
        ["3", "'-", "Nowhere", "2021", "1.200", "'@nguồn"],
        ["4", "x", "Nơi nào", "2021", "7", ""],
    ]
    assert found[1][0].startswith("B: No unit is called 'Nowhere'")
    workbook = client.get(f"/v1/imports/{report['id']}/rejected.xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(workbook.content)).get_sheet_by_index(0)
    cells = [[str(cell) for cell in row] for row in sheet.to_python()]
    assert [row[2:] for row in cells[1:]] == [
        ["-", "Nowhere", "2021", "1.200", "@nguồn"], ["x", "Nơi nào", "2021", "7", ""]
    ]  # fmt: skip
    corrected = answer.content.replace(b"Nowhere", "Hải Phòng".encode()).replace("Nơi nào".encode(), b"31.x")
    second = send(client, corrected)
    assert second["unknown_columns"] == ["Ghi chú"]
    assert second["counts"] == counted(inserted=1, rejected=1)
    (new,) = rows(client, second, action="inserted")
    assert (new["unit"], new["new"]) == ("31", {"received": 1200, "source": "@nguồn"})
    # what is still wrong comes back once more, under the same headings
    once_more = rejected(client, second)
    assert once_more[0] == found[0]
    assert [row[2:] for row in once_more[1:]] == [["x", "31.x", "2021", "7", ""]]


def rejected(client: Client, report: dict[str, Any]) -> list[list[str]]:
    """The bad rows of an import, headings first."""
    answer = client.get(f"/v1/imports/{report['id']}/rejected.csv")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_bad_rows_of_several_sheets_come_back_in_one_table(client: Client) -> None:
    """Each sheet calls and orders its columns in its own way; the period was an option."""
    first = {
        (0, 0): "Mã đơn vị",
        (0, 1): "Tiếp nhận",
        (0, 2): "Đã giải quyết",
        (1, 0): "x1",
        (1, 1): 9,
        (1, 2): 8,
    }
    second = {(0, 0): "Đã giải quyết", (0, 1): "Trực tuyến", (0, 2): "Mã", (0, 3): "Tổng tiếp nhận"}
    second |= {(1, 0): 3, (1, 1): 2, (1, 2): "x2", (1, 3): 4}
    report = send(client, write({"A": first, "B": second}), period="2021")
    found = rejected(client, report)
    assert found[0][2:] == ["Mã đơn vị", "Tiếp nhận", "Đã giải quyết", "Trực tuyến", "period"]
    assert [row[2:] for row in found[1:]] == [["x1", "9", "8", "", "2021"], ["x2", "4", "3", "2", "2021"]]
    text = "\n".join(",".join(row[2:]) for row in found).replace("x1", "01").replace("x2", "02")
    corrected = send(client, text.encode())
    assert [(row["unit"], row["new"]) for row in rows(client, corrected)] == [
        ("01", {"received": 9, "resolved": 8}),
        ("02", {"received": 4, "resolved": 3, "received_online": 2}),
    ]


def test_whatever_is_rejected_reads_the_same_when_it_comes_back(client: Client) -> None:
    """1.234 as a number of JSON is no whole count; given back it must not become a thousand."""
    report = send(client, b'[{"unit": "xx", "period": "2021", "received": 1.234}]')
    answer = client.get(f"/v1/imports/{report['id']}/rejected.csv")
    (row,) = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]
    assert row[2:] == ["xx", "2021", "1.2340"]


def test_a_file_of_another_kind_does_not_fill_the_disk(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal, "MOST_REJECTED", 3)
    monkeypatch.setattr(DossierKind, "chunk", 2)
    lines = [f"nowhere{n},2021,1,1,0" for n in range(9)]
    report = send(client, table(*lines))
    assert (report["state"], report["faults"][0]["code"]) == ("failed", "import_too_many_rejected")
    assert count(client, ImportLineRow) == 0


def test_audit_finds_and_names_an_import_of_which_one_row_was_changed(client: Client) -> None:
    content = table("01,2021,100,80,2", "01,2020,90,70,1", "02,2021,7,7,0")
    report = commit(client, send(client, content))
    assert verify(client).intact
    for change_ in ("received = 101", "recorded_by = 'x'", "revision = 9", "source = 'x'"):
        statement = f"UPDATE dossier_statistic SET {change_} WHERE period = '2020'"
        tampered = tamper(client, statement, "dossier_statistic")
        assert [(link.jurisdiction, link.place, link.fault) for link in tampered] == [
            ("01", f"dossier_statistic/import/{report['id']}/01", "content_differs")
        ], change_
    gone = tamper(client, "DELETE FROM dossier_statistic WHERE unit_code = '02'", "dossier_statistic")
    assert [(link.place, link.fault) for link in gone] == [
        (f"dossier_statistic/import/{report['id']}/02", "missing")
    ]


def test_the_number_of_statements_does_not_grow_with_the_rows(
    client: Client, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    made: dict[int, list[dict[str, Any]]] = {100: [], 1000: []}

    def rehearse(size: int, first: int) -> None:
        lines = [
            f"{unit},{year},{size},," for unit in ("01", "22") for year in range(first, first + size // 2)
        ]
        made[size].append(send(client, table(*lines)))

    rehearse(100, 2030)
    assert count_queries(lambda: rehearse(100, 2100)) == count_queries(lambda: rehearse(1000, 3000))
    few, many = made[100][1], made[1000][0]
    assert (few["counts"], many["counts"]) == (counted(inserted=100), counted(inserted=1000))
    commit(client, made[100][0])
    assert count_queries(lambda: commit(client, few)) == count_queries(lambda: commit(client, many))
