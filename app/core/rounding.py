"""Exact points and the one way of rounding: half up.

Points are integers of 10^-10 points ("scaled"), so sums are exact in any order (ADR 0002).
"""

from decimal import Decimal
from fractions import Fraction

SCALE_DECIMALS = 10
SCALE = 10**SCALE_DECIMALS


def divide_half_up(numerator: int, denominator: int) -> int:
    """Quotient of two integers rounded to the nearest, a half away from zero. `denominator` > 0."""
    quotient, rest = divmod(abs(numerator), denominator)
    quotient += 2 * rest >= denominator
    return quotient if numerator >= 0 else -quotient


def to_scaled(value: Decimal | int) -> int:
    """Points -> scaled integer, half up beyond 10 decimals."""
    numerator, denominator = value.as_integer_ratio()
    return divide_half_up(numerator * SCALE, denominator)


def from_scaled(points: int) -> Decimal:
    """Scaled integer -> points, exactly."""
    return Decimal(points).scaleb(-SCALE_DECIMALS).normalize() + 0


def decimal_text(value: Decimal) -> str:
    """All digits of a number, without an exponent and without idle zeros: 1.5, 100, 0.0000000001."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def exact_points(points: int) -> str:
    """Scaled points with all their digits, as a criteria set writes them."""
    return decimal_text(from_scaled(points))


def quotient_text(numerator: int, denominator: int, decimals: int) -> str:
    """numerator / denominator half up to `decimals`, without idle zeros: 0.7778, 12, -3.5."""
    ten: int = 10**decimals
    whole = divide_half_up(numerator * ten, denominator)
    sign, digits = "-" * (whole < 0), str(abs(whole)).rjust(decimals + 1, "0")
    text = f"{digits[:-decimals]}.{digits[-decimals:]}".rstrip("0").rstrip(".") if decimals else digits
    return sign + text


def quantise(points: int, decimals: int | None, denominator: int = 1) -> int:
    """Scaled points / denominator rounded half up, once, to `decimals` (None: to 10 decimals)."""
    unit: int = 1 if decimals is None else 10 ** max(0, SCALE_DECIMALS - decimals)
    if unit == denominator == 1:
        return points
    return divide_half_up(points, denominator * unit) * unit


def quantise_within(points: int, max_points: int, decimals: int | None, denominator: int = 1) -> int:
    """As quantise, from 0 to `max_points`: 0.25 of 0.25 to 1 decimal is not 0.3, and more than all is all."""
    if points >= max_points * denominator:
        points, denominator = max_points, 1
    return max(0, min(max_points, quantise(points, decimals, denominator)))


def as_number(numerator: int, denominator: int, decimals: int) -> float:
    """numerator / denominator as a JSON number with at most `decimals` decimals, half up.

    Division of two integers in Python is correctly rounded, so the shortest text of the float is
    the decimal itself (87.61, never 87.61000000000001).
    """
    ten: int = 10**decimals
    return divide_half_up(numerator * ten, denominator) / ten


def points_number(points: int, decimals: int) -> float:
    """Scaled points as a JSON number."""
    return as_number(points, SCALE, decimals)


def percent_number(points: int, max_points: int, decimals: int) -> float | None:
    """points / max_points x 100 as a JSON number; None where there is no maximum."""
    return as_number(points * 100, max_points, decimals) if max_points else None


def fraction_number(value: Fraction | None, decimals: int) -> float | None:
    """A fraction as a JSON number."""
    return None if value is None else as_number(value.numerator, value.denominator, decimals)
