"""Worked examples: published figures, law and hand calculation, as data (cases/**/*.yaml).

A file maps the name of a check to its cases: name, source, input, expected. Keys with _ hold shared parts.
"""

from collections.abc import Mapping
from typing import Any, get_args

import pytest

from app.features.frameworks.rule_schemas import RuleDocument
from tests.core.build import Case, load_cases
from tests.core.checks import CHECKS
from tests.core.rule_checks import shipped

FOUND = load_cases()


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in FOUND])
def test_case(case: Case) -> None:
    assert case.source
    assert CHECKS[case.check](case.input, case.expected) == case.expected


def test_every_check_has_cases() -> None:
    assert {case.check for case in FOUND} == set(CHECKS)


def test_no_two_cases_have_one_name() -> None:
    assert len({case.name for case in FOUND}) == len(FOUND)


def test_every_kind_of_rule_has_its_cases() -> None:
    """A kind has at least four, and all kinds together 120."""
    rules = [case.input["rule"]["kind"] for case in FOUND if case.name.startswith("rules/")]
    kinds = {rule.model_fields["kind"].annotation for rule in get_args(get_args(RuleDocument)[0])}
    assert {get_args(kind)[0] for kind in kinds} == {kind for kind in rules if rules.count(kind) >= 4}
    assert len(rules) >= 120


@pytest.mark.parametrize("reference", ["qd-766@2022", "tt-01-2018@2018"])
def test_every_indicator_with_a_formula_has_its_case(reference: str) -> None:
    asked: Mapping[str, Any] = {case.input["item"]: case for case in FOUND if _of(case) == reference}
    assert {item.code for item in shipped(reference).computed_items} <= set(asked)


def _of(case: Case) -> str | None:
    item = isinstance(case.input, dict) and "item" in case.input
    return case.input["framework"] if item else None
