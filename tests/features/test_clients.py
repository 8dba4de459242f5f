"""Clients: the key is shown once and stored hashed, and nobody hands out more than he has."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from app.cli import main
from app.infra.auth import digest_of
from app.models import AuditEventRow, ClientRow
from tests.clients import make_client
from tests.conftest import Client, open_client

HANOI_2030 = "2030-01-01T00:00:00+07:00"
DEPARTMENT = {
    "name_vi": "Sở Nội vụ",
    "kind": "department",
    "parent_code": "22",
    "valid_from": "2012-01-01",
    "groups": ["so"],
}


def bound(scope: str, unit: str | None = None, group: str | None = None) -> dict[str, Any]:
    """A grant as it is sent and shown."""
    return {"scope": scope, "unit": unit, "group": group}


def create(client: Client, code: str, *grants: dict[str, Any], **more: Any) -> Any:
    """Make a client; the answer."""
    body = {"code": code, "name": f"Ứng dụng {code}", "grants": list(grants), **more}
    return client.post("/v1/clients", json=body)


def created(client: Client, code: str, *grants: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Make a client that is taken; it, with its key."""
    answer = create(client, code, *grants, **more)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def asked_with(client: Client, key: str, path: str = "/v1/units/22") -> Any:
    """A read with a key."""
    with open_client(client.app, key) as other:
        return other.get(path)


def rows(client: Client) -> dict[str, ClientRow]:
    """What is stored."""
    with client.app.state.database.read() as session:
        return {row.code: row for row in session.exec(select(ClientRow))}


def refusal(answer: Any) -> tuple[int, str, list[tuple[str, str]]]:
    """Status, code and [(pointer, code)] of a refusal."""
    problem = answer.json()
    return (
        answer.status_code,
        problem["code"],
        [(error["pointer"], error["code"]) for error in problem["errors"]],
    )


def test_a_key_is_shown_once_and_stored_hashed(client: Client) -> None:
    made = created(
        client,
        "so-noi-vu",
        bound("scores:self", "22"),
        bound("statistics:write", group="so"),
        home_unit="22",
        expires_at=HANOI_2030,
    )
    key = made.pop("key")
    assert key.startswith("par_")
    assert len(key) >= 40
    assert made["key_hint"] == key[:8]
    assert made["state"] == "active"
    assert made["grants"] == [bound("scores:self", "22"), bound("statistics:write", group="so")]
    assert (made["home_unit"], made["expires_at"]) == ("22", HANOI_2030)
    assert (made["revoked_at"], made["last_used_at"], made["recorded_by"]) == (None, None, "admin")

    assert client.get("/v1/clients/so-noi-vu").json() == made
    assert client.get("/v1/clients").json()["items"] == [made]
    (row,) = rows(client).values()
    assert row.key_sha256 == digest_of(key)
    assert key not in repr(row.model_dump())
    with client.app.state.database.read() as session:
        events = [event.model_dump() for event in session.exec(select(AuditEventRow))]
    assert key not in repr(events)
    assert ("client.create", "admin") in {(e["action"], e["client_code"]) for e in events}


def test_a_repeated_request_does_not_show_the_key_again(client: Client) -> None:
    body = {"code": "so", "name": "Sở", "grants": [bound("scores:self", "22")]}
    first, again = (
        client.post("/v1/clients", json=body, headers={"Idempotency-Key": "one"}) for _ in range(2)
    )
    assert first.status_code == again.status_code == 201
    key = first.json()["key"]
    assert again.json() == {**first.json(), "key": None}
    assert again.headers["Idempotency-Replayed"] == "true"
    assert asked_with(client, key).status_code == 200
    assert list(rows(client)) == ["so"]


def test_a_code_is_used_once(client: Client) -> None:
    created(client, "so", bound("scores:self", "22"))
    assert refusal(create(client, "so", bound("scores:self", "22")))[:2] == (409, "client_exists")
    client.post("/v1/clients/so/revoke")
    assert refusal(create(client, "so", bound("scores:self", "22")))[:2] == (409, "client_exists")


@pytest.mark.parametrize("code", ["admin", "cli", "examples", "reference"])
def test_nobody_takes_the_names_of_the_service_itself(client: Client, code: str) -> None:
    answer = create(client, code, bound("publish"))
    assert refusal(answer) == (422, "invalid_input", [("/code", "client_code_reserved")])


