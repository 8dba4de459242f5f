"""Where in law a thing stands, and from when to when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """One citation; what the sources do not say is None. Both ends of its validity are included."""

    document: str
    number: str | None = None
    issued_on: date | None = None
    article: str | None = None
    clause: str | None = None
    url: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def in_force(self, on: date) -> bool:
        """Whether it is law on a day: from its validity on, else from its issue; an unknown end excludes
        nothing."""
        return (self.valid_from or self.issued_on or on) <= on <= (self.valid_to or on)


def in_force(citations: Iterable[LegalBasis], on: date) -> tuple[LegalBasis, ...]:
    """Those citations that are law on a day, in their order."""
    return tuple(basis for basis in citations if basis.in_force(on))
