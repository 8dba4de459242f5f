"""Which column is what: headings in Vietnamese or English, with or without accents, in one row or several."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from app.core.intake.cells import Cell, text_of
from app.core.vietnamese import fold

SEARCHED_ROWS = 40
"""Titles and letterheads above a table are passed over."""
HIGHEST = 3
"""Rows that one heading may take: group, part, and part of a part."""
UNREAD = "_"
"""Fields that begin with it are known, and hold no figure: numbers of rows, faults of an earlier import."""
BETWEEN = " > "
"""Between the parts of a heading that stands in one cell."""

Vocabulary = Mapping[str, Sequence[str]]
"""Field -> what it is called, folded; `a > b` is b below a heading that has a in it."""


@dataclass(frozen=True, slots=True)
class Headings:
    """Where a table begins. `columns`: position -> field; `unknown`: position -> heading that names nothing;
    `twice`: field -> positions, where several columns say that they are the same; `paths`: position -> its
    heading from the top down, in one text; `earlier`: a smaller heading that stands above."""

    first_row: int
    below: int
    columns: Mapping[int, str]
    unknown: Mapping[int, str]
    twice: Mapping[str, tuple[int, ...]]
    paths: Mapping[int, str]
    earlier: "Headings | None" = None

    @property
    def named(self) -> int:
        """How many fields it names."""
        return len({field for field in self.columns.values() if not field.startswith(UNREAD)})


@lru_cache(maxsize=10_000)
def plain(text: str) -> str:
    """A heading without accents, numbers of columns, units of measure and marks."""
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", fold(text).replace("_", " "))
    return " ".join(re.sub(r"[^a-z0-9% ]", " ", bare).split())


def find_headings(rows: Sequence[Sequence[Cell]], vocabulary: Vocabulary) -> Headings | None:
    """The heading that names the most fields in the first rows; of equal ones the highest, with those rows
    above and below it that change what a column is. None where no row names two."""
    found = list(_candidates(rows, vocabulary))
    most = max((each.named for each in found), default=0)
    equal = [each for each in found if each.named == most]
    if not equal:
        return None
    best = min(equal, key=lambda each: (each.below, -each.first_row))
    for taller in equal:
        is_around = taller.first_row <= best.first_row and taller.below >= best.below
        if is_around and (taller.columns != best.columns or _goes_on(taller, best)):
            best = taller
    earlier = next((each for each in found if each.below <= best.first_row), None)
    return replace(best, earlier=earlier)


def _goes_on(taller: Headings, best: Headings) -> bool:
    """Whether it says the same of every column: a group with "Tổng số" alone below it."""
    said = (best.first_row, best.columns, best.unknown)
    return (taller.first_row, taller.columns, taller.unknown) == said


def _candidates(rows: Sequence[Sequence[Cell]], vocabulary: Vocabulary) -> Iterator[Headings]:
    for first in range(min(len(rows), SEARCHED_ROWS)):
        for height in range(1, min(HIGHEST, len(rows) - first) + 1):
            read = _read(rows, first, height, vocabulary)
            if read.named > 1:
                yield read


_SAID_OF_BOTH = {"qua han", "tre han", "trong han"}
"""Dossiers may be resolved late, and may be pending too late."""
_PARTED = ("resolved", "pending")


def find_unclear(headings: Headings) -> Iterator[int]:
    """Columns that say "Quá hạn" or "Trong hạn" alone, beside columns of which they may not be a part."""
    beside = ""
    for position, field in sorted(headings.columns.items()):
        group = field.partition("_")[0]
        if group not in _PARTED:
            continue
        if plain(headings.paths[position]) in _SAID_OF_BOTH and beside not in ("", group):
            yield position
        else:
            beside = group


def _read(rows: Sequence[Sequence[Cell]], first: int, height: int, vocabulary: Vocabulary) -> Headings:
    paths = _paths([[text_of(cell) for cell in row] for row in rows[first : first + height]])
    columns: dict[int, str] = {}
    unknown: dict[int, str] = {}
    places: dict[str, list[int]] = {}
    for position, path in enumerate(paths):
        field = field_of([plain(text) for text in path], vocabulary) if path else None
        if field is not None:
            places.setdefault(field, []).append(position)
            columns.setdefault(position, field)
        elif path:
            unknown[position] = " / ".join(path)
    twice = {f: tuple(p) for f, p in places.items() if len(p) > 1 and not f.startswith(UNREAD)}
    joined = {position: BETWEEN.join(path) for position, path in enumerate(paths) if path}
    return Headings(first, first + height, columns, unknown, twice, joined)


def _paths(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Column -> its headings from the top down. A cell that spans columns stands in the first of them; one
    that spans rows is not said again below."""
    width = max(map(len, rows), default=0)
    levels = []
    for depth, row in enumerate(rows):
        filled, last = [], ""
        for position in range(width):
            text = row[position] if position < len(row) else ""
            last = text or (last if depth < len(rows) - 1 and _has_part(rows, depth, position) else "")
            filled.append(last)
        levels.append(filled)
    paths = [BETWEEN.join(level[p] for level in levels if level[p]) for p in range(width)]
    return [[" ".join(part.split()) for part in path.split(">") if part.strip()] for path in paths]


