"""`bonus` and `penalty`: points beside the scale, up to a cap of their own.

They never enter a maximum. Hà Nội 2025, content 9: "bonus and penalty points; scale 100, points beyond it
are cut off". The item's maximum is its cap; areas and the whole set may have caps too (ADR 11).
"""

from dataclasses import dataclass

from app.core.rounding import quantise_within
from app.core.rules.rates import Inputs


@dataclass(frozen=True, slots=True)
class Bonus:
    """Points added. `per_event` (scaled) for each event that `figure` counts; without `figure` people give
    the points, in steps of `per_event` where it is known."""

    figure: str | None = None
    per_event: int | None = None


@dataclass(frozen=True, slots=True)
class Penalty:
    """Points taken off, in the same forms; they are written as positive numbers."""

    figure: str | None = None
    per_event: int | None = None


def score_extra(rule: Bonus | Penalty, inputs: Inputs, max_points: int, decimals: int | None) -> int | None:
    """Scaled points that the events come to, at most the cap; None where they are not counted."""
    events = inputs.figures.get(rule.figure or "")
    if events is None:
        return None
    points = events * (rule.per_event or 0)
    return quantise_within(points.numerator, max_points, decimals, points.denominator)
