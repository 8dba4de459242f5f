"""Duties beside the counts: what is owed, what is done, what stays open, and what nobody knows."""

from collections.abc import Callable
from datetime import date
from typing import Any

import httpx

from app.features.duties.mapping import law_on
from app.features.duties.service import shipped_duties
from tests.clients import make_client
from tests.conftest import Client, open_client
from tests.features.test_results import FIGURES, get, group, points_of, start_round

CAU_TRE = "/v1/units/31.cau-tre/duties/2022-01-01--2022-09-15"
MY_XUYEN = "/v1/units/94.my-xuyen/duties/2021-01-01--2021-09-30"
VI_XUYEN = "/v1/units/02.vi-xuyen/duties/2021-01-01--2021-07-31"
MINH_LONG = "/v1/units/51.minh-long/duties/2023-H1"
LAI_CHAU = "/v1/units/12/duties/2016"
NUMBERS = ("owed", "done", "open", "percent", "status")


def duties(client: httpx.Client, url: str, **headers: str) -> dict[str, dict[str, Any]]:
    """Code -> duty."""
    answer = client.get(url, headers=headers)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    statuses = [duty["status"] for duty in body["duties"]]
    assert body["summary"] == {name: statuses.count(name) for name in ("met", "open", "unknown")}
    return {duty["code"]: duty for duty in body["duties"]}


