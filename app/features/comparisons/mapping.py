"""Changes of the core -> what is answered: plain data, and one line in the language of the reader."""

from dataclasses import asdict
from typing import Any

from app.core.comparison import Change, ChangeKind, Member, Ruling, Value
from app.core.framework import Caps, Framework, Node, Process, walk
from app.core.rounding import points_number
from app.core.rules import names_read
from app.features.comparisons.schemas import ChangeRead
from app.infra.messages import Language, Names
from app.infra.messages.changes import say_change

Document = dict[str, Any]


def rates_read(framework: Framework) -> set[str]:
    """The named rates of all rules, those of a set that no round can use included."""
    rules = [node.rule for node, _ in walk(framework) if node.rule is not None]
    return {rate for rule in rules for rate in names_read(rule)[0]}


def change_of(change: Change, old: Document, new: Document, language: Language, names: Names) -> ChangeRead:
    """A change between two stored documents as it is answered; `names`: what the catalogue calls figures."""
    return ChangeRead(
        change=change.kind,
        code=change.code,
        name_vi=change.name_vi,
        pointer_from=change.pointer_from,
        pointer_to=change.pointer_to,
        from_=_data(change.kind, change.old, old, change.pointer_from),
        to=_data(change.kind, change.new, new, change.pointer_to),
        text=say_change(change, language, names),
    )


def _data(kind: ChangeKind, value: Value | None, document: Document, pointer: str | None) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return points_number(value, 4)
    return _member(kind, value, _at(document, pointer or ""))


def _member(kind: ChangeKind, value: Member, node: Document) -> Any:
    """A value as the document says it, what it leaves out filled in."""
    match value:
        case Node():
            return {name: part for name, part in node.items() if name not in ("criteria", "sub_criteria")}
        case Ruling():
            rule = node["rule"] or {"kind": "manual", "step": None}
            return {"rule": rule, "source": value.source, "evidence_required": value.evidence_required}
        case Caps(bonus=bonus, penalty=penalty):
            caps = {"bonus": bonus, "penalty": penalty}
            return {name: None if cap is None else points_number(cap, 4) for name, cap in caps.items()}
        case Process():
            return asdict(value)
        case _:
            return node[kind.value]


def _at(document: Document, pointer: str) -> Document:
    """The node that a pointer names; "" is the set."""
    part: Any = document
    for name in pointer.split("/")[1:]:
        part = part[int(name) if isinstance(part, list) else name]
    node: Document = part
    return node
