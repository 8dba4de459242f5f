"""Workbooks (.xlsx, .xlsm) row by row, in memory that does not grow with their rows. What is hidden as a
whole sheet stays unread and is said; hidden rows and columns are read, and said too."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import BinaryIO, NamedTuple

from app.core.errors import Fault
from app.core.intake.cells import Cell
from app.core.intake.headings import column_letter
from app.infra.errors import refuse
from app.infra.spreadsheets.archive import Archive, damaged
from app.infra.spreadsheets.cells import Place, cell_name
from app.infra.spreadsheets.limits import IMPORTED, Limits
from app.infra.spreadsheets.merges import Marks, Merge, find_merges
from app.infra.spreadsheets.parts import (
    STRINGS,
    STYLES,
    Attributes,
    SheetFacts,
    feed,
    find_sheets,
    find_styles,
    new_parser,
    number_of,
    walk,
)
from app.infra.spreadsheets.typed import Typing

_MOST_STRINGS = 400_000
_LONGEST_TEXT = 100_000
"""Characters of one cell; Excel itself takes 32,767."""
_DIGITS = "0123456789"
_COLUMN = re.compile(r"\d{1,6}", re.ASCII)
_MOST_COLUMNS = 16_384
"""Excel has no more."""


class SheetRow(NamedTuple):
    """A row that holds something; `number` as Excel shows it, cells from column A on."""

    sheet: str
    number: int
    cells: list[Cell]


def stream_rows(file: BinaryIO, limits: Limits = IMPORTED) -> Iterator[SheetRow | Fault]:
    """The rows of all visible sheets in their order; a Fault is a remark on the sheet. Raises
    InvalidInputError where the file is no workbook or holds too much."""
    archive = Archive(file, limits)
    sheets, from_1904 = find_sheets(archive, limits)
    typing = Typing(_strings(archive, limits), find_styles(archive.read(STYLES)), from_1904=from_1904)
    budget = _Budget(limits)
    for facts in sheets:
        if facts.hidden:
            yield Fault("sheet_hidden", "", {"sheet": facts.name}, (facts.name, "A1"))  # plain: it is kept
            continue
        merges = find_merges(archive.pieces(facts.part))
        yield from _SheetStream(facts, typing, merges, budget).rows(archive.pieces(facts.part))


class _Strings:
    """The texts that cells share, without what is said of their reading aloud."""

    def __init__(self, limit: int) -> None:
        self.found: list[str] = []
        self.parts: list[str] = []
        self.inside = {"t": False, "rPh": False}
        self.limit = self.left = limit
        self.length = 0

    def start(self, name: str, _: Attributes) -> None:
        """A text begins, or something around it."""
        if name in self.inside:
            self.inside[name] = True

    def end(self, name: str) -> None:
        """A text ends, or something around it."""
        if name in self.inside:
            self.inside[name] = False
        elif name == "si":
            self.found.append(Typing.text("".join(self.parts)))
            self.parts.clear()
            self.length = 0
            if len(self.found) > _MOST_STRINGS:
                refuse([Fault("workbook_too_much_text", "", {"limit": _MOST_STRINGS})])

    def text(self, characters: str) -> None:
        """What stands in a text."""
        self.left -= len(characters)
        self.length += len(characters)
        if self.left < 0 or self.length > _LONGEST_TEXT:
            limit = self.limit if self.left < 0 else _LONGEST_TEXT
            refuse([Fault("workbook_too_much_text", "", {"limit": limit})])
        if self.inside["t"] and not self.inside["rPh"]:
            self.parts.append(characters)


def _strings(archive: Archive, limits: Limits) -> list[str]:
    strings = _Strings(limits.text // 10)
    if STRINGS.lower() in archive.infos:
        walk(archive.pieces(STRINGS), strings.start, strings.end, strings.text)
    return strings.found


class _Budget:
    """What all sheets together may hold."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.rows, self.cells, self.text = limits.rows, limits.area, limits.text
        self.elements = 4 * limits.area

    def spend(self, cells: Sequence[Cell], sheet: str) -> None:
        """Count a row that holds something."""
        self.rows -= 1
        self.cells -= len(cells)
        self.text -= sum(len(cell) for cell in cells if type(cell) is str)
        place = Place(sheet, "A1")
        if self.rows < 0:
            refuse([Fault("workbook_too_many_rows", "", {"limit": self.limits.rows}, place)])
        if self.cells < 0:
            refuse([Fault("workbook_too_many_cells", "", {"limit": self.limits.area}, place)])
        if self.text < 0:
            refuse([Fault("workbook_too_much_text", "", {"limit": self.limits.text}, place)])


