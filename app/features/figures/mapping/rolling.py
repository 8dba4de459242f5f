"""Counts of single units -> those of a tree, and of its levels and fields."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from app.core.periods import Period
from app.core.rollup import RolledUp, list_below, merge, roll_up, sum_units
from app.core.types import Scope, UnitKind
from app.features.figures.mapping.composing import Figure, Raw, of_field, put_together

Figures = Mapping[tuple[str, str], Figure]
"""(unit, scope) -> its counts."""


def roll_up_figures(
    root: str,
    children: Mapping[str, list[str]],
    figures: Figures,
    known: Mapping[str, RolledUp] = MappingProxyType({}),
) -> dict[str, RolledUp]:
    """Counts of `root` and all units below it; the roll-ups that are `known` are taken as they are."""
    whole = {key: figure.counts for key, figure in figures.items() if figure.is_whole}
    own = {unit: counts for (unit, scope), counts in whole.items() if scope == Scope.OWN}
    total = {unit: counts for (unit, scope), counts in whole.items() if scope == Scope.TOTAL}
    return roll_up(root, children, own, total, known)


def counted_figures(root: str, children: Mapping[str, list[str]], figures: Figures) -> list[Figure]:
    """The figures that the roll-up of `root` adds or lacks, from the top down."""
    found, queue = [], [root]
    while queue:
        unit = queue.pop(0)
        own, total = (figures.get((unit, scope)) for scope in (Scope.OWN, Scope.TOTAL))
        found += [] if total is None else [total]
        if total is not None and total.is_whole:
            continue
        found += [] if own is None else [own]
        queue += children.get(unit, ())
    return found


def without(children: Mapping[str, list[str]], figures: Figures, units: Iterable[str]) -> Figures:
    """The figures but for those of some units and of all below them."""
    gone = {below for unit in units for below in list_below(unit, children)}
    return {key: figure for key, figure in figures.items() if key[0] not in gone} if gone else figures


def missing_units(root: str, children: Mapping[str, list[str]], figures: Figures) -> list[str]:
    """Units without complete figures, those above first; a `total` row speaks for every unit below."""
    missing, queue = [], [root]
    while queue:
        unit, *queue = queue
        own, total = (figures.get((unit, scope)) for scope in (Scope.OWN, Scope.TOTAL))
        if total is not None and total.is_whole:
            continue
        if own is None or not own.is_whole:
            missing.append(unit)
        queue += children.get(unit, ())
    return missing


def months_reported(
    counted: Sequence[Figure], below: Mapping[str, RolledUp], children: Mapping[str, list[str]]
) -> int:
    """Months of units that have figures; a `total` row speaks for every unit below. Where it lacks months,
    the units below may know more of them."""
    months: dict[str, int] = {}
    for figure in reversed(counted):
        unit, number = figure.unit, figure.composed.months
        if figure.scope == Scope.TOTAL:
            known = sum(months.pop(code, 0) for code in list_below(unit, children))
            number = max(known, number * below[unit].expected)
        months[unit] = months.get(unit, 0) + number
    return sum(months.values())


def by_level(
    units: Iterable[str],
    kinds: Mapping[str, str],
    children: Mapping[str, list[str]],
    figures: Figures,
) -> dict[str, RolledUp]:
    """Kind of unit -> the counts of the units of that kind themselves. A `total` row of a unit with others
    below cannot be divided."""
    own = {unit: f.counts for (unit, scope), f in figures.items() if scope == Scope.OWN and f.is_whole}
    for (unit, scope), figure in figures.items():
        if scope == Scope.TOTAL and figure.is_whole and not children.get(unit):
            own[unit] = figure.counts
    levels: dict[str, list[str]] = {}
    for unit in units:
        levels.setdefault(kinds[unit], []).append(unit)
    return {kind: sum_units(levels[kind], own) for kind in UnitKind if kind in levels}


def by_field(
    period: Period, roots: Sequence[str], children: Mapping[str, list[str]], raw: Raw
) -> dict[str, RolledUp]:
    """Field of procedure -> its counts of some units with everything below."""
    found = {}
    for field in sorted({place.field for place in raw}):
        figures = put_together(period, of_field(raw, field))
        found[field] = merge([roll_up_figures(root, children, figures)[root] for root in roots])
    return found