def test_bad_clients_are_refused_with_their_places(client: Client) -> None:
    now = datetime.now(UTC)
    unknown = create(
        client,
        "a",
        bound("publish"),
        bound("publish", "nowhere"),
        home_unit="no.unit",
        expires_at="2020-01-01T00:00:00Z",
    )
    assert refusal(unknown)[2] == [
        ("/grants/1/unit", "unit_unknown"),
        ("/home_unit", "unit_unknown"),
        ("/expires_at", "expires_in_the_past"),
    ]
    both = create(client, "a", bound("publish", "22", "so"))
    assert refusal(both)[2] == [("/grants/0", "grant_bound_twice")]
    assert refusal(create(client, "a", bound("all:do")))[2] == [("/grants/0/scope", "not_one_of")]
    assert refusal(create(client, "a"))[2] == [("/grants", "wrong_length")]
    many = [bound("publish", "22")] * 101
    assert refusal(create(client, "a", *many))[2] == [("/grants", "wrong_length")]
    naive = create(client, "a", bound("publish"), expires_at=(now + timedelta(days=1)).isoformat()[:19])
    assert refusal(naive)[2] == [("/expires_at", "not_an_instant")]
    assert rows(client) == {}
    assert len(created(client, "a", *many[:100])["grants"]) == 1


def test_a_unit_that_ended_can_be_bound(client: Client) -> None:
    """Bắc Giang (24) ended on 2025-06-30: its figures of earlier years are still its own."""
    assert created(client, "bac-giang", bound("statistics:write", "24"), home_unit="24")["state"] == "active"


def test_a_revoked_key_is_refused_at_once(client: Client) -> None:
    key = created(client, "so", bound("scores:self", "22"))["key"]
    assert asked_with(client, key).status_code == 200
    revoked = client.post("/v1/clients/so/revoke")
    assert (revoked.status_code, revoked.json()["state"]) == (200, "revoked")
    assert refusal(asked_with(client, key))[:2] == (401, "key_revoked")
    assert client.post("/v1/clients/so/revoke").json() == revoked.json()
    with client.app.state.database.read() as session:
        actions = [e.action for e in session.exec(select(AuditEventRow)) if e.action == "client.revoke"]
    assert len(actions) == 1
    assert refusal(client.post("/v1/clients/nobody/revoke"))[:2] == (404, "client_unknown")
    assert refusal(client.get("/v1/clients/nobody"))[:2] == (404, "client_unknown")


def test_an_expired_key_is_refused(client: Client) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    key = make_client(client.app, ["scores:self@22"], code="old", expires_at=past)
    assert refusal(asked_with(client, key))[:2] == (401, "key_expired")
    assert client.get("/v1/clients/old").json()["state"] == "expired"


def test_the_last_use_is_remembered(client: Client) -> None:
    before = datetime.now(UTC)
    key = created(client, "so", bound("scores:self", "22"))["key"]
    asked_with(client, key)
    used = datetime.fromisoformat(client.get("/v1/clients/so").json()["last_used_at"])
    assert before <= used <= datetime.now(UTC)


def test_clients_come_in_pages_by_code(client: Client) -> None:
    for code in ("c", "a", "b"):
        created(client, code, bound("scores:self", "22"))
    first = client.get("/v1/clients?limit=2").json()
    assert [item["code"] for item in first["items"]] == ["a", "b"]
    last = client.get(f"/v1/clients?limit=2&cursor={first['next_cursor']}").json()
    assert ([item["code"] for item in last["items"]], last["next_cursor"]) == (["c"], None)


def test_clients_are_for_those_who_manage_them(client: Client) -> None:
    key = created(client, "so", bound("scores:self", "22"))["key"]
    with open_client(client.app, key) as other:
        assert refusal(other.get("/v1/clients"))[:2] == (403, "scope_missing")
        assert refusal(create(other, "x", bound("scores:self", "22")))[:2] == (403, "scope_missing")
        assert refusal(other.post("/v1/clients/so/revoke"))[:2] == (403, "scope_missing")


MANAGER = ["clients:manage@22", "scores:self@22", "statistics:write", "scores:self@group:so"]


@pytest.mark.parametrize(
    ("grant", "allowed"),
    [
        (bound("scores:self", "22"), True),
        (bound("scores:self", "22.so-noi-vu"), True),
        (bound("clients:manage", "22.so-noi-vu"), True),
        (bound("statistics:write", "22"), True),
        (bound("scores:self", "24"), False),
        (bound("scores:self"), False),
        (bound("scores:self", "VN"), False),
        # he has it, and manages no clients there
        (bound("statistics:write", "24"), False),
        (bound("statistics:write"), False),
        (bound("scores:self", group="so"), False),
        # he does not have it
        (bound("scores:appraise", "22"), False),
        (bound("publish", "22"), False),
    ],
)
def test_nobody_hands_out_more_than_he_has(client: Client, grant: dict[str, Any], allowed: bool) -> None:
    client.put("/v1/units/22.so-noi-vu", json=DEPARTMENT)
    with open_client(client.app, make_client(client.app, MANAGER, code="manager")) as manager:
        answer = create(manager, "new", bound("scores:self", "22"), grant)
        if allowed:
            assert answer.status_code == 201
            assert rows(client)["new"].recorded_by == "manager"
        else:
            assert refusal(answer) == (403, "grant_exceeds_own", [("/grants/1", "grant_exceeds_own")])
            assert "new" not in rows(client)


