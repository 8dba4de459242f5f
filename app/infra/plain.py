"""Plain data of JSON and YAML: exact numbers, and members that stand twice noticed.

YAML is read as JSON would say it. The scalars of YAML 1.1 are traps: `010` is 8, `no` is false, and
`1:1:1:...` is a sexagesimal number that takes minutes to work out.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from math import inf, nan
from typing import Any

import yaml

_LARGEST_EXPONENT = 40
_TINY = Decimal("1e-41")
_SPECIAL = {".inf": inf, "+.inf": inf, "-.inf": -inf, ".nan": nan}


def exact_number(text: str) -> Decimal | float:
    """A number with all its digits. What is out of any range becomes infinity, or too small for the
    decimals of any field: 1e999999999 would fill the memory wherever it is made whole."""
    try:
        number = Decimal(text)
    except ArithmeticError:
        return inf if float(text) else _TINY
    if not number or abs(number.adjusted()) <= _LARGEST_EXPONENT:
        return number
    return inf if number.adjusted() > 0 else _TINY


class Members(dict[Any, Any]):
    """An object of a document; `twice` are the names that stand more than once in it."""

    __slots__ = ("twice",)

    def __init__(self, pairs: Iterable[tuple[Any, Any]] = ()) -> None:
        found = list(pairs)
        super().__init__(found)
        self.note([name for name, _ in found])

    def note(self, names: list[Any]) -> None:
        """Remember which names the document has more than once."""
        several = Counter(names) if len(names) > len(self) else {}
        self.twice = [name for name, times in several.items() if times > 1]


class PlainLoader(yaml.CSafeLoader):
    """Text, decimal numbers, true and false, null, days; nothing else."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - how the library is told


class PlainDumper(yaml.SafeDumper):
    """Quotes every text that a reader could take for something else."""


def _members(loader: PlainLoader, node: yaml.MappingNode) -> Iterator[Members]:
    found = Members()
    yield found
    found.update(loader.construct_mapping(node))
    found.note([loader.construct_object(name) for name, _ in node.value])


def _fraction(_: PlainLoader, node: yaml.ScalarNode) -> Decimal | float:
    special = _SPECIAL.get(node.value.lower())
    return exact_number(node.value) if special is None else special


def _whole(_: PlainLoader, node: yaml.ScalarNode) -> int:
    return int(node.value)


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", list("0123456789")),
):
    for _kind in (PlainLoader, PlainDumper):
        _kind.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), _first)
PlainLoader.add_constructor("tag:yaml.org,2002:map", _members)
PlainLoader.add_constructor("tag:yaml.org,2002:int", _whole)
PlainLoader.add_constructor("tag:yaml.org,2002:float", _fraction)
