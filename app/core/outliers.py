"""Modified z-scores: how far a value lies from others, by medians (Iglewicz and Hoaglin, 1993)."""

from collections.abc import Sequence
from fractions import Fraction
from statistics import median
from typing import NamedTuple

_NORMAL = Fraction(6745, 10_000)
_MEAN_NORMAL = Fraction(1_253_314, 1_000_000)


class Distance(NamedTuple):
    """`score` is None where the others are all equal: there is no spread to measure by."""

    median: Fraction
    score: Fraction | None


def modified_z(value: Fraction, others: Sequence[Fraction]) -> Distance:
    """0.6745 (x - median) / MAD; over 1.253314 times the mean absolute deviation where the MAD is zero."""
    middle = Fraction(median(others))
    deviations = [abs(other - middle) for other in others]
    spread = Fraction(median(deviations))
    if spread:
        return Distance(middle, _NORMAL * (value - middle) / spread)
    mean = sum(deviations, Fraction(0)) / len(deviations)
    return Distance(middle, (value - middle) / (_MEAN_NORMAL * mean) if mean else None)


def is_outlier(value: Fraction, found: Distance, threshold: Fraction, least: Fraction) -> bool:
    """Above the threshold, and not by a trifle: at least `least` from the median."""
    far = abs(value - found.median) >= least and value != found.median
    return far and (found.score is None or abs(found.score) > threshold)
