"""Rules of dossier counts, which are data: what a figure says that it ought not to.

A finding is kept with the figure; somebody may look at it and say why it stands.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from app.core.outliers import is_outlier, modified_z
from app.core.statistics import compute_rates, imply_counts

Counts = Mapping[str, int]


class Kind(StrEnum):
    """How a rule is checked."""

    IDENTITY = "identity"
    PART_OF_WHOLE = "part_of_whole"
    UNKNOWN = "unknown"
    CONTINUITY = "continuity"
    OUTLIER_HISTORY = "outlier_history"
    OUTLIER_GROUP = "outlier_group"
    EXTRACTED_BEFORE_END = "extracted_before_end"
    EXTRACTION_STALE = "extraction_stale"
    SUM = "sum"


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Rule:
    """What ought to hold. Which members mean something depends on the kind.

    `instead`: columns that stand for one that is not known. `exact`: an identity holds only where these are
    known themselves. `or_with`: columns that an identity may hold with as well as without. `given`: columns
    that make others needed. `least`: a difference below it is a trifle.
    """

    code: str
    kind: Kind
    severity: Severity
    columns: tuple[str, ...] = ()
    whole: str = ""
    instead: Mapping[str, Sequence[str]] = field(default_factory=dict)
    exact: tuple[str, ...] = ()
    or_with: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    threshold: Fraction = Fraction(0)
    values: int = 1
    least: Fraction = Fraction(0)
    days: int = 0


class Past(NamedTuple):
    """What the same unit reported for another period, and at which of its revisions."""

    period: str
    counts: Counts
    revision: int


class Subject(NamedTuple):
    """What is checked, and what it is compared with. `revision`: of the newest figure of the unit in it;
    `before`: periods that end on the day before it, the likest first; `history`: those of its length."""

    counts: Counts
    revision: int = 0
    before: Sequence[Past] = ()
    history: Sequence[Past] = ()
    peers: Sequence[Counts] = ()
    extracted_on: date | None = None
    recorded_on: date | None = None
    ended_on: date | None = None


class Finding(NamedTuple):
    """What a rule says of a figure. `code`: of the text, whose parameters are `params`; `revision`: of the
    newest figure of the unit that it rests on."""

    rule: Rule
    code: str
    columns: tuple[str, ...]
    params: Mapping[str, object]
    revision: int


def check(rules: Iterable[Rule], subject: Subject) -> list[Finding]:
    """All that rules say of a figure, in their order."""
    return [found for rule in rules if rule.kind in _CHECKS for found in _CHECKS[rule.kind](rule, subject)]


def _identity(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """whole = sum of parts where all are known; else known disjoint parts must not exceed the whole."""
    counts = subject.counts
    known, complete = _known_parts(rule, rule.columns, counts)
    if rule.whole not in counts or not known:
        return
    total = sum(counts[part] for part in known)
    params: dict[str, object] = {
        "whole": rule.whole,
        "whole_value": counts[rule.whole],
        "parts": " + ".join(known),
        "sum": total,
        "difference": counts[rule.whole] - total,
    }
    columns = (rule.whole, *known)
    if complete and all(column in counts for column in rule.exact):
        if counts[rule.whole] not in (total, total + sum(counts.get(column, 0) for column in rule.or_with)):
            yield Finding(rule, "identity_broken", columns, params, subject.revision)
    elif total > counts[rule.whole] and len(known) > 1:
        yield Finding(rule, "parts_exceed_whole", columns, params, subject.revision)


def _known_parts(rule: Rule, parts: Iterable[str], counts: Counts) -> tuple[list[str], bool]:
    """(columns that are known of these parts, or instead of them; whether these are all)."""
    known: list[str] = []
    complete = True
    for part in parts:
        if part in counts:
            known.append(part)
        elif part in rule.instead:
            below, whole = _known_parts(rule, rule.instead[part], counts)
            known += below
            complete &= whole
        else:
            complete = False
    return known, complete


def _part_of_whole(rule: Rule, subject: Subject) -> Iterator[Finding]:
    counts = subject.counts
    for part in rule.columns:
        if part in counts and counts[part] > counts.get(rule.whole, counts[part]):
            params: dict[str, object] = {"part": part, "part_value": counts[part]}
            params |= {"whole": rule.whole, "whole_value": counts[rule.whole]}
            yield Finding(rule, "part_exceeds_whole", (part, rule.whole), params, subject.revision)


def _unknown(rule: Rule, subject: Subject) -> Iterator[Finding]:
    if all(column in subject.counts for column in rule.given):
        for column in rule.columns:
            if column not in subject.counts:
                yield Finding(rule, f"{column}_unknown", (column,), {"column": column}, subject.revision)


def _continuity(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """What begins a period is what ended the one before it, by the first that knows it."""
    knowing = ((past, imply_counts(past.counts)) for past in subject.before)
    before, ended = next(((past, said) for past, said in knowing if rule.whole in said), (None, {}))
    counts = imply_counts(subject.counts)
    for column in rule.columns:
        if before is None or column not in counts:
            continue
        value, previous = counts[column], ended[rule.whole]
        if value != previous:
            params: dict[str, object] = {"column": column, "value": value, "before": rule.whole}
            params |= {"previous": previous, "period": before.period, "difference": value - previous}
            revision = max(subject.revision, before.revision)
            yield Finding(rule, "continuity_broken", (column,), params, revision)


def _outlier_history(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """The unit against its own earlier periods, which do not contain the one that is checked."""
    revision = max([subject.revision, *(past.revision for past in subject.history)])
    return _outliers(rule, subject, [past.counts for past in subject.history], revision)


def _outlier_group(rule: Rule, subject: Subject) -> Iterator[Finding]:
    return _outliers(rule, subject, subject.peers, subject.revision)


def _outliers(rule: Rule, subject: Subject, others: Iterable[Counts], revision: int) -> Iterator[Finding]:
    compared, counts = [imply_counts(other) for other in others], imply_counts(subject.counts)
    for column in rule.columns:
        value = value_of(counts, column)
        values = [other for said in compared if (other := value_of(said, column)) is not None]
        if value is None or len(values) < rule.values:
            continue
        found = modified_z(value, values)
        if is_outlier(value, found, rule.threshold, rule.least):
            params: dict[str, object] = {"column": column, "value": _shown(value)}
            params |= {"median": _shown(found.median), "number": len(values)}
            if found.score is not None:
                params["score"] = _shown(found.score)
            yield Finding(rule, rule.kind.value, (column,), params, revision)


def value_of(counts: Counts, column: str) -> Fraction | None:
    """A count, or a rate in percent."""
    if column in counts:
        return Fraction(counts[column])
    rate = compute_rates(counts).get(column)
    return Fraction(rate.numerator * 100, rate.denominator) if rate is not None and rate.has_data else None


def _shown(value: Fraction) -> Decimal:
    return Decimal(round(value * 100)) / 100


def _extracted_before_end(rule: Rule, subject: Subject) -> Iterator[Finding]:
    extracted, ended = subject.extracted_on, subject.ended_on
    if extracted is not None and ended is not None and extracted < ended:
        params = {"extracted_on": extracted, "ended_on": ended}
        yield Finding(rule, "extracted_before_end", (), params, subject.revision)


def _extraction_stale(rule: Rule, subject: Subject) -> Iterator[Finding]:
    extracted, recorded = subject.extracted_on, subject.recorded_on
    if extracted is not None and recorded is not None and (recorded - extracted).days > rule.days:
        params = {"extracted_on": extracted, "days": (recorded - extracted).days}
        yield Finding(rule, "extraction_stale", (), params, subject.revision)


_CHECKS: Mapping[Kind, Callable[[Rule, Subject], Iterator[Finding]]] = {
    Kind.IDENTITY: _identity,
    Kind.PART_OF_WHOLE: _part_of_whole,
    Kind.UNKNOWN: _unknown,
    Kind.CONTINUITY: _continuity,
    Kind.OUTLIER_HISTORY: _outlier_history,
    Kind.OUTLIER_GROUP: _outlier_group,
    Kind.EXTRACTED_BEFORE_END: _extracted_before_end,
    Kind.EXTRACTION_STALE: _extraction_stale,
}
