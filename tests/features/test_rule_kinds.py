"""A round over every kind of rule, from the document to the index."""

from typing import Any

from tests.conftest import Client


def area(code: str, maximum: float, rule: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"code": code, "name_vi": code, "reform_area": None, "max_points": maximum, "rule": rule, **more}


RATE = "measure:m"
TWO, ONE, NONE = ({"figure": f"measure:dossiers.{name}"} for name in ("two", "one", "none"))
SET = {
    "code": "kinds",
    "version": "1",
    "title_vi": "Mọi loại quy tắc",
    "level": "province",
    "status": "illustrative",
    "total_points": 100,
    "applies": {"from": "2021-01-01"},
    "rounding": {"decimals": 2},
    "areas": [
        area("binary", 5, {"kind": "binary"}),
        area(
            "options",
            5,
            {
                "kind": "options",
                "options": [{"label_vi": "kịp thời", "points": 5}, {"label_vi": "chậm", "points": 2.5}],
            },
        ),
        area(
            "checklist",
            10,
            {"kind": "checklist", "parts": [{"label_vi": "a", "points": 4}, {"label_vi": "b", "points": 6}]},
        ),
        area("proportional", 10, {"kind": "proportional", "rate": RATE, "full_at": 80}),
        area("complement", 10, {"kind": "complement", "rates": [RATE], "full_at": 90}),
        area(
            "conjunction",
            10,
            {
                "kind": "conjunction",
                "tiers": [
                    {
                        "points": 10,
                        "all": [{"rate": RATE, "from": 50}, {"figure": "dossier:resolved_overdue", "to": 0}],
                    },
                    {"points": 5, "all": [{"rate": RATE, "from": 50}]},
                ],
            },
        ),
        area("deduction", 10, {"kind": "deduction", "figure": "measure:late", "per_event": 1.5}),
        area(
            "mean",
            10,
            {
                "kind": "mean_per_dossier",
                "scores": [{"points": 10, **TWO}, {"points": 5, **ONE}, {"points": 0, **NONE}],
            },
        ),
        area(
            "survey",
            10,
            {
                "kind": "survey",
                "answers": [
                    {"percent": 100, "figure": "measure:yes"},
                    {"percent": 0, "figure": "measure:no"},
                ],
            },
        ),
        area(
            "built",
            20,
            {
                "kind": "measure",
                "rate": {
                    "numerator": {"plus": ["dossier:resolved"], "minus": ["dossier:resolved_overdue"]},
                    "denominator": {"plus": ["dossier:received"]},
                },
            },
        ),
    ],
}
BASE = "/v1/rounds/r"


def open_round(client: Client, framework: str, period: str = "2021") -> None:
    """A round of Quảng Ninh, brought to appraisal."""
    participants = [{"group": "all", "units": ["22"]}]
    round_ = {"title_vi": "Kỳ", "framework": framework, "period": period, "participants": participants}
    assert client.put(BASE, json=round_).status_code == 201
    for state in ("self_assessment", "appraisal"):
        assert client.post(f"{BASE}/transitions", json={"to": state}).status_code == 200


def start_round(client: Client) -> None:
    url = "/v1/frameworks/kinds/versions/1"
    stored = client.put(url, json=SET)
    assert stored.status_code == 201, stored.text
    again = client.put(url, json={n: v for n, v in stored.json().items() if n not in ("state", "sha256")})
    assert (again.status_code, again.json()["sha256"]) == (200, stored.json()["sha256"])
    assert client.post(f"{url}/publish").status_code == 200
    open_round(client, "kinds@1")


def report(client: Client) -> None:
    """40 of 100; 1 late report; dossiers 3, 1, 0 of two, one, none; 30 yes of 40; 90 of 100, 5 overdue."""
    values: dict[str, dict[str, float]] = {
        "m": {"numerator": 40, "denominator": 100},
        "late": {"value": 1},
        "dossiers.two": {"value": 3},
        "dossiers.one": {"value": 1},
        "dossiers.none": {"value": 0},
        "yes": {"value": 30},
        "no": {"value": 10},
    }
    for measure, value in values.items():
        assert client.put(f"/v1/units/22/measures/{measure}/2021", json=value).status_code == 200
    dossiers = {"received": 100, "resolved": 90, "resolved_overdue": 5}
    assert client.put("/v1/units/22/dossier-statistics/2021", json=dossiers).status_code == 200


def points_of(client: Client) -> dict[str, float | None]:
    sheet = client.get(f"{BASE}/units/22/sheet").json()
    return {item["code"]: item["points"] for item in sheet["items"]}


def write(client: Client, item: str, stage: str, points: float) -> Any:
    return client.put(
        f"{BASE}/units/22/scores/{item}", json={"stage": stage, "points": points, "reason": "x"}
    )


