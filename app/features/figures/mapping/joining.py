"""Units that changed within a period: each part with the units of its own day, then put together."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.core.composition import compose, months_of
from app.core.errors import Fault
from app.core.periods import Period
from app.core.rollup import RolledUp, merge
from app.core.types import Scope
from app.features.figures.mapping.changes import Changes
from app.features.figures.mapping.composing import Figure
from app.features.figures.mapping.rolling import Figures, counted_figures, months_reported, roll_up_figures
from app.features.statistics.mapping import warnings_of
from app.features.statistics.schemas import Coverage


class Piece(NamedTuple):
    """What a unit, or the units that it came from, come to in a part of a period."""

    period: Period
    rolled: RolledUp
    reported: frozenset[str]
    months: int


class Joined(NamedTuple):
    """Pieces of units that changed within a period, put together; each unit counts once in every piece."""

    rolled: Mapping[str, RolledUp]
    faults: list[Fault]
    reported: frozenset[str]
    months: Coverage
    """Months of units, and how many there would be."""


def changed_units(
    roots: Sequence[str],
    children: Mapping[str, list[str]],
    figures: Figures,
    changes: Changes,
) -> list[str]:
    """The uppermost units of a tree that changed within the period and have no figures of the whole of it."""
    found, queue = [], list(roots) if changes else []
    while queue:
        unit = queue.pop(0)
        own, total = (figures.get((unit, scope)) for scope in (Scope.OWN, Scope.TOTAL))
        if total is not None and total.is_whole:
            continue
        if unit in changes and (own is None or not own.is_whole):
            found.append(unit)
        else:
            queue += children.get(unit, ())
    return found


def piece_of(
    period: Period,
    roots: Sequence[str],
    children: Mapping[str, list[str]],
    figures: Figures,
) -> Piece | None:
    """Some units with all below them in a part of a period; None where one of them has no figures."""
    below: dict[str, RolledUp] = {}
    counted: list[Figure] = []
    for root in roots:
        below |= roll_up_figures(root, children, figures)
        counted += counted_figures(root, children, figures)
    if not roots or not all(below[root].rows for root in roots):
        return None
    reported = frozenset(column for figure in counted for column in figure.reported)
    return Piece(
        period, merge([below[root] for root in roots]), reported, months_reported(counted, below, children)
    )


def join_pieces(period: Period, pieces: Mapping[str, Sequence[Piece]]) -> Joined:
    """Unit -> its counts in the parts of a period, as those of the whole."""
    rolled: dict[str, RolledUp] = {}
    faults: list[Fault] = []
    for unit, found in pieces.items():
        composed = compose(period, {piece.period.text: piece.rolled.counts for piece in found})
        assert composed is not None  # noqa: S101 - every unit has its pieces
        faults += [fault for piece in found for fault in warnings_of(piece.rolled)]
        params = {"unit": unit}
        faults += [
            Fault("column_not_composed", "", {**params, "columns": [column], "column": column})
            for column in composed.left_out
        ]
        reported, expected = (sum(getattr(p.rolled, n) for p in found) for n in ("reported", "expected"))
        rolled[unit] = RolledUp(composed.counts, {}, 1, reported, expected)
    every = [piece for found in pieces.values() for piece in found]
    months = sum(months_of(piece.period) * piece.rolled.expected for piece in every)
    columns = frozenset(column for piece in every for column in piece.reported)
    return Joined(rolled, faults, columns, Coverage(reported=sum(p.months for p in every), expected=months))
