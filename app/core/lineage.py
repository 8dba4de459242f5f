"""Which units of an earlier day a unit came from, and whether it is the same one still."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from app.core.units import is_valid_on


class Step(NamedTuple):
    """One version of a unit became another. A version that became several was split."""

    from_code: str
    from_valid_from: date
    to_code: str
    to_valid_from: date
    kind: str


class Version(NamedTuple):
    """A unit from one day to another, both among its days."""

    code: str
    valid_from: date
    valid_to: date | None
    jurisdiction: str


class Origins(NamedTuple):
    """`units`: codes on the earlier day. `split`: units that became several: their figures cannot be divided
    among these. `others`: its code, where that was another unit then. `is_same`: it was one unit all along,
    under whatever code."""

    units: tuple[str, ...]
    split: tuple[str, ...]
    others: tuple[str, ...] = ()
    is_same: bool = True


_CONTINUING = frozenset({"continue", "rename"})


class Lineage:
    """What became of units: the steps and the versions after a day.

    A version that no step leads to continues that of its code which ended the day before, unless this one
    became something else.
    """

    def __init__(self, steps: Iterable[Step], versions: Iterable[Version] = ()) -> None:
        self.versions = tuple(versions)
        self._before: dict[tuple[str, date], list[Step]] = {}
        self._after: dict[tuple[str, date], set[str]] = {}
        for step in steps:
            self._before.setdefault((step.to_code, step.to_valid_from), []).append(step)
            self._after.setdefault((step.from_code, step.from_valid_from), set()).add(step.to_code)
        self._of_code: dict[str, list[Version]] = {}
        for version in self.versions:
            self._of_code.setdefault(version.code, []).append(version)

    def origins(self, unit: tuple[str, date], day: date) -> Origins:
        """The units of a day that a version (code, first day) came from."""
        units, split, others, queue, seen = set(), set(), set(), [unit], {unit}
        is_same = True
        while queue:
            code, since = queue.pop()
            if since <= day:
                units.add(code)
                continue
            steps = self._steps_to(code, since)
            is_same &= len(steps) == 1 and steps[0].kind in _CONTINUING
            if not steps and self._stood(code, day):
                others.add(code)
            for step in steps:
                origin = (step.from_code, step.from_valid_from)
                if step.kind == "split" or len(self._after.get(origin, ())) > 1:
                    split.add(step.from_code)
                if origin not in seen:
                    seen.add(origin)
                    queue.append(origin)
        is_same &= not split
        return Origins(tuple(sorted(units)), tuple(sorted(split)), tuple(sorted(others)), is_same)

    def _steps_to(self, code: str, since: date) -> list[Step]:
        known = self._before.get((code, since))
        if known:
            return known
        ended = since - timedelta(days=1)
        previous = (v.valid_from for v in self._of_code.get(code, ()) if v.valid_to == ended)
        return [
            Step(code, start, code, since, "continue")
            for start in previous
            if (code, start) not in self._after
        ]

    def _stood(self, code: str, day: date) -> bool:
        return any(is_valid_on(version, day) for version in self._of_code.get(code, ()))

    def list_begun(self, after: date, on: date) -> list[Version]:
        """The versions in force on a day that began after another."""
        return [v for v in self.versions if after < v.valid_from and is_valid_on(v, on)]

    def had_code(self, version: Version) -> bool:
        """Whether an earlier version had the code."""
        return any(v.valid_from < version.valid_from for v in self._of_code[version.code])

    def trace_code(self, code: str, on: date, day: date) -> Origins:
        """The units of a day that the unit of a code on another day came from."""
        since = [v.valid_from for v in self._of_code.get(code, ()) if v.valid_from <= on]
        if not since or max(since) <= day:
            return Origins((code,), ())
        return self.origins((code, max(since)), day)

    def origins_of_code(self, code: str, on: date, day: date) -> tuple[str, ...]:
        """As `trace_code`; () where their figures cannot be told apart from those of others."""
        origins = self.trace_code(code, on, day)
        return () if origins.split or origins.others else origins.units

    def was_same(self, code: str, on: date, day: date) -> bool:
        """Whether the code was on an earlier day the unit that it is on another."""
        origins = self.trace_code(code, on, day)
        return origins.is_same and origins.units == (code,)
