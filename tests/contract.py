"""Answers against the OpenAPI document."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_OPEN_PATHS = ("/docs", "/openapi.json", "/static-offline-docs")
_validators: dict[tuple[str, str, str], Draft202012Validator] = {}


def check_answer(document: dict[str, Any], response: httpx.Response) -> None:
    """Assert that the operation documents this status, media type and body."""
    request = response.request
    path = _template(tuple(document["paths"]), request.url.path)
    if path is None or request.method.lower() not in document["paths"][path]:
        assert response.status_code in (404, 405) or request.url.path.startswith(_OPEN_PATHS)
        return
    operation = document["paths"][path][request.method.lower()]
    status = str(response.status_code)
    assert status in operation["responses"], f"{request.method} {path} does not document {status}"
    content = operation["responses"][status].get("content", {})
    media = response.headers.get("content-type", "").partition(";")[0]
    if not content:
        assert not response.content or media not in ("application/json", "application/problem+json")
        return
    assert media in content, f"{request.method} {path} {status} does not document {media}"
    if media.endswith("json"):
        key = (path, request.method, status)
        if key not in _validators:
            place = ("paths", path, request.method.lower(), "responses", status, "content", media, "schema")
            _validators[key] = _validator(document, place)
        _validators[key].validate(response.json())


@cache
def _template(paths: tuple[str, ...], path: str) -> str | None:
    """The path template that matches; literal segments win."""
    matching = [p for p in paths if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", p), path)]
    return min(matching, key=lambda p: p.count("{"), default=None)


def _validator(document: dict[str, Any], place: Iterable[str]) -> Draft202012Validator:
    registry: Registry[Any] = Registry().with_resource(
        "urn:api", Resource(contents=document, specification=DRAFT202012)
    )
    pointer = "".join(f"/{quote(part.replace('~', '~0').replace('/', '~1'))}" for part in place)
    return Draft202012Validator({"$ref": f"urn:api#{pointer}"}, registry=registry)
