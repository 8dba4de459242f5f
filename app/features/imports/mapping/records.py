"""Rows of tables, and JSON objects, as records of known fields."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, groupby, islice
from typing import NamedTuple

from app.core.errors import Fault
from app.core.intake.cells import Cell, is_blank, text_of
from app.core.intake.headings import (
    HIGHEST,
    SEARCHED_ROWS,
    Headings,
    Vocabulary,
    find_headings,
    is_numbering,
    is_total,
    plain,
)
from app.infra.documents import read_data
from app.infra.errors import refuse
from app.infra.tables import Entry, Line

LABELS = ("unit_code", "unit_name", "procedure_field", "code", "name_vi")
"""Fields that may say that a row adds up the others."""


class Record(NamedTuple):
    """One row by its fields. `cells`: field -> where it stands ("C"), for messages; `row` is as it came."""

    sheet: str | None
    number: int
    values: Mapping[str, Cell]
    columns: Mapping[str, str]
    row: Sequence[Cell]


class Notes:
    """What is said of a file as a whole: headings found, columns that name nothing, rows left out."""

    def __init__(self) -> None:
        self.headings: dict[str, str] = {}
        self.unknown: list[str] = []
        self.row: Sequence[str] = ()
        self.totals = 0
        self.sheets_without_table: list[str] = []


@cache
def vocabulary_of(kind: str) -> Vocabulary:
    """What the columns of a kind are called, as the service ships it."""
    found: Mapping[str, Vocabulary] = read_data("headings.yaml")
    return found[kind]


def read_records(rows: Iterable[Line | Entry], kind: str, notes: Notes) -> Iterator[Record]:
    """Records in the order of the file. Refuses a file in which no row names the columns."""
    vocabulary = vocabulary_of(kind)
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        refuse([Fault("file_empty")])
        return
    whole = chain([first], rows)
    if isinstance(first, Entry):
        yield from _of_objects((row for row in whole if isinstance(row, Entry)), vocabulary, notes)
        return
    found = False
    for sheet, lines in groupby((row for row in whole if isinstance(row, Line)), key=lambda row: row.sheet):
        for record in _of_sheet(lines, vocabulary, notes):
            found = True
            yield record
        if not found and sheet is not None:
            notes.sheets_without_table.append(sheet)
    if not notes.headings:
        known = ", ".join(vocabulary)
        refuse([Fault("headings_not_found", "", {"kind": kind, "known": known, "rows": SEARCHED_ROWS})])


def _of_objects(entries: Iterable[Entry], vocabulary: Vocabulary, notes: Notes) -> Iterator[Record]:
    fields: dict[str, str | None] = {}
    for entry in entries:
        for member in entry.members:
            if member not in fields:
                fields[member] = _field_of_member(member, vocabulary)
                if fields[member] is None:
                    notes.unknown.append(member)
                else:
                    notes.headings[fields[member] or ""] = member
        values = {fields[m] or "": cell for m, cell in entry.members.items() if fields[m] is not None}
        columns = {fields[m] or "": m for m in entry.members if fields[m] is not None}
        notes.row = tuple(fields)
        yield Record(None, entry.number, values, columns, [entry.members.get(m) for m in fields])


def _field_of_member(member: str, vocabulary: Vocabulary) -> str | None:
    name = plain(member)
    for field, names in vocabulary.items():
        if name == field.replace("_", " ") or name in names:
            return field
    return None


def _of_sheet(lines: Iterable[Line], vocabulary: Vocabulary, notes: Notes) -> Iterator[Record]:
    lines = iter(lines)
    top = list(islice(lines, SEARCHED_ROWS + HIGHEST))
    headings = find_headings([line.cells for line in top], vocabulary)
    if headings is None:
        for _ in lines:  # the next sheet begins behind it
            pass
        return
    _refuse_twice(headings, top[headings.first_row].number)
    fields = dict(headings.columns)
    notes.headings |= {field: column_letter(position) for position, field in fields.items()}
    notes.unknown += list(headings.unknown.values())
    notes.row = _heading_row(top[headings.first_row : headings.below])
    columns = {field: column_letter(position) for position, field in fields.items()}
    by_field = "procedure_field" in columns and not {"unit_code", "unit_name"} & set(columns)
    level = ""
    for line in chain(top[headings.below :], lines):
        if all(is_blank(cell) for cell in line.cells) or is_numbering(line.cells):
            continue
        values = {field: line.cells[p] for p, field in fields.items() if p < len(line.cells)}
        if by_field:
            level, values = _of_form(values, level)
        elif _adds_up(values, line):
            values = {}
        if values:
            yield Record(line.sheet, line.number, values, columns, line.cells)
        else:
            notes.totals += 1


def _of_form(values: dict[str, Cell], level: str) -> tuple[str, dict[str, Cell]]:
    """A row of form II.06a, which counts one unit by level and field: (level of the rows below, row). The
    total is the unit itself; the row of a level is what its fields come to, and says nothing more."""
    label = values.get("procedure_field")
    if is_total(label):
        return level, {**values, "procedure_field": ""}
    found = level_of(label)
    if found is not None:
        return found, {}
    field = code_of_field(text_of(label))
    return level, {**values, "procedure_field": f"{level}.{field}" if level else field}


def _adds_up(values: Mapping[str, Cell], line: Line) -> bool:
    """Whether a row is the total of others: then it names no unit of its own."""
    labels = [values[label] for label in LABELS if not is_blank(values.get(label))]
    first = next((cell for cell in line.cells if not is_blank(cell)), None)
    return any(is_total(label) for label in labels) or (not labels and is_total(first))


def _refuse_twice(headings: Headings, number: int) -> None:
    refuse(
        [
            Fault(
                "heading_twice",
                "",
                {"field": field, "columns": ", ".join(map(column_letter, positions)), "line": number},
            )
            for field, positions in headings.twice.items()
        ]
    )


def _heading_row(lines: Sequence[Line]) -> list[str]:
    """One heading for each column, to give bad rows back with."""
    width = max(len(line.cells) for line in lines)
    rows = [[text_of(cell) for cell in line.cells] + [""] * (width - len(line.cells)) for line in lines]
    return [next((row[p] for row in reversed(rows) if row[p]), "") for p in range(width)]


_LEVELS = {"tinh": "tinh", "so": "tinh", "trung uong": "tinh", "huyen": "huyen", "xa": "xa"}


_LEVEL = re.compile(
    r"(?:[ivx]+ |[a-e] )?(?:tthc |thu tuc hanh chinh )?(?:thuoc tham quyen )?(?:cua )?(?:giai quyet )?"
    r"cap (tinh|huyen|xa|so|trung uong)( .*)?"
)


def level_of(label: Cell) -> str | None:
    """The level that a row of the form heads: "Cấp tỉnh", "I. Cấp huyện", "TTHC cấp xã"; None for others."""
    found = _LEVEL.fullmatch(plain(text_of(label)))
    return _LEVELS[found[1]] if found else None


def code_of_field(name: str) -> str:
    """A field of procedure by its name: "Đất đai" -> "dat-dai"."""
    words = re.sub(r"^([ivx]+|\d+) ", "", plain(name)).split()
    return "-".join(words)[:64].strip("-")


def column_letter(position: int) -> str:
    """A column as spreadsheets name it: A, B, ... AA."""
    letters, left = "", position + 1
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
