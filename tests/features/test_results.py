"""Indices and rankings: areas, groups, ties, pages, and who has none."""

from typing import Any

import httpx
from sqlmodel import select

from app.models import UnitResultRow
from tests.conftest import Client, open_client

SET = {
    "version": "1",
    "title_vi": "Bộ thử nghiệm",
    "level": "other",
    "status": "illustrative",
    "total_points": 100,
    "applies": {"from": "2021-01-01"},
    "rounding": {"decimals": 2},
    "bands": [{"label_vi": "A", "from": 90}, {"label_vi": "B", "from": 80}],
}


def area(code: str, max_points: float, reform_area: str | None = None, **item: object) -> dict[str, Any]:
    return {
        "code": code,
        "name_vi": f"Lĩnh vực {code}",
        "reform_area": reform_area,
        "max_points": max_points,
    } | item


def by_rate(rate: str) -> dict[str, Any]:
    return {"rule": {"kind": "measure", "rate": rate}}


PEOPLE = [
    area("a", 50, "procedures"),
    area("b", 30, "procedures"),
    area("c", 20, "leadership", source="survey"),
]
FIGURES = [
    area("dossiers", 40, **by_rate("dossier:resolved_of_received_percent")),
    area("tasks", 30, **by_rate("measure:plan_tasks")),
    area("people", 30),
]


def start_round(
    client: Client, areas: list[dict[str, Any]], *groups: dict[str, Any], code: str = "r", **document: object
) -> str:
    """The base URL of a round of 2021 in state `appraisal`, over a set of its own."""
    url = f"/v1/frameworks/{code}/versions/1"
    assert client.put(url, json={**SET, "code": code, "areas": areas, **document}).status_code == 201
    assert client.post(f"{url}/publish").status_code == 200
    round_ = {"title_vi": code, "framework": f"{code}@1", "period": "2021", "participants": list(groups)}
    put = client.put(f"/v1/rounds/{code}", json=round_)
    assert put.status_code == 201, put.text
    move(client, f"/v1/rounds/{code}", "self_assessment", "appraisal")
    return f"/v1/rounds/{code}"


def move(client: Client, base: str, *states: str) -> None:
    for state in states:
        moved = client.post(f"{base}/transitions", json={"to": state})
        assert moved.status_code == 200, moved.text


def group(*units: str, code: str = "all", **more: object) -> dict[str, Any]:
    return {"group": code, "units": list(units), **more}


def score(
    client: Client, base: str, unit: str, stage: str = "appraisal", reason: str | None = None, **points: float
) -> None:
    """Points of some items of a unit."""
    said = {"unit": unit, "stage": stage, "reason": reason}
    rows = [{**said, "item": item, "points": p} for item, p in points.items()]
    sent = client.post(f"{base}/scores", json={"scores": rows})
    assert sent.status_code == 201, sent.text


def put(client: Client, url: str, **body: object) -> None:
    answer = client.put(url, json=body)
    assert answer.status_code in (200, 201), answer.text


def put_unit(client: Client, code: str, parent: str, kind: str, name: str | None = None) -> None:
    """A unit until the end of districts."""
    dates = {"valid_from": "2012-01-01", "valid_to": "2025-06-30"}
    put(client, f"/v1/units/{code}", name_vi=name or code, kind=kind, parent_code=parent, **dates)


def get(client: Client, url: str, **query: object) -> dict[str, Any]:
    response = client.get(url, params=query)  # type: ignore[arg-type]
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def points_of(client: Client, base: str) -> dict[str, float]:
    """Unit -> points, from the ranking; indices and ranking must agree."""
    ranked = {i["unit"]["code"]: i["points"] for i in get(client, f"{base}/rankings")["items"]}
    listed = {i["unit"]["code"]: i["points"] for i in get(client, f"{base}/indices")["items"]}
    assert ranked == listed
    return ranked


def places(body: dict[str, Any]) -> list[tuple[int | None, str]]:
    return [(item["rank"], item["unit"]["code"]) for item in body["items"]]


def error(response: httpx.Response) -> tuple[int, str, str]:
    """(status, pointer, code) of the one error."""
    (only,) = response.json()["errors"]
    return response.status_code, only["pointer"], only["code"]


