"""What stands above a table: the period that it counts, the unit that reports. What is unclear is left out.

The form II.06a has "Kỳ báo cáo: ..." with "(Từ ngày ... đến ngày ...)" below, and "Đơn vị báo cáo: ...".
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.core.errors import InvalidPeriodError
from app.core.intake.cells import Cell, text_of
from app.core.periods import parse_period
from app.core.vietnamese import fold


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Period as text, the days that it really counts where they stand beside it, the unit; None: unknown."""

    period: str | None = None
    data_from: date | None = None
    data_to: date | None = None
    unit_name: str | None = None


_DAY = r"(?:ngay )?(\d{1,2})(?:[/.-]| thang )(\d{1,2})(?:[/.-]| nam )(\d{4})"
_BETWEEN = re.compile(rf"tu {_DAY} (?:den(?: het)?|-) {_DAY}", re.ASCII)
_ONE_DAY = re.compile(r"ngay \d{1,2} thang \d{1,2} nam \d{4}|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}", re.ASCII)
_QUARTER = re.compile(r"\bquy (iv|i{1,3}|0?[1-4])(?:[/ -]| nam )+(\d{4})\b", re.ASCII)
_MONTH = re.compile(r"\bthang (0?[1-9]|1[0-2])(?:[/ -]| nam )+(\d{4})\b", re.ASCII)
_MONTHS = re.compile(r"\b(0?6|0?9) thang (?:(dau|cuoi) )?nam (\d{4})\b", re.ASCII)
_SPAN = re.compile(
    r"(?:\btu )?\bthang (\d{1,2})(?:(?:[/ -]| nam )+(\d{4}))? ?(?:den|-) ?(?:het )?"
    r"(?:thang )?(\d{1,2})(?:[/ -]| nam )+(\d{4})\b",
    re.ASCII,
)
_CUMULATIVE = re.compile(
    r"\b(?:luy ke|cong don)\b|\bden (?:het |cuoi |nay\b|thang|quy|ngay|nam|thoi diem|\d)"
)
_LEFT = re.compile(
    r"\bquy (?:\d|[iv]+\b)|\bthang \d|\b\d{1,2} thang\b|(?<![/\d.-])\b20\d\d\b(?![/\d])", re.ASCII
)
"""What speaks of another period."""
_PLACE_AND_DAY = re.compile(
    r"(?!.*\b(?:bao cao|ky|so lieu|tinh hinh|ket qua)\b)[^,:]+, thang \d{1,2} nam \d{4}\W*"
)
_YEAR = re.compile(r"(?:ky bao cao:? |ky:? |^|bao cao )(?:ca )?(?:nam )?(20\d\d)\b(?![/.-])", re.ASCII)
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
_UNIT = re.compile(r"[-\s]*(?:tên )?(?:đơn vị|cơ quan) báo cáo\s*:?\s*(.*)", re.IGNORECASE)
_SAYS_NOTHING = re.compile(r"[\s.…_-]*")


def read_letterhead(rows: Sequence[Sequence[Cell]]) -> Letterhead:
    """Of the rows above a table."""
    lines = [
        [line for cell in row for line in text_of(cell).splitlines() if line.strip()] or [""] for row in rows
    ]
    texts = [text for line in lines for each in line if not _PLACE_AND_DAY.fullmatch(text := _folded(each))]
    labels = {found for text in texts for found in _labels(text)}
    intervals = {between for text in texts if (between := _interval(text)) is not None}
    unit = _unit_name(lines)
    if len(labels) > 1 or len(intervals) > 1 or UNCLEAR in labels:
        return Letterhead(unit_name=unit)
    start, end = next(iter(intervals), (None, None))
    if labels:
        return Letterhead(labels.pop(), start, end, unit)
    return Letterhead(_period_between(start, end) if start and end else None, unit_name=unit)


def period_of(text: str) -> str | None:
    """The period that a text names, as the service writes it: "Quý III/2021" -> 2021-Q3. None where it names
    none or several, or only the end of one: "Lũy kế đến tháng 9/2021"."""
    folded = _folded(text)
    if (between := _interval(folded)) is not None:
        return _period_between(*between)
    found = _labels(folded)
    return found.pop() if len(found) == 1 and UNCLEAR not in found else None


