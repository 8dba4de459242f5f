"""Files of measures, by the rules of a single one."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import col, select

from app.models import MeasureValueRow
from tests import importing
from tests.clients import make_client
from tests.conftest import Client, open_client
from tests.importing import commit, count, counted, faults, refused, rows, table, tamper, verify

HEAD = "Mã đơn vị,Kỳ,Chỉ tiêu,Đã hoàn thành,Kế hoạch,Tỷ lệ"


def send(client: Client, *lines: str, head: str = HEAD, **options: Any) -> dict[str, Any]:
    """An import of measures."""
    return importing.send(client, table(*lines, head=head), "measures", **options)


def put(client: Client, unit: str, period: str = "2021", **numbers: Any) -> None:
    response = client.put(f"/v1/units/{unit}/measures/plan_tasks/{period}", json=numbers)
    assert response.status_code == 200, response.text


def stands(client: Client, unit: str, period: str = "2021") -> Any:
    """(numerator, denominator, revision) of the tasks of the plan; None where there is nothing."""
    response = client.get(f"/v1/units/{unit}/measures/plan_tasks/{period}")
    if response.status_code == 404:
        return None
    return tuple(response.json()[name] for name in ("numerator", "denominator", "revision"))


def test_rows_of_measures_say_what_they_do(client: Client) -> None:
    """A measure by its code or its name in the catalogue; one form alone, as in a PUT."""
    put(client, "01", numerator=14, denominator=27)
    put(client, "02", numerator=5, denominator=5)
    name = client.get("/v1/measures/plan_tasks").json()["name_vi"]
    report = send(
        client,
        "Hà Nội,2021,plan_tasks,15,27,",
        f'02,Năm 2021,"{name}",5,5,',
        "04,2021,plan_tasks,,,99.5",
        "04,2021,no_such_measure,1,2,",
        "04,2020,plan_tasks,1,2,50",
        "04,2020,plan_tasks,1,,",
        "04,2020,findings_resolved,1,2,",
        "04,2020,,1,2,",
        "01,2021,plan_tasks,1,2,",
    )
    assert report["counts"] == counted(inserted=1, updated=1, unchanged=1, rejected=6)
    updated, unchanged, inserted, *_ = rows(client, report)
    assert (updated["unit"], updated["period"], updated["measure"]) == ("01", "2021", "plan_tasks")
    assert (updated["old"], updated["new"]) == ({"numerator": 14}, {"numerator": 15})
    assert (unchanged["old"], unchanged["new"]) == (None, None)
    assert inserted["new"] == {"percent": 99.5}
    assert faults(client, report) == [
        [("C", "measure_unknown")],
        [(None, "measure_form")],
        [(None, "measure_form")],
        [(None, "measure_is_counted")],
        [(None, "measure_missing")],
        [(None, "row_twice")],
    ]
    assert count(client, MeasureValueRow) == 2


def test_a_name_that_two_measures_have_is_refused(client: Client) -> None:
    for code in ("one", "two"):
        entry = {"code": code, "name_vi": "Tỷ lệ xã có cổng", "form": "percent", "direction": "higher"}
        assert client.put(f"/v1/measures/{code}", json=entry).status_code == 201
    report = send(client, "01,2021,tỷ lệ xã có CỔNG,,,5", "01,2021,two,,,5")
    assert faults(client, report) == [[("C", "measure_name_unclear")]]
    assert report["counts"] == counted(inserted=1, rejected=1)


def test_a_commit_of_measures_writes_what_was_rehearsed(client: Client) -> None:
    """The revisions of Hà Nội and of the ward's province (Hải Phòng, 31) move as with single writes."""
    put(client, "01", numerator=1, denominator=2)
    unit = {"name_vi": "Phường thử", "kind": "ward", "parent_code": "31", "valid_from": "2012-01-01"}
    assert client.put("/v1/units/31.thu", json=unit).status_code == 201
    head = "unit,period,measure,numerator,denominator,source,extracted_at"
    lines = (
        "01,2021,plan_tasks,3,4,Báo cáo,2021-12-30T08:00",
        "31.thu,2021,plan_tasks,1,4,,",
        "01,2020,plan_tasks,0.5,4,,",
    )
    report = send(client, *lines, head=head)
    assert commit(client, report)["progress"]["rows_committed"] == 3
    assert (stands(client, "01"), stands(client, "01", "2020")) == ((3, 4, 2), (0.5, 4, 2))
    assert (stands(client, "31.thu"), stands(client, "31")) == ((1, 4, 1), None)
    with client.app.state.database.read() as session:
        query = select(MeasureValueRow).where(MeasureValueRow.import_id == report["id"])
        written = session.exec(query.order_by(col(MeasureValueRow.period))).all()
    assert [(w.unit_code, w.source, str(w.extracted_at)) for w in written if w.source] == [
        ("01", "Báo cáo", "2021-12-30 01:00:00+00:00")
    ]
    assert send(client, *lines, head=head)["counts"] == counted(unchanged=3)
    events = client.get("/v1/audit", params={"action": "measure_values.import"}).json()["items"]
    assert [(event["jurisdiction"], event["after"]["rows"]) for event in events] == [("01", 2), ("31", 1)]
    put(client, "31", numerator=1, denominator=1)
    assert stands(client, "31") == (1, 1, 2)  # the first was the ward's


