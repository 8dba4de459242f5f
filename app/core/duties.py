"""Duties beside the counts: what is owed by law or by a plan, how much of it is done, what stays open.

Decree 61/2018 Art. 19(9): every overdue dossier owes a letter of apology. What nobody reported counts
neither as none nor as done: it leaves a duty unknown, or makes what is owed a least number.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from app.core.errors import Fault
from app.core.explanation.numerals import numeral
from app.core.rules.rates import Inputs
from app.core.statistics import Counts, settled, settled_in_time


class DutyStatus(StrEnum):
    """Whether anything is still owed."""

    MET = "met"
    OPEN = "open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Duty:
    """Sums of figures ("dossier:resolved_overdue", "measure:plan_tasks/numerator").

    `rate`: the measure that says what is owed and what is done in one report. `done_within_owed`: more done
    than owed is a mistake.
    """

    owed: tuple[str, ...]
    done: tuple[str, ...]
    overdue: tuple[str, ...] = ()
    rate: str | None = None
    done_within_owed: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """How a duty stands; None is unknown. `owed` and `open` are least numbers where a warning says so."""

    owed: Fraction | None
    done: Fraction | None
    open: Fraction | None
    overdue: Fraction | None
    share: Fraction | None
    """Done of owed."""
    status: DutyStatus
    warnings: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class _Sum:
    """What is known of a sum (None: nothing), whether that is all of it, and what is not known."""

    value: Fraction | None
    is_whole: bool
    unknown: tuple[str, ...]


def assess_duty(duty: Duty, inputs: Inputs, partial: Collection[str] = ()) -> Standing:
    """How a duty stands by the figures of a unit. `partial`: figures that only some of its units reported."""
    owed, done, overdue = (_add(names, inputs, partial) for names in (duty.owed, duty.done, duty.overdue))
    left = _left(duty, owed, done)
    share = _share(duty, inputs, owed, done)
    status = DutyStatus.UNKNOWN
    if left is not None:
        status = DutyStatus.OPEN if left else DutyStatus.MET
    elif share is not None and owed.value is None and duty.rate not in partial:
        status = DutyStatus.MET if share >= 1 else DutyStatus.OPEN
    warnings = (*_unreported(owed, done, left), *_odd(duty, owed, done, left, overdue))
    return Standing(owed.value, done.value, left, overdue.value, share, status, warnings)


def _add(names: tuple[str, ...], inputs: Inputs, partial: Collection[str]) -> _Sum:
    unknown = tuple(name for name in names if name not in inputs.figures)
    known = [inputs.figures[name] for name in names if name not in unknown]
    is_whole = bool(known) and not unknown and not any(name in partial for name in names)
    return _Sum(sum(known, Fraction(0)) if known else None, is_whole, unknown)


def _left(duty: Duty, owed: _Sum, done: _Sum) -> Fraction | None:
    """What is still owed. A rest is certain where all that was done is known, or the same reports say both;
    that there is none, where all that is owed is known."""
    if owed.value == 0 and owed.is_whole:
        return Fraction(0)
    if owed.value is None or done.value is None:
        return None
    rest = max(Fraction(0), owed.value - done.value)
    is_certain = done.is_whole or duty.rate is not None if rest else owed.is_whole
    return rest if is_certain else None


def _share(duty: Duty, inputs: Inputs, owed: _Sum, done: _Sum) -> Fraction | None:
    """Done of owed; of a report that prints no counts, its percentage."""
    if owed.value is None and done.value is None:
        rate = inputs.rates.get(duty.rate or "")
        return Fraction(rate.numerator, rate.denominator) if rate is not None and rate.has_data else None
    is_comparable = duty.rate is not None or (owed.is_whole and done.is_whole)
    return done.value / owed.value if is_comparable and owed.value and done.value is not None else None


def _unreported(owed: _Sum, done: _Sum, left: Fraction | None) -> list[Fault]:
    """Which figures nobody reported, as far as the duty rests on them."""
    unknown = [*(owed.unknown if owed.value is None else ()), *(done.unknown if left is None else ())]
    faults = []
    if owed.value is not None and owed.unknown:
        parts = list(owed.unknown)
        params = {"columns": parts, "figures": parts, "owed": numeral(owed.value)}
        faults.append(Fault("duty_owed_at_least", "", params))
    if unknown:
        faults.append(Fault("duty_figures_unknown", "", {"columns": unknown, "figures": unknown}))
    return faults


def _odd(duty: Duty, owed: _Sum, done: _Sum, left: Fraction | None, overdue: _Sum) -> list[Fault]:
    """What ought not to be: more done than is owed, more overdue than is open."""
    faults = []
    is_owed_known = owed.is_whole or duty.rate is not None
    if duty.done_within_owed and is_owed_known and (done.value or 0) > (owed.value or 0):
        params = {
            "columns": list(duty.done),
            "done": numeral(done.value or 0),
            "owed": numeral(owed.value or 0),
        }
        faults.append(Fault("duty_done_exceeds_owed", "", params))
    if left is not None and (overdue.value or 0) > left:
        params = {
            "columns": list(duty.overdue),
            "overdue": numeral(overdue.value or 0),
            "open": numeral(left),
        }
        faults.append(Fault("duty_overdue_exceeds_open", "", params))
    return faults


def overdue_counts(counts: Counts) -> dict[str, int]:
    """Overdue dossiers that follow from the other columns of form II.06a, and are absent among them.

    resolved = early or on time + overdue; pending = in time + overdue; where all that was received is
    resolved, nothing is pending.
    """
    resolved = settled(counts)
    pending, in_time = counts.get("pending"), counts.get("pending_in_time")
    if pending == 0 or (pending is None and resolved is not None and resolved == counts.get("received")):
        pending, in_time = 0, 0
    found = {
        "resolved_overdue": _rest(resolved, settled_in_time(counts)),
        "pending_overdue": _rest(pending, in_time),
    }
    return {name: rest for name, rest in found.items() if rest is not None and name not in counts}


def _rest(whole: int | None, part: int | None) -> int | None:
    """None where either is unknown, or the identity is broken."""
    return None if whole is None or part is None or whole < part else whole - part
