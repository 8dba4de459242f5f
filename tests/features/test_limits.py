"""Limits: how often, how large, how slow and how deep; and the headers that keep browsers within theirs."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from sqlalchemy import text

from app.infra.config import Settings
from tests.clients import make_client
from tests.conftest import KEY, Client, close, make_app, open_client

UNIT = "/v1/units/22"
FIGURES = "/v1/units/22/measures/plan_tasks/2021"
ORIGIN = "https://app.example.vn"


@contextmanager
def started(url: str, **settings: Any) -> Iterator[FastAPI]:
    """An application with settings of its own."""
    app = make_app(url, **settings)
    yield app
    close(app)


def code_of(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def rates(answer: Any) -> list[str | None]:
    """What an answer says of the limit."""
    return [answer.headers.get(f"RateLimit-{name}") for name in ("Policy", "Limit", "Remaining")]


def test_a_client_over_its_limit_is_told_when_to_come_again(database_url: str) -> None:
    with started(database_url, rate_limit="3/minute", rate_limit_anonymous="") as app:
        other = make_client(app, ["statistics:write"])
        with open_client(app) as client:
            for left in ("2", "1", "0"):
                answer = client.get(UNIT)
                assert answer.status_code == 200
                assert rates(answer) == ["3;w=60", "3", left]
                assert 1 <= int(answer.headers["RateLimit-Reset"]) <= 60
                assert "Retry-After" not in answer.headers
            for answer in (client.get(UNIT), client.put(FIGURES, json={"value": 1})):
                assert code_of(answer) == (429, "rate_limited")
                assert rates(answer) == ["3;w=60", "3", "0"]
                assert 1 <= int(answer.headers["Retry-After"]) <= 60
            # probes are not counted
            assert client.get("/livez").status_code == 200
        with open_client(app, other) as client:
            assert rates(client.get(UNIT)) == ["3;w=60", "3", "2"]
        with open_client(app, key=None) as client:
            assert rates(client.get(UNIT)) == [None, None, None]


def test_every_request_counts_once(database_url: str) -> None:
    with started(database_url, rate_limit="9/minute") as app, open_client(app) as client:
        assert rates(client.put(FIGURES, json={"value": 1}))[2] == "8"
        batch = {"to": "appraisal"}
        answer = client.post("/v1/rounds/none/transitions", json=batch, headers={"Idempotency-Key": "a"})
        assert (answer.status_code, rates(answer)[2]) == (404, "7")


def test_without_a_key_the_address_is_limited(database_url: str) -> None:
    with started(database_url, rate_limit="", rate_limit_anonymous="2/minute") as app:
        with open_client(app, key=None) as public:
            assert [public.get(UNIT).status_code for _ in range(3)] == [200, 200, 429]
        with open_client(app) as client:
            assert client.get(UNIT).status_code == 200


def test_wrong_keys_are_counted_by_address(database_url: str) -> None:
    with started(database_url) as app:
        with open_client(app, "par_wrong") as guesser:
            answers = [guesser.get(UNIT) for _ in range(15)]
            answers += [guesser.put(FIGURES, json={"value": 1}) for _ in range(15)]
            assert {code_of(answer) for answer in answers} == {(401, "key_wrong")}
            for answer in (guesser.get(UNIT), guesser.put(FIGURES, json={"value": 1})):
                assert code_of(answer) == (429, "rate_limited")
                assert "Retry-After" in answer.headers
        with open_client(app) as client:
            assert client.get(UNIT).status_code == 200


def test_a_body_over_the_limit_is_not_read(database_url: str) -> None:
    with started(database_url, max_body_bytes=1024, max_file_bytes=1024) as app, open_client(app) as client:
        answer = client.put(FIGURES, json={"value": 1, "source": "x" * 1024})
        assert code_of(answer) == (413, "body_too_large")
        assert client.put(FIGURES, json={"value": 1}).is_success
        # not declared, the next part would never come
        parts = [{"type": "http.request", "body": b"[" * 600, "more_body": True} for _ in range(2)]
        start, body = asyncio.run(_drip(app, parts))
        assert (start["status"], orjson.loads(body["body"])["code"]) == (413, "body_too_large")


async def _drip(app: FastAPI, first: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Send parts of a body, and then nothing, for ever; what is answered."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if first:
            return first.pop(0)
        return await asyncio.Event().wait()  # type: ignore[return-value]

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", f"Bearer {KEY}".encode()), (b"content-type", b"application/json")]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "PUT",
        "scheme": "http",
        "path": FIGURES,
        "raw_path": FIGURES.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await asyncio.wait_for(app(scope, receive, send), 10)
    return sent


@pytest.mark.parametrize("arrived", [[], [{"type": "http.request", "body": b'{"va', "more_body": True}]])
def test_a_body_that_does_not_arrive_is_given_up(database_url: str, arrived: list[dict[str, Any]]) -> None:
    with started(database_url, body_seconds=0.05) as app:
        start, body = asyncio.run(_drip(app, list(arrived)))
        assert start["status"] == 408
        assert (b"connection", b"close") in start["headers"]
        assert orjson.loads(body["body"])["code"] == "body_too_slow"


def test_a_statement_that_runs_too_long_is_stopped(database_url: str) -> None:
    """Counting to 10^12 would take hours."""
    endless = text(
        "WITH RECURSIVE far(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM far WHERE n < 1000000000000) "
        "SELECT max(n) FROM far"
    )
    with started(database_url, statement_seconds=0.2) as app:

        def count() -> None:
            with app.state.database.read() as session:
                session.execute(endless)

        app.add_api_route("/count", count)
        with open_client(app) as client:
            client.event_hooks = {}  # /count is in no document
            answer = client.get("/count")
            assert code_of(answer) == (503, "database_unavailable")
            assert "far" not in answer.text
            assert "Retry-After" in answer.headers
            # the connection goes on working
            assert client.get(UNIT).status_code == 200


@pytest.mark.parametrize("nested", ['{"value":', "[", '{"value":[{"value":'])
def test_json_nested_without_end_is_refused(client: Client, nested: str) -> None:
    answer = client.put(FIGURES, content=nested * 100_000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json()["errors"]] == ["json_invalid"]


def test_every_kind_of_answer_has_the_headers_of_safety(client: Client) -> None:
    def failing() -> None:
        raise RuntimeError("inside")

    client.app.add_api_route("/failing", failing)
    client.event_hooks = {}  # it is in no document
    with open_client(client.app, "par_wrong") as stranger:
        answers = [
            client.get(UNIT),
            client.get("/nowhere"),
            client.delete(UNIT),
            client.put(FIGURES, content=b"{"),
            client.get("/livez"),
            client.get("/openapi.json"),
            client.get("/failing"),
            stranger.get(UNIT),
        ]
    assert [answer.status_code for answer in answers] == [200, 404, 405, 415, 200, 200, 500, 401]
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert len(answer.headers["X-Request-Id"]) >= 8
        assert "Strict-Transport-Security" not in answer.headers


def test_only_production_insists_on_https(database_url: str) -> None:
    with started(database_url, environment="production") as app, open_client(app) as client:
        for path in (UNIT, "/nowhere"):
            assert client.get(path).headers["Strict-Transport-Security"] == "max-age=31536000"


def test_what_a_key_sees_is_for_nobody_else(client: Client) -> None:
    assert client.get(UNIT).headers["Cache-Control"] == "private, no-cache"
    with open_client(client.app, key=None) as public:
        shared = public.get(UNIT).headers
    assert shared["Cache-Control"] == "public, max-age=1"
    assert "Authorization" in shared["Vary"]


def _preflight(client: Client, origin: str) -> Any:
    asks = {
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,if-match",
    }
    return client.options(UNIT, headers={"Origin": origin, **asks})


def test_no_origin_may_call_unless_it_is_named(client: Client) -> None:
    for answer in (client.get(UNIT, headers={"Origin": ORIGIN}), _preflight(client, ORIGIN)):
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_a_named_origin_may_call_and_sees_refusals_too(database_url: str) -> None:
    allowed = "Access-Control-Allow-Origin"
    with (
        started(database_url, cors_origins=(ORIGIN,)) as app,
        open_client(app) as client,
        open_client(app, "par_wrong") as stranger,
    ):
        client.event_hooks = {}  # no document tells what OPTIONS answers
        for caller, status in ((client, 200), (stranger, 401)):
            answer = caller.get(UNIT, headers={"Origin": ORIGIN})
            assert (answer.status_code, answer.headers[allowed]) == (status, ORIGIN)
            assert "Access-Control-Allow-Credentials" not in answer.headers
            assert allowed not in caller.get(UNIT, headers={"Origin": "https://evil.example"}).headers
        assert _preflight(client, ORIGIN).headers[allowed] == ORIGIN
        assert allowed not in _preflight(client, "https://evil.example").headers


ISSUER = {"oidc_issuer": "https://id.example.vn", "oidc_audience": "parindex"}


@pytest.mark.parametrize(
    ("unsafe", "said"),
    [
        ({"admin_key": None}, "PARINDEX_ADMIN_KEY"),
        ({"max_file_bytes": 2048, "max_body_bytes": 1024}, "MAX_FILE_BYTES"),
        ({"cors_origins": ("*",)}, "CORS_ORIGINS"),
        ({"cors_origins": (ORIGIN, "*")}, "CORS_ORIGINS"),
        ({**ISSUER, "oidc_issuer": "http://id.example.vn"}, "https"),
        ({**ISSUER, "oidc_jwks_url": "http://id.example.vn/k"}, "https"),
    ],
)
def test_production_does_not_start_with_unsafe_settings(unsafe: dict[str, Any], said: str) -> None:
    sound = {"environment": "production", "admin_key": KEY, "database_url": "sqlite:///never-opened.db"}
    assert Settings(**sound)
    with pytest.raises(ValidationError, match=said) as raised:
        Settings(**sound | unsafe)
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"oidc_issuer": "https://id.example.vn"}, "OIDC_AUDIENCE"),
        ({"oidc_audience": "parindex"}, "OIDC_ISSUER"),
        ({"rate_limit": "often"}, "rate_limit"),
        ({"statement_seconds": 0}, "statement_seconds"),
        ({"body_seconds": -1}, "body_seconds"),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Settings(database_url="sqlite:///never-opened.db", **wrong)


def test_an_issuer_stays_as_it_is_written() -> None:
    """It is compared to the letter with what tokens say."""
    for issuer in ("https://id.example.vn", "https://id.example.vn/", "https://id.example.vn/realms/par"):
        settings = Settings(database_url="sqlite:///x.db", oidc_issuer=issuer, oidc_audience="a")
        assert str(settings.oidc_issuer) == issuer
