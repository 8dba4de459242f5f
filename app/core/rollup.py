"""Roll-up of counts over the unit tree: a unit's `total` row if there is one, else own + children.

Counts are added, never rates. A column that a reporting unit does not know is unknown in the sum.
"""

from collections.abc import Container, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

Counts = Mapping[str, int]
_NONE: Counts = MappingProxyType({})


class Difference(NamedTuple):
    """A column where the `total` row of a unit and the sum of its parts disagree."""

    unit: str
    column: str
    total: int
    parts: int


class RolledUp(NamedTuple):
    """Counts of a unit with everything below it.

    `known_in`: for columns that some reporting units lack, how many know it. `reported` of `expected`
    units of the subtree have figures (a `total` row speaks for its whole subtree).
    """

    counts: Counts = _NONE
    known_in: Counts = _NONE
    rows: int = 0
    reported: int = 0
    expected: int = 1
    differences: tuple[Difference, ...] = ()


def roll_up(
    root: str,
    children: Mapping[str, Sequence[str]],
    own: Mapping[str, Counts],
    total: Mapping[str, Counts],
    known: Mapping[str, RolledUp] = MappingProxyType({}),
) -> dict[str, RolledUp]:
    """Unit code -> its roll-up, for `root` and all units below it; those that are `known` are taken as they
    are. The tree must be free of cycles."""
    rolled: dict[str, RolledUp] = {}
    for code in reversed(list_below(root, children)):
        if code in known:
            rolled[code] = known[code]
            continue
        parts = [rolled[child] for child in children.get(code, ())]
        summed = _add(own.get(code), parts)
        stated = total.get(code)
        rolled[code] = summed if stated is None else _stated(code, stated, summed)
    return rolled


def merge(parts: Sequence[RolledUp]) -> RolledUp:
    """Several roll-ups that have nothing in common, as one."""
    if len(parts) == 1:
        return parts[0]
    merged = _add(None, parts)
    return merged._replace(expected=max(merged.expected - 1, 0))


def sum_units(units: Sequence[str], own: Mapping[str, Counts]) -> RolledUp:
    """The own counts of some units, without those below them."""
    return merge([_add(own.get(unit), ()) for unit in units])


def counted_rows(
    root: str, children: Mapping[str, Sequence[str]], own: Container[str], total: Container[str]
) -> list[tuple[str, bool]]:
    """(unit, whether it is its `total` row): the rows that the roll-up of `root` adds, from the top down."""
    rows: list[tuple[str, bool]] = []
    queue = [root]
    while queue:
        unit = queue.pop(0)
        if unit in total:
            rows.append((unit, True))
            continue
        if unit in own:
            rows.append((unit, False))
        queue += children.get(unit, ())
    return rows


def list_below(root: str, children: Mapping[str, Sequence[str]]) -> list[str]:
    """A unit and all below it, every one after the one above."""
    order, queue = [root], [root]
    while queue:
        below = list(children.get(queue.pop(), ()))
        order += below
        queue += below
    return order


def _add(own: Counts | None, parts: Sequence[RolledUp]) -> RolledUp:
    if not parts:
        return RolledUp() if own is None else RolledUp(own, {}, 1, 1)
    rows = int(own is not None) + sum(part.rows for part in parts)
    counts, known_in = _sum_columns(own, parts, rows)
    return RolledUp(
        counts=counts,
        known_in=known_in,
        rows=rows,
        reported=int(own is not None) + sum(part.reported for part in parts),
        expected=1 + sum(part.expected for part in parts),
        differences=tuple(difference for part in parts for difference in part.differences),
    )


def _sum_columns(own: Counts | None, parts: Sequence[RolledUp], rows: int) -> tuple[Counts, Counts]:
    """(sums of the columns that all rows know, in how many rows the others are known)."""
    known_in = [part.known_in for part in parts if part.known_in]
    added = [part.counts for part in parts if part.rows] + ([] if own is None else [own])
    names = list(added[0]) if added else []
    if not known_in and all(list(counts) == names for counts in added):
        # most reports have the same columns: then the interpreter need not look at each number
        sums = map(sum, zip(*(counts.values() for counts in added), strict=True))
        return dict(zip(names, sums, strict=True)), {}
    known: dict[str, int] = {}
    totals: dict[str, int] = {}
    for counts, number in [(own or {}, 1), *((part.counts, part.rows) for part in parts)]:
        for column, value in counts.items():
            totals[column] = totals.get(column, 0) + value
            known[column] = known.get(column, 0) + number
    for partly in known_in:
        for column, number in partly.items():
            known[column] = known.get(column, 0) + number
    whole = {column: value for column, value in totals.items() if known[column] == rows}
    return whole, {column: number for column, number in known.items() if number < rows}


def _stated(unit: str, stated: Counts, summed: RolledUp) -> RolledUp:
    """The total row stands; it differs where complete parts disagree, or any parts exceed it."""
    complete = summed.reported == summed.expected
    differences = tuple(
        Difference(unit, column, value, summed.counts[column])
        for column, value in stated.items()
        if column in summed.counts
        and (summed.counts[column] > value or (complete and summed.counts[column] != value))
    )
    return RolledUp(stated, {}, 1, summed.expected, summed.expected, differences)