def test_a_group_is_within_the_same_group_alone(client: Client) -> None:
    grants = ["clients:manage@group:so", "scores:self@group:so"]
    with open_client(client.app, make_client(client.app, grants)) as manager:
        assert created(manager, "same", bound("scores:self", group="so"))["state"] == "active"
        for other in (bound("scores:self", group="provinces"), bound("scores:self", "22")):
            assert refusal(create(manager, "other", other))[:2] == (403, "grant_exceeds_own")


def test_whoever_may_not_appraise_his_own_unit_makes_no_client_that_may(client: Client) -> None:
    client.put("/v1/units/22.so-noi-vu", json=DEPARTMENT)
    key = make_client(client.app, ["clients:manage@22", "scores:appraise@22"], home_unit="22.so-noi-vu")
    with open_client(client.app, key) as manager:
        for home in (None, "22"):
            answer = create(manager, "free", bound("scores:appraise", "22"), home_unit=home)
            assert refusal(answer)[:2] == (403, "grant_exceeds_own")
        created(manager, "same", bound("scores:appraise", "22"), home_unit="22.so-noi-vu")


def test_a_bound_manager_sees_and_revokes_only_what_he_could_have_made(client: Client) -> None:
    created(client, "inside", bound("scores:self", "22"))
    created(client, "beyond", bound("scores:self", "22"), bound("scores:self", "24"))
    created(client, "everywhere", bound("scores:self"))
    with open_client(client.app, make_client(client.app, MANAGER, code="manager")) as manager:
        # the manager himself has statistics:write everywhere, where he manages no clients
        assert [item["code"] for item in manager.get("/v1/clients").json()["items"]] == ["inside"]
        for code in ("beyond", "everywhere"):
            assert refusal(manager.get(f"/v1/clients/{code}"))[:2] == (404, "client_unknown")
            assert refusal(manager.post(f"/v1/clients/{code}/revoke"))[:2] == (404, "client_unknown")
            assert rows(client)[code].revoked_at is None
        assert manager.post("/v1/clients/inside/revoke").json()["state"] == "revoked"


@pytest.fixture
def parindex(client: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run `parindex ...` over the database of `client`; (exit status, what it says)."""
    monkeypatch.setenv("PARINDEX_DATABASE_URL", client.app.state.settings.database_url)

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["parindex", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return int(ended.value.code or 0), said.out

    return run


def test_keys_are_made_listed_and_revoked_at_the_command_line(client: Client, parindex: Any) -> None:
    status, said = parindex(
        "keys", "create", "--code", "so", "--name", "Sở Nội vụ", "--grant", "scores:self@22",
        "--grant", "statistics:write@group:so", "--unit", "22", "--expires", "2030-01-01",
    )  # fmt: skip
    assert status == 0
    key = said.split()[1]
    assert f"curl -s -H 'Authorization: Bearer {key}' http" in said
    assert asked_with(client, key).status_code == 200
    shown = client.get("/v1/clients/so").json()
    assert shown["grants"] == [bound("scores:self", "22"), bound("statistics:write", group="so")]
    assert (shown["home_unit"], shown["expires_at"], shown["recorded_by"]) == ("22", HANOI_2030, "cli")

    status, said = parindex("keys", "list")
    (line,) = said.splitlines()
    assert line.split("\t")[:5] == [
        "so", "active", f"{key[:8]}...", "scores:self@22,statistics:write@group:so", "22",
    ]  # fmt: skip
    assert key not in said
    assert parindex("keys", "revoke", "so") == (0, "Revoked so.\n")
    assert refusal(asked_with(client, key))[:2] == (401, "key_revoked")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("create --code a --name A --grant scores:all", "scores:appraise, statistics:write"),
        ("create --code a --name A --grant publish@", "scores:appraise, statistics:write"),
        ("create --code a --name A --grant publish@nowhere", 'There is no unit "nowhere"'),
        ("create --code a/b --name A --grant publish", "/code: "),
        ("revoke nobody", 'There is no client "nobody"'),
    ],
)
def test_a_mistake_at_the_command_line_is_one_line(parindex: Any, arguments: str, said: str) -> None:
    status, told = parindex("keys", *arguments.split())
    assert status == 2
    (line,) = told.splitlines()
    assert said in line


def test_a_database_without_a_schema_is_one_line(
    parindex: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PARINDEX_DATABASE_URL", f"sqlite:///{tmp_path}/empty.db")
    status, told = parindex("keys", "list")
    assert status == 2
    assert told.startswith("database: no such table")


def test_nobody_makes_a_client_that_appraises_his_own_unit(client: Client) -> None:
    grants = ["clients:manage@22", "scores:self@22", "scores:appraise@22"]
    with open_client(client.app, make_client(client.app, grants)) as manager:
        body = {"code": "helper", "name": "x", "grants": [{"scope": "scores:appraise", "unit": "22"}]}
        refused = manager.post("/v1/clients", json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "grant_exceeds_own")
        reader = body | {"grants": [{"scope": "scores:self", "unit": "22"}]}
        assert manager.post("/v1/clients", json=reader).status_code == 201
