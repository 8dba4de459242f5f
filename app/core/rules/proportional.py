"""`proportional`: rate x maximum, full from `full_at` on, nothing below `floor`.

QĐ 766/QĐ-TTg 3.1: ">= 80 %: max; < 80 %: r x max / 80 %"; Đồng Nai 4.1: "100 %: 1; 90 - < 100 %: (a / b) x 1;
< 90 %: 0".
"""

from dataclasses import dataclass
from decimal import Decimal

from app.core.ratio import Ratio
from app.core.rounding import quantise_within
from app.core.rules.rates import Rate

FULL = Decimal(100)


@dataclass(frozen=True, slots=True)
class Proportional:
    """`full_at` and `floor` in percent; reaching the floor is enough."""

    rate: Rate
    full_at: Decimal = FULL
    floor: Decimal | None = None


def score_proportional(
    rate: Ratio, full_at: Decimal, floor: Decimal | None, max_points: int, decimals: int | None
) -> int:
    """Scaled points of a rate (denominator > 0) of a scaled maximum, quantised once, half up."""
    if floor is not None and rate.compare(floor) < 0:
        return 0
    numerator, denominator = full_at.as_integer_ratio()
    share = rate.numerator * 100 * denominator
    return quantise_within(share * max_points, max_points, decimals, rate.denominator * numerator)
