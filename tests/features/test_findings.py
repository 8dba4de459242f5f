"""Findings of inspections: revisions, states, who sees them, and the measure that is counted from them."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlmodel import col, select

from app.examples import load_examples
from app.infra import audit
from app.models import AuditEventRow, FindingRow
from tests.clients import make_client
from tests.conftest import Client, open_client

TODAY = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
YESTERDAY, TOMORROW = str(TODAY - timedelta(days=1)), str(TODAY + timedelta(days=1))
TEXT = "Chưa cập nhật kịp thời TTHC"
MEASURE = "/v1/units/22/measures/findings_resolved/2021"


def finding(**more: object) -> dict[str, Any]:
    return {"unit": "22", "period": "2021", "reform_area": "procedures", "finding": TEXT} | more


def put(client: Client, code: str, headers: dict[str, str] | None = None, **more: object) -> httpx.Response:
    return client.put(f"/v1/findings/{code}", json=finding(**more), headers=headers)


def write(client: Client, code: str, **more: object) -> dict[str, Any]:
    answer = put(client, code, **more)
    assert answer.status_code in (200, 201), answer.text
    body: dict[str, Any] = answer.json()
    assert answer.headers["ETag"] == f'"{body["revision"]}"'
    return body


def codes(client: Client, **query: object) -> list[str]:
    answer = client.get("/v1/findings", params=query)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    return [item["code"] for item in answer.json()["items"]]


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def faults(answer: httpx.Response) -> set[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return {(error["pointer"], error["code"]) for error in answer.json()["errors"]}


@contextmanager
def acting(client: Client, *grants: str, home_unit: str | None = None) -> Iterator[Client]:
    """Another caller of the same service."""
    with open_client(client.app, make_client(client.app, grants, home_unit=home_unit)) as other:
        yield other


def start_round(client: Client) -> str:
    """The base URL of a round of 2021 over 22, whose one item is the share of resolved findings."""
    url = "/v1/frameworks/one/versions/1"
    item = {"code": "1", "name_vi": "Khắc phục kết luận", "reform_area": "leadership", "max_points": 10}
    document = {
        "code": "one",
        "version": "1",
        "title_vi": "Một mục",
        "level": "province",
        "status": "illustrative",
        "total_points": 10,
        "applies": {"from": "2021-01-01"},
        "rounding": {"decimals": 2},
        "areas": [{**item, "rule": {"kind": "measure", "rate": "measure:findings_resolved"}}],
    }
    assert client.put(url, json=document).status_code == 201
    assert client.post(f"{url}/publish").status_code == 200
    participants = [{"group": "all", "units": ["22"]}]
    round_ = {"title_vi": "Kỳ", "framework": "one@1", "period": "2021", "participants": participants}
    assert client.put("/v1/rounds/r", json=round_).status_code == 201
    assert client.post("/v1/rounds/r/transitions", json={"to": "self_assessment"}).status_code == 200
    return "/v1/rounds/r"


def test_a_finding_is_written_changed_and_kept(client: Client) -> None:
    created = put(client, "f", due_on=TOMORROW, evidence=[{"title": "Biên bản kiểm tra"}])
    assert created.status_code == 201
    said = created.json()
    assert (said["state"], said["revision"], said["round"], said["period"]) == ("open", 1, None, "2021")
    same = put(client, "f", due_on=TOMORROW, evidence=[{"title": "Biên bản kiểm tra"}])
    assert (same.status_code, same.json()) == (200, said)
    resolved = write(client, "f", resolved_on=str(TODAY))
    assert (resolved["state"], resolved["revision"], resolved["due_on"]) == ("resolved", 2, None)
    read = client.get("/v1/findings/f")
    assert (read.json(), read.headers["ETag"]) == (resolved, '"2"')
    with client.app.state.database.read() as session:
        rows = session.exec(select(FindingRow).order_by(col(FindingRow.revision))).all()
        events = session.exec(select(AuditEventRow).where(AuditEventRow.action == "finding.put")).all()
        assert [row.revision for row in rows] == [1, 2]
        for row, event in zip(rows, events, strict=True):
            assert event.digests == f'{{"finding/f/{row.revision}":"{audit.digest_of_row(row)}"}}'
            assert (event.jurisdiction_code, event.unit_code) == ("22", "22")
        assert (events[0].before, '"revision":1' in str(events[1].before)) == (None, True)


def test_a_stale_if_match_shows_both_versions(client: Client) -> None:
    write(client, "f")
    assert put(client, "f", {"If-Match": '"1"'}, recommendation="Cập nhật").status_code == 200
    stale = put(client, "f", {"If-Match": '"1"'}, recommendation="Rà soát")
    assert refusal(stale) == (412, "precondition_failed")
    conflict = stale.json()["conflict"]
    assert conflict["current"]["revision"] == 2
    assert [(d["field"], d["current"], d["yours"]) for d in conflict["difference"]] == [
        ("recommendation", "Cập nhật", "Rà soát")
    ]
    assert refusal(put(client, "new", {"If-Match": "*"})) == (412, "precondition_failed")


def test_a_finding_belongs_to_a_round_or_a_period(client: Client) -> None:
    start_round(client)
    of_round: dict[str, Any] = {"round": "r", "period": None}
    said = write(client, "f", **of_round, items=["1", "1"])
    assert (said["round"], said["period"], said["items"]) == ("r", "2021", ["1"])
    neither = {("/period", "finding_needs_round_or_period")}
    assert faults(put(client, "g", period=None)) == faults(put(client, "g", round="r")) == neither
    assert faults(put(client, "g", period=None, round="none")) == {("/round", "round_unknown")}
    assert faults(put(client, "g", **of_round, unit="24", items=["1", "9"])) == {
        ("/unit", "unit_not_participant"),
        ("/items/1", "item_unknown"),
    }
    assert faults(put(client, "g", unit="none")) == {("/unit", "unit_unknown")}
    assert faults(put(client, "g", unit="24", period="2011")) == {("/unit", "unit_not_valid_on")}
    assert faults(put(client, "g", period="2021-13")) == {("/period", "period_invalid")}
    assert refusal(put(client, "f", unit="24")) == (409, "finding_of_other_unit")


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({"found_on": "2021-08-26", "due_on": "2021-08-25"}, ("/due_on", "finding_dates_reversed")),
        ({"found_on": "2021-08-26", "resolved_on": "2021-08-25"}, ("/resolved_on", "finding_dates_reversed")),
        ({"resolved_on": TOMORROW}, ("/resolved_on", "finding_resolved_in_future")),
        ({"reform_area": "other"}, ("/reform_area", "not_one_of")),
        ({"finding": " "}, ("/finding", "wrong_length")),
    ],
)
def test_what_cannot_be_is_refused(client: Client, dates: dict[str, str], expected: tuple[str, str]) -> None:
    assert faults(put(client, "f", **dates)) == {expected}
    assert refusal(client.get("/v1/findings/f")) == (404, "finding_unknown")


def test_a_finding_never_hides_behind_the_summary(client: Client) -> None:
    refused = put(client, "summary")
    assert refusal(refused) == (405, "method_not_allowed")
    assert refused.headers["Allow"] == "GET"


def test_findings_are_listed_and_counted_by_state(client: Client) -> None:
    """Due yesterday is overdue, due today is not; resolved is never overdue."""
    write(client, "a", due_on=YESTERDAY)
    write(client, "b", due_on=str(TODAY), reform_area="impact")
    write(client, "c", due_on=YESTERDAY, resolved_on=str(TODAY))
    write(client, "d", unit="24")
    assert codes(client) == ["a", "b", "c", "d"]
    assert [codes(client, state=s) for s in ("open", "overdue", "resolved")] == [["b", "d"], ["a"], ["c"]]
    assert codes(client, unit="22", reform_area="procedures") == ["a", "c"]
    assert codes(client, round="r") == []
    first = client.get("/v1/findings", params={"limit": 3}).json()
    assert codes(client, limit=3, cursor=first["next_cursor"]) == ["d"]
    assert client.get("/v1/findings/summary").json() == {
        "open": 2,
        "overdue": 1,
        "resolved": 1,
        "by_unit": [
            {"unit": "22", "open": 1, "overdue": 1, "resolved": 1},
            {"unit": "24", "open": 1, "overdue": 0, "resolved": 0},
        ],
        "by_reform_area": [
            {"reform_area": "procedures", "open": 1, "overdue": 1, "resolved": 1},
            {"reform_area": "impact", "open": 1, "overdue": 0, "resolved": 0},
        ],
    }
    only = client.get("/v1/findings/summary", params={"unit": "24"}).json()
    assert (only["open"], only["overdue"], only["resolved"]) == (1, 0, 0)
    assert client.get("/v1/findings/summary", params={"round": "r"}).json()["by_unit"] == []


def test_everybody_sees_and_writes_his_own_units_alone(client: Client) -> None:
    unit = {"name_vi": "Sở", "kind": "department", "parent_code": "22", "valid_from": "2012-01-01"}
    assert client.put("/v1/units/22.so", json={**unit, "groups": ["so"]}).status_code == 201
    write(client, "province")
    write(client, "department", unit="22.so")
    write(client, "elsewhere", unit="24")
    with acting(client, "scores:appraise@22") as inspector:
        assert codes(inspector) == ["department", "province"]
        assert write(inspector, "department", unit="22.so", resolved_on=str(TODAY))["revision"] == 2
        assert refusal(put(inspector, "x", unit="24")) == (403, "outside_scope")
        assert refusal(put(inspector, "elsewhere")) == (409, "finding_of_other_unit")
        for code in ("elsewhere", "none"):
            assert refusal(inspector.get(f"/v1/findings/{code}")) == (404, "finding_unknown")
        assert inspector.get("/v1/findings/summary").json()["open"] == 1
    for grant in ("scores:self@22.so", "results:read_unpublished@group:so"):
        with acting(client, grant) as reader:
            assert codes(reader) == ["department"]
            assert refusal(reader.get("/v1/findings/province")) == (404, "finding_unknown")
            assert [u["unit"] for u in reader.get("/v1/findings/summary").json()["by_unit"]] == ["22.so"]
            assert refusal(put(reader, "department", unit="22.so")) == (403, "scope_missing")
    with acting(client, "scores:appraise@22", "scores:self@22.so") as both:
        assert refusal(put(both, "department", unit="22.so")) == (403, "own_unit")
    with acting(client, "scores:appraise@22", home_unit="22.so") as at_home:
        assert refusal(put(at_home, "department", unit="22.so")) == (403, "own_unit")


def test_a_rule_scores_the_resolved_findings(client: Client) -> None:
    """1 of 4 resolved: 10 x 1/4 = 2.5 points; 3 of 4: 7.5. Other periods and units do not count."""
    base = start_round(client)
    of_round: dict[str, Any] = {"round": "r", "period": None}

    def points() -> float | None:
        found: float | None = client.get(f"{base}/indices/22").json()["points"]
        return found

    for code in ("a", "b"):
        write(client, code, **of_round)
    write(client, "c")
    write(client, "d", resolved_on=str(TODAY))
    write(client, "other", period="2022", resolved_on=str(TODAY))
    write(client, "another", unit="24", resolved_on=str(TODAY))
    assert points() == 2.5
    for code in ("a", "b"):
        write(client, code, **of_round, resolved_on=str(TODAY))
    assert points() == 7.5
    measure = client.get(MEASURE).json()
    assert (measure["numerator"], measure["denominator"]) == (3, 4)
    assert measure["source"] == "findings register"
    reported = client.put(MEASURE, json={"numerator": 4, "denominator": 4})
    assert refusal(reported) == (409, "measure_is_counted")
    write(client, "c", period="2022")
    assert points() == 10  # 3 of 3
    moved = client.get(MEASURE.replace("2021", "2022")).json()
    assert (moved["numerator"], moved["denominator"]) == (1, 2)


def test_writers_of_one_unit_count_one_after_the_other(client: Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: put(client, f"f{n}", resolved_on=str(TODAY)), range(8)))
    assert [answer.status_code for answer in answers] == [201] * 8
    measure = client.get(MEASURE).json()
    assert (measure["numerator"], measure["denominator"]) == (8, 8)


def test_the_sheet_shows_what_inspections_found(client: Client) -> None:
    base = start_round(client)
    write(client, "in-round", round="r", period=None, items=["1"])
    write(client, "in-period", period="2021-Q3")
    write(client, "later", period="2022")
    shown = client.get(f"{base}/units/22/sheet").json()["findings"]
    assert [(f["code"], f["items"], f["state"]) for f in shown] == [
        ("in-period", [], "open"),
        ("in-round", ["1"], "open"),
    ]


def test_queries_do_not_grow_with_findings(
    client: Client, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    with acting(client, "scores:appraise@22") as reader:
        write(client, "f0")
        assert codes(reader) == ["f0"]
        few = count_queries(lambda: codes(reader))
        for n in range(1, 6):
            write(client, f"f{n}")
        assert count_queries(lambda: codes(reader)) == few
        assert len(codes(reader)) == 6


def test_the_examples_say_what_their_sources_say(examples: Client) -> None:
    """Five shortcomings in Vị Xuyên, two figures of Cầu Tre; none has a date or a recommendation."""
    items = examples.get("/v1/findings").json()["items"]
    assert [item["code"] for item in items] == [
        "cau-tre-2022-1",
        "cau-tre-2022-2",
        *(f"vi-xuyen-2021-{n}" for n in range(1, 6)),
    ]
    for item in items:
        assert item["state"] == "open"
        for name in ("recommendation", "found_on", "due_on", "resolved_on"):
            assert item[name] is None
    sheet = examples.get("/v1/rounds/six-areas-cau-tre-2022/units/31.cau-tre/sheet").json()
    assert {(f["code"], *f["items"]) for f in sheet["findings"]} == {
        ("cau-tre-2022-1", "2.1"),
        ("cau-tre-2022-2", "7.1"),
    }
    measure = examples.get("/v1/units/02.vi-xuyen/measures/findings_resolved/2021-01-01--2021-07-31").json()
    assert (measure["numerator"], measure["denominator"]) == (0, 5)
    loaded: list[str] = []
    load_examples(examples.app.state.database, loaded.append)
    assert loaded == []
    assert codes(examples) == [item["code"] for item in items]


def test_findings_of_a_part_of_the_year_count_in_the_round_of_the_year(client: Client) -> None:
    """Inspected in the first seven months and in the third quarter: 1 of 2 for the year, whenever the round
    began; the quarter alone has 0 of 1."""
    write(client, "before", period="2021-01-01/2021-07-31", resolved_on="2021-12-01")
    start_round(client)
    assert measured(client, "2021") == (1, 1)
    write(client, "after", period="2021-Q3")
    assert measured(client, "2021") == (1, 2)
    assert measured(client, "2021-Q3") == (0, 1)


def measured(client: Client, period: str) -> tuple[int, int]:
    """(resolved, all) as the measure says."""
    read = client.get(f"/v1/units/22/measures/findings_resolved/{period}").json()
    return read["numerator"], read["denominator"]