def numbers(duty: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(duty[name] for name in NUMBERS)


def told(duty: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(warning["code"], warning["columns"]) for warning in duty["warnings"]]


def report(client: Client, unit: str, period: str = "2024", **measures: Any) -> None:
    """Dossier counts as `dossiers`; a measure as a value, or as numerator and denominator."""
    base = f"/v1/units/{unit}"
    if "dossiers" in measures:
        answer = client.put(f"{base}/dossier-statistics/{period}", json=measures.pop("dossiers"))
        assert answer.status_code == 200, answer.text
    for measure, said in measures.items():
        body = {"value": said} if isinstance(said, int) else said
        if isinstance(said, tuple):
            body = dict(zip(("numerator", "denominator"), said, strict=True))
        assert client.put(f"{base}/measures/{measure}/{period}", json=body).status_code == 200


def put_communes(client: Client, *names: str) -> None:
    """A district of province 22 with communes, until districts end."""
    district = {"name_vi": "Huyện", "kind": "district", "parent_code": "22"}
    dates = {"valid_from": "2012-01-01", "valid_to": "2025-06-30"}
    assert client.put("/v1/units/22.d", json={**district, **dates}).status_code == 201
    for name in names:
        commune = {"name_vi": name, "kind": "commune", "parent_code": "22.d", **dates}
        assert client.put(f"/v1/units/22.d.{name}", json=commune).status_code == 201


UNKNOWN = (None, None, None, None, "unknown")


def test_cau_tre_owes_four_letters_and_nobody_said_how_many_were_sent(examples: Client) -> None:
    """phường Cầu Tre, 16/09/2022: 4 of 4,545 overdue; 14 of 27 tasks."""
    found = duties(examples, CAU_TRE)
    assert list(found) == ["apology_letters", "procedures_published", "plan_tasks", "staff_reduction"]
    letters = found["apology_letters"]
    assert numbers(letters) == (4, None, None, None, "unknown")
    assert told(letters) == [("duty_figures_unknown", ["measure:apology_letters"])]
    rests_on = {f["figure"]: (f["role"], f["value"], f["derived"]) for f in letters["figures"]}
    assert rests_on == {
        "dossier:resolved_overdue": ("owed", 4, False),
        "dossier:pending_overdue": ("owed", 0, True),  # all that was received is resolved
        "measure:apology_letters": ("done", None, False),
    }
    (basis,) = letters["legal_basis"]
    assert (basis["document"], basis["article"], basis["clause"]) == (
        "Nghị định 61/2018/NĐ-CP",
        "Điều 19",
        "khoản 9",
    )
    assert numbers(found["plan_tasks"]) == (27, 14, 13, 51.85, "open")
    assert (found["plan_tasks"]["overdue"], found["plan_tasks"]["legal_basis"]) == (None, [])
    assert numbers(found["procedures_published"]) == numbers(found["staff_reduction"]) == UNKNOWN
    url = "/v1/units/31.cau-tre/measures/apology_letters/2022-01-01--2022-09-15"
    for sent, open_, percent, status in ((1, 3, 25, "open"), (4, 0, 100, "met"), (5, 0, 125, "met")):
        assert examples.put(url, json={"value": sent}).status_code == 200
        assert numbers(duties(examples, CAU_TRE)["apology_letters"]) == (4, sent, open_, percent, status)
    assert told(duties(examples, CAU_TRE)["apology_letters"]) == [
        ("duty_done_exceeds_owed", ["measure:apology_letters"])
    ]


def test_my_xuyen_owes_no_letter_and_some_of_its_plan(examples: Client) -> None:
    """Phòng Nội vụ huyện Mỹ Xuyên, tháng 9/2021: all on time; 14 of 19 tasks; staff reduced 36 of 40."""
    found = duties(examples, MY_XUYEN)
    assert numbers(found["apology_letters"]) == (0, None, 0, None, "met")
    assert told(found["apology_letters"]) == []
    assert [(f["reported"], f["expected"]) for f in found["apology_letters"]["figures"]] == [
        (2, 2),
        (2, 2),
        (0, 2),
    ]
    assert numbers(found["plan_tasks"]) == (19, 14, 5, 73.68, "open")
    assert numbers(found["staff_reduction"]) == (40, 36, 4, 90, "open")
    # what the district says of its own plan is whole, whatever the communes have
    assert told(found["plan_tasks"]) == told(found["staff_reduction"]) == []
    assert numbers(found["procedures_published"]) == UNKNOWN


def test_reports_that_do_not_say_leave_duties_unknown(examples: Client) -> None:
    """Vị Xuyên: received and resolved alone; 407 procedures of nobody knows how many. Minh Long: received
    alone. Lai Châu: nothing."""
    for url in (VI_XUYEN, MINH_LONG, LAI_CHAU):
        assert {numbers(duty) for duty in duties(examples, url).values()} == {UNKNOWN}, url
    unknown = ["dossier:resolved_overdue", "dossier:pending_overdue", "measure:apology_letters"]
    assert told(duties(examples, VI_XUYEN)["apology_letters"]) == [("duty_figures_unknown", unknown)]


def test_the_plan_of_a_unit_and_what_of_it_is_overdue(client: Client) -> None:
    report(client, "22", plan_tasks=(10, 16), plan_tasks_overdue=2, procedures_published=(120, 120))
    found = duties(client, "/v1/units/22/duties/2024")
    assert numbers(found["plan_tasks"]) == (16, 10, 6, 62.5, "open")
    assert found["plan_tasks"]["overdue"] == 2
    assert numbers(found["procedures_published"]) == (120, 120, 0, 100, "met")
    report(client, "22", plan_tasks_overdue=7, staff_reduced_of_plan=(9, 8))
    found = duties(client, "/v1/units/22/duties/2024")
    assert told(found["plan_tasks"]) == [("duty_overdue_exceeds_open", ["measure:plan_tasks_overdue"])]
    (odd,) = found["plan_tasks"]["warnings"]
    assert (odd["severity"], odd["rule"], odd["subject"]) == ("warning", "duty_overdue_exceeds_open", None)
    assert (numbers(found["staff_reduction"]), told(found["staff_reduction"])) == (
        (8, 9, 0, 112.5, "met"),
        [],
    )
    report(client, "22", plan_tasks={"percent": 87.5})
    plan = duties(client, "/v1/units/22/duties/2024")["plan_tasks"]
    assert numbers(plan) == (None, None, None, 87.5, "open")
    assert told(plan) == [
        ("duty_figures_unknown", ["measure:plan_tasks/denominator", "measure:plan_tasks/numerator"])
    ]


def test_communes_are_added_up_and_whoever_is_missing_is_told(client: Client) -> None:
    """a: 3 resolved overdue, 1 pending; b: 2, nothing pending; 6 owed. Letters 1 + 5; tasks 4/5 + 6/10."""
    put_communes(client, "a", "b")
    counts = {"received": 100, "resolved": 90, "resolved_overdue": 3, "pending": 10, "pending_in_time": 9}
    report(client, "22.d.a", dossiers=counts, apology_letters=1, plan_tasks=(4, 5))
    url = "/v1/units/22.d/duties/2024"
    found = duties(client, url)
    assert numbers(found["apology_letters"]) == (4, 1, None, None, "unknown")
    assert told(found["apology_letters"]) == [
        ("duty_partly_reported", ["dossier:resolved_overdue"]),
        ("duty_partly_reported", ["dossier:pending_overdue"]),
        ("duty_partly_reported", ["measure:apology_letters"]),
    ]
    assert numbers(found["plan_tasks"]) == (5, 4, 1, 80, "open")
    report(
        client,
        "22.d.b",
        dossiers={"received": 40, "resolved": 40, "resolved_early_or_on_time": 38},
        apology_letters=5,
        plan_tasks=(6, 10),
    )
    report(client, "22.d", dossiers={"received": 0, "resolved": 0, "resolved_overdue": 0}, apology_letters=0)
    found = duties(client, url)
    assert numbers(found["apology_letters"]) == (6, 6, 0, 100, "met")
    assert told(found["apology_letters"]) == []
    assert numbers(found["plan_tasks"]) == (15, 10, 5, 66.67, "open")
    assert numbers(duties(client, "/v1/units/22.d.b/duties/2024")["apology_letters"]) == (2, 5, 0, 250, "met")


def test_letters_speak_for_the_dossiers_of_whoever_sent_them(client: Client) -> None:
    """A total row has 100 overdue, the district sent 60 letters, and 40 of these are its commune's: 40 are
    still owed. Where each counts its own dossiers, nobody knows what silent communes sent."""
    put_communes(client, "a", "b")
    total = {"scope": "total", "resolved_overdue": 100, "pending_overdue": 0}
    report(client, "22.d", dossiers=total, apology_letters=60)
    report(client, "22.d.a", apology_letters=40)
    url = "/v1/units/22.d/duties/{}"
    letters = duties(client, url.format("2024"))["apology_letters"]
    assert numbers(letters) == (100, 60, 40, 60, "open")
    assert told(letters) == []
    report(client, "22.d", "2023", dossiers={"resolved_overdue": 10, "pending_overdue": 0}, apology_letters=0)
    letters = duties(client, url.format("2023"))["apology_letters"]
    assert numbers(letters) == (10, 0, None, None, "unknown")
    assert told(letters)[-1] == ("duty_partly_reported", ["measure:apology_letters"])
    # the province adds up what each of both means
    assert numbers(duties(client, "/v1/units/22/duties/2024")["apology_letters"])[:2] == (100, 60)


def test_an_unknown_part_is_named_in_the_language_of_the_reader(client: Client) -> None:
    report(client, "22", dossiers={"resolved": 50, "resolved_overdue": 4}, apology_letters=1)
    url = "/v1/units/22/duties/2024"
    letters = duties(client, url)["apology_letters"]
    assert numbers(letters) == (4, 1, 3, None, "open")
    assert letters["warnings"][0]["message"] == (
        "At least 4 letters are owed; not reported: dossiers pending overdue."
    )
    letters = duties(client, url, **{"Accept-Language": "vi"})["apology_letters"]
    assert letters["warnings"][0]["message"] == (
        "Ít nhất 4 thư phải thực hiện; chưa có số liệu: số hồ sơ đang giải quyết quá hạn."
    )
    assert (letters["name_vi"], letters["unit_vi"]) == ("Xin lỗi đối với hồ sơ quá hạn", "thư")
    assert letters["figures"][2]["name"] == "số thư xin lỗi đã gửi vì hồ sơ quá hạn (apology_letters)"


def test_a_duty_says_which_months_are_missing(client: Client) -> None:
    """Overdue in July and September; then August; 1 is pending overdue at the end: 3 + 2 + 1 + 1 = 7
    are owed."""
    url = "/v1/units/22/duties/2021-Q3"
    for month, overdue, pending in (("2021-07", 3, 4), ("2021-09", 1, 1)):
        report(client, "22", month, dossiers={"resolved_overdue": overdue, "pending_overdue": pending})
    report(client, "22", "2021-Q3", apology_letters=6)
    letters = duties(client, url)["apology_letters"]
    assert numbers(letters) == (None, 6, None, None, "unknown")
    by_code = {warning["code"]: warning for warning in letters["warnings"]}
    assert "22 has no figures for 2021-08;" in by_code["period_incomplete"]["message"]
    assert by_code["period_incomplete"]["columns"] == ["dossier:resolved_overdue", "dossier:pending_overdue"]
    vietnamese = duties(client, url, **{"Accept-Language": "vi"})["apology_letters"]["warnings"]
    assert any("Quảng Ninh (22) chưa có số liệu kỳ 2021-08" in warning["message"] for warning in vietnamese)
    report(client, "22", "2021-08", dossiers={"resolved_overdue": 2, "pending_overdue": 0})
    assert numbers(duties(client, url)["apology_letters"]) == (7, 6, 1, 85.71, "open")


def test_letters_of_months_are_added_and_tasks_of_a_plan_are_not(client: Client) -> None:
    """Dossiers by quarters, letters by months; 5 of 27 tasks in one month may be among the 9 of the next."""
    url = "/v1/units/22/duties/2021-H2"
    for quarter, overdue in (("2021-Q3", 6), ("2021-Q4", 4)):
        report(client, "22", quarter, dossiers={"resolved_overdue": overdue, "pending_overdue": 0})
    for month, sent in ((7, 3), (8, 2), (9, 1), (10, 0), (12, 2)):
        report(client, "22", f"2021-{month:02}", apology_letters=sent)
    letters = duties(client, url)["apology_letters"]
    assert numbers(letters) == (10, None, None, None, "unknown")
    (gap,) = [warning for warning in letters["warnings"] if warning["code"] == "duty_period_incomplete"]
    assert gap["message"].startswith(
        "letters of apology sent for overdue dossiers (apology_letters) of 22: 2021-11 is missing;"
    )
    report(client, "22", "2021-11", apology_letters=1)
    assert numbers(duties(client, url)["apology_letters"]) == (10, 9, 1, 90, "open")
    report(client, "22", "2021-H2", apology_letters=10)  # the whole stands before its parts
    assert numbers(duties(client, url)["apology_letters"]) == (10, 10, 0, 100, "met")
    for month, done in (("2021-07", 5), ("2021-08", 9)):
        report(client, "22", month, plan_tasks=(done, 27))
    plan = duties(client, url)["plan_tasks"]
    assert numbers(plan) == UNKNOWN
    (gap,) = [warning for warning in plan["warnings"] if warning["code"] == "duty_not_composed"]
    assert "22 is known for 2021-07, 2021-08 alone" in gap["message"]
    assert gap["columns"] == ["measure:plan_tasks/denominator", "measure:plan_tasks/numerator"]


def test_a_total_row_that_differs_from_its_parts_is_told(client: Client) -> None:
    put_communes(client, "a")
    report(client, "22.d.a", dossiers={"resolved_overdue": 3, "pending_overdue": 0})
    report(client, "22.d", dossiers={"scope": "total", "resolved_overdue": 2, "pending_overdue": 0})
    letters = duties(client, "/v1/units/22.d/duties/2024")["apology_letters"]
    assert letters["owed"] == 2
    assert ("total_differs_from_parts", ["resolved_overdue"]) in told(letters)


def test_law_is_cited_while_it_is_law(client: Client) -> None:
    """Decree 61/2018 of 2018-04-23 was replaced by Decree 118/2025 from 2025-07-01."""
    for period, in_force in (("2017", False), ("2018", True), ("2025-H1", True), ("2025-Q3", False)):
        letters = duties(client, f"/v1/units/22/duties/{period}")["apology_letters"]
        codes = [code for code, _ in told(letters)]
        assert ("duty_law_not_in_force" not in codes) is in_force, period
    assert "is not in force on 2025-09-30" in letters["warnings"][-1]["message"]
    letters = duties(client, "/v1/units/22/duties/2025-Q3", **{"Accept-Language": "vi"})["apology_letters"]
    assert "không có hiệu lực vào ngày 30/09/2025" in letters["warnings"][-1]["message"]


def test_of_several_laws_those_in_force_are_cited() -> None:
    """An older decree until 2018-06-20, Decree 61/2018 from the day after to 2025-06-30; later none."""
    (letters,) = [duty for duty in shipped_duties() if duty.code == "apology_letters"]
    (decree,) = letters.legal_basis
    older = decree.model_copy(
        update={
            "document": "trước",
            "issued_on": date(2010, 6, 8),
            "valid_from": None,
            "valid_to": date(2018, 6, 20),
        }
    )
    newer = decree.model_copy(update={"valid_from": date(2018, 6, 21)})
    both = letters.model_copy(update={"legal_basis": [older, newer]})
    assert law_on(both, date(2017, 12, 31)) == ([older], [])
    assert law_on(both, date(2018, 12, 31)) == ([newer], [])
    cited, faults = law_on(both, date(2025, 9, 30))
    assert (cited, [fault.code for fault in faults]) == ([older, newer], ["duty_law_not_in_force"])


def test_duties_are_read_as_the_figures_that_they_rest_on(client: Client) -> None:
    url = "/v1/units/22/duties/2024"
    for grants, status in (
        (["statistics:write@22"], 200),
        (["results:read_unpublished"], 200),
        (["statistics:write@24"], 403),
        (["frameworks:write"], 403),
    ):
        with open_client(client.app, key=make_client(client.app, grants)) as reader:
            assert reader.get(url).status_code == status, grants
    with open_client(client.app, key=None) as stranger:
        assert stranger.get(url).status_code == 401
    assert client.get("/v1/units/none/duties/2024").json()["code"] == "unit_unknown"
    wrong = client.get("/v1/units/22/duties/2024-13")
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "period_invalid")


