"""Where a unit may stand in the tree, by date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from app.core.errors import Fault
from app.core.types import UnitKind

TWO_LEVELS_FROM = date(2025, 7, 1)
"""Local government has two levels from this day: districts end the day before it."""

_GRASSROOTS = frozenset({UnitKind.COMMUNE, UnitKind.WARD, UnitKind.SPECIAL_ZONE})
_ANY = frozenset(UnitKind)
_PARENTS: Mapping[UnitKind, frozenset[UnitKind]] = {
    UnitKind.MINISTRY: frozenset({UnitKind.NATION}),
    UnitKind.PROVINCE: frozenset({UnitKind.NATION}),
    # communes have divisions of their own since 2025 (Circular 06/2026/TT-BNV names that for home affairs)
    UnitKind.DEPARTMENT: frozenset({UnitKind.PROVINCE, UnitKind.DISTRICT, UnitKind.MINISTRY}) | _GRASSROOTS,
    UnitKind.DISTRICT: frozenset({UnitKind.PROVINCE}),
    **dict.fromkeys(_GRASSROOTS, frozenset({UnitKind.DISTRICT, UnitKind.PROVINCE})),
    UnitKind.OTHER: _ANY,
}


class Days(Protocol):
    """Something in force on some days; `valid_to` None is without an end."""

    @property
    def valid_from(self) -> date:
        """The first day."""

    @property
    def valid_to(self) -> date | None:
        """The last day."""


def is_valid_on(days: Days, on: date) -> bool:
    """Whether it is in force on a day."""
    return days.valid_from <= on and (days.valid_to is None or on <= days.valid_to)


def overlap(one: Days, other: Days) -> bool:
    """Whether both are in force on some day."""
    return (one.valid_to is None or one.valid_to >= other.valid_from) and (
        other.valid_to is None or one.valid_from <= other.valid_to
    )


@dataclass(frozen=True, slots=True)
class Placement:
    """A unit version as far as its place in the tree goes."""

    kind: UnitKind
    valid_from: date
    valid_to: date | None


def check_placement(unit: Placement, parent: UnitKind | None) -> list[Fault]:
    """What is wrong with a unit of this kind under a parent of that kind (None: no parent)."""
    if unit.kind is UnitKind.NATION:
        return [] if parent is None else [Fault("nation_has_no_parent", "/parent_code")]
    if parent is None:
        return [Fault("parent_missing", "/parent_code", {"kind": unit.kind})]
    if parent not in _PARENTS[unit.kind]:
        allowed = ", ".join(sorted(_PARENTS[unit.kind]))
        params = {"kind": unit.kind, "parent": parent, "allowed": allowed}
        return [Fault("parent_kind_refused", "/parent_code", params)]
    lasts = unit.valid_to is None or unit.valid_to >= TWO_LEVELS_FROM
    if lasts and unit.kind is UnitKind.DISTRICT:
        return [Fault("district_has_ended", "/valid_to")]
    if lasts and unit.kind in _GRASSROOTS and parent is UnitKind.DISTRICT:
        return [Fault("commune_under_district_has_ended", "/valid_to", {"kind": unit.kind})]
    return []
