"""Rounds of 63 provinces on the map of 34: what is the same, what is computed anew, what neither."""

import csv
import io
from datetime import date
from typing import Any

import httpx
from python_calamine import CalamineWorkbook

from app.core.lineage import Lineage, Step, Version
from app.features.rankings.mapping.territory import Descent, find_descents
from tests.conftest import Client
from tests.features.test_results import (
    FIGURES,
    PEOPLE,
    area,
    by_rate,
    error,
    get,
    group,
    move,
    put,
    put_unit,
    score,
    start_round,
)

HAI_DUONG, HAI_PHONG, HUE = "30", "31", "46"
COUNTED = [
    area("dossiers", 60, **by_rate("dossier:resolved_of_received_percent")),
    area("tasks", 40, **by_rate("measure:plan_tasks")),
]


def report(
    client: Client, unit: str, dossiers: tuple[int, int], tasks: tuple[int, int] | None = None
) -> None:
    """Dossiers resolved of received; tasks done of those planned."""
    url = f"/v1/units/{unit}"
    put(client, f"{url}/dossier-statistics/2021", resolved=dossiers[0], received=dossiers[1])
    if tasks is not None:
        put(client, f"{url}/measures/plan_tasks/2021", numerator=tasks[0], denominator=tasks[1])


def today(client: Client, base: str, **query: object) -> dict[str, Any]:
    return get(client, f"{base}/rankings", map="today", **query)


def read_csv(file: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.text.lstrip("\ufeff"))))


