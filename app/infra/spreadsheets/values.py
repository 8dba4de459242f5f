"""Cells as officials fill them in -> exact numbers, days and texts. What reads in two ways is refused."""

import re
from datetime import date, datetime
from decimal import Decimal

from app.core.rounding import decimal_text
from app.infra.problems import FaultError
from app.infra.spreadsheets.cells import Broken, Percentage, Value

_NUMBER = re.compile(r"[-−]?\d{1,20}(?:[.,]\d{1,20})?", re.ASCII)
_GROUPED = re.compile(r"[-−]?[1-9]\d{0,2}\.\d{3}", re.ASCII)
"""1.234: a thousand in Vietnamese, little more than one in English."""
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_SHOWN = 60


def text_of(value: Value) -> str:
    """A text, or a whole number as written. Other numbers are refused: 1.10 and 1.1 are the same one."""
    match value:
        case str():
            return value
        case Decimal() if value == value.to_integral_value():
            return str(int(value))
        case Broken():
            raise FaultError("cell_broken")
        case _:
            raise FaultError("cell_not_text")


def number_of(value: Value) -> Decimal:
    """A number, or a text with a decimal comma."""
    match value:
        case Decimal():
            return value
        case str():
            return _number(value.replace("\xa0", " ").strip())
        case Broken():
            raise FaultError("cell_broken")
        case Percentage(percent=percent):
            raise FaultError("cell_is_percentage", value=decimal_text(percent))
        case date():
            raise FaultError("number_became_date")
        case _:
            raise FaultError("cell_not_a_number", value=value)


def percent_of(value: Value) -> Decimal:
    """A percentage: 70, a text "70 %", or a cell with a percent format. A bare 0.7 is refused: that is what
    Excel keeps of 70 %."""
    match value:
        case Percentage(percent=percent):
            return percent
        case str():
            return _number(value.replace("\xa0", " ").strip().removesuffix("%").rstrip())
        case Decimal() if 0 < value <= 1:
            raise FaultError("percent_or_share", value=decimal_text(value), percent=decimal_text(value * 100))
        case _:
            return number_of(value)


def _number(text: str) -> Decimal:
    if _GROUPED.fullmatch(text):
        raise FaultError(
            "number_unclear", value=text, whole=text.replace(".", ""), comma=text.replace(".", ",")
        )
    if not _NUMBER.fullmatch(text):
        raise FaultError("cell_not_a_number", value=shown(text))
    return Decimal(text.replace(",", ".").replace("−", "-"))


def day_of(value: Value) -> date:
    """A day: a date of Excel, or a text 30/12/2020 or 2020-12-30."""
    match value:
        case datetime():
            raise FaultError("cell_not_a_day", value=value.isoformat(" "))
        case date():
            return value
        case str():
            return _day(value.strip())
        case Broken():
            raise FaultError("cell_broken")
        case Decimal():
            raise FaultError("cell_not_a_day", value=value)
        case _:
            raise FaultError("cell_not_a_day", value="")


def _day(text: str) -> date:
    day_first, year_first = _DAY_FIRST.fullmatch(text), _YEAR_FIRST.fullmatch(text)
    parts = day_first.groups()[::-1] if day_first else year_first.groups() if year_first else None
    try:
        return date(*map(int, parts or ()))
    except (TypeError, ValueError):
        raise FaultError("cell_not_a_day", value=shown(text)) from None


def shown(text: str) -> str:
    """A text of a cell as messages show it."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
