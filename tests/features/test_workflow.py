"""A round as a workflow: phases, deadlines, submission, and the two sides of every item."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.conftest import Client, Open, open_client

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
