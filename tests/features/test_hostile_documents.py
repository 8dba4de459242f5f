"""Documents that are made to hurt: refused early, with little read and little made of them."""

import asyncio
import json
import tracemalloc
from typing import Any

import httpx
import orjson
import pytest
from fastapi import FastAPI

from tests.conftest import KEY, Client
from tests.features.mutations import TT, sound

PATH = "/v1/frameworks/{code}/versions/{version}"
YAML, JSON = {"Content-Type": "application/yaml"}, {"Content-Type": "application/json"}
MEGABYTE = 10**6
DEEP, NOTE = "nested_too_deeply", "/notes_vi" + "/n" * 31


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    """(pointer, code) of every error."""
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


def standing(client: Client) -> tuple[Any, Any]:
    """What is stored: every set with its state, and the ends of the audit chains."""
    return client.get("/v1/frameworks?limit=1000").json(), client.get("/v1/audit/chains").json()


def nested(levels: int) -> dict[str, Any]:
    """A set of which a note is an object in an object ..., so many below the whole."""
    node: Any = 1
    for _ in range(levels):
        node = {"n": node}
    return {**sound(TT), "notes_vi": node}


LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)
MANY_AREAS = {
    "areas": [
        {
            "code": f"{a}",
            "criteria": [
                {"code": f"{a}.{c}", "sub_criteria": [{"code": f"{a}.{c}.{s}"} for s in range(100)]}
                for c in range(10)
            ],
        }
        for a in range(100)
    ]
}


DEEP_NOTE = json.dumps(nested(32)).encode()
INDENTED = b"".join(b" " * n + b"a:\n" for n in range(1000))
MANY_MEMBERS = json.dumps(dict.fromkeys(map(str, range(80_000)), 1)).encode()
MANY_NODES = json.dumps(MANY_AREAS).encode()
HOSTILE: dict[str, tuple[bytes, dict[str, str], int, str, str]] = {
    "JSON of 33 levels": (DEEP_NOTE, JSON, 422, NOTE, DEEP),
    "YAML of 33 levels": (DEEP_NOTE, YAML, 422, NOTE, DEEP),
    "JSON without end": (b'{"a":' * 100_000, JSON, 422, "", DEEP),
    "YAML without end": (b"- " * 400_000, YAML, 422, "", DEEP),
    "YAML of many indentations": (INDENTED, YAML, 422, "", DEEP),
    "billion laughs": (LAUGHS.encode(), YAML, 422, "", "aliases_refused"),
    "an anchor of itself": (b"a: &a [*a]", YAML, 422, "", "aliases_refused"),
    "100,000 nodes in JSON": (MANY_NODES, JSON, 413, "", "document_too_large"),
    "100,000 nodes in YAML": (MANY_NODES, YAML, 413, "", "document_too_large"),
    "100,000 values in JSON": (b"[" + b"{}," * 99_999 + b"{}]", JSON, 413, "", "too_many_values"),
    "100,000 values in YAML": (b"areas:\n" + b"- {}\n" * 100_000, YAML, 413, "", "too_many_values"),
    "80,000 members in JSON": (MANY_MEMBERS, JSON, 413, "", "too_many_values"),
    "a sexagesimal number": (
        b"total_points: 1" + b":1" * 490_000,
        YAML,
        422,
        "/total_points",
        "not_a_number",
    ),
    "a number of 900,000 digits": (b"total_points: " + b"9" * 900_000, YAML, 422, "", "yaml_invalid"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_made_to_hurt_is_refused_early(client: Client, name: str) -> None:
    """Each of these is at most 1.3 MB; reading it may take a hundred, and a moment."""
    body, headers, status, pointer, code = HOSTILE[name]
    path = PATH.format(code="tt-01-2018", version="2018")
    before = standing(client)
    tracemalloc.start()
    answer = client.put(path, content=body, headers=headers)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (answer.status_code, peak < 100 * MEGABYTE) == (status, True), (answer.text[:500], peak)
    if status == 413:
        assert answer.json()["code"] == code
    else:
        assert (pointer, code) in faults(answer)
    assert len(answer.content) < MEGABYTE
    assert standing(client) == before


def send_50_megabytes(app: FastAPI, path: str, headers: dict[str, str]) -> tuple[int, dict[str, Any], int]:
    """(status, body, bytes that were taken) of a request whose body never seems to end."""
    taken, sent = 0, list[dict[str, Any]]()

    async def receive() -> dict[str, Any]:
        nonlocal taken
        part = b"[" * 65_536
        taken += len(part)
        return {"type": "http.request", "body": part, "more_body": taken < 50 * MEGABYTE}

    async def send(message: Any) -> None:
        sent.append(message)

    given_headers = {"authorization": f"Bearer {KEY}", **{k.lower(): v for k, v in headers.items()}}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "PUT",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(k.encode(), v.encode()) for k, v in given_headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("parindex.test", 80),
        "state": {},
    }
    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    return sent[0]["status"], orjson.loads(sent[1]["body"]), taken


@pytest.mark.parametrize("headers", [JSON, YAML, {}])
def test_of_50_megabytes_no_more_is_read_than_a_document_may_have(
    app: FastAPI, headers: dict[str, str]
) -> None:
    path = PATH.format(code="x", version="1")
    status, body, taken = send_50_megabytes(app, path, headers)
    assert (status, body["code"]) == (413, "document_too_large")
    assert taken <= MEGABYTE + 65_536
    declared = {**headers, "content-length": str(50 * MEGABYTE)}
    status, body, taken = send_50_megabytes(app, path, declared)
    assert (status, body["code"], taken) == (413, "document_too_large", 0)
    status, body, taken = send_50_megabytes(app, path, {**headers, "content-length": str(2 * MEGABYTE)})
    assert (status, body["code"], taken) == (413, "document_too_large", 0)


def test_of_50_megabytes_of_anything_else_no_more_than_the_limit(app: FastAPI) -> None:
    status, body, taken = send_50_megabytes(app, "/v1/units/x", JSON)
    assert (status, body["code"]) == (413, "body_too_large")
    assert taken <= 16 * 2**20 + 65_536
