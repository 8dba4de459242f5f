"""What is said of a file as a whole."""

from collections.abc import Container, Iterator, Mapping
from typing import Any, NamedTuple

from app.core.errors import Fault
from app.core.intake.headings import Vocabulary, field_of, plain
from app.core.validation import Finding
from app.features.imports.mapping.records import Heading, Notes, vocabulary_of

OWN_HEADINGS = {"vi": ("Lỗi", "Dòng"), "en": ("Errors", "Row")}
"""Columns that come first where bad rows are given back; they say nothing when they come again."""
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


class GivenBack(NamedTuple):
    """Bad rows of all sheets in one table. `places`: sheet ("" where there are none) -> the column that each
    cell of its rows goes to; `added`: columns behind them that the file lacks, filled in from the line."""

    headings: list[str]
    places: dict[str, list[int]]
    added: list[str]


def give_back(notes: Notes, kind: str) -> GivenBack:
    """Columns of one field are one, whatever each sheet calls them. What stood above the table, or was an
    option, is added as a column: the rows come again without it."""
    vocabulary = vocabulary_of(kind)
    keys: dict[str, int] = {}
    headings: list[str] = []
    places: dict[str, list[int]] = {}
    for sheet, row in notes.rows.items():
        places[sheet or ""] = [_place(heading, headings, keys, vocabulary) for heading in row]
    added = [field for field in _added(keys) if field in vocabulary]
    return GivenBack([*headings, *added], places, added)


def _place(heading: Heading, headings: list[str], keys: dict[str, int], vocabulary: Vocabulary) -> int:
    """The column of a heading; a new one is called as it was where that is understood alone, else as the
    field."""
    text, field = heading
    key = field or f"?{text}"
    if key not in keys or not text:
        keys[key] = len(headings)
        means = field_of([plain(text)], vocabulary) if text else None
        headings.append(text[:_LONGEST] if field is None or means == field else field)
    return keys[key]


def _added(keys: Container[str]) -> Iterator[str]:
    if "period" not in keys:
        yield "period"
    # a table of one unit by fields of procedure is read by its having no unit
    if not any(key in keys for key in ("unit_code", "unit_name", "procedure_field", "code")):
        yield "unit_code"


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
    unknown = [text[:_LONGEST] for text in dict.fromkeys(notes.unknown)]
    return {
        "columns": notes.headings,
        "unknown_columns": unknown[:_MOST],
        "given_back": give_back(notes, kind)._asdict(),
        "totals_left_out": notes.totals,
        "remarks": [kept_fault(remark) for remark in notes.remarks[:_MOST]],
        "sheets_left_out": notes.sheets_without_table[:_MOST],
    }
