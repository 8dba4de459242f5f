"""Rows -> counts of units, put together from fields of procedure and parts of a period."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from app.core.composition import Composed, Layout, compose, lay
from app.core.errors import Fault
from app.core.fields import ALL_FIELDS, Combined, combine_fields
from app.core.periods import Period
from app.core.rollup import RolledUp, counted_rows, merge, roll_up, sum_units
from app.core.statistics import COLUMNS, derive_counts
from app.core.types import Scope, UnitKind
from app.features.figures.repository import Sums
from app.features.statistics.mapping import warnings_of
from app.features.statistics.repository import Place

Counts = Mapping[str, int]
Raw = Mapping[Place, Counts]
MOST_FAULTS = 50
"""Warnings of units below that a roll-up spells out."""


class Figure(NamedTuple):
    """Counts of one unit and scope in a period.

    `combined`: the periods that they rest on, each with its fields of procedure put together. `reported`:
    columns that some row has; the others follow from these.
    """

    unit: str
    scope: str
    composed: Composed
    combined: Mapping[str, Combined]
    reported: frozenset[str]

    @property
    def counts(self) -> Counts:
        """Nothing while parts are missing."""
        return self.composed.counts

    @property
    def is_whole(self) -> bool:
        """Whether no part of the period is missing."""
        return not self.composed.missing


def put_together(period: Period, raw: Raw) -> dict[tuple[str, str], Figure]:
    """(unit, scope) -> its counts in a period, of all fields of procedure.

    Units report different columns: those that follow from the reported ones are added up too."""
    grouped: dict[tuple[str, str], dict[str, dict[str, Counts]]] = {}
    for place, counts in raw.items():
        periods = grouped.setdefault((place.unit, place.scope), {})
        periods.setdefault(place.period, {})[place.field] = counts
    return {key: _figure(key, period, rows) for key, rows in grouped.items()}


def _figure(key: tuple[str, str], period: Period, rows: Mapping[str, Mapping[str, Counts]]) -> Figure:
    combined = {
        name: combine_fields({field: {**said, **derive_counts(said)} for field, said in fields.items()})
        for name, fields in rows.items()
    }
    composed = compose(period, {name: found.counts for name, found in combined.items()})
    assert composed is not None  # noqa: S101 - only parts of the period were read
    used = {name: combined[name] for name in composed.parts}
    reported = frozenset(column for name in used for counts in rows[name].values() for column in counts)
    return Figure(*key, composed, used, reported)


def figures_of_sums(
    period: Period, periods: Sequence[Period], lines: Iterable[Sums]
) -> tuple[dict[tuple[str, str], Figure], list[str]]:
    """(figures from sums of the database, units for which these do not hold: their rows must be read)."""
    layouts: dict[int, Layout | None] = {}
    columns: dict[tuple[str, ...], frozenset[str]] = {}
    figures: dict[tuple[str, str], Figure] = {}
    odd: list[str] = []
    for unit, scope, rows, mask, has_fields, lost, *numbers in lines:
        if mask not in layouts:
            layouts[mask] = _layout_of(period, periods, mask)
        layout = layouts[mask]
        if has_fields or lost & _SOURCES or layout is None or len(layout.parts) != rows:
            odd.append(unit)
            continue
        counts = {c: n for c, n in zip(COLUMNS, numbers, strict=True) if n is not None}
        left_out = tuple(c for position, c in enumerate(COLUMNS) if lost >> position & 1) if lost else ()
        known = (*counts, *left_out)
        if known not in columns:
            columns[known] = frozenset(known)
        if layout.missing:
            counts, left_out = {}, ()
        counts.update(derive_counts(counts))
        composed = Composed(counts, layout.parts, layout.missing, left_out, layout.months)
        figures[unit, scope] = Figure(unit, scope, composed, {}, columns[known])
    return figures, odd


_SOURCES = sum(
    1 << COLUMNS.index(column)
    for column in (
        "resolved_early",
        "resolved_on_time",
        "resolved_early_or_on_time",
        "resolved_overdue",
        "resolved",
    )
)
"""Where only some rows know these, the columns that follow do so in each row in another way."""


def _layout_of(period: Period, periods: Sequence[Period], mask: int) -> Layout | None:
    """The layout over the periods of a mask; None where a row is covered by that of a longer period. A bit
    that was added twice makes another mask, of fewer periods than there are rows."""
    known = frozenset(part.text for position, part in enumerate(periods) if mask >> position & 1)
    layout = lay(period, known)
    return layout if len(layout.parts) == len(known) else None


def of_field(raw: Raw, field: str) -> dict[Place, Counts]:
    """The figures of one field of procedure, as if there were no others."""
    return {place._replace(field=ALL_FIELDS): counts for place, counts in raw.items() if place.field == field}


def roll_up_figures(
    root: str, children: Mapping[str, list[str]], figures: Mapping[tuple[str, str], Figure]
) -> dict[str, RolledUp]:
    """Counts of `root` and all units below it."""
    whole = {key: figure.counts for key, figure in figures.items() if figure.is_whole}
    own = {unit: counts for (unit, scope), counts in whole.items() if scope == Scope.OWN}
    total = {unit: counts for (unit, scope), counts in whole.items() if scope == Scope.TOTAL}
    return roll_up(root, children, own, total)


def counted_figures(
    root: str, children: Mapping[str, list[str]], figures: Mapping[tuple[str, str], Figure]
) -> list[Figure]:
    """The figures that the roll-up of `root` adds or lacks, from the top down."""
    own = {unit for unit, scope in figures if scope == Scope.OWN}
    total = {unit for (unit, scope), figure in figures.items() if scope == Scope.TOTAL and figure.is_whole}
    rows = counted_rows(root, children, own, total)
    return [figures[unit, Scope.TOTAL if is_total else Scope.OWN] for unit, is_total in rows]


def missing_units(
    root: str, children: Mapping[str, list[str]], figures: Mapping[tuple[str, str], Figure]
) -> list[str]:
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


def months_reported(counted: Iterable[Figure], below: Mapping[str, RolledUp]) -> int:
    """Months of units that have figures; a `total` row speaks for every unit below."""
    return sum(
        figure.composed.months * (below[figure.unit].expected if figure.scope == Scope.TOTAL else 1)
        for figure in counted
    )


def by_level(
    units: Iterable[str],
    kinds: Mapping[str, str],
    children: Mapping[str, list[str]],
    figures: Mapping[tuple[str, str], Figure],
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


def roll_up_faults(rolled: RolledUp, counted: Iterable[Figure], parts: Mapping[str, RolledUp]) -> list[Fault]:
    """What a roll-up must say about itself."""
    return [
        *warnings_of(rolled),
        *some_faults(counted, MOST_FAULTS),
        *(breakdown_faults(rolled, parts) if parts else []),
    ]


def breakdown_faults(whole: RolledUp, parts: Mapping[str, RolledUp]) -> list[Fault]:
    """Columns in which the parts of a breakdown do not come to the whole."""
    reported = [part.counts for part in parts.values() if part.rows]
    faults = []
    for column, count in whole.counts.items():
        if all(column in counts for counts in reported):
            total = sum(counts[column] for counts in reported)
            params: dict[str, object] = {"columns": [column], "column": column, "whole": count}
            params |= {"parts": total, "difference": count - total}
            faults += [Fault("breakdown_differs", "", params)] if total != count else []
    return faults


def figure_faults(figure: Figure) -> list[Fault]:
    """What the counts of a unit must say about how they were put together."""
    return [*_field_faults(figure), *_period_faults(figure)]


def _field_faults(figure: Figure) -> Iterator[Fault]:
    for period, combined in figure.combined.items():
        for column, known in sorted(combined.known_in.items()):
            params: dict[str, object] = {"columns": [column], "column": column, "period": period}
            params |= {"known": known, "rows": combined.rows}
            yield Fault("column_partly_known", "", params)
        for found in combined.differences:
            difference = found.whole - found.parts
            yield Fault(
                "fields_differ_from_whole",
                "",
                {
                    "columns": [found.column],
                    "column": found.column,
                    "unit": figure.unit,
                    "period": period,
                    "whole": found.whole,
                    "parts": found.parts,
                    "difference": difference,
                },
            )


def _period_faults(figure: Figure) -> Iterator[Fault]:
    composed = figure.composed
    if composed.missing:
        missing = ", ".join(composed.missing)
        params = {"columns": [], "unit": figure.unit, "missing": missing, "count": len(composed.missing)}
        yield Fault("period_incomplete", "", params)
    for column in composed.left_out:
        params = {"columns": [column], "column": column, "unit": figure.unit}
        yield Fault("column_not_composed", "", params)
    for found in composed.differences:
        yield Fault(
            "period_differs_from_parts",
            "",
            {
                "columns": [found.column],
                "column": found.column,
                "unit": figure.unit,
                "period": found.period,
                "whole": found.whole,
                "parts": found.parts,
                "difference": found.whole - found.parts,
            },
        )


def some_faults(figures: Iterable[Figure], limit: int) -> list[Fault]:
    """The first faults of many units, and how many more there are."""
    found = [fault for figure in figures for fault in figure_faults(figure)]
    more = len(found) - limit
    rest = [Fault("more_warnings", "", {"columns": [], "count": more})] if more > 0 else []
    return found[:limit] + rest
