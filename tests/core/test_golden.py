"""No number changes unseen: the core answers what is frozen, or it is another engine, and users are told."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from app.core import ENGINE_VERSION
from app.core.entry import Entry
from tests import golden
from tests.core.build import load_cases
from tests.core.checks import CHECKS
from tests.core.example_rounds import compute_rounds

CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"
FROZEN = golden.read()
TO_FREEZE = "Run `python -m tests.approve_golden`."


def changed() -> list[str]:
    """Every frozen number that is another today."""
    return golden.changed_cases(FROZEN) + golden.changed_numbers(FROZEN.rounds, compute_rounds())


def test_no_frozen_number_changed() -> None:
    found = changed()
    assert found == [], golden.advice(found, FROZEN.engine_version)


def test_everything_is_frozen_for_this_engine() -> None:
    assert FROZEN.engine_version == ENGINE_VERSION, TO_FREEZE
    assert golden.unfrozen(FROZEN, golden.questions(load_cases()), compute_rounds()) == [], TO_FREEZE
    assert set(CHECKS) >= golden.WORDS


def test_users_are_told_of_this_engine() -> None:
    told = golden.names_engine(CHANGELOG.read_text("utf-8"), ENGINE_VERSION)
    assert told, f"CHANGELOG.md names no rounds and items under `engine_version` {ENGINE_VERSION}."


def test_the_file_is_as_it_is_written() -> None:
    assert golden.write(FROZEN) == golden.FROZEN.read_text("utf-8"), TO_FREEZE


def half_even(numerator: int, denominator: int) -> int:
    return round(Fraction(numerator, denominator))


def closed_ends(steps: Any, rate: Any) -> int:
    return next((step.points for step in steps if rate.compare(step.percent) >= 0), 0)


MUTATIONS: dict[str, tuple[Callable[..., Any], str]] = {
    "app.core.rounding.divide_half_up": (half_even, "rules/measure: items of two decimals, exact halves"),
    "app.core.rules.score_bands": (closed_ends, "rules/bands: exactly on an open end is below it"),
    "app.core.rules._without_data": (lambda *_: Entry(0), "rules/measure: nothing of nothing is missing"),
    "app.core.index.cut_off": (
        lambda _, base, bonus, penalty: base + bonus - penalty,
        "index: points beyond the scale are cut off",
    ),
}


@pytest.mark.parametrize("place", MUTATIONS)
def test_another_core_is_noticed(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    other, name = MUTATIONS[place]
    monkeypatch.setattr(place, other)
    found = changed()
    assert any(line.startswith(f"{name}: ") for line in found), found
    asked, rounds = golden.questions(load_cases()), compute_rounds()
    with pytest.raises(golden.RefusedError, match="raise ENGINE_VERSION") as refused:
        golden.approve(FROZEN, ENGINE_VERSION, asked, rounds, [])
    assert name in str(refused.value)
    approved, told = golden.approve(FROZEN, ENGINE_VERSION + 1, asked, rounds, [])
    assert (approved.engine_version, told) == (ENGINE_VERSION + 1, found)
    with pytest.raises(golden.RefusedError, match="never older"):
        golden.approve(approved, ENGINE_VERSION, asked, rounds, [])


ONE = {"name": "a", "check": "half_up", "input": [[1, 2]], "answer": [1]}
TWO = {"name": "a", "check": "half_up", "input": [[3, 2]], "answer": [2]}
SMALL = golden.Golden(7, [ONE], {"r": {"22": {"points": 5, "items": {"1": 5}}}})


def test_new_questions_are_added_and_old_ones_stay() -> None:
    """A case whose question is edited is a new one: the old one is still asked."""
    assert golden.unfrozen(SMALL, [TWO], SMALL.rounds) == ["a"]
    approved, told = golden.approve(SMALL, 7, [TWO], SMALL.rounds, [])
    assert (approved.cases, told) == ([ONE, TWO], [])
    assert golden.approve(approved, 7, [TWO], SMALL.rounds, []) == (approved, [])
    assert golden.approve(approved, 8, [TWO], SMALL.rounds, [])[0].cases == [TWO]


def test_a_round_changes_only_with_its_data_or_the_engine() -> None:
    other = {"r": {"22": {"points": 4, "items": {"1": 4}}}, "s": {}}
    assert golden.unfrozen(SMALL, [ONE], other) == ["s"]
    with pytest.raises(golden.RefusedError) as refused:
        golden.approve(SMALL, 7, [ONE], other, [])
    assert "r 22 points: 5 -> 4" in str(refused.value)
    assert "r 22 items 1: 5 -> 4" in str(refused.value)
    assert golden.approve(SMALL, 7, [ONE], other, ["r"])[0].rounds == other
    with pytest.raises(golden.RefusedError, match=r"r: .* -> null"):
        golden.approve(SMALL, 7, [ONE], {}, [])


def test_what_counts_as_telling_users() -> None:
    later = "- `engine_version` 2: rounds a, b;\n  items 1.1, 1.2.\n- `engine_version` 3: faster.\n"
    log = "- `engine_version` 1: first.\n" + later
    assert [golden.names_engine(log, version) for version in (1, 2, 3, 4)] == [True, True, False, False]
