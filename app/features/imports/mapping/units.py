"""Records -> versions of units as they would be written."""

from typing import Any

from pydantic import TypeAdapter

from app.core.errors import Fault
from app.core.intake.cells import is_blank, text_of
from app.core.types import UnitKind
from app.core.vietnamese import fold
from app.features.imports.mapping.fields import read_day_of, validated
from app.features.imports.mapping.records import Record
from app.features.units.schemas import UnitWrite
from app.infra.schemas import Code

_SHAPE = TypeAdapter(UnitWrite)
_CODE = TypeAdapter(Code)
_KINDS = {
    "quoc gia": UnitKind.NATION,
    "bo": UnitKind.MINISTRY,
    "bo nganh": UnitKind.MINISTRY,
    "tinh": UnitKind.PROVINCE,
    "thanh pho": UnitKind.PROVINCE,
    "so": UnitKind.DEPARTMENT,
    "so nganh": UnitKind.DEPARTMENT,
    "phong": UnitKind.DEPARTMENT,
    "huyen": UnitKind.DISTRICT,
    "quan": UnitKind.DISTRICT,
    "thi xa": UnitKind.DISTRICT,
    "xa": UnitKind.COMMUNE,
    "phuong": UnitKind.WARD,
    "dac khu": UnitKind.SPECIAL_ZONE,
    "khac": UnitKind.OTHER,
    **{kind.value: kind for kind in UnitKind},
}


def read_unit(record: Record, faults: list[Fault]) -> tuple[str, UnitWrite] | None:
    """(code, version) of a row; None where something is wrong with it."""
    code = text_of(record.values.get("code"))
    if not code:
        faults.append(Fault("unit_missing", "/code"))
    else:
        found: list[Fault] = []
        validated(_CODE, code, found)
        faults += [Fault(fault.code, "/code", fault.params) for fault in found]
    said: dict[str, Any] = {
        name: text_of(record.values.get(name)) or None for name in ("name_vi", "name_en", "parent_code")
    }
    said["kind"] = _kind(record, faults)
    said |= {name: read_day_of(record, name, faults) for name in ("valid_from", "valid_to")}
    groups = text_of(record.values.get("groups")).replace(";", ",").split(",")
    said["groups"] = [group for part in groups if (group := part.strip())]
    missing = [name for name in ("name_vi", "valid_from") if is_blank(record.values.get(name))]
    faults += [Fault("cell_missing", f"/{name}", {"field": name}) for name in missing]
    if faults:
        return None
    unit = validated(_SHAPE, said, faults)
    return None if unit is None else (code, unit)


def _kind(record: Record, faults: list[Fault]) -> UnitKind | None:
    text = text_of(record.values.get("kind"))
    kind = _KINDS.get(text) or _KINDS.get(fold(text))
    if kind is None:
        params = {"kind": text[:60] or "-", "known": ", ".join(UnitKind)}
        faults.append(Fault("unit_kind_unknown", "/kind", params))
    return kind
