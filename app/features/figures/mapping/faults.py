"""What counts must say about how they were put together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.core.composition import PeriodDifference
from app.core.errors import Fault
from app.core.fields import FieldDifference
from app.core.periods import parse_period
from app.core.rollup import RolledUp
from app.features.figures.mapping.composing import Figure
from app.features.statistics.mapping import warnings_of

MOST_FAULTS = 50
"""Warnings of units below that a roll-up spells out."""


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
        for part in combined.differences:
            yield _differs("fields_differ_from_whole", figure.unit, period, part)


def _period_faults(figure: Figure) -> Iterator[Fault]:
    composed = figure.composed
    if composed.missing:
        yield from _gaps_of(figure)
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
        yield _differs("period_differs_from_parts", figure.unit, found.period, found)


def _differs(code: str, unit: str, period: str, found: FieldDifference | PeriodDifference) -> Fault:
    params: dict[str, object] = {"columns": [found.column], "column": found.column, "unit": unit}
    sums = {"whole": found.whole, "parts": found.parts, "difference": found.whole - found.parts}
    return Fault(code, "", {**params, "period": period, **sums})


def _gaps_of(figure: Figure) -> Iterator[Fault]:
    """Parts without any figures, and those that are known in another period alone."""
    others = [parse_period(text) for text in figure.elsewhere]
    missing = [parse_period(text) for text in figure.composed.missing]
    within = [part.text for part in missing if any(part.overlaps(other) for other in others)]
    without = [part.text for part in missing if part.text not in within]
    params: dict[str, object] = {"columns": [], "unit": figure.unit}
    if without:
        yield Fault("period_incomplete", "", {**params, "missing": ", ".join(without), "count": len(without)})
    if within:
        said = {"missing": ", ".join(within), "periods": ", ".join(figure.elsewhere)}
        yield Fault("period_reported_otherwise", "", params | said)


def some_faults(figures: Iterable[Figure], limit: int) -> list[Fault]:
    """The first faults of many units, and how many more there are."""
    return first_faults([fault for figure in figures for fault in figure_faults(figure)], limit)


def first_faults(found: Sequence[Fault], limit: int = MOST_FAULTS) -> list[Fault]:
    """Some faults, and how many more there are."""
    more = len(found) - limit
    rest = [Fault("more_warnings", "", {"columns": [], "count": more})] if more > 0 else []
    return [*found[:limit], *rest]
