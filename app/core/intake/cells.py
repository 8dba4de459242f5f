"""Cells as clerks fill them in -> whole counts, exact decimals, days, texts. What reads two ways is refused.

Numbers may have come as numbers (of a workbook, of JSON) or as text: 1.234 is a thousand in Vietnamese and
little more than one in English. A count is whole, so groups of three digits can only be thousands there.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from app.core.errors import Fault
from app.core.rounding import decimal_text


class Percentage(NamedTuple):
    """A number in a cell with a percent format: 70 for the 0.7 that the file holds."""

    percent: Decimal


class Broken(NamedTuple):
    """A cell that shows an error, like #DIV/0!, or (`=`) a formula that was never computed."""

    shown: str = ""


class Merged(NamedTuple):
    """A cell of several that are merged: `value` in the column that holds it, `first` in the row too."""

    value: "Cell"
    first: bool


Cell = str | Decimal | int | bool | date | datetime | Percentage | Broken | Merged | None
LARGEST_COUNT = 10**15
_LARGEST_POWER = 20
_SHOWN = 60
_WHOLE = re.compile(r"\d{1,16}", re.ASCII)
_THOUSANDS = re.compile(r"([1-9]\d{0,2}(?:([.,\u202f ])\d{3})(?:\2\d{3})*)(?:(?!\2)[.,]0+)?", re.ASCII)
_IDLE_ZEROS = re.compile(r"(\d{1,16})[.,]0+", re.ASCII)
_LIKE_THOUSANDS = re.compile(r"(0*[1-9]\d*)([.,])000", re.ASCII)
"""1234.000 of a machine that writes three decimals: then its 12.000 means twelve."""
_DECIMAL = re.compile(r"\d{1,16}(?:[.,]\d{1,10})?", re.ASCII)
_GROUPED = re.compile(r"(\d{1,3}(?:\.\d{3})+),(\d{1,10})|(\d{1,3}(?:,\d{3})+)\.(\d{1,10})", re.ASCII)
_LARGE_GROUPS = re.compile(r"\d{1,3}(?:([., ])\d{3})(?:\1\d{3})+|\d{1,3} \d{3}", re.ASCII)
_UNCLEAR = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_NEGATIVE = re.compile(r"[-−–]\s*\d[\d., ]*", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ][\d:.]+)?", re.ASCII)
_NOTHING = {"", "-", "–", "—", "x", "n/a", "na", "null", "…", "..."}
"""What stands in a cell that says nothing: absent is unknown, never zero."""


def is_blank(cell: Cell) -> bool:
    """Whether a cell says nothing."""
    if isinstance(cell, str):
        return not cell or (not cell[0].isdigit() and len(cell) < 20 and _bare(cell).lower() in _NOTHING)
    return cell is None or (isinstance(cell, Merged) and not cell.first)


def _bare(text: str) -> str:
    """Without what Excel puts before a text that looks like a number."""
    return text.replace("\u00a0", " ").strip().removeprefix("'").strip()


def read_count(cell: Cell) -> int | Fault | None:
    """A whole number of 0 or more; None where the cell says nothing."""
    if type(cell) is str and cell.isdigit() and cell.isascii() and len(cell) < 16:
        return int(cell)
    if isinstance(cell, str):
        return None if is_blank(cell) else _count_of_text(_bare(cell))
    if isinstance(cell, int | Decimal) and not isinstance(cell, bool):
        return _whole(Decimal(cell))
    return _no_number(cell, "cell_no_count")


def _no_number(cell: Cell, code: str) -> Fault | None:
    """Why a cell that is neither text nor number cannot be read as one; None where it says nothing."""
    match cell:
        case None | Merged(value=None):
            return None
        case Merged(value=value):
            return Fault("cell_merged", "", {"value": shown(value)})
        case Broken():
            return _broken(cell)
        case date():
            return Fault("number_is_day", "", {"value": shown(cell)})
        case _:
            return Fault(code, "", {"value": shown(cell)})


def _broken(cell: Broken) -> Fault:
    if cell.shown.startswith("="):
        return Fault("formula_not_computed")
    return Fault("cell_shows_error", "", {"value": cell.shown or "#"})


def _whole(number: Decimal) -> int | Fault:
    value = {"value": shown(number)}
    if number < 0:
        return Fault("count_negative", "", value)
    if number >= LARGEST_COUNT:
        return Fault("count_too_large", "", value)
    if number.as_tuple().exponent not in range(-_LARGEST_POWER, _LARGEST_POWER) or number != int(number):
        return Fault("count_not_whole", "", value)
    return int(number)


