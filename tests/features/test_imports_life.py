"""The life of an import: who sees it, who works on it, and how it ends."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

from sqlalchemy import delete, func, text
from sqlmodel import col, select

from app.features.imports.service import imports as service
from app.infra.db import Database
from app.models import ClientRow, DossierStatisticRow, ImportDossierRow, ImportLineRow, ImportRow
from tests.clients import make_client
from tests.conftest import Client, Templates, close, make_app, open_client
from tests.dossier_files import KIND, desk_of, send, stands, table
from tests.importing import commit, count, counted, rows, verify


def test_polling_instead_of_waiting(client: Client) -> None:
    started = client.post("/v1/imports", params=KIND | {"wait": 0}, content=table("01,2021,1,1,0"))
    assert started.status_code in (201, 202)
    settle(client, started.json()["id"])
    report = client.get(started.headers["Location"]).json()
    assert (report["state"], report["counts"]) == ("rehearsed", counted(inserted=1))


def settle(client: Client, key: str) -> None:
    """Until a job of this process has ended."""
    job = client.app.state.jobs.find(key)
    if job is not None:
        job.result(timeout=30)


def test_a_commit_writes_all_that_was_rehearsed_or_nothing(client: Client) -> None:
    report = send(client, table("01,2021,10,5,0", "02,2021,10,6,0"))
    with client.app.state.database.write() as session:
        session.execute(delete(ImportDossierRow).where(col(ImportDossierRow.position) == 2))
    refused = client.post(f"/v1/imports/{report['id']}/commit")
    assert (refused.status_code, refused.json()["code"]) == (409, "import_incomplete")
    assert (stands(client), count(client, DossierStatisticRow)) == (None, 0)


def test_a_cancelled_import_is_forgotten(client: Client) -> None:
    report = send(client, table("01,2021,1,1,0", "xx,2021,1,1,0"))
    assert (count(client, ImportLineRow), count(client, ImportDossierRow)) == (2, 1)
    cancelled = client.post(f"/v1/imports/{report['id']}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert (count(client, ImportLineRow), count(client, ImportDossierRow)) == (0, 0)
    assert client.post(f"/v1/imports/{report['id']}/cancel").status_code == 200
    assert client.post(f"/v1/imports/{report['id']}/commit").json()["code"] == "import_not_rehearsed"
    done = send(client, table("01,2021,1,1,0"), commit=True)
    refused = client.post(f"/v1/imports/{done['id']}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "import_not_cancellable")


def test_imports_are_forgotten_after_seven_days(client: Client) -> None:
    report = send(client, table("01,2021,1,1,0"))
    recorded, expires = (datetime.fromisoformat(report[n]) for n in ("finished_at", "expires_at"))
    assert expires - recorded == timedelta(days=7)
    change(client, report["id"], expires_at=datetime.now(UTC) - timedelta(seconds=1))
    for method, path in (("GET", ""), ("GET", "/rows"), ("POST", "/commit"), ("GET", "/rejected.csv")):
        answer = client.request(method, f"/v1/imports/{report['id']}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "import_unknown"), path
    assert client.get("/v1/imports").json()["items"] == []
    send(client, table("02,2021,1,1,0"))
    service.forget_expired(client.app.state.database)
    assert (count(client, ImportRow), count(client, ImportLineRow), count(client, ImportDossierRow)) == (
        1,
        1,
        1,
    )


def change(client: Client, import_id: str, **values: Any) -> None:
    """Write into the row of an import."""
    with client.app.state.database.write() as session:
        row = session.get_one(ImportRow, import_id)
        for name, value in values.items():
            setattr(row, name, value)


def test_what_a_dead_worker_leaves_is_failed_or_as_it_was_rehearsed(client: Client) -> None:
    """A worker that says nothing for a minute is gone; one of this host that has no process, at once."""
    long_ago = datetime.now(UTC) - timedelta(seconds=61)
    reading, writing = (send(client, table(f"0{n},2021,1,1,0"))["id"] for n in (1, 2))
    here = desk_of(client).jobs.name.split("/")[0]
    for worker, alive_at in (("elsewhere/1/x", long_ago), (f"{here}/999999999/x", datetime.now(UTC))):
        change(client, reading, state="rehearsing", worker=worker, alive_at=alive_at)
        change(client, writing, state="committing", worker=worker, alive_at=alive_at)
        failed = client.get(f"/v1/imports/{reading}").json()
        assert (failed["state"], [f["code"] for f in failed["faults"]]) == ("failed", ["import_worker_died"])
        assert client.get(f"/v1/imports/{writing}").json()["state"] == "rehearsed"
    change(client, reading, worker="elsewhere/1/x", alive_at=datetime.now(UTC))
    assert client.get(f"/v1/imports/{reading}").json()["state"] == "rehearsing"
    change(client, reading, alive_at=long_ago)
    left = desk_of(client).incoming.folder / reading
    left.write_bytes(b"x")
    service.recover(desk_of(client))
    assert not left.exists()
    with client.app.state.database.read() as session:
        assert session.get_one(ImportRow, reading).state == "failed"
        assert session.get_one(ImportRow, writing).state == "rehearsed"
        lines = select(func.count()).where(col(ImportLineRow.import_id) == reading)
        assert session.execute(lines).scalar_one() == 0
    commit(client, {"id": writing})
    assert stands(client, "02") is not None


def test_a_commit_whose_worker_died_can_be_taken_over(client: Client) -> None:
    report = send(client, table("01,2021,1,1,0"))
    change(client, report["id"], state="committing", worker="x/1/y", alive_at=datetime.now(UTC))
    pending = client.post(f"/v1/imports/{report['id']}/commit")
    assert (pending.status_code, pending.json()["state"]) == (202, "committing")
    change(client, report["id"], alive_at=datetime.now(UTC) - timedelta(seconds=61))
    commit(client, report)
    assert count(client, DossierStatisticRow) == 1


def test_a_stopped_service_says_so(client: Client) -> None:
    desk = desk_of(client)
    desk.jobs.stopping.set()
    content, headers = table("01,2021,1,1,0"), {"Idempotency-Key": "again"}
    refused = client.post("/v1/imports", params=KIND, content=content, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (503, "imports_busy")
    (only,) = client.get("/v1/imports").json()["items"]
    assert (only["state"], [f["code"] for f in only["faults"]]) == ("failed", ["imports_busy"])
    # the client did nothing wrong: the same key may come again
    desk.jobs.stopping.clear()
    sent = client.post("/v1/imports", params=KIND, content=content, headers=headers)
    assert (sent.status_code, sent.json()["state"]) == (201, "rehearsed")
    assert sent.json()["id"] != only["id"]


def test_what_waits_while_the_service_is_stopped_has_failed(client: Client) -> None:
    desk, gate = desk_of(client), blocked(client)
    waiting = client.post("/v1/imports", params=KIND | {"wait": 0}, content=table("01,2021,1,1,0"))
    with ThreadPoolExecutor(1) as pool:
        stopped = pool.submit(service.stop, desk)
        assert desk.jobs.stopping.wait(30)
        gate.set()
        stopped.result(timeout=30)
    failed = client.get(waiting.headers["Location"]).json()
    assert (failed["state"], [f["code"] for f in failed["faults"]]) == ("failed", ["import_interrupted"])
    assert not list(desk.incoming.folder.iterdir())


def test_no_more_imports_wait_than_allowed(templates: Templates, tmp_path: Any) -> None:
    with templates.copy(templates.empty) as url:
        app = make_app(url, files_folder=tmp_path, import_queue=1)
        with open_client(app) as client:
            gate = blocked(client)
            waiting = client.post("/v1/imports", params=KIND | {"wait": 0}, content=table("01,2021,1,1,0"))
            assert (waiting.status_code, waiting.json()["state"]) == (202, "rehearsing")
            refused = client.post("/v1/imports", params=KIND, content=table("01,2021,1,1,0"))
            assert (refused.status_code, refused.json()["code"]) == (503, "imports_busy")
            assert refused.headers["Retry-After"]
            path = f"/v1/imports/{waiting.json()['id']}"
            assert client.post(f"{path}/cancel").status_code == 200
            gate.set()
            settle(client, waiting.json()["id"])
            assert client.get(path).json()["state"] == "cancelled"
            assert not list((tmp_path / "incoming").iterdir())
        close(app)


def blocked(client: Client) -> Event:
    """The only thread is busy until the event is set."""
    gate = Event()
    client.app.state.jobs.submit("busy", lambda: gate.wait(30) and None)
    return gate


def test_who_sees_what(client: Client) -> None:
    """A clerk of Hải Phòng (31) writes there alone, and sees his own imports; an unbound right sees all."""
    app = client.app
    with (
        open_client(app, make_client(app, ["statistics:write@31"])) as clerk,
        open_client(app, make_client(app, ["statistics:write@22"])) as other,
        open_client(app, make_client(app, ["statistics:write"])) as anybody,
        open_client(app, make_client(app, ["rounds:manage"])) as reader,
    ):
        report = send(clerk, table("31,2021,5,,", "22,2021,5,,"))
        assert report["counts"] == counted(inserted=1, rejected=1)
        (bad,) = rows(clerk, report, action="rejected")
        assert [(e["column"], e["code"]) for e in bad["errors"]] == [("A", "row_outside_scope")]
        path = f"/v1/imports/{report['id']}"
        for method, below in (
            ("GET", ""), ("GET", "/rows"), ("POST", "/commit"), ("POST", "/cancel"), ("GET", "/rejected.xlsx")
        ):  # fmt: skip
            assert other.request(method, path + below).status_code == 404, below
            assert reader.request(method, path + below).status_code == 403, below
        assert other.get("/v1/imports").json()["items"] == []
        assert [item["id"] for item in clerk.get("/v1/imports").json()["items"]] == [report["id"]]
        assert anybody.get(path).status_code == 200
        assert [item["id"] for item in anybody.get("/v1/imports").json()["items"]] == [report["id"]]
        commit(clerk, report, on_error="skip")
    assert (stands(client, "31"), stands(client, "22")) == ({"received": 5}, None)


def test_the_list_comes_in_pages_newest_first(client: Client) -> None:
    made = [send(client, table(f"0{n},2021,1,1,0"))["id"] for n in (1, 2, 4)]
    first = client.get("/v1/imports", params={"limit": 2}).json()
    last = client.get("/v1/imports", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [item["id"] for item in first["items"] + last["items"]] == made[::-1]
    made_up = base64.urlsafe_b64encode(b'["x","y"]').decode()
    refused = client.get("/v1/imports", params={"cursor": made_up})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "cursor_invalid")


def test_a_key_makes_an_import_once(client: Client) -> None:
    content = table("01,2021,1,1,0")
    headers = {"Idempotency-Key": "k1"}
    first, again = (
        client.post("/v1/imports", params=KIND, content=content, headers=headers) for _ in range(2)
    )
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json()["id"] == first.json()["id"]
    assert count(client, ImportRow) == 1
    other = client.post("/v1/imports", params=KIND, content=content + b"\n02,2021,1,1,0", headers=headers)
    assert [e["code"] for e in other.json()["errors"]] == ["idempotency_key_reused"]
    assert not list(desk_of(client).incoming.folder.iterdir())


def test_a_changed_register_or_lost_rights_need_a_new_rehearsal(client: Client) -> None:
    report = send(client, table("01,2021,1,1,0"))
    unit = {"name_vi": "Quận thử", "kind": "district", "parent_code": "01", "valid_from": "2012-01-01"}
    assert client.put("/v1/units/01.thu", json=unit | {"valid_to": "2025-06-30"}).status_code == 201
    refused = client.post(f"/v1/imports/{report['id']}/commit")
    assert (refused.status_code, refused.json()["code"]) == (409, "import_units_changed")
    grants = ["statistics:write@31", "statistics:write@22"]
    with open_client(client.app, make_client(client.app, grants, code="clerk")) as clerk:
        report = send(clerk, table("31,2021,5,,", "22,2021,5,,"))
        with client.app.state.database.write() as session:
            session.get_one(ClientRow, "clerk").grants = '["statistics:write@31"]'
        refused = clerk.post(f"/v1/imports/{report['id']}/commit")
        assert (refused.status_code, refused.json()["code"]) == (409, "import_rights_changed")
    assert count(client, DossierStatisticRow) == 0


def test_files_beyond_the_limit_are_refused(templates: Templates, tmp_path: Any) -> None:
    with templates.copy(templates.empty) as url:
        app = make_app(url, files_folder=tmp_path, max_import_bytes=2000, max_body_bytes=1024)
        with open_client(app) as client:
            assert send(client, table("01,2021,1,1,0") + b" " * 1500)["size"] > 1500  # beyond the usual body
            for content in (b"x" * 2001, b"x" * 100_000):
                refused = client.post("/v1/imports", params=KIND, content=content)
                assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
            assert not list((tmp_path / "incoming").iterdir())
        close(app)


def test_a_broken_commit_leaves_nothing(client: Client) -> None:
    """The database fails after the rows were written, before the end."""
    report = send(client, table("01,2021,1,1,0"))
    database: Database = client.app.state.database
    with database.write() as session:
        session.execute(text("CREATE TABLE kept AS SELECT * FROM audit_chain"))
        session.execute(text("DELETE FROM audit_chain"))
        session.execute(text("ALTER TABLE audit_chain RENAME TO hidden"))
    refused = client.post(f"/v1/imports/{report['id']}/commit")
    assert (refused.status_code, refused.json()["code"]) == (503, "import_broken_off")
    assert count(client, DossierStatisticRow) == 0
    with database.write() as session:
        session.execute(text("ALTER TABLE hidden RENAME TO audit_chain"))
        session.execute(text("INSERT INTO audit_chain SELECT * FROM kept"))
    commit(client, report)
    assert verify(client).intact