def test_every_kind_of_rule_is_scored(client: Client) -> None:
    start_round(client)
    index = client.get(f"{BASE}/indices/22").json()
    assert (index["points"], index["open_points"]) == (0, 100)  # nothing is known: nothing is assumed
    report(client)
    for item, points in (("binary", 5), ("options", 2.5), ("checklist", 6)):
        assert write(client, item, "appraisal", points).status_code == 200
    expected = {
        "binary": 5,
        "options": 2.5,
        "checklist": 6,
        "proportional": 5,  # 40 / 80 x 10
        "complement": 6.6667,  # 60 / 90 x 10
        "conjunction": 0,  # 40 % is below 50 %
        "deduction": 8.5,  # 10 - 1.5
        "mean": 8.75,  # (3 x 10 + 5) / 4
        "survey": 7.5,  # 30 / 40 x 10
        "built": 17,  # (90 - 5) / 100 x 20
    }
    assert points_of(client) == expected
    index = client.get(f"{BASE}/indices/22").json()
    assert (index["points"], index["open_points"]) == (66.92, 0)  # 66.91666...
    measured = {"numerator": 50, "denominator": 100}
    assert client.put("/v1/units/22/measures/m/2021", json=measured).status_code == 200
    assert points_of(client)["conjunction"] == 5  # 50 %, but 5 overdue


def test_people_give_only_the_points_of_the_rule(client: Client) -> None:
    start_round(client)
    for item, points, allowed in (
        ("binary", 2, "5, 0"),
        ("options", 3, "5, 2.5"),
        ("checklist", 5, "10, 6, 4, 0"),
    ):
        refused = write(client, item, "appraisal", points)
        assert refused.status_code == 422
        (error,) = refused.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/points", "points_not_an_option")
        assert allowed in error["message"]
    counted = write(client, "survey", "survey", 9)
    assert counted.json()["errors"][0]["code"] == "stage_not_writable"
    assert write(client, "survey", "final", 9).status_code == 200


def test_approval_writes_down_what_every_rule_gave(client: Client) -> None:
    start_round(client)
    report(client)
    assert client.post(f"{BASE}/transitions", json={"to": "approved"}).status_code == 200
    before = points_of(client)
    sheet = client.get(f"{BASE}/units/22/sheet").json()
    stages = {item["code"]: item["stages"] for item in sheet["items"]}
    assert stages["proportional"]["statistic"]["reason"] == "40/100 (2021)"
    assert stages["survey"]["survey"]["reason"] == "measure:no = 10; measure:yes = 30 (2021)"
    assert client.put("/v1/units/22/measures/late/2021", json={"value": 5}).status_code == 200
    assert points_of(client) == before


def measure(client: Client, code: str, period: str, **numbers: float) -> None:
    assert client.put(f"/v1/units/22/measures/{code}/{period}", json=numbers).status_code == 200


def test_decision_766_group_by_group(client: Client) -> None:
    """Every indicator whose formula the sources state, and the sums of the six groups of the portal."""
    rates = {
        "procedures_announced_on_time": (40, 50),  # x 6 = 4.8
        "procedures_published_on_time": (30, 40),  # x 4 = 3
        "procedures_published_in_full": (9, 10),  # x 2 = 1.8
        "dossiers_synchronised": (95, 100),  # x 6 = 5.7
        "procedures_with_online_payment": (60, 100),  # 60 / 80 x 2 = 1.5
        "procedures_paid_online": (90, 100),  # from 80 on: 2
        "dossiers_with_electronic_result": (1, 2),  # x 6 = 3
        "dossiers_digitised": (40, 100),  # 40 / 80 x 4 = 2
        "dossiers_reusing_data": (80, 100),  # exactly 80: 2
        "dossiers_shared_for_reuse": (25, 100),  # x 4 = 1
        "procedures_connected_to_population_data": (7, 7),  # 2
        "dossiers_using_population_data": (3, 4),  # x 2 = 1.5
        "petitions_on_time": (18, 20),  # x 6 = 5.4
        "dossiers_overdue": (10, 100),  # 100 - 10 - 9 = 81 %: 81 / 90 x 6 = 5.4
        "dossiers_complained_of": (9, 100),
    }
    values = {
        "dossiers_paid_online": 30,  # 30 / (70 - 10) x 6 = 3
        "dossiers_with_fees": 70,
        "dossiers_free_of_charge": 10,
        "petitions": 20,  # (20 - 1 - 1) / 20 x 6 = 5.4
        "petitions_dissatisfied": 1,
        "petitions_overdue": 1,
    }
    for code, (numerator, denominator) in rates.items():
        measure(client, code, "2023-Q1", numerator=numerator, denominator=denominator)
    for code, value in values.items():
        measure(client, code, "2023-Q1", value=value)
    # (900 on time + 60 pending in time) / 1000 x 20 = 19.2
    dossiers = {
        "received": 1000,
        "resolved": 920,
        "resolved_early_or_on_time": 900,
        "resolved_overdue": 20,
        "pending": 80,
        "pending_in_time": 60,
        "pending_overdue": 20,
    }
    assert client.put("/v1/units/22/dossier-statistics/2023-Q1", json=dossiers).status_code == 200
    open_round(client, "qd-766@2022", "2023-Q1")
    for item, points in (("3.1", 4), ("3.2", 3), ("3.3", 3), ("4.x", 1)):
        assert write(client, item, "appraisal", points).status_code == 200
    above = write(client, "3.3", "appraisal", 6)  # 4 + 3 + 6 of the 12 that they share
    assert above.json()["errors"][0]["code"] == "points_above_shared_maximum"
    index = client.get(f"{BASE}/indices/22").json()
    assert {area["code"]: area["points"] for area in index["areas"]} == {
        "1": 15.3,
        "2": 19.2,
        "3a": 10,
        "3b": 6.5,
        "4": 12.5,
        "5": 16.2,
    }
    assert [area["max_points"] for area in index["areas"]] == [18, 20, 12, 10, 22, 18]
    assert (index["points"], index["open_points"]) == (79.7, 0)
    assert index["band"] is None  # the sources do not name what lies from 50 to 90


