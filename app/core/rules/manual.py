"""`manual`: points given by people, from 0 to the maximum, in steps where the framework says so."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Manual:
    """`step`: scaled points, or None for any value."""

    step: int | None = None


def off_step(step: int | None, points: int) -> bool:
    """Whether scaled `points` are no multiple of a step; None is any value."""
    return step is not None and points % step != 0
