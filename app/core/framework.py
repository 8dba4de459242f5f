"""A criteria set (bộ chỉ số): its nodes, items, and the maxima that they share.

Maxima may be unknown (`None`, in `official_partial` sets): a known parent over unknown children
bounds their sum. Such children share one **pool**; an item with a maximum is a pool of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from app.core.law import LegalBasis
from app.core.rules import (
    Rule,
    is_computed,
    names_read,
    sign_of,
)
from app.core.types import ItemSource, Need, NoData, ReformArea, TieMethod, UnitKind

LEVELS = ("areas", "criteria", "sub_criteria")


@dataclass(frozen=True, slots=True)
class Caps:
    """Scaled points that all bonuses, and all penalties, of an area or a whole set come to at most."""

    bonus: int | None = None
    penalty: int | None = None

    def apply(self, bonus: int, penalty: int) -> tuple[int, int]:
        """(bonus, penalty) as far as they count."""
        return (
            bonus if self.bonus is None else min(bonus, self.bonus),
            penalty if self.penalty is None else min(penalty, self.penalty),
        )


@dataclass(frozen=True, slots=True)
class Node:
    """An area, criterion or sub-criterion; without children it is an item, and has a source and a rule.

    `rule_basis`: whether a source states the rule or it is inferred; `caps` belong to areas.
    """

    code: str
    name_vi: str
    name_en: str | None
    max_points: int | None
    children: tuple["Node", ...] = ()
    source: ItemSource | None = None
    rule: Rule | None = None
    reform_area: ReformArea | None = None
    evidence_required: bool = False
    on_no_data: NoData = NoData.MISSING
    legal_basis: tuple[LegalBasis, ...] = ()
    rule_basis: str | None = None
    note_vi: str | None = None
    caps: Caps = Caps()

    @property
    def resolved_max(self) -> int | None:
        """The maximum as written or, where it is not, the sum of known children; None if unknown.

        Points beside the scale have a cap, but no part in a maximum.
        """
        if sign_of(self.rule):
            return 0
        if self.max_points is not None or not self.children:
            return self.max_points
        maxima = [child.resolved_max for child in self.children]
        return None if None in maxima else sum(m for m in maxima if m is not None)

    @property
    def known_max(self) -> int:
        """The maximum or, where it is unknown, what the known parts below come to."""
        known = self.resolved_max
        return sum(child.known_max for child in self.children) if known is None else known


@dataclass(frozen=True, slots=True)
class Item:
    """A node that is scored. `pool` indexes Framework.pools."""

    code: str
    name_vi: str
    source: ItemSource
    rule: Rule
    max_points: int | None
    pool: int
    evidence_required: bool = False
    reform_area: ReformArea | None = None
    on_no_data: NoData = NoData.MISSING


@dataclass(frozen=True, slots=True)
class Pool:
    """A maximum (scaled) and the items that share it; almost always one.

    `sign`: 0, or 1 and -1 for bonus and penalty, whose maximum is a cap beside the scale.
    """

    max_points: int
    area: int
    items: tuple[str, ...]
    sign: int = 0


@dataclass(frozen=True, slots=True)
class Band:
    """Xếp loại: reached at `percent` or more of the exact index. `label_vi` None: the sources do not say what
    lies there."""

    label_vi: str | None
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Process:
    """Which of the steps that may be left out (giải trình, thẩm định lần 2) a framework asks for."""

    explanation: Need = Need.OPTIONAL
    final_appraisal: Need = Need.OPTIONAL


@dataclass(frozen=True, slots=True)
class Applies:
    """The days that are assessed by a set, both ends included; `end` is None where none is known."""

    start: date
    end: date | None = None


@dataclass(frozen=True)
class Framework:
    """One version of a criteria set; points are scaled integers.

    `level`, `status`, `applies` decide no number: who is assessed by it, how official it is, and when.
    """

    code: str
    version: str
    total_points: int | None
    decimals: int
    item_decimals: int | None
    tie_method: TieMethod
    tie_keys: tuple[str, ...]
    bands: tuple[Band, ...]
    areas: tuple[Node, ...]
    process: Process = Process()
    caps: Caps = Caps()
    legal_basis: tuple[LegalBasis, ...] = ()
    level: UnitKind | None = None
    status: str | None = None
    applies: Applies | None = None

    @property
    def reference(self) -> str:
        """`code@version`."""
        return f"{self.code}@{self.version}"

    @cached_property
    def items(self) -> dict[str, Item]:
        """Items by code, in the order of the document. Raises ValueError where one has no maximum."""
        return self._structure[0]

    @cached_property
    def pools(self) -> tuple[Pool, ...]:
        """Maxima that may be scored against. Raises ValueError where an item has none."""
        return self._structure[1]

    @cached_property
    def shared_pools(self) -> dict[str, Pool]:
        """Node of known maximum -> the pool that several unknown ones below it share."""
        return self._structure[2]

    @cached_property
    def has_extras(self) -> bool:
        """Whether there are points beside the scale."""
        return any(pool.sign for pool in self.pools)

    @cached_property
    def computed_items(self) -> tuple[Item, ...]:
        """Items that figures score."""
        return tuple(item for item in self.items.values() if is_computed(item.rule))

    @cached_property
    def rates(self) -> frozenset[str]:
        """Names of all rates that rules read."""
        return frozenset[str]().union(*(names_read(item.rule)[0] for item in self.computed_items))

    @cached_property
    def figures(self) -> frozenset[str]:
        """Names of all figures that rules read."""
        return frozenset[str]().union(*(names_read(item.rule)[1] for item in self.computed_items))

    @cached_property
    def _structure(self) -> tuple[dict[str, Item], tuple[Pool, ...], dict[str, Pool]]:
        if unbounded_items(self):
            raise ValueError(f"{self.reference} has items without a maximum")
        items: dict[str, Item] = {}
        pools: list[Pool] = []
        shared: dict[str, Pool] = {}
        for area_index, area in enumerate(self.areas):
            for owner, maximum, leaves in _pools_of(area):
                codes = tuple(leaf.code for leaf in leaves)
                pools.append(Pool(maximum, area_index, codes, sign_of(leaves[0].rule)))
                if len(leaves) > 1:
                    shared[owner] = pools[-1]
                for leaf in leaves:
                    items[leaf.code] = _item(leaf, len(pools) - 1, area.reform_area)
        order = [leaf.code for area in self.areas for leaf in leaves_of(area)]
        return {code: items[code] for code in order}, tuple(pools), shared


def leaves_of(node: Node) -> Iterator[Node]:
    """The items below a node, in order."""
    if not node.children:
        yield node
    for child in node.children:
        yield from leaves_of(child)


def unbounded_items(framework: Framework) -> list[str]:
    """Codes of items that no known maximum bounds: a round cannot use such a set.

    Where the total is not known, more items than those written may belong to it: the set itself is named.
    """
    unknown = [framework.reference] if framework.total_points is None else []
    return unknown + [code for area in framework.areas for code in _unbounded(area)]


def _unbounded(node: Node) -> Iterator[str]:
    if node.resolved_max is not None:
        return
    if not node.children:
        yield node.code
    for child in node.children:
        yield from _unbounded(child)


def _pools_of(node: Node) -> Iterator[tuple[str, int, list[Node]]]:
    """(node that has it, maximum, items that share it) for a node of known maximum and those below."""
    if not node.children:
        yield node.code, node.max_points or 0, [node]
        return
    known, unknown = _split(node)
    for part in known:
        yield from _pools_of(part)
    if unknown:
        yield node.code, node.known_max - sum(part.known_max for part in known), unknown


def _split(node: Node) -> tuple[list[Node], list[Node]]:
    """(nodes of known maximum, items of unknown maximum) below a node, the known ones not taken apart."""
    known: list[Node] = []
    unknown: list[Node] = []
    for child in node.children:
        if child.resolved_max is not None:
            known.append(child)
        elif child.children:
            parts = _split(child)
            known += parts[0]
            unknown += parts[1]
        else:
            unknown.append(child)
    return known, unknown


def _item(leaf: Node, pool: int, reform_area: ReformArea | None) -> Item:
    assert leaf.source is not None  # noqa: S101 - a leaf is an item
    assert leaf.rule is not None  # noqa: S101
    return Item(
        leaf.code,
        leaf.name_vi,
        leaf.source,
        leaf.rule,
        leaf.max_points,
        pool,
        leaf.evidence_required,
        reform_area,
        leaf.on_no_data,
    )


def walk(framework: Framework) -> Iterator[tuple[Node, str]]:
    """Every node with its JSON pointer."""
    yield from _walk(framework.areas, "", 0)


def _walk(nodes: tuple[Node, ...], pointer: str, level: int) -> Iterator[tuple[Node, str]]:
    for index, node in enumerate(nodes):
        here = f"{pointer}/{LEVELS[level]}/{index}"
        yield node, here
        yield from _walk(node.children, here, level + 1)
