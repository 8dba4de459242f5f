"""Findings and faults -> warnings as they are told."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from app.core.composition import compose, periods_within
from app.core.errors import Fault
from app.core.fields import ALL_FIELDS, combine_fields
from app.core.periods import Period, parse_period
from app.core.statistics import imply_counts
from app.core.validation import Finding, Kind, Past, Rule, Subject, check
from app.features.checks.schemas import RuleDocument, RulesFile
from app.features.statistics.schemas import Acknowledgement, StatisticWarning
from app.infra.documents import read_file, validated
from app.infra.messages import Language, render
from app.infra.messages.names import fill
from app.infra.messages.words import say_value
from app.models import FigureAcknowledgementRow

Acknowledged = Mapping[tuple[str, str], FigureAcknowledgementRow]


class Shipped(NamedTuple):
    """The rules that ship with the service."""

    rules: Mapping[str, Rule]
    messages: Mapping[str, Mapping[str, str]]
    expected_columns: Sequence[str]


@cache
def shipped() -> Shipped:
    """The rules of `app/data/validation-rules.yaml`."""
    read = validated(RulesFile, read_file(files("app.data").joinpath("validation-rules.yaml")))
    messages = {code: text.model_dump() for code, text in read.messages.items()}
    return Shipped({rule.code: _rule(rule) for rule in read.rules}, messages, read.expected_columns)


def _rule(document: RuleDocument) -> Rule:
    return Rule(
        document.code,
        document.kind,
        document.severity,
        tuple(document.columns),
        document.whole,
        {column: list(others) for column, others in document.instead.items()},
        tuple(document.exact),
        tuple(document.or_with),
        tuple(document.given),
        Fraction(document.threshold),
        document.values,
        Fraction(document.least),
        document.days,
    )


def check_counts(counts: Mapping[str, int]) -> list[Finding]:
    """What the rules say of counts alone."""
    return check(shipped().rules.values(), Subject(counts))


_ALONE = (Kind.IDENTITY, Kind.PART_OF_WHOLE, Kind.UNKNOWN)


@cache
def _rules_alone() -> Sequence[Rule]:
    return [rule for rule in shipped().rules.values() if rule.kind in _ALONE]


def check_alone(counts: Mapping[str, int]) -> list[Finding]:
    """As `check_counts`, without the rules that compare with other counts: for very many rows."""
    return check(_rules_alone(), Subject(counts))


def say_finding(code: str, params: Mapping[str, object], language: Language) -> str:
    """The text of a finding; a column that is not known need not have one of its own."""
    said = {name: say_value(value, language) for name, value in params.items()}
    texts = shipped().messages
    # without a spread of the others there is no score: they are all equal
    even = texts.get(f"{code}_even") if "score" not in params else None
    return fill((even or texts.get(code, texts["column_unknown"]))[language], said, language)


def without_peers(found: Finding) -> Finding:
    """An outlier among like units, without any number of theirs."""
    if found.rule.kind is not Kind.OUTLIER_GROUP:
        return found
    params = {name: found.params[name] for name in ("column", "value")}
    return found._replace(code="outlier_group_unseen", params=params)


def subject_of(about: str, columns: Iterable[str]) -> str:
    """What a warning is about: `own:received+resolved`. `about`: scope, and field of procedure."""
    return f"{about}:{'+'.join(columns) or '-'}"


def with_name(fault: Fault, names: Mapping[str, str]) -> Fault:
    """A fault with the name of its unit beside the code."""
    unit = str(fault.params.get("unit", ""))
    if unit not in names:
        return fault
    return replace(fault, params={**fault.params, "unit": f"{names[unit]} ({unit})"})


def add_fields(said: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Counts by field of procedure -> those of all, with the wholes that follow."""
    return combine_fields({field: imply_counts(counts) for field, counts in said.items()}).counts


