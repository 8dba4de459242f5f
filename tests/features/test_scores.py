"""Scores come in: whole batches or nothing, append-only, under the rules of the stage and the item."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
from sqlmodel import col, select

from app.models import ScoreEntryRow
from tests.conftest import Client, open_client

MANUAL = {"kind": "manual"}
# 92 + 8 = 100
SHEET = {
    "code": "sheet",
    "version": "1",
    "title_vi": "Bộ thử nghiệm",
    "level": "province",
    "status": "illustrative",
    "total_points": 100,
    "applies": {"from": "2021-01-01"},
    "rounding": {"decimals": 2},
    "areas": [
        {
            "code": "1",
            "name_vi": "Lĩnh vực 1",
            "reform_area": "procedures",
            "max_points": 92,
            "criteria": [
                {"code": "1.1", "name_vi": "Thẩm định", "max_points": 50},
                {
                    "code": "1.2",
                    "name_vi": "Có bước",
                    "max_points": 20,
                    "rule": {"kind": "manual", "step": 0.5},
                },
                {"code": "1.3", "name_vi": "Điều tra", "max_points": 12, "source": "survey"},
                {
                    "code": "1.4",
                    "name_vi": "Số liệu",
                    "max_points": 10,
                    "rule": {"kind": "measure", "rate": "measure:plan_tasks"},
                },
            ],
        },
        {"code": "2", "name_vi": "Lĩnh vực 2", "reform_area": "leadership", "max_points": 8},
    ],
}
HINTED = {
    "unit_not_participant",
    "item_unknown",
    "points_above_maximum",
    "points_above_shared_maximum",
    "too_many_decimals",
    "not_finite",
    "stage_not_writable",
    "duplicate_row",
    "points_missing",
    "reason_missing",
    "unknown_member",
}


def without_actions(response: httpx.Response) -> Any:
    """The answer without what can be done next."""
    return {name: value for name, value in response.json().items() if name != "actions"}


def move(client: Client, code: str, *states: str) -> None:
    for state in states:
        moved = client.post(f"/v1/rounds/{code}/transitions", json={"to": state})
        assert moved.status_code == 200, moved.text


def start_round(client: Client, units: list[str], *states: str, framework: str = "sheet@1") -> str:
    """The base URL of a round of 2021 over some provinces, moved through `states`."""
    if framework == "sheet@1":
        url = "/v1/frameworks/sheet/versions/1"
        assert client.put(url, json=SHEET).status_code in (200, 201)
        assert client.post(f"{url}/publish").status_code == 200
    round_ = {
        "title_vi": "Kỳ thử nghiệm",
        "framework": framework,
        "period": "2021",
        "participants": [{"group": "all", "units": units}],
    }
    put = client.put("/v1/rounds/r", json=round_)
    assert put.status_code == 201, put.text
    move(client, "r", *states)
    return "/v1/rounds/r"


def score(unit: str, item: str, stage: str, points: float | None = None, **more: object) -> dict[str, Any]:
    return {"unit": unit, "item": item, "stage": stage, "points": points, **more}


def send(client: Client, base: str, *scores: dict[str, Any], **query: str) -> httpx.Response:
    return client.post(f"{base}/scores", json={"scores": list(scores)}, params=query)


def send_text(client: Client, base: str, body: str) -> httpx.Response:
    """JSON as it is written: other systems write NaN, and more digits than a float keeps."""
    return client.post(f"{base}/scores", content=body, headers={"Content-Type": "application/json"})


def sheet(client: Client, base: str, unit: str) -> dict[str, Any]:
    response = client.get(f"{base}/units/{unit}/sheet")
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    assert response.headers["ETag"] == f'"{body["revision"]}"'
    return body


def item_of(body: dict[str, Any], code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item for item in body["items"] if item["code"] == code)
    return found


def history(client: Client, item: str) -> list[tuple[int, str, float | None]]:
    """(revision, stage, points) of every entry of an item, as stored (in 10^-10 points)."""
    query = select(ScoreEntryRow.revision, ScoreEntryRow.stage, ScoreEntryRow.points)
    query = query.where(ScoreEntryRow.item_code == item).order_by(col(ScoreEntryRow.revision))
    with client.app.state.database.read() as session:
        return [(r, s, None if p is None else p / 10**10) for r, s, p in session.exec(query)]


def problems(response: httpx.Response, status: int = 422) -> list[tuple[str, str]]:
    """(pointer, code) of each error; each has a message and, where that does not say it all, a hint."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    errors = response.json()["errors"]
    for error in errors:
        assert error["message"], error
        assert error["hint"] or error["code"] not in HINTED, error
    return [(error["pointer"], error["code"]) for error in errors]


