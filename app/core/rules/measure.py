"""`measure`: rate x maximum, capped at the maximum (QĐ 766/QĐ-TTg 1.1: "(a / b) x 6")."""

from dataclasses import dataclass

from app.core.ratio import Ratio
from app.core.rounding import quantise_within
from app.core.rules.rates import Rate


@dataclass(frozen=True, slots=True)
class Measured:
    """`rate`: a named rate, or a quotient."""

    rate: Rate


def score_measure(rate: Ratio, max_points: int, decimals: int | None) -> int:
    """Scaled points of a rate (denominator > 0) of a scaled maximum, quantised once, half up."""
    return quantise_within(rate.numerator * max_points, max_points, decimals, rate.denominator)
