"""An exact rate: two counts. Rates never add; their counts do."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Ratio:
    """numerator / denominator, both whole and not negative; a zero denominator is "no data"."""

    numerator: int
    denominator: int

    @property
    def has_data(self) -> bool:
        """Whether there is anything to divide by."""
        return self.denominator > 0

    def compare(self, percent: Decimal) -> int:
        """-1, 0 or 1 as the rate is below, at or above `percent`."""
        numerator, denominator = percent.as_integer_ratio()
        left, right = self.numerator * 100 * denominator, numerator * self.denominator
        return (left > right) - (left < right)
