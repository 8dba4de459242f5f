"""Files of figures: rehearsed, reported row by row, and committed whole or not at all."""

import base64
import csv
import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from fastapi import FastAPI
from python_calamine import CalamineWorkbook
from sqlalchemy import delete, func, text
from sqlmodel import col, select

from app.features.imports.service import imports as service
from app.features.imports.service import rehearsal
from app.features.imports.service.desk import Desk
from app.features.imports.service.kinds.dossiers import DossierKind
from app.infra.db import Database
from app.models import ClientRow, DossierStatisticRow, ImportDossierRow, ImportLineRow, ImportRow
from tests import importing
from tests.clients import make_client
from tests.conftest import Client, Templates, make_app, open_client
from tests.importing import commit, counted, rows, tamper, verify
from tests.nasty_files import NASTY
from tests.workbooks import write

HEAD = "Mã đơn vị,Kỳ báo cáo,Tiếp nhận,Đã giải quyết,Quá hạn"
KIND = {"kind": "dossier-statistics"}


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[FastAPI]:
    """The real application, with a folder for files of its own."""
    app = make_app(database_url, files_folder=tmp_path / "files")
    yield app
    app.state.database.close()


def table(*rows: str, head: str = HEAD) -> bytes:
    """A file as a clerk sends it."""
    return importing.table(*rows, head=head)


def send(client: Client, content: bytes, **options: Any) -> dict[str, Any]:
    """An import; its report."""
    return importing.send(client, content, **KIND, **options)


def put(client: Client, unit: str = "01", period: str = "2021", **counts: Any) -> None:
    response = client.put(f"/v1/units/{unit}/dossier-statistics/{period}", json=counts)
    assert response.status_code == 200, response.text


def stands(client: Client, unit: str = "01", period: str = "2021") -> dict[str, int] | None:
    """The counts of a unit; None where there are none."""
    response = client.get(f"/v1/units/{unit}/dossier-statistics/{period}")
    return None if response.status_code == 404 else response.json()["counts"]


def count(client: Client, model: Any = DossierStatisticRow) -> int:
    return importing.count(client, model)


def desk_of(client: Client) -> Desk:
    state = client.app.state
    return Desk(state.database, state.jobs, state.incoming)


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
    assert count(client) == 2
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
    assert count(client) == 3
    assert verify(client).intact


def test_the_same_file_twice_is_unchanged_throughout(client: Client) -> None:
    content = table("01,2021,100,80,2", "02,2021,7,7,0", "04,2021-Q1,3,,")
    commit(client, send(client, content))
    report = send(client, content)
    assert report["counts"] == counted(unchanged=3)
    events = client.get("/v1/audit", params={"action": "dossier_statistics.import"}).json()["items"]
    commit(client, report)
    assert count(client) == 3
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
    assert count(client) == 0
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


def test_polling_instead_of_waiting(client: Client) -> None:
    started = client.post("/v1/imports", params=KIND | {"wait": 0}, content=table("01,2021,1,1,0"))
    assert started.status_code in (201, 202)
    settle(client, started.json()["id"])
    report = client.get(started.headers["Location"]).json()
    assert (report["state"], report["counts"]) == ("rehearsed", counted(inserted=1))


def settle(client: Client, key: str) -> None:
    """Until a job of this process has ended."""
    job = client.app.state.jobs.find(key)
    if job is not None:
        job.result(timeout=30)


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


def test_a_commit_writes_all_that_was_rehearsed_or_nothing(client: Client) -> None:
    report = send(client, table("01,2021,10,5,0", "02,2021,10,6,0"))
    with client.app.state.database.write() as session:
        session.execute(delete(ImportDossierRow).where(col(ImportDossierRow.position) == 2))
    refused = client.post(f"/v1/imports/{report['id']}/commit")
    assert (refused.status_code, refused.json()["code"]) == (409, "import_incomplete")
    assert (stands(client), count(client)) == (None, 0)


def test_a_file_of_another_kind_does_not_fill_the_disk(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal, "MOST_REJECTED", 3)
    monkeypatch.setattr(DossierKind, "chunk", 2)
    lines = [f"nowhere{n},2021,1,1,0" for n in range(9)]
    report = send(client, table(*lines))
    assert (report["state"], report["faults"][0]["code"]) == ("failed", "import_too_many_rejected")
    assert count(client, ImportLineRow) == 0


