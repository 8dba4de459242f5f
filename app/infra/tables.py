"""Tables from outside as rows of cells, one at a time: CSV, JSON, NDJSON and workbooks, told apart by what
they hold, whatever they are called."""

import codecs
import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from app.core.errors import Fault
from app.core.intake.cells import Cell
from app.infra.errors import InvalidInputError, TooLargeError, refuse

LARGEST_JSON = 32_000_000
"""Bytes of one JSON document, which is read whole; NDJSON has no such end."""
LONGEST_LINE = 1_000_000
MOST_COLUMNS = 500
_LOOKED_AT = 64 * 1024
_DELIMITERS = ",;\t|"
_STRANGERS = {
    b"%PDF-": "PDF",
    b"\xd0\xcf\x11\xe0": "XLS",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7Z",
}


class Line(NamedTuple):
    """A row of a table. `sheet` is None where there are none; `number` counts from 1 as programs show it."""

    sheet: str | None
    number: int
    cells: Sequence[Cell]


class Entry(NamedTuple):
    """A JSON object in place of a row."""

    number: int
    members: Mapping[str, Cell]


def read_table(path: Path) -> Iterator[Line | Entry]:
    """Rows in their order. Raises InvalidInputError where the file is no table, or where it breaks off."""
    with path.open("rb") as file:
        head = file.read(_LOOKED_AT)
    kind = kind_of(head)
    if kind == "xlsx":
        yield from _workbook(path)
    elif kind == "json":
        yield from _json(path, head)
    else:
        yield from _csv(path, head)


def kind_of(head: bytes) -> str:
    """`xlsx`, `json` or `csv` by the first bytes of a file; what is none of them is refused."""
    if not head.strip():
        refuse([Fault("file_empty")])
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    for signature, name in _STRANGERS.items():
        if head.startswith(signature):
            refuse([Fault("file_is_no_table", "", {"kind": name})])
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if start[:1] in (b"{", b"["):
        return "json"
    if start[:5].lower() in (b"<html", b"<!doc", b"<?xml", b"<tabl"):
        refuse([Fault("file_is_no_table", "", {"kind": "HTML/XML"})])
    if b"\0" in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        refuse([Fault("file_is_no_table", "", {"kind": "?"})])
    return "csv"


def _csv(path: Path, head: bytes) -> Iterator[Line]:
    utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "utf-16" if utf16 else "utf-8-sig"
    with path.open("rb") as file, TextIOWrapper(file, encoding, newline="") as text:
        number = 0
        try:
            delimiter = _delimiter_of(text)
            text.seek(0)
            reader = csv.reader(_lines(text), delimiter=delimiter)
            for cells in reader:
                number = reader.line_num
                if len(cells) > MOST_COLUMNS:
                    refuse([Fault("too_many_columns", "", {"line": number, "limit": MOST_COLUMNS})])
                yield Line(None, number, cells)
        except UnicodeDecodeError as error:
            raise _broken("file_not_utf8", number + 1) from error
        except csv.Error as error:
            raise _broken("csv_broken", number + 1, error=str(error)) from error


def _lines(text: TextIOWrapper) -> Iterator[str]:
    """Lines of bounded length: a file without line ends must not fill the memory."""
    while line := text.readline(LONGEST_LINE):
        if len(line) >= LONGEST_LINE:
            refuse([Fault("line_too_long", "", {"limit": LONGEST_LINE})])
        yield line


def _delimiter_of(text: TextIOWrapper) -> str:
    """The one that parts the first lines into the most columns, most of the time."""
    sample = list(islice(_lines(text), 30))

    def width(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(sample, delimiter=delimiter)]
        common = max(set(widths), key=lambda w: (widths.count(w), w)) if widths else 0
        return (common, -_DELIMITERS.index(delimiter))

    return max(_DELIMITERS, key=width)


def _broken(code: str, line: int, **params: object) -> InvalidInputError:
    return InvalidInputError("invalid_input", [Fault(code, "", {"line": line, **params})], count=1)


def _json(path: Path, head: bytes) -> Iterator[Entry]:
    first_line = head.split(b"\n", 1)[0].removeprefix(codecs.BOM_UTF8).strip()
    if first_line.startswith(b"{") and first_line.endswith(b"}") and b"\n" in head.strip():
        with path.open("rb") as file:
            yield from _ndjson(file)
        return
    if path.stat().st_size > LARGEST_JSON:
        raise TooLargeError("json_too_large", limit=LARGEST_JSON)
    document = _parse(path.read_bytes(), 1)
    rows = document.get("rows", [document]) if isinstance(document, dict) else document
    if not isinstance(rows, list):
        refuse([Fault("json_no_rows")])
    for number, row in enumerate(rows, start=1):
        yield _entry(number, row)


def _ndjson(file: BinaryIO) -> Iterator[Entry]:
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if len(line) >= LONGEST_LINE:
            refuse([Fault("line_too_long", "", {"limit": LONGEST_LINE})])
        if line.strip():
            yield _entry(number, _parse(line, number))


def _parse(text: bytes, line: int) -> Any:
    try:
        return json.loads(
            text.removeprefix(codecs.BOM_UTF8), parse_float=Decimal, parse_constant=_refuse_constant
        )
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise _broken("json_broken", line, error=str(error)[:200]) from error


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _entry(number: int, row: Any) -> Entry:
    if not isinstance(row, dict):
        refuse([Fault("json_row_no_object", "", {"line": number})])
    return Entry(number, {key: _plain(value) for key, value in row.items()})


def _plain(value: Any) -> Cell:
    return value if value is None or isinstance(value, str | int | Decimal | bool) else json.dumps(value)


def _workbook(path: Path) -> Iterator[Line]:
    raise NotImplementedError
