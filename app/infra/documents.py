"""Documents from outside: YAML without its dangers, and models from plain data."""

import json
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources.abc import Traversable
from math import inf
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from app.core.errors import Fault
from app.infra.errors import InvalidInputError, TooLargeError, refuse
from app.infra.problems import faults_of

_LARGEST_EXPONENT = 40
_TINY = Decimal("1e-41")
MAX_DEPTH = 32
MAX_YAML_BYTES = 1_000_000
Model = TypeVar("Model", bound=BaseModel)


def read_yaml(body: bytes | str) -> Any:
    """Plain data of a YAML document; size, aliases (billion laughs), tags and deep nesting are refused
    before anything is made of it."""
    if len(body) > MAX_YAML_BYTES:
        raise TooLargeError("body_too_large", limit=MAX_YAML_BYTES)
    try:
        depth = 0
        for event in yaml.parse(body, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.AliasEvent):
                refuse([Fault("aliases_refused", "")])
            tag = getattr(event, "tag", None)
            if tag:
                refuse([Fault("yaml_invalid", "", {"error": f"tag {tag} is not read"})])
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                refuse([Fault("yaml_invalid", "", {"error": f"nested deeper than {MAX_DEPTH}"})])
        return yaml.load(body, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, InvalidInputError):
            raise
        reason = " ".join(str(error).split())
        raise InvalidInputError(
            "invalid_input", [Fault("yaml_invalid", "", {"error": reason})], count=1
        ) from error


def write_yaml(data: Mapping[str, Any]) -> str:
    """Plain data as YAML that reads back the same."""
    text: str = yaml.safe_dump(dict(data), allow_unicode=True, sort_keys=False, width=110)
    return text


def exact(text: str) -> Decimal | float:
    """A JSON number with all its digits. What is out of any range becomes infinity, or too small for the
    decimals of any field: 1e999999999 would fill the memory wherever it is made whole."""
    try:
        number = Decimal(text)
    except ArithmeticError:
        return inf if float(text) else _TINY
    if not number or abs(number.adjusted()) <= _LARGEST_EXPONENT:
        return number
    return inf if number.adjusted() > 0 else _TINY


def read_json(body: bytes | str) -> Any:
    """JSON with exact numbers. Raises JSONDecodeError, whatever is wrong."""
    try:
        return json.loads(body, parse_float=exact)
    except json.JSONDecodeError:
        raise
    except (RecursionError, ValueError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise json.JSONDecodeError(reason, "", 0) from error


def read_file(path: Traversable) -> Any:
    """Plain data of a YAML file that ships with the service."""
    return read_yaml(path.read_text(encoding="utf-8"))


def validated(model: type[Model], data: object) -> Model:
    """Plain data -> model, or InvalidInputError with a pointer for every fault."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = faults_of(error, data)
        raise InvalidInputError("invalid_input", faults, count=len(faults)) from error