def stored(client: Client) -> dict[str, dict[str, Any]]:
    """Unit -> its stored result."""
    with client.app.state.database.read() as session:
        return {row.unit_code: row.model_dump() for row in session.exec(select(UnitResultRow))}


def test_approval_freezes_what_the_figures_gave(client: Client) -> None:
    base = start_round(client, FIGURES, group("01", "02"))
    score(client, base, "01", people=20)
    score(client, base, "02", people=30)
    put(client, "/v1/units/01/measures/plan_tasks/2021", numerator=14, denominator=27)
    assert points_of(client, base) == {"02": 30, "01": 35.56}  # 20 + 14/27 x 30
    live = get(client, f"{base}/units/01/sheet")["items"][1]
    assert (live["counts"], live["points"], live["stages"]["statistic"]["revision"]) == (
        "statistic",
        15.5556,
        None,
    )
    put(client, "/v1/units/01/measures/plan_tasks/2021", numerator=1, denominator=2)
    assert points_of(client, base) == {"02": 30, "01": 35}
    assert client.get(f"{base}/rankings").json()["status"] == "provisional"
    with open_client(client.app, key=None) as stranger:
        assert stranger.get(f"{base}/rankings").status_code == 401
        move(client, base, "approved")
        approved = stranger.get(f"{base}/rankings")
        assert (approved.status_code, approved.json()["status"]) == (200, "approved")
        assert places(approved.json()) == [(1, "01"), (2, "02")]

        # nothing that comes later moves it: figures, first figures of an open item, or the registry
        put(client, "/v1/units/01/measures/plan_tasks/2021", numerator=2, denominator=2)
        put(client, "/v1/units/02/measures/plan_tasks/2021", numerator=2, denominator=2)
        put(client, "/v1/units/01/dossier-statistics/2021", received=10, resolved=10)
        later = stranger.get(f"{base}/rankings")
        assert later.content == approved.content
        assert later.headers["ETag"] == approved.headers["ETag"]
        put_unit(client, "d1", "01", "district")
        assert stranger.get(f"{base}/rankings").json()["items"] == approved.json()["items"]
        index = get(stranger, f"{base}/indices/01")
        shown = ("points", "open_points", "status", "rank")
        assert [index[name] for name in shown] == [35, 40, "approved", 1]

        frozen = get(client, f"{base}/units/01/sheet")
        item = frozen["items"][1]
        assert (item["counts"], item["points"], frozen["state"]) == ("statistic", 15, "approved")
        assert frozen["writable_stages"] == []
        assert item["stages"]["statistic"] == {
            "points": 15,
            "not_applicable": False,
            "reason": "1/2 (2021)",
            "evidence": [],
            "revision": 2,
        }
        assert frozen["items"][0]["stages"] == {}
        move(client, base, "published")
        published = get(stranger, f"{base}/rankings")
        assert published["status"] == "published"
        for line in approved.json()["items"]:
            line["status"] = "published"
            assert line in published["items"]


def test_an_index_of_self_scores_alone_stays_provisional(client: Client) -> None:
    url = "/v1/frameworks/self/versions/1"
    put(client, url, **SET, code="self", areas=PEOPLE)
    assert client.post(f"{url}/publish").status_code == 200
    participants = [group("01", "02", "04")]
    put(client, "/v1/rounds/r", title_vi="r", framework="self@1", period="2021", participants=participants)
    base = "/v1/rounds/r"
    move(client, base, "self_assessment")
    score(client, base, "01", "self", a=40)
    score(client, base, "02", "self", a=40)
    move(client, base, "appraisal")
    score(client, base, "02", a=39, reason="thiếu tài liệu kiểm chứng")
    status = {"01": "provisional", "02": "approved", "04": "provisional"}
    assert {i["status"] for i in get(client, f"{base}/indices")["items"]} == {"provisional"}
    move(client, base, "approved")
    assert {i["unit"]["code"]: i["status"] for i in get(client, f"{base}/indices")["items"]} == status
    assert [get(client, f"{base}/indices/{unit}")["status"] for unit in status] == list(status.values())
    move(client, base, "published")
    assert get(client, f"{base}/indices/02")["status"] == "published"
    assert get(client, f"{base}/indices/01")["status"] == "provisional"


