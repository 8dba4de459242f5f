"""Documents from outside: YAML without its dangers, and models from plain data."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from app.core.errors import Fault
from app.infra.errors import InvalidInputError, TooLargeError, refuse
from app.infra.problems import faults_of

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