def test_one_score_with_if_match(client: Client) -> None:
    base = start_round(client, ["01"], "self_assessment", "appraisal")
    url = f"{base}/units/01/scores/1.1"
    first = client.put(url, json={"stage": "appraisal", "points": 40})
    assert (first.status_code, first.headers["ETag"]) == (200, '"1"')
    assert without_actions(first) == {
        "round": "r",
        "unit": "01",
        "item": "1.1",
        "stage": "appraisal",
        "points": 40,
        "not_applicable": False,
        "reason": None,
        "evidence": [],
        "revision": 1,
    }
    second = client.put(url, json={"stage": "appraisal", "points": 41}, headers={"If-Match": '"1"'})
    assert (second.status_code, second.headers["ETag"]) == (200, '"2"')
    for stale in ('"1"', 'W/"2"', "2", '"0", "1"'):
        refused = client.put(url, json={"stage": "appraisal", "points": 42}, headers={"If-Match": stale})
        assert (refused.status_code, refused.json()["code"]) == (412, "precondition_failed"), stale
        assert "revision 2" in refused.json()["detail"]
        assert stale in refused.json()["detail"]
    for current, points in (("*", 43), ('"1", "3"', 44)):
        body = {"stage": "appraisal", "points": points}
        assert client.put(url, json=body, headers={"If-Match": current}).status_code == 200
    repeated = client.put(url, json={"stage": "appraisal", "points": 44})
    assert (repeated.status_code, repeated.headers["ETag"]) == (200, '"4"')
    assert [points for _, _, points in history(client, "1.1")] == [40, 41, 43, 44]

    # a refused score names its place in this body
    assert problems(client.put(url, json={"stage": "appraisal", "points": 50.5})) == [
        ("/points", "points_above_maximum")
    ]
    assert problems(client.put(url, json={"stage": "survey", "points": 5})) == [
        ("/stage", "stage_not_writable")
    ]
    assert problems(client.put(url, json={"stage": "appraisal", "points": None})) == [
        ("/points", "points_missing")
    ]
    for path, code in (
        ("units/04/scores/1.1", "unit_not_participant"),
        ("units/nobody/scores/1.1", "unit_not_participant"),
        ("units/01/scores/9.9", "item_unknown"),
        ("units/01/scores/1", "item_unknown"),  # an area with criteria is not scored itself
    ):
        unknown = client.put(f"{base}/{path}", json={"stage": "appraisal", "points": 1})
        assert (unknown.status_code, unknown.json()["code"]) == (404, code), path
    unknown = client.put("/v1/rounds/none/units/01/scores/1.1", json={"stage": "appraisal", "points": 1})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "round_unknown")
    assert sheet(client, base, "01")["revision"] == 4


def test_which_stages_can_be_written_depends_on_the_state(client: Client) -> None:
    """self_assessment: self; appraisal: appraisal, survey, final; nothing before or after these two."""
    base = start_round(client, ["01"])
    written = {
        "draft": [],
        "self_assessment": ["self"],
        "appraisal": ["appraisal", "survey", "final"],
        "approved": [],
        "published": [],
    }
    items = {"survey": "1.3", "final": "1.2"}
    for state, stages in written.items():
        if state != "draft":
            move(client, "r", state)
        for stage in ("self", "appraisal", "survey", "final_appraisal", "final"):
            row = score("01", items.get(stage, "1.1"), stage, 10)
            answer = send(client, base, row)
            one = client.put(f"{base}/units/01/scores/{row['item']}", json={"stage": stage, "points": 10})
            if not stages:
                assert (answer.status_code, answer.json()["code"]) == (409, "round_closed"), state
                assert state in answer.json()["detail"]
                assert (one.status_code, one.json()["code"]) == (409, "round_closed"), state
            elif stage in stages:
                assert (answer.status_code, one.status_code) == (201, 200), (state, stage)
            else:
                assert problems(answer) == [("/scores/0/stage", "stage_not_writable")], (state, stage)
                assert problems(one) == [("/stage", "stage_not_writable")], (state, stage)
    without_key = {"scores": [score("01", "1.1", "self", 1)]}
    with open_client(client.app, key=None) as stranger:
        assert stranger.post(f"{base}/scores", json=without_key).status_code == 401
        assert stranger.put(f"{base}/units/01/scores/1.1", json={"stage": "self"}).status_code == 401


