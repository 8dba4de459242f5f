"""What figures say that they ought not to, why that stands, and how good figures are."""

from collections.abc import Callable
from contextlib import closing
from string import Formatter
from typing import Any, get_args

import pytest
from sqlalchemy import text

from app.core.statistics import RATES, WHOLES
from app.core.validation import Kind, Rule, Severity, Subject, check
from app.features.audit import service as audit
from app.features.checks.mapping import say_finding, shipped
from app.features.checks.schemas import RateColumn, RulesFile
from app.infra.db import Database
from app.infra.documents import validated
from app.infra.errors import InvalidInputError
from tests.clients import make_client
from tests.conftest import Client, open_client
from tests.features.test_audit import drop_triggers
from tests.features.test_statistics import dossiers, errors, get, put, put_unit

BROKEN = {"received": 10, "resolved": 7, "pending": 2}
SUBJECT = "own:received+resolved+pending"
REASON = "Một hồ sơ trả lại trong kỳ"


def acknowledge(client: Client, period: str = "2021", **said: str) -> Any:
    body = {"rule": "balance_identity", "subject": SUBJECT, "reason": REASON} | said
    return client.post(f"{dossiers(period=period)}/acknowledgements", json=body)


def warnings(client: Client, url: str) -> dict[str, Any]:
    """Rule -> warning."""
    return {warning["rule"]: warning for warning in get(client, url)["warnings"]}


def quality(client: Client, unit: str, period: str = "2021", **query: str) -> dict[str, Any]:
    response = client.get(f"/v1/units/{unit}/statistics-quality/{period}", params=query)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_nobody_is_measured_by_another_unit(client: Client) -> None:
    """24 is Bắc Giang until 2025-06-30, then Bắc Ninh; 01 stays itself, though its version is another."""
    for unit in ("24", "01"):
        put(client, dossiers(unit, "2025-06"), received=100, resolved=60, pending=40)
        put(client, dossiers(unit, "2025-07"), carried_over=1000, received=1500, resolved=900, pending=600)
    assert "continuity" in warnings(client, dossiers("01", "2025-07"))
    assert "continuity" not in warnings(client, dossiers("24", "2025-07"))
    put(client, dossiers("24", "2025-08"), carried_over=500, received=1500, resolved=900, pending=600)
    assert "continuity" in warnings(client, dossiers("24", "2025-08"))


def test_a_warning_is_acknowledged_until_the_figure_changes(client: Client) -> None:
    put(client, dossiers(), **BROKEN)
    standing = warnings(client, dossiers())["balance_identity"]
    assert (standing["code"], standing["severity"], standing["subject"]) == (
        "identity_broken",
        "warning",
        SUBJECT,
    )
    assert standing["acknowledged"] is None
    answer = acknowledge(client)
    assert answer.status_code == 201, answer.text
    seen = warnings(client, dossiers())["balance_identity"]["acknowledged"]
    assert (seen["reason"], seen["recorded_by"], seen["revision"]) == (REASON, "admin", 1)
    assert answer.json()["acknowledged"] == seen
    assert acknowledge(client).json()["code"] == "already_acknowledged"
    # a figure elsewhere changes nothing, this one opens the warning again
    put(client, dossiers(period="2022"), received=1)
    assert warnings(client, dossiers())["balance_identity"]["acknowledged"]
    put(client, dossiers(), **BROKEN | {"received": 11})
    assert warnings(client, dossiers())["balance_identity"]["acknowledged"] is None
    assert acknowledge(client, reason="Hai hồ sơ trả lại").status_code == 201
    assert warnings(client, dossiers())["balance_identity"]["acknowledged"]["revision"] == 3


