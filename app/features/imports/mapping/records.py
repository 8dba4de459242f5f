"""Rows of tables, and JSON objects, as records of known fields."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, groupby, islice
from typing import NamedTuple

from app.core.errors import Fault
from app.core.intake.cells import Cell, Merged, identified, is_blank, shown, text_of
from app.core.intake.fonts import find_spoilt
from app.core.intake.forms import code_of_field, level_of
from app.core.intake.headings import (
    HIGHEST,
    SEARCHED_ROWS,
    UNREAD,
    Headings,
    Vocabulary,
    column_letter,
    field_of,
    find_headings,
    is_numbering,
    is_signed,
    is_total,
    plain,
)
from app.core.intake.letterhead import Letterhead, as_quarter, read_letterhead
from app.features.imports.mapping.headings import (
    QUARTER,
    WORDS,
    heading_texts,
    is_figure,
    is_quarter,
    refuse_figures_above,
    refuse_other_heading,
    refuse_twice,
    refuse_unclear,
)
from app.infra.documents import read_data
from app.infra.errors import refuse
from app.infra.tables import Entry, Line, Remark

LABELS = ("unit_code", "unit_name", "procedure_field", "code", "name_vi")
"""Fields that may say that a row adds up the others."""
MERGED = "(ô gộp)"
_ERRORS, _ROW, _NOTED = "_errors", "_row", {"_new"}
_HELD_ROWS = SEARCHED_ROWS + HIGHEST


class Heading(NamedTuple):
    """What a column is called, and the field that it is; None where it is not read."""

    text: str
    field: str | None


class Record(NamedTuple):
    """One row by its fields. `columns`: field -> where it stands ("C"), for messages; `row`: as it came, to
    be given back under `Notes.rows[sheet]`; `faults`: of the row as such; `head`: what stands above."""

    sheet: str | None
    number: int
    values: Mapping[str, Cell]
    columns: Mapping[str, str]
    row: Sequence[Cell]
    faults: Sequence[Fault] = ()
    head: Letterhead = Letterhead()


class Notes:
    """What is said of a file as a whole: headings, unknown columns, rows left out, remarks. `rows`: sheet ->
    what stands above each cell of its records' `row`."""

    def __init__(self) -> None:
        self.headings: dict[str, str] = {}
        self.unknown: list[str] = []
        self.rows: dict[str | None, list[Heading]] = {}
        self.totals = 0
        self.sheets_without_table: list[str] = []
        self.remarks: list[Fault] = []


@cache
def vocabulary_of(kind: str) -> Vocabulary:
    """What the columns of a kind are called, as the service ships it."""
    found: Mapping[str, Vocabulary] = read_data("headings.yaml")
    return found[kind]


def read_records(rows: Iterable[Line | Entry | Remark], kind: str, notes: Notes) -> Iterator[Record]:
    """Records in the order of the file. Refuses a file in which no row names the columns, or none follows."""
    vocabulary = vocabulary_of(kind)
    rows = _without_remarks(rows, notes)
    first = next(rows, None)
    if first is None:
        refuse([Fault("file_empty")])
        return
    whole = chain([first], rows)
    found = False
    for record in _records(whole, isinstance(first, Entry), vocabulary, notes, kind):
        found = True
        yield record
    if not found:
        refuse([Fault("table_without_rows")])


def _without_remarks(rows: Iterable[Line | Entry | Remark], notes: Notes) -> Iterator[Line | Entry]:
    for row in rows:
        if isinstance(row, Remark):
            notes.remarks.append(row)
        else:
            yield row


def _records(
    rows: Iterable[Line | Entry], objects: bool, vocabulary: Vocabulary, notes: Notes, kind: str
) -> Iterator[Record]:
    if objects:
        yield from _of_objects((row for row in rows if isinstance(row, Entry)), vocabulary, notes, kind)
        return
    garbled: list[str] = []
    lines = (row for row in rows if isinstance(row, Line))
    for sheet, group in groupby(lines, key=lambda row: row.sheet):
        rest = iter(group)
        top = list(islice(rest, _HELD_ROWS))
        headings = find_headings([line.cells for line in top], vocabulary)
        if headings is not None:
            yield from _Table(top, headings, notes, vocabulary).records(rest)
            continue
        garbled += find_spoilt(line.cells for line in top)
        deque(rest, maxlen=0)  # the next sheet begins behind it
        if sheet is not None:
            notes.sheets_without_table.append(sheet)
    if not notes.headings:
        if garbled:
            refuse([Fault("text_in_old_font", "", {"encoding": garbled[0]})])
        _refuse_without_headings(kind, vocabulary)


def _refuse_without_headings(kind: str, vocabulary: Vocabulary) -> None:
    known = ", ".join(field for field in vocabulary if not field.startswith(UNREAD))
    refuse([Fault("headings_not_found", "", {"kind": kind, "known": known, "rows": SEARCHED_ROWS})])


