"""Every file of the gallery is read rightly or refused, in little memory."""

import tracemalloc
from pathlib import Path

import pytest

from app.core.errors import Fault
from app.core.intake.cells import Cell, read_count, text_of
from app.features.imports.mapping.records import Notes, Record, read_records
from app.infra.errors import AppError
from app.infra.messages import MESSAGES
from app.infra.tables import read_table
from tests.nasty_files import NASTY, Nasty, Refused, Row, Rows, Said

MEGABYTE = 1_000_000


def count(cell: Cell) -> Said:
    """A count, or the code of what is wrong with it."""
    found = read_count(cell)
    return found.code if isinstance(found, Fault) else found


def row_of(record: Record) -> Row:
    """A record as the gallery says it."""
    said = record.values
    unit = text_of(said.get("unit_code")) or text_of(said.get("unit_name"))
    return (
        record.number,
        unit,
        text_of(said.get("period")),
        count(said.get("received")),
        count(said.get("resolved")),
    )


def read(path: Path, kind: str) -> Rows | Refused:
    """What becomes of a file."""
    notes = Notes()
    rows, faults = [], {}
    try:
        for record in read_records(read_table(path), kind, notes):
            rows.append(row_of(record))
            if record.faults:
                faults[record.number] = [fault.code for fault in record.faults]
    except AppError as error:
        (fault,) = error.faults or [Fault(error.code, "", error.params)]
        line = fault.params.get("line")
        assert line is None or isinstance(line, int)
        return Refused(fault.code, line, fault.place[1] if fault.place else None)
    return Rows(rows, faults, tuple(remark.code for remark in notes.remarks), notes.totals)


@pytest.mark.parametrize("file", [pytest.param(file, id=file.name) for file in NASTY])
def test_a_file_is_read_rightly_or_refused(file: Nasty, tmp_path: Path) -> None:
    path = file.write(tmp_path)
    tracemalloc.start()
    try:
        found = read(path, file.kind)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found == file.expected
    assert peak < 12 * MEGABYTE
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


def test_whatever_is_refused_says_how_to_mend_it() -> None:
    refused = {file.expected.code for file in NASTY if isinstance(file.expected, Refused)}
    for code in refused - {"xlsx_unpacks_too_large"}:
        assert MESSAGES[code].hint_vi, code


def test_no_two_files_have_one_name() -> None:
    assert len({file.name for file in NASTY}) == len(NASTY) >= 30
