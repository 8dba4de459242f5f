"""Files of units: one change of the registry, by the rules of a single one."""

from collections.abc import Callable
from typing import Any

from tests import importing
from tests.clients import make_client
from tests.conftest import Client, open_client
from tests.importing import commit, counted, faults, refused, rows, table, verify

HEAD = "Mã đơn vị,Tên đơn vị,Loại,Mã đơn vị cấp trên,Hiệu lực từ,Hiệu lực đến,Nhóm"


def send(client: Client, *lines: str, **options: Any) -> dict[str, Any]:
    """An import of units."""
    return importing.send(client, table(*lines, head=HEAD), "units", **options)


def read(client: Client, code: str, on: str = "2026-01-01") -> Any:
    response = client.get(f"/v1/units/{code}", params={"valid_on": on})
    return None if response.status_code == 404 else response.json()


def test_parents_may_stand_below_their_children(client: Client) -> None:
    lines = (
        "31.a.mot-cua,Trung tâm A,sở,31.a,2025-07-01,,",
        "31.a,Phường A,Phường,31,01/07/2025,,khoi-1;khoi-2",
        "31.a.mot-cua.to,Tổ A,khác,31.a.mot-cua,2025-07-01,,",
    )
    report = send(client, *lines)
    assert (report["counts"], report["effects"]) == (counted(inserted=3), [])
    assert rows(client, report)[1]["new"] == {
        "name_vi": "Phường A", "kind": "ward", "parent_code": "31", "valid_from": "2025-07-01",
        "groups": ["khoi-1", "khoi-2"], "jurisdiction_code": "31",
    }  # fmt: skip
    assert read(client, "31.a") is None
    committed = commit(client, report)
    assert committed["progress"]["rows_committed"] == 3
    written = read(client, "31.a.mot-cua.to")
    assert (written["jurisdiction_code"], written["parent_code"]) == ("31", "31.a.mot-cua")
    assert read(client, "31.a")["groups"] == ["khoi-1", "khoi-2"]
    again = send(client, *lines)
    assert again["counts"] == counted(unchanged=3)
    events = client.get("/v1/audit", params={"action": "units.import"}).json()["items"]
    assert [(event["jurisdiction"], event["after"]["rows"]) for event in events] == [("31", 3)]
    assert client.get("/v1/units", params={"q": "phuong a"}).json()["items"][0]["code"] == "31.a"
    assert verify(client).intact


def test_the_rules_of_the_registry_hold_row_by_row(client: Client) -> None:
    """A row that stands on a bad row is bad too; a parent is not to blame for its children."""
    report = send(
        client,
        "31.a,Phường A,ward,31,2025-07-01,,",
        "31.b,Xã B,xã,31.a,2025-07-01,,",
        "31.b.c,Tổ C,khác,31.b,2025-07-01,,",
        "31.d,Quận D,quận,31,2025-07-01,,",
        "31.e,Xã E,xã,nowhere,2025-07-01,,",
        "31.f,Xã F,làng,31,2025-07-01,,",
        "31.g,,xã,31,,,",
        "x y,Xã H,xã,31,2025-07-01,,",
        "31.i,Xã I,xã,31,2025-07-01,2025-06-30,",
        "31.k,Tổ K,khác,31.l,2025-07-01,,",
        "31.l,Tổ L,khác,31.k,2025-07-01,,",
    )
    assert faults(client, report) == [
        [("D", "parent_kind_refused")],
        [("D", "parent_not_valid")],
        [("F", "district_has_ended")],
        [("D", "parent_not_valid")],
        [("C", "unit_kind_unknown")],
        [("B", "cell_missing"), ("E", "cell_missing")],
        [("A", "wrong_pattern")],
        [("F", "interval_reversed")],
        [("D", "parent_is_below")],
        [("D", "parent_is_below")],
    ]
    assert report["counts"] == counted(inserted=1, rejected=10)


