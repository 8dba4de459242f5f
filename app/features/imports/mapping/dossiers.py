"""Records -> dossier counts as they would be written."""

from typing import Any

from app.core.errors import Fault
from app.core.intake.cells import read_count, text_of
from app.core.intake.forms import code_of_field
from app.core.periods import Period
from app.core.statistics import COLUMNS, refuse_counts
from app.core.types import Scope
from app.features.imports.mapping.fields import read_day_of, read_instant_of, read_period_of
from app.features.imports.mapping.records import Record
from app.features.imports.schemas import ImportOptions

LONGEST_FIELD = 64
SCOPES = {"": None, "own": Scope.OWN, "total": Scope.TOTAL}


def read_dossier(
    record: Record, options: ImportOptions, periods: dict[str, Period | None]
) -> tuple[dict[str, Any], list[Fault]]:
    """(what the row says, what is wrong with it). Pointers name fields. `periods`: those read before."""
    faults: list[Fault] = [*record.faults]
    said: dict[str, Any] = {"period": read_period_of(record, options, periods, faults)}
    said["scope"] = _scope(record, options, faults)
    said["procedure_field"] = _field(record, faults)
    for column in COLUMNS:
        found = read_count(record.values.get(column))
        if isinstance(found, Fault):
            faults.append(Fault(found.code, f"/{column}", found.params))
            found = None
        said[column] = found
    for name in ("data_from", "data_to"):
        said[name] = read_day_of(record, name, faults)
    if said["period"] and said["period"].text == record.head.period:
        said["data_from"] = said["data_from"] or record.head.data_from
        said["data_to"] = said["data_to"] or record.head.data_to
    if said["data_from"] and said["data_to"] and said["data_to"] < said["data_from"]:
        faults.append(Fault("data_interval_reversed", "/data_to"))
    said["source"] = text_of(record.values.get("source"))[:4000] or options.source
    said["extracted_at"] = read_instant_of(record, faults) or options.extracted_at
    if not faults:
        faults += refuse_counts({c: said[c] for c in COLUMNS if said[c] is not None})
    return said, faults


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
