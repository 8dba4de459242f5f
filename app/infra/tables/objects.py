"""JSON rows: one object a line, or a list of objects, read one by one however long the list is."""

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from app.core.errors import Fault
from app.core.intake.cells import Cell
from app.infra.errors import InvalidInputError, refuse
from app.infra.tables.rows import Entry, Remark

LONGEST_ROW = 256 * 1024
"""Characters of one object."""
MOST_MEMBERS = 500
_PIECE = 64 * 1024
_SPACE = re.compile(r"[ \t\r\n]*")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class _TwiceError(ValueError):
    """A key that an object has twice."""


class _CutError(Exception):
    """The text ends within a value."""


def read_objects(path: Path, head: bytes) -> Iterator[Entry | Remark]:
    """Entries in their order: of NDJSON, of a list, of {"rows": [...]}, or one object alone."""
    first_line = head.removeprefix(codecs.BOM_UTF8).lstrip().split(b"\n", 1)
    alone = first_line[0].strip()
    by_line = alone.startswith(b"{") and alone.endswith(b"}") and any(map(bytes.strip, first_line[1:]))
    with path.open("rb") as file:
        yield from _ndjson(file) if by_line else _Document(file).entries()


def _ndjson(file: BinaryIO) -> Iterator[Entry]:
    number = 0
    while line := file.readline(LONGEST_ROW):
        number += 1
        if len(line) >= LONGEST_ROW:
            refuse([Fault("line_too_long", "", {"line": number, "limit": LONGEST_ROW})])
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError as error:
            raise _broken("file_not_utf8", number) from error
        if text:
            yield _entry(number, _whole(text, number))


def _whole(text: str, number: int) -> Any:
    try:
        value, end = _decode(text, 0, number)
    except _CutError as error:
        raise _broken("json_broken", number) from error
    if end < len(text):
        raise _broken("json_broken", number)
    return value


class _Document:
    """One JSON document, of which only the row that is read is held."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self.text, self.at, self.ended = "", 0, False
        self.number = 0

    def entries(self) -> Iterator[Entry | Remark]:
        """All rows; of a document that is an object, those of its member "rows", else itself."""
        if self._next() == "[":
            yield from self._list()
        else:
            yield from self._object()
        if self._next():
            raise self._broken()

    def _list(self) -> Iterator[Entry]:
        self._take("[")
        while self._next() != "]":
            if self.number:
                self._take(",")
            self.number += 1
            yield _entry(self.number, self._value())
        self._take("]")

    def _object(self) -> Iterator[Entry | Remark]:
        members: dict[str, Any] = {}
        found = False
        self._take("{")
        while self._next() != "}":
            if members or found:
                self._take(",")
            name = self._value()
            if not isinstance(name, str):
                raise self._broken()
            if name in members or (found and name == "rows"):
                raise _broken("json_key_twice", 1, key=str(name)[:60])
            self._take(":")
            if name == "rows" and self._next() == "[":
                found = True
                yield from self._list()
            else:
                members[name] = self._value()
        self._take("}")
        if found:
            yield from (Fault("json_member_unread", "", {"member": name[:60]}) for name in members)
        elif "rows" in members:
            refuse([Fault("json_no_rows")])
        else:
            yield _entry(1, members)

    def _value(self) -> Any:
        """The value that begins here. It is read again, with more of the file, where it breaks off."""
        self._next()
        while True:
            try:
                value, end = _decode(self.text, self.at, self.number or 1)
            except _CutError as error:
                if not self._more():
                    raise self._broken() from error
                continue
            if end == len(self.text) and self._more():  # a number may go on
                continue
            self.at = end
            return value

    def _next(self) -> str:
        """The next sign that is no space, left where it is; "" at the end."""
        while True:
            self.at = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.text):
                return self.text[self.at]
            self.text, self.at = "", 0
            if not self._more():
                return ""

    def _take(self, sign: str) -> None:
        if self._next() != sign:
            raise self._broken()
        self.at += 1

    def _more(self) -> bool:
        """Read on, twice as much as is held; whether there was any more."""
        if self.ended:
            return False
        self.text, self.at = self.text[self.at :], 0
        if len(self.text) > LONGEST_ROW:
            refuse([Fault("line_too_long", "", {"line": self.number or 1, "limit": LONGEST_ROW})])
        piece = self.file.read(max(_PIECE, len(self.text)))
        self.ended = not piece
        try:
            self.text += self.decoder.decode(piece, final=self.ended)
        except UnicodeDecodeError as error:
            raise _broken("file_not_utf8", self.number or 1) from error
        return True

    def _broken(self) -> InvalidInputError:
        return _broken("json_broken", self.number or 1)


def _decode(text: str, at: int, line: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except _TwiceError as error:
        raise _broken("json_key_twice", line, key=str(error)[:60]) from error
    except RecursionError as error:
        raise _broken("json_too_deep", line) from error
    except json.JSONDecodeError as error:
        if error.msg.startswith("Unterminated") or error.pos >= len(text) - len("-Infinity"):
            raise _CutError from error
        raise _broken("json_broken", line) from error
    except (ValueError, ArithmeticError) as error:
        raise _broken("json_broken", line) from error


def _members(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return members


def _refuse_constant(name: str) -> None:
    """NaN and Infinity are no numbers of JSON."""
    raise ValueError(name)


_HIGHEST_POWER = 400


def _number(text: str) -> Decimal | str:
    """A number; one like 1e999999999, which fills the memory as soon as somebody makes it whole, is text."""
    number = Decimal(text)
    return number if -_HIGHEST_POWER < number.adjusted() < _HIGHEST_POWER else text


_DECODER = json.JSONDecoder(parse_float=_number, parse_constant=_refuse_constant, object_pairs_hook=_members)


def _entry(number: int, row: Any) -> Entry:
    if not isinstance(row, dict):
        refuse([Fault("json_row_no_object", "", {"line": number})])
    if len(row) > MOST_MEMBERS:
        refuse([Fault("too_many_columns", "", {"line": number, "limit": MOST_MEMBERS})])
    return Entry(number, {_storable(key, number): _cell(value, number) for key, value in row.items()})


def _cell(value: Any, number: int) -> Cell:
    """Lists of plain values as a clerk would write them in a cell; what is nested deeper as JSON."""
    match value:
        case str():
            return _storable(value, number)
        case None | bool() | int() | Decimal():
            return value
        case list() if all(isinstance(each, str | int) for each in value):
            return _storable(", ".join(map(str, value)), number)
        case _:
            try:
                return _storable(json.dumps(value, default=str, ensure_ascii=False), number)
            except RecursionError as error:
                raise _broken("json_too_deep", number) from error


def _storable(text: str, number: int) -> str:
    if _UNSTORABLE.search(text):
        raise _broken("text_unstorable", number)
    return text


def _broken(code: str, line: int, **params: object) -> InvalidInputError:
    return InvalidInputError("invalid_input", [Fault(code, "", {"line": line, **params})], count=1)
