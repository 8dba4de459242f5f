"""Rules of every kind and figures for them, generated."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from app.core.ratio import Ratio
from app.core.rounding import SCALE, to_scaled
from app.core.rules import (
    Bands,
    Binary,
    Bonus,
    Checklist,
    Choice,
    Complement,
    Condition,
    Conjunction,
    Deduction,
    Inputs,
    Manual,
    MeanPerDossier,
    Measured,
    Options,
    Penalty,
    Proportional,
    Quotient,
    Rate,
    Step,
    Survey,
    Term,
    Tier,
)

NAMES = ("a", "b", "c")
DECIMALS = st.sampled_from([None, 0, 1, 2])
MAXIMA = st.integers(1, 1000).map(lambda hundredths: to_scaled(Decimal(hundredths) / 100))
AMOUNTS = st.sampled_from([0, 1, 2, 3, 7, 100, 10**12]) | st.integers(0, 200)
FIGURES = AMOUNTS.map(Fraction) | st.integers(0, 10**6).map(lambda scaled: Fraction(scaled, 10**4))
RATIOS = st.builds(Ratio, AMOUNTS, AMOUNTS)
INPUTS = st.builds(
    Inputs,
    st.fixed_dictionaries(dict.fromkeys(NAMES, RATIOS)),
    st.fixed_dictionaries(dict.fromkeys(NAMES, FIGURES)),
)
PERCENTS = st.sampled_from([0, 15, 20, 50, 80, 90, 100]).map(Decimal) | st.integers(0, 10**6).map(
    lambda scaled: Decimal(scaled) / 10**4
)
ABOVE_0 = PERCENTS.filter(bool)
TERMS = st.lists(st.builds(Term, st.sampled_from(NAMES), st.sampled_from([1, -1])), min_size=1, max_size=3)
RATES: st.SearchStrategy[Rate] = st.sampled_from(NAMES) | st.builds(
    Quotient, TERMS.map(tuple), TERMS.map(tuple)
)
BOUNDS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("at_least", "above", "at_most", "below"), PERCENTS)
).filter(bool)
FLOORS = st.none() | PERCENTS


def points(maximum: int) -> st.SearchStrategy[int]:
    """Points that a document can name, up to a maximum."""
    return st.integers(0, maximum * 10**4 // SCALE).map(lambda n: n * SCALE // 10**4)


def falling(maximum: int, sizes: tuple[int, int] = (1, 4)) -> st.SearchStrategy[list[int]]:
    """Points of tiers, the most first."""
    several = st.lists(points(maximum), min_size=sizes[0], max_size=sizes[1], unique=True)
    return several.map(lambda found: sorted(found, reverse=True))


@st.composite
def bands(draw: st.DrawFn, maximum: int) -> Bands:
    """Steps whose ends and points both fall."""
    heights = draw(falling(maximum))
    ends = st.tuples(PERCENTS, st.booleans())
    found = draw(st.lists(ends, min_size=len(heights), max_size=len(heights), unique=True))
    steps = zip(sorted(found, reverse=True), heights, strict=True)
    return Bands(draw(RATES), tuple(Step(percent, high, opened) for (percent, opened), high in steps))


@st.composite
def conjunctions(draw: st.DrawFn, maximum: int, names: tuple[str, ...] = ()) -> Conjunction:
    """Tiers of one to three conditions; `names`: the only bounds that they have."""
    bounds = BOUNDS if not names else st.fixed_dictionaries(dict.fromkeys(names[:1], PERCENTS))
    condition = st.builds(lambda rate, found: Condition(rate=rate, **found), RATES, bounds) | st.builds(
        lambda figure, found: Condition(figure=figure, **found), st.sampled_from(NAMES), bounds
    )
    conditions = st.lists(condition, min_size=1, max_size=3).map(tuple)
    return Conjunction(tuple(Tier(height, draw(conditions)) for height in draw(falling(maximum))))


@st.composite
def weighted(draw: st.DrawFn, weights: st.SearchStrategy[Any], most: int) -> tuple[tuple[Any, str], ...]:
    """Two or three weights, the highest first, each with a figure of its own."""
    found = draw(st.lists(weights, min_size=2, max_size=most, unique=True))
    return tuple(zip(sorted(found, reverse=True), NAMES[: len(found)], strict=True))


def extras(kind: type[Bonus | Penalty], maximum: int) -> st.SearchStrategy[Any]:
    """Points for each event."""
    return st.builds(kind, st.sampled_from(NAMES), points(maximum).filter(bool))


KINDS: Mapping[str, Callable[[int], st.SearchStrategy[Any]]] = {
    "measure": lambda _: st.builds(Measured, RATES),
    "bands": bands,
    "proportional": lambda _: st.builds(Proportional, RATES, ABOVE_0, FLOORS),
    "complement": lambda _: st.builds(
        Complement, st.lists(RATES, min_size=1, max_size=3).map(tuple), ABOVE_0, FLOORS
    ),
    "conjunction": conjunctions,
    "deduction": lambda most: st.builds(Deduction, st.sampled_from(NAMES), points(most).filter(bool)),
    "mean_per_dossier": lambda most: weighted(points(most), min(3, 1 + most * 10**4 // SCALE)).map(
        MeanPerDossier
    ),
    "survey": lambda _: weighted(PERCENTS, 3).map(Survey),
    "bonus": lambda most: extras(Bonus, most),
    "penalty": lambda most: extras(Penalty, most),
}
CHOSEN: Mapping[str, Callable[[int], st.SearchStrategy[Any]]] = {
    "manual": lambda most: st.builds(Manual, st.none() | points(most).filter(bool)),
    "binary": lambda _: st.just(Binary()),
    "options": lambda most: falling(most).map(lambda tiers: Options(tuple(Choice("x", p) for p in tiers))),
    "checklist": lambda most: st.lists(points(most), min_size=1, max_size=4).map(
        lambda parts: Checklist(tuple(Choice("x", p) for p in parts))
    ),
    "bonus": lambda most: st.builds(Bonus, st.none(), st.none() | points(most).filter(bool)),
    "penalty": lambda most: st.builds(Penalty, st.none(), st.none() | points(most).filter(bool)),
}
