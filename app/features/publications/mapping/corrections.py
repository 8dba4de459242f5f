"""What a publication says otherwise than the one it supersedes: old, new, and why."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from app.features.publications.mapping.document import Computed

Document = Mapping[str, Any]
Place = tuple[str, str | None]
"""What is said of a unit: ("score", item), ("index_percent", None) or ("rank", None)."""
Said = dict[Place, str]


def said_by(computed: Computed, unit: str) -> Said:
    """What is said of a unit, as corrections tell it; nothing of a unit that is not there."""
    inputs, results = (orjson.loads(parts.get(unit, b"{}")) for parts in (computed.inputs, computed.results))
    return _said(unit, inputs, results, computed.rankings)


def _said(unit: str, inputs: Document, results: Document, rankings: Document) -> Said:
    """Scores as their stage and points: "appraisal: 1.5"; "final: -" is not applicable."""
    scores = inputs.get("scores", {}).items()
    said = {
        ("score", item): f"{stage}: {'-' if points is None else points}" for item, (stage, points) in scores
    }
    ranks = (ranking["ranks"][unit] for ranking in rankings.values() if unit in ranking["ranks"])
    whole = {"index_percent": results.get("percent"), "rank": next(ranks, None)}
    return {**said, **{(what, None): str(text) for what, text in whole.items() if text is not None}}


def list_corrections(
    before: Computed, after: Computed, reasons: Mapping[tuple[str, str], str]
) -> list[dict[str, Any]]:
    """Every score that differs, with its reason, then what follows of it for indices and ranks; by unit.

    `reasons`: (unit, item) -> why its points were corrected.
    """
    return [
        correction
        for unit in sorted({*before.inputs, *after.inputs})
        for correction in _differences(unit, said_by(before, unit), said_by(after, unit), reasons)
    ]


def _differences(
    unit: str, old: Said, new: Said, reasons: Mapping[tuple[str, str], str]
) -> Iterator[dict[str, Any]]:
    for place in sorted({*old, *new}, key=position_of):
        if old.get(place) != new.get(place):
            what, item = place
            reason = None if item is None else reasons.get((unit, item))
            said = {"old": old.get(place), "new": new.get(place), "reason": reason}
            yield {"unit": unit, "item": item, "what": what, **said}


def position_of(place: Place) -> tuple[bool, str, str]:
    """Scores by item, then the index, then the rank."""
    what, item = place
    return item is None, what, item or ""
