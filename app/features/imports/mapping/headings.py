"""What headings must not leave open: which column is which, and whose figures stand where."""

from collections.abc import Sequence

from app.core.errors import Fault
from app.core.intake.cells import Cell, is_blank, read_count, text_of
from app.core.intake.headings import BETWEEN, UNREAD, Headings, column_letter, find_unclear, plain
from app.infra.errors import refuse
from app.infra.tables import Line

_WHOM = ("unit_code", "unit_name", "period", "scope", "procedure_field", "source", "extracted_at")
_WHAT = (
    "measure",
    "measure_name",
    "item",
    "item_name",
    "stage",
    "reason",
    "data_from",
    "data_to",
    "evidence",
)
_EVIDENCE = ("title", "number", "issued_by", "issued_on", "url", "sha256")
_UNIT = ("code", "name_vi", "name_en", "kind", "parent_code", "valid_from", "valid_to", "groups")
WORDS = frozenset([*_WHOM, *_WHAT, *(f"evidence_{name}" for name in _EVIDENCE), *_UNIT])
"""Fields that say what a row is about: merged over rows, they hold for each. The others are figures."""
QUARTER = "quy"


def refuse_twice(headings: Headings, number: int) -> None:
    """Columns that say the same."""
    refuse(
        [
            Fault(
                "heading_twice",
                "",
                {
                    "heading": headings.paths[positions[0]],
                    "columns": ", ".join(map(column_letter, positions)),
                    "line": number,
                },
            )
            for positions in headings.twice.values()
        ]
    )


def is_quarter(headings: Headings, position: int) -> bool:
    """Whether a column is headed "Quý"."""
    return plain(headings.paths[position].split(BETWEEN)[-1]) == QUARTER


def is_figure(cell: Cell) -> bool:
    """Whether a cell begins like a number."""
    return not is_blank(cell) and (not isinstance(cell, str) or cell.lstrip(" '-−")[:1].isdigit())


def heading_texts(cells: Sequence[Cell]) -> tuple[str, ...]:
    """A row of headings to be known again, however wide it is."""
    texts = [" ".join(text_of(cell).split()) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def refuse_unclear(headings: Headings, number: int) -> None:
    """Columns that may count resolved or pending dossiers."""
    refuse(
        [
            Fault(
                "heading_unclear",
                "",
                {"column": column_letter(position), "heading": headings.paths[position], "line": number},
            )
            for position in find_unclear(headings)
        ]
    )


def refuse_figures_above(top: Sequence[Line], headings: Headings) -> None:
    """Figures above the heading belong to another table, or stand in the wrong place: none is passed over."""
    _refuse_table_above(top, headings)
    figures = _figures_of(headings)
    named = [p for p, field in headings.columns.items() if not field.startswith(UNREAD)]
    for line in top[: headings.first_row]:
        filled = [p for p, cell in enumerate(line.cells) if not is_blank(cell)]
        count = sum(p in figures and type(read_count(line.cells[p])) is int for p in filled)
        if count > 1 or (count and set(named) <= set(filled)):
            said = {"line": line.number, "heading": top[headings.first_row].number}
            refuse([Fault("figures_above_heading", "", said)])


def _refuse_table_above(top: Sequence[Line], headings: Headings) -> None:
    earlier = headings.earlier
    if earlier is None:
        return
    figures = _figures_of(earlier)
    for line in top[earlier.below : headings.first_row]:
        if any(p in figures and is_figure(cell) for p, cell in enumerate(line.cells)):
            refuse_other_heading(top[earlier.first_row].number, top[headings.first_row].number)


def _figures_of(headings: Headings) -> set[int]:
    columns = headings.columns.items()
    return {p for p, field in columns if not field.startswith(UNREAD) and field not in WORDS}


def refuse_other_heading(first: int, line: int) -> None:
    """A second heading in one table."""
    refuse([Fault("headings_differ", "", {"first": first, "line": line})])
