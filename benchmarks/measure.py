"""Repetitions, medians, and rows of the table."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

NONE = "-"


@dataclass(frozen=True, slots=True)
class Sample:
    """Seconds of several repetitions, without the warm-up."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.seconds)

    def __str__(self) -> str:
        low, high = min(self.seconds), max(self.seconds)
        return f"{_time(self.median)} ({_time(low)} to {_time(high)})"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    what: str
    ours: str
    reference: str = NONE
    ratio: str = NONE
    target: str = NONE
    met: str = NONE


def timed(call: Callable[[], Any]) -> float:
    """Seconds of one call."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def sample(
    call: Callable[[], Any],
    repetitions: int,
    *,
    warm_up: int = 1,
    before: Callable[[], Any] | None = None,
) -> Sample:
    """Seconds of repeated calls; `before` is called ahead of each, untimed."""
    seconds = []
    for _ in range(warm_up + repetitions):
        if before is not None:
            before()
        seconds.append(timed(call))
    return Sample(tuple(seconds[warm_up:]))


def time_row(
    what: str, ours: Sample, reference: Sample | None = None, *, about: str = "", limit: float | None = None
) -> Row:
    """A duration with its upper limit in seconds; the ratio is reference / ours."""
    return Row(
        what,
        str(ours),
        f"{_time(reference.median)} {about}".strip() if reference else NONE,
        f"{reference.median / ours.median:.2f}" if reference else NONE,
        f"<= {_time(limit)}" if limit else NONE,
        verdict(ours.median <= limit) if limit else NONE,
    )


def verdict(met: bool) -> str:
    """The last column."""
    return "yes" if met else "**no**"


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.{1 if seconds < 0.1 else 0}f} ms"
