"""What holds for every rule and all figures: exact to the last digit, within the maximum, and never against
whoever did better."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.entry import Entry
from app.core.framework import Item
from app.core.ratio import Ratio
from app.core.rounding import SCALE
from app.core.rules import (
    Bands,
    Binary,
    Bonus,
    Checklist,
    Complement,
    Computed,
    Condition,
    Conjunction,
    Deduction,
    Inputs,
    Manual,
    MeanPerDossier,
    Measured,
    Options,
    Penalty,
    Proportional,
    Rate,
    Step,
    Survey,
    is_computed,
    names_read,
    score_rule,
    sign_of,
)
from app.core.sheet import Basis, Row, check_rows
from app.core.types import NoData, RoundState, Stage
from tests.core.build import framework_of
from tests.core.rule_strategies import (
    ABOVE_0,
    AMOUNTS,
    CHOSEN,
    DECIMALS,
    FIGURES,
    FLOORS,
    INPUTS,
    KINDS,
    MAXIMA,
    bands,
    conjunctions,
    points,
)

checked = settings(max_examples=60, deadline=None)

NO_DATA: Mapping[NoData, Callable[[int], Entry | None]] = {
    NoData.MISSING: lambda _: None,
    NoData.NOT_APPLICABLE: lambda _: Entry(None, not_applicable=True),
    NoData.FULL: Entry,
    NoData.ZERO: lambda _: Entry(0),
}


# the same rules once more, in fractions, as their documents say them


def share_of(rate: Rate, inputs: Inputs) -> Fraction | None:
    """A rate; None is nothing to divide by."""
    if isinstance(rate, str):
        ratio = inputs.rates[rate]
        return Fraction(ratio.numerator, ratio.denominator) if ratio.denominator else None
    above, below = (
        sum((term.sign * inputs.figures[term.figure] for term in terms), Fraction(0))
        for terms in (rate.numerator, rate.denominator)
    )
    return max(Fraction(0), above / below) if below > 0 else None


def up_to(share: Fraction, full_at: Decimal, lowest: Decimal | None, maximum: int) -> Fraction:
    """In proportion, between the floor and what gives all."""
    if lowest is not None and share * 100 < lowest:
        return Fraction(0)
    return min(Fraction(maximum), share * 100 / Fraction(full_at) * maximum)


def met(condition: Condition, inputs: Inputs) -> bool | None:
    """Whether a condition holds; None is not known."""
    if condition.figure is not None:
        value: Fraction = inputs.figures[condition.figure]
    else:
        assert condition.rate is not None
        share = share_of(condition.rate, inputs)
        if share is None:
            return None
        value = share * 100
    return (
        (condition.at_least is None or value >= condition.at_least)
        and (condition.above is None or value > condition.above)
        and (condition.at_most is None or value <= condition.at_most)
        and (condition.below is None or value < condition.below)
    )


def first_tier(rule: Conjunction, inputs: Inputs) -> Fraction | None:
    """The first tier that holds; None where what is not known could make it another number."""
    said = [[met(condition, inputs) for condition in tier.conditions] for tier in rule.tiers]
    found = set()
    for guess in (False, True):  # all that is not known fails, or holds
        known = [all(guess if m is None else m for m in conditions) for conditions in said]
        found.add(next((tier.points for tier, held in zip(rule.tiers, known, strict=True) if held), 0))
    return Fraction(found.pop()) if len(found) == 1 else None


def reached(steps: tuple[Step, ...], percent: Fraction) -> Fraction:
    """The most points of the steps that a percentage reaches."""
    points = [s.points for s in steps if percent > s.percent or (percent == s.percent and not s.open_end)]
    return Fraction(max(points, default=0))


def of_rate(rule: Measured | Bands | Proportional, inputs: Inputs, maximum: int) -> Fraction | None:
    """What one rate gives."""
    share = share_of(rule.rate, inputs)
    if share is None:
        return None
    match rule:
        case Measured():
            return share * maximum
        case Bands(steps=steps):
            return reached(steps, share * 100)
        case Proportional(full_at=full_at, floor=lowest):
            return up_to(share, full_at, lowest, maximum)


def of_rates(rule: Complement, inputs: Inputs, maximum: int) -> Fraction | None:
    """What is left of 100 percent gives."""
    shares = [share_of(rate, inputs) for rate in rule.rates]
    if None in shares:
        return None
    left = max(Fraction(0), 1 - sum(s for s in shares if s is not None))
    return up_to(left, rule.full_at, rule.floor, maximum)


def of_answers(weights: list[tuple[Fraction, str]], inputs: Inputs) -> Fraction | None:
    """The mean of weights."""
    total = sum(inputs.figures[name] for _, name in weights)
    return sum(weight * inputs.figures[name] for weight, name in weights) / total if total else None


def exact_points(rule: Computed, inputs: Inputs, maximum: int) -> Fraction | None:
    """Scaled points before rounding, perhaps above the maximum; None is nothing to go by."""
    match rule:
        case Measured() | Bands() | Proportional():
            found = of_rate(rule, inputs, maximum)
        case Complement():
            found = of_rates(rule, inputs, maximum)
        case Conjunction():
            found = first_tier(rule, inputs)
        case Deduction(figure=figure, per_event=each):
            found = maximum - inputs.figures[figure] * each
        case Bonus(figure=figure, per_event=each) | Penalty(figure=figure, per_event=each):
            found = inputs.figures[figure or ""] * (each or 0)
        case MeanPerDossier(scores=scores):
            found = of_answers([(Fraction(points), name) for points, name in scores], inputs)
        case Survey(answers=answers):
            worth = [(Fraction(percent) / 100 * maximum, name) for percent, name in answers]
            found = of_answers(worth, inputs)
    return found


def half_up(scaled: Fraction, decimals: int | None) -> int:
    """To so many decimals of a point."""
    unit = SCALE // 10 ** (10 if decimals is None else decimals)
    return floor(scaled / unit + Fraction(1, 2)) * unit


@pytest.mark.parametrize("kind", KINDS)
@checked
@given(st.data(), MAXIMA, DECIMALS, st.sampled_from(NoData))
def test_points_are_exact_and_within_the_maximum(
    kind: str, data: st.DataObject, maximum: int, decimals: int | None, on_no_data: NoData
) -> None:
    rule, inputs = data.draw(KINDS[kind](maximum)), data.draw(INPUTS)
    entry = score_rule(rule, on_no_data, inputs, maximum, decimals)
    exact = exact_points(rule, inputs, maximum)
    if exact is None:
        assert entry == (
            None
            if isinstance(rule, Conjunction)
            else NO_DATA[on_no_data](min(maximum, half_up(Fraction(maximum), decimals)))
        )
        return
    assert entry == Entry(max(0, min(maximum, half_up(min(exact, Fraction(maximum)), decimals))))
    assert entry.points is not None
    assert 0 <= entry.points <= maximum


@pytest.mark.parametrize("kind", KINDS)
@checked
@given(st.data(), MAXIMA, DECIMALS, st.sampled_from(NoData))
def test_who_knows_less_has_the_same_points_or_none(
    kind: str, data: st.DataObject, maximum: int, decimals: int | None, on_no_data: NoData
) -> None:
    """A figure that is not reported is never taken for a number."""
    rule, inputs = data.draw(KINDS[kind](maximum)), data.draw(INPUTS)
    rates, figures = (sorted(names) for names in names_read(rule))
    lost = data.draw(st.sampled_from([*(("rates", n) for n in rates), *(("figures", n) for n in figures)]))
    left = {n: value for n, value in getattr(inputs, lost[0]).items() if n != lost[1]}
    entry = score_rule(rule, on_no_data, replace(inputs, **{lost[0]: left}), maximum, decimals)
    whole = score_rule(rule, on_no_data, inputs, maximum, decimals)
    assert entry in ((None, whole) if isinstance(rule, Conjunction) else (None,))


def scored(rule: Computed, inputs: Inputs, maximum: int, decimals: int | None) -> int | None:
    """Points where there is anything to go by."""
    entry = score_rule(rule, NoData.MISSING, inputs, maximum, decimals)
    return None if entry is None else entry.points


def rate_of(inputs: Inputs, above: int, below: int) -> Inputs:
    """The rate `a` alone."""
    return replace(inputs, rates={**inputs.rates, "a": Ratio(above, below)})


UP, DOWN = 1, -1
BY_RATE: Mapping[str, tuple[int, Callable[[int], st.SearchStrategy[Any]]]] = {
    "measure": (UP, lambda _: st.just(Measured("a"))),
    "bands": (UP, lambda most: bands(most).map(lambda rule: replace(rule, rate="a"))),
    "proportional": (UP, lambda _: st.builds(Proportional, st.just("a"), ABOVE_0, FLOORS)),
    "complement": (DOWN, lambda _: st.builds(Complement, st.just(("a", "b")), ABOVE_0, FLOORS)),
    "conjunction of lower ends": (UP, lambda most: conjunctions(most, ("at_least",))),
    "conjunction of open lower ends": (UP, lambda most: conjunctions(most, ("above",))),
    "conjunction of upper ends": (DOWN, lambda most: conjunctions(most, ("at_most",))),
    "conjunction of open upper ends": (DOWN, lambda most: conjunctions(most, ("below",))),
}


@pytest.mark.parametrize("kind", BY_RATE)
@checked
@given(st.data(), MAXIMA, DECIMALS, AMOUNTS, AMOUNTS, AMOUNTS.filter(bool))
def test_a_higher_rate_never_works_the_other_way(
    kind: str, data: st.DataObject, maximum: int, decimals: int | None, above: int, more: int, below: int
) -> None:
    direction, rules = BY_RATE[kind]
    rule, inputs = data.draw(rules(maximum)), data.draw(INPUTS)
    low = scored(rule, rate_of(inputs, above, below), maximum, decimals)
    high = scored(rule, rate_of(inputs, above + more, below), maximum, decimals)
    assert low is None or high is None or (high - low) * direction >= 0


@pytest.mark.parametrize(("kind", "direction"), [("deduction", DOWN), ("bonus", UP), ("penalty", UP)])
@checked
@given(st.data(), MAXIMA, DECIMALS, FIGURES)
def test_more_events_never_work_the_other_way(
    kind: str, direction: int, data: st.DataObject, maximum: int, decimals: int | None, more: Fraction
) -> None:
    rule, inputs = data.draw(KINDS[kind](maximum)), data.draw(INPUTS)
    grown = replace(inputs, figures={name: number + more for name, number in inputs.figures.items()})
    low, high = (scored(rule, known, maximum, decimals) for known in (inputs, grown))
    assert low is None or high is None or (high - low) * direction >= 0


@pytest.mark.parametrize("kind", ["mean_per_dossier", "survey"])
@checked
@given(st.data(), MAXIMA, DECIMALS)
def test_a_better_answer_never_costs_points(
    kind: str, data: st.DataObject, maximum: int, decimals: int | None
) -> None:
    """Some of the worse answers become the best ones."""
    rule, inputs = data.draw(KINDS[kind](maximum)), data.draw(INPUTS)
    best, *_, worst = [name for _, name in (rule.scores if kind == "mean_per_dossier" else rule.answers)]
    moved = data.draw(st.integers(0, floor(inputs.figures[worst])))
    changed = {best: inputs.figures[best] + moved, worst: inputs.figures[worst] - moved}
    better = replace(inputs, figures={**inputs.figures, **changed})
    low, high = (scored(rule, known, maximum, decimals) for known in (inputs, better))
    assert low is None or high is None or low <= high


def sums_of(parts: list[int]) -> set[int]:
    """What any of some numbers add up to."""
    return {sum(n for bit, n in enumerate(parts) if mask >> bit & 1) for mask in range(2 ** len(parts))}


def may_be_given(rule: Any, said: int, maximum: int) -> bool:
    """Whether people may give so many scaled points, as the documents say it."""
    match rule:
        case Binary():
            allowed = said in (0, maximum)
        case Options(choices=choices):
            allowed = said in [choice.points for choice in choices]
        case Checklist(parts=parts):
            allowed = said in sums_of([part.points for part in parts])
        case Manual(step=step):
            allowed = step is None or said % step == 0
        case Bonus(per_event=step) | Penalty(per_event=step):
            allowed = step is None or said % step == 0 or said == maximum
    return allowed and 0 <= said <= maximum


@pytest.mark.parametrize("kind", CHOSEN)
@checked
@given(st.data(), MAXIMA)
def test_people_give_what_the_rule_knows_and_nothing_else(
    kind: str, data: st.DataObject, maximum: int
) -> None:
    rule = data.draw(CHOSEN[kind](maximum))
    assert not is_computed(rule)
    named = [p.points for p in getattr(rule, "choices", ()) + getattr(rule, "parts", ())] or [maximum]
    said = data.draw(points(2 * maximum) | st.sampled_from([0, maximum, *named]))
    framework = framework_of([{"code": "1", "max": 10}], 10)
    item = replace(framework.items["1"], rule=rule, max_points=maximum)
    basis = Basis("r", RoundState.APPRAISAL, with_item(framework, item, maximum), {"u": "VN"})
    faults = check_rows(basis, [Row(0, ("u", "1", Stage.APPRAISAL), (said, False, None, None))])
    assert (faults == []) == may_be_given(rule, said, maximum)


def with_item(framework: Any, item: Item, maximum: int) -> Any:
    """The set of one item with another item."""
    node = replace(framework.areas[0], rule=item.rule, max_points=maximum)
    beside = sign_of(item.rule) != 0
    return replace(framework, areas=(node,), total_points=0 if beside else maximum)


def test_every_kind_is_here() -> None:
    people = Manual | Binary | Options | Checklist
    assert len({*KINDS, *CHOSEN}) == len(get_args(Computed)) + len(get_args(people))
