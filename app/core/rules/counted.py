"""Rules over counts: `deduction`, `mean_per_dossier`, `survey`."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.core.ratio import Ratio
from app.core.rounding import quantise_within
from app.core.rules.rates import Inputs


@dataclass(frozen=True, slots=True)
class Deduction:
    """The maximum, less `per_event` (scaled) for each event that the figure counts; not below 0."""

    figure: str
    per_event: int


@dataclass(frozen=True, slots=True)
class MeanPerDossier:
    """The mean of the scores of dossiers (Circular 01/2018/TT-VPCP, Article 15: sum / dossiers).

    `scores`: (scaled points of a dossier, the figure that counts such dossiers).
    """

    scores: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """Answers x coefficients of the maximum, over all answers (A/B/C/D = 100/60/20/0 %).

    `answers`: (percent of the maximum, the figure that counts such answers); `labels`: what these say, for
    all answers or none.
    """

    answers: tuple[tuple[Decimal, str], ...]
    labels: tuple[str | None, ...] = ()


def score_deduction(rule: Deduction, inputs: Inputs, max_points: int, decimals: int | None) -> int | None:
    """Scaled points that are left; None where the events are not counted."""
    events = inputs.figures.get(rule.figure)
    if events is None:
        return None
    taken = events * rule.per_event
    left = Fraction(max_points) - taken
    return quantise_within(left.numerator, max_points, decimals, left.denominator)


def weigh(parts: tuple[tuple[Fraction, str], ...], inputs: Inputs) -> Ratio | None:
    """The mean of weights (0 or more) over counts; None where a count is unknown, no data where all are 0."""
    known = [(weight, inputs.figures.get(figure)) for weight, figure in parts]
    counts = [(weight, count) for weight, count in known if count is not None]
    if len(counts) < len(known):
        return None
    total = sum((count for _, count in counts), Fraction(0))
    if not total:
        return Ratio(0, 0)
    mean = sum((weight * count for weight, count in counts), Fraction(0)) / total
    return Ratio(mean.numerator, mean.denominator)


def weights_of(rule: MeanPerDossier | Survey, max_points: int) -> tuple[tuple[Fraction, str], ...]:
    """The rule's weights as shares of the maximum."""
    if isinstance(rule, MeanPerDossier):
        return tuple((Fraction(points, max_points), figure) for points, figure in rule.scores)
    return tuple((Fraction(percent) / 100, figure) for percent, figure in rule.answers)
