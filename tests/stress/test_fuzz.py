"""Generated requests to every operation: sound, broken, and real ones with one odd place. None is answered
with a failure, or with anything that the OpenAPI document does not say."""

import copy
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.core.access import Grant
from app.core.types import ClientScope, Stage
from tests.approve_openapi import CALLS, REPORT, path_of, send
from tests.clients import make_client
from tests.conftest import KEY, Templates, close, make_app, open_client
from tests.transport import PortalTransport

ELSEWHERE = "96"
"""Cà Mau: none of the real requests is about it."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FAIR = 0.15
"""Least share of answers that are 2xx: what is refused at the door tests only the door."""
STATES = ("draft", "self_assessment", "appraisal")
LAST = ("publish_framework", "post_transition", "post_revocation")
"""Asked after the others: they close what the others write to."""
ODD = (
    *(None, True, 0, -1, 1e40, 0.00001, 10**30, "", " ", "x" * 5000, "\0", "\ud800", "﷽", "22", "1900-01-01"),
    *("9999-12-31", "2021", "../../etc/passwd", "'; DROP TABLE unit; --", "=1+1", [], {}, [None], {"": None}),
)
SCORE = {"points": 1, "reason": "Thẩm định theo tài liệu kiểm chứng", "evidence": [{"title": "Báo cáo"}]}
BODIES = {
    "put_score": [{"stage": stage, **SCORE} for stage in Stage],
    "post_scores": [
        {"scores": [{"unit": "24", "item": "appraisal", "stage": stage, **SCORE}]} for stage in Stage
    ],
    "post_evidence_file": [{"unit": "24", "file": REPORT}, {"unit": ELSEWHERE, "file": b"x"}],
}
"""Beside those of the examples."""


@dataclass
class Known:
    """Path values that exist for an operation, and bodies that it took."""

    paths: list[dict[str, str]]
    bodies: list[Any]


@dataclass
class Told:
    """What was answered, and what was wrong with it."""

    statuses: Counter[int] = field(default_factory=Counter)
    succeeded: Counter[str] = field(default_factory=Counter)
    faults: dict[tuple[str, str], str] = field(default_factory=dict)


def places(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where each value of a body stands."""
    yield path
    inside = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, part in inside:
        yield from places(part, (*path, name))


def with_odd_place(draw: st.DrawFn, body: Any) -> Any:
    """A real body, as it is or with one place that is odd, left out, doubled or added."""
    how = draw(st.sampled_from(("whole", "whole", "odd", "left out", "doubled", "added")))
    path = draw(st.sampled_from(list(places(body))))
    if how == "whole" or not path:
        return body
    changed = copy.deepcopy(body)
    *before, last = path
    within = changed
    for name in before:
        within = within[name]
    if how == "left out":
        del within[last]
    elif how == "doubled" and isinstance(within, list):
        within.append(within[last])
    elif how == "added" and isinstance(within, dict):
        within["revision"] = 7
    else:
        within[last] = draw(st.sampled_from(ODD))
    return changed


def draw_case(draw: st.DrawFn, operation: Any, known: Known) -> Any:
    """A request as schemathesis makes it, or with a body like a real one; often to what exists."""
    if known.bodies and draw(st.integers(0, 3)):
        media_type, *_ = operation.get_request_payload_content_types()  # YAML cannot spell all that is odd
        body = draw(st.sampled_from(known.bodies))
        if "multipart" not in media_type:
            body = with_odd_place(draw, body)
        case = draw(operation.as_strategy(body=body, media_type=media_type))
    else:
        mode = draw(st.sampled_from(schemathesis.GenerationMode))
        case = draw(operation.as_strategy(generation_mode=mode))
    if known.paths and draw(st.integers(0, 5)):
        case.path_parameters = dict(draw(st.sampled_from(known.paths)))
    if draw(st.booleans()):
        case.query = {}
    if draw(st.booleans()):
        case.headers = type(case.headers)()
    return case


def open_rounds(api: httpx.Client, number: int) -> None:
    """A round in each of the states that take writes."""
    (call,) = (call for call in CALLS if call.operation == "put_round")
    for count, state in enumerate(STATES):
        path = f"/v1/rounds/fuzz-{number}-{state}"
        assert api.put(path, json=call.body).is_success
        for to in STATES[1 : count + 1]:
            assert api.post(f"{path}/transitions", json={"to": to}).is_success


def learn(api: httpx.Client, document: dict[str, Any]) -> dict[str, Known]:
    """What each operation can be asked about: from the real requests, and the items of every round."""
    known = {}
    rounds = [item["code"] for item in api.get("/v1/rounds?limit=100").json()["items"]]
    items = [place for code in rounds for place in items_of(api, code)]
    for path, methods in document["paths"].items():
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
        for operation in methods.values():
            calls = [call for call in CALLS if call.operation == operation["operationId"]]
            found = [re.fullmatch(pattern, path_of(call).partition("?")[0]) for call in calls]
            values = [match.groupdict() for match in found if match]
            if "{round}" in path:
                values += [{name: place[name] for name in values[0]} for place in items]
                values += [place for place in values if place["round"].startswith("fuzz-")] * 2
            name = operation["operationId"]
            bodies = [call.body for call in calls if call.body and not call.file]
            known[name] = Known(values, bodies + BODIES.get(name, []))
    return known


