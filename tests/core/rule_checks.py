"""Checks of rules: over figures, by people, explained, and as the sets that ship say them."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, get_args

from app.core.explanation.arithmetic import arithmetic_of
from app.core.explanation.next_step import next_step
from app.core.explanation.words import rule_words
from app.core.framework import Framework, Node, walk
from app.core.framework_check import check_framework
from app.core.index import band_of, compute_index
from app.core.ratio import Ratio
from app.core.rounding import from_scaled, percent_number, to_scaled
from app.core.rules import (
    Binary,
    Checklist,
    Inputs,
    Options,
    Rule,
    allowed_points,
    is_computed,
    score_rule,
    sign_of,
)
from app.core.scoring import computed_entries
from app.core.sheet import Basis, Row, check_rows
from app.core.statistics import compute_rates, derive_counts
from app.core.territory import comparable_areas, unite_entries
from app.core.types import RoundState, Stage
from app.features.frameworks.mapping import framework_of as mapped_framework
from app.features.frameworks.schemas import FrameworkDocument
from app.infra.documents import read_file, validated
from app.infra.messages import Language, Message, phrases_said
from tests.core.build import FRAMEWORKS, entries_of, framework_of, rule_of, said_of


def inputs_of(figures: Mapping[str, Any]) -> Inputs:
    """{name: [numerator, denominator]} is a rate with its parts, {name: number} a figure; `dossiers` are the
    counts of form II.06a."""
    rates = {name: Ratio(*pair) for name, pair in figures.items() if isinstance(pair, list)}
    numbers = {name: Fraction(n) for name, n in figures.items() if isinstance(n, int | Decimal)}
    for name, rate in rates.items():
        numbers |= {f"{name}/numerator": Fraction(rate.numerator)}
        numbers |= {f"{name}/denominator": Fraction(rate.denominator)}
    counts = figures.get("dossiers", {})
    known = {name: rate for name, rate in compute_rates(counts).items() if rate is not None}
    rates |= {f"dossier:{name}": rate for name, rate in known.items()}
    numbers |= {f"dossier:{name}": Fraction(n) for name, n in (counts | derive_counts(counts)).items()}
    return Inputs(rates, numbers)


def _one_item(given: Mapping[str, Any], source: str) -> Framework:
    """A sound set of one item, 1, under the rule of a case."""
    item = {
        "code": "1",
        "max": given["max"],
        "source": given.get("source", source),
        "rule": given["rule"],
    }
    beside = sign_of(rule_of(given["rule"]))
    framework = framework_of([item], 0 if beside else given["max"], given.get("items"))
    assert check_framework(framework) == []
    return framework


def computed_points(given: Any, _: Any) -> Any:
    """A rule over each of several sets of figures -> points, `not applicable`, or null for missing."""
    framework = _one_item(given, "statistic")
    found = [list(computed_entries(framework, inputs_of(figures)).values()) for figures in given["of"]]
    return [said_of(*entries) if entries else None for entries in found]


def explained(given: Any, expected: Any) -> Any:
    """One item over figures, or with points that people gave -> what the case asks for of its explanation."""
    framework = _one_item(given, "appraisal" if "points" in given else "statistic")
    item, inputs = framework.items["1"], inputs_of(given.get("figures", {}))
    entry = next(iter(computed_entries(framework, inputs).values()), None)
    points = to_scaled(given["points"]) if "points" in given else (entry and entry.points) or 0
    step = next_step(item, inputs, points, framework.item_decimals)
    answer: dict[str, Any] = {
        "arithmetic": None,
        "next_points": None if step is None or step.points is None else from_scaled(step.points),
    }
    if entry is not None and is_computed(item.rule):
        answer["arithmetic"] = arithmetic_of(item.rule, inputs, item.max_points or 0, entry)
    names = {figure: Message(**name) for figure, name in given.get("names", {}).items()}
    for language in get_args(Language):
        answer[f"rule_{language}"] = phrases_said(rule_words(item), language, names)
        answer[f"next_{language}"] = None if step is None else phrases_said((step.phrase,), language, names)
    return {key: answer[key] for key in expected}


def given_points(given: Any, _: Any) -> Any:
    """Points that people give under a rule -> null where they are taken, else what is wrong with each."""
    basis = Basis("r", RoundState.APPRAISAL, _one_item(given, "appraisal"), {"u": "VN"})
    rows = [Row(0, ("u", "1", Stage.APPRAISAL), (to_scaled(p), False, None, None)) for p in given["points"]]
    faults = [check_rows(basis, [row]) for row in rows]
    return [found[0].code if found else None for found in faults]


def choices(given: Any, _: Any) -> Any:
    """A rule that people apply -> every number of points that it gives, the most first."""
    return _choices(rule_of(given["rule"]), to_scaled(given["max"]))


def _choices(rule: Rule, maximum: int) -> list[Decimal]:
    assert isinstance(rule, Binary | Options | Checklist)
    return [from_scaled(points) for points in allowed_points(rule, maximum)]


@cache
def shipped(reference: str) -> Framework:
    """A criteria set that ships with the service."""
    return mapped_framework(validated(FrameworkDocument, read_file(FRAMEWORKS / f"{reference}.yaml")))


def shipped_points(given: Any, _: Any) -> Any:
    """Each of several sets of figures -> points of an item of a set that ships with the service."""
    framework, item = shipped(given["framework"]), _shipped_item(given)
    assert item.rule is not None
    assert is_computed(item.rule)
    rule = (item.rule, item.on_no_data)
    found = [
        score_rule(*rule, inputs_of(figures), item.max_points or 0, framework.item_decimals)
        for figures in given["of"]
    ]
    return [None if entry is None else said_of(entry) for entry in found]


def _shipped_item(given: Any) -> Node:
    """The item of a case; sets of which parts are unknown cannot be scored as a whole."""
    return next(node for node, _ in walk(shipped(given["framework"])) if node.code == given["item"])


def united(given: Any, _: Any) -> Any:
    """Sheets of units that are one now, and their figures added up -> areas that can be compared, and their
    points."""
    framework = framework_of(**given["framework"])
    parts = [entries_of(sheet) for sheet in given["parts"]]
    entries = unite_entries(framework, parts, inputs_of(given["figures"]))
    areas = compute_index(framework, entries).areas
    comparable = sorted(comparable_areas(framework, parts, entries))
    return {
        "comparable": [framework.areas[position].code for position in comparable],
        "points": [from_scaled(areas[position].points) for position in comparable],
    }


def shipped_choices(given: Any, _: Any) -> Any:
    """The points that people may give an item of a set that ships with the service."""
    item = _shipped_item(given)
    assert item.rule is not None
    assert item.max_points is not None
    return _choices(item.rule, item.max_points)


def shipped_index(given: Any, expected: Any) -> Any:
    """Figures and a sheet -> what the case asks for of points, maximum, open points, percent, band, areas."""
    framework = shipped(given["framework"])
    computed = computed_entries(framework, inputs_of(given["figures"]))
    result = compute_index(framework, computed | entries_of(given.get("sheet", {})))
    total = result.total
    answer = {
        "points": from_scaled(total.points),
        "max_points": from_scaled(total.max_points),
        "open_points": from_scaled(total.open_points),
        "percent": Decimal(repr(percent_number(total.points, total.max_points, framework.decimals))),
        "band": band_of(framework, total.points, total.max_points),
        "areas": {
            area.code: from_scaled(tally.points)
            for area, tally in zip(framework.areas, result.areas, strict=True)
        },
    }
    return {key: answer[key] for key in expected}
