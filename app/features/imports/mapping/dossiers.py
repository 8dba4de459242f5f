"""Records -> dossier counts as they would be written."""

from datetime import date, datetime, time
from typing import Any

from app.core.errors import Fault, InvalidPeriodError
from app.core.intake.cells import is_blank, read_count, read_day, text_of
from app.core.intake.forms import code_of_field
from app.core.intake.letterhead import read_period
from app.core.periods import Period, parse_period
from app.core.statistics import COLUMNS, refuse_counts
from app.core.types import Scope
from app.features.imports.mapping.records import Record
from app.features.imports.schemas import ImportOptions
from app.infra.clock import VIETNAM

LONGEST_FIELD = 64
SCOPES = {"": None, "own": Scope.OWN, "total": Scope.TOTAL}


def read_dossier(
    record: Record, options: ImportOptions, periods: dict[str, Period | None]
) -> tuple[dict[str, Any], list[Fault]]:
    """(what the row says, what is wrong with it). Pointers name fields. `periods`: those read before."""
    faults: list[Fault] = [*record.faults]
    said: dict[str, Any] = {"period": _period(record, options, periods, faults)}
    said["scope"] = _scope(record, options, faults)
    said["procedure_field"] = _field(record, faults)
    for column in COLUMNS:
        found = read_count(record.values.get(column))
        if isinstance(found, Fault):
            faults.append(Fault(found.code, f"/{column}", found.params))
            found = None
        said[column] = found
    for name in ("data_from", "data_to"):
        said[name] = _day(record, name, faults)
    if said["period"] and said["period"].text == record.head.period:
        said["data_from"] = said["data_from"] or record.head.data_from
        said["data_to"] = said["data_to"] or record.head.data_to
    if said["data_from"] and said["data_to"] and said["data_to"] < said["data_from"]:
        faults.append(Fault("data_interval_reversed", "/data_to"))
    said["source"] = text_of(record.values.get("source"))[:4000] or options.source
    said["extracted_at"] = _instant(record, faults) or options.extracted_at
    if not faults:
        faults += refuse_counts({c: said[c] for c in COLUMNS if said[c] is not None})
    return said, faults


def _period(
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
        said = {"period": period.text, "letterhead": head.text}
        faults.append(Fault("period_differs", "/period", said))
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


def _field(record: Record, faults: list[Fault]) -> str:
    """The code of a field of procedure; empty is all of them."""
    code = text_of(record.values.get("procedure_field"))
    if len(code) > LONGEST_FIELD or code_of_field(code) != code:
        faults.append(Fault("procedure_field_unclear", "/procedure_field", {"field": code[:LONGEST_FIELD]}))
    return code


def _scope(record: Record, options: ImportOptions, faults: list[Fault]) -> Scope:
    text = text_of(record.values.get("scope")).lower()
    if text not in SCOPES:
        faults.append(Fault("scope_unknown", "/scope", {"scope": text}))
    return SCOPES.get(text) or options.scope


def _day(record: Record, name: str, faults: list[Fault]) -> date | None:
    cell = record.values.get(name)
    if is_blank(cell):
        return None
    found = read_day(cell)
    if isinstance(found, Fault):
        faults.append(Fault(found.code, f"/{name}", found.params))
        return None
    return found


def _instant(record: Record, faults: list[Fault]) -> datetime | None:
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