def add_past(period: str, fields: Mapping[str, Past]) -> Past:
    """What a unit reported of a period by fields of procedure, as one."""
    counted = [fields[ALL_FIELDS]] if ALL_FIELDS in fields else fields.values()
    counts = add_fields({field: past.counts for field, past in fields.items()})
    return Past(period, counts, max(past.revision for past in counted))


def past_of(period: Period, reported: Mapping[str, Past]) -> Past | None:
    """What a unit reported of a period, or of all its parts."""
    parts = {part.text: reported[part.text] for part in periods_within(period) if part.text in reported}
    composed = compose(period, {name: past.counts for name, past in parts.items()})
    if composed is None or composed.missing:
        return None
    return Past(period.text, composed.counts, max(parts[name].revision for name in composed.parts))


class Seen(NamedTuple):
    """Counts of a unit, the reports that they rest on, and what was acknowledged of them.

    `about`: scope, and field of procedure. `parts`: the periods that the counts are made of. `revisions`:
    (period, field of procedure) -> revision of the report, of the period and of all its parts.
    """

    about: str
    period: str
    parts: Sequence[str]
    revisions: Mapping[tuple[str, str], int]
    acknowledged: Acknowledged

    @property
    def revision(self) -> int:
        """Of the newest report that is counted: of all fields of procedure, else of each one."""
        fields = {period: [f for p, f in self.revisions if p == period] for period in self.parts}
        counted = [
            (period, field)
            for period, known in fields.items()
            for field in known
            if field == ALL_FIELDS or ALL_FIELDS not in known
        ]
        return max((self.revisions[place] for place in counted), default=0)

    def revision_of(self, fault: Fault) -> int:
        """Of the newest report that is counted, or that is compared with what is."""
        compared = set(self._compared(fault))
        found = (revision for (period, _), revision in self.revisions.items() if period in compared)
        return max(self.revision, *found, 0)

    def _compared(self, fault: Fault) -> Iterator[str]:
        period = fault.params.get("period")
        if isinstance(period, str):
            yield period
            if fault.code == "period_differs_from_parts":
                yield from (part.text for part in periods_within(parse_period(period)))

    def subject_of(self, fault: Fault, columns: Iterable[str]) -> str:
        """With the period where it is a part: `own:resolved@2021-Q1`."""
        period = fault.params.get("period", self.period)
        return subject_of(self.about, columns) + (f"@{period}" if period != self.period else "")


def warning_of_finding(found: Finding, seen: Seen | None, language: Language) -> StatisticWarning:
    """`seen`: None where nothing can be acknowledged."""
    subject = None if seen is None else subject_of(seen.about, found.columns)
    return StatisticWarning(
        code=found.code,
        columns=list(found.columns),
        message=say_finding(found.code, found.params, language),
        severity=found.rule.severity,
        rule=found.rule.code,
        subject=subject,
        acknowledged=_acknowledged(seen, found.rule.code, subject, found.revision),
    )


def warning_of_fault(fault: Fault, seen: Seen | None, language: Language) -> StatisticWarning:
    """What a sum says of itself; its rule has the code of the fault."""
    columns: Any = fault.params.get("columns", [])
    subject = None if seen is None else seen.subject_of(fault, columns)
    revision = 0 if seen is None else seen.revision_of(fault)
    return StatisticWarning(
        code=fault.code,
        columns=columns,
        message=render(fault.code, fault.params, language)[0],
        severity=shipped().rules[fault.code].severity,
        rule=fault.code,
        subject=subject,
        acknowledged=_acknowledged(seen, fault.code, subject, revision),
    )


def _acknowledged(seen: Seen | None, rule: str, subject: str | None, revision: int) -> Acknowledgement | None:
    """It holds for the figures that were looked at: newer ones open the warning again."""
    row = None if seen is None or subject is None else seen.acknowledged.get((rule, subject))
    if row is None or row.revision < revision:
        return None
    return Acknowledgement.model_validate(row, from_attributes=True)
