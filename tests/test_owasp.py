"""The OWASP API Security Top 10: the record names tests that exist; and what no other test shows."""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from app.infra import oidc
from app.infra.config import Settings
from app.infra.errors import UnavailableError
from app.infra.oidc import TokenVerifier
from tests.approve_openapi import CALLS, send
from tests.conftest import Client, make_app
from tests.test_access import operation_of

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "docs" / "adr" / "0009-owasp-api-top-10.md"
SET_BY_THE_SERVICE = {
    *("revision", "state", "index", "rank", "band", "provisional", "actions"),
    *(
        "recorded_by",
        "recorded_at",
        "revoked_at",
        "last_used_at",
        "published_at",
        "published",
        "submitted_at",
    ),
    *("key", "key_hint", "key_sha256", "is_admin", "jurisdiction_code", "client_code", "digest"),
}
"""Members of answers and columns of tables that no request may set."""
SERVICE = {"/livez", "/readyz", "/version", "/metrics", "/.well-known/jwks.json"}
DOCUMENTATION = {"/docs", "/docs/oauth2-redirect", "/openapi.json", "/static-offline-docs"}


def test_every_item_names_tests_that_exist() -> None:
    rows = [line.split("|") for line in RECORD.read_text("utf-8").splitlines() if line.startswith("| API")]
    assert [row[1].split()[0] for row in rows] == [f"API{number}:2023" for number in range(1, 11)]
    for _, item, *_, tests, _ in rows:
        named = re.findall(r"`([^`:]+)::(\w+)`", tests)
        assert named, f"{item} names no test"
        for file, function in named:
            source = (ROOT / "tests" / file).read_text("utf-8")
            assert re.search(rf"^def {function}\(", source, re.MULTILINE), f"{item}: {file}::{function}"


# API3: mass assignment


