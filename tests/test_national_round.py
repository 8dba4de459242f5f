"""A whole round of the 63 provinces of 2024, as the systems around it drive it: each with a key of its own.

The criteria set is illustrative. Every province i (in order of code) has figures that follow from i, so that
each expected number is a short sum.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server import serving

ADMIN = "par_national_0123456789abcdefghij"
BASE = "/v1/rounds/par-2024"
FRAMEWORK = {
    "code": "national",
    "version": "2024",
    "title_vi": "Bộ chỉ số cấp tỉnh (minh họa)",
    "level": "province",
    "status": "illustrative",
    "total_points": 100,
    "applies": {"from": "2024-01-01"},
    "rounding": {"decimals": 2},
    "process": {"explanation": "required", "final_appraisal": "required"},
    "areas": [
        {
            "code": "1",
            "name_vi": "Cải cách thể chế",
            "reform_area": "institutional",
            "max_points": 40,
            "evidence_required": True,
        },
        {"code": "2", "name_vi": "Tác động", "reform_area": "impact", "max_points": 30, "source": "survey"},
        {
            "code": "3",
            "name_vi": "Kế hoạch",
            "reform_area": "leadership",
            "max_points": 30,
            "rule": {"kind": "measure", "rate": "measure:plan_tasks"},
        },
    ],
}
EVIDENCE = [{"title": "Báo cáo tự chấm điểm", "number": "1/BC-UBND", "issued_on": "2025-01-10"}]


def self_points(i: int) -> Fraction:
    """30 to 36, by halves: a province praises itself."""
    return Fraction(36) - Fraction(i % 13, 2)


def removed(i: int) -> Fraction:
    """What the appraisal takes away: 0, 1.25 or 2.5 points."""
    return Fraction(5, 4) * (i % 3)


def given_back(i: int) -> Fraction:
    """One point for those who lost 2.5 and explained."""
    return Fraction(1 if i % 3 == 2 else 0)


def total(i: int) -> Fraction:
    """Final appraisal, survey 20 to 24, and 30 x completed / 50 planned tasks."""
    return self_points(i) - removed(i) + given_back(i) + survey(i) + 30 * Fraction(tasks(i), 50)


def survey(i: int) -> Fraction:
    return Fraction(20 + i % 5)


def tasks(i: int) -> int:
    return 50 - i % 11


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[str]:
    """A service of its own over reference data."""
    with serving(tmp_path, database_url=database_url, admin_key=ADMIN) as url:
        yield url


class System(httpx.Client):
    """One of the systems around the service, with its key."""

    def ok(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The answer to a request that must succeed."""
        answer = self.request(method, path, json=body, **more)
        assert answer.is_success, (path, answer.text)
        return answer.json()


def connect(url: str, key: str | None) -> System:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return System(base_url=url, headers=headers, timeout=60)


def make_system(admin: System, url: str, code: str, *grants: tuple[str, str | None]) -> System:
    """A client with a key of its own: grants are (scope, unit)."""
    body = {"code": code, "name": code, "grants": [{"scope": scope, "unit": unit} for scope, unit in grants]}
    return connect(url, admin.ok("POST", "/v1/clients", body)["key"])


