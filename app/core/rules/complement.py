"""`complement`: 100 % less the sum of some rates, then as `proportional`.

QĐ 766/QĐ-TTg 5.4: "r = 100 % - (tỷ lệ quá hạn + tỷ lệ phản ánh); >= 90 %: max; < 90 %: r x max / 90 %".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.core.ratio import Ratio
from app.core.rules.proportional import FULL
from app.core.rules.rates import Rate


@dataclass(frozen=True, slots=True)
class Complement:
    """`rates` are taken off 100 %; `full_at` and `floor` in percent."""

    rates: tuple[Rate, ...]
    full_at: Decimal = FULL
    floor: Decimal | None = None


def complement_of(rates: Sequence[Ratio]) -> Ratio:
    """100 % less the sum of rates (denominators > 0), not below 0 %."""
    taken = sum((Fraction(rate.numerator, rate.denominator) for rate in rates), Fraction(0))
    rest = max(Fraction(0), 1 - taken)
    return Ratio(rest.numerator, rest.denominator)
