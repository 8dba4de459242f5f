"""Rows -> counts of units, put together from fields of procedure and parts of a period."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from app.core.composition import Composed, compose
from app.core.errors import Fault
from app.core.fields import ALL_FIELDS, Combined, combine_fields
from app.core.periods import Period
from app.core.rollup import RolledUp, counted_rows, roll_up
from app.core.statistics import derive_counts
from app.core.types import Scope
from app.features.statistics.repository import Place

Counts = Mapping[str, int]
Raw = Mapping[Place, Counts]


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


def figure_faults(figure: Figure) -> list[Fault]:
    """What the counts of a unit must say about how they were put together."""
    return [*_field_faults(figure), *_period_faults(figure)]


def _field_faults(figure: Figure) -> Iterator[Fault]:
    for period, combined in figure.combined.items():
        for column, known in sorted(combined.known_in.items()):
            params = {"columns": [column], "column": column, "known": known, "rows": combined.rows}
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
    for column, known in sorted(composed.known_in.items()):
        yield Fault(
            "column_not_composed",
            "",
            {
                "columns": [column],
                "column": column,
                "unit": figure.unit,
                "known": known,
                "parts": len(composed.parts),
            },
        )
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
