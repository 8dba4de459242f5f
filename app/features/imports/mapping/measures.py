"""Records -> values of measures as they would be written."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from pydantic import TypeAdapter

from app.core.errors import Fault
from app.core.intake.cells import read_decimal, read_percent, text_of
from app.core.rounding import as_number
from app.core.vietnamese import fold
from app.features.imports.mapping.fields import read_instant_of, read_number_of, validated
from app.features.imports.mapping.records import Record
from app.features.imports.schemas import ImportOptions
from app.features.statistics.mapping import MEASURE_SCALE
from app.features.statistics.repository import NUMBERS
from app.features.statistics.schemas import MeasureWrite
from app.models import MeasureRow

_SHAPE = TypeAdapter(MeasureWrite)


class Catalogue:
    """Measures by code, and by names that only one of them has."""

    def __init__(self, rows: Iterable[MeasureRow]) -> None:
        self.codes: set[str] = set()
        self.names: dict[str, set[str]] = {}
        for row in rows:
            self.codes.add(row.code)
            document = orjson.loads(row.document)
            for name in (document["name_vi"], document.get("name_en")):
                if name:
                    self.names.setdefault(fold(name), set()).add(row.code)

    def find(self, record: Record) -> str | Fault:
        """The code of the measure of a row: each column may hold its code or its name."""
        said = [(field, text) for field in _WHICH if (text := text_of(record.values.get(field)))]
        for _, text in said:
            if text in self.codes:
                return text
        for field, text in said:
            named = self.names.get(fold(text), set())
            if len(named) > 1:
                params = {"name": text[:100], "codes": ", ".join(sorted(named))}
                return Fault("measure_name_unclear", f"/{field}", params)
            if named:
                return next(iter(named))
        if said:
            return Fault("measure_unknown", f"/{said[0][0]}", {"measure": said[0][1][:100]})
        return Fault("measure_missing", "/measure")


_WHICH = ("measure", "measure_name")


def read_measure(record: Record, options: ImportOptions, faults: list[Fault]) -> MeasureWrite | None:
    """The value of a row; None where something is wrong with it."""
    said: dict[str, Any] = {
        name: read_number_of(record, name, read_percent if name == "percent" else read_decimal, faults)
        for name in NUMBERS
    }
    said["source"] = text_of(record.values.get("source")) or options.source
    said["extracted_at"] = read_instant_of(record, faults) or options.extracted_at
    if faults:
        return None
    found: MeasureWrite | None = validated(_SHAPE, said, faults)
    return found


def stored_measure(jurisdiction: str, numbers: Mapping[str, Any], revision: int | None) -> dict[str, Any]:
    """A value for JSON, with what it takes to write it."""
    said = {name: numbers[name] for name in (*NUMBERS, "source", "extracted_at")}
    return said | {"jurisdiction": jurisdiction, "revision": revision}


def show_measure(stored: Mapping[str, Any]) -> dict[str, Any]:
    """As over HTTP."""
    numbers = {n: None if stored[n] is None else as_number(stored[n], MEASURE_SCALE, 4) for n in NUMBERS}
    return {**numbers, "source": stored["source"], "extracted_at": stored["extracted_at"]}


def instant_of(text: str | None) -> datetime | None:
    """An instant from JSON."""
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)
