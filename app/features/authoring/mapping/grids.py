"""Sheets whose columns are known by their headings; what is wrong in them, and where each member stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.errors import Fault
from app.features.authoring.mapping.members import folded, is_blank, read
from app.features.authoring.schemas import Field
from app.infra.problems import FaultError
from app.infra.spreadsheets.cells import Place, Value, cell_name
from app.infra.spreadsheets.reading import Sheet
from app.infra.spreadsheets.values import shown


@dataclass
class Findings:
    """What is wrong with a workbook, and the cell of each member of its document."""

    faults: list[Fault] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)

    def add(self, error: FaultError, pointer: str, place: Place) -> None:
        """Keep what was raised while a cell was read."""
        self.faults.append(Fault(error.fault.code, pointer, error.fault.params, place))

    def miss(self, wanted: Field, pointer: str, place: Place) -> None:
        """A cell must be filled in."""
        if wanted.null is None:
            fault = Fault("cell_empty", pointer, {"heading": wanted.heading}, place)
        else:
            params = {"heading": wanted.heading, "word": wanted.null}
            fault = Fault("cell_unsaid", pointer, params, place)
        self.faults.append(fault)


@dataclass(frozen=True)
class Grid:
    """The rows of a sheet below its headings."""

    sheet: Sheet
    columns: dict[str, int]

    def place(self, row: int, member: str) -> Place:
        """The cell of a member in a row."""
        return Place(self.sheet.name, cell_name(row, self.columns.get(member, 0)))

    def value(self, row: int, member: str) -> Value:
        """What the cell holds; None where the sheet has no such column."""
        column = self.columns.get(member)
        return None if column is None else self.sheet.rows[row][column]

    def rows(self) -> Iterator[int]:
        """Numbers of the rows that say anything, from 0; headings are row 0."""
        for number in range(1, len(self.sheet.rows)):
            if any(not is_blank(self.sheet.rows[number][column]) for column in self.columns.values()):
                yield number

    @property
    def end(self) -> int:
        """The first row after all."""
        return max(1, len(self.sheet.rows))


def find_grid(sheet: Sheet, fields: Sequence[Field], findings: Findings) -> Grid:
    """Find the columns by the headings in the first row; unknown ones and required ones that are missing are
    faults."""
    known = {folded(wanted.heading): wanted.member for wanted in fields}
    columns: dict[str, int] = {}
    for column, value in enumerate(sheet.rows[0] if sheet.rows else []):
        if is_blank(value):
            _refuse_content(sheet, column, findings)
            continue
        member = known.get(folded(str(value)))
        place = Place(sheet.name, cell_name(0, column))
        if member is None:
            params = {"heading": shown(str(value)), "known": "; ".join(w.heading for w in fields)}
            findings.faults.append(Fault("column_unknown", "", params, place))
        elif member in columns:
            findings.faults.append(Fault("column_twice", "", {"heading": shown(str(value))}, place))
        else:
            columns[member] = column
    findings.faults += [
        Fault("column_missing", "", {"heading": wanted.heading}, Place(sheet.name, "A1"))
        for wanted in fields
        if wanted.required and wanted.member not in columns
    ]
    return Grid(sheet, columns)


def _refuse_content(sheet: Sheet, column: int, findings: Findings) -> None:
    """What stands under no heading would be passed over."""
    for number, row in enumerate(sheet.rows):
        if not is_blank(row[column]):
            place = Place(sheet.name, cell_name(number, column))
            findings.faults.append(Fault("column_without_heading", "", {}, place))
            return


def read_row(
    grid: Grid, row: int, fields: Sequence[Field], pointer: str, findings: Findings
) -> dict[str, Any]:
    """Members of one row; their places are kept under `pointer`."""
    found = {}
    for wanted in fields:
        place, value = grid.place(row, wanted.member), grid.value(row, wanted.member)
        here = findings.places[f"{pointer}/{wanted.member}"] = place
        if is_blank(value):
            if wanted.required:
                findings.miss(wanted, f"{pointer}/{wanted.member}", here)
            continue
        try:
            found[wanted.member] = read(wanted, value)
        except FaultError as error:
            findings.add(error, f"{pointer}/{wanted.member}", here)
    return found