class _SheetStream:
    """Follows the cells of one sheet, and gives a row when it is complete."""

    def __init__(self, facts: SheetFacts, typing: Typing, merges: Sequence[Merge], budget: _Budget) -> None:
        self.facts, self.typing, self.budget = facts, typing, budget
        self.merged = Marks(merges)
        self.ready: deque[SheetRow] = deque()
        self.number, self.cells = 0, list[Cell]()
        self.name, self.beside = "", 0
        self.kind, self.style, self.text = "n", "", ""
        self.reading = self.has_value = self.has_formula = self.hidden = False
        self.hidden_rows: list[int] = []
        self.hidden_columns: list[str] = []
        self.left = budget.elements

    def rows(self, pieces: Iterable[bytes]) -> Iterator[SheetRow | Fault]:
        """The rows that hold something, then what is to be said of the sheet."""
        parser = new_parser()
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        for _ in feed(parser, pieces):
            while self.ready:
                yield self.ready.popleft()
        yield from self.ready
        sheet, place = self.facts.name, (self.facts.name, "A1")
        if self.hidden_rows:
            said = {"sheet": sheet, "count": len(self.hidden_rows), "first": self.hidden_rows[0]}
            yield Fault("rows_hidden", "", said, place)
        if self.hidden_columns:
            yield Fault(
                "columns_hidden", "", {"sheet": sheet, "columns": ", ".join(self.hidden_columns)}, place
            )

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A row or a cell begins, or something in a cell."""
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self._begin_cell(attributes)
        elif name in ("v", "t"):
            self.reading = self.has_value = True
        elif name == "f":
            self.has_formula = True
        elif name == "rPh":
            self.kind = "rPh"
        elif name == "row":
            self._begin_row(attributes)
        elif name == "col":
            self._note_column(attributes)
        self.left -= 1
        if self.left < 0:
            refuse([Fault("workbook_too_many_cells", "", {"limit": self.budget.limits.area})])

    def characters(self, text: str) -> None:
        """What stands in a value."""
        if self.reading and self.kind != "rPh":
            self.text += text
            if len(self.text) > _LONGEST_TEXT:
                refuse([Fault("workbook_too_much_text", "", {"limit": _LONGEST_TEXT})])

    def end(self, name: str) -> None:
        """A row, a cell or a value ends."""
        if ":" in name:
            name = name.rpartition(":")[2]
        if name in ("v", "t"):
            self.reading = False
        elif name == "c":
            if self.has_value or self.has_formula:
                self._end_cell()
        elif name == "row":
            self._end_row()
        elif name == "rPh":
            self.kind = "inlineStr"

    def _begin_row(self, attributes: Attributes) -> None:
        number = attributes.get("r")
        if number is not None and not (number.isascii() and number.isdigit() and len(number) < 8):
            raise damaged()
        self.number = self.number + 1 if number is None else int(number)
        self.name, self.beside = "", 0
        self.cells = []
        self.hidden = attributes.get("hidden") in ("1", "true")

    def _begin_cell(self, attributes: Attributes) -> None:
        """Cells may leave their names out; then they stand beside the last that has one."""
        name = attributes.get("r")
        self.name, self.beside = (self.name, self.beside + 1) if name is None else (name, 0)
        self.kind = attributes.get("t", "n")
        self.style = attributes.get("s", "")
        self.text = ""
        self.has_value = self.has_formula = False

    def _end_cell(self) -> None:
        text = self.text
        if (
            self.kind == "n"
            and text.isdigit()
            and text.isascii()
            and len(text) < 16
            and self.style not in self.typing.styles
        ):
            value: Cell = int(text)
        else:
            value = self.typing.value(self.kind, self.style, text, formula=self.has_formula)
        if value is None:
            return
        column, cells = _column_of(self.name.rstrip(_DIGITS)) + self.beside, self.cells
        if column >= self.budget.limits.columns:
            place = Place(self.facts.name, cell_name(self.number - 1, column))
            refuse([Fault("sheet_too_wide", "", {"limit": self.budget.limits.columns}, place)])
        if column >= len(cells):
            cells.extend([None] * (column - len(cells) + 1))
        cells[column] = value

    def _end_row(self) -> None:
        if self.cells:
            self.budget.spend(self.cells, self.facts.name)
            self.merged.mark(self.number, self.cells, self.budget.limits.columns)
            self.ready.append(SheetRow(self.facts.name, self.number, self.cells))
            if self.hidden:
                self.hidden_rows.append(self.number)
        self.cells = []

    def _note_column(self, attributes: Attributes) -> None:
        """Hidden columns come as ranges."""
        if attributes.get("hidden") not in ("1", "true"):
            return
        first, last = attributes.get("min", ""), attributes.get("max", "")
        if not (_COLUMN.fullmatch(first) and _COLUMN.fullmatch(last)):
            return
        start, end = int(first), min(int(last), _MOST_COLUMNS)
        if 0 < start <= min(end, self.budget.limits.columns):
            names = dict.fromkeys((column_letter(start - 1), column_letter(end - 1)))
            self.hidden_columns.append(":".join(names))


@lru_cache(maxsize=1000)
def _column_of(letters: str) -> int:
    """The position of a column, from 0; the one before A where there are no letters."""
    if letters and (len(letters) > 3 or not letters.isalpha() or not letters.isascii()):
        raise damaged()
    return number_of(letters.upper()) - 1
