"""A period made of its parts: a quarter of three months, a half-year of two quarters, a year of two halves.

Flows are added. Stocks are not: `carried_over` is that of the first part, `pending...` that of the last.
Dossiers carried over were received before: `received` of the whole is that of its first part and the newly
received of the others. Where a part is missing nothing is composed, and a column is left out unless every
part knows it.
"""

import calendar
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from app.core.periods import Period, parse_period
from app.core.statistics import COLUMNS

Counts = Mapping[str, int]
OPENING = ("carried_over",)
CLOSING = ("pending_in_time", "pending_overdue", "pending")
MOST_MONTHS = 24
"""Longer intervals are not composed."""
ADDED = tuple(column for column in COLUMNS if column not in (*OPENING, *CLOSING, "received"))


class PeriodDifference(NamedTuple):
    """A column where the figure of a whole period and its parts disagree."""

    period: str
    column: str
    whole: int
    parts: int


class Composed(NamedTuple):
    """Counts of a period. Nothing is counted while parts are `missing`.

    `parts`: the periods whose figures were taken; `left_out`: columns that some of them know; `months`: whole
    calendar months that have figures.
    """

    counts: dict[str, int]
    parts: tuple[str, ...]
    missing: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    months: int = 0
    differences: tuple[PeriodDifference, ...] = ()


@lru_cache(maxsize=4096)
def parts_of(period: Period) -> tuple[Period, ...]:
    """The fewest labelled periods that make a period; () for a month and for odd intervals."""
    months = months_of(period)
    if not 1 < months <= MOST_MONTHS:
        return ()
    year, month = period.start.year, period.start.month
    parts: list[Period] = []
    while months:
        size = next(s for s in (12, 6, 3, 1) if _fits(period, s, month, months))
        parts.append(_labelled(year, month, size))
        year, month, months = year + (month + size > 12), (month + size - 1) % 12 + 1, months - size
    return tuple(parts)


def _fits(period: Period, size: int, month: int, left: int) -> bool:
    """Whether a period of so many months begins with this one, is not too long, and not the whole itself."""
    return (month - 1) % size == 0 and size <= left and size < months_of(period)


def _labelled(year: int, month: int, size: int) -> Period:
    number = (month - 1) // size + 1
    suffix = {12: "", 6: f"-H{number}", 3: f"-Q{number}", 1: f"-{month:02}"}[size]
    return parse_period(f"{year:04}{suffix}")


@lru_cache(maxsize=4096)
def months_of(period: Period) -> int:
    """How many calendar months a period is; 0 where it does not begin and end with one."""
    start, end = period.start, period.end
    if start.day != 1 or end.day != calendar.monthrange(end.year, end.month)[1]:
        return 0
    return 12 * (end.year - start.year) + end.month - start.month + 1


@lru_cache(maxsize=1024)
def periods_within(period: Period) -> tuple[Period, ...]:
    """The period, its parts, and theirs: every period that it can be composed of."""
    return (period, *(below for part in parts_of(period) for below in periods_within(part)))


def split_at(period: Period, day: date) -> tuple[Period, ...]:
    """The longest labelled periods that make a period, each before a day or from it on; () where there are
    none."""
    if period.start >= day or period.end < day:
        return (period,)
    pieces = [split_at(part, day) for part in parts_of(period)]
    return tuple(piece for found in pieces for piece in found) if all(pieces) else ()


def periods_before(period: Period) -> list[Period]:
    """Labelled periods that end on the day before it, those of its own length first."""
    if period.start == date.min:
        return []
    end = period.start - timedelta(days=1)
    found = (_labelled(end.year, end.month, size) for size in (1, 3, 6, 12))
    ending = [found for found in found if found.end == end]
    return sorted(ending, key=lambda p: abs(months_of(p) - months_of(period)))


def compose(period: Period, figures: Mapping[str, Counts]) -> Composed | None:
    """Counts of a period from the figures of one unit (period -> counts); None where it reported nothing.

    A figure of the whole stands before its parts.
    """
    layout = lay(period, frozenset(figures))
    if not layout.parts:
        return None
    if layout.missing:
        return Composed({}, layout.parts, layout.missing, (), layout.months)
    counts, left_out = add_parts([figures[name] for name in layout.parts])
    differences = tuple(found for name in layout.parts for found in _differences(parse_period(name), figures))
    return Composed(counts, layout.parts, (), left_out, layout.months, differences)


def compose_flow(period: Period, figures: Mapping[str, Counts]) -> Composed:
    """A measure of what was done within a period, from the figures of one unit (period -> its numbers, at
    least one): all are added. A percentage cannot be."""
    layout = lay(period, frozenset(figures))
    parts = [figures[name] for name in layout.parts]
    names = set(parts[0]) if len(parts) == 1 else set.intersection(*map(set, parts)) - {"percent"}
    counts = {} if layout.missing else {name: sum(part[name] for part in parts) for name in sorted(names)}
    return Composed(counts, layout.parts, layout.missing, (), layout.months)


class Layout(NamedTuple):
    """Which of the periods with figures make a whole, which are missing (the longest of either), and how many
    months the former have."""

    parts: tuple[str, ...]
    missing: tuple[str, ...]
    months: int


@lru_cache(maxsize=4096)
def lay(period: Period, known: frozenset[str]) -> Layout:
    """The layout of a period over the periods that are known."""
    used, missing = _lay(period, known)
    names = tuple(part.text for part in used)
    return Layout(names, tuple(part.text for part in missing), sum(months_of(part) for part in used))


def _lay(period: Period, known: Container[str]) -> tuple[list[Period], list[Period]]:
    if period.text in known:
        return [period], []
    return _lay_parts(period, known)


def _lay_parts(period: Period, known: Container[str]) -> tuple[list[Period], list[Period]]:
    used: list[Period] = []
    missing: list[Period] = []
    for part in parts_of(period):
        below, gaps = _lay(part, known)
        used += below
        missing += gaps
    return (used, missing) if used else ([], [period])


def _differences(period: Period, figures: Mapping[str, Counts]) -> Iterator[PeriodDifference]:
    used, missing = _lay_parts(period, figures)
    if missing:
        return
    parts, _ = add_parts([figures[part.text] for part in used])
    for column, whole in figures[period.text].items():
        if parts.get(column, whole) != whole:
            yield PeriodDifference(period.text, column, whole, parts[column])


def add_parts(parts: Sequence[Counts]) -> tuple[dict[str, int], tuple[str, ...]]:
    """(counts of the whole, columns that are left out); parts in order of time."""
    first, last = parts[0], parts[-1]
    counts = {column: first[column] for column in OPENING if column in first}
    counts |= {column: last[column] for column in CLOSING if column in last}
    counts |= {c: sum(p[c] for p in parts) for c in ADDED if all(c in p for p in parts)}
    new = [newly_received(part) for part in parts[1:]]
    if "received" in first and None not in new:
        counts["received"] = first["received"] + sum(n for n in new if n is not None)
    known = {column for part in parts for column in part}
    left_out = tuple(c for c in COLUMNS if c in known and c not in counts)
    return {c: counts[c] for c in COLUMNS if c in counts}, left_out


def newly_received(counts: Counts) -> int | None:
    """Received in the period itself: without what was carried over; online + direct where only these are
    known."""
    if "received" in counts and "carried_over" in counts:
        return counts["received"] - counts["carried_over"]
    if "received_online" in counts and "received_direct" in counts:
        return counts["received_online"] + counts["received_direct"]
    return None
