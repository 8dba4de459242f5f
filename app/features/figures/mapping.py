"""Rows -> counts of units, put together from fields of procedure and parts of a period."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from app.core.composition import Composed, Layout, compose, lay, months_of, periods_within
from app.core.errors import Fault
from app.core.fields import ALL_FIELDS, Combined, combine_fields
from app.core.lineage import Lineage
from app.core.periods import Period, parse_period
from app.core.rollup import RolledUp, list_below, merge, roll_up, sum_units
from app.core.statistics import COLUMNS, derive_counts
from app.core.types import Scope, UnitKind
from app.features.figures.repository import Days, Sums
from app.features.statistics.mapping import warnings_of
from app.features.statistics.repository import Place
from app.features.statistics.schemas import Coverage

Counts = Mapping[str, int]
Raw = Mapping[Place, Counts]
MOST_FAULTS = 50
"""Warnings of units below that a roll-up spells out."""


class Change(NamedTuple):
    """A unit is what it is only since a day. `foreign`: parts of the period whose figures are not its own;
    `origins`: the units that those are of, as far as it came from them."""

    since: date
    foreign: frozenset[str]
    origins: tuple[str, ...]


Changes = Mapping[str, Change]
NO_CHANGES: Changes = MappingProxyType({})


class Seam(NamedTuple):
    """Two parts of a period that do not meet: the one ends on a day, the next begins on another than the day
    after."""

    before: str
    ended: date
    after: str
    began: date


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
    change: Change | None = None
    """Why parts are missing."""
    seams: tuple[Seam, ...] = ()

    @property
    def counts(self) -> Counts:
        """Nothing while parts are missing."""
        return self.composed.counts

    @property
    def is_whole(self) -> bool:
        """Whether no part of the period is missing."""
        return not self.composed.missing


def find_changes(lineage: Lineage, period: Period, wanted: Container[str] | None = None) -> dict[str, Change]:
    """Code -> how a unit of the period's end came about, where its code was another unit's within the
    period."""
    parts = periods_within(period)
    after = min(part.end for part in parts)
    found = {}
    for version in lineage.list_begun(after, period.end):
        code, since = version.code, version.valid_from
        if (wanted is not None and code not in wanted) or not lineage.had_code(version):
            continue
        if lineage.was_same(code, period.end, after):
            continue
        ends = {part.end for part in parts if not lineage.was_same(code, period.end, part.end)}
        foreign = frozenset(part.text for part in parts if part.end in ends)
        if foreign:
            found[code] = Change(since, foreign, lineage.origins((code, since), max(ends)).units)
    return found


def is_foreign(unit: str, period: str, changes: Changes) -> bool:
    """Whether the figures of a part of a period, reported under the code of a unit, are another's."""
    return unit in changes and period in changes[unit].foreign


def put_together(period: Period, raw: Raw, changes: Changes = NO_CHANGES) -> dict[tuple[str, str], Figure]:
    """(unit, scope) -> its counts in a period, of all fields of procedure.

    Units report different columns: those that follow from the reported ones are added up too."""
    grouped: dict[tuple[str, str], dict[str, dict[str, Counts]]] = {}
    for place, counts in raw.items():
        periods = grouped.setdefault((place.unit, place.scope), {})
        periods.setdefault(place.period, {})[place.field] = counts
    return {key: _figure(key, period, rows, changes.get(key[0])) for key, rows in grouped.items()}


def _figure(
    key: tuple[str, str], period: Period, rows: Mapping[str, Mapping[str, Counts]], change: Change | None
) -> Figure:
    combined = {
        name: combine_fields({field: {**said, **derive_counts(said)} for field, said in fields.items()})
        for name, fields in rows.items()
    }
    composed = compose(period, {name: found.counts for name, found in combined.items()})
    assert composed is not None  # noqa: S101 - only parts of the period were read
    used = {name: combined[name] for name in composed.parts}
    reported = frozenset(column for name in used for counts in rows[name].values() for column in counts)
    return Figure(*key, composed, used, reported, change if composed.missing else None)


def figures_of_sums(
    period: Period, periods: Sequence[Period], lines: Iterable[Sums], changes: Changes = NO_CHANGES
) -> tuple[dict[tuple[str, str], Figure], list[str]]:
    """(figures from sums of the database, units for which these do not hold: their rows must be read)."""
    layouts: dict[int, Layout | None] = {}
    columns: dict[tuple[str, ...], frozenset[str]] = {}
    figures: dict[tuple[str, str], Figure] = {}
    odd: list[str] = []
    for unit, scope, rows, mask, has_fields, _, lost, *numbers in lines:
        if mask not in layouts:
            layouts[mask] = _layout_of(period, periods, mask)
        layout = layouts[mask]
        if has_fields or lost & _SOURCES or layout is None or len(layout.parts) != rows or unit in changes:
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


def find_seams(figure: Figure, days: Mapping[str, Mapping[str, Days]]) -> tuple[Seam, ...]:
    """Where the parts of a figure do not meet. `days`: part -> field of procedure -> its own first and last
    day."""
    if not figure.is_whole:
        return ()
    found = [(part, *_days_of(parse_period(part), days.get(part, {}))) for part in figure.composed.parts]
    return tuple(
        Seam(before, ended, after, began)
        for (before, _, ended), (after, began, _) in pairwise(found)
        if ended + timedelta(days=1) != began
    )


