"""Results by pull: never an old number, only stale units computed, the same bytes on both databases."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from itertools import count
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from app.features.results import repository
from app.models import DossierStatisticRow, MeasureValueRow, UnitResultRow
from tests.conftest import BACKENDS, Client, Postgresql, Templates, close, make_app, open_client

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


def test_a_read_never_shows_an_old_number(client: Client) -> None:
    """d1 > c1 and d2 > c2; after every write the next read is right, and its ETag is new."""
    for code, parent, kind in [("d1", "01", "district"), ("d2", "01", "district")]:
        put_unit(client, code, parent, kind)
    put_unit(client, "c1", "d1", "commune")
    put_unit(client, "c2", "d2", "commune")
    base = start_round(client, FIGURES, group("d1", "d2"))
    tasks, dossiers = "/v1/units/{}/measures/plan_tasks/2021", "/v1/units/{}/dossier-statistics/2021"
    override = {"stage": "final", "points": 1, "reason": "kết luận kiểm tra"}
    steps: list[tuple[Callable[[], None], dict[str, float]]] = [
        (lambda: score(client, base, "d1", people=27), {"d1": 27, "d2": 0}),
        (lambda: score(client, base, "d1", reason="chấm lại", people=24), {"d1": 24, "d2": 0}),
        (lambda: score(client, base, "d1", "final", people=25), {"d1": 25, "d2": 0}),
        # 1/2 x 30, then 3/5 x 30
        (lambda: put(client, tasks.format("d1"), numerator=1, denominator=2), {"d1": 40, "d2": 0}),
        (lambda: put(client, tasks.format("d1"), numerator=3, denominator=5), {"d1": 43, "d2": 0}),
        # a figure of the unit below: 5/10 x 40, then 8/10 x 40
        (lambda: put(client, dossiers.format("c1"), received=10, resolved=5), {"d1": 63, "d2": 0}),
        (lambda: put(client, dossiers.format("c1"), received=10, resolved=8), {"d1": 75, "d2": 0}),
        (lambda: put(client, dossiers.format("c2"), received=10, resolved=10), {"d1": 75, "d2": 40}),
        # c2 moves from d2 to d1: 18/20 x 40 = 36
        (lambda: put_unit(client, "c2", "d1", "commune"), {"d1": 79, "d2": 0}),
        # d1 has figures of its own: 18/30 x 40 = 24; then a total row speaks for all: 40
        (lambda: put(client, dossiers.format("d1"), received=10, resolved=0), {"d1": 67, "d2": 0}),
        (
            lambda: put(client, dossiers.format("d1"), scope="total", received=30, resolved=30),
            {"d1": 83, "d2": 0},
        ),
        # a correction overrides the figure: 1 instead of 18
        (lambda: put(client, f"{base}/units/d1/scores/tasks", **override), {"d1": 66, "d2": 0}),
    ]
    seen = {client.get(f"{base}/rankings").headers["ETag"]}
    for write, expected in steps:
        before = client.get(f"{base}/rankings").headers["ETag"]
        write()
        after = client.get(f"{base}/rankings", headers={"If-None-Match": before})
        assert after.status_code == 200
        assert after.headers["ETag"] not in seen
        seen.add(after.headers["ETag"])
        assert points_of(client, base) == expected
        unchanged = client.get(f"{base}/rankings", headers={"If-None-Match": after.headers["ETag"]})
        assert (unchanged.status_code, unchanged.content) == (304, b"")
    put_unit(client, "d1", "01", "district", name="Huyện mới")
    assert get(client, f"{base}/rankings")["items"][0]["unit"] == {"code": "d1", "name_vi": "Huyện mới"}
    for path in ("rankings", "indices", "indices/d1"):
        fresh = client.get(f"{base}/{path}")
        tags = f'"other", W/{fresh.headers["ETag"]}'
        assert client.get(f"{base}/{path}", headers={"If-None-Match": tags}).status_code == 304


def test_a_national_figure_follows_the_provinces(client: Client) -> None:
    """The nation is the sum of its provinces at every read, and its ETag with it."""
    base = start_round(client, FIGURES, group("VN"))
    tags = set()
    for province, resolved, points in (("01", 10, 40), ("02", 0, 20), ("02", 5, 30)):
        put(client, f"/v1/units/{province}/dossier-statistics/2021", received=10, resolved=resolved)
        answer = client.get(f"{base}/indices/VN", headers={"If-None-Match": ", ".join(tags)})
        assert answer.status_code == 200
        assert answer.json()["points"] == points
        tags.add(answer.headers["ETag"])
    move(client, base, "approved")
    put(client, "/v1/units/01/dossier-statistics/2021", received=10, resolved=0)
    assert get(client, f"{base}/indices/VN")["points"] == 30


def test_only_stale_units_are_computed(client: Client) -> None:
    """What is stored and fresh is served as it is: planted results stay until their unit changes."""
    base = start_round(client, FIGURES, group("01", "02", "04"))
    for unit in ("01", "02", "04"):
        score(client, base, unit, people=10)
        put(client, f"/v1/units/{unit}/measures/plan_tasks/2021", numerator=1, denominator=3)
    assert stored(client) == {}
    assert points_of(client, base) == {"01": 20, "02": 20, "04": 20}
    first = stored(client)
    assert {u: (r["sheet_revision"], r["statistics_revision"]) for u, r in first.items()} == {
        "01": (1, 1),
        "02": (1, 1),
        "04": (1, 1),
    }
    planted = "[[0,400000000000,0],[0,300000000000,0],[50000000000,300000000000,0]]"
    with client.app.state.database.write() as session:
        repository.store_results(session, [row | {"areas": planted} for row in first.values()])
    assert points_of(client, base) == {"01": 5, "02": 5, "04": 5}
    score(client, base, "02", people=12)
    assert points_of(client, base) == {"01": 5, "02": 22, "04": 5}
    put(client, "/v1/units/04/measures/plan_tasks/2021", numerator=2, denominator=3)
    assert points_of(client, base) == {"01": 5, "02": 22, "04": 30}
    second = stored(client)
    assert second["01"] == first["01"] | {"areas": planted}
    assert (second["02"]["sheet_revision"], second["04"]["statistics_revision"]) == (2, 2)
    # every change of the registry can change any roll-up
    put_unit(client, "d1", "01", "district")
    assert points_of(client, base) == {"01": 20, "02": 22, "04": 30}


def test_readers_beside_a_writer_never_see_an_old_number(client: Client) -> None:
    """A read shows at least what was acknowledged before it began, whoever computes and stores meanwhile."""
    base = start_round(client, PEOPLE, group("01", "02"))
    acknowledged = [0]

    def write() -> None:
        for points in range(1, 16):
            score(client, base, "01", a=points)
            acknowledged.append(points)

    def read(times: int) -> list[tuple[int, float]]:
        return [(acknowledged[-1], get(client, f"{base}/indices/01")["points"]) for _ in range(times)]

    with ThreadPoolExecutor(3) as pool:
        writing, *reading = pool.submit(write), pool.submit(read, 20), pool.submit(read, 20)
        writing.result(timeout=120)
        seen = [pair for reader in reading for pair in reader.result(timeout=120)]
    assert len(seen) == 40
    assert [(before, shown) for before, shown in seen if shown < before] == []
    assert points_of(client, base)["01"] == 15
    assert stored(client)["01"]["sheet_revision"] == 15


def test_stored_results_never_go_back(client: Client) -> None:
    """A slow reader that computed from older revisions cannot overwrite what a later one stored."""
    base = start_round(client, FIGURES, group("01"))
    score(client, base, "01", people=10)
    put(client, "/v1/units/01/measures/plan_tasks/2021", numerator=1, denominator=3)
    assert points_of(client, base) == {"01": 20}
    row = stored(client)["01"]
    revisions = ("sheet_revision", "statistics_revision", "round_revision", "tree_revision", "engine_version")
    late = row | {"areas": "[]", "self_scores_only": True}
    for behind in revisions:
        ahead = {name: row[name] + 1 for name in revisions}
        with client.app.state.database.write() as session:
            repository.store_results(session, [late | ahead | {behind: row[behind] - 1}])
        assert stored(client)["01"] == row, behind
    newer = late | {name: row[name] + 1 for name in revisions}
    with client.app.state.database.write() as session:
        repository.store_results(session, [newer])
    assert stored(client)["01"] == newer
    # and what claims to be ahead of the data is not believed either
    assert points_of(client, base) == {"01": 20}


def test_queries_do_not_grow_with_the_units(
    client: Client, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    """From nothing, after one change, and with nothing to compute: 5 units and 40."""
    listed = get(client, "/v1/units", kind="province", valid_on="2021-12-31")["items"]
    counted = []
    for size in (5, 40):
        units = [unit["code"] for unit in listed][:size]
        base = start_round(client, FIGURES, group(*units), code=f"of-{size}")
        for unit in units[:5]:
            put(client, f"/v1/units/{unit}/measures/plan_tasks/2021", numerator=size, denominator=80)
        get(client, f"{base}/indices/{units[0]}")  # the criteria set is parsed once
        put_unit(client, f"x{size}", "01", "district")  # all is stale
        cold = count_queries(lambda: get(client, f"{base}/rankings"))  # noqa: B023 - called at once
        score(client, base, units[1], people=3)
        one = count_queries(lambda: get(client, f"{base}/rankings"))  # noqa: B023
        none = count_queries(lambda: get(client, f"{base}/rankings"))  # noqa: B023
        listed_indices = count_queries(lambda: get(client, f"{base}/indices"))  # noqa: B023
        counted.append((cold, one, none, listed_indices))
    few, many = counted
    assert few == many
    assert 0 < few[2] < few[0]


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
    assert whole["statistics"] == summary
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


def read_only(database_url: str, templates: Templates) -> str:
    """The URL of a database that takes no more writes."""
    if not isinstance(templates.backend, Postgresql):
        return f"sqlite:///file:{database_url.removeprefix('sqlite:///')}?mode=ro&uri=true"
    name = database_url.partition("?")[0].rpartition("/")[2]
    with templates.backend.admin.connect() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    return database_url


def test_a_read_only_database_answers_the_right_ranking(
    client: Client, database_url: str, templates: Templates
) -> None:
    """As on a replica: results are computed in memory, nothing is stored, and a write is refused as 503."""
    base = start_round(client, FIGURES, group("01", "02"))
    score(client, base, "01", people=10)
    score(client, base, "02", people=30)
    put(client, "/v1/units/01/measures/plan_tasks/2021", numerator=2, denominator=3)
    app = make_app(read_only(database_url, templates))
    with open_client(app) as replica:
        for _ in range(2):
            answer = replica.get(f"{base}/rankings")
            assert answer.status_code == 200, answer.text
            assert [(i["rank"], i["unit"]["code"], i["points"]) for i in answer.json()["items"]] == [
                (1, "02", 30),  # Hà Giang, Hà Nội
                (1, "01", 30),
            ]
        assert stored(client) == {}
        lowered = {"stage": "appraisal", "points": 1, "reason": "chấm lại"}
        refused = replica.put(f"{base}/units/01/scores/people", json=lowered)
        assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
        assert client.get(f"{base}/rankings").content == answer.content
        assert set(stored(client)) == {"01", "02"}
        assert replica.get(f"{base}/rankings").content == answer.content
    close(app)


@contextmanager
def both_databases(all_templates: Callable[[str], Templates], loaded: bool) -> Iterator[list[Client]]:
    """A client of SQLite and one of PostgreSQL, over the same data."""
    with ExitStack() as stack:
        clients = []
        for backend in BACKENDS:
            templates = all_templates(backend)
            url = stack.enter_context(templates.copy(templates.loaded if loaded else templates.empty))
            app = make_app(url)
            stack.callback(app.state.database.close)
            clients.append(stack.enter_context(open_client(app)))
        yield clients


RECORDED = re.compile(rb'"recorded_at":"[^"]+"')  # when each of them was loaded


def reads_of(client: Client) -> Iterator[str]:
    """Every read of everything that the examples hold."""
    for code in [r["code"] for r in get(client, "/v1/rounds")["items"]]:
        base = f"/v1/rounds/{code}"
        yield from (base, f"{base}/rankings", f"{base}/indices?limit=1000", f"{base}/rankings?limit=2")
        ranking = get(client, f"{base}/rankings")
        yield from (f"{base}/rankings?area={area['code']}" for area in ranking["items"][0]["areas"])
        yield from (f"{base}/rankings?format={name}" for name in ("csv", "xlsx", "jsonstat", "sdmx"))
        for item in ranking["items"][:6]:
            yield f"{base}/indices/{item['unit']['code']}"
            yield f"{base}/units/{item['unit']['code']}/sheet"
    yield from ("/v1/rounds", "/v1/frameworks")
    for each in get(client, "/v1/frameworks")["items"]:
        yield f"/v1/frameworks/{each['code']}/versions/{each['version']}"
    for day in ("2024-12-31", "2025-07-01"):
        yield from (f"/v1/units?limit=1000&valid_on={day}", f"/v1/units?q=lam&valid_on={day}")
        yield f"/v1/units?limit=7&parent=VN&valid_on={day}"
    yield from (f"/v1/units/{code}/lineage" for code in ("15", "31", "46", "68", "VN"))
    dossiers = select(col(DossierStatisticRow.unit_code), col(DossierStatisticRow.period)).distinct()
    measures = select(MeasureValueRow.unit_code, MeasureValueRow.measure_code, MeasureValueRow.period)
    with client.app.state.database.read() as session:
        reported = sorted(session.exec(dossiers))
        measured = sorted(session.exec(measures))
    for unit, period in reported:
        url = f"/v1/units/{unit}/dossier-statistics/{period.replace('/', '--')}"
        yield from (url, f"{url}?scope=total", f"{url}?rollup=true")
        yield f"/v1/units/VN/dossier-statistics/{period.replace('/', '--')}?rollup=true"
    for unit, measure, period in measured:
        url = f"/v1/units/{unit}/measures/{measure}/{period.replace('/', '--')}"
        yield from (url, f"{url}?rollup=true")


def test_both_databases_answer_the_same_bytes(all_templates: Callable[[str], Templates]) -> None:
    with both_databases(all_templates, loaded=True) as (sqlite, postgresql):
        urls = list(dict.fromkeys(reads_of(sqlite)))
        assert len(urls) > 200
        named = {"X-Request-Id": "the-same-for-both"}
        for url in urls:
            one, other = (client.get(url, headers=named) for client in (sqlite, postgresql))
            said, other_said = (RECORDED.sub(b"", answer.content) for answer in (one, other))
            assert (one.status_code, said) == (other.status_code, other_said), url
            assert one.headers.get("ETag") == other.headers.get("ETag"), url
            if "rankings" in url:  # computed before, stored now
                assert sqlite.get(url).content == postgresql.get(url).content == one.content, url


UNITS = ("01", "02", "04", "06")
MAXIMA = {"a": 50, "b": 30, "c": 20}
rows = st.tuples(
    st.sampled_from(UNITS),
    st.sampled_from(sorted(MAXIMA)),
    st.booleans(),
    st.none() | st.integers(0, 10**4),
)
batches = st.lists(rows, min_size=1, max_size=24, unique_by=lambda row: row[:3]).flatmap(
    lambda batch: st.tuples(st.just(batch), st.permutations(batch))
)


def as_score(unit: str, item: str, final: bool, share: int | None) -> dict[str, Any]:
    """A share (of 10^4) of the item's maximum, or not applicable."""
    own = "survey" if item == "c" else "appraisal"
    row = {"unit": unit, "item": item, "stage": "final" if final else own, "reason": "thử nghiệm"}
    return row | ({"not_applicable": True} if share is None else {"points": share * MAXIMA[item] / 10**4})


