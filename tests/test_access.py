"""Who may do what: every operation of the OpenAPI document against every kind of caller."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from app.core.access import Grant
from app.core.types import ClientScope
from tests.approve_openapi import CALLS, Call, send
from tests.clients import make_client
from tests.conftest import Client, Templates, close, make_app, open_client

ELSEWHERE = "96"
"""Cà Mau: no call of the examples is about it."""
Declared = dict[str, dict[str, Any]]


def declarations(document: dict[str, Any]) -> Declared:
    """Operation id -> its declaration."""
    return {
        operation["operationId"]: operation
        for path, methods in document["paths"].items()
        if path.startswith("/v1")
        for operation in methods.values()
    }


def operation_of(document: dict[str, Any], call: Call) -> dict[str, Any]:
    """The declaration of what a call asks for; literal paths win."""
    path = call.path.partition("?")[0]
    matching = [p for p in document["paths"] if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", p), path)]
    found: dict[str, Any] = document["paths"][min(matching, key=lambda p: p.count("{"))]
    declared: dict[str, Any] = found[call.method.lower()]
    return declared


@pytest.fixture
def keyed(templates: Templates, tmp_path: Any) -> Iterator[Callable[[list[str] | None], Client]]:
    """Opens clients over one database of the examples: with some grants, or (None) without a key."""
    with templates.copy(templates.loaded) as url, ExitStack() as stack:
        app = make_app(url, files_folder=tmp_path / "files", rate_limit="", rate_limit_anonymous="")
        opened: dict[tuple[str, ...] | None, Client] = {}

        def open_as(grants: list[str] | None) -> Client:
            name = None if grants is None else tuple(sorted(grants))
            if name not in opened:
                key = None if grants is None else make_client(app, grants)
                opened[name] = stack.enter_context(open_client(app, key))
            return opened[name]

        yield open_as
        close(app)


def every_scope_but(scopes: list[str]) -> list[str]:
    """All scopes, everywhere, except some."""
    return [scope.value for scope in ClientScope if scope.value not in scopes]


def test_every_operation_declares_who_may(document: dict[str, Any]) -> None:
    """A new route without a declaration fails here."""
    called = {call.operation for call in CALLS}
    known = {scope.value for scope in ClientScope}
    for name, operation in declarations(document).items():
        assert name in called, f"{name} has no call in tests/approve_openapi.py"
        needed = operation.get("x-scopes", [])
        unpublished = operation.get("x-scopes-unpublished", [])
        assert set(needed) | set(unpublished) <= known
        if needed:
            assert operation["security"] == [{"key": []}], name
            assert operation["x-outside"] in ("403", "404", "filtered"), name
            assert {"401", "403", "429"} <= set(operation["responses"]), name
        elif unpublished:
            assert operation["security"] == [{"key": []}, {}], name
            assert {"401", "429"} <= set(operation["responses"]), name
        else:
            assert name in PUBLIC, f"{name} declares no scope and is not public"
            assert "security" not in operation, name


PUBLIC = {
    "list_units",
    "get_unit",
    "get_lineage",
    "get_framework_template",
    "list_measures",
    "get_measure_definition",
    "list_rounds",
    "get_round",
}


KEYS_OF_OTHERS = {(403, "grant_exceeds_own"), (404, "client_unknown")}
IMPORTS_OF_OTHERS = {(404, "import_unknown")}
"""Each kind of import is opened by the scope that writes its rows."""


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and code."""
    return answer.status_code, answer.json().get("code", "")


def test_every_operation_against_every_caller(
    keyed: Callable[[list[str] | None], Client], document: dict[str, Any]
) -> None:
    """No key, wrong scope, right scope for other units, right scope: as the operation declares."""
    for call in CALLS:
        operation = operation_of(document, call)
        needed, name = operation.get("x-scopes", []), operation["operationId"]
        anonymous = send(keyed(None), call)
        if not needed:
            assert anonymous.is_success, name  # public, or published
            continue
        assert refusal(anonymous) == (401, "key_missing"), name
        assert refusal(send(keyed(every_scope_but(needed)), call)) == (403, "scope_missing"), name
        elsewhere = send(keyed([str(Grant(ClientScope(s), unit=ELSEWHERE)) for s in needed]), call)
        check_elsewhere(operation, elsewhere, call)
        answers = [send(keyed([scope]), call) for scope in needed]
        if not any(answer.is_success for answer in answers):
            # whoever hands out or sees keys needs what they may do
            assert {refusal(answer) for answer in answers} <= KEYS_OF_OTHERS, name
            answers.append(send(keyed([scope.value for scope in ClientScope]), call))
        if call.method == "GET" and len(answers) == len(needed):
            assert all(a.is_success or refusal(a) in IMPORTS_OF_OTHERS for a in answers), name
        assert any(answer.is_success for answer in answers), (name, [a.text for a in answers])
        assert all(a.is_success or a.status_code in (403, 404, 409) for a in answers), name


def check_elsewhere(operation: dict[str, Any], answer: httpx.Response, call: Call) -> None:
    """A scope that is bound to other units gets what the operation declares."""
    name, outside = operation["operationId"], operation["x-outside"]
    if outside == "filtered":
        assert answer.is_success, name
        items = [i for i in answer.json().get("items", []) if ELSEWHERE not in str(i.get("grants"))]
        # clients see themselves, and their own imports, of which every row was outside
        assert not [i for i in items if i.get("counts", {}).get("inserted") != 0], name
        return
    assert answer.status_code == int(outside), (name, call.path, answer.text)
    assert answer.json()["code"] != "scope_missing", name


