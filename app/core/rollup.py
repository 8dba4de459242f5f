"""Roll-up of counts over the unit tree: a unit's `total` row if there is one, else own + children.

Counts are added, never rates. A column that a reporting unit does not know is unknown in the sum.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """A column where the `total` row of a unit and the sum of its parts disagree."""

    unit: str
    column: str
    total: int
    parts: int


@dataclass(frozen=True, slots=True)
class RolledUp:
    """Counts of a unit with everything below it.

    `known_in`: for columns that some reporting units lack, how many know it. `reported` of `expected`
    units of the subtree have figures (a `total` row speaks for its whole subtree).
    """

    counts: dict[str, int] = field(default_factory=dict)
    known_in: dict[str, int] = field(default_factory=dict)
    rows: int = 0
    reported: int = 0
    expected: int = 1
    differences: tuple[Difference, ...] = ()


def roll_up(
    root: str, children: Mapping[str, Sequence[str]], own: Mapping[str, Counts], total: Mapping[str, Counts]
) -> dict[str, RolledUp]:
    """Unit code -> its roll-up, for `root` and all units below it. The tree must be free of cycles."""
    rolled: dict[str, RolledUp] = {}
    for code in reversed(_top_down(root, children)):
        parts = [rolled[child] for child in children.get(code, ())]
        summed = _add(own.get(code), parts)
        stated = total.get(code)
        rolled[code] = summed if stated is None else _stated(code, stated, summed)
    return rolled


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


def _top_down(root: str, children: Mapping[str, Sequence[str]]) -> list[str]:
    order, queue = [root], [root]
    while queue:
        below = list(children.get(queue.pop(), ()))
        order += below
        queue += below
    return order


def _add(own: Counts | None, parts: Sequence[RolledUp]) -> RolledUp:
    known = dict.fromkeys(own, 1) if own is not None else {}
    sums = dict(own) if own is not None else {}
    rows = int(own is not None)
    for part in parts:
        rows += part.rows
        for column, value in part.counts.items():
            sums[column] = sums.get(column, 0) + value
            known[column] = known.get(column, 0) + part.rows
        for column, count in part.known_in.items():
            known[column] = known.get(column, 0) + count
    return RolledUp(
        counts={column: value for column, value in sums.items() if known[column] == rows},
        known_in={column: count for column, count in known.items() if count < rows},
        rows=rows,
        reported=int(own is not None) + sum(part.reported for part in parts),
        expected=1 + sum(part.expected for part in parts),
        differences=tuple(difference for part in parts for difference in part.differences),
    )


def _stated(unit: str, stated: Counts, summed: RolledUp) -> RolledUp:
    """The total row stands; it differs where complete parts disagree, or any parts exceed it."""
    complete = summed.reported == summed.expected
    differences = tuple(
        Difference(unit, column, value, summed.counts[column])
        for column, value in stated.items()
        if column in summed.counts
        and (summed.counts[column] > value or (complete and summed.counts[column] != value))
    )
    return RolledUp(dict(stated), {}, 1, summed.expected, summed.expected, differences)
