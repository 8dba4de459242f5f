"""What changes from one version of a criteria set to another: added, removed, re-weighted, re-ruled, more."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.core.framework import Applies, Band, Caps, Framework, Node, Process
from app.core.law import LegalBasis
from app.core.matching import Place, match_places, places_of
from app.core.rules import Rule
from app.core.types import ItemSource, NoData, TieMethod, UnitKind


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
    APPLIES = "applies"
    LEVEL = "level"
    STATUS = "status"


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


Member = (
    Node | Ruling | Caps | Rounding | Ties | Process | Applies | tuple[Band, ...] | tuple[LegalBasis, ...]
)
Value = Member | UnitKind | str | int


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


def compare(old: Framework, new: Framework) -> list[Change]:
    """Changes of the set, then of nodes in the order of `new`, then what is gone in the order of `old`.

    Both are sets without faults: a code stands once.
    """
    before, after = places_of(old), places_of(new)
    origins = match_places(before, after, by_code=old.code == new.code)
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


def _of_node(old: Place, new: Place, origins: Mapping[str, str]) -> list[Change]:
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


def _stayed(old: Place, new: Place, origins: Mapping[str, str]) -> bool:
    """Whether it is below the same node as before, whatever that is now called."""
    return old.parent == (None if new.parent is None else origins.get(new.parent, ""))


def _change(
    kind: ChangeKind,
    place: Place,
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
        (ChangeKind.APPLIES, old.applies, new.applies),
        (ChangeKind.LEVEL, old.level, new.level),
        (ChangeKind.STATUS, old.status, new.status),
    ]
    return [Change(kind, None, None, "", "", was, now) for kind, was, now in values if was != now]