def test_running_rounds_are_closed_to_whoever_reaches_none_of_their_units(
    keyed: Callable[[list[str] | None], Client],
) -> None:
    base = "/v1/rounds/six-areas-my-xuyen-2021"
    paths = [f"{base}/indices", f"{base}/indices/94.my-xuyen", f"{base}/rankings"]
    for path in paths:
        assert refusal(keyed(None).get(path)) == (401, "key_missing")
        assert refusal(keyed(["statistics:write", "publish"]).get(path)) == (403, "scope_missing")
        bound = [f"results:read_unpublished@{ELSEWHERE}", f"scores:self@{ELSEWHERE}"]
        assert refusal(keyed(bound).get(path)) == (403, "outside_scope")
        assert keyed(["results:read_unpublished@94"]).get(path).status_code == 200
    draft = "/v1/frameworks/two-areas/versions/2022"
    (written,) = (call for call in CALLS if call.operation == "put_framework")
    assert send(keyed(["frameworks:write"]), written).status_code == 201
    assert refusal(keyed(None).get(draft)) == (401, "key_missing")
    assert refusal(keyed(["audit:read"]).get(draft)) == (403, "scope_missing")
    assert keyed(["rounds:manage@94"]).get(draft).status_code == 200


SECRET = {"points": 7.3219, "reason": "lý do riêng của Đắk Lắk"}


def test_no_way_leads_to_the_unpublished_sheet_of_another_unit(
    keyed: Callable[[list[str] | None], Client], document: dict[str, Any]
) -> None:
    """Every operation, with every parameter that names a unit, a round, an item or a file: what a unit is
    answered never holds a figure or a word of another unit's unpublished sheet."""
    admin = keyed([scope.value for scope in ClientScope if scope is not ClientScope.SCORES_SELF])
    participants = [{"group": "provinces", "units": ["66", ELSEWHERE]}]
    round_ = {
        "title_vi": "Kỳ kín",
        "framework": "par-province@2020",
        "period": "2021",
        "participants": participants,
    }
    assert admin.put("/v1/rounds/secret", json=round_).status_code == 201
    for state in ("self_assessment", "appraisal"):
        assert admin.post("/v1/rounds/secret/transitions", json={"to": state}).status_code == 200
    evidence = [{"title": "Tài liệu riêng 7.3219", "sha256": "ab" * 32}]
    row = {"unit": "66", "item": "appraisal", "stage": "appraisal", **SECRET, "evidence": evidence}
    assert admin.post("/v1/rounds/secret/scores", json={"scores": [row]}).status_code == 201
    finding = {"unit": "66", "round": "secret", "reform_area": "impact", "finding": SECRET["reason"]}
    assert admin.put("/v1/findings/secret-finding", json=finding).status_code == 201

    scopes = [scope for scope in ClientScope if scope is not ClientScope.ROUNDS_MANAGE]
    stranger = keyed([str(Grant(scope, unit=ELSEWHERE)) for scope in scopes])
    values = {
        "round": "secret",
        "unit": "66",
        "code": "secret-finding",
        "item": "appraisal",
        "sha256": "ab" * 32,
        "measure": "findings_resolved",
        "period": "2021",
        "version": "2020",
        "id": "ab" * 16,
    }
    asked = 0
    for path, methods in document["paths"].items():
        if not path.startswith("/v1") or "get" not in methods:
            continue
        url = re.sub(r"\{(\w+)\}", lambda found: values[found[1]], path)
        for query in queries_of(methods["get"], values):
            for language in ("vi", "en"):
                answer = stranger.get(url, params=query, headers={"Accept-Language": language})
                told = answer.content + str(answer.headers).encode()
                asked += 1
                for secret in ("7.3219", "7,3219", "riêng", "Tài liệu"):
                    assert secret.encode() not in told, (url, query, answer.text)
    assert asked > 100
    # nor does a refused write tell it
    for item, stage in (("appraisal", "self"), ("appraisal", "appraisal")):
        path = f"/v1/rounds/secret/units/66/scores/{item}"
        refused = stranger.put(path, json={"stage": stage, "points": 1}, headers={"If-Match": '"0"'})
        assert refused.status_code == 403
        assert "7.3219" not in refused.text
        batch = [{"unit": "66", "item": item, "stage": stage, "points": 1}]
        refused = stranger.post("/v1/rounds/secret/scores", json={"scores": batch}, params={"dry_run": True})
        assert refused.status_code == 403
        assert "7.3219" not in refused.text


def queries_of(operation: dict[str, Any], values: dict[str, str]) -> Iterator[dict[str, str]]:
    """The operation without parameters, and with each value that one of them can take."""
    yield {}
    for parameter in operation.get("parameters", []):
        if parameter["in"] != "query":
            continue
        name, schema = parameter["name"], parameter["schema"]
        choices = [c for part in schema.get("anyOf", [schema]) for c in part.get("enum", [])]
        for value in choices or [values.get(name, "true")]:
            yield {name: str(value)}
            yield {name: str(value), **{n: values[n] for n in ("unit", "group") if n in values and n != name}}
