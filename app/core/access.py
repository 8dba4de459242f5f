"""Who may do what: a scope, bound to everything, to a unit with all below it, or to a group of units."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.core.types import ClientScope, Stage

NATION = "VN"
_BINDING = re.compile(r"(?P<group>group:)?(?P<code>\.*[A-Za-z0-9_-][A-Za-z0-9._-]{0,63})")

STAGE_SCOPES: Mapping[str, ClientScope] = {
    stage: ClientScope.SCORES_SELF
    if stage in (Stage.SELF, Stage.EXPLANATION)
    else ClientScope.SCORES_APPRAISE
    for stage in Stage
}
"""The scope that writes a stage: the unit's own side, and the side that appraises it."""

READS_SCORES = (ClientScope.RESULTS_READ_UNPUBLISHED, ClientScope.SCORES_APPRAISE, ClientScope.SCORES_SELF)
"""Scopes that open what is not published yet, each for the units that it is bound to."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One scope over everything (no binding), over a unit with all units below it, or over a group."""

    scope: ClientScope
    unit: str | None = None
    group: str | None = None

    @property
    def everywhere(self) -> bool:
        """Whether no unit is outside of it."""
        return self.group is None and self.unit in (None, NATION)

    def __str__(self) -> str:
        """`scores:self`, `scores:self@22.so-noi-vu` or `scores:self@group:so`."""
        if self.group is not None:
            return f"{self.scope}@group:{self.group}"
        return f"{self.scope}@{self.unit}" if self.unit is not None else self.scope.value


def parse_grant(text: str) -> Grant:
    """A grant from its text. Raises ValueError."""
    scope, at, binding = text.partition("@")
    if not at:
        return Grant(ClientScope(scope))
    matched = _BINDING.fullmatch(binding)
    if matched is None:
        raise ValueError(f"{binding!r} is neither a unit nor group:<code>")
    if matched["group"]:
        return Grant(ClientScope(scope), group=matched["code"])
    return Grant(ClientScope(scope), unit=matched["code"])


def grants_of(grants: Iterable[Grant], scopes: Iterable[ClientScope]) -> list[Grant]:
    """The grants of some scopes."""
    wanted = set(scopes)
    return [grant for grant in grants if grant.scope in wanted]
