"""What rules read: named rates, and rates built from figures as sums with signs over sums.

QĐ 766/QĐ-TTg 5.3: "(tổng - không hài lòng - quá hạn) / tổng". There is no free expression language.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from app.core.ratio import Ratio


@dataclass(frozen=True, slots=True)
class Term:
    """A figure ("measure:complaints", "measure:plan_tasks/numerator", "dossier:resolved"), with its sign."""

    figure: str
    sign: int = 1


@dataclass(frozen=True, slots=True)
class Quotient:
    """A sum of terms over a sum of terms."""

    numerator: tuple[Term, ...]
    denominator: tuple[Term, ...]


Rate = str | Quotient
"""A named rate ("measure:plan_tasks", "dossier:online_percent"), or a quotient."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A rate as somebody reported it: two numbers, or a percentage."""

    numerator: Fraction | None = None
    denominator: Fraction | None = None
    percent: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is known of a unit: exact rates and exact figures, by name. What is absent is unknown.

    `reported`: rates of measures as they were reported, to be shown; other rates are two counts.
    """

    rates: Mapping[str, Ratio] = field(default_factory=dict)
    figures: Mapping[str, Fraction] = field(default_factory=dict)
    reported: Mapping[str, Reported] = field(default_factory=dict)

    def as_reported(self, rate: str) -> Reported:
        """A known rate in the numbers that people know."""
        ratio = self.rates[rate]
        return self.reported.get(rate) or Reported(Fraction(ratio.numerator), Fraction(ratio.denominator))


def resolve(rate: Rate, inputs: Inputs) -> Ratio | None:
    """The exact rate; None where any input of it is unknown. A quotient below zero counts as zero."""
    if isinstance(rate, str):
        return inputs.rates.get(rate)
    above, below = add_up(rate.numerator, inputs), add_up(rate.denominator, inputs)
    if above is None or below is None:
        return None
    if below <= 0:
        return Ratio(0, 0)
    quotient = max(Fraction(0), above / below)
    return Ratio(quotient.numerator, quotient.denominator)


def add_up(terms: Iterable[Term], inputs: Inputs) -> Fraction | None:
    """The sum of terms; None where any figure is unknown."""
    total = Fraction(0)
    for term in terms:
        value = inputs.figures.get(term.figure)
        if value is None:
            return None
        total += term.sign * value
    return total


def names_of(rate: Rate) -> tuple[frozenset[str], frozenset[str]]:
    """(named rates, figures) that a rate reads."""
    if isinstance(rate, str):
        return frozenset({rate}), frozenset()
    return frozenset(), frozenset(term.figure for term in (*rate.numerator, *rate.denominator))
