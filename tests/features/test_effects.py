"""Who would move from which rank to which: by doing it, and taking it back."""

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

from sqlmodel import select

from app.models import (
    AuditEventRow,
    DossierStatisticRow,
    MeasureValueRow,
    ScoreEntryRow,
    SheetRow,
    StatisticsRevisionRow,
)
from tests import importing
from tests.clients import make_client
from tests.conftest import Client, open_client
from tests.features.test_scores import SHEET, move, score, start_round
from tests.features.test_scores import send as post
from tests.importing import commit, count, table, verify

TABLES = (AuditEventRow, DossierStatisticRow, MeasureValueRow, ScoreEntryRow, StatisticsRevisionRow)


def open_round(client: Client, rate: str = "measure:plan_tasks") -> None:
    """Hà Nội 35, Hà Giang 30, Cao Bằng 20 of 50 at 1.1: ranks 1, 2, 3. 1.4 has up to 10 points by a rate."""
    framework: dict[str, Any] = deepcopy(SHEET)
    framework["code"] = "moving"
    framework["areas"][0]["criteria"][3]["rule"] = {"kind": "measure", "rate": rate}
    url = "/v1/frameworks/moving/versions/1"
    assert client.put(url, json=framework).status_code == 201
    assert client.post(f"{url}/publish").status_code == 200
    start_round(client, ["01", "02", "04"], "self_assessment", "appraisal", framework="moving@1")
    points = {"01": 35, "02": 30, "04": 20}
    scores = [score(unit, "1.1", "appraisal", n) for unit, n in points.items()]
    assert post(client, "/v1/rounds/r", *scores).status_code == 201


def rehearse(client: Client, kind: str, head: str, *lines: str, **options: Any) -> dict[str, Any]:
    """A report; nothing is written by it."""
    before = [count(client, model) for model in TABLES], revisions(client)
    report = importing.send(client, table(*lines, head=head), kind, **options)
    assert report["state"] == "rehearsed", report["faults"]
    assert ([count(client, model) for model in TABLES], revisions(client)) == before
    return report


def revisions(client: Client) -> list[int]:
    with client.app.state.database.read() as session:
        found = [session.exec(select(table.revision)).all() for table in (SheetRow, StatisticsRevisionRow)]
        return sorted(revision for some in found for revision in some)


def moves(report: dict[str, Any]) -> dict[str, tuple[float, int, float, int]]:
    """Unit -> points and rank before, and after, in the order of the report; of the only group."""
    (group,) = report["effects"]
    assert (group["round"], group["group"], group["is_hidden"]) == ("r", "all", False)
    return {
        unit["code"]: tuple(unit[when][name] for when in ("before", "after") for name in ("points", "rank"))
        for unit in group["units"]
    }


def test_scores_move_ranks(client: Client) -> None:
    """Cao Bằng with 45 goes before Hà Nội (35) and Hà Giang (30)."""
    open_round(client)
    lines = "04,1.1,45"
    report = rehearse(client, "scores", "Mã đơn vị,Mã tiêu chí,Điểm", lines, round="r", stage="appraisal")
    assert moves(report) == {"04": (20, 3, 45, 1), "01": (35, 1, 35, 2), "02": (30, 2, 30, 3)}
    assert (report["effects"][0]["changed_points"], report["effects"][0]["changed_ranks"]) == (1, 3)
    commit(client, report)
    ranking = client.get("/v1/rounds/r/rankings").json()["items"]
    assert [(item["unit"]["code"], item["rank"], item["points"]) for item in ranking] == [
        ("04", 1, 45), ("01", 2, 35), ("02", 3, 30)
    ]  # fmt: skip


def test_a_measure_moves_ranks(client: Client) -> None:
    """9 of 10 tasks are 9 points: Hà Giang has 39, before Hà Nội with 35. The year of the round counts."""
    open_round(client)
    head = "Đơn vị,Kỳ,Chỉ tiêu,Đã hoàn thành,Kế hoạch"
    report = rehearse(client, "measures", head, "Hà Giang,2021,plan_tasks,9,10")
    assert moves(report) == {"02": (30, 2, 39, 1), "01": (35, 1, 35, 2)}
    assert rehearse(client, "measures", head, "Hà Giang,2020,plan_tasks,9,10")["effects"] == []
    commit(client, report)
    assert rehearse(client, "measures", head, "Hà Giang,2021,plan_tasks,9,10")["effects"] == []


