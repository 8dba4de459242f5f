"""Vietnamese typesetting: numbers, days, widths of lines, and texts that no file format trips over."""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from string import ascii_lowercase, ascii_uppercase

from app.infra.official.document import Cell

_NOT_IN_XML = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_END = re.compile("\r\n?|\x85|\u2028|\u2029")
_SWAPPED = str.maketrans(",.", ".,")
_CAPITALS = (
    "722 667 722 722 667 611 778 778 389 500 778 667 944 722 778 611 778 722 556 667 722 722 1000 722 722 667"
)
_SMALL = (
    "500 556 444 556 444 333 500 556 278 333 556 278 833 556 500 556 556 444 389 333 556 500 722 500 500 444"
)
_LETTERS = zip(ascii_uppercase + ascii_lowercase, f"{_CAPITALS} {_SMALL}".split(), strict=True)
_WIDTHS = {letter: int(width) for letter, width in _LETTERS} | {" ": 250, "-": 333, "Đ": 722, "đ": 556}
"""Of Times New Roman bold, in thousandths of its size."""


def clean(text: str) -> str:
    """A text without what XML cannot hold; every kind of line end becomes one."""
    return _NOT_IN_XML.sub("", _LINE_END.sub("\n", text))


def decimals_of(value: Decimal | int) -> int:
    """How many decimals a number shows: as many as it has, at most 4."""
    exponent = round(Decimal(value), 4).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def as_text(value: Cell) -> str:
    """A cell as it is printed: decimal comma, day before month."""
    match value:
        case None:
            return ""
        case str():
            return clean(value)
        case datetime():
            return f"{value:%d/%m/%Y %H:%M}"
        case date():
            return f"{value:%d/%m/%Y}"
        case _:
            return f"{value:,.{decimals_of(value)}f}".translate(_SWAPPED)


def bold_width(text: str, size: float) -> float:
    """How wide a line in Times New Roman bold is, in points; accents add nothing."""
    letters = unicodedata.normalize("NFD", text)
    known = (_WIDTHS.get(char, 500) for char in letters if not unicodedata.combining(char))
    return sum(known) * size / 1000
