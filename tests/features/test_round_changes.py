"""What changed between two rounds: in a ranking in full, and side by side."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tests.clients import make_client
from tests.conftest import Client, open_client
from tests.features.test_publications import publish
from tests.features.test_published import score_all, table
from tests.features.test_rankings import by_unit, open_round, publish_set
from tests.features.test_results import (
    PEOPLE,
    area,
    error,
    get,
    group,
    move,
    put,
    score,
)


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