def test_history_is_kept_and_the_strongest_stage_counts(client: Client) -> None:
    base = start_round(client, ["01"], "self_assessment")
    send(client, base, score("01", "1.1", "self", 50), score("01", "2", "self", 8))
    move(client, "r", "appraisal")
    send(client, base, score("01", "1.1", "appraisal", 45, reason="thiếu tài liệu"))
    send(client, base, score("01", "1.1", "appraisal", 44.5, reason="chấm lại"))
    send(client, base, score("01", "1.1", "final", 47))
    item = item_of(sheet(client, base, "01"), "1.1")
    assert {stage: said["points"] for stage, said in item["stages"].items()} == {
        "self": 50,
        "appraisal": 44.5,
        "final": 47,
    }
    assert (item["counts"], item["points"]) == ("final", 47)
    assert history(client, "1.1") == [
        (1, "self", 50),
        (2, "appraisal", 45),
        (3, "appraisal", 44.5),
        (4, "final", 47),
    ]

    # withdrawn, stage by stage, each with a reason: what is below counts again
    assert send(client, base, score("01", "1.1", "final", None, reason="nhập nhầm")).status_code == 201
    item = item_of(sheet(client, base, "01"), "1.1")
    assert (item["counts"], item["points"]) == ("appraisal", 44.5)
    assert item["stages"]["final"] == {
        "points": None,
        "not_applicable": False,
        "reason": "nhập nhầm",
        "evidence": [],
        "revision": 5,
    }
    assert client.get(f"{base}/indices/01").json()["points"] == 52.5
    send(client, base, score("01", "1.1", "appraisal", None, reason="rút điểm"))
    item = item_of(sheet(client, base, "01"), "1.1")
    assert (item["counts"], item["points"]) == ("self", 50)
    assert history(client, "1.1")[-2:] == [(5, "final", None), (6, "appraisal", None)]

    # a survey item takes its own stage; `final` overrides it with a reason
    send(client, base, score("01", "1.3", "survey", 9))
    assert item_of(sheet(client, base, "01"), "1.3")["counts"] == "survey"
    send(client, base, score("01", "1.3", "final", 10, reason="kết luận của hội đồng"))
    item = item_of(sheet(client, base, "01"), "1.3")
    assert (item["counts"], item["points"], item["stages"]["survey"]["points"]) == ("final", 10, 9)


def test_not_applicable_leaves_the_denominator(client: Client) -> None:
    """78.53 of 92 is 85.36 %: the area of 8 points does not apply; missing or zero would be otherwise."""
    base = start_round(client, ["01", "02", "04"], "self_assessment", "appraisal")
    measured = client.put("/v1/units/01/measures/plan_tasks/2021", json={"numerator": 4, "denominator": 5})
    assert measured.status_code == 200
    for unit in ("02", "04"):
        row = score(unit, "1.4", "final", 8, reason="số liệu tương đương")
        assert send(client, base, row).status_code == 201
    for unit in ("01", "02", "04"):
        rows = [
            score(unit, "1.1", "appraisal", 48.03),
            score(unit, "1.2", "appraisal", 12.5),
            score(unit, "1.3", "survey", 10),
        ]
        assert send(client, base, *rows).status_code == 201
    send(client, base, score("01", "2", "appraisal", not_applicable=True), score("02", "2", "appraisal", 0))
    shown = ("points", "max_points", "open_points", "index_percent")
    indices = {i["unit"]["code"]: i for i in client.get(f"{base}/indices").json()["items"]}
    assert [indices["01"][name] for name in shown] == [78.53, 92, 0, 85.36]  # 48.03 + 12.5 + 10 + 8
    assert [indices["02"][name] for name in shown] == [78.53, 100, 0, 78.53]
    assert [indices["04"][name] for name in shown] == [78.53, 100, 8, 78.53]
    second_area = indices["01"]["areas"][1]
    assert (second_area["max_points"], second_area["percent"], second_area["rank"]) == (0, None, None)


