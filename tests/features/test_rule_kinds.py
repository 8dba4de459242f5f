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


def start_round(client: Client) -> None:
    url = "/v1/frameworks/kinds/versions/1"
    stored = client.put(url, json=SET)
    assert stored.status_code == 201, stored.text
    again = client.put(url, json={n: v for n, v in stored.json().items() if n not in ("state", "sha256")})
    assert (again.status_code, again.json()["sha256"]) == (200, stored.json()["sha256"])
    assert client.post(f"{url}/publish").status_code == 200
    participants = [{"group": "all", "units": ["22"]}]
    round_ = {"title_vi": "Kỳ", "framework": "kinds@1", "period": "2021", "participants": participants}
    assert client.put(BASE, json=round_).status_code == 201
    for state in ("self_assessment", "appraisal"):
        assert client.post(f"{BASE}/transitions", json={"to": state}).status_code == 200


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
