"""Every code that the service can answer has a message in both languages, and no message is idle."""

import ast
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any, NamedTuple, get_args

import pytest

import app
from app.core.comparison import ChangeKind
from app.core.rules import Rule
from app.core.types import ItemSource, Need, NoData, ReformArea, TieMethod, UnitKind
from app.infra.messages import (
    MESSAGES,
    Message,
    changes,
    explanation,
    figures,
    imports,
    intake,
    publications,
    registry,
    requests,
    rulings,
    words,
    workbooks,
    workflow,
)
from app.infra.problems import _PYDANTIC

MODULES = [ast.parse(path.read_text(encoding="utf-8")) for path in Path(app.__file__).parent.rglob("*.py")]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Use(NamedTuple):
    """A code where it is raised, with its parameters; None where they are not written on the spot."""

    code: str
    params: frozenset[str] | None


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _error_classes() -> set[str]:
    bases = {
        node.name: {_name(base) for base in node.bases}
        for module in MODULES
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef)
    }
    errors, size = {"AppError"}, 0
    while size < len(errors):
        size = len(errors)
        errors |= {name for name, above in bases.items() if above & errors}
    return errors


def _texts(node: ast.AST) -> set[str]:
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def _params(call: ast.Call, name: str) -> frozenset[str] | None:
    """Names of the parameters of a call, where they are literal."""
    if name not in ("Fault", "Phrase"):
        given = [keyword.arg for keyword in call.keywords if keyword.arg != "faults"]
        return None if None in given else frozenset(arg for arg in given if arg)
    position = 2 if name == "Fault" else 1
    params = call.args[position] if len(call.args) > position else ast.Dict([], [])
    if isinstance(params, ast.Dict) and None not in params.keys:
        return frozenset(text for key in params.keys if key for text in _texts(key))
    return None


def _passed_on(module: ast.Module, function: Function, argument: str) -> Iterator[str]:
    """Texts that the module's own calls give to a function's argument."""
    position = [arg.arg for arg in function.args.args].index(argument)
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and _name(node.func) == function.name and len(node.args) > position:
            yield from _texts(node.args[position])


def _uses() -> Iterator[Use]:
    raising = _error_classes() | {"Fault", "FaultError", "Phrase"}
    for module in MODULES:
        for function in (node for node in ast.walk(module) if isinstance(node, FUNCTIONS)):
            arguments = {arg.arg for arg in function.args.args}
            for node in ast.walk(function):
                if not isinstance(node, ast.Call) or not node.args or _name(node.func) not in raising:
                    continue
                code = node.args[0]
                if isinstance(code, ast.Name) and code.id in arguments:
                    yield from (Use(text, None) for text in _passed_on(module, function, code.id))
                yield from (Use(text, _params(node, _name(node.func))) for text in _texts(code))


USES = {*_uses(), *(Use(code, None) for code in _PYDANTIC.values())}


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_code_is_said_in_one_room() -> None:
    rooms = (explanation, figures, imports, intake, publications, registry, requests, workbooks, workflow)
    codes = [code for room in rooms for code in room.MESSAGES]
    assert sorted(codes) == sorted(MESSAGES)


def test_every_code_has_a_message_and_every_message_a_use() -> None:
    assert {use.code for use in USES} == set(MESSAGES)


@pytest.mark.parametrize("code", MESSAGES)
def test_a_message_says_the_same_in_both_languages(code: str) -> None:
    message: Message = MESSAGES[code]
    assert message.en.strip()
    assert message.vi.strip()
    assert message.en != message.vi
    assert _placeholders(message.en) == _placeholders(message.vi)
    assert bool(message.hint_en) == bool(message.hint_vi)
    assert _placeholders(message.hint_en) == _placeholders(message.hint_vi)


VOCABULARIES: list[tuple[Mapping[Any, Message], Collection[Any]]] = [
    (changes.CHANGES, ChangeKind),
    (words.REFORM_AREAS, ReformArea),
    (words.NEEDS, Need),
    (words.TIES, TieMethod),
    (words.LEVELS, UnitKind),
    (rulings.RULES, get_args(Rule)),
    (rulings.SOURCES, ItemSource),
    (rulings.NO_DATA, NoData),
]


def test_every_word_of_a_vocabulary_has_its_text_in_both_languages() -> None:
    for said, vocabulary in VOCABULARIES:
        assert set(said) == set(vocabulary)
        for message in said.values():
            assert message.en != message.vi
            assert _placeholders(message.en) == _placeholders(message.vi)
        assert len(set(said.values())) == len(said)


def test_whoever_uses_a_message_fills_it() -> None:
    """A missing parameter would be an error 500 in place of the message."""
    lacking = {
        f"{use.code}: {name}"
        for use in USES
        if use.params is not None
        for name in _placeholders("".join(MESSAGES[use.code])) - use.params
    }
    assert lacking == set()