def test_an_acknowledgement_is_of_one_part_and_rests_on_its_reports(client: Client) -> None:
    """Both quarters differ from their months (30 against 33); each is looked at by itself."""
    for number in range(1, 7):
        put(client, dossiers(period=f"2021-{number:02}"), resolved=11)
    for quarter in ("2021-Q1", "2021-Q2"):
        put(client, dossiers(period=quarter), resolved=30)

    def open_subjects() -> list[str]:
        body = get(client, dossiers(period="2021-H1"))
        told = [w for w in body["warnings"] if w["rule"] == "period_differs_from_parts"]
        return [warning["subject"] for warning in told if warning["acknowledged"] is None]

    first, second = "own:resolved@2021-Q1", "own:resolved@2021-Q2"
    assert open_subjects() == [first, second]
    said = {"rule": "period_differs_from_parts", "subject": first}
    assert acknowledge(client, period="2021-H1", **said).status_code == 201
    assert open_subjects() == [second]
    # other figures of the unit, and those of units below, are no reason to look again
    put(client, "/v1/units/01/measures/plan_tasks/2019", numerator=1, denominator=2)
    put_unit(client, "d1", "01")
    put(client, dossiers("d1", "2021-02"), resolved=5)
    put(client, dossiers(period="2021-02"), scope="total", resolved=17)
    assert open_subjects() == [second]
    # a month that the quarter was compared with is
    put(client, dossiers(period="2021-02"), resolved=12)
    assert open_subjects() == [first, second]


def test_only_what_stands_is_acknowledged_by_who_reports(client: Client) -> None:
    put(client, dossiers(), **BROKEN)
    for said in ({"rule": "continuity"}, {"subject": "own:received"}, {"subject": "x"}):
        assert errors(acknowledge(client, **said)) == [("/subject", "warning_not_standing")], said
    nothing = acknowledge(client, subject="total:received+resolved+pending")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "statistics_unknown")
    assert errors(acknowledge(client, reason=" ")) == [("/reason", "wrong_length")]
    assert acknowledge(client, period="2020").status_code == 404
    for grants, status in (
        (["statistics:write@02"], 403),
        (["scores:self@01"], 403),
        (["statistics:write@01"], 201),
    ):
        with open_client(client.app, make_client(client.app, grants)) as caller:
            assert acknowledge(caller).status_code == status, grants


def test_an_acknowledgement_is_vouched_for(client: Client) -> None:
    put(client, dossiers(), **BROKEN)
    assert acknowledge(client).status_code == 201
    place = f"figure_acknowledgement/2021/01/balance_identity/{SUBJECT}/1"
    with closing(Database(client.app.state.settings.database_url)) as database:
        with database.read() as session:
            assert audit.verify(session).broken == []
        drop_triggers(database)
        with database.write() as session:
            session.execute(text("UPDATE figure_acknowledgement SET reason = 'khác'"))
        with database.read() as session:
            (broken,) = audit.verify(session).broken
    assert (broken.place, broken.fault) == (place, "content_differs")


def test_what_was_pending_is_carried_over(client: Client) -> None:
    """Of the month before, of its quarter where that alone is known; a change there opens it again."""
    put(client, dossiers(period="2021-Q1"), pending=7)
    put(client, dossiers(period="2021-04"), carried_over=9)
    april = warnings(client, dossiers(period="2021-04"))["continuity"]
    assert april["message"] == ("carried_over is 9, but pending was 7 at the end of 2021-Q1 (difference 2).")
    said = {"rule": "continuity", "subject": "own:carried_over"}
    assert acknowledge(client, period="2021-04", **said).status_code == 201
    put(client, dossiers(period="2021-03"), pending=8)
    april = warnings(client, dossiers(period="2021-04"))["continuity"]
    assert "pending was 8 at the end of 2021-03" in april["message"]
    assert april["acknowledged"] is None
    put(client, dossiers(period="2021-03"), pending=9)
    assert "continuity" not in warnings(client, dossiers(period="2021-04"))