DOSSIER_INDICES = ("1", "2", "3", "4", "7")


def mean_of(client: Client, index: str, tenths: int) -> None:
    """100 dossiers whose mean is some tenths of a point: 5 a tenth of two points, the others none."""
    counts = {"two": 5 * tenths, "one": 0, "none": 100 - 5 * tenths}
    for name, count in counts.items():
        measure(client, f"tt01.{index}.{name}", "2023-Q1", value=count)


def agency(client: Client) -> None:
    """Indices 5, 6, 8 and 9: 2 + 1 + 1 + 1."""
    for item, points in (("5", 2), ("6", 1)):
        assert write(client, item, "appraisal", points).status_code == 200
    measure(client, "petitions", "2023-Q1", value=10)
    measure(client, "petitions_on_time", "2023-Q1", numerator=9, denominator=10)
    measure(client, "petitions_prolonged", "2023-Q1", value=0)
    measure(client, "procedures_online", "2023-Q1", numerator=10, denominator=100)
    measure(client, "dossiers_online", "2023-Q1", numerator=20, denominator=100)
    measure(client, "online_unsettled_or_overdue", "2023-Q1", value=0)


def test_circular_01_classes_at_their_thresholds(client: Client) -> None:
    """Article 15: 15 Xuất sắc, 12 Tốt, 9 Khá, 6 Trung bình, below Yếu; a tenth less is the class below."""
    open_round(client, "tt-01-2018@2018", "2023-Q1")
    agency(client)
    expected = {
        (20, 20, 20, 20, 20): (15, "Xuất sắc"),
        (19, 20, 20, 20, 20): (14.9, "Tốt"),
        (10, 20, 20, 20, 0): (12, "Tốt"),
        (9, 20, 20, 20, 0): (11.9, "Khá"),
        (20, 20, 0, 0, 0): (9, "Khá"),
        (19, 20, 0, 0, 0): (8.9, "Trung bình"),
        (10, 0, 0, 0, 0): (6, "Trung bình"),
        (9, 0, 0, 0, 0): (5.9, "Yếu"),
    }
    for means, (points, band) in expected.items():
        for index, tenths in zip(DOSSIER_INDICES, means, strict=True):
            mean_of(client, index, tenths)
        found = client.get(f"{BASE}/indices/22").json()
        assert (found["points"], found["max_points"], found["band"]) == (points, 18, band), means


def test_circular_01_leaves_out_an_index_without_dossiers(client: Client) -> None:
    """Article 15(4)b. No petitions at all give 2 for index 8; 2/3 of two points is 1.3, to one decimal."""
    open_round(client, "tt-01-2018@2018", "2023-Q1")
    agency(client)
    for index in DOSSIER_INDICES:
        mean_of(client, index, 20)
    for name in ("two", "one", "none"):
        measure(client, f"tt01.7.{name}", "2023-Q1", value=0)
    found = client.get(f"{BASE}/indices/22").json()
    assert (found["points"], found["max_points"], found["open_points"]) == (13, 16, 0)
    measure(client, "petitions", "2023-Q1", value=0)
    measure(client, "tt01.1.two", "2023-Q1", value=2)
    measure(client, "tt01.1.none", "2023-Q1", value=1)
    found = client.get(f"{BASE}/indices/22").json()
    assert found["points"] == 13.3  # 13 - 2 + 1.3 + 1
