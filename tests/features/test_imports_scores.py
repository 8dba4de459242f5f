"""Files of scores, by the rules of a batch."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import col, select

from app.models import ScoreEntryRow
from tests import importing
from tests.clients import make_client
from tests.conftest import Client, open_client
from tests.features import test_scores
from tests.features.test_scores import move, score, start_round
from tests.importing import commit, count, counted, faults, refused, rows, table, tamper, verify

HEAD = "Mã đơn vị,Mã tiêu chí,Điểm,Lý do"
UNITS = ["01", "02", "04"]


def send(client: Client, *lines: str, head: str = HEAD, **options: Any) -> dict[str, Any]:
    """An import of scores of the round r, of the appraisal where it does not say otherwise."""
    said = {"round": "r", "stage": "appraisal"} | options
    return importing.send(client, table(*lines, head=head), "scores", **said)


def post(client: Client, *scores: dict[str, Any]) -> None:
    response = test_scores.send(client, "/v1/rounds/r", *scores)
    assert response.status_code == 201, response.text


@pytest.fixture
def appraised(client: Client) -> Client:
    """A round in appraisal, with 30 points of Hà Nội at 1.1."""
    start_round(client, UNITS, "self_assessment", "appraisal")
    post(client, score("01", "1.1", "appraisal", 30))
    return client


def test_rows_of_scores_say_what_they_do(appraised: Client) -> None:
    """30 stands for Hà Nội: 35,5 is new, 30 is not; items and units by code or name, numbers with a comma."""
    post(appraised, score("02", "1.1", "appraisal", 40))
    report = send(
        appraised,
        'Hà Nội,1.1,"35,5",',
        "02,1.1,40,",
        "Cao Bằng,Thẩm định,12,",
        "99,1.1,1,",
        "01,9.9,1,",
        "05,1.1,1,",
        "04,1.1,13,",
        "04,1.2,0.3,",
        "02,1.2,21,",
        "02,1.4,5,",
        "02,2,,",
    )
    assert report["counts"] == counted(inserted=1, updated=1, unchanged=1, rejected=8)
    updated, unchanged, inserted, *_ = rows(appraised, report)
    assert (updated["unit"], updated["item"], updated["stage"]) == ("01", "1.1", "appraisal")
    assert (updated["old"], updated["new"]) == ({"points": 30}, {"points": 35.5})
    assert (unchanged["old"], unchanged["new"]) == (None, None)
    assert (inserted["unit"], inserted["item"], inserted["new"]) == ("04", "1.1", {"points": 12})
    assert faults(appraised, report) == [
        [("A", "unit_unknown")],
        [("B", "item_unknown")],
        [("A", "unit_unknown")],
        [(None, "row_twice")],
        [("C", "points_off_step")],
        [("C", "points_above_maximum")],
        [(None, "stage_not_writable")],
        [("C", "points_missing")],
    ]
    assert count(appraised, ScoreEntryRow) == 2


def test_a_commit_writes_as_a_batch_does(appraised: Client) -> None:
    head = (
        "Mã đơn vị,Mã tiêu chí,Giai đoạn,Điểm,Không đánh giá,Lý do,Tên tài liệu kiểm chứng,Số ký hiệu,"
        "Ngày ban hành"
    )
    report = send(
        appraised,
        "01,1.1,thẩm định,31,,,Báo cáo CCHC,12/BC-SNV,30/12/2021",
        "02,1.2,,,x,Không phát sinh,,,",
        head=head,
    )
    committed = commit(appraised, report)
    assert committed["progress"]["rows_committed"] == 2
    with appraised.app.state.database.read() as session:
        query = select(ScoreEntryRow).where(ScoreEntryRow.import_id == report["id"])
        first, second = session.exec(query.order_by(col(ScoreEntryRow.unit_code))).all()
    assert (first.unit_code, first.points, first.revision) == ("01", 31 * 10**10, 2)
    assert (second.unit_code, second.not_applicable, second.reason) == ("02", True, "Không phát sinh")
    sheet = test_scores.sheet(appraised, "/v1/rounds/r", "01")
    stages = test_scores.item_of(sheet, "1.1")["stages"]
    (cited,) = stages["appraisal"]["evidence"] if isinstance(stages, dict) else stages[0]["evidence"]
    assert (cited["title"], cited["number"], cited["issued_on"]) == (
        "Báo cáo CCHC",
        "12/BC-SNV",
        "2021-12-30",
    )
    events = appraised.get("/v1/audit", params={"action": "scores.write"}).json()["items"]
    assert {event["subject"].get("import") for event in events} == {None, report["id"]}
    assert verify(appraised).intact
    broken = tamper(appraised, "UPDATE score_entry SET reason = 'x' WHERE unit_code = '02'", "score_entry")
    assert [link.place for link in broken] == ["score_entry/r/02/1"]


def test_the_same_scores_twice_are_unchanged(appraised: Client) -> None:
    lines = ("01,1.1,31,", "02,1.2,7.5,", "04,2,8,")
    commit(appraised, send(appraised, *lines))
    again = send(appraised, *lines)
    assert again["counts"] == counted(unchanged=3)
    assert again["effects"] == []
    commit(appraised, again)
    assert count(appraised, ScoreEntryRow) == 4


def test_taking_points_away_needs_a_reason_beside_what_stands(client: Client) -> None:
    start_round(client, UNITS, "self_assessment")
    post(client, score("01", "1.1", "self", 40))
    move(client, "r", "appraisal")
    report = send(client, "01,1.1,39,", "01,1.2,5,")
    assert faults(client, report) == [[("D", "removed_without_reason")]]
    assert send(client, '01,1.1,39,"Thiếu tài liệu"')["counts"] == counted(inserted=1)


def test_a_score_that_moved_since_is_named(appraised: Client) -> None:
    report = send(appraised, "01,1.1,31,", "02,1.1,5,", "04,1.1,6,")
    post(appraised, score("01", "1.1", "appraisal", 33), score("02", "1.2", "appraisal", 1))
    problem = refused(appraised, report)
    assert problem["code"] == "import_outdated"
    assert [(e["pointer"], e["message"]) for e in problem["errors"]] == [
        ("/rows/1", "01, 1.1, appraisal: points 33.0 stands there; the rehearsal saw points 30.0.")
    ]
    assert count(appraised, ScoreEntryRow) == 3
    commit(appraised, send(appraised, "01,1.1,33,", "02,1.1,5,", "04,1.1,6,"))


def test_a_round_that_moved_on_takes_the_stage_no_more(appraised: Client) -> None:
    report = send(appraised, "01,1.1,31,", "02,1.1,5,")
    move(appraised, "r", "explanation")
    problem = refused(appraised, report)
    assert problem["code"] == "import_no_longer_valid"
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [
        ("/rows/1/stage", "stage_not_writable"), ("/rows/2/stage", "stage_not_writable")
    ]  # fmt: skip
    move(appraised, "r", "final_appraisal", "approved")
    assert refused(appraised, report)["code"] == "round_closed"
    late = send(appraised, "01,1.1,31,", stage="final")
    assert (late["state"], [fault["code"] for fault in late["faults"]]) == ("failed", ["round_closed"])


def test_bad_scores_come_back_to_be_sent_again(appraised: Client) -> None:
    report = send(appraised, "01,1.1,31,", "02,1.1,51,", "Nơi nào,1.1,5,")
    commit(appraised, report, on_error="skip")
    answer = appraised.get(f"/v1/imports/{report['id']}/rejected.csv")
    found = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert found[0][2:] == ["Mã đơn vị", "Mã tiêu chí", "Điểm", "Lý do"]
    assert [row[2:] for row in found[1:]] == [["02", "1.1", "51", ""], ["Nơi nào", "1.1", "5", ""]]
    corrected = answer.content.replace(b",51,", b",50,").replace("Nơi nào".encode(), b"04")
    second = importing.send(appraised, corrected, "scores", round="r", stage="appraisal")
    assert second["counts"] == counted(inserted=2)


def test_each_side_sends_its_own_stages_of_its_own_units(client: Client) -> None:
    start_round(client, UNITS, "self_assessment")
    app = client.app
    with open_client(app, make_client(app, ["scores:self@01"])) as unit:
        report = send(unit, "01,1.1,30,", "02,1.1,30,", stage="self")
        assert faults(unit, report) == [[("A", "row_outside_scope")]]
        assert report["counts"] == counted(inserted=1, rejected=1)
    move(client, "r", "appraisal")
    keys = ["scores:appraise", "scores:self@01"]
    with (
        open_client(app, make_client(app, keys)) as appraiser,
        open_client(app, make_client(app, ["statistics:write"])) as clerk,
        open_client(app, make_client(app, ["scores:appraise@02"])) as other,
    ):
        report = send(appraiser, "01,1.1,30,", "02,1.1,30,")
        assert faults(appraiser, report) == [[("A", "own_unit")]]
        query = {"kind": "scores", "round": "r"}
        assert clerk.post("/v1/imports", params=query, content=b"x").status_code == 403
        assert clerk.get(f"/v1/imports/{report['id']}").status_code == 404
        assert other.get(f"/v1/imports/{report['id']}").status_code == 404
        assert client.get(f"/v1/imports/{report['id']}").status_code == 200
        commit(appraiser, report, on_error="skip")
    without = client.post("/v1/imports", params={"kind": "scores"}, content=b"x")
    assert [error["code"] for error in without.json()["errors"]] == ["import_needs_round"]


def test_json_scores_bring_their_documents(appraised: Client) -> None:
    content = b"""[{"unit": "01", "item": "1.1", "points": 31, "evidence": [{"title": "A"}, {"title": "B"}]},
        {"unit": "02", "item": "1.1", "points": 31, "evidence": [{"title": "A", "url": "ftp://x"}]},
        {"unit": "04", "item": "1.1", "stage": "later", "not_applicable": "maybe"}]"""
    report = importing.send(appraised, content, "scores", round="r", stage="appraisal")
    assert [[code for _, code in row] for row in faults(appraised, report)] == [
        ["wrong_pattern"], ["stage_unknown", "cell_no_yes_or_no"]
    ]  # fmt: skip
    (new,) = rows(appraised, report, action="updated")
    assert [document["title"] for document in new["new"]["evidence"]] == ["A", "B"]


def test_statements_do_not_grow_with_the_scores(
    client: Client, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    start_round(client, UNITS, "self_assessment", "appraisal")
    made: list[dict[str, Any]] = []

    def rehearse(points: float, *items: str) -> None:
        made.append(send(client, *(f"{unit},{item},{points}," for unit in UNITS for item in items)))

    rehearse(1, "1.1")
    commit(client, made[0])
    few = count_queries(lambda: rehearse(2, "1.1"))
    assert count_queries(lambda: rehearse(3, "1.1", "1.2", "2")) == few
    few = count_queries(lambda: commit(client, made[1]))
    rehearse(4, "1.1", "1.2", "2")
    assert count_queries(lambda: commit(client, made[3])) == few