def test_items_of_unknown_maxima_share_the_known_one(client: Client) -> None:
    """Lai Châu 2019: appraisal and survey are out of 100 together, and nobody knows their own maxima."""
    lai_chau = "par-department-lai-chau@2019"
    base = start_round(client, ["01", "02"], "self_assessment", "appraisal", framework=lai_chau)
    both = [score("01", "appraisal", "appraisal", 90), score("01", "survey", "survey", 20)]
    refused = send(client, base, *both)
    assert problems(refused) == [
        ("/scores/0/points", "points_above_shared_maximum"),
        ("/scores/1/points", "points_above_shared_maximum"),
    ]
    assert "appraisal + survey come to 110, more than their common maximum 100" in refused.text
    assert sheet(client, base, "01")["revision"] == 0
    # one after the other it is the same; another unit has room of its own
    assert send(client, base, both[0], score("02", "survey", "survey", 100)).status_code == 201
    assert problems(send(client, base, both[1])) == [("/scores/0/points", "points_above_shared_maximum")]
    one = client.put(f"{base}/units/01/scores/survey", json={"stage": "survey", "points": 20})
    assert problems(one) == [("/points", "points_above_shared_maximum")]
    assert send(client, base, score("01", "survey", "survey", 10)).status_code == 201
    # a weaker stage that does not count takes no room; lowering one makes room for the other
    final = score("01", "appraisal", "final", 80, reason="kết luận của hội đồng")
    lower = [final, score("01", "survey", "survey", 20)]
    assert send(client, base, *lower).status_code == 201
    withdrawn = send(client, base, score("01", "appraisal", "final", None, reason="rút"))
    assert problems(withdrawn) == [("/scores/0/points", "points_above_shared_maximum")]
    assert problems(send(client, base, score("01", "survey", "survey", not_applicable=True))) == [
        ("/scores/0/not_applicable", "not_applicable_unknown_maximum")
    ]
    index = client.get(f"{base}/indices/01").json()
    assert (index["points"], index["max_points"], index["open_points"]) == (100, 100, 0)
    waiting = client.get(f"{base}/indices/02").json()
    assert (waiting["points"], waiting["open_points"]) == (100, 0)


def test_points_go_in_steps_where_the_set_says_so(client: Client) -> None:
    base = start_round(client, ["01"], "self_assessment", "appraisal")
    for points, status in ((0, 201), (0.5, 201), (12.5, 201), (20, 201), (0.25, 422), (12.3, 422)):
        assert send(client, base, score("01", "1.2", "appraisal", points)).status_code == status, points
    assert [points for _, _, points in history(client, "1.2")] == [0, 0.5, 12.5, 20]


def test_two_writers_on_one_sheet_lose_nothing(client: Client) -> None:
    """Every accepted write is in the history; of two writers with the same If-Match one is refused."""
    base = start_round(client, ["01"], "self_assessment")
    gate = Barrier(2)

    def write(item: str, points: list[int]) -> list[int]:
        gate.wait(timeout=60)
        return [send(client, base, score("01", item, "self", p)).status_code for p in points]

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.submit(write, "1.1", list(range(10))), pool.submit(write, "1.2", list(range(10)))
        assert one.result(timeout=120) == two.result(timeout=120) == [201] * 10
    assert sheet(client, base, "01")["revision"] == 20
    revisions = {item: history(client, item) for item in ("1.1", "1.2")}
    for entries in revisions.values():
        assert [points for _, _, points in entries] == list(range(10))
    assert sorted(r for entries in revisions.values() for r, _, _ in entries) == list(range(1, 21))

    def replace(points: int) -> int:
        etag = client.get(f"{base}/units/01/sheet").headers["ETag"]
        gate.wait(timeout=60)
        body = {"stage": "self", "points": points}
        url = f"{base}/units/01/scores/2"
        return client.put(url, json=body, headers={"If-Match": etag}).status_code

    for attempt in range(3):
        with ThreadPoolExecutor(2) as pool:
            one, other = pool.submit(replace, 2 * attempt + 1), pool.submit(replace, 2 * attempt + 2)
            assert sorted([one.result(timeout=120), other.result(timeout=120)]) == [200, 412]
        assert len(history(client, "2")) == attempt + 1
    assert sheet(client, base, "01")["revision"] == 23
