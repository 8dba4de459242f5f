"""What is said about an item: points, not applicable, or nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One written or computed score. `points` scaled; None with `not_applicable` false is a withdrawal."""

    points: int | None
    not_applicable: bool = False

    @property
    def counts(self) -> bool:
        """Whether anything is said (a withdrawn score falls back to the stage below)."""
        return self.points is not None or self.not_applicable