def test_a_round_of_63_provinces(service: str) -> None:
    admin, public = connect(service, ADMIN), connect(service, None)
    listed = public.ok("GET", "/v1/units?kind=province&valid_on=2024-12-31&limit=100")["items"]
    codes = [unit["code"] for unit in listed]
    assert len(codes) == 63
    ministry = make_system(admin, service, "bo-noi-vu", ("frameworks:write", None), ("rounds:manage", None))
    council = make_system(admin, service, "hoi-dong-tham-dinh", ("scores:appraise", None))
    reporting = make_system(admin, service, "bao-cao", ("statistics:write", None))
    office = make_system(
        admin, service, "van-phong-bo", ("publish", None), ("results:read_unpublished", None)
    )
    units = {code: make_system(admin, service, f"ubnd-{code}", ("scores:self", code)) for code in codes}

    # the set, the round, the deadlines
    ministry.ok("PUT", "/v1/frameworks/national/versions/2024", FRAMEWORK)
    ministry.ok("POST", "/v1/frameworks/national/versions/2024/publish")
    drafted = ministry.ok(
        "PUT",
        BASE,
        {
            "title_vi": "Chỉ số CCHC cấp tỉnh năm 2024",
            "framework": "national@2024",
            "period": "2024",
            "participants": [{"group": "provinces", "units": codes}],
            "deadlines": {
                "self_assessment": "9998-01-31T17:00:00+07:00",
                "appraisal": "9998-02-28T17:00:00+07:00",
                "explanation": "9998-03-15T17:00:00+07:00",
            },
        },
    )
    assert drafted["allowed_transitions"] == ["self_assessment"]
    move(ministry, "self_assessment")

    # figures come in from the reporting system, self scores from each province, each submits
    for i, code in enumerate(codes):
        figures = {"numerator": tasks(i), "denominator": 50, "source": "Hệ thống báo cáo"}
        reporting.ok("PUT", f"/v1/units/{code}/measures/plan_tasks/2024", figures)
        unit = units[code]
        row = {
            "unit": code,
            "item": "1",
            "stage": "self",
            "points": float(self_points(i)),
            "evidence": EVIDENCE,
        }
        sent = unit.ok(
            "POST", f"{BASE}/scores", {"scores": [row]}, headers={"Idempotency-Key": f"self-{code}"}
        )
        again = unit.ok(
            "POST", f"{BASE}/scores", {"scores": [row]}, headers={"Idempotency-Key": f"self-{code}"}
        )
        assert sent == again
        assert sent["revisions"] == {code: 1}
        submitted = unit.ok("POST", f"{BASE}/units/{code}/sheet/submit", {"note": "Báo cáo 1/BC-UBND"})
        assert submitted["state"] == "submitted"
    assert {s["state"] for s in ministry.ok("GET", f"{BASE}/sheets")["items"]} == {"submitted"}
    late = units[codes[0]].put(f"{BASE}/units/{codes[0]}/scores/1", json={"stage": "self", "points": 0})
    assert (late.status_code, late.json()["code"]) == (409, "sheet_submitted")
    assert public.get(f"{BASE}/rankings").status_code == 401

    # the council appraises all at once; whoever loses points explains; the council decides
    move(ministry, "appraisal")
    appraised = [
        {
            "unit": code,
            "item": "1",
            "stage": "appraisal",
            "points": float(self_points(i) - removed(i)),
            "reason": "Thiếu tài liệu kiểm chứng" if removed(i) else None,
        }
        for i, code in enumerate(codes)
    ]
    surveyed = [
        {"unit": code, "item": "2", "stage": "survey", "points": float(survey(i))}
        for i, code in enumerate(codes)
    ]
    assert council.ok("POST", f"{BASE}/scores", {"scores": appraised + surveyed})["accepted"] == 126
    move(ministry, "explanation")
    explaining = [code for i, code in enumerate(codes) if given_back(i)]
    for code in explaining:
        said = {
            "stage": "explanation",
            "points": None,
            "reason": "Đã ban hành trong tháng 12",
            "evidence": EVIDENCE,
        }
        units[code].ok("PUT", f"{BASE}/units/{code}/scores/1", said)
        units[code].ok("POST", f"{BASE}/units/{code}/sheet/submit", {})
    move(ministry, "final_appraisal")
    decided = [
        {
            "unit": code,
            "item": "1",
            "stage": "final_appraisal",
            "points": float(self_points(i) - removed(i) + given_back(i)),
            "reason": "Chấp nhận một phần giải trình",
        }
        for i, code in enumerate(codes)
        if given_back(i)
    ]
    assert council.ok("POST", f"{BASE}/scores", {"scores": decided})["accepted"] == len(explaining) == 21

    # approved by the ministry, published by its office
    preview = office.ok("GET", f"{BASE}/rankings")["items"]
    move(ministry, "approved")
    assert ministry.post(f"{BASE}/transitions", json={"to": "published"}).status_code == 403
    move(office, "published")
    ranking = public.ok("GET", f"{BASE}/rankings")
    standing = [(line["rank"], line["unit"]["code"], line["points"]) for line in ranking["items"]]
    assert [(line["rank"], line["points"]) for line in preview] == [(r, p) for r, _, p in standing]
    totals = {code: total(i) for i, code in enumerate(codes)}
    assert {code: points for _, code, points in standing} == {
        c: float(round(t, 2)) for c, t in totals.items()
    }
    assert {code: rank for rank, code, _ in standing} == {
        code: 1 + sum(other > mine for other in totals.values()) for code, mine in totals.items()
    }
    assert ranking["status"] == "published"

    # nobody changes it unseen
    assert council.post(f"{BASE}/scores", json={"scores": decided}).status_code == 409
    events = admin.ok("GET", "/v1/audit?round=par-2024&limit=1000")["items"]
    actions = [event["action"] for event in events]
    assert actions.count("sheet.submit") == 63 + 21
    assert actions.count("round.move") == 6
    assert actions.count("scores.write") == 63 + 63 + 21 + 21 + 63  # self, batch, explained, decided, frozen
    for system in (admin, public, ministry, council, reporting, office, *units.values()):
        system.close()


def move(system: System, state: str) -> None:
    """One step of the round."""
    moved = system.ok("POST", f"{BASE}/transitions", {"to": state, "reason": "theo kế hoạch"})
    assert moved["state"] == state
