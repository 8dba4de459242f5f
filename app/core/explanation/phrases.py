"""What is said in words, language-free: a code and what fills its template; rendered at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.core.rules.rates import Quotient


@dataclass(frozen=True, slots=True)
class Named:
    """A rate or a figure by its name ("dossier:resolved", "measure:plan_tasks/numerator")."""

    name: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """`params` fill the message of `code`. Every text but a `label` is numerals, with a decimal point."""

    code: str
    params: Mapping[str, "Part"] = field(default_factory=dict)


Part = str | Named | Quotient | Phrase | tuple["Part", ...]
"""A text, a name, a built rate, another phrase, or several of these."""


def named(rate: str | Quotient) -> Named | Quotient:
    """A rate as part of a phrase."""
    return Named(rate) if isinstance(rate, str) else rate
