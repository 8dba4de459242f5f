"""Which units of an earlier day a unit of today came from."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple


class Step(NamedTuple):
    """One version of a unit became another. A version that became several was split."""

    from_code: str
    from_valid_from: date
    to_code: str
    to_valid_from: date
    kind: str


class Origins(NamedTuple):
    """`units`: codes on the earlier day. `split`: units that became several: their figures cannot be divided
    among these."""

    units: tuple[str, ...]
    split: tuple[str, ...]


def find_origins(unit: tuple[str, date], day: date, steps: Iterable[Step]) -> Origins:
    """The units of a day that a version (code, first day) of a unit came from. `steps`: after the day."""
    before: dict[tuple[str, date], list[Step]] = {}
    after: dict[tuple[str, date], set[str]] = {}
    for step in steps:
        before.setdefault((step.to_code, step.to_valid_from), []).append(step)
        after.setdefault((step.from_code, step.from_valid_from), set()).add(step.to_code)
    units, split, queue, seen = set(), set(), [unit], {unit}
    while queue:
        version = queue.pop()
        code, since = version
        known = before.get(version, []) if since > day else []
        if not known:
            units.add(code)
        for step in known:
            origin = (step.from_code, step.from_valid_from)
            if step.kind == "split" or len(after[origin]) > 1:
                split.add(step.from_code)
            if origin not in seen:
                seen.add(origin)
                queue.append(origin)
    return Origins(tuple(sorted(units)), tuple(sorted(split)))
