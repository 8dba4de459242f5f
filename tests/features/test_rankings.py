"""Rankings in full: regions, reform areas, other methods, ties, and what changed since the round before."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Client
from tests.features.test_results import (
    PEOPLE,
    SET,
    error,
    get,
    group,
    move,
    places,
    put,
    put_unit,
    score,
    start_round,
)

RED_RIVER = "region.dong-bang-song-hong"


def open_round(
    client: Client, code: str, set_: str, period: str, *groups: dict[str, Any], previous: str | None = None
) -> str:
    """The base URL of a round in state `appraisal`."""
    body = {"title_vi": code, "framework": set_, "period": period, "previous_round": previous}
    put(client, f"/v1/rounds/{code}", **body, participants=list(groups))
    move(client, f"/v1/rounds/{code}", "self_assessment", "appraisal")
    return f"/v1/rounds/{code}"


def publish_set(client: Client, code: str, areas: list[dict[str, Any]], **document: object) -> str:
    """The reference of a set of one's own."""
    put(client, f"/v1/frameworks/{code}/versions/1", **{**SET, "code": code, "areas": areas, **document})
    assert client.post(f"/v1/frameworks/{code}/versions/1/publish").status_code == 200
    return f"{code}@1"


def by_unit(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["unit"]["code"]: item for item in body["items"]}


def test_a_region_of_the_ten_leading_provinces(public: Client) -> None:
    """Published ranks 1, 2 and 8 of 2020 are those of the Red River delta: Quảng Ninh, Hải Phòng, Hà Nội."""
    base = "/v1/rounds/par-province-2020"
    body = get(public, f"{base}/rankings", region=RED_RIVER)
    assert [(i["rank"], i["rank_in_group"], i["unit"]["code"]) for i in body["items"]] == [
        (1, 1, "22"),
        (2, 2, "31"),
        (3, 8, "01"),
    ]
    assert {tuple(item["regions"]) for item in body["items"]} == {(RED_RIVER,)}
    # (91.05 + 90.51 + 86.07) / 3 = 89.21; quartiles half way to 90.51: 88.29, 90.78
    statistics = {name: body["statistics"][name] for name in ("units", "mean", "first_quartile", "lowest")}
    assert statistics == {"units": 3, "mean": 89.21, "first_quartile": 88.29, "lowest": 86.07}
    assert (body["region"], body["statistics"]["bands"][0]) == (RED_RIVER, {"label_vi": "A", "units": 2})
    # by appraisal: Hải Phòng 58.71, Quảng Ninh 57.66, Hà Nội 55.79; Đà Nẵng (58.01) is elsewhere
    body = get(public, f"{base}/rankings", region=RED_RIVER, area="appraisal")
    assert [(i["rank"], i["rank_in_group"], i["unit"]["code"]) for i in body["items"]] == [
        (1, 1, "31"),
        (2, 3, "22"),
        (3, 8, "01"),
    ]
    refused = public.get(f"{base}/rankings", params={"region": "region.tay-nguyen"})
    assert error(refused) == (422, "/query/region", "region_unknown")
    assert "region.bac-trung-bo-va-duyen-hai-mien-trung, region.dong-bang-song-cuu-long" in refused.text
    # a line of an ordinary ranking says none of it
    (line,) = get(public, f"{base}/rankings", limit=1)["items"]
    assert not {"regions", "rank_in_group", "ranks_by_method", "tie", "change"} & line.keys()


def test_a_region_is_that_of_the_end_of_the_period(client: Client) -> None:
    """24 is Bắc Giang, then Bắc Ninh; 46 is in Bắc Trung Bộ and the coast, then in the former alone."""
    set_ = publish_set(client, "set", PEOPLE)
    found = []
    for period in ("2024", "2025"):
        base = open_round(client, f"of-{period}", set_, period, group("24", "46"))
        found.append(
            {c: i["regions"] for c, i in by_unit(get(client, f"{base}/rankings", full=True)).items()}
        )
    assert found == [
        {
            "24": ["region.trung-du-va-mien-nui-phia-bac"],
            "46": ["region.bac-trung-bo-va-duyen-hai-mien-trung"],
        },
        {"24": [RED_RIVER], "46": ["region.bac-trung-bo"]},
    ]


def test_a_reform_area_is_the_sum_of_its_areas(client: Client) -> None:
    """a and b are procedures: 74 of 80 and 75 of 80."""
    base = start_round(client, PEOPLE, group("01", "02"))
    score(client, base, "01", a=50, b=24)
    score(client, base, "01", "survey", c=20)
    score(client, base, "02", a=45, b=30)
    body = get(client, f"{base}/rankings", reform_area="procedures")
    assert places(body) == [(1, "02"), (2, "01")]
    assert [(i["points"], i["max_points"], i["index_percent"], i["band"]) for i in body["items"]] == [
        (75, 80, 93.75, None),
        (74, 80, 92.5, None),
    ]
    assert (body["area"], body["reform_area"], body["statistics"]["highest"]) == (None, "procedures", 93.75)
    assert places(get(client, f"{base}/rankings", reform_area="leadership")) == [(1, "01"), (2, "02")]
    both = client.get(f"{base}/rankings", params={"area": "a", "reform_area": "procedures"})
    assert error(both) == (422, "/query/reform_area", "area_and_reform_area")
    absent = client.get(f"{base}/rankings", params={"reform_area": "impact"})
    assert error(absent) == (422, "/query/reform_area", "reform_area_absent")
    assert "procedures, leadership" in absent.json()["errors"][0]["hint"]
    assert error(client.get(f"{base}/rankings", params={"reform_area": "none"}))[:2] == (
        422,
        "/query/reform_area",
    )


