"""`conjunction`: the first tier all of whose conditions hold.

Circular 01/2018/TT-VPCP, index 9: "2: >= 20 % TTHC, >= 30 % online, none unresolved or overdue; 1: ...".
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from app.core.rules.rates import Inputs, Rate, resolve

COMPARE: Final[Mapping[str, Callable[[Fraction, Decimal], bool]]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """What a rate (in percent) or a figure must reach, or stay below."""

    rate: Rate | None = None
    figure: str | None = None
    at_least: Decimal | None = None
    above: Decimal | None = None
    at_most: Decimal | None = None
    below: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """Scaled points where all conditions hold."""

    points: int
    conditions: tuple[Condition, ...]
    label_vi: str | None = None


@dataclass(frozen=True, slots=True)
class Conjunction:
    """`tiers` from the most points to the fewest."""

    tiers: tuple[Tier, ...]


def value_of(condition: Condition, inputs: Inputs) -> Fraction | None:
    """What the condition compares: percent of a rate, or a figure; None where that is unknown, or 0/0."""
    if condition.figure is not None:
        return inputs.figures.get(condition.figure)
    rate = resolve(condition.rate or "", inputs)
    if rate is None or not rate.has_data:
        return None
    return Fraction(rate.numerator * 100, rate.denominator)


def bounds_of(condition: Condition) -> list[tuple[str, Decimal]]:
    """(">=", 30), ... as far as they are set."""
    bounds = (condition.at_least, condition.above, condition.at_most, condition.below)
    return [
        (sign, bound) for sign, bound in zip((">=", ">", "<=", "<"), bounds, strict=True) if bound is not None
    ]


def meets(value: Fraction, sign: str, bound: Decimal) -> bool:
    """Whether a value meets one bound."""
    return COMPARE[sign](value, bound)


def holds(condition: Condition, value: Fraction) -> bool:
    """Whether a value meets every bound of the condition."""
    return all(meets(value, sign, bound) for sign, bound in bounds_of(condition))


def score_conjunction(rule: Conjunction, inputs: Inputs) -> int | None:
    """Scaled points of the first tier that holds, 0 where none does; None while an unknown input decides.

    A tier with a condition that is known to fail does not wait for its unknown ones, and one that may hold
    decides nothing where the tiers below it give the same points.
    """
    possible = set()
    for tier in rule.tiers:
        values = [(condition, value_of(condition, inputs)) for condition in tier.conditions]
        if any(value is not None and not holds(condition, value) for condition, value in values):
            continue
        possible.add(tier.points)
        if all(value is not None for _, value in values):
            break
    else:
        possible.add(0)
    return possible.pop() if len(possible) == 1 else None