def test_what_was_pending_follows_from_what_was_reported(client: Client) -> None:
    """5 in time and 2 overdue are 7 pending; by fields 4 + (2 + 1) are 7; the month before knows nothing of
    it, but its quarter does. Each is carried over as 9, or as 7."""
    put(client, dossiers("01", "2021-03"), pending_in_time=5, pending_overdue=2)
    put(client, dossiers("02", "2021-03", field="dat-dai"), pending=4)
    put(client, dossiers("02", "2021-03", field="xay-dung"), pending_in_time=2, pending_overdue=1)
    put(client, dossiers("04", "2021-03"), resolved=1)
    put(client, dossiers("04", "2021-Q1"), pending=7)
    for unit, period in (("01", "2021-03"), ("02", "2021-03"), ("04", "2021-Q1")):
        put(client, dossiers(unit, "2021-04"), carried_over=9)
        april = warnings(client, dossiers(unit, "2021-04"))["continuity"]
        assert f"pending was 7 at the end of {period} (difference 2)" in april["message"]
        put(client, dossiers(unit, "2021-04"), carried_over=7)
        assert "continuity" not in warnings(client, dossiers(unit, "2021-04"))
    # fields by themselves
    put(client, dossiers("02", "2021-04", field="dat-dai"), carried_over=5)
    april = warnings(client, dossiers("02", "2021-04", field="dat-dai"))["continuity"]
    assert "pending was 4 at the end of 2021-03 (difference 1)" in april["message"]


