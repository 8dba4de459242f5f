"""Assessment and reporting periods: `2021`, `2021-H1`, `2021-Q3`, `2021-09`, `2021-01-01/2021-09-15`."""

import calendar
import re
from dataclasses import dataclass
from datetime import date

from app.core.errors import InvalidPeriodError

_LABEL = re.compile(
    r"(?P<year>\d{4})(?:-(?:H(?P<half>[12])|Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?", re.ASCII
)
_INTERVAL = re.compile(r"(\d{4}-\d\d-\d\d)(?:/|--)(\d{4}-\d\d-\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """A closed interval of days with its canonical text."""

    text: str
    start: date
    end: date

    def overlaps(self, other: "Period") -> bool:
        """Whether some day belongs to both."""
        return self.start <= other.end and other.start <= self.end


def parse_period(text: str) -> Period:
    """Text -> period; an interval that is exactly a labelled one takes the label.

    Raises InvalidPeriodError.
    """
    label = _LABEL.fullmatch(text)
    if label:
        return _labelled(text, label)
    interval = _INTERVAL.fullmatch(text)
    if not interval:
        raise InvalidPeriodError(text)
    try:
        start, end = date.fromisoformat(interval[1]), date.fromisoformat(interval[2])
    except ValueError as error:
        raise InvalidPeriodError(text) from error
    if end < start:
        raise InvalidPeriodError(text)
    return _label_of(start, end) or Period(f"{start}/{end}", start, end)


def _labelled(text: str, match: re.Match[str]) -> Period:
    year = int(match["year"])
    if year == 0:
        raise InvalidPeriodError(text)
    if match["half"]:
        first, last = 6 * int(match["half"]) - 5, 6 * int(match["half"])
    elif match["quarter"]:
        first, last = 3 * int(match["quarter"]) - 2, 3 * int(match["quarter"])
    elif match["month"]:
        first = last = int(match["month"])
    else:
        first, last = 1, 12
    return Period(text, date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]))


def _label_of(start: date, end: date) -> Period | None:
    year, first, last = f"{start.year:04}", start.month, end.month
    suffixes = {12: "", 6: f"-H{(first + 5) // 6}", 3: f"-Q{(first + 2) // 3}", 1: f"-{first:02}"}
    suffix = suffixes.get(last - first + 1) if start.year == end.year else None
    period = None if suffix is None else parse_period(year + suffix)
    return period if period and (period.start, period.end) == (start, end) else None
