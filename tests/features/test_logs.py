"""Logs: one JSON object for each request, and no secret in any line, whatever fails."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from app.infra import logs
from app.infra.config import Settings
from tests.clients import make_client
from tests.conftest import KEY, Client, close, make_app, open_client

UNIT = "/v1/units/22"
TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbi5uZ3V5ZW4ifQ.c2lnbmF0dXJlc2lnbmF0dXJl"
PASSWORD = "s3cret-of-the-database"


@pytest.fixture
def written(client: Client) -> Iterator[io.StringIO]:
    """What the log of the service says."""
    (own,) = [handler for handler in logs.log.handlers if handler.get_name() == "parindex"]
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(own.formatter)
    logs.log.addHandler(handler)
    yield stream
    logs.log.removeHandler(handler)


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    """Every line as an object."""
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_one_object_for_each_request(client: Client, written: io.StringIO) -> None:
    key = make_client(client.app, ["statistics:write"], code="so-noi-vu")
    with open_client(client.app, key) as other, open_client(client.app, key=None) as public:
        answers = [other.get(UNIT), public.get("/v1/units/none"), client.put("/v1/rounds/x", json={})]
    told = lines(written)
    assert [line["request_id"] for line in told] == [a.headers["X-Request-Id"] for a in answers]
    assert [(line["method"], line["path"], line["status"], line["client"]) for line in told] == [
        ("GET", UNIT, 200, "so-noi-vu"),
        ("GET", "/v1/units/none", 404, None),
        ("PUT", "/v1/rounds/x", 422, "admin"),
    ]
    for line in told:
        assert line["ms"] > 0
        assert (line["level"], line["event"]) == ("info", "request")
        assert line["timestamp"].endswith("Z")


def test_the_request_id_of_the_caller_is_kept(client: Client, written: io.StringIO) -> None:
    client.get(UNIT, headers={"X-Request-Id": "trace-0123456789"})
    client.get(UNIT, headers={"X-Request-Id": "two words"})
    first, second = lines(written)
    assert first["request_id"] == "trace-0123456789"
    assert second["request_id"] != "two words"


def test_queries_are_not_logged(client: Client, written: io.StringIO) -> None:
    client.get("/v1/units?q=bi-mat-0123")
    assert "bi-mat" not in written.getvalue()


def test_no_secret_is_logged_whatever_fails(client: Client, written: io.StringIO) -> None:
    key = make_client(client.app, ["statistics:write"])

    def failing() -> None:
        raise RuntimeError(f"{key} {KEY} {TOKEN} postgresql://par:{PASSWORD}@db/par")

    client.app.add_api_route("/failing", failing)
    client.event_hooks = {}  # it is in no document
    assert client.get("/failing").status_code == 500
    for credential in (key, key[:-1], TOKEN, KEY, f"{KEY}x"):
        with open_client(client.app, credential) as caller:
            caller.get(UNIT)
            caller.get(f"/v1/units/{credential}")
            caller.get(f"/v1/units?q={credential}")
            caller.put(f"/v1/units/22/measures/{credential}/2021", content=credential)
            caller.post("/v1/clients", json={"key": credential}, headers={"Idempotency-Key": credential})
    client.get(UNIT, headers={"Authorization": f"Basic {PASSWORD}"})
    client.post("/v1/clients", json={"code": "a", "name": "A", "grants": [{"scope": "publish"}]})
    told = written.getvalue()
    assert len(lines(written)) == 1 + 1 + 5 * 5 + 2
    for secret in (key, key[:-1], KEY, TOKEN, TOKEN.split(".")[2], PASSWORD, "Bearer", "Basic"):
        assert secret not in told
    (made,) = [row["key_hint"] for row in client.get("/v1/clients").json()["items"] if row["code"] == "a"]
    assert made not in told
    failed = next(line for line in lines(written) if line["level"] == "error")
    assert "RuntimeError" in failed["exception"]
    assert "[secret]" in failed["exception"]


def test_values_of_a_statement_that_fails_are_not_logged(client: Client, written: io.StringIO) -> None:
    values = {"reason": " ".join(("bi", "mat"))}  # a traceback shows the line, so it is not in it

    def failing() -> None:
        with client.app.state.database.read() as session:
            session.execute(text("SELECT * FROM nowhere WHERE reason = :reason"), values)

    client.app.add_api_route("/failing", failing)
    client.event_hooks = {}  # it is in no document
    assert client.get("/failing").status_code in (500, 503)
    assert "nowhere" in written.getvalue()
    assert "bi mat" not in written.getvalue()


def test_an_admin_key_of_any_shape_is_not_logged(database_url: str) -> None:
    key = "khoa quan tri: 24+ (ky tu)"
    settings = Settings(database_url=database_url, admin_key=key)
    logs.configure(settings)
    (own,) = [handler for handler in logs.log.handlers if handler.get_name() == "parindex"]
    assert own.formatter is not None
    record = logging.LogRecord("parindex", logging.INFO, "", 1, "given %s", (key,), None)
    assert json.loads(own.formatter.format(record))["event"] == "given [secret]"


@pytest.mark.parametrize("password", [PASSWORD, "x" * 5000])
def test_a_wrong_database_gives_no_password_away(password: str) -> None:
    record = f"connection to postgresql://par:{password}@db/par failed"
    logs.configure(Settings(database_url="sqlite:///x.db"))
    formatter = logs.log.handlers[0].formatter
    assert formatter is not None
    said = formatter.format(logging.LogRecord("parindex", logging.ERROR, "", 1, record, (), None))
    assert json.loads(said)["event"] == "connection to postgresql://[secret]@db/par failed"


def test_the_log_can_be_text_and_quieter(database_url: str) -> None:
    app = make_app(database_url, log_format="text", log_level="warning")
    (own,) = [handler for handler in logs.log.handlers if handler.get_name() == "parindex"]
    assert own.formatter is not None
    record = logging.LogRecord("parindex", logging.WARNING, "", 1, "slow\nfaked line", (), None)
    said = own.formatter.format(record)
    assert not said.startswith("{")
    assert not logs.log.isEnabledFor(logging.INFO)
    close(app)
    logs.configure(Settings(database_url="sqlite:///x.db"))
