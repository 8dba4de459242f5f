"""What was published, and what the service answers from the same input (figures and sources: tests/data)."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import Client

DATA = Path(__file__).parents[1] / "data"
PUBLISHED_ROUNDS = (
    "par-province-2020",
    "par-province-2017",
    "lai-chau-departments-2019",
    "thanh-hoa-departments-2024",
    "ict-egov-2017",
)
OPEN_ROUNDS = ("six-areas-cau-tre-2022", "six-areas-my-xuyen-2021")


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ranking(client: Client, code: str) -> dict[str, Any]:
    """A whole ranking, its numbers as the decimals that were sent."""
    response = client.get(f"/v1/rounds/{code}/rankings")
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json(parse_float=Decimal)
    return body


def ranks(body: dict[str, Any]) -> list[tuple[int, str]]:
    return [(item["rank"], item["unit"]["name_vi"]) for item in body["items"]]


def score_all(client: Client, code: str, framework: str, period: str, points: dict[str, str]) -> None:
    """A round of one group in which each unit has these points of the item `total`."""
    group = {"group": "all", "units": list(points)}
    round_ = {"title_vi": code, "framework": framework, "period": period, "participants": [group]}
    assert client.put(f"/v1/rounds/{code}", json=round_).status_code == 201
    for state in ("self_assessment", "appraisal"):
        assert client.post(f"/v1/rounds/{code}/transitions", json={"to": state}).status_code == 200
    scores = [{"unit": u, "item": "total", "stage": "final", "points": float(p)} for u, p in points.items()]
    sent = client.post(f"/v1/rounds/{code}/scores", json={"scores": scores})
    assert sent.status_code == 201, sent.text
    assert sent.json()["accepted"] == len(points)


def test_top_ten_provinces_of_2020(public: Client) -> None:
    """The totals of three were added from parts not yet rounded, and lie within 0.01."""
    published = table("published_par_index_2020.csv")
    body = ranking(public, "par-province-2020")
    assert ranks(body) == [(int(row["rank"]), row["province"]) for row in published]
    assert [item["band"] for item in body["items"]] == [row["band"] for row in published]
    assert [row["band"] for row in published].count("A") == 2
    parts = (
        "appraised_points",
        "sipas_points",
        "leaders_survey_points",
        "socioeconomic_impact_points",
    )
    for item, row in zip(body["items"], published, strict=True):
        assert [area["points"] for area in item["areas"]] == [Decimal(row[part]) for part in parts]
        assert item["points"] == item["index_percent"] == sum(Decimal(row[part]) for part in parts)
        added_unrounded = row["province"] in ("Quảng Ninh", "Đồng Tháp", "Phú Thọ")
        difference = abs(item["points"] - Decimal(row["published_total"]))
        assert difference == (Decimal("0.01") if added_unrounded else 0), row["province"]
    # 874.35 / 10 = 87.435 -> 87.44; (86.76 + 86.56) / 2 = 86.66
    # at 2.25 and 6.75 of the ascending order: 86.07 + 0.25 x 0.18 = 86.115; 86.93 + 0.75 x 1.54 = 88.085
    assert body["statistics"] == {
        "units": 10,
        "mean": Decimal("87.44"),
        "median": Decimal("86.66"),
        "highest": Decimal("91.05"),
        "lowest": Decimal("85.73"),
        "first_quartile": Decimal("86.12"),
        "third_quartile": Decimal("88.09"),
        "bands": [{"label_vi": label, "units": units} for label, units in (("A", 2), ("B", 8), ("C", 0))],
    }
    assert (body["ties"], body["status"]) == ("competition", "published")


def test_dak_lak_2017(public: Client) -> None:
    """75.37 holds if the area whose lost points are printed garbled ("0101/14,5") lost nothing."""
    areas = table("published_dak_lak_2017.csv")
    assert [row["field"] for row in areas if not row["points_lost"]] == ["Cải cách thủ tục hành chính"]
    obtained = [Decimal(row["max_points"]) - Decimal(row["points_lost"] or 0) for row in areas]
    body = public.get("/v1/rounds/par-province-2017/indices/66").json(parse_float=Decimal)
    assert [area["points"] for area in body["areas"]] == obtained
    assert [area["max_points"] for area in body["areas"]] == [Decimal(row["max_points"]) for row in areas]
    assert body["points"] == body["index_percent"] == Decimal("75.37")
    assert (body["max_points"], body["open_points"]) == (100, 0)


def test_lai_chau_departments_2019(public: Client) -> None:
    published = table("published_lai_chau_2019.csv")
    body = ranking(public, "lai-chau-departments-2019")
    assert ranks(body) == [(int(row["order_in_table"]), row["unit"]) for row in published]
    for item, row in zip(body["items"], published, strict=True):
        assert item["points"] == Decimal(row["total_points"])
        assert item["index_percent"] == Decimal(row["index_percent"])
        assert (item["max_points"], item["open_points"]) == (Decimal(row["max_points"]), 0)


def test_thanh_hoa_departments_2024(examples: Client) -> None:
    """Two pairs are equal: they share a rank under `competition`, and follow by name under `ordinal`."""
    published = table("published_thanh_hoa_2024.csv")
    names = [row["unit"] for row in published]
    shared = [1, 2, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 13, *range(15, 21)]
    body = ranking(examples, "thanh-hoa-departments-2024")
    assert ranks(body) == list(zip(shared, names, strict=True))
    assert [i["index_percent"] for i in body["items"]] == [Decimal(row["index_percent"]) for row in published]
    # 1708.24 / 20 = 85.412; (85.26 + 85.1) / 2 = 85.18
    assert (body["statistics"]["mean"], body["statistics"]["median"]) == (Decimal("85.41"), Decimal("85.18"))

    set_url = "/v1/frameworks/par-department-thanh-hoa/versions/2024"
    document = examples.get(set_url).json() | {"version": "2024.ordinal", "ties": {"method": "ordinal"}}
    document = {name: value for name, value in document.items() if name not in ("state", "sha256")}
    assert examples.put(f"{set_url}.ordinal", json=document).status_code == 201
    assert examples.post(f"{set_url}.ordinal/publish").status_code == 200
    index_of = {row["unit"]: row["index_percent"] for row in published}
    last_first = {i["unit"]["code"]: index_of[i["unit"]["name_vi"]] for i in reversed(body["items"])}
    score_all(examples, "by-name", "par-department-thanh-hoa@2024.ordinal", "2024", last_first)
    assert ranks(ranking(examples, "by-name")) == [(int(row["rank"]), row["unit"]) for row in published]


def test_ict_2017(public: Client) -> None:
    """All 53 ranks as printed; of two that share a rank the table prints either first."""
    published = table("published_ict_2017.csv")
    body = ranking(public, "ict-egov-2017")
    assert sorted(ranks(body)) == sorted((int(row["rank"]), row["province"]) for row in published)
    assert [item["rank"] for item in body["items"]] == [int(row["rank"]) for row in published]
    assert len(published) == 53
    for tie in ([17, 17, 19], [32, 32, 34], [40, 40, 42]):
        assert [item["rank"] for item in body["items"][tie[0] - 1 :][:3]] == tie
    # 0.633 of 1 is 63.3 %
    assert [i["index_percent"] for i in body["items"]] == [Decimal(r["score"]) * 100 for r in published]


def test_region_means_of_2023_give_the_national_mean(client: Client) -> None:
    """Each province at the mean of its region (edition of April 2024): the mean of all is 86.98."""
    points: dict[str, str] = {}
    for row in table("published_region_means_2023.csv"):
        query = {"group": row["group"], "kind": "province", "valid_on": "2023-12-31"}
        found = client.get("/v1/units", params=query).json()["items"]
        points |= {unit["code"]: row["mean_index"] for unit in found}
    assert len(points) == 63
    score_all(client, "region-means", "par-department-thanh-hoa@2024", "2023", points)
    statistics = ranking(client, "region-means")["statistics"]
    assert (statistics["units"], statistics["mean"]) == (63, Decimal("86.98"))


def test_five_reports(examples: Client) -> None:
    for report in yaml.safe_load((DATA / "published_reports.yaml").read_text(encoding="utf-8")):
        unit = f"/v1/units/{report['unit']}"
        if "dossiers" in report:
            url = f"{unit}/dossier-statistics/{report['period']}?rollup=true"
            answer = examples.get(url).json()
            assert answer["counts"] == report["dossiers"]["counts"], report["report"]
            for name, value in report["dossiers"].get("rates", {}).items():
                assert answer["rates"][name] == value, (report["report"], name)
            for name, value in report["dossiers"].get("derived", {}).items():
                assert answer["derived"][name] == value
        for measure, expected in report["measures"].items():
            answer = examples.get(f"{unit}/measures/{measure}/{report['period']}?rollup=true").json()
            forms = ("numerator", "denominator", "value", "percent")
            assert {form: answer[form] for form in forms} == dict.fromkeys(forms) | expected, measure


def test_six_areas_are_scored_from_the_reports(examples: Client) -> None:
    """Items with a figure have points; those without one stay open, and are not zero."""
    url = "/v1/rounds/six-areas-{}/indices/{}"
    cau_tre = examples.get(url.format("cau-tre-2022", "31.cau-tre")).json()
    # procedures: 99.91 % -> 7 (from 95), 100 % x 5, 100 % x 5 linked; IT 100 % x 8; online 60.64 % -> 8;
    # plan tasks 14/27 x 6 = 3.11; together 36.11, of which the figures decide 42 of 100
    points = {area["reform_area"]: (area["points"], area["open_points"]) for area in cau_tre["areas"]}
    assert points == {
        "institutional": (0, 10),
        "procedures": (17, 5),
        "apparatus": (0, 10),
        "civil_service": (8, 7),
        "public_finance": (0, 10),
        "digital_government": (8, 12),
        "leadership": (3.11, 4),
    }
    assert (cau_tre["points"], cau_tre["max_points"], cau_tre["open_points"]) == (36.11, 100, 58)
    my_xuyen = examples.get(url.format("my-xuyen-2021", "94.my-xuyen")).json()
    # on time 100 % -> 10, resolved 100 % x 5; staff 36/40 x 10 = 9; plan 14/19 x 6 = 4.4211;
    # inspected 15/28 x 4 = 2.1429; together 30.5640
    assert (my_xuyen["points"], my_xuyen["open_points"], my_xuyen["status"]) == (30.56, 65, "provisional")


def test_inconsistent_dossiers_are_kept_with_warnings(examples: Client) -> None:
    """Real sources are inconsistent: stored as printed, never refused, and every difference is told."""
    for row in yaml.safe_load((DATA / "published_dossiers.yaml").read_text(encoding="utf-8")):
        url = f"/v1/units/{row['unit']}/dossier-statistics/{row['period']}"
        stored = examples.get(url, params={"scope": row["scope"]})
        sent = examples.put(url, json={**row["counts"], "scope": row["scope"], "source": row["name"]})
        for answer in (stored, sent):
            assert answer.status_code == 200, answer.text
            body = answer.json()
            assert body["counts"] == row["counts"], row["name"]
            assert {name: body["rates"][name] for name in row["rates"]} == row["rates"], row["name"]
            found = [(warning["code"], warning["columns"]) for warning in body["warnings"]]
            assert found == [(code, columns) for code, columns, _ in row["warnings"]], row["name"]
            for warning, (_, _, difference) in zip(body["warnings"], row["warnings"], strict=True):
                assert f"(difference {difference})" in warning["message"]


def test_a_total_row_is_not_counted_twice(examples: Client) -> None:
    lam_dong = examples.get("/v1/units/68/dossier-statistics/2019-12-01--2020-02-29?rollup=true").json()
    # the row "toàn tỉnh" stands; its three levels come to the same and are not added to it
    assert lam_dong["counts"]["received"] == 54_575 + 340_060 + 264_610 == 659_245
    # early or on time: 51 072 + 323 911 + 260 612 = 635 595, two more than the total row
    told = [(w["code"], w["columns"]) for w in lam_dong["warnings"]]
    assert told == [
        ("identity_broken", ["resolved", "resolved_early_or_on_time", "resolved_overdue"]),
        ("identity_broken", ["received", "resolved", "pending"]),
        ("total_differs_from_parts", ["resolved_early_or_on_time"]),
    ]
    assert "635593" in lam_dong["warnings"][2]["message"]
    assert "635595" in lam_dong["warnings"][2]["message"]
    assert lam_dong["coverage"]["reported"] == lam_dong["coverage"]["expected"]
    da_lat = examples.get("/v1/units/68.da-lat/dossier-statistics/2022-12-07--2023-12-04?rollup=true").json()
    assert da_lat["counts"] == {"received": 15_868 + 71_714, "resolved_early_or_on_time": 15_539 + 71_714}
    assert da_lat["warnings"] == []
    # the nation sums its provinces: nobody else reported for these days
    nation = examples.get("/v1/units/VN/dossier-statistics/2019-12-01--2020-02-29?rollup=true").json()
    assert nation["counts"]["received"] == 659_245


def test_published_rounds_are_public_and_others_are_not(public: Client) -> None:
    for code in PUBLISHED_ROUNDS + OPEN_ROUNDS:
        round_ = public.get(f"/v1/rounds/{code}").json()
        unit = round_["participants"][0]["units"][0]
        assert round_["state"] == ("published" if code in PUBLISHED_ROUNDS else "appraisal")
        for path in ("rankings", "indices", f"indices/{unit}"):
            response = public.get(f"/v1/rounds/{code}/{path}")
            if code in PUBLISHED_ROUNDS:
                assert response.status_code == 200, path
            else:
                assert (response.status_code, response.json()["code"]) == (401, "key_missing"), path
                assert response.headers["WWW-Authenticate"] == "Bearer"
        assert public.get(f"/v1/rounds/{code}/units/{unit}/sheet").status_code == 401
    assert public.get("/v1/units/31.cau-tre/dossier-statistics/2022-01-01--2022-09-15").status_code == 401
    assert public.get("/v1/units/31.cau-tre/measures/plan_tasks/2022-01-01--2022-09-15").status_code == 401
