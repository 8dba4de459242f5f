"""What would earn an item its next points."""

from dataclasses import dataclass
from fractions import Fraction
from math import floor as round_down

from app.core.explanation.arithmetic import bounds_text
from app.core.explanation.numerals import numeral, percent_text
from app.core.explanation.phrases import Named, Part, Phrase, named
from app.core.framework import Item
from app.core.ratio import Ratio
from app.core.rounding import exact_points, quantise, quantise_within
from app.core.rules import (
    Bands,
    Binary,
    Bonus,
    Checklist,
    Complement,
    Computed,
    Conjunction,
    Deduction,
    Inputs,
    Manual,
    MeanPerDossier,
    Measured,
    Options,
    OverRatio,
    Penalty,
    Proportional,
    Rate,
    Step,
    Survey,
    allowed_points,
    is_computed,
    names_read,
    ratio_of,
    score_rule,
)
from app.core.rules.conjunction import Condition, holds, value_of
from app.core.rules.proportional import FULL
from app.core.rules.rates import add_up
from app.core.statistics import RATE_COLUMNS
from app.core.types import ItemSource, NoData


@dataclass(frozen=True, slots=True)
class NextStep:
    """The points (scaled) that the item would have, and what it takes; None where they depend on what is
    reported."""

    points: int | None
    phrase: Phrase


def next_step(item: Item, inputs: Inputs, points: int, decimals: int | None) -> NextStep | None:
    """The nearest way from `points` (scaled; of a penalty: taken off) to better ones, with everything else as
    it is.

    None where there is none, where the maximum is not known, or where nobody appraises the item.
    """
    maximum, rule = item.max_points, item.rule
    if maximum is None:
        return None
    if not is_computed(rule):
        return _by_people(item, maximum, points)
    if isinstance(rule, Deduction | Bonus | Penalty):
        return _by_events(rule, item.on_no_data, inputs, (maximum, decimals))
    return None if points >= maximum else _by_figures(rule, inputs, maximum, points, decimals)


def _by_figures(
    rule: OverRatio | Conjunction, inputs: Inputs, maximum: int, points: int, decimals: int | None
) -> NextStep | None:
    if isinstance(rule, Conjunction):
        return _next_tier(rule, inputs, maximum, points, decimals)
    missing = _unknown(rule, inputs)
    if missing:
        return NextStep(None, Phrase("next_report", {"figures": missing}))
    return _over_ratio(rule, inputs, maximum, points, decimals)


def _unknown(rule: Computed, inputs: Inputs) -> tuple[Part, ...]:
    """What must be reported: of rates over dossiers, the counts that these are made of."""
    rates, figures = names_read(rule)
    names = {*figures} - set(inputs.figures)
    for rate in rates - set(inputs.rates):
        columns = RATE_COLUMNS.get(rate.removeprefix("dossier:"))
        names |= {f"dossier:{column}" for column in columns} if columns else {rate}
    return tuple(Named(name) for name in sorted(names))


def _by_people(item: Item, maximum: int, points: int) -> NextStep | None:
    if isinstance(item.rule, Penalty):
        return NextStep(0, Phrase("next_no_penalty")) if points else None
    if points >= maximum or item.source is not ItemSource.APPRAISAL:
        return None
    match item.rule:
        case Options(choices=choices):
            better = [choice for choice in choices if choice.points > points]
            if not better:
                return None
            nearest = min(better, key=lambda choice: choice.points)
            return NextStep(nearest.points, Phrase("next_option", {"label": nearest.label_vi}))
        case Binary() | Checklist():
            reached = min(p for p in allowed_points(item.rule, maximum) if p > points)
        case Manual(step=int() as step) | Bonus(per_event=int() as step):
            reached = min(maximum, points + step)
        case _:
            reached = maximum
    return NextStep(reached, Phrase("next_appraised", {"points": exact_points(reached)}))


MOST_EVENTS = 1000
"""Further than that nobody looks for the next point."""


def _by_events(
    rule: Deduction | Bonus | Penalty, on_no_data: NoData, inputs: Inputs, scale: tuple[int, int | None]
) -> NextStep | None:
    """The fewest events less (of a bonus: more) that change the points, scored by the rule itself.

    `scale`: the maximum, and the decimals that items are rounded to.
    """
    figure = rule.figure or ""
    events = inputs.figures.get(figure)
    if events is None:
        return None if isinstance(rule, Penalty) else NextStep(None, _report(figure))

    def score(count: Fraction) -> int:
        entry = score_rule(rule, on_no_data, Inputs(figures={figure: count}), *scale)
        return (entry.points if entry else None) or 0

    now, sign = score(events), 1 if isinstance(rule, Bonus) else -1
    if sign > 0 and now >= scale[0]:
        return None
    start = 1 if sign > 0 else max(1, _beyond(rule, events, scale[0]))
    for more in range(start, start + MOST_EVENTS):
        count = events + sign * more
        if count < 0:
            return None
        if score(count) != now:
            params: dict[str, Part] = {"count": str(more), "figure": Named(figure)}
            phrase = Phrase("next_more", params) if sign > 0 else Phrase("next_fewer", params)
            return NextStep(score(count), phrase)
    return None


