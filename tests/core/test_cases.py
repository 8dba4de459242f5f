"""Worked examples: published figures, law and hand calculation, as data (cases/*.yaml).

A file maps the name of a check to its cases: name, source, input, expected. Keys with _ hold shared parts.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.core.build import load
from tests.core.checks import CHECKS

FOUND = [
    (check, f"{file.stem}: {case['name']}", case)
    for file in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    for check, cases in load(file).items()
    if not check.startswith("_")
    for case in cases
]


@pytest.mark.parametrize(("check", "case"), [pytest.param(c, case, id=name) for c, name, case in FOUND])
def test_case(check: str, case: Mapping[str, Any]) -> None:
    assert set(case) == {"name", "source", "input", "expected"}
    assert case["source"]
    assert CHECKS[check](case["input"], case["expected"]) == case["expected"]


def test_every_check_has_cases() -> None:
    assert {check for check, _, _ in FOUND} == set(CHECKS)
