"""Rankings in full: regions, reform areas, other methods, ties, and what changed since the round before."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.clients import make_client
from tests.conftest import Client, open_client
from tests.features.test_publications import publish
from tests.features.test_published import score_all, table
from tests.features.test_results import (
    PEOPLE,
    SET,
    area,
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


def publish_years(client: Client) -> list[dict[str, str]]:
    """Rounds p2020 and p2021 of the provinces whose index was published for both years."""
    rows = table("published_par_index_2020_2021.csv")
    for year in ("2020", "2021"):
        points = {row["unit"]: row[f"index_{year}"] for row in rows}
        score_all(client, f"p{year}", "par-department-thanh-hoa@2024", year, points)
    return rows


def test_changes_of_published_indices(client: Client) -> None:
    """Six provinces of the published tables of 2020 and 2021: differences of what was printed."""
    rows = publish_years(client)
    body = get(client, "/v1/rounds/p2021/comparison", **{"with": "p2020"})
    lines = {item["unit"]["name_vi"]: item for item in body["items"]}
    for row in rows:
        line, change = lines[row["province"]], Decimal(row["index_2021"]) - Decimal(row["index_2020"])
        assert Decimal(repr(line["change"]["index_percent"])) == change
        assert (line["comparability"], line["change"]["points"]) == ("same", float(change))
        assert Decimal(repr(line["before"]["index_percent"])) == Decimal(row["index_2020"])
    # among the six: Quảng Ninh 1 -> 2, Hải Phòng 2 -> 1, Thừa Thiên Huế 3 -> 4, Đà Nẵng 4 -> 3, others stay
    assert [(item["unit"]["code"], item["change"]["rank"]) for item in body["items"]] == [
        *(("31", 1), ("22", -1), ("48", 1), ("46", -1), ("77", 0), ("51", 0))
    ]
    # (0.10 + 1.29 + 0.85 + 3.69 + 1.59 + 13.20) / 6 = 3.4533
    assert body["summary"] == {"compared": 6, "risen": 2, "fallen": 2, "unchanged": 2, "mean_change": 3.45}
    assert (body["same_framework"], body["before"]["round"], body["after"]["period"]) == (
        True,
        "p2020",
        "2021",
    )
    back = get(client, "/v1/rounds/p2020/comparison", **{"with": "p2021"})
    assert back["summary"] == {"compared": 6, "risen": 2, "fallen": 2, "unchanged": 2, "mean_change": -3.45}


def two_maps(client: Client) -> tuple[str, str]:
    """Rounds of 2024 and 2025, over the merger of 2025-07-01."""
    set_ = publish_set(client, "set", PEOPLE)
    before = open_round(client, "r2024", set_, "2024", group("01", "10", "15", "24", "30", "31", "46"))
    after = open_round(client, "r2025", set_, "2025", group("01", "15", "31", "46", "48"), previous="r2024")
    for unit, points in {"01": 50, "10": 40, "15": 30, "30": 20, "31": 45, "46": 10, "24": 5}.items():
        score(client, before, unit, a=points)
    for unit, points in {"01": 40, "15": 42, "31": 50, "46": 30.25, "48": 1}.items():
        score(client, after, unit, a=points)
    return before, after


def test_changes_since_the_round_before(client: Client) -> None:
    """Hà Nội is the same; Huế was renamed; 15 was Yên Bái, then Lào Cai (with 10); Hải Phòng merged with Hải
    Dương; Đà Nẵng did not take part before."""
    _, after = two_maps(client)
    body = get(client, f"{after}/rankings", full=True)
    assert body["compared_with"] == {
        "round": "r2024",
        "group": "all",
        "period": "2024",
        "framework": "set@1",
        "status": "provisional",
        "same_framework": True,
    }
    lines = by_unit(body)
    assert lines["01"]["change"] == {
        "points": -10,
        "index_percent": -10,
        "rank": -2,
        "previous": {
            "unit": {"code": "01", "name_vi": "Hà Nội"},
            "points": 50,
            "max_points": 100,
            "index_percent": 50,
            "rank": 1,
            "band": None,
        },
        "comparability": "same",
        "related": [],
    }
    hue = lines["46"]["change"]
    assert (hue["points"], hue["rank"], hue["comparability"]) == (20.25, 2, "same")
    assert (hue["previous"]["unit"]["name_vi"], lines["46"]["unit"]["name_vi"]) == ("Thừa Thiên Huế", "Huế")
    nothing = {"points": None, "index_percent": None, "rank": None, "previous": None}
    assert lines["15"]["change"] == {**nothing, "comparability": "not_comparable", "related": ["10", "15"]}
    assert lines["31"]["change"] == {**nothing, "comparability": "not_comparable", "related": ["30", "31"]}
    assert lines["48"]["change"] == {**nothing, "comparability": "absent", "related": []}
    # one area, and one reform area (a and b: 50 of 80 before, 40 of 80 now)
    in_a = by_unit(get(client, f"{after}/rankings", full=True, area="a"))["01"]["change"]
    assert (in_a["index_percent"], in_a["previous"]["index_percent"]) == (-20, 100)
    summed = by_unit(get(client, f"{after}/rankings", full=True, reform_area="procedures"))["01"]["change"]
    assert (summed["points"], summed["index_percent"]) == (-10, -12.5)


def test_two_maps_side_by_side(client: Client) -> None:
    _, after = two_maps(client)
    body = get(client, f"{after}/comparison", **{"with": "r2024"})
    told = [(i["unit"]["code"], i["comparability"], i["related"]) for i in body["items"]]
    assert told == [
        ("31", "not_comparable", ["30", "31"]),
        ("15", "not_comparable", ["10", "15"]),
        ("01", "same", []),
        ("46", "same", []),
        ("48", "absent", []),
        ("31", "not_comparable", ["31"]),
        ("10", "not_comparable", ["15"]),
        ("15", "not_comparable", ["15"]),
        ("30", "not_comparable", ["31"]),
        ("24", "absent", []),
    ]
    assert [i["unit"]["name_vi"] for i in body["items"] if i["unit"]["code"] == "15"] == [
        "Lào Cai",
        "Yên Bái",
    ]
    assert [(i["before"] is None, i["after"] is None, i["change"]) for i in body["items"][4:6]] == [
        (True, False, None),
        (False, True, None),
    ]
    # Hà Nội 50 -> 40, rank 1 -> 3; Huế 10 -> 30.25, 6 -> 4
    assert body["summary"] == {"compared": 2, "risen": 1, "fallen": 1, "unchanged": 0, "mean_change": 5.13}
    assert body["items"][2]["areas"][0] == {
        "code": "a",
        "reform_area": "procedures",
        "before": 100,
        "after": 80,
        "change": -20,
    }
    # the other way round the same units are the same
    back = get(client, "/v1/rounds/r2024/comparison", **{"with": "r2025"})
    assert {i["unit"]["code"]: i["change"]["points"] for i in back["items"] if i["change"]} == {
        "01": 10,
        "46": -20.25,
    }


def test_two_criteria_sets_compare_in_percent_by_reform_area(client: Client) -> None:
    """40 of 50 and 20 of 30 of procedures become 63 of 70; leadership 10 of 20 becomes 10 of 20."""
    first = open_round(client, "old", publish_set(client, "s1", PEOPLE), "2020", group("01"))
    areas = [area("a", 70, "procedures"), area("c", 20, "leadership"), area("d", 0.5, "impact")]
    second = open_round(
        client,
        "new",
        publish_set(client, "s2", areas, total_points=90.5),
        "2021",
        group("01", code="other"),
        previous="old",
    )
    score(client, first, "01", a=40, b=20)
    score(client, first, "01", "survey", c=10)
    score(client, second, "01", a=63, c=10)
    (line,) = get(client, f"{second}/comparison", **{"with": "old"})["items"]
    # 70 of 100 and 73 of 90.5 = 80.6630 %: 10.66 percentage points; points of 100 and of 90.5 do not compare
    assert line["change"] == {"points": None, "index_percent": 10.66, "rank": 0}
    assert line["areas"] == [
        {"code": None, "reform_area": "procedures", "before": 75, "after": 90, "change": 15},
        {"code": None, "reform_area": "leadership", "before": 50, "after": 50, "change": 0},
        {"code": None, "reform_area": "impact", "before": None, "after": 0, "change": None},
    ]
    whole = get(client, f"{second}/rankings", full=True)
    assert whole["compared_with"]["same_framework"] is False
    assert whole["items"][0]["change"]["index_percent"] == 10.66
    # an area of another set is another thing, even under the same code; a reform area is the same
    in_a = get(client, f"{second}/rankings", full=True, area="a")["items"][0]["change"]
    assert (in_a["comparability"], in_a["previous"]) == ("not_comparable", None)
    summed = get(client, f"{second}/rankings", full=True, reform_area="procedures")["items"][0]["change"]
    assert (summed["comparability"], summed["index_percent"], summed["points"]) == ("same", 15, None)
    gone = get(client, f"{second}/rankings", full=True, reform_area="impact")["items"][0]["change"]
    assert gone["comparability"] == "not_comparable"


def test_the_answer_changes_when_the_round_before_does(client: Client) -> None:
    before, after = two_maps(client)
    plain, full = (client.get(f"{after}/rankings", params={"full": said}) for said in (False, True))
    score(client, before, "01", reason="chấm lại", a=45)
    tags = [{"If-None-Match": answer.headers["ETag"]} for answer in (plain, full)]
    again = client.get(f"{after}/rankings", params={"full": True}, headers=tags[1])
    assert again.status_code == 200
    assert by_unit(again.json())["01"]["change"]["points"] == -5
    assert again.json()["revision"] == again.headers["ETag"].strip('"')
    assert client.get(f"{after}/rankings", headers=tags[0]).status_code == 304
    tag = {"If-None-Match": again.headers["ETag"]}
    assert client.get(f"{after}/rankings", params={"full": True}, headers=tag).status_code == 304
    compared = client.get(f"{after}/comparison", params={"with": "r2024"})
    tag = {"If-None-Match": compared.headers["ETag"]}
    assert client.get(f"{after}/comparison", params={"with": "r2024"}, headers=tag).status_code == 304
    score(client, before, "46", reason="chấm lại", a=11)
    assert client.get(f"{after}/comparison", params={"with": "r2024"}, headers=tag).status_code == 200


def test_nobody_sees_through_a_comparison_what_is_not_public(client: Client) -> None:
    before, after = two_maps(client)
    move(client, after, "final_appraisal", "approved")
    url, query = f"{after}/comparison", {"with": "r2024"}
    own = make_client(client.app, ["results:read_unpublished@01"])
    with open_client(client.app, key=None) as public, open_client(client.app, own) as reader:
        for caller in (public, reader):
            body = get(caller, f"{after}/rankings", full=True)
            assert (body["compared_with"], body["items"][0]["change"]) == (None, None)
        assert public.get(url, params=query).status_code == 401
        assert reader.get(url, params=query).status_code == 403
        tag = public.get(f"{after}/rankings", params={"full": True}).headers["ETag"]
        move(client, before, "final_appraisal")
        held = {"to": "approved", "release_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
        assert client.post(f"{before}/transitions", json=held).status_code == 200
        assert public.get(url, params=query).status_code == 401
        get(client, f"{after}/rankings", full=True)
        read = client.get("/v1/audit", params={"action": "results.read_before_release"}).json()["items"]
        assert [event["subject"] for event in read] == [{"round": "r2024", "what": f"{after}/rankings"}]
        release = datetime.now(UTC) + timedelta(seconds=0.5)
        publish(client, before, release_at=release.isoformat())
        while public.get(url, params=query).status_code == 401:
            assert datetime.now(UTC) < release + timedelta(seconds=20)
        shown = public.get(f"{after}/rankings", params={"full": True}, headers={"If-None-Match": tag})
        assert shown.status_code == 200
        assert shown.json()["compared_with"]["round"] == "r2024"


def test_a_round_before_that_has_not_begun_or_has_no_such_group_is_none(client: Client) -> None:
    set_ = publish_set(client, "set", PEOPLE)
    participants = [group("01", code="x"), group("02", code="y")]
    draft = {"title_vi": "draft", "framework": set_, "period": "2020", "participants": participants}
    put(client, "/v1/rounds/draft", **draft)
    after = open_round(client, "now", set_, "2021", group("01"), previous="draft")
    assert get(client, f"{after}/rankings", full=True)["compared_with"] is None
    refused = client.get(f"{after}/comparison", params={"with": "draft"})
    assert (refused.status_code, refused.json()["code"]) == (409, "round_not_started")
    move(client, "/v1/rounds/draft", "self_assessment")
    assert get(client, f"{after}/rankings", full=True)["compared_with"] is None
    wrong = [
        ({"with": "none"}, "/query/with", "round_unknown"),
        ({"with": "draft"}, "/query/other_group", "group_needed"),
        ({"with": "draft", "other_group": "z"}, "/query/other_group", "group_unknown"),
        ({"with": "draft", "group": "z"}, "/query/group", "group_unknown"),
    ]
    for query, pointer, code in wrong:
        assert error(client.get(f"{after}/comparison", params=query)) == (422, pointer, code)
    body = get(client, f"{after}/comparison", **{"with": "draft", "other_group": "x"})
    assert [(i["unit"]["code"], i["comparability"]) for i in body["items"]] == [("01", "same")]


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
