"""Dossier counts over the tree, over periods, by level and field, and on today's map."""

import csv
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.core.periods import parse_period
from app.core.statistics import COLUMNS
from app.features.figures import repository, service
from app.features.figures.mapping.composing import figures_of_sums, put_together
from app.features.statistics.repository import list_dossiers
from app.models import DossierStatisticRow
from tests.clients import make_client
from tests.conftest import Client, open_client
from tests.features.test_statistics import dossiers, errors, get, put, put_unit, told

MONTHS = [f"2021-{month:02}" for month in range(1, 13)]
PERIODS = ["2021", "2021-H1", "2021-Q1", "2021-Q4", *MONTHS]
QUARTER = "2019-12-01--2020-02-29"


def part(body: dict[str, Any], key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(p for p in body["breakdown"] if p["key"] == key)
    return found


def test_months_make_a_year_where_none_is_missing(client: Client) -> None:
    """Each month: 10 new, 10 resolved, 2 carried over and 2 pending. The year: 120 new and 2 carried over."""
    for month in MONTHS[:-1]:
        put(client, dossiers(period=month), carried_over=2, received=12, resolved=10, pending=2)
    for query in ({}, {"rollup": "true"}):
        short = get(client, dossiers(**query))
        assert (short["counts"], short["coverage"]["reported"]) == ({}, 0)
        assert told(short) == [("period_incomplete", [])]
        assert "01 has no figures for 2021-12" in short["warnings"][0]["message"]
    assert short["months"] == {"reported": 11, "expected": 12}
    put(client, dossiers(period="2021-12"), carried_over=2, received=12, resolved=10, pending=2)
    year = get(client, dossiers(rollup="true"))
    assert year["counts"] == {"carried_over": 2, "received": 122, "resolved": 120, "pending": 2}
    assert (year["warnings"], year["months"]) == ([], {"reported": 12, "expected": 12})
    quarter = get(client, dossiers(period="2021-Q2"))
    assert quarter["counts"] == {"carried_over": 2, "received": 32, "resolved": 30, "pending": 2}
    # a figure of the whole stands before its parts
    put(client, dossiers(), received=122, resolved=117)
    year = get(client, dossiers(rollup="true"))
    assert year["counts"] == {"received": 122, "resolved": 117}
    assert told(year) == [("period_differs_from_parts", ["resolved"])]
    assert "2021 as a whole says 117, its parts come to 120 (difference -3)" in year["warnings"][0]["message"]


def test_units_may_report_in_different_rhythms(client: Client) -> None:
    """d1 by quarters, d2 by months, d3 lacks one; the province itself reports nothing."""
    for unit in ("d1", "d2", "d3"):
        put_unit(client, unit, "01")
    for quarter in range(1, 5):
        put(client, dossiers("d1", f"2021-Q{quarter}"), resolved=30)
    for month in MONTHS:
        put(client, dossiers("d2", month), resolved=10)
        if month != "2021-05":
            put(client, dossiers("d3", month), resolved=1)
    year = get(client, dossiers("01", rollup="true"))
    assert year["counts"] == {"resolved": 240}
    assert year["coverage"] == {"reported": 2, "expected": 4}
    assert year["months"] == {"reported": 35, "expected": 48}
    assert told(year) == [("period_incomplete", [])]
    assert "d3 has no figures for 2021-05" in year["warnings"][0]["message"]


def test_what_is_reported_in_another_period_is_not_called_missing(client: Client) -> None:
    """Nine months in one figure, then by quarter; or by months, without November."""
    put(client, dossiers("04", "2021-01-01--2021-09-30"), resolved=90)
    put(client, dossiers("04", "2021-Q4"), resolved=30)
    for query in ({}, {"rollup": "true"}):
        year = get(client, dossiers("04", **query))
        assert (year["counts"], told(year)) == ({}, [("period_reported_otherwise", [])])
        assert (
            "04 has no figures for 2021-H1, 2021-Q3 alone: reported only as 2021-01-01/2021-09-30, "
            in (year["warnings"][0]["message"])
        )
    put(client, dossiers("02", "2021-01-01--2021-09-30"), resolved=90)
    put(client, dossiers("02", "2022"), resolved=120)
    for month in ("2021-10", "2021-12"):
        put(client, dossiers("02", month), resolved=10)
    year = get(client, dossiers("02"))
    assert told(year) == [("period_incomplete", []), ("period_reported_otherwise", [])]
    assert "02 has no figures for 2021-11;" in year["warnings"][0]["message"]
    letters = get(client, "/v1/units/02/duties/2021")["duties"][0]["warnings"]
    assert [w["code"] for w in letters if w["code"].startswith("period")] == [
        "period_incomplete",
        "period_reported_otherwise",
    ]
    # the year says nothing of its halves alone
    put(client, dossiers("02", "2022-Q1"), resolved=30)
    half = get(client, dossiers("02", "2022-H1"))
    assert "02 has no figures for 2022-Q2 alone: reported only as 2022," in half["warnings"][0]["message"]


def test_a_total_that_lacks_a_month_is_told(client: Client) -> None:
    """11 of 12 months of 02 with its district: 22 of 24 months of units; the district alone knows one."""
    put_unit(client, "d1", "02")
    for month in MONTHS[:-1]:
        put(client, dossiers("02", month), scope="total", resolved=1)
    for _ in range(2):
        year = get(client, dossiers("02", rollup="true"))
        assert (year["counts"], year["months"]) == ({}, {"reported": 22, "expected": 24})
        assert told(year)[0] == ("period_incomplete", [])
        assert "02 has no figures for 2021-12" in year["warnings"][0]["message"]
        put(client, dossiers("d1", "2021-12"), resolved=1)


def test_what_was_carried_over_is_not_received_twice(client: Client) -> None:
    for month in MONTHS[:3]:
        put(client, dossiers(period=month), received=12, resolved=10)
    quarter = get(client, dossiers(period="2021-Q1"))
    assert quarter["counts"] == {"resolved": 30}
    assert told(quarter) == [("column_not_composed", ["received"])]


def lam_dong(client: Client) -> None:
    """Quarter I/2020 as published: the whole, and its three levels."""
    names = {
        "cấp tỉnh": ("68", "own"),
        "cấp huyện": ("d", "own"),
        "cấp xã": ("c", "own"),
        "toàn tỉnh": ("68", "total"),
    }
    put_unit(client, "d", "68")
    put_unit(client, "c", "d", "commune")
    path = Path(__file__).parents[1] / "data" / "published_lam_dong_2020.csv"
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            unit, scope = names[row["level"]]
            counts = {column: int(row[column]) for column in COLUMNS if row.get(column)}
            put(client, dossiers(unit, QUARTER), scope=scope, **counts)


def test_lam_dong_by_level(client: Client) -> None:
    """Published: 98.81 % on time in the whole, 98.63, 98.28 and 99.51 % at its levels."""
    lam_dong(client)
    body = get(client, dossiers("68", QUARTER, rollup="true", by="level"))
    assert [p["key"] for p in body["breakdown"]] == ["province", "district", "commune"]
    on_time = "on_time_of_resolved_percent"
    assert body["rates"][on_time] == 98.81
    levels = {p["key"]: (p["counts"]["received"], p["rates"][on_time]) for p in body["breakdown"]}
    assert levels == {"province": (54575, 98.63), "district": (340060, 98.28), "commune": (264610, 99.51)}
    # 54575 + 340060 + 264610 = 659245; early or on time 635595, two more than the whole
    assert body["counts"]["received"] == 659245
    differing = [w["message"] for w in body["warnings"] if w["code"] == "breakdown_differs"]
    assert differing == [
        "resolved_early_or_on_time: the parts shown come to 635595, the whole is 635593 (difference -2)."
    ]
    assert part(body, "commune")["coverage"] == {"reported": 1, "expected": 1}
    assert body["months"] == {"reported": 9, "expected": 9}


def test_by_field(client: Client) -> None:
    put_unit(client, "d1", "01")
    put(client, dossiers("d1", field="dat-dai"), received=60)
    put(client, dossiers("01", field="dat-dai"), received=5)
    put(client, dossiers("d1", field="xay-dung"), received=40)
    put(client, dossiers("01"), received=8)
    body = get(client, dossiers("01", rollup="true", by="field"))
    assert body["counts"] == {"received": 108}
    shown = {p["key"]: (p["counts"], p["coverage"]) for p in body["breakdown"]}
    assert shown == {
        "dat-dai": ({"received": 65}, {"reported": 2, "expected": 2}),
        "xay-dung": ({"received": 40}, {"reported": 1, "expected": 2}),
    }
    assert "the parts shown come to 105, the whole is 108" in body["warnings"][-1]["message"]
    refused = client.get(dossiers("01", rollup="true", by="field", field="dat-dai"))
    assert errors(refused) == [("/query/by", "field_not_divided")]
    assert get(client, dossiers("01", rollup="true", by="level", field="dat-dai"))["counts"] == {
        "received": 65
    }


def test_on_todays_map(client: Client) -> None:
    """Code 24 is Bắc Giang until 2025-06-30, then Bắc Ninh: Bắc Giang and Bắc Ninh (27) together."""
    put(client, dossiers("24"), received=100, resolved=90)
    put(client, dossiers("27"), received=50, resolved=30)
    assert get(client, dossiers("24", rollup="true"))["counts"] == {"received": 100, "resolved": 90}
    body = get(client, dossiers("24", rollup="true", map="today"))
    assert body["counts"] == {"received": 150, "resolved": 120}
    assert body["rates"]["resolved_of_received_percent"] == 80  # not the mean of 90 and 60
    assert body["coverage"] == {"reported": 2, "expected": 2}
    assert get(client, dossiers("01", rollup="true", map="today"))["counts"] == {}
    # 27 ended; who reaches only 24 does not see what was its neighbour's
    assert client.get(dossiers("27", rollup="true", map="today")).status_code == 404
    with open_client(client.app, make_client(client.app, ["statistics:write@24"])) as bound:
        assert bound.get(dossiers("24", rollup="true")).status_code == 200
        assert bound.get(dossiers("24", rollup="true", map="today")).status_code == 403


def test_corrections_are_added_up_by_the_database(client: Client) -> None:
    """Twelve months of 10, of which one is corrected to 5, then to 7: 117; as it was known before, 120."""
    for month in MONTHS:
        put(client, dossiers(period=month), resolved=10)
    with client.app.state.database.read() as session:
        known_at = session.execute(text("SELECT max(recorded_at) FROM dossier_statistic")).scalar()
    before = datetime.fromisoformat(str(known_at))
    before = before if before.tzinfo else before.replace(tzinfo=UTC)
    for resolved in (5, 7):
        put(client, dossiers(period="2021-05"), resolved=resolved)
    year = parse_period("2021")
    with client.app.state.database.read() as session:
        lines = repository.sum_dossiers(session, {"01"}, year, service.periods_within(year), latest=True)
        figures, odd = figures_of_sums(year, service.periods_within(year), lines)
        assert (odd, figures["01", "own"].counts) == ([], {"resolved": 117})
        for known_at, resolved in ((None, 117), (before, 120)):
            assert service.list_figures(session, {"01"}, year, known_at)["01", "own"].counts == {
                "resolved": resolved
            }


def test_parts_that_do_not_meet_are_told(client: Client) -> None:
    """January counts December, March ends early: February follows no January, and April no March."""
    days = {
        "2021-01": {"data_from": "2020-12-01", "data_to": "2020-12-31"},
        "2021-02": {},
        "2021-03": {"data_from": "2021-03-01", "data_to": "2021-03-10"},
        "2021-04": {"data_from": "2021-03-11"},
    }
    for month, stated in days.items():
        put(client, dossiers(period=month), resolved=1, **stated)
    for period in ("2021-Q1", "2021-01-01--2021-04-30"):
        for query in ({}, {"rollup": "true"}):
            body = get(client, dossiers(period=period, **query))
            assert told(body) == [("parts_do_not_meet", [])]
            said = "2021-01 end on 2020-12-31, those for 2021-02 begin on 2021-02-01"
            assert said in body["warnings"][0]["message"]
    put(client, dossiers(period="2021-01"), resolved=1)
    assert get(client, dossiers(period="2021-Q1"))["warnings"] == []
    put(client, dossiers(period="2021-04"), resolved=1)
    body = get(client, dossiers(period="2021-01-01--2021-04-30"))
    said = "2021-03 end on 2021-03-10, those for 2021-04 begin on 2021-04-01"
    assert (body["counts"], said in body["warnings"][0]["message"]) == ({"resolved": 4}, True)


def put_version(client: Client, code: str, since: str) -> None:
    unit = {"name_vi": code, "kind": "province", "parent_code": "VN", "valid_from": since}
    assert client.put(f"/v1/units/{code}", json=unit).status_code in (200, 201)


def test_another_version_of_a_unit_keeps_its_lineage(client: Client) -> None:
    """24 came from 24 and 27 on 2025-07-01; that it gets another version in 2026 changes nothing of it."""
    put(client, dossiers("24"), received=100)
    put(client, dossiers("27"), received=50)
    put_version(client, "24", "2026-01-01")
    body = get(client, dossiers("24", rollup="true", map="today"))
    assert (body["counts"], body["coverage"]) == ({"received": 150}, {"reported": 2, "expected": 2})
    # 02 went into 08; whoever has its code now is another unit
    put(client, dossiers("02"), received=7)
    put_version(client, "02", "2025-07-01")
    body = get(client, dossiers("02", rollup="true", map="today"))
    assert (body["counts"], told(body)) == ({}, [("not_comparable", [])])
    assert "another unit's (02)" in body["warnings"][0]["message"]


def year_2025(client: Client) -> None:
    """24 is Bắc Giang and 27 Bắc Ninh until 2025-06-30; from 2025-07-01 24 is the merged Bắc Ninh."""
    for quarter in range(1, 5):
        counts = {"24": 300, "27": 3000} if quarter < 3 else {"24": 3300}
        for unit, resolved in counts.items():
            put(client, dossiers(unit, f"2025-Q{quarter}"), resolved=resolved)


def test_a_code_that_was_another_unit_is_not_added(client: Client) -> None:
    """What Bắc Giang reported is no half-year of the Bắc Ninh of today; 01 stays what it was."""
    year_2025(client)
    for quarter in range(1, 5):
        put(client, dossiers("01", f"2025-Q{quarter}"), resolved=1)
    for query in ({}, {"rollup": "true"}, {"rollup": "true", "by": "field"}):
        body = get(client, dossiers("24", "2025", **query))
        assert (body["counts"], body["coverage"]["reported"]) == ({}, 0)
        assert told(body) == [("period_incomplete", []), ("unit_changed", [])]
        messages = [w["message"] for w in body["warnings"]]
        assert "24 has no figures for 2025-H1" in messages[0]
        assert "since 2025-07-01 only; figures of earlier days are of 24, 27" in messages[1]
    assert get(client, dossiers("24", "2025-H2", rollup="true"))["counts"] == {"resolved": 6600}
    assert get(client, dossiers("24", "2025-H1", rollup="true"))["counts"] == {"resolved": 600}
    assert get(client, dossiers("01", "2025"))["counts"] == {"resolved": 4}
    nation = get(client, dossiers("VN", "2025", rollup="true"))
    assert (nation["counts"], nation["coverage"]["reported"]) == ({"resolved": 4}, 1)
    assert ("unit_changed", []) in told(nation)
    # its own figure of the whole year stands, as for any unit
    put(client, dossiers("24", "2025"), resolved=13200)
    body = get(client, dossiers("24", "2025", rollup="true"))
    assert (body["counts"], body["warnings"]) == ({"resolved": 13200}, [])


def test_a_merger_within_the_period_on_todays_map(client: Client) -> None:
    """300 x 2 of Bắc Giang, 3000 x 2 of Bắc Ninh, 3300 x 2 of both together: 13,200 in 18 months of units."""
    year_2025(client)
    put(client, dossiers("01", "2025"), resolved=5)
    body = get(client, dossiers("24", "2025", rollup="true", map="today"))
    assert (body["counts"], body["warnings"]) == ({"resolved": 13200}, [])
    assert (body["coverage"], body["months"]) == (
        {"reported": 3, "expected": 3},
        {"reported": 18, "expected": 18},
    )
    # the nation, 34 provinces, and once more for each of the two that 24 was
    nation = get(client, dossiers("VN", "2025", rollup="true", map="today"))
    assert (nation["counts"], nation["coverage"]) == ({"resolved": 13205}, {"reported": 4, "expected": 37})
    assert nation["months"] == {"reported": 30, "expected": 35 * 12 - 12 + 18}
    with open_client(client.app, make_client(client.app, ["statistics:write@24"])) as bound:
        assert bound.get(dossiers("24", "2025", rollup="true")).status_code == 200
        assert bound.get(dossiers("24", "2025", rollup="true", map="today")).status_code == 403
    # where one of the two has not reported, nothing is composed
    for quarter in (1, 2, 3, 4):
        put(client, dossiers("08" if quarter > 2 else "02", f"2025-Q{quarter}"), resolved=1)
    body = get(client, dossiers("08", "2025", rollup="true", map="today"))
    assert (body["counts"], told(body)) == ({}, [("period_incomplete", []), ("unit_changed", [])])


def random_rows(chance: random.Random) -> Iterator[DossierStatisticRow]:
    for number in range(8):
        columns = [column for column in COLUMNS if chance.random() < 0.8]
        known = chance.choice([1.0, 0.95])
        gaps = chance.choice([0.0, 0.1])
        for revision, period in enumerate(PERIODS if number % 4 == 0 else MONTHS):
            if chance.random() < gaps:
                continue
            for again in range(1 + (number == 5 and chance.random() < 0.3)):
                counts = {column: chance.randint(0, 9) for column in columns if chance.random() < known}
                yield DossierStatisticRow(
                    jurisdiction_code="01",
                    period=period,
                    unit_code=f"u{number}",
                    scope="total" if number == 3 else "own",
                    procedure_field="dat-dai" if number == 7 and revision % 5 == 0 else "",
                    revision=2 * revision + again,
                    recorded_at=datetime(2022, 1, 1, tzinfo=UTC),
                    recorded_by="x",
                    **counts,
                )


def test_the_database_adds_as_the_core_does(client: Client) -> None:
    """Whatever is reported: corrections, gaps, fields, totals, longer periods, columns that come and go."""
    for number in range(8):
        put_unit(client, f"u{number}", "01")
    with client.app.state.database.write() as session:
        session.add_all(random_rows(random.Random(5)))  # noqa: S311 - the same rows in every run
    with client.app.state.database.read() as session:
        for name in ("2021", "2021-H1", "2021-01-01/2021-09-30"):
            period = parse_period(name)
            periods = [p.text for p in service.periods_within(period)]
            read = put_together(period, list_dossiers(session, {"01"}, periods))
            summed = service.list_figures(session, {"01"}, period)
            assert summed.keys() == read.keys()
            for key, figure in summed.items():
                assert figure.composed == read[key].composed, key
                if figure.is_whole:
                    assert figure.reported == read[key].reported
            assert any(figure.is_whole for figure in summed.values())


def test_queries_do_not_grow(client: Client, count_queries: Callable[[Callable[[], object]], int]) -> None:
    """With months that were reported twice, by field of procedure, or not at all."""

    def asked(period: str) -> int:
        return count_queries(lambda: get(client, dossiers("01", period, rollup="true", by="level")))

    def report(unit: str, months: list[str]) -> None:
        for month in months:
            for received in (1, 2):
                put(client, dossiers(unit, month), received=received)
        put(client, dossiers(unit, "2021-04", field="dat-dai"), received=4)

    report("01", MONTHS[:1])
    few, one = asked("2021"), asked("2021-01")
    for number in range(5):
        put_unit(client, f"u{number}", "01")
        report(f"u{number}", MONTHS[:3])
    assert (asked("2021"), asked("2021-01")) == (few, one)
    assert get(client, dossiers("01", "2021-01", rollup="true"))["counts"] == {"received": 12}