def test_indices_and_rankings_by_area(client: Client) -> None:
    """01: 50 + 24 + 18 = 92; 02: 45 + 30 + 7 = 82; 04: 45 + 10, 20 still open."""
    base = start_round(client, PEOPLE, group("01", "02", "04"))
    score(client, base, "01", a=50, b=24)
    score(client, base, "02", a=45, b=30)
    score(client, base, "04", a=45, b=10)
    score(client, base, "01", "survey", c=18)
    score(client, base, "02", "survey", c=7)
    whole = get(client, f"{base}/rankings")
    assert places(whole) == [(1, "01"), (2, "02"), (3, "04")]
    assert [item["band"] for item in whole["items"]] == ["A", "B", None]
    assert [item["open_points"] for item in whole["items"]] == [0, 0, 20]
    assert [item["index_percent"] for item in whole["items"]] == [92, 82, 55]
    # (92 + 82 + 55) / 3
    summary = {"units": 3, "mean": 76.33, "median": 82, "highest": 92, "lowest": 55}
    # half way from 55 to 82, and from 82 to 92
    summary |= {"first_quartile": 68.5, "third_quartile": 87}
    bands = [{"label_vi": "A", "units": 1}, {"label_vi": "B", "units": 1}]
    assert whole["statistics"] == {**summary, "bands": bands}
    assert (whole["area"], whole["group"], whole["ties"], whole["period"]) == (
        None,
        "all",
        "competition",
        "2021",
    )
    ranks = {i["unit"]["code"]: [a["rank"] for a in i["areas"]] for i in whole["items"]}
    assert ranks == {"01": [1, 2, 1], "02": [2, 1, 2], "04": [2, 3, 3]}

    # in area a 02 and 04 share rank 2; Cao Bằng (04) is listed before Hà Giang (02)
    first = get(client, f"{base}/rankings", area="a")
    assert places(first) == [(1, "01"), (2, "04"), (2, "02")]
    assert [(i["points"], i["max_points"], i["index_percent"]) for i in first["items"]] == [
        (50, 50, 100),
        (45, 50, 90),
        (45, 50, 90),
    ]
    assert (first["area"], first["statistics"]["mean"]) == ("a", 93.33)
    assert first["statistics"]["bands"] == []
    assert places(get(client, f"{base}/rankings", area="b")) == [(1, "02"), (2, "01"), (3, "04")]

    index = get(client, f"{base}/indices/04")
    assert (index["rank"], index["band"], index["max_points"], index["open_points"]) == (3, None, 100, 20)
    assert [(a["code"], a["points"], a["open_points"], a["percent"], a["rank"]) for a in index["areas"]] == [
        ("a", 45, 0, 90, 2),
        ("b", 10, 0, 33.33, 3),
        ("c", 0, 20, 0, 3),
    ]
    # areas of one reform area are added, not averaged: 55 of 80
    assert index["reform_areas"] == [
        {"reform_area": "procedures", "points": 55, "max_points": 80, "percent": 68.75},
        {"reform_area": "leadership", "points": 0, "max_points": 20, "percent": 0},
    ]
    assert error(client.get(f"{base}/rankings?area=d")) == (422, "/query/area", "area_unknown")
    assert "a, b, c" in client.get(f"{base}/rankings?area=d").json()["errors"][0]["hint"]


def test_ranks_and_bands_are_taken_before_rounding(client: Client) -> None:
    """90 and 89.9999 are both shown as 90: the first is A and ranks first."""
    base = start_round(client, PEOPLE, group("02", "01", "04"))
    score(client, base, "01", a=50, b=30)
    score(client, base, "01", "survey", c=9.9999)
    score(client, base, "02", a=50, b=30)
    score(client, base, "02", "survey", c=10)
    body = get(client, f"{base}/rankings")
    assert places(body) == [(1, "02"), (2, "01"), (3, "04")]
    assert [(i["index_percent"], i["band"]) for i in body["items"]] == [(90, "A"), (90, "B"), (0, None)]


