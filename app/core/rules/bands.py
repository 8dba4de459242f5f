"""`bands`: steps over a rate, each with an open (`above`) or closed (`from`) lower end.

Cà Mau 1880/QĐ-UBND (2013), 1.1.4: "> 90 %: 2; 70-90 %: 1; < 70 %: 0".
"""

from dataclasses import dataclass
from decimal import Decimal

from app.core.ratio import Ratio
from app.core.rules.rates import Rate


@dataclass(frozen=True, slots=True)
class Step:
    """Reached at `percent` or more; with `open_end`, only above it. `points` are scaled."""

    percent: Decimal
    points: int
    open_end: bool = False

    @property
    def height(self) -> tuple[Decimal, bool]:
        """Order of steps: "above 90" is higher than "from 90"."""
        return self.percent, self.open_end


@dataclass(frozen=True, slots=True)
class Bands:
    """`steps` from the highest to the lowest."""

    rate: Rate
    steps: tuple[Step, ...]


def score_bands(steps: tuple[Step, ...], rate: Ratio) -> int:
    """Scaled points of the first step that the rate (denominator > 0) reaches, else 0."""
    for step in steps:
        if rate.compare(step.percent) >= (1 if step.open_end else 0):
            return step.points
    return 0


def meet(percent: Decimal, included: bool, above: Step) -> int:
    """How an upper end (`included`: "to" it, else "below" it) stands to the step above: 0 where they meet, -1
    where rates between them belong to no step, 1 where rates belong to both."""
    end = (percent, included)
    return (end > above.height) - (end < above.height)
