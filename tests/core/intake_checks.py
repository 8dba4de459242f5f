"""What a case may ask about the files of clerks."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from app.core.errors import Fault
from app.core.intake.cells import read_count, read_day, read_decimal, read_percent
from app.core.intake.forms import code_of_field, level_of
from app.core.intake.headings import column_letter, find_headings, is_numbering, is_signed, is_total
from app.core.intake.letterhead import as_quarter, read_letterhead, read_period
from app.features.imports.mapping.records import vocabulary_of


def _read(read: Callable[[Any], Any], cells: Any) -> Any:
    found = [read(cell) for cell in cells]
    return [each.code if isinstance(each, Fault) else each for each in found]


def cells_as_counts(given: Any, _: Any) -> Any:
    """Cells -> whole numbers, codes of what is wrong, or null."""
    return _read(read_count, given)


def cells_as_decimals(given: Any, _: Any) -> Any:
    """Cells -> exact numbers, codes of what is wrong, or null."""
    return _read(read_decimal, given)


def cells_as_percents(given: Any, _: Any) -> Any:
    """Cells -> percentages, codes of what is wrong, or null."""
    return _read(read_percent, given)


def cells_as_days(given: Any, _: Any) -> Any:
    """Cells -> days, codes of what is wrong, or null."""
    return _read(read_day, given)


def periods_of_cells(given: Any, _: Any) -> Any:
    """Texts -> periods as the service writes them."""
    return [read_period(text) for text in given]


def periods_of_quarter_cells(given: Any, _: Any) -> Any:
    """Texts below the heading "Quý" -> periods as the service writes them."""
    return [read_period(as_quarter(text)) for text in given]


def letterhead(given: Any, _: Any) -> Any:
    """Rows above a table -> what they say of it."""
    return {name: said for name, said in asdict(read_letterhead(given)).items() if said is not None}


def columns(given: Any, _: Any) -> Any:
    """Rows -> where the table begins, column -> field, and headings that name nothing."""
    found = find_headings(given["rows"], vocabulary_of(given["kind"]))
    if found is None:
        return None
    named = {column_letter(position): field for position, field in found.columns.items()}
    return {"below": found.below, "columns": named, "unknown": list(found.unknown.values())}


def rows_of_totals(given: Any, _: Any) -> Any:
    """Labels -> those of rows that add up others."""
    return [label for label in given if is_total(label)]


def rows_of_signatures(given: Any, _: Any) -> Any:
    """Labels -> those that stand below a table."""
    return [label for label in given if is_signed(label)]


def rows_of_numbers(given: Any, _: Any) -> Any:
    """Rows -> whether they only number the columns."""
    return [is_numbering(row) for row in given]


def levels(given: Any, _: Any) -> Any:
    """Labels -> the level of authority that they head."""
    return [level_of(label) for label in given]


def codes_of_fields(given: Any, _: Any) -> Any:
    """Names of fields of procedure -> codes."""
    return [code_of_field(name) for name in given]


INTAKE_CHECKS = (
    cells_as_counts,
    cells_as_decimals,
    cells_as_percents,
    cells_as_days,
    periods_of_cells,
    periods_of_quarter_cells,
    letterhead,
    columns,
    rows_of_totals,
    rows_of_signatures,
    rows_of_numbers,
    levels,
    codes_of_fields,
)