def test_a_new_version_ends_the_open_one_and_children_go_with_their_parent(client: Client) -> None:
    commit(
        client, send(client, "01.q,Quận cũ,quận,01,2012-01-01,2025-06-30,", "01.p,Phòng,khác,01,2012-01-01,,")
    )
    under = send(client, "01.x,Phường cũ,phường,01.q,2012-01-01,2025-06-30,")
    commit(client, under)
    shorter = ("01.q,Quận cũ,quận,01,2012-01-01,2024-12-31,",)
    assert faults(client, send(client, *shorter)) == [[(None, "children_outlive")]]
    report = send(
        client,
        *shorter,
        "01.x,Phường cũ,phường,01.q,2012-01-01,2024-12-31,",
        "01.p,Phòng mới,khác,01,2025-01-01,,",
    )
    assert report["counts"] == counted(inserted=1, updated=2)
    commit(client, report)
    assert (read(client, "01.q", "2024-06-01")["valid_to"], read(client, "01.q")) == ("2024-12-31", None)
    assert read(client, "01.p", "2024-06-01")["valid_to"] == "2024-12-31"
    assert read(client, "01.p")["name_vi"] == "Phòng mới"


def test_a_registry_that_changed_or_a_unit_in_use_stops_the_commit(client: Client) -> None:
    unit = {"name_vi": "Chi cục", "kind": "other", "parent_code": "01", "valid_from": "2012-01-01"}
    assert client.put("/v1/units/x.chi-cuc", json=unit).status_code == 201
    moved = "x.chi-cuc,Chi cục,khác,31,2012-01-01,,"
    report = send(client, moved)
    assert report["counts"] == counted(updated=1)
    counts = client.put("/v1/units/x.chi-cuc/dossier-statistics/2021", json={"received": 1})
    assert counts.status_code == 200
    problem = refused(client, report)
    assert (problem["code"], [e["code"] for e in problem["errors"]]) == (
        "import_no_longer_valid", ["unit_in_use"]
    )  # fmt: skip
    assert faults(client, send(client, moved)) == [[(None, "unit_in_use")]]
    report = send(client, "31.a,Phường A,phường,31,2025-07-01,,")
    assert client.put("/v1/units/x.chi-cuc", json=unit | {"name_vi": "Chi cục 2"}).status_code == 200
    assert refused(client, report)["code"] == "import_units_changed"


def test_a_bound_key_writes_below_its_unit_and_widens_nothing(client: Client) -> None:
    app = client.app
    grants = ["units:write@31", "scores:appraise@group:khoi-1"]
    with (
        open_client(app, make_client(app, grants)) as clerk,
        open_client(app, make_client(app, ["statistics:write"])) as other,
    ):
        report = send(
            clerk,
            "31.a.b,Tổ B,khác,31.a,2025-07-01,,",
            "31.a,Phường A,phường,31,2025-07-01,,",
            "22.a,Phường A,phường,22,2025-07-01,,",
            "22,Của tôi,tỉnh,31,2012-01-01,,",
        )
        assert faults(clerk, report) == [[("A", "row_outside_scope")], [("A", "row_outside_scope")]]
        commit(clerk, report, on_error="skip")
        wider = send(clerk, "31.a,Phường A,phường,31,2025-07-01,,khoi-1")
        assert faults(clerk, wider) == [[(None, "reach_widened")]]
        refused_ = other.post("/v1/imports", params={"kind": "units"}, content=b"x")
        assert refused_.status_code == 403
    assert read(client, "31.a.b")["jurisdiction_code"] == "31"


def test_statements_do_not_grow_with_the_units(
    client: Client, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    made: list[dict[str, Any]] = []

    def rehearse(prefix: str, number: int) -> None:
        lines = (f"31.{prefix}{n},Xã {n},xã,31,2025-07-01,,khoi" for n in range(number))
        made.append(send(client, *lines))

    rehearse("a", 5)
    commit(client, made[0])
    few = count_queries(lambda: rehearse("b", 5))
    assert count_queries(lambda: rehearse("c", 40)) == few
    few = count_queries(lambda: commit(client, made[2]))
    rehearse("d", 80)
    assert count_queries(lambda: commit(client, made[3])) == few
