"""What changes from one version of a criteria set to another: added, removed, re-weighted, re-ruled and more.

Nodes are matched by what they are called before by where they stand: an inserted area renumbers all that
follow, and none of these is another criterion for it (ADR 12).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.core.framework import Band, Caps, Framework, Node, Process, walk
from app.core.law import LegalBasis
from app.core.rules import Rule
from app.core.types import ItemSource, NoData, TieMethod
from app.core.vietnamese import fold


class ChangeKind(StrEnum):
    """What changed, of a node or (from `total_points` on) of the set itself; some of either."""

    ADDED = "added"
    REMOVED = "removed"
    RECODED = "recoded"
    MOVED = "moved"
    RENAMED = "renamed"
    REWEIGHTED = "reweighted"
    RERULED = "reruled"
    RECLASSIFIED = "reclassified"
    LEGAL_BASIS = "legal_basis"
    CAPS = "caps"
    TOTAL_POINTS = "total_points"
    BANDS = "bands"
    ROUNDING = "rounding"
    TIES = "ties"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class Ruling:
    """How an item is scored."""

    rule: Rule
    source: ItemSource | None
    on_no_data: NoData
    evidence_required: bool


@dataclass(frozen=True, slots=True)
class Rounding:
    """Decimals shown, and those that items are rounded to."""

    decimals: int
    items: int | None


@dataclass(frozen=True, slots=True)
class Ties:
    """How equal results are ranked."""

    method: TieMethod
    keys: tuple[str, ...]


Value = (
    Node | Ruling | Caps | Rounding | Ties | Process | tuple[Band, ...] | tuple[LegalBasis, ...] | str | int
)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `code`, `name_vi`: of the node as it now is, or was where it is gone; None for the set.

    The pointers name the node in each document (None where it is not, "" the set). `old`, `new`: the whole
    node where one is added or removed; codes, of the node or of its parent, where it is recoded or moved;
    scaled points; None where there is none, or it is not known.
    """

    kind: ChangeKind
    code: str | None
    name_vi: str | None
    pointer_from: str | None
    pointer_to: str | None
    old: Value | None
    new: Value | None


@dataclass(frozen=True, slots=True)
class _Place:
    """A node where it stands."""

    node: Node
    pointer: str
    level: int
    parent: str | None

    @property
    def called(self) -> tuple[int, str]:
        """Level and name, without accents and capitals."""
        return self.level, fold(self.node.name_vi)


def compare(old: Framework, new: Framework) -> list[Change]:
    """Changes of the set, then of nodes in the order of `new`, then what is gone in the order of `old`.

    Both are sets without faults: a code stands once.
    """
    before, after = _places(old), _places(new)
    origins = _match(before, after)
    changes = _of_set(old, new)
    for code, place in after.items():
        if code in origins:
            changes += _of_node(before[origins[code]], place, origins)
        else:
            changes.append(_change(ChangeKind.ADDED, place, None, place.pointer, None, place.node))
    kept = set(origins.values())
    gone = [place for code, place in before.items() if code not in kept]
    return changes + [
        _change(ChangeKind.REMOVED, place, place.pointer, None, place.node, None) for place in gone
    ]


def _places(framework: Framework) -> dict[str, _Place]:
    """Every node by its code, in the order of the document."""
    at = {pointer: node.code for node, pointer in walk(framework)}
    return {
        node.code: _Place(node, pointer, pointer.count("/") // 2 - 1, at.get(pointer.rsplit("/", 2)[0]))
        for node, pointer in walk(framework)
    }


def _match(before: Mapping[str, _Place], after: Mapping[str, _Place]) -> dict[str, str]:
    """Code in `after` -> code in `before` of the same node.

    First those of the same code and name; then, on one level, those of one name that only one is called on
    either side; then those of the same code.
    """
    shared = [code for code in after if code in before]
    found = {code: code for code in shared if _named_alike(before[code], after[code])}
    old_names = _unique_names(place for code, place in before.items() if code not in found)
    new_names = _unique_names(place for code, place in after.items() if code not in found)
    found |= {new_names[name]: old_names[name] for name in new_names if name in old_names}
    taken = set(found.values())
    return found | {code: code for code in shared if code not in found and code not in taken}


def _named_alike(one: _Place, other: _Place) -> bool:
    return fold(one.node.name_vi) == fold(other.node.name_vi)


def _unique_names(places: Iterable[_Place]) -> dict[tuple[int, str], str]:
    """(level, name) -> code of those whose name no other has."""
    codes: dict[tuple[int, str], list[str]] = {}
    for place in places:
        codes.setdefault(place.called, []).append(place.node.code)
    return {name: found[0] for name, found in codes.items() if len(found) == 1}


def _of_node(old: _Place, new: _Place, origins: Mapping[str, str]) -> list[Change]:
    values: list[tuple[ChangeKind, Value | None, Value | None]] = [
        (ChangeKind.RECODED, old.node.code, new.node.code),
        (ChangeKind.MOVED, old.parent, old.parent if _stayed(old, new, origins) else new.parent),
        (ChangeKind.RENAMED, old.node.name_vi, new.node.name_vi),
        (ChangeKind.REWEIGHTED, weight_of(old.node), weight_of(new.node)),
        (ChangeKind.RERULED, _ruling(old.node), _ruling(new.node)),
        (ChangeKind.RECLASSIFIED, old.node.reform_area, new.node.reform_area),
        (ChangeKind.LEGAL_BASIS, old.node.legal_basis, new.node.legal_basis),
        (ChangeKind.CAPS, old.node.caps, new.node.caps),
    ]
    return [_change(kind, new, old.pointer, new.pointer, was, now) for kind, was, now in values if was != now]


def _stayed(old: _Place, new: _Place, origins: Mapping[str, str]) -> bool:
    """Whether it is below the same node as before, whatever that is now called."""
    return old.parent == (None if new.parent is None else origins.get(new.parent, ""))


def _change(
    kind: ChangeKind,
    place: _Place,
    pointer_from: str | None,
    pointer_to: str | None,
    old: Value | None,
    new: Value | None,
) -> Change:
    return Change(kind, place.node.code, place.node.name_vi, pointer_from, pointer_to, old, new)


def weight_of(node: Node) -> int | None:
    """The maximum as written or, of a node over others, as they sum to; of a bonus or penalty, its cap."""
    return node.resolved_max if node.children else node.max_points


def _ruling(node: Node) -> Ruling | None:
    """None where the nodes below are scored instead."""
    if node.rule is None:
        return None
    return Ruling(node.rule, node.source, node.on_no_data, node.evidence_required)


def _of_set(old: Framework, new: Framework) -> list[Change]:
    values: list[tuple[ChangeKind, Value | None, Value | None]] = [
        (ChangeKind.TOTAL_POINTS, old.total_points, new.total_points),
        (ChangeKind.BANDS, old.bands, new.bands),
        (
            ChangeKind.ROUNDING,
            Rounding(old.decimals, old.item_decimals),
            Rounding(new.decimals, new.item_decimals),
        ),
        (ChangeKind.TIES, Ties(old.tie_method, old.tie_keys), Ties(new.tie_method, new.tie_keys)),
        (ChangeKind.CAPS, old.caps, new.caps),
        (ChangeKind.PROCESS, old.process, new.process),
        (ChangeKind.LEGAL_BASIS, old.legal_basis, new.legal_basis),
    ]
    return [Change(kind, None, None, "", "", was, now) for kind, was, now in values if was != now]
