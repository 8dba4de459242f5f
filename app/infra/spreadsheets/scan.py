"""A look over the XML of a workbook before it is read: how far its cells reach, how much text they would
make, and what the reader does not tell: which cells show an error, and which a percentage."""

import re
from collections.abc import Sequence

from app.core.errors import Fault
from app.infra.errors import refuse
from app.infra.spreadsheets.archive import Archive, damaged
from app.infra.spreadsheets.cells import Place, cell_name
from app.infra.spreadsheets.limits import Limits
from app.infra.spreadsheets.parts import (
    STRINGS,
    STYLES,
    Attributes,
    SheetFacts,
    find_sheets,
    find_styles,
    number_of,
    walk,
)

_ENVELOPE = ("[Content_Types].xml", "_rels/.rels")
_CELL, _ROW = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})"), re.compile(r"[1-9]\d{0,6}")


def scan(archive: Archive, limits: Limits) -> list[SheetFacts]:
    """Look over every part that the reader reads; the sheets in their order. Refuses what is larger than
    the limits."""
    for name in _ENVELOPE:
        walk(archive.read(name) or b"<none/>", lambda _name, _attributes: None)
    sheets, _ = find_sheets(archive, limits)
    lengths = _lengths_of_strings(archive.read(STRINGS))
    styles = find_styles(archive.read(STYLES))
    percent_styles = {style for style, shows in styles.items() if shows == "percent"}
    budget = _Budget(limits)
    for facts in sheets:
        content = archive.read(facts.part)
        if content is None:
            raise damaged()
        _SheetScan(facts, lengths, percent_styles, budget).read(content)
        budget.spend_area(facts)
    return sheets


class _Budget:
    """What all sheets together may come to."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.area = 0
        self.text = 0

    def spend_area(self, facts: SheetFacts) -> None:
        """Count the rectangle of a sheet, which the reader fills whole."""
        self.area += facts.rows * facts.columns
        if self.area > self.limits.area:
            refuse([Fault("sheet_too_large", "", {"limit": self.limits.area}, Place(facts.name, "A1"))])

    def spend_text(self, length: int, facts: SheetFacts) -> None:
        """Count the text of a cell: thousands of cells may share one long text."""
        self.text += length
        if self.text > self.limits.text:
            refuse([Fault("sheet_too_much_text", "", {"limit": self.limits.text}, Place(facts.name, "A1"))])


def _lengths_of_strings(content: bytes | None) -> list[int]:
    """Characters of each shared string."""
    lengths: list[int] = []

    def start(name: str, _: Attributes) -> None:
        if name == "si":
            lengths.append(0)

    def text(characters: str) -> None:
        if lengths:
            lengths[-1] += len(characters)

    if content is not None:
        walk(content, start, text=text)
    return lengths


class _SheetScan:
    """Follows the cells of one sheet as the reader will."""

    def __init__(
        self, facts: SheetFacts, lengths: Sequence[int], percent_styles: set[int], budget: _Budget
    ) -> None:
        self.facts = facts
        self.lengths = lengths
        self.percent_styles = percent_styles
        self.budget = budget
        self.row = self.column = 0
        self.cell: Attributes | None = None
        self.value: list[str] | None = None

    def read(self, content: bytes) -> None:
        """Go through the part."""
        walk(content, self.start, self.end, self.text)

    def start(self, name: str, attributes: Attributes) -> None:
        """A row or a cell begins, or something in a cell."""
        if name == "row":
            self._begin_row(attributes.get("r"))
        elif name == "c":
            self._begin_cell(attributes)
        elif self.cell is not None:
            self._fill()
            if name == "v":
                self.value = []

    def text(self, characters: str) -> None:
        """What stands in a value."""
        if self.value is not None:
            self.value.append(characters)

    def end(self, name: str) -> None:
        """A row, a cell or a value ends."""
        if name == "row":
            self.row, self.column = self.row + 1, 0
        elif name == "c":
            self.cell = None
            self.column += 1
        elif name == "v" and self.value is not None and self.cell is not None:
            if self.cell.get("t") == "s":
                self.budget.spend_text(self._length("".join(self.value)), self.facts)
            self.value = None

    def _length(self, index: str) -> int:
        try:
            return self.lengths[int(index)]
        except (ValueError, IndexError) as error:
            raise damaged() from error

    def _begin_row(self, number: str | None) -> None:
        if number is not None:
            if not _ROW.fullmatch(number):
                raise damaged()
            self.row = int(number) - 1
        self.column = 0

    def _begin_cell(self, attributes: Attributes) -> None:
        self.cell = attributes
        if "r" in attributes:
            found = _CELL.fullmatch(attributes["r"])
            if found is None:
                raise damaged()
            self.column = number_of(found[1]) - 1
            self.at = (int(found[2]) - 1, self.column)
        else:
            self.at = (self.row, self.column)

    def _fill(self) -> None:
        """The cell holds something: cells that are only painted do not count."""
        assert self.cell is not None  # noqa: S101 - only called in one
        facts, limits = self.facts, self.budget.limits
        row, column = self.at
        if row >= limits.rows:
            place = Place(facts.name, cell_name(row, column))
            refuse([Fault("sheet_too_long", "", {"limit": limits.rows}, place)])
        if column >= limits.columns:
            place = Place(facts.name, cell_name(row, column))
            refuse([Fault("sheet_too_wide", "", {"limit": limits.columns}, place)])
        facts.rows, facts.columns = max(facts.rows, row + 1), max(facts.columns, column + 1)
        if self.cell.get("t") == "e":
            facts.broken.add(self.at)
        if self.cell.get("s", "").isdecimal() and int(self.cell["s"]) in self.percent_styles:
            facts.percents.add(self.at)