def lines(body: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Unit -> name, rank, percent, comparability."""
    return {
        item["unit"]["code"]: (
            item["unit"]["name_vi"], item["rank"], item["index_percent"], item["comparability"]
        )
        for item in body["items"]
    }  # fmt: skip


def not_comparable(body: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    """Unit -> why, and the names of those that it came from."""
    return {
        each["unit"]["code"]: (each["reason"], [origin["unit"]["name_vi"] for origin in each["origins"]])
        for each in body["not_comparable"]
    }


def test_merged_provinces_are_computed_from_their_counts(client: Client) -> None:
    """Hải Dương 80 of 100 and 9 of 10, Hải Phòng 300 of 400 and 10 of 30: together 380 of 500 are 76 % of 60
    points, 19 of 40 are 47.5 % of 40: 45.6 + 19 = 64.6; the average of 84 and 58.33 would be 71.17."""
    base = start_round(client, COUNTED, group("01", HAI_DUONG, HAI_PHONG, HUE))
    report(client, "01", (50, 100), (1, 2))  # 30 + 20
    report(client, HAI_DUONG, (80, 100), (9, 10))  # 48 + 36
    report(client, HAI_PHONG, (300, 400), (10, 30))  # 45 + 13.33
    report(client, HUE, (100, 100), (1, 1))
    published = get(client, f"{base}/rankings")
    assert published["map"] == "as_published"
    assert [(i["unit"]["code"], i["index_percent"]) for i in published["items"]] == [
        (HUE, 100), (HAI_DUONG, 84), (HAI_PHONG, 58.33), ("01", 50)
    ]  # fmt: skip
    expected = {
        HUE: ("Huế", 1, 100, "same"),
        HAI_PHONG: ("Hải Phòng", 2, 64.6, "recomputed"),
        "01": ("Hà Nội", 3, 50, "same"),
    }
    body = today(client, base)
    assert (lines(body), body["not_comparable"], body["ended"], body["map"]) == (expected, [], [], "today")
    origins = {i["unit"]["code"]: [o["name_vi"] for o in i["origins"]] for i in body["items"]}
    assert origins == {HUE: ["Thừa Thiên Huế"], HAI_PHONG: ["Hải Dương", "Hải Phòng"], "01": ["Hà Nội"]}
    (merged,) = [i for i in body["items"] if i["unit"]["code"] == HAI_PHONG]
    assert [(a["points"], a["percent"], a["rank"]) for a in merged["areas"]] == [(45.6, 76, 2), (19, 47.5, 3)]
    assert body["statistics"]["median"] == 64.6
    move(client, base, "final_appraisal", "approved")
    report(client, HAI_PHONG, (400, 400), (30, 30))  # too late: it moves nothing any more
    assert lines(today(client, base)) == expected


def test_points_that_people_gave_are_not_averaged(client: Client) -> None:
    """Whole indices cannot be compared; the area of dossiers can. Yên Bái's code is Lào Cai's now."""
    base = start_round(client, FIGURES, group(HAI_DUONG, HAI_PHONG, "10", "15", HUE))
    for unit, resolved in ((HAI_DUONG, 10), (HAI_PHONG, 90), ("10", 50), (HUE, 70)):
        report(client, unit, (resolved, 100), (1, 2))
        score(client, base, unit, people=30)
    score(client, base, "15", people=30)  # Yên Bái reported no dossiers
    whole = today(client, base)
    assert lines(whole) == {HUE: ("Huế", 1, 73, "same")}  # 28 + 15 + 30
    assert not_comparable(whole) == {
        "15": ("merged", ["Lào Cai", "Yên Bái"]),
        HAI_PHONG: ("merged", ["Hải Dương", "Hải Phòng"]),
    }
    (lao_cai, hai_phong) = whole["not_comparable"]
    assert lao_cai["unit"] == {"code": "15", "name_vi": "Lào Cai"}
    assert [(o["index_percent"], o["rank"]) for o in hai_phong["origins"]] == [(49, 4), (81, 1)]
    dossiers = today(client, base, area="dossiers")
    assert lines(dossiers) == {
        HUE: ("Huế", 1, 70, "same"),
        HAI_PHONG: ("Hải Phòng", 2, 50, "recomputed"),
    }
    assert not_comparable(dossiers) == {"15": ("merged", ["Lào Cai", "Yên Bái"])}
    of_hai_phong = dossiers["items"][1]["areas"]
    assert [a["points"] for a in of_hai_phong] == [20, 15, None]
    assert [a["rank"] for a in of_hai_phong] == [2, 1, None]


def test_a_table_on_todays_map_says_the_same(client: Client) -> None:
    """CSV, with an area that cannot be compared left empty; the workbook and JSON-stat open, too."""
    base = start_round(client, FIGURES, group(HAI_DUONG, HAI_PHONG, HUE))
    for unit, resolved in ((HAI_DUONG, 10), (HAI_PHONG, 90), (HUE, 70)):
        report(client, unit, (resolved, 100), (1, 2))
        score(client, base, unit, people=30)
    query = {"map": "today", "area": "dossiers", "format": "csv"}
    rows = read_csv(client.get(f"{base}/rankings", params=query))
    assert [(r["unit"], r["rank"], r["dossiers.points"], r["people.points"], r["map"]) for r in rows] == [
        (HUE, "1", "28", "30", "today"), (HAI_PHONG, "2", "20", "", "today")
    ]  # fmt: skip
    whole = {"map": "today", "format": "csv"}
    rows = read_csv(client.get(f"{base}/rankings", params=whole))
    assert [(r["unit"], r["rank"], r["points"], r["status"]) for r in rows] == [
        (HUE, "1", "73", "provisional"), (HAI_PHONG, "", "", "not_comparable")
    ]  # fmt: skip
    cube = client.get(f"{base}/rankings", params={**whole, "format": "jsonstat"}).json()
    assert list(cube["dimension"]["unit"]["category"]["index"]) == [HUE, HAI_PHONG]
    assert cube["extension"]["map"] == "today"
    assert cube["extension"]["units"][HAI_PHONG] == {"band": None, "status": "not_comparable"}
    assert set(cube["value"][len(cube["value"]) // 2 :]) == {None}
    file = client.get(f"{base}/rankings", params={**whole, "format": "xlsx"})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_index(0).to_python()
    assert [row[1] for row in sheet[-2:]] == [HUE, HAI_PHONG]
    assert "Không so sánh được" in sheet[-1]
    refused = client.get(f"{base}/rankings", params={**whole, "format": "sdmx"})
    assert error(refused) == (422, "/query/format", "format_of_now_alone")


def test_percentages_and_overridden_points_cannot_be_added(client: Client) -> None:
    """A measure that was reported as a percentage, and an item that people corrected."""
    base = start_round(client, COUNTED, group(HAI_DUONG, HAI_PHONG))
    report(client, HAI_DUONG, (80, 100))
    report(client, HAI_PHONG, (300, 400))
    for unit in (HAI_DUONG, HAI_PHONG):
        put(client, f"/v1/units/{unit}/measures/plan_tasks/2021", percent=50)
    reason = {"item": "dossiers", "stage": "final", "reason": "Theo biên bản"}
    assert [i["unit"]["code"] for i in today(client, base, area="dossiers")["items"]] == [HAI_PHONG]
    assert today(client, base, area="tasks")["items"] == []
    sent = client.post(f"{base}/scores", json={"scores": [{"unit": HAI_DUONG, "points": 50, **reason}]})
    assert sent.status_code == 201, sent.text
    assert today(client, base, area="dossiers")["items"] == []


def test_values_are_no_counts(client: Client) -> None:
    """Places 5 and 12 of a national ranking are not place 17."""
    share = {"numerator": {"plus": ["measure:national_rank"]}, "denominator": {"plus": ["dossier:received"]}}
    rule = {"kind": "measure", "rate": share}
    base = start_round(client, [area("a", 100, rule=rule)], group(HAI_DUONG, HAI_PHONG))
    for unit, place in ((HAI_DUONG, 5), (HAI_PHONG, 12)):
        report(client, unit, (80, 100))
        put(client, f"/v1/units/{unit}/measures/national_rank/2021", value=place)
    assert [i["points"] for i in get(client, f"{base}/rankings")["items"]] == [12, 5]
    body = today(client, base)
    assert (body["items"], list(not_comparable(body))) == ([], [HAI_PHONG])


def test_a_region_of_todays_map(client: Client) -> None:
    """Of the Red River Delta: Hà Nội, and Hải Phòng, which cannot be compared; Lào Cai is elsewhere."""
    delta, north = "region.dong-bang-song-hong", "region.trung-du-va-mien-nui-phia-bac"
    base = start_round(client, PEOPLE, group("01", HAI_DUONG, HAI_PHONG, "10", "15"))
    for unit in ("01", HAI_DUONG, HAI_PHONG, "10", "15"):
        score(client, base, unit, a=40)
    body = today(client, base, region=delta)
    assert [(i["unit"]["code"], i["rank"]) for i in body["items"]] == [("01", 1)]
    assert list(not_comparable(body)) == [HAI_PHONG]
    assert [a["rank"] for a in body["items"][0]["areas"]] == [1, 1, 1]
    body = today(client, base, region=north)
    assert (body["items"], list(not_comparable(body))) == ([], ["15"])
    refused = client.get(f"{base}/rankings", params={"map": "today", "region": "region.bac-trung-bo"})
    assert error(refused) == (422, "/query/region", "region_unknown")
    assert refused.json()["errors"][0]["hint"].endswith(f"{delta}, {north}.")


def test_what_did_not_take_part_whole(client: Client) -> None:
    """Hải Phòng of today without Hải Dương is not it; districts ended, and nothing continues them."""
    put_unit(client, "31-q1", HAI_PHONG, "district", "Quận 1")
    base = start_round(client, PEOPLE, group(HAI_PHONG), group("31-q1", code="districts"))
    assert not_comparable(today(client, base, group="all")) == {HAI_PHONG: ("incomplete", ["Hải Phòng"])}
    ended = today(client, base, group="districts")
    assert (ended["items"], ended["not_comparable"]) == ([], [])
    assert ended["ended"] == [{"code": "31-q1", "name_vi": "Quận 1"}]


def test_sixty_three_provinces_on_the_map_of_thirty_four(examples: Client) -> None:
    """Of the ten provinces at the top of 2020, those that are the same today keep their points. Sources: the
    published ranking (tests/data), and Nghị quyết 202/2025/QH15 for what was merged."""
    body = today(examples, "/v1/rounds/par-province-2020")
    same = {item["unit"]["code"]: item for item in body["items"]}
    published = {
        item["unit"]["code"]: item for item in get(examples, "/v1/rounds/par-province-2020/rankings")["items"]
    }
    assert "22" in same  # Quảng Ninh
    assert HAI_PHONG in not_comparable(body)
    assert all(item["comparability"] == "same" for item in same.values())
    assert {code: item["points"] for code, item in same.items()} == {
        code: published[code]["points"] for code in same
    }
    left = {unit for each in body["not_comparable"] for unit in (o["unit"]["code"] for o in each["origins"])}
    assert left == set(published) - set(same)
    assert error(examples.get("/v1/rounds/par-province-2020/rankings?map=today&area=none")) == (
        422, "/query/area", "area_unknown"
    )  # fmt: skip


def test_descents_by_hand() -> None:
    """a stands; b and c became d; e was split into e and f; g was renamed h; x is new."""
    start, end, change = date(2012, 1, 1), date(2025, 6, 30), date(2025, 7, 1)
    steps = [
        Step("b", start, "d", change, "merge"),
        Step("c", start, "d", change, "merge"),
        Step("e", start, "e", change, "split"),
        Step("e", start, "f", change, "split"),
        Step("g", start, "h", change, "rename"),
    ]
    old = [Version(code, start, end, code) for code in "bceg"]
    new = [Version(code, change, None, code) for code in "defhx"]
    lineage = Lineage(steps, [*old, *new])
    days = (date(2021, 12, 31), date(2026, 1, 1))
    assert find_descents(lineage, "abceg", "ae", days) == [
        Descent("a", ("a",), is_same=True),
        Descent("d", ("b", "c"), is_same=False),
        Descent("e", ("e",), is_same=False, obstacle="split"),
        Descent("f", ("e",), is_same=False, obstacle="split"),
        Descent("h", ("g",), is_same=True),
    ]
    assert find_descents(lineage, "ab", "a", days)[1] == Descent("d", ("b",), False, "incomplete")
