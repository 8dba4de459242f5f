"""One whole round, as the developer of another system drives it: plain HTTP, from the public contract alone.

Three communes of Hà Nội in the second half of 2025, when communes and wards stand directly under the
province. The criteria set and all figures are illustrative; every expected number is worked out by hand.
"""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.server import serving

KEY = "par_outside_0123456789abcdefghij"
WARDS = {
    "01.ba-dinh": ("Phường Ba Đình", "ward"),
    "01.hoan-kiem": ("Phường Hoàn Kiếm", "ward"),
    "01.soc-son": ("Xã Sóc Sơn", "commune"),
}
FRAMEWORK = {
    "code": "commune-par",
    "version": "2025",
    "title_vi": "Chỉ số cải cách hành chính cấp xã năm 2025 (minh họa)",
    "level": "commune",
    "status": "illustrative",
    "total_points": 100,
    "applies": {"from": "2025-07-01", "to": None},
    "rounding": {"decimals": 2, "items": None},
    "ties": {"method": "competition", "keys": []},
    "bands": [{"label_vi": "Tốt", "from": 80}, {"label_vi": "Khá", "from": 65}],
    "areas": [
        {  # an area without criteria is itself scored: plan tasks completed x 20
            "code": "1",
            "name_vi": "Chỉ đạo, điều hành",
            "reform_area": "leadership",
            "max_points": 20,
            "source": "statistic",
            "rule": {"kind": "measure", "rate": "measure:plan_tasks"},
        },
        {
            "code": "2",
            "name_vi": "Cải cách thủ tục hành chính",
            "reform_area": "procedures",
            "max_points": 50,
            "criteria": [
                {
                    "code": "2.1",
                    "name_vi": "Hồ sơ giải quyết đúng hạn",
                    "max_points": 30,
                    "source": "statistic",
                    "rule": {
                        "kind": "bands",
                        "rate": "dossier:on_time_of_resolved_percent",
                        "steps": [
                            {"from": 100, "points": 30},
                            {"from": 95, "points": 20},
                            {"from": 90, "points": 10},
                        ],
                    },
                },
                {
                    "code": "2.2",
                    "name_vi": "Công khai thủ tục hành chính",
                    "max_points": 20,
                    "source": "appraisal",
                    "rule": {"kind": "manual", "step": 0.5},
                },
            ],
        },
        {
            "code": "3",
            "name_vi": "Sự hài lòng của người dân",
            "reform_area": "impact",
            "max_points": 30,
            "source": "survey",
            "rule": {"kind": "manual", "step": None},
        },
    ],
}


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[str]:
    """The address of a service of its own over a migrated database."""
    with serving(tmp_path, database_url=database_url, admin_key=KEY) as url:
        yield url