def test_counts_move_ranks(client: Client) -> None:
    """8 of 8 dossiers on time are 10 points: Hà Giang has 40; Hà Nội, with 10 of 10 too, has 45 again."""
    open_round(client, "dossier:on_time_of_resolved_percent")
    head = "Mã đơn vị,Kỳ,Tiếp nhận,Đã giải quyết,Quá hạn"
    report = rehearse(client, "dossier-statistics", head, "02,2021,8,8,0")
    assert moves(report) == {"02": (30, 2, 40, 1), "01": (35, 1, 35, 2)}
    both = rehearse(client, "dossier-statistics", head, "02,2021,8,8,0", "01,2021,10,10,0")
    assert moves(both) == {"01": (35, 1, 45, 1), "02": (30, 2, 40, 2)}
    at_once = importing.send(client, table("02,2021,8,8,0", head=head), "dossier-statistics", commit=True)
    assert (at_once["state"], at_once["effects"]) == ("committed", None)


def test_approved_rounds_do_not_move(client: Client) -> None:
    open_round(client)
    move(client, "r", "approved")
    report = rehearse(client, "measures", "Mã đơn vị,Kỳ,Mã chỉ tiêu,Tỷ lệ", "02,2021,plan_tasks,90%")
    assert (report["counts"]["inserted"], report["effects"]) == (1, [])


def test_nobody_sees_ranks_that_are_not_his(client: Client) -> None:
    """A clerk of figures sees that there is a round; an appraiser of one unit sees its points alone."""
    open_round(client)
    app = client.app
    with (
        open_client(app, make_client(app, ["statistics:write"])) as clerk,
        open_client(app, make_client(app, ["scores:appraise@04"])) as appraiser,
    ):
        report = rehearse(clerk, "measures", "Mã đơn vị,Kỳ,Mã chỉ tiêu,Tỷ lệ", "02,2021,plan_tasks,90%")
        (hidden,) = report["effects"]
        assert (hidden["round"], hidden["is_hidden"], hidden["units"]) == ("r", True, [])
        head = "Mã đơn vị,Mã tiêu chí,Điểm"
        own = rehearse(appraiser, "scores", head, "04,1.1,45", round="r", stage="appraisal")
        assert moves(own) == {"04": (20, None, 45, None)}


def test_writers_and_rehearsals_take_turns(client: Client) -> None:
    """Two files over the same units in opposite orders, scores, and single figures, all at the same time."""
    open_round(client)
    units = ["04", "02", "01"]

    def import_measures(turn: int) -> None:
        order = units if turn % 2 else units[::-1]
        lines = [f"{unit},2021,plan_tasks,{turn + 1},10" for unit in order]
        content = table(*lines, head="Mã đơn vị,Kỳ,Mã chỉ tiêu,Đã hoàn thành,Kế hoạch")
        assert importing.send(client, content, "measures")["state"] == "rehearsed"

    def import_scores(turn: int) -> None:
        lines = [f"{unit},1.2,{turn + 1}" for unit in units]
        content = table(*lines, head="Mã đơn vị,Mã tiêu chí,Điểm")
        report = importing.send(client, content, "scores", round="r", stage="appraisal")
        assert report["state"] == "rehearsed"

    def write(turn: int) -> None:
        figure = {"numerator": turn, "denominator": 9}
        path = f"/v1/units/{units[turn % 3]}/measures/plan_tasks/2021"
        assert client.put(path, json=figure).status_code == 200
        scores = [score(unit, "2", "appraisal", turn % 8) for unit in ("01", "02", "04")]
        assert post(client, "/v1/rounds/r", *(s | {"reason": "x"} for s in scores)).status_code == 201

    with ThreadPoolExecutor(4) as pool:
        for job in [
            pool.submit(work, turn) for turn in range(6) for work in (import_measures, import_scores, write)
        ]:
            job.result(timeout=60)
    assert verify(client).intact
