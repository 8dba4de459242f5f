"""Documents from outside: YAML without its dangers, and models from plain data."""

from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from app.core.errors import Fault
from app.infra.errors import InvalidInputError, refuse
from app.infra.problems import faults_of

MAX_DEPTH = 32
Model = TypeVar("Model", bound=BaseModel)


def read_yaml(body: bytes | str) -> Any:
    """Plain data of a YAML document; aliases (billion laughs) and deep nesting are refused early."""
    try:
        depth = 0
        for event in yaml.parse(body, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.AliasEvent):
                refuse([Fault("aliases_refused", "")])
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


def validated(model: type[Model], data: object) -> Model:
    """Plain data -> model, or InvalidInputError with a pointer for every fault."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = faults_of(error, data)
        raise InvalidInputError("invalid_input", faults, count=len(faults)) from error
