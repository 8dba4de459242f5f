"""Results by pull: never an old number, only stale units are computed, and a replica stores nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from app.features.results import repository
from tests.conftest import Client, Postgresql, Templates, close, make_app, open_client
from tests.features.test_results import (
    FIGURES,
    PEOPLE,
    get,
    group,
    move,
    points_of,
    put,
    put_unit,
    score,
    start_round,
    stored,
)


def test_a_read_never_shows_an_old_number(client: Client) -> None:
    """d1 > c1 and d2 > c2; after every write the next read is right, and its ETag is new."""
    for code, parent, kind in [("d1", "01", "district"), ("d2", "01", "district")]:
        put_unit(client, code, parent, kind)
    put_unit(client, "c1", "d1", "commune")
    put_unit(client, "c2", "d2", "commune")
    base = start_round(client, FIGURES, group("d1", "d2"))
    tasks, dossiers = "/v1/units/{}/measures/plan_tasks/2021", "/v1/units/{}/dossier-statistics/2021"
    override = {"stage": "final", "points": 1, "reason": "kết luận kiểm tra"}
    steps: list[tuple[Callable[[], None], dict[str, float]]] = [
        (lambda: score(client, base, "d1", people=27), {"d1": 27, "d2": 0}),
        (lambda: score(client, base, "d1", reason="chấm lại", people=24), {"d1": 24, "d2": 0}),
        (lambda: score(client, base, "d1", "final", people=25), {"d1": 25, "d2": 0}),
        # 1/2 x 30, then 3/5 x 30
        (lambda: put(client, tasks.format("d1"), numerator=1, denominator=2), {"d1": 40, "d2": 0}),
        (lambda: put(client, tasks.format("d1"), numerator=3, denominator=5), {"d1": 43, "d2": 0}),
        # a figure of the unit below: 5/10 x 40, then 8/10 x 40
        (lambda: put(client, dossiers.format("c1"), received=10, resolved=5), {"d1": 63, "d2": 0}),
        (lambda: put(client, dossiers.format("c1"), received=10, resolved=8), {"d1": 75, "d2": 0}),
        (lambda: put(client, dossiers.format("c2"), received=10, resolved=10), {"d1": 75, "d2": 40}),
        # c2 moves from d2 to d1: 18/20 x 40 = 36
        (lambda: put_unit(client, "c2", "d1", "commune"), {"d1": 79, "d2": 0}),
        # d1 has figures of its own: 18/30 x 40 = 24; then a total row speaks for all: 40
        (lambda: put(client, dossiers.format("d1"), received=10, resolved=0), {"d1": 67, "d2": 0}),
        (
            lambda: put(client, dossiers.format("d1"), scope="total", received=30, resolved=30),
            {"d1": 83, "d2": 0},
        ),
        # a correction overrides the figure: 1 instead of 18
        (lambda: put(client, f"{base}/units/d1/scores/tasks", **override), {"d1": 66, "d2": 0}),
    ]
    seen = {client.get(f"{base}/rankings").headers["ETag"]}
    for write, expected in steps:
        before = client.get(f"{base}/rankings").headers["ETag"]
        write()
        after = client.get(f"{base}/rankings", headers={"If-None-Match": before})
        assert after.status_code == 200
        assert after.headers["ETag"] not in seen
        seen.add(after.headers["ETag"])
        assert points_of(client, base) == expected
        unchanged = client.get(f"{base}/rankings", headers={"If-None-Match": after.headers["ETag"]})
        assert (unchanged.status_code, unchanged.content) == (304, b"")
    put_unit(client, "d1", "01", "district", name="Huyện mới")
    assert get(client, f"{base}/rankings")["items"][0]["unit"] == {"code": "d1", "name_vi": "Huyện mới"}
    for path in ("rankings", "indices", "indices/d1"):
        fresh = client.get(f"{base}/{path}")
        tags = f'"other", W/{fresh.headers["ETag"]}'
        assert client.get(f"{base}/{path}", headers={"If-None-Match": tags}).status_code == 304


def test_a_national_figure_follows_the_provinces(client: Client) -> None:
    """The nation is the sum of its provinces at every read, and its ETag with it."""
    base = start_round(client, FIGURES, group("VN"))
    tags = set()
    for province, resolved, points in (("01", 10, 40), ("02", 0, 20), ("02", 5, 30)):
        put(client, f"/v1/units/{province}/dossier-statistics/2021", received=10, resolved=resolved)
        answer = client.get(f"{base}/indices/VN", headers={"If-None-Match": ", ".join(tags)})
        assert answer.status_code == 200
        assert answer.json()["points"] == points
        tags.add(answer.headers["ETag"])
    move(client, base, "approved")
    put(client, "/v1/units/01/dossier-statistics/2021", received=10, resolved=0)
    assert get(client, f"{base}/indices/VN")["points"] == 30


def test_only_stale_units_are_computed(client: Client) -> None:
    """What is stored and fresh is served as it is: planted results stay until their unit changes."""
    base = start_round(client, FIGURES, group("01", "02", "04"))
    for unit in ("01", "02", "04"):
        score(client, base, unit, people=10)
        put(client, f"/v1/units/{unit}/measures/plan_tasks/2021", numerator=1, denominator=3)
    assert stored(client) == {}
    assert points_of(client, base) == {"01": 20, "02": 20, "04": 20}
    first = stored(client)
    assert {u: (r["sheet_revision"], r["statistics_revision"]) for u, r in first.items()} == {
        "01": (1, 1),
        "02": (1, 1),
        "04": (1, 1),
    }
    planted = "[[0,400000000000,0],[0,300000000000,0],[50000000000,300000000000,0]]"
    with client.app.state.database.write() as session:
        repository.store_results(session, [row | {"areas": planted} for row in first.values()])
    assert points_of(client, base) == {"01": 5, "02": 5, "04": 5}
    score(client, base, "02", people=12)
    assert points_of(client, base) == {"01": 5, "02": 22, "04": 5}
    put(client, "/v1/units/04/measures/plan_tasks/2021", numerator=2, denominator=3)
    assert points_of(client, base) == {"01": 5, "02": 22, "04": 30}
    second = stored(client)
    assert second["01"] == first["01"] | {"areas": planted}
    assert (second["02"]["sheet_revision"], second["04"]["statistics_revision"]) == (2, 2)
    # every change of the registry can change any roll-up
    put_unit(client, "d1", "01", "district")
    assert points_of(client, base) == {"01": 20, "02": 22, "04": 30}


def test_readers_beside_a_writer_never_see_an_old_number(client: Client) -> None:
    """A read shows at least what was acknowledged before it began, whoever computes and stores meanwhile."""
    base = start_round(client, PEOPLE, group("01", "02"))
    acknowledged = [0]

    def write() -> None:
        for points in range(1, 16):
            score(client, base, "01", a=points)
            acknowledged.append(points)

    def read(times: int) -> list[tuple[int, float]]:
        return [(acknowledged[-1], get(client, f"{base}/indices/01")["points"]) for _ in range(times)]

    with ThreadPoolExecutor(3) as pool:
        writing, *reading = pool.submit(write), pool.submit(read, 20), pool.submit(read, 20)
        writing.result(timeout=120)
        seen = [pair for reader in reading for pair in reader.result(timeout=120)]
    assert len(seen) == 40
    assert [(before, shown) for before, shown in seen if shown < before] == []
    assert points_of(client, base)["01"] == 15
    assert stored(client)["01"]["sheet_revision"] == 15


def test_stored_results_never_go_back(client: Client) -> None:
    """A slow reader that computed from older revisions cannot overwrite what a later one stored."""
    base = start_round(client, FIGURES, group("01"))
    score(client, base, "01", people=10)
    put(client, "/v1/units/01/measures/plan_tasks/2021", numerator=1, denominator=3)
    assert points_of(client, base) == {"01": 20}
    row = stored(client)["01"]
    revisions = ("sheet_revision", "statistics_revision", "round_revision", "tree_revision", "engine_version")
    late = row | {"areas": "[]", "self_scores_only": True}
    for behind in revisions:
        ahead = {name: row[name] + 1 for name in revisions}
        with client.app.state.database.write() as session:
            repository.store_results(session, [late | ahead | {behind: row[behind] - 1}])
        assert stored(client)["01"] == row, behind
    newer = late | {name: row[name] + 1 for name in revisions}
    with client.app.state.database.write() as session:
        repository.store_results(session, [newer])
    assert stored(client)["01"] == newer
    # and what claims to be ahead of the data is not believed either
    assert points_of(client, base) == {"01": 20}


def test_queries_do_not_grow_with_the_units(
    client: Client, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    """From nothing, after one change, and with nothing to compute: 5 units and 40."""
    listed = get(client, "/v1/units", kind="province", valid_on="2021-12-31")["items"]
    counted = []
    for size in (5, 40):
        units = [unit["code"] for unit in listed][:size]
        base = start_round(client, FIGURES, group(*units), code=f"of-{size}")
        for unit in units[:5]:
            put(client, f"/v1/units/{unit}/measures/plan_tasks/2021", numerator=size, denominator=80)
        get(client, f"{base}/indices/{units[0]}")  # the criteria set is parsed once
        put_unit(client, f"x{size}", "01", "district")  # all is stale
        cold = count_queries(lambda: get(client, f"{base}/rankings"))  # noqa: B023 - called at once
        score(client, base, units[1], people=3)
        one = count_queries(lambda: get(client, f"{base}/rankings"))  # noqa: B023
        none = count_queries(lambda: get(client, f"{base}/rankings"))  # noqa: B023
        listed_indices = count_queries(lambda: get(client, f"{base}/indices"))  # noqa: B023
        counted.append((cold, one, none, listed_indices))
    few, many = counted
    assert few == many
    assert 0 < few[2] < few[0]


def read_only(database_url: str, templates: Templates) -> str:
    """The URL of a database that takes no more writes."""
    if not isinstance(templates.backend, Postgresql):
        return f"sqlite:///file:{database_url.removeprefix('sqlite:///')}?mode=ro&uri=true"
    name = database_url.partition("?")[0].rpartition("/")[2]
    with templates.backend.admin.connect() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    return database_url


def test_a_read_only_database_answers_the_right_ranking(
    client: Client, database_url: str, templates: Templates
) -> None:
    """As on a replica: results are computed in memory, nothing is stored, and a write is refused as 503."""
    base = start_round(client, FIGURES, group("01", "02"))
    score(client, base, "01", people=10)
    score(client, base, "02", people=30)
    put(client, "/v1/units/01/measures/plan_tasks/2021", numerator=2, denominator=3)
    app = make_app(read_only(database_url, templates))
    with open_client(app) as replica:
        for _ in range(2):
            answer = replica.get(f"{base}/rankings")
            assert answer.status_code == 200, answer.text
            assert [(i["rank"], i["unit"]["code"], i["points"]) for i in answer.json()["items"]] == [
                (1, "02", 30),  # Hà Giang, Hà Nội
                (1, "01", 30),
            ]
        assert stored(client) == {}
        lowered = {"stage": "appraisal", "points": 1, "reason": "chấm lại"}
        refused = replica.put(f"{base}/units/01/scores/people", json=lowered)
        assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
        assert client.get(f"{base}/rankings").content == answer.content
        assert set(stored(client)) == {"01", "02"}
        assert replica.get(f"{base}/rankings").content == answer.content
    close(app)