def _of_objects(
    entries: Iterable[Entry], vocabulary: Vocabulary, notes: Notes, kind: str
) -> Iterator[Record]:
    fields: dict[str, str | None] = {}
    notes.rows[None] = []
    for entry in entries:
        for member in entry.members:
            if member not in fields:
                fields[member] = _note_member(member, vocabulary, notes, entry.number)
        if not notes.headings and entry.members:
            _refuse_without_headings(kind, vocabulary)
        said = [(field, member) for member in entry.members if (field := fields[member]) is not None]
        columns = dict(said)
        values = {field: entry.members[member] for field, member in said}
        if plain(columns.get("period", "")) == QUARTER:
            values["period"] = as_quarter(text_of(values["period"]))
        if not is_blank(values.get("procedure_field")):
            values["procedure_field"] = _code_of(values["procedure_field"])
        faults = _same_fields(said, columns)
        row = [entry.members.get(heading.text) for heading in notes.rows[None]]
        yield Record(None, entry.number, values, columns, row, faults)


def _note_member(member: str, vocabulary: Vocabulary, notes: Notes, number: int) -> str | None:
    """The field that a member names. A file with a member of its own in every row is none of rows."""
    field = field_of([plain(member)], vocabulary)
    if field == _ERRORS:
        return None
    row = notes.rows[None]
    if len(row) >= _MOST_MEMBERS:
        refuse([Fault("too_many_columns", "", {"line": number, "limit": _MOST_MEMBERS})])
    read = None if field is None or field.startswith(UNREAD) else field
    row.append(Heading(member, read))
    if read is None:
        notes.unknown.append(member)
    else:
        notes.headings.setdefault(read, member)
    return read


_MOST_MEMBERS = 500


def _same_fields(said: Sequence[tuple[str, str]], columns: Mapping[str, str]) -> Sequence[Fault]:
    if len(columns) == len(said):
        return ()
    return [
        Fault("field_in_two_members", f"/{field}", {"member": member, "other": columns[field]})
        for field, member in said
        if columns[field] != member
    ]