def test_a_cancelled_import_is_forgotten(client: Client) -> None:
    report = send(client, table("01,2021,1,1,0", "xx,2021,1,1,0"))
    assert (count(client, ImportLineRow), count(client, ImportDossierRow)) == (2, 1)
    cancelled = client.post(f"/v1/imports/{report['id']}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert (count(client, ImportLineRow), count(client, ImportDossierRow)) == (0, 0)
    assert client.post(f"/v1/imports/{report['id']}/cancel").status_code == 200
    assert client.post(f"/v1/imports/{report['id']}/commit").json()["code"] == "import_not_rehearsed"
    done = send(client, table("01,2021,1,1,0"), commit=True)
    refused = client.post(f"/v1/imports/{done['id']}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "import_not_cancellable")


def test_imports_are_forgotten_after_seven_days(client: Client) -> None:
    report = send(client, table("01,2021,1,1,0"))
    recorded, expires = (datetime.fromisoformat(report[n]) for n in ("finished_at", "expires_at"))
    assert expires - recorded == timedelta(days=7)
    change(client, report["id"], expires_at=datetime.now(UTC) - timedelta(seconds=1))
    for method, path in (("GET", ""), ("GET", "/rows"), ("POST", "/commit"), ("GET", "/rejected.csv")):
        answer = client.request(method, f"/v1/imports/{report['id']}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "import_unknown"), path
    assert client.get("/v1/imports").json()["items"] == []
    send(client, table("02,2021,1,1,0"))
    service.forget_expired(client.app.state.database)
    assert (count(client, ImportRow), count(client, ImportLineRow), count(client, ImportDossierRow)) == (
        1,
        1,
        1,
    )


def change(client: Client, import_id: str, **values: Any) -> None:
    """Write into the row of an import."""
    with client.app.state.database.write() as session:
        row = session.get_one(ImportRow, import_id)
        for name, value in values.items():
            setattr(row, name, value)


def test_what_a_dead_worker_leaves_is_failed_or_as_it_was_rehearsed(client: Client) -> None:
    """A worker that says nothing for a minute is gone; one of this host that has no process, at once."""
    long_ago = datetime.now(UTC) - timedelta(seconds=61)
    reading, writing = (send(client, table(f"0{n},2021,1,1,0"))["id"] for n in (1, 2))
    here = desk_of(client).jobs.name.split("/")[0]
    for worker, alive_at in (("elsewhere/1/x", long_ago), (f"{here}/999999999/x", datetime.now(UTC))):
        change(client, reading, state="rehearsing", worker=worker, alive_at=alive_at)
        change(client, writing, state="committing", worker=worker, alive_at=alive_at)
        failed = client.get(f"/v1/imports/{reading}").json()
        assert (failed["state"], [f["code"] for f in failed["faults"]]) == ("failed", ["import_worker_died"])
        assert client.get(f"/v1/imports/{writing}").json()["state"] == "rehearsed"
    change(client, reading, worker="elsewhere/1/x", alive_at=datetime.now(UTC))
    assert client.get(f"/v1/imports/{reading}").json()["state"] == "rehearsing"
    change(client, reading, alive_at=long_ago)
    left = desk_of(client).incoming.folder / reading
    left.write_bytes(b"x")
    service.recover(desk_of(client))
    assert not left.exists()
    with client.app.state.database.read() as session:
        assert session.get_one(ImportRow, reading).state == "failed"
        assert session.get_one(ImportRow, writing).state == "rehearsed"
        lines = select(func.count()).where(col(ImportLineRow.import_id) == reading)
        assert session.execute(lines).scalar_one() == 0
    commit(client, {"id": writing})
    assert stands(client, "02") is not None


def test_a_commit_whose_worker_died_can_be_taken_over(client: Client) -> None:
    report = send(client, table("01,2021,1,1,0"))
    change(client, report["id"], state="committing", worker="x/1/y", alive_at=datetime.now(UTC))
    pending = client.post(f"/v1/imports/{report['id']}/commit")
    assert (pending.status_code, pending.json()["state"]) == (202, "committing")
    change(client, report["id"], alive_at=datetime.now(UTC) - timedelta(seconds=61))
    commit(client, report)
    assert count(client) == 1


def test_a_stopped_service_says_so(client: Client) -> None:
    desk = desk_of(client)
    desk.jobs.stopping.set()
    content, headers = table("01,2021,1,1,0"), {"Idempotency-Key": "again"}
    refused = client.post("/v1/imports", params=KIND, content=content, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (503, "imports_busy")
    (only,) = client.get("/v1/imports").json()["items"]
    assert (only["state"], [f["code"] for f in only["faults"]]) == ("failed", ["imports_busy"])
    # the client did nothing wrong: the same key may come again
    desk.jobs.stopping.clear()
    sent = client.post("/v1/imports", params=KIND, content=content, headers=headers)
    assert (sent.status_code, sent.json()["state"]) == (201, "rehearsed")
    assert sent.json()["id"] != only["id"]


def test_what_waits_while_the_service_is_stopped_has_failed(client: Client) -> None:
    desk, gate = desk_of(client), blocked(client)
    waiting = client.post("/v1/imports", params=KIND | {"wait": 0}, content=table("01,2021,1,1,0"))
    with ThreadPoolExecutor(1) as pool:
        stopped = pool.submit(service.stop, desk)
        assert desk.jobs.stopping.wait(30)
        gate.set()
        stopped.result(timeout=30)
    failed = client.get(waiting.headers["Location"]).json()
    assert (failed["state"], [f["code"] for f in failed["faults"]]) == ("failed", ["import_interrupted"])
    assert not list(desk.incoming.folder.iterdir())


def test_no_more_imports_wait_than_allowed(templates: Templates, tmp_path: Any) -> None:
    with templates.copy(templates.empty) as url:
        app = make_app(url, files_folder=tmp_path, import_queue=1)
        with open_client(app) as client:
            gate = blocked(client)
            waiting = client.post("/v1/imports", params=KIND | {"wait": 0}, content=table("01,2021,1,1,0"))
            assert (waiting.status_code, waiting.json()["state"]) == (202, "rehearsing")
            refused = client.post("/v1/imports", params=KIND, content=table("01,2021,1,1,0"))
            assert (refused.status_code, refused.json()["code"]) == (503, "imports_busy")
            assert refused.headers["Retry-After"]
            path = f"/v1/imports/{waiting.json()['id']}"
            assert client.post(f"{path}/cancel").status_code == 200
            gate.set()
            settle(client, waiting.json()["id"])
            assert client.get(path).json()["state"] == "cancelled"
            assert not list((tmp_path / "incoming").iterdir())
        app.state.database.close()


def blocked(client: Client) -> Event:
    """The only thread is busy until the event is set."""
    gate = Event()
    client.app.state.jobs.submit("busy", lambda: gate.wait(30) and None)
    return gate


def test_who_sees_what(client: Client) -> None:
    """A clerk of Hải Phòng (31) writes there alone, and sees his own imports; an unbound right sees all."""
    app = client.app
    with (
        open_client(app, make_client(app, ["statistics:write@31"])) as clerk,
        open_client(app, make_client(app, ["statistics:write@22"])) as other,
        open_client(app, make_client(app, ["statistics:write"])) as anybody,
        open_client(app, make_client(app, ["rounds:manage"])) as reader,
    ):
        report = send(clerk, table("31,2021,5,,", "22,2021,5,,"))
        assert report["counts"] == counted(inserted=1, rejected=1)
        (bad,) = rows(clerk, report, action="rejected")
        assert [(e["column"], e["code"]) for e in bad["errors"]] == [("A", "row_outside_scope")]
        path = f"/v1/imports/{report['id']}"
        for method, below in (
            ("GET", ""), ("GET", "/rows"), ("POST", "/commit"), ("POST", "/cancel"), ("GET", "/rejected.xlsx")
        ):  # fmt: skip
            assert other.request(method, path + below).status_code == 404, below
            assert reader.request(method, path + below).status_code == 403, below
        assert other.get("/v1/imports").json()["items"] == []
        assert [item["id"] for item in clerk.get("/v1/imports").json()["items"]] == [report["id"]]
        assert anybody.get(path).status_code == 200
        assert [item["id"] for item in anybody.get("/v1/imports").json()["items"]] == [report["id"]]
        commit(clerk, report, on_error="skip")
    assert (stands(client, "31"), stands(client, "22")) == ({"received": 5}, None)


def test_the_list_comes_in_pages_newest_first(client: Client) -> None:
    made = [send(client, table(f"0{n},2021,1,1,0"))["id"] for n in (1, 2, 4)]
    first = client.get("/v1/imports", params={"limit": 2}).json()
    last = client.get("/v1/imports", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [item["id"] for item in first["items"] + last["items"]] == made[::-1]
    made_up = base64.urlsafe_b64encode(b'["x","y"]').decode()
    refused = client.get("/v1/imports", params={"cursor": made_up})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "cursor_invalid")


def test_a_key_makes_an_import_once(client: Client) -> None:
    content = table("01,2021,1,1,0")
    headers = {"Idempotency-Key": "k1"}
    first, again = (
        client.post("/v1/imports", params=KIND, content=content, headers=headers) for _ in range(2)
    )
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json()["id"] == first.json()["id"]
    assert count(client, ImportRow) == 1
    other = client.post("/v1/imports", params=KIND, content=content + b"\n02,2021,1,1,0", headers=headers)
    assert [e["code"] for e in other.json()["errors"]] == ["idempotency_key_reused"]
    assert not list(desk_of(client).incoming.folder.iterdir())


def test_a_changed_register_or_lost_rights_need_a_new_rehearsal(client: Client) -> None:
    report = send(client, table("01,2021,1,1,0"))
    unit = {"name_vi": "Quận thử", "kind": "district", "parent_code": "01", "valid_from": "2012-01-01"}
    assert client.put("/v1/units/01.thu", json=unit | {"valid_to": "2025-06-30"}).status_code == 201
    refused = client.post(f"/v1/imports/{report['id']}/commit")
    assert (refused.status_code, refused.json()["code"]) == (409, "import_units_changed")
    grants = ["statistics:write@31", "statistics:write@22"]
    with open_client(client.app, make_client(client.app, grants, code="clerk")) as clerk:
        report = send(clerk, table("31,2021,5,,", "22,2021,5,,"))
        with client.app.state.database.write() as session:
            session.get_one(ClientRow, "clerk").grants = '["statistics:write@31"]'
        refused = clerk.post(f"/v1/imports/{report['id']}/commit")
        assert (refused.status_code, refused.json()["code"]) == (409, "import_rights_changed")
    assert count(client) == 0


def test_files_beyond_the_limit_are_refused(templates: Templates, tmp_path: Any) -> None:
    with templates.copy(templates.empty) as url:
        app = make_app(url, files_folder=tmp_path, max_import_bytes=2000, max_body_bytes=1024)
        with open_client(app) as client:
            assert send(client, table("01,2021,1,1,0") + b" " * 1500)["size"] > 1500  # beyond the usual body
            for content in (b"x" * 2001, b"x" * 100_000):
                refused = client.post("/v1/imports", params=KIND, content=content)
                assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
            assert not list((tmp_path / "incoming").iterdir())
        app.state.database.close()


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


def test_a_broken_commit_leaves_nothing(client: Client) -> None:
    """The database fails after the rows were written, before the end."""
    report = send(client, table("01,2021,1,1,0"))
    database: Database = client.app.state.database
    with database.write() as session:
        session.execute(text("CREATE TABLE kept AS SELECT * FROM audit_chain"))
        session.execute(text("DELETE FROM audit_chain"))
        session.execute(text("ALTER TABLE audit_chain RENAME TO hidden"))
    refused = client.post(f"/v1/imports/{report['id']}/commit")
    assert (refused.status_code, refused.json()["code"]) == (503, "import_broken_off")
    assert count(client) == 0
    with database.write() as session:
        session.execute(text("ALTER TABLE hidden RENAME TO audit_chain"))
        session.execute(text("INSERT INTO audit_chain SELECT * FROM kept"))
    commit(client, report)
    assert verify(client).intact