def objects_of(document: dict[str, Any], node: Any, seen: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object schema that a request may hold, references followed once."""
    if isinstance(node, list):
        for part in node:
            yield from objects_of(document, part, seen)
    if not isinstance(node, dict):
        return
    if "properties" in node:
        yield str(node.get("title")), node
    name = str(node.get("$ref", "")).rpartition("/")[2]
    if name and name not in seen:
        seen.add(name)
        yield from objects_of(document, document["components"]["schemas"][name], seen)
    yield from objects_of(document, [part for key, part in node.items() if key != "example"], seen)


def test_no_request_schema_has_room_for_what_the_service_sets(document: dict[str, Any]) -> None:
    seen: set[str] = set()
    bodies = [
        o["requestBody"]
        for methods in document["paths"].values()
        for o in methods.values()
        if "requestBody" in o
    ]
    found = dict(objects_of(document, bodies, seen))
    assert {"RoundWrite", "ScoreWrite", "ClientCreate", "Evidence"} <= set(found)
    for name, schema in found.items():
        if not name.startswith("Body_"):  # forms are flat: what is not declared is never looked at
            assert schema.get("additionalProperties") is False, f"{name} takes members that nobody declared"
        assert not SET_BY_THE_SERVICE & set(schema["properties"]), name


def test_what_the_service_sets_is_refused_in_every_body(examples: Client, document: dict[str, Any]) -> None:
    refused = 0
    for call in CALLS:
        if isinstance(call.body, dict) and not call.file:
            for member, value in (("revision", 7), ("state", "published"), ("recorded_by", "somebody")):
                answer = send(examples, call._replace(body={**call.body, member: value}))
                assert answer.status_code == 422, (call, member)
                assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{member}"], answer.text
                refused += 1
        answer = send(examples, call)
        assert answer.is_success, (operation_of(document, call)["operationId"], answer.text)
    assert refused > 30


# API7: the service asks nobody


@contextmanager
def listening() -> Iterator[tuple[socket.socket, str]]:
    """A port of this machine that would notice a visitor, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener, f"http://127.0.0.1:{listener.getsockname()[1]}/latest/meta-data"


def test_addresses_in_evidence_are_never_asked(examples: Client) -> None:
    base = "/v1/rounds/ssrf"
    (template,) = (call.body for call in CALLS if call.operation == "put_round")
    with listening() as (listener, url):
        evidence = [{"title": "Báo cáo", "url": url}]
        score = {"stage": "self", "points": 1, "evidence": evidence}
        finding = {
            "unit": "24",
            "round": "ssrf",
            "reform_area": "impact",
            "finding": "Chậm",
            "evidence": evidence,
        }
        for method, path, body in (
            ("PUT", base, template),
            ("POST", f"{base}/transitions", {"to": "self_assessment"}),
            ("PUT", f"{base}/units/24/scores/appraisal", score),
            ("PUT", "/v1/findings/ssrf", finding),
        ):
            answer = examples.request(method, path, json=body)
            assert answer.is_success, answer.text
        for path in ("/v1/evidence?unit=24", f"{base}/units/24/scores/appraisal", "/v1/findings/ssrf"):
            assert url in examples.get(path).text
        for form in ("json", "xlsx", "docx"):
            assert examples.get(f"{base}/units/24/sheet", params={"format": form}).status_code == 200
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_only_the_identity_provider_is_asked() -> None:
    """No other file of the service can speak to the network, and its address is a setting. The command
    `parindex import --url` is no part of it: it speaks to whom its user names."""
    libraries = r"httpx|requests|aiohttp|http\.client|socket|urllib\.request|urllib3|smtplib|ftplib"
    speaks = re.compile(rf"^\s*(?:from|import) ({libraries})\b", re.MULTILINE)
    files = [path for path in sorted((ROOT / "app").rglob("*.py")) if speaks.search(path.read_text("utf-8"))]
    assert [path.relative_to(ROOT / "app").as_posix() for path in files] == [
        "cli_imports/remote.py",
        "infra/oidc.py",
    ]


# API9: inventory


def test_every_route_is_in_the_document_under_its_version(document: dict[str, Any]) -> None:
    served = {str(getattr(c, "path", "")) for c in iter_route_contexts(make_app("sqlite:///none.db").routes)}
    documented = set(document["paths"])
    assert served - documented <= DOCUMENTATION
    assert documented <= served
    assert {path for path in documented if not path.startswith("/v1/")} == SERVICE
    assert document["info"]["version"]


# API10: what an identity provider answers


@contextmanager
def answering(answer: Callable[[socket.socket], object]) -> Iterator[str]:
    """An issuer that answers every visitor in some way."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)

        def serve() -> None:
            while not ended.is_set():
                try:
                    visitor, _ = server.accept()
                except TimeoutError:
                    continue
                with visitor:
                    visitor.settimeout(5)
                    visitor.recv(4096)
                    answer(visitor)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        ended.set()
        thread.join()


def verify_with_keys_of(issuer: str) -> None:
    """Ask for the keys of an issuer."""
    url = "sqlite:///never-opened.db"
    settings = Settings(database_url=url, oidc_issuer=issuer, oidc_audience="a", oidc_jwks_url=issuer)  # type: ignore[arg-type]
    TokenVerifier(settings).verify("eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIn0.e30.AAAA")


def test_a_redirect_of_the_identity_provider_is_not_followed() -> None:
    with listening() as (listener, url):
        moved = f"HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n".encode()
        with answering(lambda visitor: visitor.sendall(moved)) as issuer, pytest.raises(UnavailableError):
            verify_with_keys_of(issuer)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_an_identity_provider_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte arrives in time, and the answer never ends."""
    monkeypatch.setattr(oidc, "_FETCH_SECONDS", 0.2)
    sent = []

    def drip(visitor: socket.socket) -> None:
        visitor.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        pause = threading.Event()
        try:
            while not pause.wait(0.01):
                visitor.sendall(b" ")
                sent.append(1)
        except OSError:
            return

    with answering(drip) as issuer, pytest.raises(UnavailableError):
        verify_with_keys_of(issuer)
    assert 1 <= len(sent) < 1000


def test_the_answers_of_the_provider_are_data_alone() -> None:
    """Whatever it answers, no key is taken from it, and no failure leaves the check."""
    for body in (
        b"",
        b"null",
        b"[]",
        b'{"keys": 7}',
        b'{"keys": [[]]}',
        b"[" * 10_000,
        json.dumps("x" * 99).encode(),
    ):
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()

        def answer(visitor: socket.socket, whole: bytes = head + body) -> None:
            visitor.sendall(whole)

        with answering(answer) as issuer, pytest.raises(UnavailableError):
            verify_with_keys_of(issuer)