def test_a_round_from_beginning_to_end(service: str) -> None:
    with (
        httpx.Client(base_url=service, headers={"Authorization": f"Bearer {KEY}"}, timeout=30) as api,
        httpx.Client(base_url=service, timeout=30) as public,
    ):
        # 1. Units: Hà Nội (01) is there; its communes and wards are ours to register.
        assert public.get("/v1/units/01", params={"valid_on": "2025-12-31"}).json()["name_vi"] == "Hà Nội"
        for code, (name, kind) in WARDS.items():
            unit = {"name_vi": name, "kind": kind, "parent_code": "01", "valid_from": "2025-07-01"}
            assert api.put(f"/v1/units/{code}", json=unit).status_code == 201
            assert api.put(f"/v1/units/{code}", json=unit).status_code == 200  # the same again
        listed = public.get("/v1/units", params={"parent": "01", "valid_on": "2025-12-31"}).json()
        assert [unit["code"] for unit in listed["items"]] == list(WARDS)
        assert listed["next_cursor"] is None
        found = public.get("/v1/units", params={"q": "soc son", "valid_on": "2025-12-31"}).json()
        assert [unit["name_vi"] for unit in found["items"]] == ["Xã Sóc Sơn"]

        # 2. The criteria set: loaded as a draft, then published, and from then on immutable.
        framework = "/v1/frameworks/commune-par/versions/2025"
        assert api.put(framework, json=FRAMEWORK).status_code == 201
        assert api.post(f"{framework}/publish").status_code == 200
        changed = api.put(framework, json=FRAMEWORK | {"title_vi": "Tên khác"})
        assert changed.status_code == 409
        assert public.get(framework).json()["areas"][1]["criteria"][0]["max_points"] == 30

        # 3. The round: which set, which period, who takes part.
        round_ = {
            "title_vi": "Đánh giá cấp xã sáu tháng cuối năm 2025",
            "framework": "commune-par@2025",
            "period": "2025-H2",
            "previous_round": None,
            "participants": [{"group": "communes", "units": list(WARDS), "ranked": True}],
        }
        created = api.put("/v1/rounds/communes-2025-h2", json=round_)
        assert (created.status_code, created.json()["state"]) == (201, "draft")
        assert created.json()["allowed_transitions"] == ["self_assessment"]

        def move(to: str, reason: str | None = None) -> None:
            step = {"to": to, "reason": reason}
            moved = api.post("/v1/rounds/communes-2025-h2/transitions", json=step)
            assert (moved.status_code, moved.json()["state"]) == (200, to)

        # 4. Figures: counts, never percentages; the service divides. A column left out is unknown.
        tasks = {"01.ba-dinh": (18, 20), "01.hoan-kiem": (10, 16), "01.soc-son": (20, 20)}
        for code, (completed, planned) in tasks.items():
            measure = {"numerator": completed, "denominator": planned}
            assert api.put(f"/v1/units/{code}/measures/plan_tasks/2025-H2", json=measure).status_code == 200
        dossiers = {
            "01.ba-dinh": {
                "received_online": 760,
                "received_direct": 190,
                "carried_over": 50,
                "received": 1000,
                "resolved_early_or_on_time": 931,
                "resolved_overdue": 19,
                "resolved": 950,
                "pending": 50,
            },
            "01.hoan-kiem": {"received": 400, "resolved": 400, "resolved_overdue": 0},
            "01.soc-son": {"received": 600, "resolved": 540, "resolved_overdue": 81},
        }
        for code, counts in dossiers.items():
            sent = api.put(f"/v1/units/{code}/dossier-statistics/2025-H2", json=counts)
            assert (sent.status_code, sent.json()["warnings"]) == (200, [])
        ba_dinh = api.get("/v1/units/01.ba-dinh/dossier-statistics/2025-H2").json()
        assert ba_dinh["rates"]["on_time_of_resolved_percent"] == 98  # 931 / 950
        assert ba_dinh["rates"]["online_percent"] == 80  # 760 / (1000 - 50)
        province = api.get("/v1/units/01/dossier-statistics/2025-H2", params={"rollup": True}).json()
        assert province["counts"]["received"] == 2000
        assert province["coverage"] == {"reported": 3, "expected": 4}  # the province itself is silent

        # 5. Scores: units score themselves, the appraisal corrects, the survey adds.
        scores = "/v1/rounds/communes-2025-h2/scores"

        def rows(item: str, stage: str, points: dict[str, float]) -> list[dict[str, object]]:
            return [{"unit": u, "item": item, "stage": stage, "points": p} for u, p in points.items()]

        move("self_assessment")
        own = rows("2.2", "self", {"01.ba-dinh": 20, "01.hoan-kiem": 18, "01.soc-son": 16})
        assert api.post(scores, json={"scores": own}, params={"dry_run": True}).status_code == 200
        answer = api.post(scores, json={"scores": own})
        assert answer.status_code == 201
        assert (answer.json()["accepted"], answer.json()["unchanged"]) == (3, 0)
        assert answer.json()["revisions"] == dict.fromkeys(WARDS, 1)
        assert api.post(scores, json={"scores": own}).json()["unchanged"] == 3  # safe to repeat

        move("appraisal", "hết hạn tự chấm điểm")
        mistaken = [
            *rows("2.2", "appraisal", {"01.ba-dinh": 17.5, "01.ba-dihn": 17.5, "01.soc-son": 25}),
            *rows("2.2", "self", {"01.hoan-kiem": 18}),
        ]
        refused = api.post(scores, json={"scores": mistaken}, headers={"Accept-Language": "en"})
        assert refused.status_code == 422
        assert refused.headers["Content-Type"] == "application/problem+json"
        problem = refused.json()
        assert (problem["status"], problem["title"]) == (422, "Invalid input")
        assert {error["pointer"]: error["code"] for error in problem["errors"]} == {
            "/scores/1/unit": "unit_not_participant",
            "/scores/2/points": "points_above_maximum",
            "/scores/3/stage": "stage_not_writable",
        }
        appraised = [
            {**rows("2.2", "appraisal", {"01.ba-dinh": 17.5})[0], "reason": "thiếu danh mục công khai"},
            {**rows("2.2", "appraisal", {"01.soc-son": 12})[0], "reason": "công khai chậm"},
            *rows("2.2", "appraisal", {"01.hoan-kiem": 18}),
            *rows("3", "survey", {"01.ba-dinh": 24.3, "01.hoan-kiem": 21.75}),
            {"unit": "01.soc-son", "item": "3", "stage": "survey", "points": None, "not_applicable": True},
        ]
        assert api.post(scores, json={"scores": appraised}).json()["accepted"] == 6

        # One score alone, only if nobody changed the sheet since it was read.
        sheet = api.get("/v1/rounds/communes-2025-h2/units/01.soc-son/sheet")
        assert sheet.json()["revision"] == 2
        decided = {"stage": "final", "points": 13, "reason": "kết luận của hội đồng"}
        one = "/v1/rounds/communes-2025-h2/units/01.soc-son/scores/2.2"
        put = api.put(one, json=decided, headers={"If-Match": sheet.headers["ETag"]})
        assert (put.status_code, put.headers["ETag"]) == (200, '"3"')
        late = api.put(one, json=decided | {"points": 14}, headers={"If-Match": sheet.headers["ETag"]})
        assert late.status_code == 412

        # 6. Results before approval need the key. Ba Đình: 18/20 x 20 + 20 (98 %) + 17.5 + 24.3 = 79.8
        assert public.get("/v1/rounds/communes-2025-h2/rankings").status_code == 401
        index = api.get("/v1/rounds/communes-2025-h2/indices/01.ba-dinh").json()
        assert (index["points"], index["max_points"], index["index_percent"]) == (79.8, 100, 79.8)
        assert (index["status"], index["open_points"], index["rank"]) == ("provisional", 0, 2)
        assert [(a["code"], a["reform_area"], a["points"], a["percent"]) for a in index["areas"]] == [
            ("1", "leadership", 18, 90),
            ("2", "procedures", 37.5, 75),
            ("3", "impact", 24.3, 81),
        ]

        # 7. Approved and published: open to everybody, and closed to scores.
        move("approved", "hội đồng đã họp")
        move("published", "Quyết định công bố")
        closed = api.post(scores, json={"scores": own})
        assert closed.status_code == 409
        ranking = public.get("/v1/rounds/communes-2025-h2/rankings")
        assert ranking.status_code == 200
        body = ranking.json()
        # Hoàn Kiếm: 10/16 x 20 + 30 (100 %) + 18 + 21.75 = 82.25
        # Sóc Sơn: 20/20 x 20 + 0 (459 of 540 is 85 %) + 13 = 33 of 70, for the survey does not apply: 47.14
        assert [
            (i["rank"], i["unit"]["name_vi"], i["points"], i["max_points"], i["index_percent"], i["band"])
            for i in body["items"]
        ] == [
            (1, "Phường Hoàn Kiếm", 82.25, 100, 82.25, "Tốt"),
            (2, "Phường Ba Đình", 79.8, 100, 79.8, "Khá"),
            (3, "Xã Sóc Sơn", 33, 70, 47.14, None),
        ]
        # (82.25 + 79.8 + 33/70 x 100) / 3; quartiles lie halfway between the three
        assert body["statistics"] == {
            "units": 3,
            "mean": 69.73,
            "median": 79.8,
            "highest": 82.25,
            "lowest": 47.14,
            "first_quartile": 63.47,
            "third_quartile": 81.03,
            "bands": [{"label_vi": "Tốt", "units": 1}, {"label_vi": "Khá", "units": 1}],
        }
        assert (body["round"], body["framework"]) == ("communes-2025-h2", "commune-par@2025")
        assert (body["status"], body["period"], body["ties"]) == ("published", "2025-H2", "competition")
        by_area = public.get("/v1/rounds/communes-2025-h2/rankings", params={"area": "1"}).json()
        assert [i["unit"]["code"] for i in by_area["items"]] == ["01.soc-son", "01.ba-dinh", "01.hoan-kiem"]
        again = public.get(
            "/v1/rounds/communes-2025-h2/rankings", headers={"If-None-Match": ranking.headers["ETag"]}
        )
        assert (again.status_code, again.content) == (304, b"")
