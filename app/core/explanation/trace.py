"""An index with the way to it: every node of the criteria set with its points and what they rest on.

The totals are those of `compute_index` to the last digit: both add up what `tally_pool` gives.
"""

from enum import StrEnum
from typing import NamedTuple

from app.core.entry import Entry
from app.core.framework import Framework, Item, Node
from app.core.index import cut_off, tally_pool
from app.core.rounding import quantise
from app.core.rules import is_computed
from app.core.scoring import Entries, counting_stage, effective_entry
from app.core.types import Stage


class NodeStatus(StrEnum):
    """How far the points of a node can be relied on; of a node with children: as far as the weakest below."""

    MISSING = "missing"
    AWAITING_APPRAISAL = "awaiting_appraisal"
    ESTIMATED = "estimated"
    FINAL = "final"
    NOT_APPLICABLE = "not_applicable"


_STRENGTH = {status: strength for strength, status in enumerate(NodeStatus)}


class Traced(NamedTuple):
    """A node with its scaled points, applicable maximum and open points.

    `bonus` and `penalty`: what of the points stands beside the scale. `shares_maximum`: the maximum is not
    known, it lies in that of a node above. `item`, `stage`, `entry`: of an item, and what counts.
    """

    node: Node
    points: int
    max_points: int
    open_points: int
    status: NodeStatus
    bonus: int = 0
    penalty: int = 0
    shares_maximum: bool = False
    item: Item | None = None
    stage: Stage | None = None
    entry: Entry | None = None
    children: tuple["Traced", ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether this is the whole set, above its areas."""
        return not self.node.code

    @property
    def lost_points(self) -> int | None:
        """Scaled points that were not given of the maximum, or that a penalty takes: what still waits for a
        score is not lost. None where the maximum is not known."""
        return None if self.shares_maximum else max(0, self.max_points - self.points - self.open_points)


def trace_index(framework: Framework, entries: Entries, final: bool) -> Traced:
    """The whole set as a node above its areas. `final`: whether the round is approved."""
    areas = tuple(_trace(framework, entries, final, area) for area in framework.areas)
    whole = Node("", "", None, framework.total_points, framework.areas, caps=framework.caps)
    traced = _add_up(framework, entries, whole, areas)
    base = traced.points - traced.bonus + traced.penalty
    return traced._replace(points=cut_off(traced.max_points, base, traced.bonus, traced.penalty))


def _trace(framework: Framework, entries: Entries, final: bool, node: Node) -> Traced:
    if not node.children:
        return _trace_item(framework, entries, final, node)
    children = tuple(_trace(framework, entries, final, child) for child in node.children)
    return _add_up(framework, entries, node, children)


def _trace_item(framework: Framework, entries: Entries, final: bool, node: Node) -> Traced:
    item = framework.items[node.code]
    pool = framework.pools[item.pool]
    stage = counting_stage(item, entries)
    entry = None if stage is None else entries[item.code, stage]
    status = _status_of(item, stage, entry, pool.sign != 0, final)
    if len(pool.items) > 1:
        points = _points_of(framework, entries, item)
        return Traced(node, points, 0, 0, status, shares_maximum=True, item=item, stage=stage, entry=entry)
    points, max_points, open_points = tally_pool(framework, pool, entries)
    if pool.sign:
        max_points = open_points = 0
    return Traced(
        node,
        points * (pool.sign or 1),
        max_points,
        open_points,
        status,
        bonus=points if pool.sign > 0 else 0,
        penalty=points if pool.sign < 0 else 0,
        item=item,
        stage=stage,
        entry=entry,
    )


def _status_of(item: Item, stage: Stage | None, entry: Entry | None, beside: bool, final: bool) -> NodeStatus:
    """Until the approval everything may move. A bonus or penalty that nobody wrote down is none; one that a
    figure counts waits for it."""
    if stage is None or entry is None:
        nobody = beside and not is_computed(item.rule)
        return NodeStatus.NOT_APPLICABLE if nobody else NodeStatus.MISSING
    if entry.not_applicable:
        return NodeStatus.NOT_APPLICABLE
    if final:
        return NodeStatus.FINAL
    return NodeStatus.AWAITING_APPRAISAL if stage is Stage.SELF else NodeStatus.ESTIMATED


def _points_of(framework: Framework, entries: Entries, item: Item) -> int:
    entry = effective_entry(item, entries)
    return quantise((entry.points or 0) if entry else 0, framework.item_decimals)


def _add_up(framework: Framework, entries: Entries, node: Node, children: tuple[Traced, ...]) -> Traced:
    """Points of the scale are added; those beside it as far as the caps of the node let them count."""
    base = max_points = open_points = bonus = penalty = 0
    for child in children:
        base += child.points - child.bonus + child.penalty
        max_points += child.max_points
        open_points += child.open_points
        bonus += child.bonus
        penalty += child.penalty
    pool = framework.shared_pools.get(node.code)
    if pool is not None:
        points, maximum, waiting = tally_pool(framework, pool, entries)
        base += points - sum(_points_of(framework, entries, framework.items[code]) for code in pool.items)
        max_points, open_points = max_points + maximum, open_points + waiting
    bonus, penalty = node.caps.apply(bonus, penalty)
    return Traced(
        node,
        base + bonus - penalty,
        max_points,
        open_points,
        _weakest(children),
        bonus,
        penalty,
        shares_maximum=pool is None and any(child.shares_maximum for child in children),
        children=children,
    )


def _weakest(children: tuple[Traced, ...]) -> NodeStatus:
    return min({child.status for child in children}, key=_STRENGTH.__getitem__)
