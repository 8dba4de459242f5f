"""Dossier counts by field of procedure (lĩnh vực): beside those of all fields, added where these lack."""

from contextlib import closing
from typing import Any

from sqlalchemy import text

from app.features.audit import service as audit
from app.infra.db import Database
from tests.conftest import Client
from tests.features.test_audit import drop_triggers
from tests.features.test_statistics import dossiers, errors, get, put, put_unit, told


def land(unit: str = "01", **query: str) -> str:
    return dossiers(unit, field="dat-dai", **query)


def construction(unit: str = "01") -> str:
    return dossiers(unit, field="xay-dung")


def test_fields_are_added_where_every_one_knows_the_column(client: Client) -> None:
    first = put(client, land(), received=60, resolved=50, resolved_overdue=5)
    assert (first["field"], first["counts"]["received"]) == ("dat-dai", 60)
    put(client, construction(), received=40, resolved=30)
    answer = get(client, dossiers())
    assert answer["field"] is None
    assert answer["counts"] == {"received": 100, "resolved": 80}
    assert answer["rates"]["resolved_of_received_percent"] == 80
    assert told(answer) == [
        ("column_partly_known", ["resolved_early_or_on_time"]),
        ("column_partly_known", ["resolved_overdue"]),
    ]
    assert "resolved_overdue is known in 1 of 2 reports" in answer["warnings"][1]["message"]
    assert (answer["source"], answer["revision"]) == (None, 2)
    assert get(client, land())["counts"] == {"received": 60, "resolved": 50, "resolved_overdue": 5}
    assert client.get(dossiers(field="thue")).status_code == 404
    assert errors(client.put(dossiers(field="đất đai"), json={"received": 1})) == [
        ("/query/field", "wrong_pattern")
    ]


def test_a_row_of_all_fields_stands_before_its_fields(client: Client) -> None:
    """60 + 40 = 100 of 103 received; resolved comes to the same."""
    put(client, land(), received=60, resolved=50)
    put(client, construction(), received=40, resolved=30)
    answer = put(client, dossiers(), received=103, resolved=80, source="Báo cáo")
    assert (answer["counts"], answer["source"]) == ({"received": 103, "resolved": 80}, "Báo cáo")
    assert told(answer) == [("fields_differ_from_whole", ["received"])]
    assert "says 103, its fields sum to 100 (difference 3)" in answer["warnings"][0]["message"]


def test_fields_go_up_the_tree(client: Client) -> None:
    """d1 reports two fields, d2 all of them together."""
    for unit in ("d1", "d2"):
        put_unit(client, unit, "01")
    put(client, land("d1"), received=60)
    put(client, construction("d1"), received=40)
    put(client, dossiers("d2"), received=7)
    put(client, land("d2"), received=5)
    rolled = get(client, dossiers("01", rollup="true"))
    assert rolled["counts"] == {"received": 107}
    assert rolled["coverage"]["reported"] == 2
    assert told(rolled) == [("fields_differ_from_whole", ["received"])]
    of_land = get(client, land("01", rollup="true"))
    assert (of_land["counts"], of_land["field"]) == ({"received": 65}, "dat-dai")


def test_a_row_of_a_field_is_vouched_for(client: Client) -> None:
    put(client, land(), received=60)
    put(client, dossiers(), received=100)
    event: dict[str, Any] = client.get("/v1/audit?unit=01&limit=1").json()["items"][0]
    assert list(event["digests"]) == ["dossier_statistic/2021/01/own/dat-dai/1"]
    with closing(Database(client.app.state.settings.database_url)) as database:
        with database.read() as session:
            assert audit.verify(session).broken == []
        drop_triggers(database)
        with database.write() as session:
            statement = "UPDATE dossier_statistic SET received = 61 WHERE procedure_field = 'dat-dai'"
            session.execute(text(statement))
        with database.read() as session:
            (broken,) = audit.verify(session).broken
    assert (broken.place, broken.fault) == ("dossier_statistic/2021/01/own/dat-dai/1", "content_differs")
