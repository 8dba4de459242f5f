"""The whole surface: every operation is guarded, documented and approved, and failures give nothing away."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from openapi_spec_validator import validate
from pydantic import ValidationError
from sqlalchemy import text

from app.cli import main
from app.infra.auth import MaybeCaller
from app.infra.config import Settings
from app.infra.db import Database
from app.main import create_app
from tests.approve_openapi import APPROVED, EXAMPLES, collect_examples, render
from tests.conftest import KEY, Client, Templates, close, make_app, open_client
from tests.transport import PortalTransport

README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def unconnected() -> FastAPI:
    """The application; nothing here opens its database."""
    return make_app("sqlite:///none.db")


@pytest.fixture
def copied(templates: Templates) -> Iterator[str]:
    """A database with all examples, to be broken; its URL."""
    with templates.copy(templates.loaded) as url:
        yield url


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """`GET /path` and the operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def calls(dependant: Any) -> Iterator[Any]:
    """Every dependency of a route."""
    for below in dependant.dependencies:
        yield below.call
        yield from calls(below)


def test_every_operation_refuses_a_wrong_key(unconnected: FastAPI, document: dict[str, Any]) -> None:
    asked = get_args(MaybeCaller)[1].dependency
    found: dict[str, set[Any]] = {}
    for context in iter_route_contexts(unconnected.routes):
        if str(context.path).startswith("/v1"):
            for method in context.methods or ():
                found[f"{method} {context.path}"] = set(calls(context.dependant))
    documented = {name: operation for name, operation in operations(document) if " /v1/" in name}
    assert set(found) == set(documented)
    for name, asks in found.items():
        assert asked in asks, f"{name} does not refuse a wrong key"
        assert "401" in documented[name]["responses"]


def test_results_are_public_only_when_they_are_final(public: Client) -> None:
    states = {item["code"]: item["state"] for item in public.get("/v1/rounds").json()["items"]}
    assert set(states.values()) <= {"draft", "self_assessment", "appraisal", "approved", "published"}
    for code, state in states.items():
        (group, *_) = public.get(f"/v1/rounds/{code}").json()["participants"]
        unit = group["units"][0]
        for path in ("indices", f"indices/{unit}", "rankings"):
            answer = public.get(
                f"/v1/rounds/{code}/{path}",
                params={"group": group["group"]} if path in ("indices", "rankings") else None,
            )
            assert answer.status_code == (200 if state in ("approved", "published") else 401), (code, path)
    assert {"published", "appraisal"} <= set(states.values())


def has_example(document: dict[str, Any], node: Any, seen: frozenset[str] = frozenset()) -> bool:
    """Whether an example stands somewhere in a part of the document, references followed."""
    if isinstance(node, list):
        return any(has_example(document, part, seen) for part in node)
    if not isinstance(node, dict):
        return False
    if "example" in node or "examples" in node:
        return True
    reference = node.get("$ref")
    if reference is not None:
        name = reference.removeprefix("#/components/schemas/")
        return name not in seen and has_example(
            document, document["components"]["schemas"][name], seen | {name}
        )
    return any(has_example(document, part, seen) for part in node.values())