def _report(figure: str) -> Phrase:
    return Phrase("next_report", {"figures": (Named(figure),)})


def _beyond(rule: Deduction | Bonus | Penalty, events: Fraction, maximum: int) -> int:
    """Events that make no difference any more: beyond the cap, or below 0."""
    return round_down(events - Fraction(maximum, rule.per_event or 1))


def _over_ratio(
    rule: OverRatio, inputs: Inputs, maximum: int, points: int, decimals: int | None
) -> NextStep | None:
    """None where there is nothing to divide by."""
    ratio = ratio_of(rule, inputs, maximum)
    if ratio is None or not ratio.has_data:
        return None
    match rule:
        case MeanPerDossier() | Survey():
            return NextStep(maximum, Phrase("next_best_answers"))
        case Bands(steps=steps):
            better = [step for step in steps if quantise_within(step.points, maximum, decimals) > points]
            return _next_rate(rule, inputs, better[-1], maximum, decimals) if better else None
        case _:
            return _higher_rate(rule, inputs, maximum, decimals)


def _next_rate(
    rule: Measured | Bands | Proportional, inputs: Inputs, step: Step, maximum: int, decimals: int | None
) -> NextStep | None:
    """The rate of a step, reached; None where there is nothing to divide by."""
    ratio = ratio_of(rule, inputs, maximum)
    if ratio is None or not ratio.has_data:
        return None
    reached = quantise_within(step.points, maximum, decimals)
    return NextStep(reached, _rate_phrase(rule.rate, inputs, ratio, step))


def _higher_rate(
    rule: Measured | Proportional | Complement, inputs: Inputs, maximum: int, decimals: int | None
) -> NextStep | None:
    """The floor where the rate lies below it, else the rate that gives the maximum."""
    if isinstance(rule, Complement):
        return _higher_complement(rule, inputs, maximum)
    full_at, floor = (rule.full_at, rule.floor) if isinstance(rule, Proportional) else (FULL, None)
    ratio = ratio_of(rule, inputs, maximum)
    if floor is not None and ratio is not None and ratio.has_data and ratio.compare(floor) < 0:
        share = Fraction(floor) / Fraction(full_at) * maximum
        at_floor = Step(floor, quantise(share.numerator, None, share.denominator))
        return _next_rate(rule, inputs, at_floor, maximum, decimals)
    return _next_rate(rule, inputs, Step(full_at, maximum), maximum, decimals)


def _higher_complement(rule: Complement, inputs: Inputs, maximum: int) -> NextStep | None:
    ratio = ratio_of(rule, inputs, maximum)
    if ratio is None or not ratio.has_data:
        return None
    now = percent_text(Fraction(ratio.numerator, ratio.denominator), rule.full_at)
    params: dict[str, Part] = {"bound": f">= {numeral(rule.full_at)} %", "now": now}
    return NextStep(maximum, Phrase("next_complement", params))


def _rate_phrase(rate: Rate, inputs: Inputs, ratio: Ratio, step: Step) -> Phrase:
    """The rate that must be reached; where it is one whole count of another, also the count that it takes."""
    share = Fraction(ratio.numerator, ratio.denominator)
    params: dict[str, Part] = {
        "rate": named(rate),
        "bound": f"{'>' if step.open_end else '>='} {numeral(step.percent)} %",
        "now": percent_text(share, step.percent),
    }
    above, below = _counts(rate, inputs)
    if above is None or below is None or above.denominator > 1 or below.denominator > 1:
        return Phrase("next_percent", params)
    least = Fraction(step.percent) / 100 * below
    count = round_down(least) + 1 if step.open_end else -round_down(-least)
    counts: dict[str, Part] = {"count": numeral(count), "of": numeral(below), "have": numeral(above)}
    return Phrase("next_rate", params | counts)


def _counts(rate: Rate, inputs: Inputs) -> tuple[Fraction | None, Fraction | None]:
    """What was reported above and below the line; a percentage is neither."""
    if isinstance(rate, str):
        reported = inputs.as_reported(rate)
        return reported.numerator, reported.denominator
    return add_up(rate.numerator, inputs), add_up(rate.denominator, inputs)


def _next_tier(
    rule: Conjunction, inputs: Inputs, maximum: int, points: int, decimals: int | None
) -> NextStep | None:
    better = [tier for tier in rule.tiers if quantise_within(tier.points, maximum, decimals) > points]
    if not better:
        return None
    tier = better[-1]
    values = [(condition, value_of(condition, inputs)) for condition in tier.conditions]
    lacking = [c for c, value in values if value is None or not holds(c, value)]
    phrase = Phrase("next_conditions", {"conditions": tuple(map(condition_phrase, lacking))})
    return NextStep(quantise_within(tier.points, maximum, decimals), phrase)


def condition_phrase(condition: Condition) -> Phrase:
    """What a condition asks for."""
    subject = named(condition.rate) if condition.rate is not None else Named(condition.figure or "")
    return Phrase("rule_condition", {"subject": subject, "bounds": bounds_text(condition)})
