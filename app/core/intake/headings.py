"""Which column is what: headings in Vietnamese or English, with or without accents, in one row or several."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.core.intake.cells import Cell, text_of
from app.core.vietnamese import fold

SEARCHED_ROWS = 40
"""Titles and letterheads above a table are passed over."""
HIGHEST = 3
"""Rows that one heading may take: group, part, and part of a part."""

Vocabulary = Mapping[str, Sequence[str]]
"""Field -> what it is called, folded; `a > b` is b below a heading that has a in it."""


@dataclass(frozen=True, slots=True)
class Headings:
    """Where a table begins. `columns`: position -> field; `unknown`: position -> heading that names nothing;
    `twice`: field -> positions, where several columns say that they are the same."""

    first_row: int
    below: int
    columns: Mapping[int, str]
    unknown: Mapping[int, str]
    twice: Mapping[str, tuple[int, ...]]


def plain(text: str) -> str:
    """A heading without accents, numbers of columns, units of measure and marks."""
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", fold(text).replace("_", " "))
    return " ".join(re.sub(r"[^a-z0-9% ]", " ", bare).split())


def find_headings(rows: Sequence[Sequence[Cell]], vocabulary: Vocabulary) -> Headings | None:
    """The heading that names the most fields in the first rows; of equal ones the lowest and smallest. None
    where no row names two."""
    best: tuple[int, Headings] | None = None
    for first in range(min(len(rows), SEARCHED_ROWS)):
        for height in range(1, HIGHEST + 1):
            if first + height > len(rows):
                break
            found = _read(rows, first, height, vocabulary)
            named = len(set(found.columns.values()))
            if named > 1 and (best is None or named > best[0]):
                best = named, found
    return None if best is None else best[1]


def _read(rows: Sequence[Sequence[Cell]], first: int, height: int, vocabulary: Vocabulary) -> Headings:
    paths = _paths([[text_of(cell) for cell in row] for row in rows[first : first + height]])
    columns: dict[int, str] = {}
    unknown: dict[int, str] = {}
    places: dict[str, list[int]] = {}
    for position, path in enumerate(paths):
        field = _field_of([plain(text) for text in path], vocabulary) if path else None
        if field is not None:
            places.setdefault(field, []).append(position)
            columns.setdefault(position, field)
        elif path:
            unknown[position] = " / ".join(path)
    twice = {field: tuple(found) for field, found in places.items() if len(found) > 1}
    return Headings(first, first + height, columns, unknown, twice)


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
    return [[level[p] for level in levels if level[p]] for p in range(width)]


def _has_part(rows: Sequence[Sequence[str]], depth: int, position: int) -> bool:
    """Whether something stands below: then an empty cell belongs to the one on its left."""
    return any(position < len(row) and row[position] for row in rows[depth + 1 :])


def _field_of(path: Sequence[str], vocabulary: Vocabulary) -> str | None:
    whole, leaf, above = " ".join(path), path[-1], " ".join(path[:-1])
    for field, names in vocabulary.items():
        if whole in names or whole == field.replace("_", " "):
            return field
    for field, names in vocabulary.items():
        for name in names:
            group, _, part = name.rpartition(" > ")
            if group and group in above and part == leaf:
                return field
    if above:
        return None
    return next((field for field, names in vocabulary.items() if leaf in names), None)


def is_numbering(row: Sequence[Cell]) -> bool:
    """Whether a row only numbers the columns: 1, 2, 3 or (1), (2), (3)=(4)+(5)+(6)."""
    texts = [text_of(cell) for cell in row if text_of(cell)]
    numbers = [re.fullmatch(r"\(?(\d{1,2}|[A-Ea-e])\)?(\s*=.*)?", text) for text in texts]
    return len(texts) > 2 and all(numbers) and len(set(texts)) == len(texts) and _rises(texts)


def _rises(texts: Sequence[str]) -> bool:
    heads = [re.match(r"\(?(\d{1,2})", text) for text in texts]
    numbers = [int(head[1]) for head in heads if head]
    return len(numbers) > 1 and all(b - a == 1 for a, b in pairwise(numbers))


_TOTAL = re.compile(r"(tong( so| cong)?|cong|total|sum)( .*)?")


def is_total(label: Cell) -> bool:
    """Whether a row adds up the others: Tổng số, Tổng cộng, Cộng, Total."""
    return bool(_TOTAL.fullmatch(plain(text_of(label))))