def rehearse_imports(api: httpx.Client, known: dict[str, Known]) -> None:
    """An import to commit and one to cancel: those of the real requests are over."""
    (call,) = (call for call in CALLS if call.operation == "post_import")
    for name in ("post_import_commit", "post_import_cancel"):
        known[name].paths.append({"id": send(api, call).json()["id"]})


def items_of(api: httpx.Client, code: str) -> list[dict[str, str]]:
    """Round, unit and item of some sheets of a round."""
    groups = api.get(f"/v1/rounds/{code}").json()["participants"]
    found = []
    for unit in [unit for group in groups for unit in group["units"]][:2]:
        sheet = api.get(f"/v1/rounds/{code}/units/{unit}/sheet").json()
        items = sheet.get("items", [{"code": "appraisal"}])  # a draft has no sheets yet
        found += [{"round": code, "unit": unit, "item": item["code"]} for item in items[:3]]
    return found


@dataclass
class Fuzzer:
    """Asks one application, in process."""

    transport: PortalTransport
    operations: list[Any]

    @classmethod
    def of(cls, app: FastAPI, transport: PortalTransport) -> "Fuzzer":
        """Every operation of an application."""
        config = schemathesis.Config()
        config.projects.default.generation.update(with_security_parameters=False)
        schema = schemathesis.openapi.from_dict(copy.deepcopy(app.openapi()), config=config)
        operations = [result.ok() for result in schema.get_all_operations()]
        return cls(transport, sorted(operations, key=lambda operation: name_of(operation) in LAST))

    def ask_all(self, key: str | None, known: dict[str, Known], each: int, number: int, told: Told) -> None:
        """Ask every operation so many times; the same number asks the same."""
        for operation in self.operations:
            name = name_of(operation)

            @st.composite  # without arguments: an operation fills pages where it is printed
            def cases(draw: st.DrawFn, operation: Any = operation, known: Known = known[name]) -> Any:
                return draw_case(draw, operation, known)

            @seed(number)
            @settings(
                max_examples=each,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=cases())
            def run(case: Any) -> None:
                self.ask(key, case, told)

            run()

    def ask(self, key: str | None, case: Any, told: Told) -> None:
        """Send one request, and check its answer."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        kwargs = case.as_transport_kwargs(base_url="http://parindex.test", headers=headers)
        prepared = requests.Request(**kwargs).prepare()
        answer = self.transport.handle_request(
            httpx.Request(
                str(prepared.method),
                str(prepared.url),
                headers=[(name.encode(), as_bytes(value)) for name, value in prepared.headers.items()],
                content=as_bytes(prepared.body or b""),
            )
        )
        told.statuses[answer.status_code] += 1
        told.succeeded[name_of(case.operation)] += answer.is_success
        shown = {name: answer.headers.get_list(name) for name in answer.headers}
        response = schemathesis.Response(answer.status_code, shown, answer.content, prepared, 0, verify=True)
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            for failure in group.exceptions:
                told.faults.setdefault((case.operation.label, str(failure)[:200]), str(group))


def name_of(operation: Any) -> str:
    """Its operation id."""
    name: str = operation.definition.raw["operationId"]
    return name


def as_bytes(value: str | bytes) -> bytes:
    """As requests are written on the wire."""
    return value if isinstance(value, bytes) else value.encode("latin-1")


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
def test_no_request_makes_it_fail(
    templates: Templates, tmp_path: Path, stress: bool, document: dict[str, Any]
) -> None:
    """With every scope, with every scope of one province, and without a key."""
    passes, each, least = (12, 20, 10_000) if stress else (1, 10, 400)
    told, others = Told(), Told()
    with templates.copy(templates.loaded) as url, start_blocking_portal() as portal:
        app = make_app(
            url, files_folder=tmp_path, rate_limit="", rate_limit_anonymous="", log_level="warning"
        )
        fuzzer = Fuzzer.of(app, PortalTransport(app, portal))
        bound = make_client(app, [str(Grant(scope, unit=ELSEWHERE)) for scope in ClientScope])
        with open_client(app) as admin:
            for call in CALLS:
                assert send(admin, call).is_success, call
            for number in range(passes):
                open_rounds(admin, number)
                known = learn(admin, document)
                rehearse_imports(admin, known)
                fuzzer.ask_all(KEY, known, each, number, told)
                for key in (bound, None):
                    fuzzer.ask_all(key, known, each // 6, number, others)
        close(app)
    print(told.statuses, others.statuses, told.succeeded, sep="\n")  # noqa: T201 - shown with a failure
    faults = [*told.faults.values(), *others.faults.values()]
    assert not faults, "\n\n".join(faults)
    assert told.statuses.total() + others.statuses.total() >= least
    assert sum(told.succeeded.values()) >= FAIR * told.statuses.total()
    assert set(known) == set(told.succeeded)  # every operation was asked,
    assert all(told.succeeded.values()) or not stress  # and did what it is for
