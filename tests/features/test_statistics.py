"""Dossier counts and measures: unknown is not zero, counts are added, rates never, history stays."""

from typing import Any, get_args

import httpx
from sqlmodel import col, select

from app.core.statistics import COLUMNS
from app.features.statistics.schemas import Column, Counts
from app.models import DossierStatisticRow, MeasureValueRow
from tests.conftest import Client, open_client

RATES = {
    "resolved_of_received_percent",
    "on_time_of_resolved_percent",
    "in_time_including_pending_percent",
    "overdue_of_resolved_percent",
    "online_percent",
}
NO_RATES = dict.fromkeys(RATES)


def dossiers(unit: str = "01", period: str = "2021", **query: str) -> str:
    url = f"/v1/units/{unit}/dossier-statistics/{period}"
    return str(httpx.URL(url, params=query)) if query else url


def measure(code: str, unit: str = "01", period: str = "2021") -> str:
    return f"/v1/units/{unit}/measures/{code}/{period}"


def put(client: Client, url: str, **body: object) -> dict[str, Any]:
    response = client.put(url, json=body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def get(client: Client, url: str, **headers: str) -> dict[str, Any]:
    response = client.get(url, headers=headers)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def put_unit(client: Client, code: str, parent: str, kind: str = "district") -> None:
    """A unit until the end of districts."""
    dates = {"valid_from": "2012-01-01", "valid_to": "2025-06-30"}
    unit = {"name_vi": code, "kind": kind, "parent_code": parent, **dates}
    assert client.put(f"/v1/units/{code}", json=unit).status_code == 201


def told(body: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(warning["code"], warning["columns"]) for warning in body["warnings"]]


def errors(response: httpx.Response) -> list[tuple[str, str]]:
    assert response.status_code == 422, response.text
    return [(error["pointer"], error["code"]) for error in response.json()["errors"]]


def test_unknown_is_not_zero_and_rates_are_null_without_data(client: Client) -> None:
    answer = put(client, dossiers(), received=100)
    assert answer["counts"] == {"received": 100}
    assert answer["derived"] == {}
    assert answer["rates"] == NO_RATES
    assert answer["coverage"] == {"reported": 1, "expected": 1}
    assert answer["warnings"] == []
    # a zero that is reported is a zero: 0 of 100 is a rate, 0 of 0 is none
    answer = put(client, dossiers(), received=100, resolved=0, resolved_overdue=0, received_online=0)
    assert answer["counts"] == {"received": 100, "resolved": 0, "resolved_overdue": 0, "received_online": 0}
    assert answer["derived"] == {"resolved_early_or_on_time": 0}
    assert answer["rates"] == NO_RATES | {"resolved_of_received_percent": 0, "online_percent": 0}
    nothing_came = dict.fromkeys(("received", "carried_over", "received_online", "resolved"), 0)
    assert put(client, dossiers(), **nothing_came)["rates"] == NO_RATES
    # nothing newly received: all of it was carried over
    only_old = put(client, dossiers(), received=10, carried_over=10, received_online=0)
    assert only_old["rates"]["online_percent"] is None
    assert get(client, dossiers()) == only_old


def test_rates_have_their_exact_meanings(client: Client) -> None:
    """The two readings of "on time" differ: 70 of 80 resolved; 70 + 15 pending in time of 100 received."""
    form = {
        "received_online": 40,
        "received_direct": 50,
        "carried_over": 10,
        "received": 100,
        "resolved_early": 30,
        "resolved_on_time": 40,
        "resolved_overdue": 10,
        "resolved": 80,
        "pending_in_time": 15,
        "pending_overdue": 5,
        "pending": 20,
        "returned_or_withdrawn": 3,
        "due_in_period": 85,
    }
    answer = put(client, dossiers(), **form)
    assert answer["counts"] == form
    assert answer["derived"] == {"resolved_early_or_on_time": 70}
    assert answer["warnings"] == []
    assert answer["rates"] == {
        "resolved_of_received_percent": 80,
        "on_time_of_resolved_percent": 87.5,
        "in_time_including_pending_percent": 85,
        "overdue_of_resolved_percent": 12.5,
        "online_percent": 44.44,  # 40 of 90 newly received
    }
    # 1 of 800 is 0.125 %: half up, not to the even digit
    assert put(client, dossiers(), received=800, resolved=1)["rates"]["resolved_of_received_percent"] == 0.13
    # resolved follows from its parts; on time from resolved and overdue
    parts = put(client, dossiers(), received=10, resolved_early_or_on_time=6, resolved_overdue=2)
    assert parts["derived"] == {"resolved": 8}
    assert parts["rates"]["on_time_of_resolved_percent"] == 75
    assert put(client, dossiers(), resolved=8, resolved_overdue=2)["derived"] == {
        "resolved_early_or_on_time": 6
    }


def test_what_cannot_be_is_refused(client: Client) -> None:
    as_text = {"Content-Type": "application/json"}
    for value, code in [
        ("-1", "below_minimum"),
        ("1.5", "not_whole"),
        ('"5"', "not_whole"),
        ("true", "not_whole"),
        ("NaN", "not_whole"),
        ("[5]", "not_whole"),
        ("1000000000000001", "above_maximum"),
    ]:
        body = f'{{"received":{value},"resolved":1}}'
        assert errors(client.put(dossiers(), content=body, headers=as_text)) == [("/received", code)], value
    for part, whole in [
        ("resolved", "received"),
        ("received_online", "received"),
        ("carried_over", "received"),
        ("pending", "received"),
        ("resolved_overdue", "resolved"),
        ("resolved_early", "resolved_early_or_on_time"),
        ("pending_overdue", "pending"),
    ]:
        refused = client.put(dossiers(), json={part: 11, whole: 10})
        assert (f"/{part}", "part_larger_than_whole") in errors(refused)
        assert f"{part} (11) is larger than {whole} (10)" in refused.text
    for body, expected in [
        ({}, ("", "no_columns")),
        ({"received": None, "scope": "total"}, ("", "no_columns")),
        ({"recieved": 5}, ("/recieved", "unknown_member")),
        ({"received": 5, "scope": "both"}, ("/scope", "not_one_of")),
        (
            {"received": 5, "data_from": "2023-12-05", "data_to": "2023-12-04"},
            ("/data_to", "data_interval_reversed"),
        ),
        ({"received": 5, "extracted_at": "2021-12-31T17:00:00"}, ("/extracted_at", "not_an_instant")),
    ]:
        assert errors(client.put(dossiers(), json=body)) == [expected], body
    for body, expected in [
        ({}, ("", "measure_form")),
        ({"numerator": 14}, ("", "measure_form")),
        ({"denominator": 27}, ("", "measure_form")),
        ({"value": 1, "percent": 2}, ("", "measure_form")),
        ({"numerator": 14, "denominator": 27, "percent": 51.85}, ("", "measure_form")),
        ({"numerator": -1, "denominator": 27}, ("/numerator", "below_minimum")),
        ({"value": 1.00001}, ("/value", "too_many_decimals")),
    ]:
        assert errors(client.put(measure("m"), json=body)) == [expected], body
    for url in (dossiers(), measure("m")):
        missing = client.get(url)
        assert (missing.status_code, missing.json()["code"]) == (404, "statistics_unknown")
    assert get(client, dossiers(rollup="true"))["revision"] == 0


def test_the_same_report_again_is_no_change_and_history_stays(client: Client) -> None:
    first = put(client, dossiers(), received=10, source="Báo cáo", extracted_at="2021-12-31T17:00:00+07:00")
    assert (first["revision"], first["source"]) == (1, "Báo cáo")
    again = put(client, dossiers(), received=10, source="Báo cáo", extracted_at="2022-01-05T08:00:00+07:00")
    assert again == first
    assert put(client, dossiers(), received=12, source="Báo cáo")["revision"] == 2
    assert put(client, dossiers(), received=12, source="Đính chính")["revision"] == 3
    tasks = put(client, measure("plan_tasks"), numerator=14, denominator=27)
    assert tasks["revision"] == 4
    assert put(client, measure("plan_tasks"), numerator=14.0, denominator=27) == tasks
    assert put(client, measure("plan_tasks"), numerator=15, denominator=27)["revision"] == 5

    with client.app.state.database.read() as session:
        counts = select(DossierStatisticRow.revision, DossierStatisticRow.received)
        numerators = select(MeasureValueRow.revision, MeasureValueRow.numerator)
        assert session.exec(counts.order_by(col(DossierStatisticRow.revision))).all() == [
            (1, 10),
            (2, 12),
            (3, 12),
        ]
        assert session.exec(numerators.order_by(col(MeasureValueRow.revision))).all() == [
            (4, 140_000),
            (5, 150_000),
        ]
    assert get(client, dossiers())["counts"] == {"received": 12}
    assert get(client, measure("plan_tasks"))["numerator"] == 15
    # another period or unit has figures of its own
    assert client.get(dossiers(period="2022")).status_code == 404
    assert put(client, dossiers(unit="02"), received=1)["revision"] == 1


def test_own_and_total_and_the_tree(client: Client) -> None:
    """01 > d1 > (c1, c2), 01 > d2: own counts are added; a total row speaks for everything below it."""
    for code, parent, kind in [
        ("d1", "01", "district"),
        ("d2", "01", "district"),
        ("c1", "d1", "commune"),
        ("c2", "d1", "commune"),
    ]:
        put_unit(client, code, parent, kind)
    put(client, dossiers("01"), received=5, resolved=5)
    put(client, dossiers("c1"), received=10, resolved=9, received_online=4)
    rolled = get(client, dossiers("01", rollup="true"))
    assert rolled["counts"] == {"received": 15, "resolved": 14}
    assert rolled["rates"]["resolved_of_received_percent"] == 93.33
    assert rolled["coverage"] == {"reported": 2, "expected": 5}
    assert told(rolled) == [("column_partly_known", ["received_online"])]
    assert "received_online is known in 1 of 2 reports" in rolled["warnings"][0]["message"]
    assert rolled["source"] is None
    # nothing reported anywhere is no data, not zero
    silent = get(client, dossiers("d2", rollup="true"))
    assert (silent["counts"], silent["rates"]) == ({}, NO_RATES)
    assert silent["coverage"] == {"reported": 0, "expected": 1}

    put(client, dossiers("d1"), scope="total", received=40, resolved=30)
    put(client, dossiers("d1"), scope="own", received=20, resolved=20)
    assert get(client, dossiers("d1"))["scope"] == "own"
    assert get(client, dossiers("d1", scope="total"))["counts"] == {"received": 40, "resolved": 30}
    # 20 + 10 are below the total of 40, but c2 has not reported: no contradiction
    rolled = get(client, dossiers("01", rollup="true"))
    assert rolled["counts"] == {"received": 45, "resolved": 35}
    assert (rolled["coverage"], told(rolled)) == ({"reported": 4, "expected": 5}, [])
    # with c2 the parts are complete: received 20 + 10 + 8 = 38, resolved 20 + 9 + 8 = 37
    put(client, dossiers("c2"), received=8, resolved=8)
    d1 = get(client, dossiers("d1", rollup="true"))
    assert d1["counts"] == {"received": 40, "resolved": 30}
    assert told(d1) == [
        ("total_differs_from_parts", ["received"]),
        ("total_differs_from_parts", ["resolved"]),
    ]
    messages = [warning["message"] for warning in d1["warnings"]]
    assert "received of d1: the total row says 40, its parts sum to 38 (difference 2)" in messages[0]
    assert "resolved of d1: the total row says 30, its parts sum to 37 (difference -7)" in messages[1]
    # the contradiction is told further up as well, and it is still d1's
    up = get(client, dossiers("01", rollup="true"))["warnings"]
    assert [warning["message"] for warning in up] == messages
    # the nation sums its provinces
    put(client, dossiers("02"), received=7, resolved=0)
    assert get(client, dossiers("VN", rollup="true"))["counts"] == {"received": 52, "resolved": 35}


def test_measures(client: Client) -> None:
    put_unit(client, "d1", "01")
    put_unit(client, "d2", "01")
    tasks = put(client, measure("plan_tasks", "d1"), numerator=14, denominator=27)
    forms = ("numerator", "denominator", "value", "percent")
    assert [tasks[form] for form in forms] == [14, 27, None, 51.85]
    nothing_planned = put(client, measure("plan_tasks", "d1"), numerator=0, denominator=0)
    assert [nothing_planned[form] for form in forms] == [0, 0, None, None]
    assert put(client, measure("letters", "d1"), value=758)["value"] == 758
    # a percentage is shown as reported, with all its decimals
    assert put(client, measure("share", "d1"), percent=10.8912)["percent"] == 10.8912

    # 1 of 1 and 0 of 3 are 1 of 4, not 50 %
    put(client, measure("plan_tasks", "d1"), numerator=1, denominator=1)
    put(client, measure("plan_tasks", "d2"), numerator=0, denominator=3)
    rolled = get(client, measure("plan_tasks", "01") + "?rollup=true")
    assert [rolled[form] for form in forms] == [1, 4, None, 25]
    assert rolled["coverage"] == {"reported": 2, "expected": 3}
    put(client, measure("letters", "d2"), value=0.5)
    assert get(client, measure("letters", "01") + "?rollup=true")["value"] == 758.5
    put_unit(client, "d3", "01")
    put(client, measure("letters", "d3"), numerator=1, denominator=2)
    partly = get(client, measure("letters", "01") + "?rollup=true")["warnings"][0]
    assert (partly["code"], partly["rule"], partly["severity"]) == (
        "column_partly_known",
        "column_partly_known",
        "info",
    )
    # percentages are never added, nor averaged
    put(client, measure("share", "d2"), percent=50)
    rolled = get(client, measure("share", "01") + "?rollup=true")
    assert [rolled[form] for form in forms] == [None] * 4
    assert get(client, measure("share", "d2") + "?rollup=true")["percent"] == 50
    assert client.get(measure("share", "01")).status_code == 404


def test_periods_in_urls(client: Client) -> None:
    """One period has one name: an interval that is exactly a year is that year."""
    year = put(client, dossiers(period="2021-01-01--2021-12-31"), received=1)
    assert year["period"] == "2021"
    assert get(client, dossiers(period="2021")) == year
    quarter = put(client, dossiers(period="2021-Q3"), received=2)
    assert get(client, dossiers(period="2021-07-01--2021-09-30")) == quarter
    interval = put(client, dossiers(period="2021-01-01--2021-09-15"), received=3)
    assert interval["period"] == "2021-01-01/2021-09-15"
    assert get(client, dossiers(period="2021-01-01--2021-09-15"))["counts"] == {"received": 3}
    assert get(client, dossiers(period="2021"))["counts"] == {"received": 1}

    # a reporting year with cut-off dates of its own is still that year
    cut_off = {"data_from": "2022-12-07", "data_to": "2023-12-04"}
    labelled = put(client, dossiers(period="2023"), received=4, **cut_off)
    assert labelled["period"] == "2023"
    assert {name: labelled[name] for name in cut_off} == cut_off
    assert get(client, dossiers(period="2023")) == labelled
    assert get(client, dossiers(period="2023", rollup="true"))["counts"] == {"received": 4}

    counts, value = {"received": 1}, {"value": 1}
    for period in ("2021-13", "2021-H3", "2021-Q5", "21", "2021-09-15--2021-01-01", "2021-02-29--2021-03-01"):
        for url, body in ((dossiers(period=period), counts), (measure("m", period=period), value)):
            for refused in (client.put(url, json=body), client.get(url)):
                assert errors(refused) == [("/path/period", "period_invalid")], period
                assert "2021-01-01--2021-09-15" in refused.json()["errors"][0]["hint"]


def test_a_figure_belongs_to_a_unit_of_the_periods_end(client: Client) -> None:
    """Hà Giang (02) ends on 2025-06-30; code 15 is Yên Bái until then, and Lào Cai afterwards."""
    for period, status in (("2025-H1", 200), ("2025-Q3", 404), ("2025", 404)):
        answer = client.put(dossiers("02", period), json={"received": 1})
        assert answer.status_code == status, period
        assert client.get(dossiers("02", period)).status_code == status
        tasks = client.put(measure("plan_tasks", "02", period), json={"numerator": 1, "denominator": 2})
        assert tasks.status_code == status
    assert answer.json()["code"] == "unit_not_valid_on"
    assert "2012-01-01..2025-06-30" in answer.json()["detail"]
    for period in ("2025-H1", "2025-H2"):
        assert client.put(dossiers("15", period), json={"received": 1}).status_code == 200
    unknown = client.put(dossiers("nobody"), json={"received": 1})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unit_unknown")


def test_figures_need_a_key(client: Client) -> None:
    put(client, dossiers(), received=1)
    put(client, measure("m"), value=1)
    with open_client(client.app, key=None) as stranger, open_client(client.app, key="par_wrong") as impostor:
        for url, body in ((dossiers(), {"received": 2}), (measure("m"), {"value": 2})):
            for path in (url, f"{url}?rollup=true"):
                assert stranger.get(path).json()["code"] == "key_missing"
                assert impostor.get(path).json()["code"] == "key_wrong"
            assert stranger.put(url, json=body).status_code == 401
            assert impostor.put(url, json=body).status_code == 401
    assert get(client, dossiers())["counts"] == {"received": 1}


def test_warnings_are_told_in_the_language_of_the_reader(client: Client) -> None:
    put(client, dossiers(), received=10, resolved=7, pending=2, received_online=4)
    english = get(client, dossiers())["warnings"]
    assert [warning["message"] for warning in english] == [
        "received is 10, but resolved + pending = 9 (difference 1).",
        "carried_over is not known and counts as none in online_percent.",
    ]
    vietnamese = get(client, dossiers(), **{"Accept-Language": "vi-VN,vi;q=0.9,en;q=0.5"})["warnings"]
    assert [warning["message"] for warning in vietnamese] == [
        "Tổng số hồ sơ tiếp nhận là 10, nhưng tổng số hồ sơ đã giải quyết + tổng số hồ sơ đang giải quyết "
        "= 9 (chênh 1).",
        "Chưa có số hồ sơ từ kỳ trước chuyển qua; khi tính tỷ lệ trực tuyến coi như bằng 0.",
    ]
    assert [(w["code"], w["columns"]) for w in vietnamese] == [
        ("identity_broken", ["received", "resolved", "pending"]),
        ("carried_over_unknown", ["carried_over"]),
    ]
    told_on_write = client.put(
        dossiers(),
        json={"resolved_early": 6, "resolved_on_time": 6, "resolved": 11},
        headers={"Accept-Language": "vi"},
    ).json()
    assert told(told_on_write) == [("parts_exceed_whole", ["resolved", "resolved_early", "resolved_on_time"])]
    assert "(chênh -1)" in told_on_write["warnings"][0]["message"]
    merged = put(client, dossiers(), resolved_early=6, resolved_on_time=6, resolved_early_or_on_time=11)
    assert told(merged) == [
        ("identity_broken", ["resolved_early_or_on_time", "resolved_early", "resolved_on_time"])
    ]


def test_the_columns_are_the_same_in_every_room() -> None:
    """Form II.06a is spelled out where types need it; nowhere a column more or less."""
    assert get_args(Column) == COLUMNS
    assert set(Counts.model_fields) == set(COLUMNS)
    assert set(COLUMNS) < set(DossierStatisticRow.__table__.columns.keys())
