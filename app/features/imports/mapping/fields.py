"""Cells that rows of several kinds have: periods, days, instants, numbers, yes and no."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter, ValidationError

from app.core.errors import Fault, InvalidPeriodError
from app.core.intake.cells import Cell, is_blank, read_day, text_of
from app.core.intake.letterhead import read_period
from app.core.periods import Period, parse_period
from app.core.vietnamese import fold
from app.features.imports.mapping.records import Record
from app.features.imports.schemas import ImportOptions
from app.infra.clock import VIETNAM
from app.infra.problems import faults_of

_YES = {"x", "1", "co", "yes", "true", "khong danh gia", "kdg"}
_NO = {"", "0", "-", "khong", "no", "false"}


def read_period_of(
    record: Record, options: ImportOptions, periods: dict[str, Period | None], faults: list[Fault]
) -> Period | None:
    """Of the row, else of the import, else of what stands above the table."""
    own, above = text_of(record.values.get("period")), record.head.period
    text = own or options.period or above or ""
    for each in (text, above):
        if each is not None and each not in periods:
            periods[each] = _parse_period(each)
    period, head = periods[text], periods[above] if above else None
    if period is None:
        faults.append(Fault("period_invalid" if text else "period_missing", "/period", {"period": text}))
    elif head is not None and not _agree(period, head, bool(own)):
        faults.append(Fault("period_differs", "/period", {"period": period.text, "letterhead": head.text}))
    return period


def _agree(period: Period, head: Period, own: bool) -> bool:
    """Whether a period can be that above the table: the same; of a row, one within it; days that meet it."""
    if "/" in head.text:
        return period.start <= head.end and head.start <= period.end
    return period == head or (own and head.start <= period.start and period.end <= head.end)


def _parse_period(text: str) -> Period | None:
    """As the service writes periods, or as people do: "Quý III/2021"."""
    try:
        return parse_period(read_period(text) or text)
    except InvalidPeriodError:
        return None


def read_day_of(record: Record, name: str, faults: list[Fault]) -> date | None:
    """A day of a row; None where it says nothing."""
    cell = record.values.get(name)
    if is_blank(cell):
        return None
    found = read_day(cell)
    if isinstance(found, Fault):
        faults.append(Fault(found.code, f"/{name}", found.params))
        return None
    return found


def read_instant_of(record: Record, faults: list[Fault]) -> datetime | None:
    """When counts were extracted, in Vietnamese time where no zone is said; a day is its beginning."""
    cell = record.values.get("extracted_at")
    if is_blank(cell):
        return None
    found: object = cell
    if isinstance(cell, str):
        try:
            found = datetime.fromisoformat(cell.strip())
        except ValueError:
            found = read_day(cell)
    if isinstance(found, date) and not isinstance(found, datetime):
        found = datetime.combine(found, time())
    if not isinstance(found, datetime) or not 1900 <= found.year <= 9998:
        faults.append(Fault("cell_no_instant", "/extracted_at", {"value": text_of(cell)[:60]}))
        return None
    return found if found.tzinfo else found.replace(tzinfo=VIETNAM)


def read_number_of(
    record: Record, name: str, read: Callable[[Cell], Decimal | Fault | None], faults: list[Fault]
) -> Decimal | None:
    """A number of a row; None where it says nothing."""
    found = read(record.values.get(name))
    if isinstance(found, Fault):
        faults.append(Fault(found.code, f"/{name}", found.params))
        return None
    return found


def read_yes_of(record: Record, name: str, faults: list[Fault]) -> bool:
    """Whether a cell says yes, or has a cross in it."""
    text = fold(text_of(record.values.get(name)))
    if text not in _YES | _NO:
        faults.append(Fault("cell_no_yes_or_no", f"/{name}", {"value": text[:60]}))
    return text in _YES


def validated(shape: TypeAdapter[Any], said: object, faults: list[Fault]) -> Any:
    """What a row says, by the rules of the body that says the same over HTTP; None where they refuse it."""
    try:
        return shape.validate_python(said)
    except ValidationError as error:
        faults += faults_of(error, said)
        return None
