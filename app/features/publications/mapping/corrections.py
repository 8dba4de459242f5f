"""What a publication says otherwise than the one that it supersedes: old, new, and why."""

from collections.abc import Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]


def list_corrections(
    before: Document, after: Document, reasons: Mapping[tuple[str, str], str]
) -> list[dict[str, Any]]:
    """Every score that differs, with its reason, then what follows of it for indices and ranks; by unit.

    `reasons`: (unit, item) -> why its points were corrected.
    """
    found = []
    for unit in sorted({*before["units"], *after["units"]}):
        found += list(_scores(unit, before, after, reasons))
        found += list(_consequences(unit, before, after))
    return found


def _scores(
    unit: str, before: Document, after: Document, reasons: Mapping[tuple[str, str], str]
) -> Iterator[dict[str, Any]]:
    old, new = (document["inputs"].get(unit, {}).get("scores", {}) for document in (before, after))
    for item in sorted({*old, *new}):
        if old.get(item) != new.get(item):
            said = _said(unit, "score", _points(old.get(item)), _points(new.get(item)))
            yield {**said, "item": item, "reason": reasons.get((unit, item))}


def _points(score: list[Any] | None) -> str | None:
    """The stage and its points: "appraisal: 1.5"; "final: -" is not applicable."""
    return None if score is None else f"{score[0]}: {'-' if score[1] is None else score[1]}"


def _consequences(unit: str, before: Document, after: Document) -> Iterator[dict[str, Any]]:
    for what, read in (("index_percent", _percent), ("rank", _rank)):
        old, new = read(before, unit), read(after, unit)
        if old != new:
            yield _said(unit, what, old, new)


def _percent(document: Document, unit: str) -> str | None:
    percent: str | None = document["results"].get(unit, {}).get("percent")
    return percent


def _rank(document: Document, unit: str) -> str | None:
    ranks = (ranking["ranks"][unit] for ranking in document["rankings"].values() if unit in ranking["ranks"])
    rank = next(ranks, None)
    return None if rank is None else str(rank)


def _said(unit: str, what: str, old: str | None, new: str | None) -> dict[str, Any]:
    return {"unit": unit, "item": None, "what": what, "old": old, "new": new, "reason": None}
