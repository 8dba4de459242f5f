"""Workbooks (.xlsx) from outside. Nothing is read before its size is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from math import isfinite
from typing import Any

from app.infra.spreadsheets.archive import Archive, damaged
from app.infra.spreadsheets.cells import Broken, Percentage, Value
from app.infra.spreadsheets.limits import Limits
from app.infra.spreadsheets.parts import SheetFacts
from app.infra.spreadsheets.scan import scan

_DIGITS = ".15g"
"""As many as Excel keeps and shows: what was typed as 0.1 is 0.1, and a sum of 0.1 and 0.2 is 0.3."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet from A1 on: empty cells are None, all rows are of one length."""

    name: str
    rows: list[list[Value]]


def read_sheets(content: bytes, limits: Limits | None = None) -> list[Sheet]:
    """The sheets of an .xlsx file in their order. Raises InvalidInputError where it is none or holds too
    much, TooLargeError where the file itself is too large. Of formulas it has what they came to."""
    limits = limits or Limits()
    archive = Archive(BytesIO(content), limits)
    facts = scan(archive, limits)
    return [_sheet(seen, raw) for seen, raw in zip(facts, _raw_sheets(archive, len(facts)), strict=True)]


def _raw_sheets(archive: Archive, count: int) -> Iterable[list[list[Any]]]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

    try:
        with CalamineWorkbook.from_filelike(archive.packed()) as book:
            if len(book.sheets_metadata) != count:
                raise damaged()
            return [
                book.get_sheet_by_index(number).to_python(skip_empty_area=False)
                if seen.typ is SheetTypeEnum.WorkSheet
                else []
                for number, seen in enumerate(book.sheets_metadata)
            ]
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise damaged() from error


def _sheet(facts: SheetFacts, raw: list[list[Any]]) -> Sheet:
    """The reader leaves out what it takes for empty at the end, errors among it."""
    rows = [
        [
            _value(
                raw[row][column] if row < len(raw) and column < len(raw[row]) else "", (row, column), facts
            )
            for column in range(facts.columns)
        ]
        for row in range(facts.rows)
    ]
    return Sheet(facts.name, rows)


def _value(raw: Any, at: tuple[int, int], facts: SheetFacts) -> Value:
    if at in facts.broken:
        return Broken()
    match raw:
        case "":
            return None
        case datetime():
            return raw.date() if raw.time() == time() else raw
        case bool() | str() | date():
            return raw
        case int() | float():
            return _number(raw, percent=at in facts.percents)
        case _:
            return str(raw)


def _number(raw: float, *, percent: bool) -> Value:
    if not isfinite(raw):
        return Broken()
    number = Decimal(format(raw, _DIGITS))
    return Percentage(number * 100) if percent else number
