"""Rows -> counts of single units, put together from fields of procedure and parts of a period."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from app.core.composition import Composed, Layout, compose, lay
from app.core.fields import ALL_FIELDS, Combined, combine_fields
from app.core.periods import Period, parse_period
from app.core.statistics import COLUMNS, derive_counts
from app.features.figures.mapping.changes import NO_CHANGES, Change, Changes
from app.features.figures.repository import Days, Sums
from app.features.statistics.repository import Place

Counts = Mapping[str, int]


Raw = Mapping[Place, Counts]


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
    elsewhere: tuple[str, ...] = ()
    """Periods that it has figures for, that have days of missing parts, and that no part is made of."""

    @property
    def counts(self) -> Counts:
        """Nothing while parts are missing."""
        return self.composed.counts

    @property
    def is_whole(self) -> bool:
        """Whether no part of the period is missing."""
        return not self.composed.missing


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


def find_elsewhere(figure: Figure, periods: Iterable[str]) -> Figure:
    """A figure, with those of some periods that have days of its missing parts."""
    missing = [parse_period(text) for text in figure.composed.missing]
    found = sorted(text for text in periods if any(parse_period(text).overlaps(part) for part in missing))
    return figure._replace(elsewhere=tuple(found)) if found and figure.change is None else figure


def of_field(raw: Raw, field: str) -> dict[Place, Counts]:
    """The figures of one field of procedure, as if there were no others."""
    return {place._replace(field=ALL_FIELDS): counts for place, counts in raw.items() if place.field == field}
