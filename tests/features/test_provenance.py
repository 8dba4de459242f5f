"""From figures to points and back: which report made which points, and what people said instead."""

from collections.abc import Callable
from typing import Any

from tests.conftest import Client
from tests.features.test_results import FIGURES, get, group, move, put, put_unit, score, start_round

Seen = list[tuple[float | None, str, list[tuple[str, int]]]]


def history(client: Client, base: str, item: str, unit: str = "01") -> Seen:
    """(points, figures, (unit, revision) of reports) of each instant at which any came."""
    found = get(client, f"{base}/units/{unit}/scores/{item}")["computed_history"]
    instants = [moment["recorded_at"] for moment in found]
    assert instants == sorted(instants)
    return [
        (m["points"], m["figures"], [(report["unit"], report["revision"]) for report in m["reports"]])
        for m in found
    ]


def test_points_follow_the_figures_and_the_history_says_why(client: Client) -> None:
    base = start_round(client, FIGURES, group("01", "02"))
    assert history(client, base, "tasks") == []
    url = "/v1/units/01/measures/plan_tasks/2021"
    put(client, url, numerator=14, denominator=27, source="Báo cáo 12/BC-UBND")
    put(client, url, numerator=18, denominator=27, source="Báo cáo 30/BC-UBND")
    assert history(client, base, "tasks") == [
        (15.5556, "14/27 (2021)", [("01", 1)]),  # 14/27 x 30
        (20, "18/27 (2021)", [("01", 2)]),
    ]
    (first, second) = get(client, f"{base}/units/01/scores/tasks")["computed_history"]
    (report,) = second["reports"]
    assert (report["figure"], report["source"], report["recorded_by"], report["import_id"]) == (
        "measure:plan_tasks",
        "Báo cáo 30/BC-UBND",
        "admin",
        None,
    )
    assert first["reports"][0]["recorded_at"] < report["recorded_at"] == second["recorded_at"]
    # people's items have no such history, and neither has another unit
    assert history(client, base, "people") == history(client, base, "tasks", "02") == []
    # what comes after the approval moves nothing, and is no reason of anything
    move(client, base, "approved")
    put(client, url, numerator=27, denominator=27)
    assert [moment[0] for moment in history(client, base, "tasks")] == [15.5556, 20]


def test_counts_of_units_below_and_of_parts_of_the_period_are_reasons_too(client: Client) -> None:
    put_unit(client, "d1", "01", "district")
    base = start_round(client, FIGURES, group("01"))
    put(client, "/v1/units/01/dossier-statistics/2021-H1", received=100, resolved=80)
    put(client, "/v1/units/d1/dossier-statistics/2021", received=50, resolved=50)
    put(client, "/v1/units/01/dossier-statistics/2021-H2", received=60, carried_over=20, resolved=60)
    put(client, "/v1/units/02/dossier-statistics/2021", received=9, resolved=1)
    found = history(client, base, "dossiers")
    # the district alone: 50/50; with both halves of its own, 100 + (60 - 20) received: (80 + 60 + 50) / 190
    assert [(points, who) for points, _, who in found] == [
        (None, [("01", 1)]),
        (40, [("d1", 1)]),
        (40, [("01", 3)]),
    ]
    moments = get(client, f"{base}/units/01/scores/dossiers")["computed_history"]
    assert [moment["reports"][0]["period"] for moment in moments] == ["2021-H1", "2021", "2021-H2"]


def test_a_history_reads_the_tree_once(
    client: Client, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    """Each more instant costs the one read of its figures."""
    base = start_round(client, FIGURES, group("01"))
    item = f"{base}/units/01/scores/tasks"
    counts = []
    for completed in (1, 2, 3):
        put(client, "/v1/units/01/measures/plan_tasks/2021", numerator=completed, denominator=27)
        counts.append(count_queries(lambda: get(client, item)))
    first, second, third = counts
    assert third - second == second - first == 3  # counts, those of changed units, measures


def test_what_people_say_instead_needs_a_reason_and_shows_the_gap(client: Client) -> None:
    base = start_round(client, FIGURES, group("01"))
    put(client, "/v1/units/01/measures/plan_tasks/2021", numerator=18, denominator=27)
    row: dict[str, Any] = {"unit": "01", "item": "tasks", "stage": "final", "points": 25}
    refused = client.post(f"{base}/scores", json={"scores": [row]})
    assert refused.status_code == 422
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("/scores/0/reason", "reason_missing")
    ]
    score(client, base, "01", "final", "Biên bản kiểm tra 05/BB", tasks=25)
    explained = get(client, f"{base}/indices/01/explanation", item="tasks")
    (item,) = explained["tree"]
    assert (item["points"], item["stage"]) == (25, "final")
    assert (item["computed"]["points"], item["computed"]["gap"]) == (20, 5)
    (figure,) = [found for found in item["inputs"] if found["kind"] == "figure"]
    assert [report["revision"] for report in figure["reports"]] == [1]
    # the figures go on saying what they say, beside it
    put(client, "/v1/units/01/measures/plan_tasks/2021", numerator=27, denominator=27)
    assert [points for points, _, _ in history(client, base, "tasks")] == [20, 30]
    sheet = get(client, f"{base}/units/01/scores/tasks")
    assert (sheet["points"], sheet["counts"], sheet["stages"]["statistic"]["points"]) == (25, "final", 30)
