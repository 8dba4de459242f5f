"""Proof of who did what: every change has its event, and whatever is tampered with is found."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from app.cli import main
from app.features.audit import service
from app.features.audit.schemas import AuditChain
from app.infra.auth import operator
from app.infra.db import Database
from app.infra.http import encode_cursor
from tests.clients import make_client
from tests.conftest import Client, Templates, open_client

ROUND = {
    "title_vi": "Kỳ 2021",
    "framework": "par-province@2020",
    "period": "2021",
    "participants": [{"group": "provinces", "units": ["22", "31"]}],
}


def events(client: Client, **filters: str) -> list[dict[str, Any]]:
    answer = client.get("/v1/audit", params={"limit": "1000", **filters})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def start_round(client: Client) -> str:
    """A round of two provinces in self-assessment."""
    assert client.put("/v1/rounds/r", json=ROUND).status_code == 201
    assert client.post("/v1/rounds/r/transitions", json={"to": "self_assessment"}).status_code == 200
    return "/v1/rounds/r"


def test_every_write_says_who_when_what_and_why(client: Client) -> None:
    base = start_round(client)
    key = make_client(client.app, ["scores:self@22"], code="quang-ninh")
    path = f"{base}/units/22/scores/appraisal"
    with open_client(client.app, key) as unit:
        unit.put(path, json={"stage": "self", "points": 58.5}, headers={"X-Request-Id": "request-one"})
        unit.put(path, json={"stage": "self", "points": 57, "reason": "tính lại"})
        unit.put(path, json={"stage": "self", "points": 57, "reason": "tính lại"})  # no change, no event
    first, second = events(client, round="r", action="scores.write")
    assert (first["client"], first["jurisdiction"], first["request_id"]) == (
        "quang-ninh",
        "22",
        "request-one",
    )
    assert first["address"] == "127.0.0.1"
    assert first["subject"] == {"round": "r", "unit": "22"}
    said = {"unit": "22", "item": "appraisal", "stage": "self", "not_applicable": False, "evidence": []}
    before, after = {**said, "points": "58.5", "reason": None}, {**said, "points": "57", "reason": "tính lại"}
    assert first["before"] is None
    assert first["after"] == {"scores": 1, "revisions": {"22": 1}, "changes": [before]}
    assert second["before"] == [before]
    assert second["after"]["changes"] == [after]
    assert second["previous_hash"] == first["hash"]
    moved = events(client, round="r", action="round.move")[0]
    assert (moved["jurisdiction"], moved["before"], moved["after"]["state"]) == (
        "VN",
        {"state": "draft"},
        "self_assessment",
    )


def test_a_batch_is_one_event_for_each_jurisdiction(client: Client) -> None:
    base = start_round(client)
    rows = [{"unit": unit, "item": "appraisal", "stage": "self", "points": 1} for unit in ("22", "31")]
    assert client.post(f"{base}/scores", json={"scores": rows}).status_code == 201
    found = events(client, action="scores.write")
    assert [(e["jurisdiction"], e["after"]["scores"]) for e in found] == [("22", 1), ("31", 1)]
    assert all(len(e["digests"]) == 1 for e in found)


def test_what_is_refused_rehearsed_or_rolled_back_leaves_no_event(client: Client) -> None:
    base = start_round(client)
    before = events(client)
    rows = [{"unit": "22", "item": "appraisal", "stage": "self", "points": 1}]
    assert client.post(f"{base}/scores", json={"scores": rows}, params={"dry_run": True}).status_code == 200
    assert client.post(f"{base}/scores", json={"scores": [*rows, *rows]}).status_code == 422
    assert client.post(f"{base}/transitions", json={"to": "published"}).status_code == 409
    assert events(client) == before


def test_a_bound_auditor_reads_the_events_of_his_units(client: Client) -> None:
    base = start_round(client)
    rows = [{"unit": u, "item": "appraisal", "stage": "self", "points": 1} for u in ("22", "31")]
    assert client.post(f"{base}/scores", json={"scores": rows}).status_code == 201
    with open_client(client.app, make_client(client.app, ["audit:read@31"])) as auditor:
        seen = events(auditor)
        assert {e["subject"]["unit"] for e in seen} == {"31"}
        assert auditor.get("/v1/audit/chains").status_code == 403
    with open_client(client.app, make_client(client.app, ["scores:appraise"])) as other:
        assert other.get("/v1/audit").status_code == 403


def test_pages_follow_the_chains(client: Client) -> None:
    start_round(client)
    whole = events(client)
    read: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        page = client.get("/v1/audit", params={"limit": 4, **({"cursor": cursor} if cursor else {})}).json()
        read += page["items"]
        cursor = page["next_cursor"]
    assert read == whole
    assert [(e["jurisdiction"], e["sequence"]) for e in whole] == sorted(
        (e["jurisdiction"], e["sequence"]) for e in whole
    )


TAMPERED: dict[str, tuple[str, str]] = {
    # statement -> (place, fault) of the first broken link
    "UPDATE score_entry SET points = points + 100000000 WHERE points > 0 "
    "AND round_code = 'thanh-hoa-departments-2024'": (
        "score_entry/thanh-hoa-departments-2024/",
        "content_differs",
    ),
    "UPDATE score_entry SET recorded_by = 'somebody' WHERE round_code = 'ict-egov-2017' "
    "AND unit_code = '01'": (
        "score_entry/ict-egov-2017/01/",
        "content_differs",
    ),
    "DELETE FROM score_entry WHERE round_code = 'ict-egov-2017' AND unit_code = '01'": (
        "score_entry/ict-egov-2017/01/",
        "missing",
    ),
    "UPDATE dossier_statistic SET received = received + 1 WHERE unit_code = '31.cau-tre'": (
        "dossier_statistic/2022-01-01/2022-09-15/31.cau-tre/own/",
        "content_differs",
    ),
    "DELETE FROM measure_value WHERE unit_code = '31.cau-tre' AND measure_code = 'plan_tasks'": (
        "measure_value/2022-01-01/2022-09-15/plan_tasks/31.cau-tre/",
        "missing",
    ),
    "UPDATE round_transition SET reason = 'khác' WHERE round_code = 'ict-egov-2017' AND revision = 2": (
        "round_transition/ict-egov-2017/2",
        "content_differs",
    ),
    "UPDATE audit_event SET client_code = 'somebody' WHERE jurisdiction_code = 'VN' AND sequence = 5": (
        "audit_event",
        "content_differs",
    ),
    "DELETE FROM audit_event WHERE jurisdiction_code = 'VN' AND sequence = 5": ("audit_event", "missing"),
    "DELETE FROM audit_event WHERE jurisdiction_code = 'VN' AND sequence = "
    "(SELECT max(sequence) FROM audit_event WHERE jurisdiction_code = 'VN')": ("audit_chain", "missing"),
    "UPDATE framework_version SET document = document || ' ' WHERE code = 'six-areas'": (
        "framework_version/six-areas@2021",
        "content_differs",
    ),
    "UPDATE sheet SET published_revision = 0 WHERE round_code = 'ict-egov-2017'": (
        "published/ict-egov-2017/",
        "content_differs",
    ),
    "UPDATE assessment_round SET state = 'approved' WHERE code = 'ict-egov-2017'": (
        "assessment_round/ict-egov-2017",
        "content_differs",
    ),
    "INSERT INTO evidence (code, title) VALUES ('forged', 'Báo cáo')": ("evidence/forged", "content_differs"),
    "INSERT INTO evidence_use (jurisdiction_code, round_code, unit_code, item_code, stage, revision, "
    "evidence_code) SELECT jurisdiction_code, round_code, unit_code, item_code, stage, revision, 'forged' "
    "FROM score_entry WHERE round_code = 'ict-egov-2017' LIMIT 1": (
        "evidence_use/ict-egov-2017/",
        "content_differs",
    ),
    "INSERT INTO round_transition (round_code, revision, from_state, to_state, recorded_at, recorded_by) "
    "VALUES ('ict-egov-2017', 99, 'approved', 'published', '2022-01-01 00:00:00', 'x')": (
        "round_transition/ict-egov-2017/99",
        "not_recorded",
    ),
}


def drop_triggers(database: Database) -> None:
    """What a hostile administrator does first."""
    with database.write() as session:
        if database.engine.dialect.name == "sqlite":
            found = session.execute(
                text("SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger'")
            )
        else:
            found = session.execute(
                text(
                    "SELECT 'DROP TRIGGER ' || tgname || ' ON ' || tgrelid::regclass FROM pg_trigger "
                    "WHERE NOT tgisinternal"
                )
            )
        for statement in [row[0] for row in found]:
            session.execute(text(statement))


def test_whatever_is_tampered_with_is_found_and_named(templates: Templates) -> None:
    with templates.copy(templates.loaded) as url, closing(Database(url)) as database:
        with database.read() as session:
            whole = service.verify(session)
        assert (whole.intact, whole.broken) == (True, [])
        assert whole.events > 100
        assert whole.rows > 200
        drop_triggers(database)
        for statement, (place, fault) in TAMPERED.items():
            with database.engine.connect() as connection:
                if "evidence_use" in statement:
                    connection.execute(text("INSERT INTO evidence (code, title) VALUES ('forged', 'x')"))
                assert connection.execute(text(statement)).rowcount, statement
                with closing_session(database, connection) as session:
                    found = service.verify(session)
                connection.rollback()
            assert not found.intact, statement
            assert any(b.place.startswith(place) and b.fault == fault for b in found.broken), (
                statement,
                found,
            )


def closing_session(database: Database, connection: Any) -> Any:
    """A session inside the transaction that tampered."""
    from sqlmodel import Session

    return Session(connection)


def test_a_chain_that_was_rewritten_whole_differs_from_the_links_kept_elsewhere(examples: Client) -> None:
    """Whoever owns the database can forge a chain that holds together; links kept elsewhere tell."""
    kept = [AuditChain.model_validate(link) for link in examples.get("/v1/audit/chains").json()["items"]]
    database: Database = examples.app.state.database
    with database.read() as session:
        assert service.verify(session, kept).intact
        forged = [link.model_copy(update={"hash": "f" * 64}) for link in kept if link.jurisdiction == "VN"]
        (broken,) = service.verify(session, forged).broken
        assert (broken.jurisdiction, broken.fault) == ("VN", "differs_from_known")
        longer = [link.model_copy(update={"sequence": 10_000}) for link in kept if link.jurisdiction == "VN"]
        assert service.verify(session, longer).broken[0].fault == "missing"


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], templates: Templates) -> Any:
    """`parindex audit verify` over a database; (exit status, what it said)."""

    def run(url: str, *options: str) -> tuple[int, str]:
        monkeypatch.setenv("PARINDEX_DATABASE_URL", url)
        monkeypatch.setattr("sys.argv", ["parindex", "audit", "verify", *options])
        with pytest.raises(SystemExit) as stopped:
            main()
        return int(stopped.value.code or 0), capsys.readouterr().out

    return run


def test_the_command_names_the_first_broken_link(
    templates: Templates, command: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    links = tmp_path / "links.json"
    with templates.copy(templates.loaded) as url:
        status, said = command(url, "--output", str(links))
        assert status == 0
        assert "checked" in said
        assert orjson.loads(links.read_bytes())["items"]
        assert command(url, "--known", str(links))[0] == 0
        (tmp_path / "other.json").write_text('{"items": [1]}')
        assert command(url, "--known", str(tmp_path / "other.json"))[0] == 2
        with closing(Database(url)) as database:
            drop_triggers(database)
            with database.write() as session:
                session.execute(
                    text(
                        "UPDATE audit_event SET reason = 'x' WHERE jurisdiction_code = 'VN' AND sequence = 7"
                    )
                )
        status, said = command(url)
        assert status == 1
        assert "chain VN, event 7: audit_event: content_differs" in said


def test_an_older_database_is_vouched_for_once(templates: Templates) -> None:
    with templates.copy(templates.loaded) as url, closing(Database(url)) as database:
        drop_triggers(database)
        with database.write() as session:
            session.execute(text("DELETE FROM audit_event"))
            session.execute(text("DELETE FROM audit_chain"))
        with database.read() as session:
            assert not service.verify(session).intact
        for again in (False, True):
            with database.write() as session:
                assert (service.begin(session, operator("upgrade")) == 0) is again
        with database.read() as session:
            found = service.verify(session)
        assert (found.intact, found.events) == (True, 1)


def test_a_cursor_that_nobody_made_is_refused(client: Client) -> None:
    for key in (["VN", "9" * 30], ["VN", "-1"], ["VN"], ["VN", "x"]):
        answer = client.get("/v1/audit", params={"cursor": encode_cursor(key)})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "cursor_invalid"), key


def test_a_second_publication_is_vouched_for_in_place_of_the_first(client: Client) -> None:
    base = start_round(client)
    for state in ("appraisal", "approved", "published", "correction", "published"):
        moved = client.post(f"{base}/transitions", json={"to": state, "reason": "x"})
        assert moved.status_code == 200
        if state == "correction":
            corrected = {"stage": "final", "points": 50, "reason": "x"}
            assert client.put(f"{base}/units/22/scores/appraisal", json=corrected).status_code == 200
    database: Database = client.app.state.database
    with database.read() as session:
        assert service.verify(session).broken == []


def test_the_end_of_an_older_version_of_a_unit_is_in_its_event(client: Client) -> None:
    unit = {"name_vi": "Sở Nội vụ", "kind": "department", "parent_code": "22", "valid_from": "2020-01-01"}
    assert client.put("/v1/units/22.nv", json=unit).status_code == 201
    assert client.put("/v1/units/22.nv", json=unit | {"valid_from": "2022-01-01"}).status_code == 201
    assert events(client, unit="22.nv")[-1]["after"]["ended_versions_from"] == ["2020-01-01"]


def test_an_auditor_of_a_province_sees_the_batches_of_its_units(client: Client) -> None:
    for code in ("22.a", "22.b"):
        unit = {"name_vi": code, "kind": "department", "parent_code": "22", "valid_from": "2020-01-01"}
        assert client.put(f"/v1/units/{code}", json=unit).status_code == 201
    body = {**ROUND, "participants": [{"group": "so", "units": ["22.a", "22.b"]}]}
    assert client.put("/v1/rounds/r", json=body).status_code == 201
    assert client.post("/v1/rounds/r/transitions", json={"to": "self_assessment"}).status_code == 200
    rows = [{"unit": u, "item": "appraisal", "stage": "self", "points": 1} for u in ("22.a", "22.b")]
    assert client.post("/v1/rounds/r/scores", json={"scores": rows}).status_code == 201
    for grant, seen in (("audit:read@22", 1), ("audit:read@22.a", 0), ("audit:read@31", 0)):
        with open_client(client.app, make_client(client.app, [grant])) as auditor:
            assert len(events(auditor, action="scores.write")) == seen, grant
