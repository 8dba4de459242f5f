"""Frozen results: what the core answered to every case that yields numbers, and the example rounds.

The questions are kept with the answers: a case that is edited or taken away is still asked as it was.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.core.build import Case, load
from tests.core.checks import CHECKS
from tests.core.intake_checks import INTAKE_CHECKS

FROZEN = Path(__file__).parent / "core" / "golden.yaml"
WORDS = frozenset(
    {
        "alphabetical",
        "changes",
        "explained",
        "folded",
        "framework_faults",
        "given_points",
        "grants",
        "pairs",
        "periods",
        "placements",
        "reasons",
        "writable",
        *(check.__name__ for check in INTAKE_CHECKS),
    }
)
"""Checks whose answers are no numbers of the engine."""
Question = Mapping[str, Any]
"""name, check, input, and the answer that it had."""


class Golden(NamedTuple):
    """What is frozen, and for which engine. `rounds`: round -> unit -> results."""

    engine_version: int
    cases: Sequence[Question]
    rounds: Mapping[str, Any]


class RefusedError(Exception):
    """Why results are not frozen."""


def read() -> Golden:
    """What was frozen last."""
    return Golden(**load(FROZEN))


def questions(cases: Iterable[Case]) -> list[Question]:
    """The cases that yield numbers."""
    return [
        {"name": case.name, "check": case.check, "input": case.input, "answer": case.expected}
        for case in cases
        if case.check not in WORDS
    ]


def changed_cases(frozen: Golden) -> list[str]:
    """Frozen questions that the core answers otherwise today."""
    now = [(question, _ask(question)) for question in frozen.cases]
    return [f"{q['name']}: {_short(q['answer'])} -> {_short(a)}" for q, a in now if a != q["answer"]]


def changed_numbers(frozen: Mapping[str, Any], now: Mapping[str, Any], place: str = "") -> list[str]:
    """Frozen numbers of example rounds that are others today, each with its round, unit and item."""
    found = []
    for name, value in frozen.items():
        here, today = f"{place} {name}".strip(), now.get(name)
        if isinstance(value, Mapping) and isinstance(today, Mapping):
            found += changed_numbers(value, today, here)
        elif value != today:
            found.append(f"{here}: {_short(value)} -> {_short(today)}")
    return found


def unfrozen(frozen: Golden, asked: Iterable[Question], rounds: Mapping[str, Any]) -> list[str]:
    """Questions and rounds whose answers are not frozen yet."""
    known = [_same(question) for question in frozen.cases]
    new = [question["name"] for question in asked if _same(question) not in known]
    return new + [code for code in rounds if code not in frozen.rounds]


def approve(
    frozen: Golden, version: int, asked: Sequence[Question], rounds: Mapping[str, Any], edited: Iterable[str]
) -> tuple[Golden, list[str]]:
    """(what is to be frozen, numbers that changed with a new engine).

    Under the same engine nothing that is frozen changes, but for rounds whose data were `edited`.
    """
    if version < frozen.engine_version:
        raise RefusedError(f"The engine is never older than what is frozen ({frozen.engine_version}).")
    kept = {code: units for code, units in frozen.rounds.items() if code not in set(edited)}
    changed = changed_cases(frozen) + changed_numbers(kept, rounds)
    if version > frozen.engine_version:
        return Golden(version, asked, rounds), changed
    if changed:
        raise RefusedError(advice(changed, version))
    new = set(unfrozen(frozen, asked, {}))
    added = [question for question in asked if question["name"] in new]
    return Golden(version, [*frozen.cases, *added], rounds), []


def advice(changed: Sequence[str], version: int) -> str:
    """What to do about numbers that changed."""
    return "\n  ".join(
        [
            f"{len(changed)} numbers changed under engine_version {version}:",
            *changed,
            "If that is meant: raise ENGINE_VERSION in app/core, run `python -m tests.approve_golden`",
            f"and name the rounds and items under `engine_version` {version + 1} in CHANGELOG.md.",
        ]
    )


def names_engine(changelog: str, version: int) -> bool:
    """Whether users are told of an engine; of a later one than the first: which rounds and items change."""
    entry = re.search(rf"^- `engine_version` {version}\b.*(?:\n  .*)*", changelog, re.MULTILINE)
    if entry is None:
        return False
    return version == 1 or all(re.search(rf"\b{word}s?\b", entry[0]) for word in ("round", "item"))


def write(golden: Golden) -> str:
    """The text that is kept: a line for each question and for each unit of a round."""
    lines = [f"engine_version: {golden.engine_version}", "cases:"]
    lines += [f"- {_line(question)}" for question in golden.cases]
    lines.append("rounds:")
    for code, units in golden.rounds.items():
        lines.append(f"  {code}:")
        lines += [f"    {_line(unit)}: {_line(result)}" for unit, result in units.items()]
    return "\n".join(lines) + "\n"


def _ask(question: Question) -> Any:
    return _plain(CHECKS[question["check"]](question["input"], question["answer"]))


def _same(question: Question) -> tuple[Any, ...]:
    return question["check"], question["input"], question["answer"]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value.value if isinstance(value, Enum) else value


def _short(value: Any) -> str:
    return _line(_plain(value))


class _Dumper(yaml.CSafeDumper):
    """Decimals as they are, and nothing by reference."""

    def ignore_aliases(self, _: Any) -> bool:
        """Every line is read alone."""
        return True


def _decimal(dumper: Any, value: Decimal) -> yaml.ScalarNode:
    text = f"{value:f}"
    node: yaml.ScalarNode = dumper.represent_scalar(
        "tag:yaml.org,2002:float", text if "." in text else text + ".0"
    )
    return node


_Dumper.add_representer(Decimal, _decimal)


def _line(value: Any) -> str:
    text: str = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, default_flow_style=True, sort_keys=False, width=10**9
    )
    return text.removesuffix("\n").removesuffix("\n...")
