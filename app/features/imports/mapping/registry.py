"""The registry of units as it would be with all rows of a file in it: the order of rows does not matter."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from app.core.access import NATION, Grant
from app.core.errors import Fault
from app.core.types import ClientScope
from app.core.units import is_valid_on, overlap
from app.features.units.mapping import (
    check_children,
    check_unit,
    check_uses,
    close_open_version,
    list_jurisdictions,
)
from app.features.units.schemas import UnitWrite
from app.infra.auth import Caller
from app.infra.errors import AppError

Uses = Mapping[str, Sequence[tuple[str, date | None]]]


@dataclass(slots=True)
class Planned:
    """A version of a unit."""

    unit_code: str
    valid_from: date
    valid_to: date | None
    kind: str
    name_vi: str
    name_en: str | None
    parent_code: str | None
    jurisdiction_code: str
    groups: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file."""

    position: int
    code: str
    unit: UnitWrite


class PlannedRegistry:
    """Versions of units by code, to be changed without the database."""

    def __init__(self, versions: Iterable[Planned], uses: Uses) -> None:
        self.uses = uses
        self.by_code: dict[str, list[Planned]] = {}
        self.below: dict[str, set[str]] = {}
        for version in versions:
            self._add(version)

    def _add(self, version: Planned) -> None:
        self.by_code.setdefault(version.unit_code, []).append(version)
        if version.parent_code is not None:
            self.below.setdefault(version.parent_code, set()).add(version.unit_code)

    def copy(self) -> "PlannedRegistry":
        """The same versions, to be changed apart."""
        return PlannedRegistry(
            (replace(v) for versions in self.by_code.values() for v in versions), self.uses
        )

    def list_versions(self, codes: Iterable[str]) -> list[Planned]:
        """All versions of some codes."""
        return [version for code in sorted(set(codes)) for version in self.by_code.get(code, ())]

    def list_children(self, code: str) -> list[Planned]:
        """All versions that name `code` as their parent."""
        return [v for v in self.list_versions(self.below.get(code, ())) if v.parent_code == code]

    def list_uses(self, code: str) -> Sequence[tuple[str, date | None]]:
        """(jurisdiction, day) in which a unit is relied on."""
        return self.uses.get(code, ())

    def find(self, code: str, on: date) -> Planned | None:
        """The version of a code on a day."""
        return next((v for v in self.by_code.get(code, ()) if is_valid_on(v, on)), None)

    def find_begun(self, code: str, on: date) -> Planned | None:
        """The version that begins on a day."""
        return next((v for v in self.by_code.get(code, ()) if v.valid_from == on), None)

    def put(self, row: Row) -> list[date]:
        """A version of a row in its place; when those began that it ends."""
        versions = [v for v in self.by_code.get(row.code, ()) if v.valid_from != row.unit.valid_from]
        ended = close_open_version(versions, row.unit)
        self.by_code[row.code] = []
        for version in sorted([*versions, as_planned(row)], key=lambda v: v.valid_from):
            self._add(version)
        return ended

    def place(self, rows: Iterable[Row]) -> None:
        """The provinces of new versions, parents first."""
        left = {row.code: row for row in rows}
        while left:
            self._place(left.popitem()[1], left)

    def _place(self, row: Row, left: dict[str, Row]) -> None:
        parent = row.unit.parent_code
        above = left.pop(parent, None) if parent else None
        if above is not None:
            self._place(above, left)
        for version in self.by_code[row.code]:
            if not version.jurisdiction_code:
                parents = [p for p in self.by_code.get(version.parent_code or "", ()) if overlap(p, version)]
                found = list_jurisdictions(row.code, version.kind, parents)
                version.jurisdiction_code = NATION if version.parent_code is None else min(found, default="")

    def is_reached(self, grants: Sequence[Grant], code: str, on: date) -> bool:
        """Whether grants reach a unit on a day, as `units.reach_of` says of the database."""
        version = self.find(code, on)
        if version is None or any(g.group in version.groups for g in grants if g.group):
            return version is not None
        roots, seen = {grant.unit for grant in grants if grant.unit}, set[str]()
        while version is not None and version.unit_code not in seen:
            if version.unit_code in roots:
                return True
            seen.add(version.unit_code)
            version = self.find(version.parent_code, on) if version.parent_code else None
        return False


