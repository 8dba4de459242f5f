"""Cells as clerks fill them in -> whole counts and exact decimals. What reads in two ways is refused.

Numbers may have come as numbers (of a workbook, of JSON) or as text: 1.234 is a thousand in Vietnamese and
little more than one in English. A count is whole, so groups of three digits can only be thousands there.
"""

import re
from datetime import date, datetime
from decimal import Decimal

from app.core.errors import Fault

Cell = str | Decimal | int | bool | date | datetime | None
LARGEST_COUNT = 10**15
_WHOLE = re.compile(r"\d{1,16}", re.ASCII)
_THOUSANDS = re.compile(r"\d{1,3}(?:([.,\u00a0\u202f ])\d{3})(?:\1\d{3})*", re.ASCII)
_DECIMAL = re.compile(r"\d{1,16}(?:[.,]\d{1,10})?", re.ASCII)
_UNCLEAR = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_NOTHING = {"", "-", "–", "—", "x", "n/a", "na", "null", "…", "..."}
"""What stands in a cell that says nothing: absent is unknown, never zero."""


def is_blank(cell: Cell) -> bool:
    """Whether a cell says nothing."""
    return cell is None or (isinstance(cell, str) and cell.strip().lower() in _NOTHING)


def read_count(cell: Cell) -> int | Fault | None:
    """A whole number of 0 or more; None where the cell says nothing."""
    if is_blank(cell):
        return None
    match cell:
        case bool() | date():
            return Fault("cell_no_count", "", {"value": str(cell)})
        case int() | Decimal():
            return _whole(Decimal(cell))
        case _:
            return _count_of_text(str(cell).strip())


def _whole(number: Decimal) -> int | Fault:
    if number != number.to_integral_value():
        return Fault("count_not_whole", "", {"value": format(number.normalize(), "f")})
    if number < 0:
        return Fault("count_negative", "", {"value": int(number)})
    return int(number) if number < LARGEST_COUNT else Fault("count_too_large", "", {"value": int(number)})


def _count_of_text(text: str) -> int | Fault:
    plain = text.replace("\u00a0", " ").strip()
    if _WHOLE.fullmatch(plain):
        return _whole(Decimal(plain))
    if _THOUSANDS.fullmatch(plain):
        return _whole(Decimal(re.sub(r"\D", "", plain)))
    if re.fullmatch(r"[-−]\s*\d[\d.,]*", plain):
        return Fault("count_negative", "", {"value": plain})
    if re.fullmatch(r"\d+([.,])0+", plain, re.ASCII):
        return _whole(Decimal(re.split("[.,]", plain)[0]))
    if _DECIMAL.fullmatch(plain):
        return Fault("count_not_whole", "", {"value": plain})
    return Fault("cell_no_count", "", {"value": plain[:60]})


def read_decimal(cell: Cell) -> Decimal | Fault | None:
    """An exact number of 0 or more, with a decimal comma or point; None where the cell says nothing."""
    if is_blank(cell):
        return None
    match cell:
        case bool() | date():
            return Fault("cell_no_number", "", {"value": str(cell)})
        case int() | Decimal():
            number = Decimal(cell)
        case _:
            text = str(cell).replace("\u00a0", " ").strip().removesuffix("%").rstrip()
            if _UNCLEAR.fullmatch(text):
                whole, comma = re.sub(r"\D", "", text), re.sub("[.,]", ",", text)
                return Fault("number_in_two_ways", "", {"value": text, "whole": whole, "comma": comma})
            if not _DECIMAL.fullmatch(text):
                return Fault("cell_no_number", "", {"value": text[:60]})
            number = Decimal(text.replace(",", "."))
    return number if number >= 0 else Fault("count_negative", "", {"value": number})


def read_day(cell: Cell) -> date | Fault | None:
    """A day: a date, or a text 30/12/2020 or 2020-12-30; None where the cell says nothing."""
    if is_blank(cell):
        return None
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = str(cell).strip()
    found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text, re.ASCII)
    parts = found.groups()[::-1] if found else None
    if parts is None:
        iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text, re.ASCII)
        parts = iso.groups() if iso else None
    try:
        return date(*map(int, parts or ()))
    except (TypeError, ValueError):
        return Fault("cell_no_day", "", {"value": text[:60]})


def text_of(cell: Cell) -> str:
    """A cell as text: whole numbers without a point, days as ISO."""
    match cell:
        case None:
            return ""
        case bool():
            return "1" if cell else "0"
        case Decimal() if cell == cell.to_integral_value():
            return str(int(cell))
        case Decimal():
            return format(cell.normalize(), "f")
        case _:
            return str(cell).strip()
