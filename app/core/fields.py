"""Counts of single fields of procedure (lĩnh vực) beside those of all fields together."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

Counts = Mapping[str, int]
ALL_FIELDS = ""


class FieldDifference(NamedTuple):
    """A column where the row of all fields and the sum of the fields disagree."""

    column: str
    whole: int
    parts: int


class Combined(NamedTuple):
    """Counts of one unit, scope and period. `known_in`: of `rows` fields, for columns that some lack."""

    counts: dict[str, int]
    known_in: dict[str, int]
    rows: int
    differences: tuple[FieldDifference, ...] = ()


def combine_fields(rows: Mapping[str, Counts]) -> Combined:
    """Field ("" is all of them) -> counts: the row of all fields stands where there is one, else the fields
    are added, as far as each of them knows a column."""
    summed = _add([counts for field, counts in rows.items() if field != ALL_FIELDS])
    whole = rows.get(ALL_FIELDS)
    if whole is None:
        return summed
    differences = tuple(
        FieldDifference(column, count, summed.counts[column])
        for column, count in whole.items()
        if summed.counts.get(column, count) != count
    )
    return Combined(dict(whole), {}, 1, differences)


def _add(rows: Sequence[Counts]) -> Combined:
    sums: dict[str, int] = {}
    known: dict[str, int] = {}
    for row in rows:
        for column, count in row.items():
            sums[column] = sums.get(column, 0) + count
            known[column] = known.get(column, 0) + 1
    counts = {column: count for column, count in sums.items() if known[column] == len(rows)}
    return Combined(counts, {c: n for c, n in known.items() if n < len(rows)}, len(rows))