def as_planned(row: Row, jurisdiction: str = "") -> Planned:
    """The version of a row; its province is to be found."""
    said: dict[str, Any] = row.unit.model_dump(exclude={"groups"})
    groups = sorted(set(row.unit.groups))
    return Planned(unit_code=row.code, jurisdiction_code=jurisdiction, groups=groups, **said)


Ended = dict[int, list[date]]


def plan(
    before: PlannedRegistry, rows: Sequence[Row], by: Caller
) -> tuple[PlannedRegistry, Ended, dict[int, list[Fault]]]:
    """(the registry with all good rows, position -> when the versions began that it ends, position -> what is
    wrong). Whatever stands on a bad row is checked again without it."""
    faults: dict[int, list[Fault]] = {}
    while True:
        good = [row for row in rows if row.position not in faults]
        after, ended = _put(before, good)
        found = _check(before, after, good, by)
        if not found:
            return after, ended, faults
        faults |= found


def _put(before: PlannedRegistry, rows: Sequence[Row]) -> tuple[PlannedRegistry, Ended]:
    after = before.copy()
    ordered = sorted(rows, key=lambda row: (row.unit.valid_from, row.code))
    ended = {row.position: after.put(row) for row in ordered}
    after.place(ordered)
    return after, ended


def _check(
    before: PlannedRegistry, after: PlannedRegistry, rows: Sequence[Row], by: Caller
) -> dict[int, list[Fault]]:
    """First each row by itself, then what else it touches: a parent is not to blame for its children."""
    found = {}
    for row in rows:
        versions = after.by_code[row.code]
        faults = _refuse_right(before, after, row, by)
        faults = faults or _faults(partial(check_unit, after, row.code, row.unit, versions))
        if faults:
            found[row.position] = faults
    for row in () if found else rows:
        faults = _faults(partial(check_children, after, row.code))
        faults += _faults(partial(check_uses, after, row.code))
        if faults:
            found[row.position] = faults
    return found


def _faults(check: Callable[[], object]) -> list[Fault]:
    try:
        check()
    except AppError as error:
        return error.faults or [Fault(error.code, "", error.params)]
    return []


def _refuse_right(before: PlannedRegistry, after: PlannedRegistry, row: Row, by: Caller) -> list[Fault]:
    """Whoever changes the registry reaches the unit and its place, and does not widen his own reach."""
    scope, on = ClientScope.UNITS_WRITE, row.unit.valid_from
    if not by.everywhere(scope):
        place = _standing_above(before, after, row)
        named = [place, *([row.code] if row.code in before.by_code else [])]
        outside = [code for code in named if not before.is_reached(by.having(scope), code, on)]
        if outside:
            return [Fault("row_outside_scope", "/code", {"unit": outside[0]})]
    if by.is_admin or row.code not in before.by_code:
        return []
    bound = {grant.scope for grant in by.grants if not grant.everywhere}
    day = row.unit.valid_to or on
    wider = sorted(
        scope
        for scope in bound
        if after.is_reached(by.having(scope), row.code, day)
        and not before.is_reached(by.having(scope), row.code, day)
    )
    return [Fault("reach_widened", "", {"unit": row.code, "scopes": ", ".join(wider)})] if wider else []


def _standing_above(before: PlannedRegistry, after: PlannedRegistry, row: Row) -> str:
    """The unit above that stands already: parents may be new with the file."""
    code, seen = row.unit.parent_code or NATION, set[str]()
    while code not in before.by_code and code not in seen:
        seen.add(code)
        version = after.find(code, row.unit.valid_from)
        code = NATION if version is None or version.parent_code is None else version.parent_code
    return code
