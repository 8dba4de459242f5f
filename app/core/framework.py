"""A criteria set (bộ chỉ số) and what must hold in it.

Maxima may be unknown (`None`, in `official_partial` sets): a known parent over unknown children
bounds their sum. Such children share one **pool**; an item with a maximum is a pool of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from app.core.errors import Fault
from app.core.rounding import from_scaled
from app.core.rules import (
    Bands,
    Checklist,
    Computed,
    Conjunction,
    Manual,
    MeanPerDossier,
    Options,
    Proportional,
    Rule,
    Survey,
    is_computed,
    names_read,
    off_step,
)
from app.core.rules.complement import Complement
from app.core.types import ItemSource, Need, NoData, ReformArea, TieMethod

LEVELS = ("areas", "criteria", "sub_criteria")


@dataclass(frozen=True, slots=True)
class Node:
    """An area, criterion or sub-criterion; without children it is an item, and has a source and a rule."""

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

    @property
    def resolved_max(self) -> int | None:
        """The maximum as written or, where it is not, the sum of known children; None if unknown."""
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
    """A maximum (scaled) and the items that share it; almost always one."""

    max_points: int
    area: int
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """Xếp loại: reached at `percent` or more of the exact index."""

    label_vi: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Process:
    """Which of the steps that may be left out (giải trình, thẩm định lần 2) a framework asks for."""

    explanation: Need = Need.OPTIONAL
    final_appraisal: Need = Need.OPTIONAL


@dataclass(frozen=True)
class Framework:
    """One version of a criteria set; points are scaled integers."""

    code: str
    version: str
    total_points: int
    decimals: int
    item_decimals: int | None
    tie_method: TieMethod
    tie_keys: tuple[str, ...]
    bands: tuple[Band, ...]
    areas: tuple[Node, ...]
    process: Process = Process()

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
    def _structure(self) -> tuple[dict[str, Item], tuple[Pool, ...]]:
        if unbounded_items(self):
            raise ValueError(f"{self.reference} has items without a maximum")
        items: dict[str, Item] = {}
        pools: list[Pool] = []
        for area_index, area in enumerate(self.areas):
            for maximum, leaves in _pools_of(area):
                pools.append(Pool(maximum, area_index, tuple(leaf.code for leaf in leaves)))
                for leaf in leaves:
                    items[leaf.code] = _item(leaf, len(pools) - 1, area.reform_area)
        order = [leaf.code for area in self.areas for leaf in leaves_of(area)]
        return {code: items[code] for code in order}, tuple(pools)


def leaves_of(node: Node) -> Iterator[Node]:
    """The items below a node, in order."""
    if not node.children:
        yield node
    for child in node.children:
        yield from leaves_of(child)


def unbounded_items(framework: Framework) -> list[str]:
    """Codes of items that no known maximum bounds: a round cannot use such a set."""
    return [code for area in framework.areas for code in _unbounded(area)]


def _unbounded(node: Node) -> Iterator[str]:
    if node.resolved_max is not None:
        return
    if not node.children:
        yield node.code
    for child in node.children:
        yield from _unbounded(child)


def _pools_of(node: Node) -> Iterator[tuple[int, list[Node]]]:
    """(maximum, items that share it) below a node of known maximum."""
    if not node.children:
        yield node.known_max, [node]
        return
    known, unknown = _split(node)
    for part in known:
        yield from _pools_of(part)
    if unknown:
        yield node.known_max - sum(part.known_max for part in known), unknown


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


def check_framework(framework: Framework) -> list[Fault]:
    """Everything that is wrong with a criteria set: codes twice, sums, rules, bands, tie keys."""
    faults = _check_codes(framework)
    total = Node("", "", None, framework.total_points, framework.areas)
    faults += _check_sum(total, "", "framework_total_differs", "areas")
    for node, pointer in walk(framework):
        level = LEVELS[min(pointer.count("/") // 2, len(LEVELS) - 1)]
        faults += _check_sum(node, pointer, "children_do_not_sum", level)
        faults += _check_rule(node, f"{pointer}/rule")
    return faults + _check_bands(framework) + _check_tie_keys(framework)


def _check_codes(framework: Framework) -> list[Fault]:
    first: dict[str, str] = {}
    faults = []
    for node, pointer in walk(framework):
        if node.code in first:
            params = {"node": node.code, "first": first[node.code]}
            faults.append(Fault("code_twice", f"{pointer}/code", params))
        first.setdefault(node.code, pointer)
    return faults


def _check_sum(node: Node, pointer: str, code: str, level: str) -> list[Fault]:
    """Known children must sum to a known parent; unknown ones must leave room."""
    if not node.children or node.max_points is None:
        return []
    maxima = [child.resolved_max for child in node.children]
    total = sum(child.known_max for child in node.children)
    params = {
        "node": node.code,
        "level": level,
        "sum": from_scaled(total),
        "stated": from_scaled(node.max_points),
        "difference": from_scaled(abs(node.max_points - total)),
    }
    parts = " + ".join(str(from_scaled(m)) for m in maxima if m is not None)
    if None in maxima:
        return [Fault("children_exceed_parent", pointer, params)] if total > node.max_points else []
    if total == node.max_points:
        return []
    sign = "+" if total > node.max_points else "-"
    return [Fault(code, pointer, params | {"parts": parts, "sign": sign})]


def _check_rule(node: Node, pointer: str) -> list[Fault]:
    if node.rule is None:
        return []
    faults = _check_computed(node, node.rule, pointer) if is_computed(node.rule) else []
    maximum = node.max_points
    match node.rule:
        case Manual(step=step) if maximum and off_step(node.rule, maximum):
            params = {"node": node.code, "step": from_scaled(step or 0)}
            faults.append(Fault("step_does_not_divide", f"{pointer}/step", params))
        case Bands():
            faults += _check_steps(node, node.rule, pointer)
        case Options(choices=choices):
            faults += _check_heights(node, f"{pointer}/options", [c.points for c in choices])
        case Conjunction(tiers=tiers):
            faults += _check_heights(node, f"{pointer}/tiers", [tier.points for tier in tiers], least_step=0)
        case MeanPerDossier(scores=scores):
            faults += _check_heights(node, f"{pointer}/scores", [points for points, _ in scores])
        case Checklist(parts=parts) if maximum is not None and sum(p.points for p in parts) != maximum:
            params = {
                "node": node.code,
                "sum": from_scaled(sum(part.points for part in parts)),
                "max_points": from_scaled(maximum),
            }
            faults.append(Fault("parts_do_not_sum", f"{pointer}/parts", params))
        case Proportional(full_at=full_at, floor=floor) | Complement(full_at=full_at, floor=floor):
            if floor is not None and floor > full_at:
                params = {"node": node.code, "floor": floor, "full_at": full_at}
                faults.append(Fault("floor_above_full", f"{pointer}/floor", params))
    return faults


def _check_computed(node: Node, rule: Computed, pointer: str) -> list[Fault]:
    """A rule over figures needs its own source, and a maximum."""
    faults = []
    source = ItemSource.SURVEY if isinstance(rule, Survey) else ItemSource.STATISTIC
    if node.source is not source:
        params = {"node": node.code, "needed": source, "source": node.source}
        faults.append(Fault("rate_needs_statistic", pointer, params))
    if node.max_points is None:
        faults.append(Fault("rule_needs_maximum", pointer, {"node": node.code}))
    return faults


def _check_heights(node: Node, pointer: str, heights: list[int], least_step: int = 1) -> list[Fault]:
    """Points of tiers: at most the maximum, and falling (tiers of a conjunction may be alternatives)."""
    faults = []
    for index, points in enumerate(heights):
        here = f"{pointer}/{index}/points"
        if node.max_points is not None and points > node.max_points:
            params = {"points": from_scaled(points), "max_points": from_scaled(node.max_points)}
            faults.append(Fault("points_above_maximum", here, params))
        if index and heights[index - 1] - points < least_step:
            faults.append(Fault("steps_points_not_descending", here, {"node": node.code}))
    return faults


def _check_steps(node: Node, rule: Bands, pointer: str) -> list[Fault]:
    faults = []
    for index, step in enumerate(rule.steps):
        here = f"{pointer}/steps/{index}"
        if node.max_points is not None and step.points > node.max_points:
            params = {"points": from_scaled(step.points), "max_points": from_scaled(node.max_points)}
            faults.append(Fault("points_above_maximum", f"{here}/points", params))
        if index and step.height >= rule.steps[index - 1].height:
            faults.append(Fault("steps_not_descending", here, {"node": node.code}))
        if index and step.points >= rule.steps[index - 1].points:
            faults.append(Fault("steps_points_not_descending", f"{here}/points", {"node": node.code}))
    return faults


def _check_bands(framework: Framework) -> list[Fault]:
    percents = [band.percent for band in framework.bands]
    return [
        Fault("bands_not_descending", f"/bands/{index}/from", {})
        for index in range(1, len(percents))
        if percents[index] >= percents[index - 1]
    ]


def _check_tie_keys(framework: Framework) -> list[Fault]:
    known = {"name", *(f"area:{area.code}" for area in framework.areas)}
    return [
        Fault("unknown_tie_key", f"/ties/keys/{index}", {"key": key, "known": ", ".join(sorted(known))})
        for index, key in enumerate(framework.tie_keys)
        if key not in known
    ]