def test_every_operation_is_documented(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for member in ("summary", "description", "tags"):
            assert operation.get(member), f"{name} has no {member}"
        assert "422" in operation["responses"], name
        good = {status: answer for status, answer in operation["responses"].items() if status < "300"}
        assert has_example(
            document, [operation.get("parameters", []), operation.get("requestBody", {}), good]
        ), name
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert answer["content"]["application/problem+json"]["schema"] == {
                    "$ref": "#/components/schemas/Problem"
                }
        if "requestBody" in operation:
            assert {"401", "413", "415"} <= set(operation["responses"]), name
    for name, schema in document["components"]["schemas"].items():
        if "properties" in schema:
            assert has_example(document, schema), f"schema {name} has no example"


def test_operation_ids_are_unique_and_readable(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(names)) == len(names)
    for name, (place, _) in zip(names, operations(document), strict=True):
        assert re.fullmatch(r"(get|list|put|post|publish)(_[a-z]+)+", name), name
        assert "v1" not in name, place
        assert len(name) <= 30, name


def test_the_document_is_valid_small_and_approved(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert APPROVED.read_text("utf-8") == render(), "if the change is meant: python -m tests.approve_openapi"
    assert json.loads(render()) == document
    assert APPROVED.stat().st_size <= 500_000


def test_the_documentation_needs_nothing_from_elsewhere(unconnected: FastAPI) -> None:
    with open_client(unconnected, key=None) as stranger:
        page = stranger.get("/docs")
        assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        named = re.findall(r"""(?:src|href|url)\s*[=:]\s*["']([^"']+)["']""", page.text)
        assert any(place.endswith(".js") for place in named)
        assert any(place.endswith(".css") for place in named)
        assert "/openapi.json" in named
        for place in named:
            assert place.startswith("/"), place
            answer = stranger.get(place)
            assert answer.status_code == 200, place
            assert answer.content, place
        assert not re.findall(r"//[a-z0-9-]+\.[a-z]", page.text)
        assert stranger.get("/openapi.json").json() == unconnected.openapi()


def test_every_setting_is_in_the_readme() -> None:
    described = README.read_text("utf-8")
    for name in Settings.model_fields:
        assert f"`PARINDEX_{name.upper()}`" in described


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No PARINDEX_* variable is set."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PARINDEX_{name.upper()}", raising=False)
    return monkeypatch


def test_unsafe_settings_do_not_start(
    bare_environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bare_environment.setenv("PARINDEX_ADMIN_KEY", "k" * 23)
    with pytest.raises(ValidationError, match="24"):
        create_app()
    bare_environment.setenv("PARINDEX_ADMIN_KEY", "k" * 24)
    bare_environment.setenv("PARINDEX_ENVIRONMENT", "production")
    assert create_app().state.settings.environment == "production"
    bare_environment.setenv("PARINDEX_ENVIRONMENT", "staging")
    with pytest.raises(ValidationError, match="environment"):
        create_app()
    bare_environment.setenv("PARINDEX_ENVIRONMENT", "production")
    bare_environment.delenv("PARINDEX_ADMIN_KEY")
    with pytest.raises(ValidationError, match="PARINDEX_ADMIN_KEY"):
        create_app()
    bare_environment.setattr("sys.argv", ["parindex", "serve"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    said = capsys.readouterr()
    assert "PARINDEX_ADMIN_KEY" in said.out
    assert "Traceback" not in said.out + said.err


def test_without_a_key_each_start_makes_one(bare_environment: pytest.MonkeyPatch) -> None:
    made = [create_app(Settings(database_url="sqlite:///none.db")).state.settings for _ in range(3)]
    keys = {settings.admin_key.get_secret_value() for settings in made}
    assert len(keys) == 3
    for settings, key in zip(made, keys, strict=True):
        assert len(key) >= 40
        assert not any(secret in repr(settings) for secret in keys)


@contextmanager
def failing(url: str) -> Iterator[httpx.Client]:
    """A client with the key; failures are no part of the document, so answers are not checked against it."""
    app = make_app(url)
    with (
        start_blocking_portal() as portal,
        httpx.Client(
            base_url="http://parindex.test",
            transport=PortalTransport(app, portal),
            headers={"Authorization": f"Bearer {KEY}", "Accept-Language": "en"},
        ) as client,
    ):
        yield client
    close(app)


def break_by(url: str, statement: str) -> None:
    """Damage a database."""
    database = Database(url)
    with database.write() as session:
        session.execute(text(statement))
    database.close()


def test_a_failure_tells_the_operator_and_nobody_else(copied: str, caplog: pytest.LogCaptureFixture) -> None:
    break_by(copied, "UPDATE framework_version SET document = 'hidden{'")
    break_by(copied, "DROP TABLE unit_group")
    break_by(copied, "DROP TABLE unit_tree")
    with failing(copied) as client:
        answers = {
            path: client.get(path, headers={"X-Request-Id": f"asked{path.replace('/', '-')}"})
            for path in ("/v1/frameworks/six-areas/versions/2021", "/v1/units", "/readyz")
        }
        unit = {"name_vi": "Sở", "kind": "other", "parent_code": "22", "valid_from": "2020-01-01"}
        answers["write"] = client.put("/v1/units/new", json=unit, headers={"X-Request-Id": "asked-write"})
        assert client.get("/livez").status_code == 200  # the process lives on
    assert answers["/v1/frameworks/six-areas/versions/2021"].status_code == 500
    assert answers["/readyz"].status_code == 503
    for path, answer in answers.items():
        body = answer.json()
        assert answer.status_code in (500, 503), path
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert body["code"] == {500: "internal", 503: "database_unavailable"}[answer.status_code]
        assert (
            body["request_id"]
            == answer.headers["X-Request-Id"]
            == f"asked-{path.strip('/').replace('/', '-')}"
        )
        assert set(body) == {"type", "title", "status", "detail", "code", "errors", "request_id"}
        assert body["errors"] == []
        told = answer.text + str(answer.headers)
        for secret in (
            "hidden",
            "unit_",
            "SELECT",
            "sql",
            "psycopg",
            "Traceback",
            'Error"',
            ".py",
            "no such",
            KEY,
        ):
            assert secret not in told, (path, secret)
    assert "unit_group" in caplog.text
    assert "asked-v1-frameworks-six-areas-versions-2021" in caplog.text
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    "url", ["sqlite:////no-such-folder/file.db", "postgresql://someone:hushhush@127.0.0.1:1/nowhere"]
)
def test_a_database_that_is_away_is_503(url: str, caplog: pytest.LogCaptureFixture) -> None:
    app = make_app(url)
    with open_client(app) as client:
        assert client.get("/livez").status_code == 200
        for path in ("/readyz", "/v1/units", "/v1/rounds/r/rankings"):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
            assert answer.headers["Retry-After"].isdecimal()
            for secret in ("no-such-folder", "someone", "hushhush", "127.0.0.1", "nowhere"):
                assert secret not in answer.text
    assert "hushhush" not in caplog.text


def test_a_database_without_tables_is_not_ready(
    backend: str, all_templates: Callable[[str], Templates]
) -> None:
    databases = all_templates(backend).backend
    url = databases.create()
    app = make_app(url)
    with open_client(app, key=None) as stranger:
        assert stranger.get("/readyz").status_code == 503
    close(app)
    databases.drop(url)


def test_every_example_is_a_real_request_with_its_real_answer(document: dict[str, Any]) -> None:
    """Each example body is accepted, and each example answer is what the service answers."""
    collected = collect_examples()
    assert json.loads(EXAMPLES.read_text(encoding="utf-8")) == collected
    documented = {operation["operationId"] for name, operation in operations(document) if " /v1/" in name}
    assert documented == set(collected)