UNCLEAR = "?"
"""In place of a period: a text speaks of one, but not clearly."""


def _folded(text: str) -> str:
    return " ".join(fold(text).replace("–", "-").split())


def _labels(folded: str) -> set[str]:
    """The periods that a text names beside an interval of days."""
    rest = _ONE_DAY.sub(" ", _BETWEEN.sub(" ", folded))
    found: set[str] = set()
    for pattern, read in _READERS:
        for match in pattern.finditer(rest):
            found.add(read(match) or UNCLEAR)
        rest = pattern.sub(" ", rest)
    if (found or _SPOKEN.search(rest)) and _CUMULATIVE.search(rest):
        found.add(UNCLEAR)
    if found and _LEFT.search(rest):
        found.add(UNCLEAR)
    return found


def _span(match: re.Match[str]) -> str | None:
    """From month to month, of one year where it is said once."""
    first, last, year = int(match[1]), int(match[3]), int(match[4])
    try:
        start = date(int(match[2] or year), first, 1)
        end = date(year, last, monthrange(year, last)[1])
    except ValueError:
        return None
    return _period_between(start, end) if start <= end else None


def _months(match: re.Match[str]) -> str | None:
    """6 months are a half of the year; 9 can only be the first."""
    count, which, year = int(match[1]), match[2], match[3]
    if count == 6:
        return f"{year}-H2" if which == "cuoi" else f"{year}-H1"
    return None if which == "cuoi" else f"{year}-01-01/{year}-09-30"


_READERS: Sequence[tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]] = (
    (_SPAN, _span),
    (_QUARTER, lambda found: f"{found[2]}-Q{_ROMAN.get(found[1], found[1][-1])}"),
    (_MONTHS, _months),
    (_MONTH, lambda found: f"{found[2]}-{int(found[1]):02}"),
    (_YEAR, lambda found: found[1]),
)
_SPOKEN = re.compile(r"\b(?:thang|quy|nam) \d", re.ASCII)


def _interval(folded: str) -> tuple[date, date] | None:
    found = _BETWEEN.search(folded.replace("–", "-"))
    if found is None:
        return None
    d1, m1, y1, d2, m2, y2 = map(int, found.groups())
    try:
        start, end = date(y1, m1, d1), date(y2, m2, d2)
    except ValueError:
        return None
    return (start, end) if start <= end else None


def _period_between(start: date, end: date) -> str | None:
    try:
        return parse_period(f"{start}/{end}").text
    except InvalidPeriodError:
        return None


def _unit_name(lines: Sequence[Sequence[str]]) -> str | None:
    """What stands behind "Đơn vị báo cáo:", in the same cell, in the next one, or below."""
    found = {name for name in _unit_names(lines) if not _SAYS_NOTHING.fullmatch(name)}
    return found.pop() if len(found) == 1 else None


def _unit_names(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    for row, line in enumerate(lines):
        for position, text in enumerate(line):
            label = _UNIT.fullmatch(text.strip())
            if label is None:
                continue
            below = lines[row + 1][0] if row + 1 < len(lines) else ""
            after = line[position + 1] if position + 1 < len(line) else below
            name = label[1] or ("" if ":" in after else after)
            yield " ".join(name.strip(" .-").split())


_LABELLED = re.compile(r"(?:T|thang )?(0?[1-9]|1[0-2])[/-](\d{4})", re.ASCII | re.IGNORECASE)
_BARE_QUARTER = re.compile(r"(?:\d{1,2}|[IViv]{1,3})[/-]\d{4}", re.ASCII)


def as_quarter(text: str) -> str:
    """A cell below the heading "Quý": there 3/2021 is no month."""
    return f"Quý {text}" if _BARE_QUARTER.fullmatch(text) else text


def read_period(text: str) -> str | None:
    """The period of a cell, in the service's words or in a clerk's: 2021-Q3, Quý III/2021, 9/2021, Năm 2021.
    None where it names none, or more than one."""
    text = text.strip()
    try:
        return parse_period(text).text
    except InvalidPeriodError:
        pass
    if found := _LABELLED.fullmatch(text):
        return f"{found[2]}-{int(found[1]):02}"
    return period_of(text)
