"""What is said of a file as a whole."""

from collections.abc import Mapping
from typing import Any

from app.core.errors import Fault
from app.core.intake.headings import column_letter, plain
from app.core.validation import Finding
from app.features.imports.mapping.records import Notes, vocabulary_of

OWN_HEADINGS = {"vi": ("Lỗi", "Dòng"), "en": ("Errors", "Row")}
"""Columns that come first where bad rows are given back; they say nothing when they come again."""
_OURS = {heading for headings in OWN_HEADINGS.values() for heading in headings}
_SAMPLES = 5
_MOST, _LONGEST = 200, 200


class Warnings:
    """Warnings counted by their code, the first of each kept."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.samples: dict[str, list[dict[str, Any]]] = {}

    def add(self, warning: Finding, line: Mapping[str, Any]) -> None:
        """A warning of a line."""
        self.counts[warning.code] = self.counts.get(warning.code, 0) + 1
        samples = self.samples.setdefault(warning.code, [])
        if len(samples) < _SAMPLES:
            names = ("position", "sheet", "line", "unit_code", "period")
            samples.append({n: line[n] for n in names} | {"params": dict(warning.params)})

    def told(self) -> list[dict[str, Any]]:
        """For the report."""
        return [{"code": code, "count": n, "samples": self.samples[code]} for code, n in self.counts.items()]


def _given_back(notes: Notes, kind: str) -> list[str]:
    """The headings of bad rows in one row: as they were where each is understood alone, else the field."""
    fields = {place: field for field, place in notes.headings.items()}
    headings = []
    for position, text in enumerate(notes.row):
        field = fields.get(column_letter(position))
        alone = field is None or text in fields or _means(plain(text), kind) == field
        headings.append(text[:_LONGEST] if alone else str(field))
    return headings


def _means(heading: str, kind: str) -> str | None:
    for field, names in vocabulary_of(kind).items():
        if heading == field.replace("_", " ") or heading in names:
            return field
    return None


def kept_fault(fault: Fault) -> dict[str, Any]:
    """A fault as JSON keeps it."""
    place = None if fault.place is None else list(fault.place)
    return {"code": fault.code, "pointer": fault.pointer, "params": dict(fault.params), "place": place}


def found_fault(kept: Mapping[str, Any]) -> Fault:
    """A fault out of JSON."""
    sheet, cell = kept.get("place") or ("", "")
    return Fault(**{**kept, "place": (sheet, cell) if sheet or cell else None})


def file_notes(notes: Notes, kind: str) -> dict[str, Any]:
    """For the report: columns, what was left out, and the headings of bad rows."""
    unknown = [text[:_LONGEST] for text in dict.fromkeys(notes.unknown) if text not in _OURS]
    return {
        "columns": notes.headings,
        "unknown_columns": unknown[:_MOST],
        "heading_row": _given_back(notes, kind),
        "totals_left_out": notes.totals,
        "remarks": [kept_fault(remark) for remark in notes.remarks[:_MOST]],
        "sheets_left_out": notes.sheets_without_table[:_MOST],
    }