def test_groups(client: Client) -> None:
    """Units are ranked inside their group; a group may be assessed and not ranked."""
    base = start_round(
        client, PEOPLE, group("01", "02", code="ranked"), group("04", "06", code="assessed", ranked=False)
    )
    for unit, points in (("01", 10), ("02", 20), ("04", 40), ("06", 30)):
        score(client, base, unit, a=points)
    assert places(get(client, f"{base}/rankings")) == [(1, "02"), (2, "01")]
    assessed = get(client, f"{base}/rankings", group="assessed")
    assert (assessed["group"], assessed["ranked"]) == ("assessed", False)
    assert places(assessed) == [(None, "04"), (None, "06")]
    assert {area["rank"] for item in assessed["items"] for area in item["areas"]} == {None}
    assert assessed["statistics"]["mean"] == 35
    index = get(client, f"{base}/indices/04")
    assert (index["group"], index["rank"], index["points"]) == ("assessed", None, 40)
    assert [i["unit"]["code"] for i in get(client, f"{base}/indices", group="assessed")["items"]] == [
        "04",
        "06",
    ]
    for path in ("rankings", "indices"):
        unknown = client.get(f"{base}/{path}?group=other")
        assert error(unknown) == (422, "/query/group", "group_unknown")
        assert "ranked, assessed" in unknown.json()["errors"][0]["hint"]

    two = start_round(client, PEOPLE, group("01", code="north"), group("79", code="south"), code="two")
    for path in ("rankings", "indices"):
        which = client.get(f"{two}/{path}")
        assert error(which) == (422, "/query/group", "group_needed")
        assert "north, south" in which.json()["errors"][0]["hint"]
        assert len(get(client, f"{two}/{path}", group="south")["items"]) == 1
    assert get(client, f"{two}/indices/79")["rank"] == 1


def test_pages(client: Client) -> None:
    base = start_round(client, PEOPLE, group("01", "02", "04", "06", "08"))
    for points, unit in enumerate(("08", "01", "06", "02", "04")):
        score(client, base, unit, a=points)
    for path, order in (
        ("rankings", ["04", "02", "06", "01", "08"]),
        ("indices", ["01", "02", "04", "06", "08"]),
    ):
        whole = get(client, f"{base}/{path}")
        assert ([i["unit"]["code"] for i in whole["items"]], whole["next_cursor"]) == (order, None)
        pages, cursor = [], None
        while cursor is not None or not pages:
            query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            pages.append(get(client, f"{base}/{path}", **query))
            cursor = pages[-1]["next_cursor"]
        assert [len(page["items"]) for page in pages] == [2, 2, 1]
        assert [item for page in pages for item in page["items"]] == whole["items"]
        assert {k: v for k, v in pages[1].items() if k not in ("items", "next_cursor")} == {
            k: v for k, v in whole.items() if k not in ("items", "next_cursor")
        }
        for cursor in ("nonsense", "WyJhIiwiYiJd", "bnVsbA"):
            assert error(client.get(f"{base}/{path}?cursor={cursor}")) == (
                422,
                "/query/cursor",
                "cursor_invalid",
            )
        for limit in ("0", "-1", "x", "100001"):
            assert error(client.get(f"{base}/{path}?limit={limit}"))[:2] == (422, "/query/limit")


def test_rounds_and_units_without_results(client: Client) -> None:
    put(client, "/v1/frameworks/people/versions/1", **SET, code="people", areas=PEOPLE)
    assert client.post("/v1/frameworks/people/versions/1/publish").status_code == 200
    participants = [group("01")]
    put(client, "/v1/rounds/r", title_vi="r", framework="people@1", period="2021", participants=participants)
    for path in ("rankings", "indices", "indices/01", "units/01/sheet"):
        draft = client.get(f"/v1/rounds/r/{path}")
        assert (draft.status_code, draft.json()["code"]) == (409, "round_not_started")
        unknown = client.get(f"/v1/rounds/none/{path}")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "round_unknown")
    move(client, "/v1/rounds/r", "self_assessment")
    for path in ("indices/02", "units/02/sheet", "indices/nobody"):
        elsewhere = client.get(f"/v1/rounds/r/{path}")
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "unit_not_participant")
    empty = get(client, "/v1/rounds/r/indices/01")
    assert [empty[name] for name in ("points", "open_points", "index_percent", "rank")] == [0, 100, 0, 1]