@pytest.mark.parametrize("change", ["numerator = 1", "recorded_by = 'x'", "revision = 9", "source = 'x'"])
def test_audit_names_an_import_of_which_one_value_was_changed(client: Client, change: str) -> None:
    report = send(client, "01,2021,plan_tasks,3,4,", "02,2021,plan_tasks,3,4,", "01,2020,plan_tasks,3,4,")
    commit(client, report)
    assert verify(client).intact
    broken = tamper(client, f"UPDATE measure_value SET {change} WHERE period = '2020'", "measure_value")
    assert [(link.place, link.fault) for link in broken] == [
        (f"measure_value/import/{report['id']}/01", "content_differs")
    ]


def test_a_measure_that_moved_since_is_named(client: Client) -> None:
    put(client, "02", numerator=3, denominator=4)
    report = send(client, "01,2021,plan_tasks,3,4,", "02,2021,plan_tasks,3,4,", "04,2021,plan_tasks,3,4,")
    put(client, "01", numerator=9, denominator=9)
    put(client, "02", numerator=9, denominator=9)
    put(client, "04", "2020", numerator=9, denominator=9)  # another period: no matter
    problem = refused(client, report)
    assert problem["code"] == "import_outdated"
    assert [(e["pointer"], e["message"]) for e in problem["errors"]] == [
        ("/rows/1", "01, 2021, plan_tasks: revision 1 stands there; the rehearsal saw -."),
        ("/rows/2", "02, 2021, plan_tasks: revision 2 stands there; the rehearsal saw 1."),
    ]
    assert (stands(client, "01"), stands(client, "04")) == ((9, 9, 1), None)


def test_measures_of_other_provinces_are_rejected(client: Client) -> None:
    app = client.app
    with open_client(app, make_client(app, ["statistics:write@31"])) as clerk:
        report = send(clerk, "31,2021,plan_tasks,3,4,", "22,2021,plan_tasks,3,4,")
        assert faults(clerk, report) == [[("A", "row_outside_scope")]]
        commit(clerk, report, on_error="skip")
    assert (stands(client, "31"), stands(client, "22")) == ((3, 4, 1), None)


def test_statements_do_not_grow_with_the_measures(
    client: Client, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    made: list[dict[str, Any]] = []

    def rehearse(years: int) -> None:
        made.append(send(client, *(f"01,{2100 + year},plan_tasks,{years},90," for year in range(years))))

    rehearse(5)
    commit(client, made[0])
    few = count_queries(lambda: rehearse(10))
    assert count_queries(lambda: rehearse(50)) == few
    few = count_queries(lambda: commit(client, made[1]))
    rehearse(60)
    assert count_queries(lambda: commit(client, made[3])) == few
