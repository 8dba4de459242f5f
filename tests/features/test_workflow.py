"""A round as a workflow: phases, deadlines, submission, and the two sides of every item."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.clients import make_client
from tests.conftest import Client, open_client

PASSED = "2022-01-31T17:00:00+07:00"
FULL = {"explanation": "required", "final_appraisal": "required"}
SET = {
    "title_vi": "Bộ thử nghiệm quy trình",
    "level": "department",
    "status": "illustrative",
    "total_points": 30,
    "applies": {"from": "2021-01-01"},
    "rounding": {"decimals": 2},
    "areas": [
        {
            "code": "1",
            "name_vi": "Kế hoạch",
            "reform_area": "leadership",
            "max_points": 10,
            "evidence_required": True,
        },
        {"code": "2", "name_vi": "Công khai", "reform_area": "procedures", "max_points": 10},
        {"code": "3", "name_vi": "Điều tra", "reform_area": "impact", "max_points": 10, "source": "survey"},
    ],
}
DEPARTMENTS = ("22.noi-vu", "22.tai-chinh")
Open = Callable[..., Client]


@pytest.fixture
def as_client(client: Client) -> Iterator[Open]:
    """Opens clients with keys of their own: `as_client("scores:self@22.noi-vu")`."""
    with ExitStack() as stack:

        def opened(*grants: str, home_unit: str | None = None) -> Client:
            key = make_client(client.app, grants, home_unit=home_unit)
            return stack.enter_context(open_client(client.app, key))

        yield opened


def put(client: Client, url: str, body: dict[str, Any], status: int = 201) -> Any:
    answer = client.put(url, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def start_round(client: Client, *states: str, process: dict[str, str] | None = None, **more: Any) -> str:
    """Two departments of Quảng Ninh; the base URL of their round, moved through `states`."""
    for code in DEPARTMENTS:
        unit = {"name_vi": code, "kind": "department", "parent_code": "22", "valid_from": "2020-01-01"}
        put(client, f"/v1/units/{code}", unit)
    url = "/v1/frameworks/flow/versions/1"
    put(client, url, {"code": "flow", "version": "1", **SET} | ({"process": process} if process else {}))
    assert client.post(f"{url}/publish").status_code == 200
    put(client, "/v1/rounds/r", body(**more))
    move(client, *states)
    return "/v1/rounds/r"


def body(**more: Any) -> dict[str, Any]:
    """The round."""
    participants = [{"group": "so", "units": list(DEPARTMENTS)}]
    return {
        "title_vi": "Kỳ 2021",
        "framework": "flow@1",
        "period": "2021",
        "participants": participants,
        **more,
    }


def move(client: Client, *states: str, base: str = "/v1/rounds/r") -> None:
    for state in states:
        moved = client.post(f"{base}/transitions", json={"to": state, "reason": "theo kế hoạch"})
        assert moved.status_code == 200, moved.text


def write(
    client: Client, base: str, item: str, stage: str, points: float | None, **more: Any
) -> httpx.Response:
    """One score of the first department."""
    unit = more.pop("unit", DEPARTMENTS[0])
    headers = more.pop("headers", None)
    score = {"stage": stage, "points": points, **more}
    return client.put(f"{base}/units/{unit}/scores/{item}", json=score, headers=headers)


def sheet(client: Client, base: str, unit: str = DEPARTMENTS[0]) -> Any:
    answer = client.get(f"{base}/units/{unit}/sheet")
    assert answer.status_code == 200, answer.text
    return answer.json()


def actions_of(answer: Any) -> dict[str, tuple[bool, str | None]]:
    """action -> (allowed, why not)."""
    return {a["action"]: (a["allowed"], a["code"]) for a in answer["actions"]}


def code_of(response: httpx.Response) -> tuple[int, str]:
    """Status, and the code of the problem or of its first error."""
    said = response.json()
    errors = said.get("errors") or [{}]
    return response.status_code, errors[0].get("code", said.get("code"))


def test_a_process_says_which_steps_a_round_takes(client: Client) -> None:
    base = start_round(client, "self_assessment", "appraisal", process=FULL)
    for skipped in ("final_appraisal", "approved"):
        refused = client.post(f"{base}/transitions", json={"to": skipped})
        assert code_of(refused) == (409, "transition_not_allowed")
        assert "to explanation." in refused.json()["detail"]
    move(client, "explanation")
    assert client.get(base).json()["allowed_transitions"] == ["final_appraisal"]
    move(client, "final_appraisal", "approved", "published")
    assert code_of(client.post(f"{base}/transitions", json={"to": "correction"})) == (422, "reason_needed")
    framework = client.get("/v1/frameworks/flow/versions/1").json()
    assert framework["process"] == FULL


def test_steps_that_do_not_exist_cannot_be_taken(client: Client) -> None:
    none = {"explanation": "none", "final_appraisal": "none"}
    base = start_round(client, "self_assessment", "appraisal", process=none)
    assert client.get(base).json()["allowed_transitions"] == ["approved"]


def test_a_draft_says_why_it_cannot_be_opened(client: Client) -> None:
    url = "/v1/frameworks/flow/versions/1"
    put(client, url, {"code": "flow", "version": "1", **SET})
    read = put(client, "/v1/rounds/r", body(participants=[{"group": "so", "units": []}]))
    (opening,) = (a for a in read["actions"] if a["to"] == "self_assessment")
    assert (opening["allowed"], opening["code"]) == (False, "framework_not_published")
    etag = client.get("/v1/rounds/r").headers["ETag"]
    assert client.post(f"{url}/publish").status_code == 200
    read = client.get("/v1/rounds/r", headers={"If-None-Match": etag}).json()
    (opening,) = (a for a in read["actions"] if a["to"] == "self_assessment")
    assert opening["code"] == "round_without_units"
    assert opening["reason"] in client.post("/v1/rounds/r/transitions", json={"to": "self_assessment"}).text


def test_a_passed_deadline_locks_the_units_of_that_round_only(client: Client, as_client: Open) -> None:
    base = start_round(client, "self_assessment", deadlines={"self_assessment": PASSED})
    put(client, "/v1/rounds/other", body())
    move(client, "self_assessment", base="/v1/rounds/other")
    unit = as_client("scores:self@22.noi-vu")
    locked = write(unit, base, "2", "self", 9)
    assert locked.status_code == 409
    assert locked.json()["code"] == "deadline_passed"
    assert "2022-01-31T17:00:00+07:00" in locked.json()["detail"].replace("10:00:00+00:00", "17:00:00+07:00")
    batch = unit.post(
        f"{base}/scores",
        json={"scores": [{"unit": DEPARTMENTS[0], "item": "2", "stage": "self", "points": 9}]},
    )
    assert batch.status_code == 409
    assert [e["pointer"] for e in batch.json()["errors"]] == ["/scores/0"]
    assert code_of(unit.post(f"{base}/units/22.noi-vu/sheet/submit", json={}))[0] == 409
    assert write(unit, "/v1/rounds/other", "2", "self", 9).status_code == 200

    seen = sheet(unit, base)
    (own,) = (a for a in seen["actions"] if a["action"] == "write_self")
    assert (own["allowed"], own["code"], own["deadline"]) == (False, "deadline_passed", PASSED)
    assert seen["items"][1]["stages"] == {}
    assert client.get(base).json()["state"] == "self_assessment"  # nothing moved by itself

    # more time for everybody, by an explicit change of the round
    later = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    moved = put(client, base, body(deadlines={"self_assessment": later}), 200)
    assert datetime.fromisoformat(moved["deadlines"]["self_assessment"]) == datetime.fromisoformat(later)
    assert write(unit, base, "2", "self", 9).status_code == 200
    assert code_of(client.put(base, json=body(title_vi="Tên khác"))) == (409, "round_not_draft")


def test_deadlines_follow_one_another(client: Client) -> None:
    start_round(client)
    reversed_ = {"self_assessment": PASSED, "appraisal": "2022-01-31T10:00:00Z"}
    refused = client.put("/v1/rounds/r", json=body(deadlines=reversed_))
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("/deadlines/appraisal", "deadlines_not_ascending")
    ]
    naive = client.put("/v1/rounds/r", json=body(deadlines={"appraisal": "2022-01-31T10:00:00"}))
    assert [e["pointer"] for e in naive.json()["errors"]] == ["/deadlines/appraisal"]


def test_a_submitted_sheet_is_locked_until_it_is_returned(client: Client, as_client: Open) -> None:
    base = start_round(client, "self_assessment")
    unit, other = as_client("scores:self@22.noi-vu"), as_client("scores:self@22.tai-chinh")
    appraiser = as_client("scores:appraise@22")
    assert write(unit, base, "2", "self", 9).status_code == 200
    path = f"{base}/units/22.noi-vu/sheet"
    assert other.post(f"{path}/submit", json={}).status_code == 403
    submitted = unit.post(f"{path}/submit", json={"note": "Báo cáo 12/BC-SNV"}, headers={"If-Match": '"1"'})
    assert (submitted.status_code, submitted.headers["ETag"]) == (200, '"2"')
    said = submitted.json()
    assert (said["state"], said["revision"]) == ("submitted", 2)
    assert actions_of(said)["write_self"] == (False, "sheet_submitted")
    assert actions_of(said)["return"] == (True, None)
    assert code_of(write(unit, base, "2", "self", 8)) == (409, "sheet_submitted")
    assert code_of(unit.post(f"{path}/submit", json={})) == (409, "sheet_submitted")
    assert write(other, base, "2", "self", 7, unit="22.tai-chinh").status_code == 200

    assert unit.post(f"{path}/return", json={"reason": "x"}).status_code == 403
    assert code_of(appraiser.post(f"{path}/return", json={}))[1] == "missing"
    back = appraiser.post(f"{path}/return", json={"reason": "Thiếu tài liệu"})
    assert (back.status_code, back.json()["state"]) == (200, "returned")
    assert code_of(appraiser.post(f"{path}/return", json={"reason": "x"})) == (409, "sheet_not_submitted")
    assert write(unit, base, "2", "self", 8).status_code == 200

    history = sheet(unit, base)["submission"]["history"]
    assert [(s["action"], s["revision"], s["reason"]) for s in history] == [
        ("submit", 2, "Báo cáo 12/BC-SNV"),
        ("return", 3, "Thiếu tài liệu"),
    ]
    listed = appraiser.get(f"{base}/sheets").json()["items"]
    assert [(s["unit"], s["state"]) for s in listed] == [("22.noi-vu", "returned"), ("22.tai-chinh", "open")]
    assert [s["unit"] for s in other.get(f"{base}/sheets").json()["items"]] == ["22.tai-chinh"]
    move(client, "appraisal")
    assert code_of(unit.post(f"{path}/submit", json={})) == (409, "sheet_not_in_units_hands")
    assert code_of(appraiser.post(f"{path}/return", json={"reason": "x"})) == (
        409,
        "sheet_not_in_units_hands",
    )


def test_one_unit_gets_more_time_after_the_deadline(client: Client, as_client: Open) -> None:
    base = start_round(client, "self_assessment", deadlines={"self_assessment": PASSED})
    unit, appraiser = as_client("scores:self@22.noi-vu"), as_client("rounds:manage@22")
    path = f"{base}/units/22.noi-vu/sheet/return"
    assert code_of(appraiser.post(path, json={"reason": "Mất mạng"})) == (409, "until_needed")
    late = {"reason": "Mất mạng", "until": "2022-02-01T00:00:00Z"}
    assert code_of(appraiser.post(path, json=late)) == (409, "until_in_the_past")
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    given = appraiser.post(path, json={"reason": "Mất mạng", "until": until})
    assert given.status_code == 200
    assert write(unit, base, "2", "self", 9).status_code == 200
    other = as_client("scores:self@22.tai-chinh")
    assert code_of(write(other, base, "2", "self", 9, unit="22.tai-chinh"))[1] == "deadline_passed"


def test_every_point_that_is_removed_has_its_reason(client: Client, as_client: Open) -> None:
    base = start_round(client, "self_assessment")
    write(client, base, "2", "self", 9.5)
    move(client, "appraisal")
    appraiser = as_client("scores:appraise@22")
    refused = write(appraiser, base, "2", "appraisal", 8.25)
    assert code_of(refused) == (422, "removed_without_reason")
    assert refused.json()["errors"][0]["pointer"] == "/reason"
    assert "1.25 points" in refused.json()["errors"][0]["message"]  # 9.5 - 8.25
    assert (
        code_of(write(appraiser, base, "2", "appraisal", None, not_applicable=True))[1]
        == "removed_without_reason"
    )
    assert write(appraiser, base, "2", "appraisal", 9.5).status_code == 200
    assert write(appraiser, base, "2", "appraisal", 8.25, reason="Thiếu báo cáo quý II").status_code == 200
    move(client, "explanation", "final_appraisal")
    assert code_of(write(appraiser, base, "2", "final_appraisal", 8))[1] == "removed_without_reason"
    assert write(appraiser, base, "2", "final_appraisal", 9).status_code == 200


def test_evidence_or_a_reason_where_the_item_asks_for_it(client: Client) -> None:
    base = start_round(client, "self_assessment")
    assert code_of(write(client, base, "1", "self", 5)) == (422, "evidence_missing")
    assert write(client, base, "1", "self", 0).status_code == 200
    assert (
        write(client, base, "1", "self", 5, reason="Kế hoạch ban hành ngày 10/01, chưa số hóa").status_code
        == 200
    )
    assert write(client, base, "1", "self", 6, evidence=[{"title": "Kế hoạch 1/KH-SNV"}]).status_code == 200
    assert sheet(client, base)["items"][0]["evidence_required"] is True


def test_a_unit_explains_and_the_final_appraisal_decides(client: Client, as_client: Open) -> None:
    base = start_round(client, "self_assessment", process=FULL)
    unit, appraiser = as_client("scores:self@22.noi-vu"), as_client("scores:appraise@22")
    assert write(unit, base, "2", "self", 9).status_code == 200
    assert unit.post(f"{base}/units/22.noi-vu/sheet/submit", json={}).status_code == 200
    move(client, "appraisal")
    assert code_of(write(unit, base, "2", "self", 10))[1] == "stage_not_writable"
    assert write(appraiser, base, "2", "appraisal", 7, reason="Thiếu danh mục").status_code == 200
    assert (
        code_of(write(unit, base, "2", "explanation", None, reason="Đã công khai"))[1] == "stage_not_writable"
    )
    move(client, "explanation")
    assert sheet(unit, base)["submission"]["state"] == "open"  # the sheet is in the unit's hands again
    assert code_of(write(unit, base, "2", "explanation", 9, reason="x"))[1] == "explanation_with_points"
    assert code_of(write(unit, base, "2", "explanation", None))[1] == "explanation_without_text"
    assert code_of(write(unit, base, "3", "explanation", None, reason="x"))[1] == "stage_not_writable"
    document = {"title": "Ảnh chụp bảng niêm yết", "issued_on": "2021-12-20"}
    explained = write(
        unit, base, "2", "explanation", None, reason="Đã công khai ngày 20/12", evidence=[document]
    )
    assert explained.status_code == 200
    item = sheet(appraiser, base)["items"][1]
    assert (item["counts"], item["points"]) == ("appraisal", 7)  # an explanation never gives points
    assert item["stages"]["explanation"]["reason"] == "Đã công khai ngày 20/12"
    assert item["stages"]["explanation"]["evidence"][0]["title"] == "Ảnh chụp bảng niêm yết"
    assert code_of(write(appraiser, base, "2", "appraisal", 8))[1] == "stage_not_writable"
    move(client, "final_appraisal")
    assert write(appraiser, base, "2", "final_appraisal", 8.5).status_code == 200
    item = sheet(unit, base)["items"][1]
    assert (item["counts"], item["points"]) == ("final_appraisal", 8.5)
    assert [(e["stage"], e["points"]) for e in item["history"]] == [
        ("self", 9),
        ("appraisal", 7),
        ("explanation", None),
        ("final_appraisal", 8.5),
    ]
    assert all(e["recorded_by"] and e["recorded_at"] for e in item["history"])


def test_no_unit_writes_what_others_decide_about_it(client: Client, as_client: Open) -> None:
    base = start_round(client, "self_assessment")
    unit = as_client("scores:self@22.noi-vu", "statistics:write@22.noi-vu")
    for item, stage in (("2", "appraisal"), ("3", "survey"), ("2", "final"), ("2", "final_appraisal")):
        refused = write(unit, base, item, stage, 10, reason="x")
        assert code_of(refused) == (403, "scope_missing"), stage
        assert "scores:appraise" in refused.json()["detail"]
    assert code_of(write(unit, base, "3", "self", 10)) == (422, "stage_not_writable")
    assert code_of(write(unit, base, "2", "self", 10, unit="22.tai-chinh")) == (403, "outside_scope")
    assert sheet(client, base)["revision"] == 0


def test_nobody_appraises_the_unit_that_he_reports_for(client: Client, as_client: Open) -> None:
    base = start_round(client, "self_assessment", "appraisal")
    both = as_client("scores:appraise@22", "scores:self@22.noi-vu")
    belongs = as_client("scores:appraise@22", home_unit="22.noi-vu")
    for appraiser in (both, belongs):
        refused = write(appraiser, base, "2", "appraisal", 10)
        assert code_of(refused) == (403, "own_unit")
        assert "22.noi-vu" in refused.json()["detail"]
        assert write(appraiser, base, "2", "appraisal", 9, unit="22.tai-chinh").status_code == 200
        mixed = [
            {"unit": unit, "item": "2", "stage": "appraisal", "points": 8, "reason": "x"}
            for unit in DEPARTMENTS
        ]
        assert appraiser.post(f"{base}/scores", json={"scores": mixed}).status_code == 403
    assert [i["stages"] for i in sheet(client, base)["items"]] == [{}, {}, {}]


def test_a_stale_write_gets_both_versions_and_the_difference(client: Client) -> None:
    base = start_round(client, "self_assessment")
    write(client, base, "2", "self", 5)
    etag = client.get(f"{base}/units/22.noi-vu/sheet").headers["ETag"]
    write(client, base, "2", "self", 6, reason="tính lại")
    write(client, base, "1", "self", 0)
    stale = write(client, base, "2", "self", 7, headers={"If-Match": etag})
    assert stale.status_code == 412
    conflict = stale.json()["conflict"]
    score = {"unit": "22.noi-vu", "stage": "self", "not_applicable": False, "evidence": []}
    assert conflict["current"] == {
        "revision": 3,
        "scores": [
            {**score, "item": "1", "points": "0", "reason": None},
            {**score, "item": "2", "points": "6", "reason": "tính lại"},
        ],
    }
    assert conflict["yours"]["scores"] == [{**score, "item": "2", "points": "7", "reason": None}]
    assert conflict["difference"] == [
        {"field": "1/self/points", "base": None, "current": "0"},
        {"field": "1/self/not_applicable", "base": None, "current": False},
        {"field": "1/self/evidence", "base": None, "current": []},
        {"field": "2/self/points", "base": "5", "current": "6", "yours": "7"},
        {"field": "2/self/reason", "base": None, "current": "tính lại", "yours": None},
    ]


@pytest.mark.parametrize("step", ["submit", "return"])
def test_a_sheet_is_not_handed_over_as_it_was_not_read(client: Client, step: str) -> None:
    base = start_round(client, "self_assessment")
    write(client, base, "2", "self", 5)
    write(client, base, "2", "self", 6, reason="tính lại")
    url = f"{base}/units/22.noi-vu/sheet"
    said = {"json": {"reason": "x"} if step == "return" else {}}
    if step == "return":
        assert client.post(f"{url}/submit", json={}, headers={"If-Match": '"2"'}).status_code == 200
    stale = client.post(f"{url}/{step}", **said, headers={"If-Match": '"1"'})
    assert code_of(stale) == (412, "precondition_failed")
    revision, state = (3, "submitted") if step == "return" else (2, "open")
    score = {"unit": "22.noi-vu", "item": "2", "stage": "self", "points": "6", "not_applicable": False}
    assert stale.json()["conflict"] == {
        "current": {
            "unit": "22.noi-vu",
            "state": state,
            "revision": revision,
            "open_until": None,
            "scores": [{**score, "reason": "tính lại", "evidence": []}],
        },
        "yours": {"scores": []},
        "difference": [
            {"field": "2/self/points", "base": "5", "current": "6"},
            {"field": "2/self/reason", "base": None, "current": "tính lại"},
        ],
    }
    now = client.get(url).headers["ETag"]
    assert client.post(f"{url}/{step}", **said, headers={"If-Match": now}).status_code == 200


def test_an_item_can_be_matched_alone(client: Client) -> None:
    base = start_round(client, "self_assessment")
    write(client, base, "2", "self", 5)
    item = client.get(f"{base}/units/22.noi-vu/scores/2")
    assert item.json()["stages"]["self"]["points"] == 5
    etag = item.headers["ETag"]
    write(client, base, "1", "self", 0)  # elsewhere on the sheet
    assert write(client, base, "2", "self", 6, headers={"If-Match": '"1"'}).status_code == 412
    assert write(client, base, "2", "self", 6, headers={"If-Match": etag}).status_code == 200
    assert write(client, base, "2", "self", 7, headers={"If-Match": etag}).status_code == 412
    rows = [{"unit": "22.noi-vu", "item": "2", "stage": "self", "points": 8}]
    stale = client.post(f"{base}/scores", json={"scores": rows}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert stale.json()["conflict"]["yours"]["scores"][0]["points"] == "8"
    now = client.get(f"{base}/units/22.noi-vu/sheet").headers["ETag"]
    assert client.post(f"{base}/scores", json={"scores": rows}, headers={"If-Match": now}).status_code == 201
    two = [*rows, {"unit": "22.tai-chinh", "item": "2", "stage": "self", "points": 8}]
    assert code_of(client.post(f"{base}/scores", json={"scores": two}, headers={"If-Match": now})) == (
        422,
        "if_match_of_one_unit",
    )


def test_a_correction_is_seen_when_it_is_published(client: Client, as_client: Open) -> None:
    """2: 9 of 30; corrected to 6 with a reason. Until it is published again everybody reads 9."""
    base = start_round(client, "self_assessment", "appraisal")
    write(client, base, "2", "appraisal", 9)
    write(client, base, "2", "appraisal", 8, unit="22.tai-chinh")
    move(client, "approved", "published", "correction")
    assert code_of(write(client, base, "2", "appraisal", 6, reason="x"))[1] == "stage_not_writable"
    assert code_of(write(client, base, "2", "final", 9.5))[1] == "reason_missing"
    assert write(client, base, "2", "final", 6, reason="Kết luận thanh tra 5/KL-TTr").status_code == 200
    ministry = as_client("results:read_unpublished")
    with open_client(client.app, key=None) as public:

        def standing(reader: Client) -> list[tuple[str, float, int]]:
            items = reader.get(f"{base}/rankings").json()["items"]
            return [(i["unit"]["code"], i["points"], i["rank"]) for i in items]

        published = [("22.noi-vu", 9, 1), ("22.tai-chinh", 8, 2)]
        corrected = [("22.tai-chinh", 8, 1), ("22.noi-vu", 6, 2)]
        assert standing(public) == standing(as_client("scores:self@22.noi-vu")) == published
        assert public.get(f"{base}/indices/22.noi-vu").json()["points"] == 9
        assert standing(ministry) == corrected
        assert standing(public) == published  # what was computed for the ministry does not leak
        move(client, "published")
        assert standing(public) == standing(ministry) == corrected
        assert public.get(f"{base}/indices/22.noi-vu").json()["points"] == 6


def test_who_may_move_a_round(client: Client, as_client: Open) -> None:
    base = start_round(client)
    elsewhere, manager = as_client("rounds:manage@31"), as_client("rounds:manage@22")
    publisher = as_client("publish@22")

    def to(api: Client, state: str) -> tuple[int, str]:
        answer = api.post(f"{base}/transitions", json={"to": state, "reason": "x"})
        return answer.status_code, answer.json().get("code")

    assert to(elsewhere, "self_assessment") == (403, "outside_scope")
    assert to(publisher, "self_assessment") == (403, "scope_missing")
    for state in ("self_assessment", "appraisal", "approved"):
        assert to(manager, state)[0] == 200
    assert to(manager, "published") == (403, "scope_missing")
    assert to(publisher, "published")[0] == 200
    other = body(participants=[{"group": "so", "units": ["22.noi-vu", "31"]}])
    assert manager.put("/v1/rounds/other", json=other).status_code == 403


def test_unpublished_results_show_only_what_the_key_reaches(client: Client, as_client: Open) -> None:
    base = start_round(client, "self_assessment")
    write(client, base, "2", "self", 9)
    unit, both = as_client("scores:self@22.noi-vu"), as_client("results:read_unpublished@22")
    reporter = as_client("statistics:write@22")
    assert [i["unit"]["code"] for i in unit.get(f"{base}/indices").json()["items"]] == ["22.noi-vu"]
    own = unit.get(f"{base}/indices/22.noi-vu").json()
    assert (own["points"], own["rank"], {a["rank"] for a in own["areas"]}) == (9, None, {None})
    assert code_of(unit.get(f"{base}/indices/22.tai-chinh")) == (403, "outside_scope")
    assert code_of(unit.get(f"{base}/rankings")) == (403, "ranking_needs_all")
    assert code_of(unit.get(f"{base}/units/22.tai-chinh/sheet")) == (403, "outside_scope")
    assert code_of(unit.get(f"{base}/units/22.tai-chinh/scores/2")) == (403, "outside_scope")
    assert code_of(reporter.get(f"{base}/rankings")) == (403, "scope_missing")
    assert both.get(f"{base}/rankings").json()["items"][0]["rank"] == 1


def test_more_time_never_becomes_less(client: Client, as_client: Open) -> None:
    """One unit gets until tomorrow; then everybody gets a month: so does that unit."""
    base = start_round(client, "self_assessment", deadlines={"self_assessment": PASSED})
    now = datetime.now(UTC)
    until, month = ((now + timedelta(days=d)).isoformat() for d in (1, 30))
    path = f"{base}/units/22.noi-vu/sheet/return"
    assert client.post(path, json={"reason": "Mất mạng", "until": until}).status_code == 200
    put(client, base, body(deadlines={"self_assessment": month}), 200)
    (own,) = (a for a in sheet(client, base)["actions"] if a["action"] == "write_self")
    assert datetime.fromisoformat(own["deadline"]) == datetime.fromisoformat(month)


def test_an_appraisal_that_is_lowered_again_says_why(client: Client) -> None:
    base = start_round(client, "self_assessment", "appraisal")
    assert write(client, base, "2", "appraisal", 9).status_code == 200
    assert code_of(write(client, base, "2", "appraisal", 4))[1] == "removed_without_reason"
    assert write(client, base, "2", "appraisal", 4, reason="nhập nhầm").status_code == 200


def test_the_conflict_of_a_submitted_sheet_names_its_revision(client: Client) -> None:
    base = start_round(client, "self_assessment")
    write(client, base, "2", "self", 5)
    for step, said in (("submit", {}), ("return", {"reason": "x"})):
        assert client.post(f"{base}/units/22.noi-vu/sheet/{step}", json=said).status_code == 200
    stale = write(client, base, "2", "self", 6, headers={"If-Match": '"1"'})
    assert stale.json()["conflict"]["current"]["revision"] == 3
    write(client, base, "1", "self", 0)
    write(client, base, "2", "self", 7)
    stale = write(client, base, "2", "self", 8, headers={"If-Match": '"i1"'})
    assert {d["field"].split("/")[0] for d in stale.json()["conflict"]["difference"]} == {"2"}


def test_callers_who_see_different_things_get_different_etags(client: Client, as_client: Open) -> None:
    base = start_round(client, "self_assessment")
    narrow, wide = as_client("scores:self@22.noi-vu"), as_client("results:read_unpublished@22")
    seen = wide.get(f"{base}/indices")
    assert seen.headers["Vary"] == "Authorization"
    answer = narrow.get(f"{base}/indices", headers={"If-None-Match": seen.headers["ETag"]})
    assert (answer.status_code, len(answer.json()["items"])) == (200, 1)
    vietnamese = client.get(base, headers={"Accept-Language": "vi"})
    english = client.get(base, headers={"If-None-Match": vietnamese.headers["ETag"]})
    assert (english.status_code, english.headers["Content-Language"]) == (200, "en")
    later = body(deadlines={"self_assessment": PASSED})
    changed = client.put(base, json=later, headers={"If-Match": vietnamese.headers["ETag"]})
    assert changed.status_code == 200
    assert client.put(base, json=body(), headers={"If-Match": english.headers["ETag"]}).status_code == 412


def test_nobody_widens_what_he_may_do_by_the_registry(client: Client, as_client: Open) -> None:
    base = start_round(client, "self_assessment")
    grouped = as_client("units:write@22", "scores:appraise@group:mine")
    moved = as_client("units:write@22", "scores:appraise@22.tai-chinh")
    unit = {"name_vi": "Sở Nội vụ", "kind": "department", "parent_code": "22", "valid_from": "2020-01-01"}
    path = "/v1/units/22.noi-vu"
    assert code_of(grouped.put(path, json=unit | {"groups": ["mine"]})) == (403, "reach_widened")
    centre = unit | {"kind": "other", "name_vi": "Trung tâm"}
    put(client, "/v1/units/22.trung-tam", centre)
    under = centre | {"parent_code": "22.tai-chinh"}
    assert code_of(moved.put("/v1/units/22.trung-tam", json=under)) == (403, "reach_widened")
    assert client.get(path).json()["groups"] == []
    for other in (grouped, moved):
        assert code_of(other.get(f"{base}/units/22.noi-vu/sheet")) == (403, "outside_scope")
    assert grouped.put(path, json=unit | {"groups": ["so"]}).status_code == 200
    assert moved.put("/v1/units/22.moi", json=under).status_code == 201


def test_nobody_squats_on_the_code_of_a_round(client: Client, as_client: Open) -> None:
    start_round(client)
    empty = body(participants=[])
    assert code_of(as_client("rounds:manage@22").put("/v1/rounds/taken", json=empty)) == (403, "scope_bound")
    assert as_client("rounds:manage").put("/v1/rounds/taken", json=empty).status_code == 201
