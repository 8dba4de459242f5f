"""The XML parts of a workbook: walked through safely, and what the book and its styles say of the sheets."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import join, normpath
from xml.parsers import expat

from app.core.errors import Fault
from app.infra.errors import refuse
from app.infra.spreadsheets.archive import Archive, damaged
from app.infra.spreadsheets.cells import Position
from app.infra.spreadsheets.limits import Limits

_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
STRINGS, STYLES = "xl/sharedStrings.xml", "xl/styles.xml"
_MOST_ELEMENTS = 1_500_000
_LONGEST_TAG = 1_000_000
_BUILT_IN_PERCENT = {"9", "10"}
_BUILT_IN_DAYS = {*map(str, (14, 15, 16, 22, 27, 28, 29, 30, 31, 36)), *map(str, range(50, 59))}
_BUILT_IN_MONTHS = {"17"}
_BUILT_IN_HOURS = {"18", "19", "20", "21", "32", "33", "34", "35", "45", "46", "47"}
_QUOTED = re.compile(r'"[^"]*"|\\.|[_*].')
_BRACKETS = re.compile(r"\[[^\]]*\]")
Attributes = Mapping[str, str]


@dataclass
class SheetFacts:
    """What was seen of a sheet; rows and columns are those up to the last cell that holds something."""

    name: str
    part: str
    rows: int = 0
    columns: int = 0
    hidden: bool = False
    broken: set[Position] = field(default_factory=set)
    percents: set[Position] = field(default_factory=set)


def new_parser() -> expat.XMLParserType:
    """A parser for parts from outside. Document types, the door to bombs, are refused."""
    parser = expat.ParserCreate("UTF-8")

    def refuse_document_type(*_: object) -> None:
        raise damaged()

    parser.StartDoctypeDeclHandler = refuse_document_type
    parser.buffer_text = True
    return parser


def feed(parser: expat.XMLParserType, pieces: Iterable[bytes]) -> Iterator[None]:
    """Give a parser its part bit by bit, with a stop after each. One endless tag would fill the memory."""
    given = 0
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            given += len(piece)
            if given - parser.CurrentByteIndex > _LONGEST_TAG:
                raise damaged()
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise damaged() from error


def walk(
    content: bytes | Iterable[bytes],
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Walk over a part; names come without their prefix."""
    parser, left = new_parser(), _MOST_ELEMENTS

    def count(name: str, attributes: Attributes) -> None:
        nonlocal left
        left -= 1
        if not left:
            refuse([Fault("sheet_too_large", "", {"limit": _MOST_ELEMENTS})])
        start(name.rpartition(":")[2], attributes)

    parser.StartElementHandler = count
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    if text is not None:
        parser.CharacterDataHandler = text
    for _ in feed(parser, [content] if isinstance(content, bytes) else content):
        pass


def find_sheets(archive: Archive, limits: Limits) -> tuple[list[SheetFacts], bool]:
    """(Name and part of every sheet, whether days count from 1904). A part that is two sheets would count
    once and be read twice."""
    book, relations = archive.read(_BOOK), archive.read(_RELATIONS)
    if book is None or relations is None:
        refuse([Fault("xlsx_not_a_workbook")])
    targets: dict[str, str] = {}
    sheets: list[SheetFacts] = []
    dates = {"1904": False}

    def relation(name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            target = attributes.get("Target", "")
            part = target.removeprefix("/") if target.startswith("/") else normpath(join("xl", target))
            targets[attributes.get("Id", "")] = part

    def sheet(name: str, attributes: Attributes) -> None:
        if name == "sheet":
            relation_id = next((text for key, text in attributes.items() if key.endswith(":id")), "")
            facts = SheetFacts(attributes.get("name", ""), targets.get(relation_id, ""))
            facts.hidden = attributes.get("state", "visible") != "visible"
            sheets.append(facts)
        elif name == "workbookPr":
            dates["1904"] = attributes.get("date1904") in ("1", "true", "on")

    walk(relations or b"", relation)
    walk(book or b"", sheet)
    if len({facts.part.lower() for facts in sheets}) < len(sheets) or len(sheets) > limits.sheets:
        raise damaged()
    return sheets, dates["1904"]


def find_styles(content: bytes | None) -> dict[int, str]:
    """Number of a cell style -> `percent`, `day`, `month`, `year` or `instant`, where it shows one."""
    formats = {
        **dict.fromkeys(_BUILT_IN_PERCENT, "percent"),
        **dict.fromkeys(_BUILT_IN_DAYS, "day"),
        **dict.fromkeys(_BUILT_IN_MONTHS, "month"),
        **dict.fromkeys(_BUILT_IN_HOURS, "instant"),
    }
    found: dict[int, str] = {}
    inside, count = False, 0

    def start(name: str, attributes: Attributes) -> None:
        nonlocal inside, count
        if name == "numFmt" and (shows := _shows(attributes.get("formatCode", ""))) is not None:
            formats[attributes.get("numFmtId", "")] = shows
        elif name == "cellXfs":
            inside = True
        elif name == "xf" and inside:
            if attributes.get("numFmtId") in formats:
                found[count] = formats[attributes["numFmtId"]]
            count += 1

    def end(name: str) -> None:
        nonlocal inside
        inside = inside and name != "cellXfs"

    if content is not None:
        walk(content, start, end)
    return found


def _shows(code: str) -> str | None:
    """What a number format makes of a number; None where it stays one."""
    bare = _QUOTED.sub("", code)
    if "%" in bare:
        return "percent"
    letters = set(_BRACKETS.sub("", bare).lower().partition(";")[0])
    if not letters & set("dmyhs") or "general" in bare.lower():
        return None
    if letters & set("hs"):
        return "instant"
    return "day" if "d" in letters else "month" if "m" in letters else "year"


def number_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
