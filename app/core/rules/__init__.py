"""Scoring rules, one module a kind: `rate, maximum -> points` (scaled), None where there is no data."""

from app.core.ratio import Ratio
from app.core.rounding import quantise
from app.core.rules.bands import Bands, Step, score_bands
from app.core.rules.manual import Manual, off_step
from app.core.rules.measure import Measured, score_measure

Rule = Manual | Measured | Bands

__all__ = ["Bands", "Manual", "Measured", "Rule", "Step", "off_step", "rate_name", "score_rate"]


def rate_name(rule: Rule) -> str | None:
    """The rate that a rule reads ("measure:plan_tasks"), None for a rule scored by people."""
    match rule:
        case Manual():
            return None
        case Measured(rate=rate) | Bands(rate=rate):
            return rate


def score_rate(
    rule: Measured | Bands, rate: Ratio | None, max_points: int, decimals: int | None
) -> int | None:
    """Points (scaled, quantised to `decimals`, at most the maximum) of a rule over a rate.

    None ("missing") without data, never a silent default.
    """
    if rate is None or not rate.has_data:
        return None
    match rule:
        case Measured():
            return score_measure(rate, max_points, decimals)
        case Bands(steps=steps):
            return min(max_points, quantise(score_bands(steps, rate), decimals))
