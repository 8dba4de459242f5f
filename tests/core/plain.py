"""Objects of the core -> plain data of the case files."""

from collections.abc import Callable
from typing import Any

from app.core.comparison import Rounding, Ruling, Ties, weight_of
from app.core.framework import Applies, Band, Caps, Node, Process
from app.core.law import LegalBasis
from app.core.rounding import from_scaled


def plain(value: Any) -> Any:
    """Points, names and codes as they are; of a node its weight, of a ruling the words."""
    said = _SAID.get(type(value))
    return value if said is None else said(value)


_SAID: dict[type, Callable[[Any], Any]] = {
    int: from_scaled,
    Node: lambda node: plain(weight_of(node)),
    Ruling: lambda r: " ".join(
        [type(r.rule).__name__, r.source or "-", r.on_no_data, *["evidence"] * r.evidence_required]
    ),
    Caps: lambda caps: [plain(caps.bonus), plain(caps.penalty)],
    Rounding: lambda rounding: [rounding.decimals, rounding.items],
    Ties: lambda ties: [ties.method, *ties.keys],
    Process: lambda process: [process.explanation, process.final_appraisal],
    Applies: lambda applies: [applies.start, applies.end],
    tuple: lambda entries: [plain(entry) for entry in entries],
    LegalBasis: lambda basis: basis.document,
    Band: lambda band: f"{band.label_vi} {band.percent}",
}
