"""Criteria sets that ship, and copies of them with something else in one place."""

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.core.build import FRAMEWORKS

QD, TT, SIX = "qd-766@2022", "tt-01-2018@2018", "six-areas@2021"
GONE = object()
"""Stands for a member that is taken out."""


class Broken(NamedTuple):
    """A mistake: `value` at `pointer` of a set; `faults`: (pointer, code) of each that is told."""

    name: str
    reference: str
    pointer: str
    value: Any
    faults: list[tuple[str, str]]


def load_broken() -> list[Broken]:
    """The mistakes of broken_frameworks.yaml."""
    text = Path(__file__).with_name("broken_frameworks.yaml").read_text("utf-8")
    return [_broken(**row) for row in yaml.safe_load(text)]


def _broken(name: str, told: Any, value: Any = None, gone: bool = False, **place: str) -> Broken:
    faults = [(place["at"], told)] if isinstance(told, str) else [(pointer, code) for pointer, code in told]
    return Broken(name, place["set"], place["at"], GONE if gone else value, faults)


def sound(reference: str) -> dict[str, Any]:
    """A set that ships."""
    document: dict[str, Any] = yaml.safe_load((FRAMEWORKS / f"{reference}.yaml").read_text("utf-8"))
    return document


def find(document: Any, pointer: str) -> Any:
    """What stands in a place."""
    for part in _parts(pointer):
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def changed(document: Mapping[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    """A copy with something else in one place; one place behind the end of a list is a new element."""
    copied = dict(copy.deepcopy(document))
    *way, last = _parts(pointer)
    node = find(copied, "".join(f"/{_escape(part)}" for part in way))
    key: Any = int(last) if isinstance(node, list) else last
    if value is GONE:
        del node[key]
    elif isinstance(node, list) and key == len(node):
        node.append(value)
    else:
        node[key] = copy.deepcopy(value)
    return copied


def places(value: Any, pointer: str = "") -> Iterator[str]:
    """The pointer of every value below the whole."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        here = f"{pointer}/{_escape(name)}"
        yield here
        yield from places(part, here)


def stands(document: Any, pointer: str) -> bool:
    """Whether a pointer names a value, or a member that is missing or too many in an object that is there."""
    above = pointer.rpartition("/")[0]
    try:
        return pointer == "" or isinstance(find(document, above), dict) or find(document, pointer) is not GONE
    except (KeyError, IndexError, TypeError, ValueError):
        return False


def _parts(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _escape(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