@pytest.mark.parametrize(
    ("method", "ranks", "equals"),
    [
        ("competition", [1, 2, 2, 4, 5], (None, None)),
        ("dense", [1, 2, 2, 3, 4], (None, None)),
        ("ordinal", [1, 2, 3, 4, 5], ("name", "code")),
    ],
)
def test_ties_say_what_decided(
    client: Client, method: str, ranks: list[int], equals: tuple[str | None, str | None]
) -> None:
    """All but 01.z have 60; in area a 01.a has 40, 01.b and 01.c 35 each, 01.d 30. 01.b and 01.c differ by
    name (Sở A, Sở B) at most."""
    names = {"01.a": "Sở C", "01.b": "Sở A", "01.c": "Sở B", "01.d": "Sở D", "01.z": "Sở E"}
    for code, name in names.items():
        put_unit(client, code, "01", "department", name)
    ties = {"method": method, "keys": ["area:a"]}
    base = start_round(client, PEOPLE, group(*names), ties=ties)
    for code, points in {"01.a": 40, "01.b": 35, "01.c": 35, "01.d": 30.5}.items():
        score(client, base, code, a=points, b=60 - points if code != "01.d" else 29.5)
    score(client, base, "01.z", a=50)
    body = get(client, f"{base}/rankings", full=True)
    assert [i["unit"]["code"] for i in body["items"]] == ["01.a", "01.b", "01.c", "01.d", "01.z"]
    assert [i["rank"] for i in body["items"]] == ranks
    assert [i["ranks_by_method"][method] for i in body["items"]] == ranks
    assert [i["ranks_by_method"]["ordinal"] for i in body["items"]] == [1, 2, 3, 4, 5]
    first, second, _, _, alone = body["items"]
    assert alone["tie"] is None
    decided = {each["unit"]: each["decided_by"] for each in first["tie"]["with"]}
    assert decided == dict.fromkeys(["01.b", "01.c", "01.d"], "area:a")
    assert (first["tie"]["units"], first["tie"]["keys"]) == (3, [{"key": "area:a", "value": 80}])
    assert {each["unit"]: each["decided_by"] for each in second["tie"]["with"]} == {
        "01.a": "area:a",
        "01.c": equals[0],
        "01.d": "area:a",
    }
    put_unit(client, "01.b", "01", "department", "Sở B")
    line = by_unit(get(client, f"{base}/rankings", full=True))["01.c"]
    assert {each["unit"]: each["decided_by"] for each in line["tie"]["with"]}["01.b"] == equals[1]


def test_the_name_may_be_a_tie_key(client: Client) -> None:
    base = start_round(client, PEOPLE, group("01", "02"), ties={"method": "competition", "keys": ["name"]})
    lines = get(client, f"{base}/rankings", full=True)["items"]  # Hà Giang, Hà Nội: both have nothing yet
    assert [(i["rank"], i["unit"]["code"]) for i in lines] == [(1, "02"), (2, "01")]
    assert lines[0]["tie"] == {
        "units": 1,
        "with": [{"unit": "01", "decided_by": "name"}],
        "keys": [{"key": "name", "value": "Hà Giang"}],
    }


def test_of_very_many_equals_the_nearest_are_named(client: Client) -> None:
    """All 63 have nothing yet."""
    units = [u["code"] for u in get(client, "/v1/units", kind="province", valid_on="2021-12-31")["items"]]
    base = start_round(client, PEOPLE, group(*units))
    body = get(client, f"{base}/rankings", full=True)
    order = [item["unit"]["code"] for item in body["items"]]
    for place, near in ((0, order[1:21]), (31, order[21:31] + order[32:42]), (62, order[42:62])):
        tie = body["items"][place]["tie"]
        assert (tie["units"], [each["unit"] for each in tie["with"]]) == (62, near)


def test_published_ties(examples: Client) -> None:
    """Thanh Hóa 2024: two pairs share ranks 2 and 13 by the law of the set, which knows no tie keys."""
    body = get(examples, "/v1/rounds/thanh-hoa-departments-2024/rankings", full=True)
    tied = [item for item in body["items"] if item["tie"]]
    assert [item["rank"] for item in tied] == [2, 2, 13, 13]
    assert {each["decided_by"] for item in tied for each in item["tie"]["with"]} == {None}
    assert [item["ranks_by_method"]["dense"] for item in body["items"]] == [
        *(1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12, 13, 14, 15, 16, 17, 18)
    ]
    assert body["compared_with"] is None
    assert {item["change"] for item in body["items"]} == {None}


def test_a_group_that_is_not_ranked_has_no_ranks_by_any_method(client: Client) -> None:
    base = start_round(client, PEOPLE, group("01", "02", ranked=False))
    for item in get(client, f"{base}/rankings", full=True)["items"]:
        assert (set(item["ranks_by_method"].values()), item["tie"]) == ({None}, None)


def test_queries_do_not_grow_with_the_units_in_full(
    client: Client, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    listed = get(client, "/v1/units", kind="province", valid_on="2021-12-31")["items"]
    set_, counted = publish_set(client, "set", PEOPLE), []
    for size in (5, 40):
        units = [unit["code"] for unit in listed][:size]
        open_round(client, f"old-{size}", set_, "2020", group(*units))
        base = open_round(client, f"new-{size}", set_, "2021", group(*units), previous=f"old-{size}")
        get(client, f"{base}/rankings", full=True)
        calls = [f"{base}/rankings?full=true", f"{base}/comparison?with=old-{size}"]
        counted.append([count_queries(lambda: client.get(url)) for url in calls])  # noqa: B023
    assert counted[0] == counted[1]