def test_more_communes_need_no_more_queries(
    client: Client, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    put_communes(client, "a", "b", "c", "d", "e")
    report(client, "22.d.a", dossiers={"resolved_overdue": 1, "pending_overdue": 0}, apology_letters=1)
    few = count_queries(lambda: duties(client, "/v1/units/22.d/duties/2024"))
    for name in "bcde":
        report(
            client, f"22.d.{name}", dossiers={"resolved_overdue": 1, "pending_overdue": 0}, plan_tasks=(1, 2)
        )
    assert count_queries(lambda: duties(client, "/v1/units/22.d/duties/2024")) == few


def test_scores_and_duties_read_the_same_plan(client: Client) -> None:
    """The district says 14 of 27 itself: the 0 of 27 of its commune are added in a roll-up alone."""
    put_communes(client, "a", "b")
    report(client, "22.d", "2021", plan_tasks=(14, 27))
    report(client, "22.d.a", "2021", plan_tasks=(0, 27))
    base = start_round(client, FIGURES, group("22.d", "22"))
    assert points_of(client, base)["22.d"] == 15.56  # 14/27 x 30
    rolled = get(client, "/v1/units/22.d/measures/plan_tasks/2021", rollup="true")
    assert (rolled["numerator"], rolled["denominator"], rolled["percent"]) == (14, 54, 25.93)
    assert rolled["coverage"] == {"reported": 2, "expected": 3}
    plan = duties(client, "/v1/units/22.d/duties/2021")["plan_tasks"]
    assert (numbers(plan), told(plan)) == ((27, 14, 13, 51.85, "open"), [])
    # the province says nothing: all that those below it reported, 14 of 54, in all three
    assert points_of(client, base)["22"] == 7.78
    rolled = get(client, "/v1/units/22/measures/plan_tasks/2021", rollup="true")
    assert (rolled["numerator"], rolled["denominator"]) == (14, 54)
    plan = duties(client, "/v1/units/22/duties/2021")["plan_tasks"]
    assert numbers(plan) == (54, 14, 40, 25.93, "open")
    assert told(plan)[0] == ("duty_partly_reported", ["measure:plan_tasks/denominator"])
