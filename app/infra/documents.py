"""Documents from outside: plain data of JSON and YAML within limits, and models from plain data."""

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from app.core.errors import Fault
from app.infra.errors import InvalidInputError, TooLargeError, refuse
from app.infra.plain import Members, PlainDumper, PlainLoader, exact_number
from app.infra.problems import escape, faults_of

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_VALUES = 50_000
"""Every member, element and text counts; a set of 500 items has about 5,000."""
_SAFE_DEPTH = 10 * MAX_DEPTH
"""So deep can be read without harm; where it is too deep can then be told."""
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
Model = TypeVar("Model", bound=BaseModel)


def read_exact_json(body: bytes) -> Any:
    """Plain data of JSON whose fractions are decimals; every way of being no JSON is one JSONDecodeError."""
    try:
        return _read_json(body)
    except RecursionError as error:
        raise json.JSONDecodeError("nested too deeply", "", 0) from error


def read_json(body: bytes) -> Any:
    """Plain data of a JSON document within the limits. JSONDecodeError where it is none."""
    refuse_large(len(body))
    _refuse_many(_TEXT.sub(b"", body).count(b","))  # each parts two values
    try:
        data = _read_json(body, Members)
    except RecursionError:
        refuse([Fault("nested_too_deeply", "", {"limit": MAX_DEPTH})])
    check_values(data)
    return data


def _read_json(body: bytes, members: type[Members] | None = None) -> Any:
    try:
        return json.loads(body, parse_float=exact_number, object_pairs_hook=members)
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        raise json.JSONDecodeError(str(error), "", 0) from error


def read_yaml(body: bytes | str) -> Any:
    """Plain data of a YAML document within the limits; aliases (billion laughs) and tags are refused before
    anything is made of it."""
    refuse_large(len(body))
    try:
        _check_events(body)
        data = yaml.load(body, PlainLoader)  # noqa: S506 - safer than the safe loader
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, InvalidInputError):
            raise
        reason = " ".join(str(error).split())
        raise InvalidInputError(
            "invalid_input", [Fault("yaml_invalid", "", {"error": reason})], count=1
        ) from error
    check_values(data)
    return data


def refuse_large(size: int, limit: int = MAX_BYTES) -> None:
    """A document over the limit is told before it is read."""
    if size > limit:
        raise TooLargeError("document_too_large", limit=limit)


def _check_events(body: bytes | str) -> None:
    depth = count = 0
    for event in yaml.parse(body, Loader=yaml.CSafeLoader):
        line, tag = event.start_mark.line + 1 if event.start_mark else 1, getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent):
            refuse([Fault("aliases_refused", "", {"line": line, "name": event.anchor})])
        if tag:
            refuse([Fault("tags_refused", "", {"line": line, "tag": tag})])
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _SAFE_DEPTH:
            refuse([Fault("nested_too_deeply", "", {"limit": MAX_DEPTH})])
        count += isinstance(event, yaml.NodeEvent)
        _refuse_many(count)


def _refuse_many(count: int) -> None:
    if count > MAX_VALUES:
        raise TooLargeError("too_many_values", limit=MAX_VALUES)


def check_values(data: Any) -> None:
    """Refuse what is too deep or too much, and members that stand twice: of these the last would count."""
    faults: list[Fault] = []
    _refuse_many(_count(data, "", 1, faults))
    refuse(faults)


def _count(value: Any, pointer: str, depth: int, faults: list[Fault]) -> int:
    """Values in a value, itself included; `depth` is what it would have as an array."""
    if not isinstance(value, dict | list):
        return 1
    if depth > MAX_DEPTH:
        refuse([Fault("nested_too_deeply", pointer, {"limit": MAX_DEPTH})])
    twice = [(name, f"{pointer}/{escape(name)}") for name in getattr(value, "twice", ())]
    faults += [Fault("member_twice", place, {"name": name}) for name, place in twice]
    count = 1
    for name, part in value.items() if isinstance(value, dict) else enumerate(value):
        count += _count(part, f"{pointer}/{escape(name)}", depth + 1, faults)
        _refuse_many(count)
    return count


def write_yaml(data: Mapping[str, Any]) -> str:
    """Plain data as YAML that reads back the same, by the rules of YAML 1.1 and of 1.2."""
    text: str = yaml.dump(dict(data), Dumper=PlainDumper, allow_unicode=True, sort_keys=False, width=110)
    return text


def read_file(path: Traversable) -> Any:
    """Plain data of a YAML file that ships with the service."""
    return read_yaml(path.read_text(encoding="utf-8"))


def read_data(name: str) -> Any:
    """Plain data of a YAML file in app/data."""
    return read_file(files("app.data").joinpath(name))


def validated(model: type[Model], data: object) -> Model:
    """Plain data -> model, or InvalidInputError with a pointer for every fault."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = faults_of(error, data)
        raise InvalidInputError("invalid_input", faults, count=len(faults)) from error
