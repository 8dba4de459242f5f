"""Findings and faults -> warnings as they are told."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from app.core.errors import Fault
from app.core.validation import Finding, Kind, Rule, Subject, check
from app.features.checks.schemas import RuleDocument, RulesFile
from app.features.statistics.schemas import Acknowledgement, StatisticWarning
from app.infra.documents import read_file, validated
from app.infra.messages import Language, render
from app.infra.messages.names import fill
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
    """The text of a finding."""
    return fill(shipped().messages[code][language], params, language)


def without_peers(found: Finding) -> Finding:
    """An outlier among like units, without any number of theirs."""
    if found.rule.kind is not Kind.OUTLIER_GROUP:
        return found
    params = {name: found.params[name] for name in ("column", "value")}
    return found._replace(code="outlier_group_unseen", params=params)


def subject_of(about: str, columns: Iterable[str]) -> str:
    """What a warning is about: `own:received+resolved`. `about`: scope, and field of procedure."""
    return f"{about}:{'+'.join(columns) or '-'}"


def warning_of_finding(
    found: Finding, about: str | None, acknowledged: Acknowledged, language: Language
) -> StatisticWarning:
    """`about`: scope and field of procedure, None where nothing can be acknowledged."""
    subject = None if about is None else subject_of(about, found.columns)
    return StatisticWarning(
        code=found.code,
        columns=list(found.columns),
        message=say_finding(found.code, found.params, language),
        severity=found.rule.severity,
        rule=found.rule.code,
        subject=subject,
        acknowledged=_acknowledged(acknowledged, found.rule.code, subject, found.revision),
    )


def warning_of_fault(
    fault: Fault, about: str | None, revision: int, acknowledged: Acknowledged, language: Language
) -> StatisticWarning:
    """What a sum says of itself; its rule has the code of the fault."""
    columns: Any = fault.params.get("columns", [])
    subject = None if about is None else subject_of(about, columns)
    return StatisticWarning(
        code=fault.code,
        columns=columns,
        message=render(fault.code, fault.params, language)[0],
        severity=shipped().rules[fault.code].severity,
        rule=fault.code,
        subject=subject,
        acknowledged=_acknowledged(acknowledged, fault.code, subject, revision),
    )


def _acknowledged(
    rows: Acknowledged, rule: str, subject: str | None, revision: int
) -> Acknowledgement | None:
    """It holds for the figures that were looked at: newer ones open the warning again."""
    row = None if subject is None else rows.get((rule, subject))
    if row is None or row.revision < revision:
        return None
    return Acknowledgement.model_validate(row, from_attributes=True)
