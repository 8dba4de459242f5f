"""Exact numbers as people write them in a calculation."""

from decimal import Decimal
from fractions import Fraction

from app.core.rounding import SCALE, quotient_text
from app.core.rules import Reported

SHOWN_DECIMALS = 4
_FINEST = 12


def numeral(value: Fraction | Decimal | int, decimals: int = SHOWN_DECIMALS) -> str:
    """A number rounded half up to `decimals`, without trailing zeros: 0.7778, 12, -3.5."""
    return quotient_text(*value.as_integer_ratio(), decimals)


def points_text(points: int) -> str:
    """Scaled points: 0.7778."""
    return numeral(Fraction(points, SCALE))


def percent_text(share: Fraction, *against: Decimal) -> str:
    """A share in percent with 2 decimals, or as many as it takes to tell it from the thresholds `against`
    (89.99999 % is not shown as 90 %)."""
    percent = share * 100
    for decimals in range(2, _FINEST):
        text = numeral(percent, decimals)
        if all((Fraction(text) == Fraction(bound)) == (percent == Fraction(bound)) for bound in against):
            break
    return f"{text} %"


def reported_text(rate: Reported) -> str:
    """A rate as it was reported: 14 / 27, or 78.75 %."""
    if rate.percent is not None:
        return f"{numeral(rate.percent)} %"
    return f"{numeral(rate.numerator or 0)} / {numeral(rate.denominator or 0)}"
