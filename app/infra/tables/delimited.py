"""CSV and its kin: the separator is found out, UTF-8 and UTF-16 are read, broken files are refused early."""

import codecs
import csv
import re
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path

from app.core.errors import Fault
from app.infra.errors import InvalidInputError, refuse
from app.infra.tables.kinds import UTF16
from app.infra.tables.rows import Line

LONGEST_LINE = 256 * 1024
MOST_COLUMNS = 500
_TOO_LARGE = "larger than field limit"
_SAMPLED_LINES = 40
_DELIMITERS = ";,\t|"
_STATED = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)


def read_delimited(path: Path, head: bytes) -> Iterator[Line]:
    """Rows as Excel would show them: a row in quotes over several lines counts once."""
    encoding = "utf-16" if head.startswith(UTF16) else "utf-8-sig"
    number = begun = 0
    with path.open("rb") as file, TextIOWrapper(file, encoding, newline="") as text:
        lines = _lines(text)
        delimiter, stated = _delimiter_of(head, encoding)
        try:
            if stated:
                next(lines)
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            for number, cells in enumerate(reader, start=1):
                begun = reader.line_num
                if len(cells) > MOST_COLUMNS:
                    refuse([Fault("too_many_columns", "", {"line": number, "limit": MOST_COLUMNS})])
                yield Line(None, number, cells)
        except UnicodeDecodeError as error:
            raise _broken("file_not_utf8", _undecodable_line(path, number + 1)) from error
        except csv.Error as error:
            within_a_line = _TOO_LARGE in str(error) and reader.line_num - begun < 2
            raise _broken("cell_too_long" if within_a_line else "quote_not_closed", number + 1) from error


def _lines(text: TextIOWrapper) -> Iterator[str]:
    """Lines of bounded length: a file without line ends must not fill the memory."""
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        if len(line) >= LONGEST_LINE:
            refuse([Fault("line_too_long", "", {"line": number, "limit": LONGEST_LINE})])
        if "\0" in line:
            refuse([Fault("file_holds_nul")])
        yield line


def _delimiter_of(head: bytes, encoding: str) -> tuple[str, bool]:
    """(the separator, whether the first line states it as Excel does). Else the one that parts the most
    lines into the most columns alike."""
    start = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", start)[:_SAMPLED_LINES]
    if found := _STATED.fullmatch(lines[0]):
        return found[1], True

    def parted(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        common = max(set(widths), key=lambda width: (widths.count(width) * (width - 1), width), default=0)
        return widths.count(common) * (common - 1), -_DELIMITERS.index(delimiter)

    return max(_DELIMITERS, key=parted), False


def _undecodable_line(path: Path, default: int) -> int:
    """The first line that is no UTF-8."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return default


def _broken(code: str, line: int) -> InvalidInputError:
    return InvalidInputError("invalid_input", [Fault(code, "", {"line": line})], count=1)
