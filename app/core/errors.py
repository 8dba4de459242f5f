"""What is wrong, where: language-free, rendered to words at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake or warning.

    `code` is stable; `pointer` is an RFC 6901 JSON pointer into the input ("" is the whole input);
    `params` fill the message; `place` is (sheet, cell) where the input is a workbook.
    """

    code: str
    pointer: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    place: tuple[str, str] | None = None


class InvalidPeriodError(ValueError):
    """A text that names no period."""
