"""What the XML of a cell says, as a value: numbers as Excel shows their 15 digits, days, texts, errors."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from math import isfinite

from app.core.intake.cells import Broken, Cell, Percentage
from app.infra.spreadsheets.archive import damaged

_DIGITS = ".15g"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_UNPRINTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_LAST_DAY = 2_958_465
"""9999-12-31, the last that Excel knows."""
_FALSE_LEAP_DAY = 60
"""Excel counts a 29 February 1900, which never was."""


class Typing:
    """Knows the texts that cells share, and what the styles of a workbook show."""

    def __init__(self, strings: Sequence[str], styles: Mapping[int, str], *, from_1904: bool) -> None:
        self.strings = strings
        self.styles = {str(number): shows for number, shows in styles.items()}
        self.origin = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)  # noqa: DTZ001
        self.from_1904 = from_1904

    def value(self, kind: str, style: str, text: str, *, formula: bool) -> Cell:
        """The value of a cell. A formula that no program has computed yet is broken, not empty."""
        match kind:
            case "s":
                return self._shared(text) or None
            case "n":
                return self._number(text.strip(), style, formula=formula)
            case "str" | "inlineStr":
                return self.text(text) or None
            case "b":
                return text.strip() in ("1", "true")
            case "e":
                return Broken(text.strip()[:20] or "#")
            case "d":
                return self._iso(text.strip())
            case _:
                raise damaged()

    def _shared(self, text: str) -> str:
        try:
            index = int(text)
            if index < 0:
                raise damaged()
            return self.strings[index]
        except (ValueError, IndexError) as error:
            raise damaged() from error

    def _number(self, text: str, style: str, *, formula: bool) -> Cell:
        if not text:
            return Broken("=") if formula else None
        shows = self.styles.get(style)
        try:
            number = float(text)
        except ValueError as error:
            raise damaged() from error
        if not isfinite(number):
            return Broken("#NUM!")
        exact = Decimal(format(number, _DIGITS))
        if shows is None:
            return exact
        return Percentage(exact * 100) if shows == "percent" else self._day(exact, shows)

    def _day(self, number: Decimal, shows: str) -> Cell:
        """A day or an instant; a month or a year where the cell shows no more."""
        if not 0 <= number <= _LAST_DAY or (not self.from_1904 and int(number) == _FALSE_LEAP_DAY):
            return number
        if not self.from_1904 and number < _FALSE_LEAP_DAY:
            number += 1
        at = self.origin + timedelta(days=int(number), seconds=round(number % 1 * 86400))
        match shows:
            case "year":
                return f"{at.year}"
            case "month":
                return f"{at.year}-{at.month:02}"
            case _:
                return at.date() if at.time() == at.time().min else at

    @staticmethod
    def _iso(text: str) -> Cell:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            return text
        return at.date() if at.time() == at.time().min else at

    @staticmethod
    def text(text: str) -> str:
        """As Excel shows it: what it cannot write in XML stands as _x000D_ in the file."""
        if "_x" in text:
            text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        return _UNPRINTED.sub("", text)