def _count_of_text(text: str) -> int | Fault:
    grouped = _THOUSANDS.fullmatch(text)
    if _WHOLE.fullmatch(text):
        return _whole(Decimal(text))
    if not grouped and (unclear := _LIKE_THOUSANDS.fullmatch(text)):
        said = {"value": shown(text), "whole": unclear[1], "thousands": f"{unclear[1]}000"}
        return Fault("count_in_two_ways", "", said)
    if idle := grouped or _IDLE_ZEROS.fullmatch(text):
        return _whole(Decimal(re.sub(r"\D", "", idle[1])))
    if _NEGATIVE.fullmatch(text):
        return Fault("count_negative", "", {"value": shown(text)})
    fraction = _DECIMAL.fullmatch(text) or _GROUPED.fullmatch(text)
    return Fault("count_not_whole" if fraction else "cell_no_count", "", {"value": shown(text)})


def read_decimal(cell: Cell) -> Decimal | Fault | None:
    """An exact number of 0 or more, with a decimal comma or point; None where the cell says nothing. Of a
    percentage the number that is shown."""
    if isinstance(cell, str):
        return None if is_blank(cell) else _decimal_of_text(_bare(cell).removesuffix("%").rstrip())
    if isinstance(cell, Percentage):
        return _decimal(cell.percent)
    if isinstance(cell, int | Decimal) and not isinstance(cell, bool):
        return _decimal(Decimal(cell))
    return _no_number(cell, "cell_no_number")


def read_percent(cell: Cell) -> Decimal | Fault | None:
    """A percentage: 70, "70 %", or a cell with a percent format. A bare 0.7 is refused: that is what Excel
    keeps of 70 %."""
    found = read_decimal(cell)
    if isinstance(cell, int | Decimal) and isinstance(found, Decimal) and 0 < found <= 1:
        return Fault("share_or_percent", "", {"value": shown(found), "percent": shown(found * 100)})
    return found


def _decimal(number: Decimal) -> Decimal | Fault:
    if number < 0:
        return Fault("number_negative", "", {"value": shown(number)})
    if number >= LARGEST_COUNT or number.as_tuple().exponent not in range(-_LARGEST_POWER, _LARGEST_POWER):
        return Fault("count_too_large", "", {"value": shown(number)})
    return number


def _decimal_of_text(text: str) -> Decimal | Fault:
    if _UNCLEAR.fullmatch(text):
        whole, comma = re.sub(r"\D", "", text), re.sub("[.,]", ",", text)
        return Fault("number_in_two_ways", "", {"value": text, "whole": whole, "comma": comma})
    if _NEGATIVE.fullmatch(text):
        return Fault("number_negative", "", {"value": shown(text)})
    if _LARGE_GROUPS.fullmatch(text):
        return _decimal(Decimal(re.sub(r"\D", "", text)))
    if found := _GROUPED.fullmatch(text):
        return _decimal(Decimal(f"{re.sub(r'[.,]', '', found[1] or found[3])}.{found[2] or found[4]}"))
    if not _DECIMAL.fullmatch(text):
        return Fault("cell_no_number", "", {"value": shown(text)})
    return _decimal(Decimal(text.replace(",", ".")))


def read_day(cell: Cell) -> date | Fault | None:
    """A day: a date, or a text 30/12/2020 or 2020-12-30; None where the cell says nothing."""
    cell = identified(cell)
    match cell:
        case datetime():
            return cell.date()
        case date():
            return cell
        case Broken():
            return _broken(cell)
        case _:
            return None if is_blank(cell) else _day_of_text(_bare(text_of(cell)))


def _day_of_text(text: str) -> date | Fault:
    day_first, year_first = _DAY_FIRST.fullmatch(text), _YEAR_FIRST.fullmatch(text)
    parts = day_first.groups()[::-1] if day_first else year_first.groups() if year_first else None
    try:
        return date(*map(int, parts or ()))
    except (TypeError, ValueError):
        return Fault("cell_no_day", "", {"value": shown(text)})


def identified(cell: Cell) -> Cell:
    """What a cell means where it says whom a row is about: merged over several rows, each of them."""
    return cell.value if isinstance(cell, Merged) else cell


def text_of(cell: Cell) -> str:
    """A cell as text: whole numbers without a point, days as ISO, TRUE; of merged cells the first alone
    speaks."""
    if type(cell) is str:
        return cell.strip().removeprefix("'")
    if isinstance(cell, Decimal):
        return _plain(cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    return "" if cell is None else _text_of_other(cell)


def _text_of_other(cell: Cell) -> str:
    match cell:
        case Percentage(percent=percent):
            return f"{_plain(percent)}%"
        case Broken():
            return cell.shown
        case Merged():
            return text_of(cell.value) if cell.first else ""
        case _:
            return str(cell).strip()


def _plain(number: Decimal) -> str:
    """Without an exponent and idle zeros; with one where it would take thousands of zeros."""
    if not number or abs(number.adjusted()) > _LARGEST_POWER:
        return "0" if not number else str(number)[:_SHOWN]
    return decimal_text(number)


def shown(cell: Cell) -> str:
    """A cell as messages quote it."""
    text = text_of(cell)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