def test_outliers_against_what_follows_from_reports(
    client: Client, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    """Resolved as early + on time + overdue, 100 in each of five quarters, told by months (40, 30, 30), or by
    two fields (60 and 40); like units 98 % on time, by fields."""

    def months(unit: str, quarter: tuple[str, ...]) -> None:
        for month, resolved in zip(quarter, (40, 30, 30), strict=True):
            put(
                client,
                dossiers(unit, month),
                resolved_early=resolved - 9,
                resolved_on_time=9,
                resolved_overdue=0,
            )

    put(client, dossiers("01", "2022-Q2"), resolved=150)
    few = count_queries(lambda: warnings(client, dossiers("01", "2022-Q2")))
    months("01", ("2021-01", "2021-02", "2021-03"))
    months("01", ("2021-04", "2021-05", "2021-06"))
    months("01", ("2021-07", "2021-08", "2021-09"))
    for quarter in ("2021-Q4", "2022-Q1"):
        put(
            client, dossiers("01", quarter, field="dat-dai"), resolved_early_or_on_time=55, resolved_overdue=5
        )
        put(client, dossiers("01", quarter, field="xay-dung"), resolved=40)
    found = warnings(client, dossiers("01", "2022-Q2"))
    assert found["outlier_history"]["message"] == "resolved is 150; it was 100 in each of 5 earlier periods."
    assert count_queries(lambda: warnings(client, dossiers("01", "2022-Q2"))) == few
    for number in range(5):
        put_unit(client, f"d{number}", "01")
        put(client, dossiers(f"d{number}", field="dat-dai"), resolved=50, resolved_overdue=2)
        put(client, dossiers(f"d{number}", field="xay-dung"), resolved=50, resolved_overdue=0)
    put_unit(client, "odd", "01")
    put(client, dossiers("odd"), resolved=100, resolved_overdue=60)
    found = warnings(client, dossiers("odd"))
    assert found["outlier_group"]["message"] == (
        "on_time_of_resolved_percent is 40; it is 98 in each of 5 like units."
    )


def test_outliers_against_history_and_like_units(client: Client) -> None:
    for month in range(1, 7):
        put(client, dossiers(period=f"2021-{month:02}"), received=100 + month)
    body = put(client, dossiers(period="2021-07"), received=1000)
    (outlier,) = body["warnings"]
    # 101..106: median 103.5, MAD 1.5; 0.6745 x 896.5 / 1.5 = 403.13
    assert (outlier["rule"], outlier["severity"]) == ("outlier_history", "info")
    assert "median of 6 earlier periods is 103.5 (modified z-score 403.13)" in outlier["message"]
    (outlier,) = get(client, dossiers(period="2021-07"), **{"Accept-Language": "vi"})["warnings"]
    assert outlier["message"].endswith("trung vị của 6 kỳ trước là 103,5 (điểm z hiệu chỉnh 403,13).")
    for month in range(1, 7):
        put(client, dossiers("02", f"2021-{month:02}"), received=100)
    (outlier,) = put(client, dossiers("02", "2021-07"), received=150)["warnings"]
    assert (outlier["code"], outlier["rule"]) == ("outlier_history", "outlier_history")
    assert outlier["message"] == "received is 150; it was 100 in each of 6 earlier periods."
    for number, late in enumerate((1, 2, 3, 2, 1)):
        put_unit(client, f"d{number}", "01")
        put(client, dossiers(f"d{number}"), resolved=100, resolved_overdue=late)
    put_unit(client, "odd", "01")
    put_unit(client, "c", "01", "department")
    put(client, dossiers("c"), resolved=100, resolved_overdue=50)
    odd = put(client, dossiers("odd"), resolved=100, resolved_overdue=60)
    (outlier,) = odd["warnings"]
    # 40 %; of the districts 99 98 97 98 99, median 98, MAD 1: 0.6745 x 58 = 39.12
    assert outlier["code"] == "outlier_group"
    assert "median of 5 like units is 98 (modified z-score -39.12)" in outlier["message"]
    # whoever may not read the others is not told their numbers
    with open_client(client.app, make_client(client.app, ["statistics:write@odd"])) as own:
        assert own.get(dossiers("d0")).status_code == 403
        (outlier,) = put(own, dossiers("odd"), resolved=100, resolved_overdue=60)["warnings"]
    assert (outlier["rule"], outlier["code"]) == ("outlier_group", "outlier_group_unseen")
    assert outlier["message"] == "on_time_of_resolved_percent is 40, far from what like units report."


def test_stale_extractions(client: Client) -> None:
    body = put(client, dossiers(), received=1, extracted_at="2021-12-20T08:00:00+07:00")
    assert [w["code"] for w in body["warnings"]] == ["extracted_before_end", "extraction_stale"]
    ended = {"data_from": "2020-12-16", "data_to": "2021-12-15"}
    body = put(client, dossiers(), received=2, extracted_at="2021-12-20T08:00:00+07:00", **ended)
    assert [w["code"] for w in body["warnings"]] == ["extraction_stale"]


def test_days_are_said_as_documents_write_them(client: Client) -> None:
    put(client, dossiers(), received=1, extracted_at="2021-12-20T08:00:00+07:00")
    early = get(client, dossiers(), **{"Accept-Language": "vi"})["warnings"][0]
    assert early["message"] == "Trích xuất ngày 20/12/2021, trước ngày chốt số liệu 31/12/2021."


def test_units_are_called_by_their_names(client: Client) -> None:
    put(client, dossiers(period="2021-01"), received=1)
    url = dossiers(period="2021-Q1", rollup="true")
    (short,) = get(client, url, **{"Accept-Language": "vi"})["warnings"]
    assert short["message"].startswith("Hà Nội (01) chưa có số liệu kỳ 2021-02, 2021-03;")


def test_quality_of_a_report(client: Client) -> None:
    for unit in ("d1", "d2"):
        put_unit(client, unit, "01")
    put(client, dossiers("01"), **BROKEN, received_online=4, resolved_early_or_on_time=7)
    put(client, dossiers("d1", "2021-H1"), received=3)
    body = quality(client, "01")
    complete = body["completeness"]
    # the form has 11 columns: received, online, resolved, pending, and early and on time in one are there
    assert complete["columns"] == {"reported": 6, "expected": 11}
    assert complete["missing_columns"] == [
        "received_direct",
        "carried_over",
        "resolved_overdue",
        "pending_in_time",
        "pending_overdue",
    ]
    assert complete["units"] == {"reported": 1, "expected": 3}
    assert complete["missing_units"] == [{"code": "d1", "name_vi": "d1"}, {"code": "d2", "name_vi": "d2"}]
    assert body["consistency"] == [
        {"severity": "error", "open": 0, "acknowledged": 0},
        {"severity": "warning", "open": 1, "acknowledged": 0},
        {"severity": "info", "open": 1, "acknowledged": 0},
    ]
    assert acknowledge(client).status_code == 201
    assert quality(client, "01")["consistency"][1] == {"severity": "warning", "open": 0, "acknowledged": 1}
    nothing = quality(client, "d2")
    assert nothing["completeness"]["columns"]["reported"] == 0
    assert nothing["timeliness"]["reported_at"] is None


def test_timeliness(client: Client) -> None:
    """Everything is reported today: late for a deadline of 2022, and not for one of 2900."""
    put_unit(client, "d1", "01")
    put(client, dossiers("01"), received=1)
    put(client, dossiers("d1", "2021-H1"), received=1)
    put(client, dossiers("d1", "2021-H2"), received=1, carried_over=0)
    late = quality(client, "01", deadline="2022-01-15")["timeliness"]
    assert (late["is_late"], late["late_units"]) == (True, 2)
    timely = quality(client, "01", deadline="2900-01-15")["timeliness"]
    assert (timely["is_late"], timely["late_units"]) == (False, 0)
    asked = quality(client, "01")["timeliness"]
    assert (asked["deadline"], asked["is_late"], asked["late_units"]) == (None, None, None)
    put(client, dossiers("01"), received=2)
    assert quality(client, "01")["timeliness"]["reported_at"] == asked["reported_at"]
    with open_client(client.app, make_client(client.app, ["statistics:write@02"])) as other:
        assert other.get("/v1/units/01/statistics-quality/2021").status_code == 403


def test_silence_after_the_deadline_is_late(client: Client) -> None:
    put_unit(client, "d1", "01")
    put_unit(client, "d2", "01")
    put(client, dossiers("d1"), received=1)
    late = quality(client, "01", deadline="2022-01-15")["timeliness"]
    assert (late["reported_at"], late["is_late"], late["late_units"]) == (None, True, 3)
    early = quality(client, "01", deadline="2900-01-15")["timeliness"]
    assert (early["is_late"], early["late_units"]) == (None, 0)


def test_a_report_by_fields_is_complete_with_its_last_field(client: Client) -> None:
    for field in ("dat-dai", "ho-tich"):
        put(client, dossiers(field=field), received=1)
    with closing(Database(client.app.state.settings.database_url)) as database:
        drop_triggers(database)
        with database.write() as session:
            first = "UPDATE dossier_statistic SET recorded_at = :at WHERE procedure_field = 'dat-dai'"
            session.execute(text(first), {"at": "2022-01-10 00:00:00.000000"})
    assert quality(client, "01", deadline="2022-01-15")["timeliness"]["is_late"] is True
    put(client, dossiers(field="dat-dai"), received=2)
    assert quality(client, "01", deadline="2022-01-15")["timeliness"]["is_late"] is True


def test_the_rules_are_whole(client: Client) -> None:
    """What is refused is also a rule; each text says the same in both languages."""
    wholes = {
        (part, rule.whole)
        for rule in shipped().rules.values()
        if rule.kind is Kind.PART_OF_WHOLE
        for part in rule.columns
    }
    assert wholes == {(part, whole) for part, above in WHOLES.items() for whole in above}
    for texts in shipped().messages.values():
        names = {tuple(sorted(n for _, n, _, _ in Formatter().parse(said) if n)) for said in texts.values()}
        assert len(names) == 1


def test_a_misspelt_rule_is_refused_and_every_column_can_be_missed() -> None:
    assert set(get_args(RateColumn)) == set(RATES)
    text_ = {"en": "", "vi": ""}
    rule = {"code": "r", "kind": "unknown", "severity": "info", "columns": ["pending", "pendign"]}
    file = {"source": "", "messages": {"r": text_}, "expected_columns": [], "rules": [rule]}
    with pytest.raises(InvalidInputError) as refused:
        validated(RulesFile, file)
    assert {fault.pointer.partition("/columns/1")[0] for fault in refused.value.faults} == {"/rules/0"}
    missed = Rule("r", Kind.UNKNOWN, Severity.INFO, ("pending",))
    (found,) = check([missed], Subject({"received": 1}))
    assert say_finding(found.code, found.params, "vi") == "Chưa có tổng số hồ sơ đang giải quyết."