class _Table:
    """One table of a file: its heading, and how its rows are read."""

    def __init__(self, top: Sequence[Line], headings: Headings, notes: Notes, vocabulary: Vocabulary) -> None:
        refuse_twice(headings, top[headings.first_row].number)
        refuse_unclear(headings, top[headings.first_row].number)
        refuse_figures_above(top, headings)
        self.vocabulary = vocabulary
        self.sheet = top[0].sheet
        self.headings = {heading_texts(line.cells) for line in top[headings.first_row : headings.below]}
        self.number = top[headings.first_row].number
        self.fields = {p: field for p, field in headings.columns.items() if not field.startswith(UNREAD)}
        self.columns = {field: column_letter(position) for position, field in self.fields.items()}
        self.figures = [p for p, field in self.fields.items() if field not in WORDS]
        self.ours = _ours(headings)
        self.by_field = "procedure_field" in self.columns and not {"unit_code", "unit_name"} & {*self.columns}
        self.label_at = next((p for p, field in self.fields.items() if field == "procedure_field"), 0)
        self.quarterly = any(f == "period" and is_quarter(headings, p) for p, f in self.fields.items())
        self.level = ""
        self.width = max(headings.paths) + 1
        self.bare = [p for p in range(min(headings.paths), self.width) if p not in headings.paths]
        self.head = read_letterhead([line.cells for line in top[: headings.first_row]])
        self.rest = top[headings.below :]
        self.notes = notes
        self._note(headings)

    def _note(self, headings: Headings) -> None:
        notes = self.notes
        notes.headings |= self.columns
        unread = {p: headings.paths[p] for p, field in headings.columns.items() if field in _NOTED}
        notes.unknown += [text for _, text in sorted({**headings.unknown, **unread}.items())]
        notes.rows[self.sheet] = [
            Heading(headings.paths.get(p, ""), self.fields.get(p))
            for p in range(self.width)
            if p not in self.ours
        ]
        if self.head.period or self.head.unit_name:
            said = {"period": self.head.period or "?", "unit": self.head.unit_name or "?"}
            place = None if self.sheet is None else (self.sheet, "A1")
            notes.remarks.append(Fault("letterhead_read", "", said, place))

    def records(self, lines: Iterable[Line]) -> Iterator[Record]:
        """The rows that say something of their own."""
        fields = tuple(self.fields.items())
        begun = signed = False
        for line in chain(self.rest, lines):
            cells = line.cells
            first = self._first(cells)
            if first is None:
                continue
            if not begun and is_numbering(cells, self.figures):
                begun = True
                self._note_numbering(line, first)
                continue
            begun = True
            if not self._has_figure(cells):
                if self._is_heading(line):
                    begun = signed = False
                    continue
                if (signed or is_signed(first)) and _is_sparse(cells):
                    signed = True
                    continue
            width = len(cells)
            values = {field: cells[p] for p, field in fields if p < width}
            if line.sheet is not None:
                values = {f: identified(cell) if f in WORDS else cell for f, cell in values.items()}
            if self.quarterly and "period" in values:
                values["period"] = as_quarter(text_of(values["period"]))
            if self._is_own(values, first):
                yield self._record(line, values)
            else:
                self.notes.totals += 1

    def _first(self, cells: Sequence[Cell]) -> Cell:
        """What the row begins with, faults of an earlier import aside."""
        if self.ours:
            cells = [cell for p, cell in enumerate(cells) if p not in self.ours]
        return next((cell for cell in cells if not is_blank(cell)), None)

    def _has_figure(self, cells: Sequence[Cell]) -> bool:
        return any(p < len(cells) and is_figure(cells[p]) for p in self.figures)

    def _note_numbering(self, line: Line, first: Cell) -> None:
        """Say that a row counts for nothing, where it could be figures: (1) could not."""
        if not text_of(first).startswith("("):
            place = None if line.sheet is None else (line.sheet, f"A{line.number}")
            self.notes.remarks.append(Fault("numbering_left_out", "", {"line": line.number}, place))

    def _is_heading(self, line: Line) -> bool:
        """Whether a row is the heading again, as on the next page of a print. Another one is refused: its
        figures would be read as something else."""
        if heading_texts(line.cells) in self.headings:
            return True
        paths = {p: [plain(text)] for p, cell in enumerate(line.cells) if (text := text_of(cell))}
        fields = {field_of(path, self.vocabulary) for path in paths.values()} - {None}
        if len(fields) > 1 and not fields <= WORDS:
            refuse_other_heading(self.number, line.number)
        return False

    def _is_own(self, values: dict[str, Cell], first: Cell) -> bool:
        """Whether a row is no total of others; its field of procedure becomes a code on the way."""
        if self.by_field:
            return self._read_form(values, first)
        if (field := values.get("procedure_field")) is not None:
            values["procedure_field"] = _code_of(field)
        labels = [values[label] for label in LABELS if not is_blank(values.get(label))]
        if any(is_total(label) or level_of(label) for label in labels):
            return False
        return bool(labels) or not is_total(first)

    def _read_form(self, values: dict[str, Cell], first: Cell) -> bool:
        """A row of form II.06a, which counts one unit by level and field. The total is the unit itself; the
        row of a level is what its fields come to, and says nothing more."""
        label = values.get("procedure_field")
        if is_blank(label) and (is_total(first) or level_of(first)):
            label = first
        found = level_of(label)
        if found is not None:
            if not is_total(label):
                self.level = f"{found}."
            return False
        code = code_of_field(text_of(label))
        if code is None:
            values["procedure_field"] = text_of(label)
        elif not code:
            values["procedure_field"] = "" if is_total(label) else None
        else:
            values["procedure_field"] = code if "." in code else self.level + code
        return True

    def _record(self, line: Line, values: dict[str, Cell]) -> Record:
        row = line.cells
        if line.sheet is not None and any(type(cell) is Merged for cell in row):
            row = [_given_back(cell, p not in self.figures) for p, cell in enumerate(row)]
        if self.by_field and values["procedure_field"] and self.label_at < len(row):
            row = [values["procedure_field"] if p == self.label_at else cell for p, cell in enumerate(row)]
        if self.ours:
            row = [cell for p, cell in enumerate(row) if p not in self.ours]
        faults = self._strays(line.cells) if self.bare or len(line.cells) > self.width else ()
        if self.by_field and values["procedure_field"] is None:
            faults = [Fault("field_of_row_missing", "/procedure_field"), *faults]
        return Record(line.sheet, line.number, values, self.columns, row, faults, self.head)

    def _strays(self, cells: Sequence[Cell]) -> Sequence[Fault]:
        """What stands under no heading: the row may have shifted."""
        return [
            Fault("cell_under_no_heading", "", {"column": column_letter(p), "value": shown(cells[p])})
            for p in (*self.bare, *range(self.width, len(cells)))
            if p < len(cells) and not is_blank(cells[p])
        ]


def _ours(headings: Headings) -> set[int]:
    """Columns that stand first where bad rows are given back; what is wrong, and the row that it was."""
    fields = headings.columns
    return {p for p, f in fields.items() if f in (_ERRORS, _ROW)} if _ERRORS in fields.values() else set()


def _code_of(field: Cell) -> str:
    """The code of a field of procedure; what names none stays, to be rejected."""
    text = text_of(field)
    code = code_of_field(text)
    return text if code is None else code


def _given_back(cell: Cell, is_word: bool) -> Cell:
    """A merged cell as one of its own; a figure as a text that is refused when it comes again."""
    if not isinstance(cell, Merged):
        return cell
    return cell.value if is_word or cell.value is None else f"{text_of(cell.value)} {MERGED}"


def _is_sparse(cells: Sequence[Cell]) -> bool:
    return sum(not is_blank(cell) for cell in cells) <= _MOST_SIGNED


_MOST_SIGNED = 4
"""Signatures stand beside each other; a row of a table that fills more is one."""