def _days_of(part: Period, days: Mapping[str, Days]) -> tuple[date, date]:
    stated = [days[ALL_FIELDS]] if ALL_FIELDS in days else list(days.values()) or [(None, None)]
    return min(since or part.start for since, _ in stated), max(until or part.end for _, until in stated)


def of_field(raw: Raw, field: str) -> dict[Place, Counts]:
    """The figures of one field of procedure, as if there were no others."""
    return {place._replace(field=ALL_FIELDS): counts for place, counts in raw.items() if place.field == field}


def roll_up_figures(
    root: str,
    children: Mapping[str, list[str]],
    figures: Mapping[tuple[str, str], Figure],
    known: Mapping[str, RolledUp] = MappingProxyType({}),
) -> dict[str, RolledUp]:
    """Counts of `root` and all units below it; the roll-ups that are `known` are taken as they are."""
    whole = {key: figure.counts for key, figure in figures.items() if figure.is_whole}
    own = {unit: counts for (unit, scope), counts in whole.items() if scope == Scope.OWN}
    total = {unit: counts for (unit, scope), counts in whole.items() if scope == Scope.TOTAL}
    return roll_up(root, children, own, total, known)


class Piece(NamedTuple):
    """What a unit, or the units that it came from, come to in a part of a period."""

    period: Period
    rolled: RolledUp
    reported: frozenset[str]
    months: int


class Joined(NamedTuple):
    """Pieces of units that changed within a period, put together; each unit counts once in every piece."""

    rolled: Mapping[str, RolledUp]
    faults: list[Fault]
    reported: frozenset[str]
    months: Coverage
    """Months of units, and how many there would be."""


def changed_units(
    roots: Sequence[str],
    children: Mapping[str, list[str]],
    figures: Mapping[tuple[str, str], Figure],
    changes: Changes,
) -> list[str]:
    """The uppermost units of a tree that changed within the period and have no figures of the whole of it."""
    found, queue = [], list(roots)
    while queue:
        unit = queue.pop(0)
        own, total = (figures.get((unit, scope)) for scope in (Scope.OWN, Scope.TOTAL))
        if total is not None and total.is_whole:
            continue
        if unit in changes and (own is None or not own.is_whole):
            found.append(unit)
        else:
            queue += children.get(unit, ())
    return found


def piece_of(
    period: Period,
    roots: Sequence[str],
    children: Mapping[str, list[str]],
    figures: Mapping[tuple[str, str], Figure],
) -> Piece | None:
    """Some units with all below them in a part of a period; None where one of them has no figures."""
    below: dict[str, RolledUp] = {}
    counted: list[Figure] = []
    for root in roots:
        below |= roll_up_figures(root, children, figures)
        counted += counted_figures(root, children, figures)
    if not roots or not all(below[root].rows for root in roots):
        return None
    reported = frozenset(column for figure in counted for column in figure.reported)
    return Piece(
        period, merge([below[root] for root in roots]), reported, months_reported(counted, below, children)
    )


def join_pieces(period: Period, pieces: Mapping[str, Sequence[Piece]]) -> Joined:
    """Unit -> its counts in the parts of a period, as those of the whole."""
    rolled: dict[str, RolledUp] = {}
    faults: list[Fault] = []
    for unit, found in pieces.items():
        composed = compose(period, {piece.period.text: piece.rolled.counts for piece in found})
        assert composed is not None  # noqa: S101 - every unit has its pieces
        faults += [fault for piece in found for fault in warnings_of(piece.rolled)]
        params = {"unit": unit}
        faults += [
            Fault("column_not_composed", "", {**params, "columns": [column], "column": column})
            for column in composed.left_out
        ]
        reported, expected = (sum(getattr(p.rolled, n) for p in found) for n in ("reported", "expected"))
        rolled[unit] = RolledUp(composed.counts, {}, 1, reported, expected)
    every = [piece for found in pieces.values() for piece in found]
    months = sum(months_of(piece.period) * piece.rolled.expected for piece in every)
    columns = frozenset(column for piece in every for column in piece.reported)
    return Joined(rolled, faults, columns, Coverage(reported=sum(p.months for p in every), expected=months))


def counted_figures(
    root: str, children: Mapping[str, list[str]], figures: Mapping[tuple[str, str], Figure]
) -> list[Figure]:
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


def without(
    children: Mapping[str, list[str]], figures: Mapping[tuple[str, str], Figure], units: Iterable[str]
) -> Mapping[tuple[str, str], Figure]:
    """The figures but for those of some units and of all below them."""
    gone = {below for unit in units for below in list_below(unit, children)}
    return {key: figure for key, figure in figures.items() if key[0] not in gone} if gone else figures


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


def gap_faults(figures: Iterable[Figure]) -> list[Fault]:
    """Which parts of a period are missing, and why."""
    return [fault for figure in figures if not figure.is_whole for fault in _period_faults(figure)]


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
    if figure.change is not None:
        origins = ", ".join(figure.change.origins) or "-"
        params = {"columns": [], "unit": figure.unit, "since": figure.change.since, "origins": origins}
        yield Fault("unit_changed", "", params)
    for seam in figure.seams:
        yield Fault("parts_do_not_meet", "", {"columns": [], "unit": figure.unit, **seam._asdict()})
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
    return first_faults([fault for figure in figures for fault in figure_faults(figure)], limit)


def first_faults(found: Sequence[Fault], limit: int = MOST_FAULTS) -> list[Fault]:
    """Some faults, and how many more there are."""
    more = len(found) - limit
    rest = [Fault("more_warnings", "", {"columns": [], "count": more})] if more > 0 else []
    return [*found[:limit], *rest]