def exact_index(batch: list[tuple[str, str, bool, int | None]], unit: str) -> Fraction | None:
    """Points / applicable maximum by the definition: `final` before the other stage, then a sum."""
    said = {(item, final): share for of, item, final, share in batch if of == unit}
    points, maximum = Fraction(0), 0
    for item, of in MAXIMA.items():
        share = said.get((item, True), said.get((item, False), 0))
        if share is not None:
            points, maximum = points + Fraction(share * of, 10**4), maximum + of
    return points / maximum if maximum else None


def test_any_scores_in_any_order_give_the_same_ranking(all_templates: Callable[[str], Templates]) -> None:
    with both_databases(all_templates, loaded=False) as clients:
        numbers = count()

        @settings(max_examples=15, deadline=None, derandomize=True, database=None)
        @given(batches)
        def check(orders: tuple[list[Any], list[Any]]) -> None:
            code = f"r{next(numbers)}"
            answers = []
            for client, order in zip(clients, orders, strict=True):
                base = start_round(client, PEOPLE, group(*UNITS), code=code)
                sent = client.post(f"{base}/scores", json={"scores": [as_score(*row) for row in order]})
                assert sent.status_code == 201, sent.text
                answers.append(client.get(f"{base}/rankings"))
            assert answers[0].content == answers[1].content
            index = {unit: exact_index(orders[0], unit) for unit in UNITS}
            for item in answers[0].json()["items"]:
                own = index[item["unit"]["code"]]
                better = [i for i in index.values() if i is not None and own is not None and i > own]
                assert item["rank"] == (None if own is None else 1 + len(better))
                assert item["points"] == round(sum(a["points"] for a in item["areas"]), 2)
                assert own is None or 0 <= item["index_percent"] <= 100

        check()
