"""Dossier statistics: columns of form II.06a (Circular 01/2020/TT-VPCP), what cannot be, and rates.

A column that is absent is unknown, never zero. Rates are exact; they are rounded when shown.
"""

from collections.abc import Mapping

from app.core.errors import Fault
from app.core.ratio import Ratio

Counts = Mapping[str, int]

COLUMNS = (
    "received_online",
    "received_direct",
    "carried_over",
    "received",
    "resolved_early",
    "resolved_on_time",
    "resolved_early_or_on_time",
    "resolved_overdue",
    "resolved",
    "pending_in_time",
    "pending_overdue",
    "pending",
    "returned_or_withdrawn",
    "due_in_period",
)

RATES = (
    "resolved_of_received_percent",
    "on_time_of_resolved_percent",
    "in_time_including_pending_percent",
    "overdue_of_resolved_percent",
    "online_percent",
)

RATE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "resolved_of_received_percent": ("resolved", "received"),
    "on_time_of_resolved_percent": ("resolved_early_or_on_time", "resolved"),
    "in_time_including_pending_percent": ("resolved_early_or_on_time", "pending_in_time", "received"),
    "overdue_of_resolved_percent": ("resolved_overdue", "resolved"),
    "online_percent": ("received_online", "received"),
}
"""Rate -> the columns that it is made of."""

# part -> the wholes that it can never exceed
WHOLES: Mapping[str, tuple[str, ...]] = {
    "received_online": ("received",),
    "received_direct": ("received",),
    "carried_over": ("received",),
    "resolved_early": ("resolved_early_or_on_time", "resolved", "received"),
    "resolved_on_time": ("resolved_early_or_on_time", "resolved", "received"),
    "resolved_early_or_on_time": ("resolved", "received"),
    "resolved_overdue": ("resolved", "received"),
    "resolved": ("received",),
    "pending_in_time": ("pending", "received"),
    "pending_overdue": ("pending", "received"),
    "pending": ("received",),
}


def refuse_counts(counts: Counts) -> list[Fault]:
    """What cannot be: no figure at all, or a part larger than its whole."""
    if not counts:
        return [Fault("no_columns")]
    return [
        Fault(
            "part_larger_than_whole",
            f"/{part}",
            {"part": part, "whole": whole, "part_value": counts[part], "whole_value": counts[whole]},
        )
        for part, wholes in WHOLES.items()
        for whole in wholes
        if part in counts and whole in counts and counts[part] > counts[whole]
    ]


def derive_counts(counts: Counts) -> dict[str, int]:
    """Columns that follow from those given (and are absent among them)."""
    derived: dict[str, int] = {}
    on_time, resolved = settled_in_time(counts), settled(counts)
    if on_time is not None and "resolved_early_or_on_time" not in counts:
        derived["resolved_early_or_on_time"] = on_time
    if resolved is not None and "resolved" not in counts:
        derived["resolved"] = resolved
    return derived


def imply_counts(counts: Counts) -> dict[str, int]:
    """Counts with every whole that follows from its parts, to be compared with others that state it."""
    implied = {**counts, **derive_counts(counts)}
    for whole, parts in _SUMS.items():
        if whole not in implied and all(part in implied for part in parts):
            implied[whole] = sum(implied[part] for part in parts)
    return implied


_SUMS: Mapping[str, tuple[str, ...]] = {
    "received": ("received_online", "received_direct", "carried_over"),
    "pending": ("pending_in_time", "pending_overdue"),
}


def settled_in_time(counts: Counts) -> int | None:
    """Resolved early or on time; resolved - overdue where only that is known."""
    if "resolved_early_or_on_time" in counts:
        return counts["resolved_early_or_on_time"]
    if "resolved_early" in counts and "resolved_on_time" in counts:
        return counts["resolved_early"] + counts["resolved_on_time"]
    if "resolved" in counts and "resolved_overdue" in counts:
        return counts["resolved"] - counts["resolved_overdue"]
    return None


def settled(counts: Counts) -> int | None:
    """Resolved dossiers; the sum of its parts where only these are known."""
    if "resolved" in counts:
        return counts["resolved"]
    on_time, overdue = settled_in_time(counts), counts.get("resolved_overdue")
    return None if on_time is None or overdue is None else on_time + overdue


def compute_rates(counts: Counts) -> dict[str, Ratio | None]:
    """The rates of HOUSE section 9 by name; None where a count is unknown or the denominator is zero."""
    received, resolved, on_time = counts.get("received"), settled(counts), settled_in_time(counts)
    pending_in_time, online = counts.get("pending_in_time"), counts.get("received_online")
    in_time = None if on_time is None or pending_in_time is None else on_time + pending_in_time
    new = None if received is None else received - counts.get("carried_over", 0)
    return {
        "resolved_of_received_percent": _ratio(resolved, received),
        "on_time_of_resolved_percent": _ratio(on_time, resolved),
        "in_time_including_pending_percent": _ratio(in_time, received),
        "overdue_of_resolved_percent": _ratio(counts.get("resolved_overdue"), resolved),
        "online_percent": _ratio(online, new),
    }


def _ratio(numerator: int | None, denominator: int | None) -> Ratio | None:
    if numerator is None or not denominator:
        return None
    return Ratio(numerator, denominator)