def _has_part(rows: Sequence[Sequence[str]], depth: int, position: int) -> bool:
    """Whether something stands below: then an empty cell belongs to the one on its left."""
    return any(position < len(row) and row[position] for row in rows[depth + 1 :])


def field_of(path: Sequence[str], vocabulary: Vocabulary) -> str | None:
    """The field that a heading names, by its parts from the top down, each of them `plain`."""
    whole, leaf, above = " ".join(path), path[-1], " ".join(path[:-1])
    for field, names in vocabulary.items():
        if whole in names or whole == field.replace("_", " "):
            return field
    for field, names in vocabulary.items():
        for name in names:
            group, _, part = name.rpartition(BETWEEN)
            if group and group in above and part == leaf:
                return field
    if above:
        return None
    return next((field for field, names in vocabulary.items() if leaf in names), None)


_COLUMN_NUMBER = re.compile(r"\(?([1-9]\d?|[A-Ea-e])\)?(\s*=.*)?", re.ASCII)


def is_numbering(row: Sequence[Cell], numbered: Iterable[int] = ()) -> bool:
    """Whether a row only numbers the columns: 1, 2, 3 or (1), (2), (3)=(4)+(5)+(6); it begins at 1 and
    leaves none of `numbered` out."""
    if not all(p < len(row) and text_of(row[p]) for p in numbered):
        return False
    texts = [text for cell in row if (text := text_of(cell))]
    if len(texts) < 3:
        return False
    found = [_COLUMN_NUMBER.fullmatch(text) for text in texts]
    heads = [match[1] for match in found if match]
    if len(heads) < len(texts):
        return False
    numbers = [int(head) for head in heads if head.isdigit()]
    return len(numbers) > 1 and numbers == list(range(1, 1 + len(numbers)))


_OF_ALL = r"(so|chung|toan|cac|cap|ho so|tthc|don vi|ca|nam|quy|thang|thanh pho|tinh|huyen|xa)"
_TOTAL = re.compile(rf"(grand )?total( .*)?|sum|tong( cong)?( {_OF_ALL}( .*)?)?|cong( {_OF_ALL}( .*)?)?")
_NO_TOTAL = re.compile(r"tong (cong ty|cuc)\b.*")


@lru_cache(maxsize=10_000)
def _says_total(text: str) -> bool:
    words = re.sub(r"^([ivx]{1,4}|\d{1,2}|[a-e]) ", "", plain(text))
    if words.startswith("cong"):
        return words == "cong" or ("cộng" in text.lower() and bool(_TOTAL.fullmatch(words)))
    return bool(_TOTAL.fullmatch(words)) and not _NO_TOTAL.fullmatch(words)


def is_total(label: Cell) -> bool:
    """Whether a row adds up the others: Tổng số, Tổng cộng, Cộng, Total; not Công an tỉnh, Tổng cục Thuế."""
    text = text_of(label)
    return len(text) < 100 and _says_total(text)


_SIGNED = re.compile(
    r"(nguoi|can bo) (lap|tong hop)( .*)?|lap (bieu|bang)( .*)?|noi nhan( .*)?|ghi chu( .*)?|chu thich( .*)?"
    r"|thu truong( .*)?|(tl|tm|kt|tuq) .*|ky ten( .*)?|(truong|pho truong) phong( .*)?|giam doc( .*)?"
    r"|nguon( .*)?|(.* )?ngay .*thang .*nam( .*)?|chu tich( .*)?|note.?( .*)?|prepared by( .*)?"
)


def is_signed(label: Cell) -> bool:
    """Whether a text stands below a table: who made it, who gets it, notes."""
    return bool(_SIGNED.fullmatch(plain(text_of(label)[:200])))


def column_letter(position: int) -> str:
    """A column as spreadsheets name it: A, B, ... AA."""
    letters, left = "", position + 1
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
