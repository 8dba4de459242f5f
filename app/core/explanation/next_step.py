"""What would earn an item its next points."""

from dataclasses import dataclass
from fractions import Fraction
from math import floor as round_down

from app.core.explanation.arithmetic import bounds_text
from app.core.explanation.numerals import exact_points, numeral, percent_text
from app.core.explanation.phrases import Named, Part, Phrase, named
from app.core.framework import Item
from app.core.ratio import Ratio
from app.core.rounding import quantise, quantise_within
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
    Penalty,
    Proportional,
    Rate,
    Rule,
    Step,
    Survey,
    allowed_points,
    is_computed,
    names_read,
    ratio_of,
)
from app.core.rules.conjunction import Condition, holds, value_of
from app.core.rules.proportional import FULL
from app.core.rules.rates import add_up


@dataclass(frozen=True, slots=True)
class NextStep:
    """The points (scaled) that the item would have, and what it takes."""

    points: int
    phrase: Phrase


def next_step(item: Item, inputs: Inputs, points: int, decimals: int | None) -> NextStep | None:
    """The nearest way from `points` (scaled; of a penalty: taken off) to better ones.

    None where there is none, or where the maximum is not known.
    """
    maximum, rule = item.max_points, item.rule
    if maximum is None:
        return None
    if isinstance(rule, Penalty):
        return _smaller_penalty(rule, inputs, points, decimals)
    if points >= maximum:
        return None
    if not is_computed(rule):
        return _by_people(rule, maximum, points)
    missing = _unknown(rule, inputs)
    if missing:
        return NextStep(maximum, Phrase("next_report", {"figures": missing}))
    return _by_figures(rule, inputs, maximum, points, decimals)


def _unknown(rule: Computed, inputs: Inputs) -> tuple[Part, ...]:
    rates, figures = names_read(rule)
    unknown = sorted((rates - set(inputs.rates)) | (figures - set(inputs.figures)))
    return tuple(Named(name) for name in unknown)


def _smaller_penalty(rule: Penalty, inputs: Inputs, points: int, decimals: int | None) -> NextStep | None:
    if not points:
        return None
    if rule.figure is None or rule.figure not in inputs.figures:
        return NextStep(0, Phrase("next_no_penalty"))
    fewer = max(Fraction(0), inputs.figures[rule.figure] - 1) * (rule.per_event or 0)
    left = min(points, quantise(fewer.numerator, decimals, fewer.denominator))
    return NextStep(left, Phrase("next_fewer", {"figure": Named(rule.figure)}))


def _by_people(rule: Rule, maximum: int, points: int) -> NextStep | None:
    match rule:
        case Options(choices=choices):
            better = [choice for choice in choices if choice.points > points]
            if not better:
                return None
            nearest = min(better, key=lambda choice: choice.points)
            return NextStep(nearest.points, Phrase("next_option", {"label": nearest.label_vi}))
        case Binary() | Checklist():
            reached = min(p for p in allowed_points(rule, maximum) if p > points)
        case Manual(step=int() as step) | Bonus(per_event=int() as step):
            reached = min(maximum, points + step)
        case _:
            reached = maximum
    return NextStep(reached, Phrase("next_appraised", {"points": exact_points(reached)}))


def _by_figures(
    rule: Computed, inputs: Inputs, maximum: int, points: int, decimals: int | None
) -> NextStep | None:
    match rule:
        case Conjunction():
            return _next_tier(rule, inputs, maximum, points, decimals)
        case Deduction(figure=figure, per_event=per_event):
            left = maximum - max(Fraction(0), inputs.figures[figure] - 1) * per_event
            reached = max(points, quantise_within(left.numerator, maximum, decimals, left.denominator))
            return NextStep(reached, Phrase("next_fewer", {"figure": Named(figure)}))
        case Bonus(figure=figure, per_event=per_event) | Penalty(figure=figure, per_event=per_event):
            reached = min(maximum, points + (per_event or 0))
            return NextStep(reached, Phrase("next_more", {"figure": Named(figure or "")}))
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
    """The rate that must be reached, and the count above the line that it takes with the same one below."""
    above, below = _counts(rate, inputs, ratio)
    least = Fraction(step.percent) / 100 * below
    count = round_down(least) + 1 if step.open_end else -round_down(-least)
    share = Fraction(ratio.numerator, ratio.denominator)
    return Phrase(
        "next_rate",
        {
            "rate": named(rate),
            "bound": f"{'>' if step.open_end else '>='} {numeral(step.percent)} %",
            "now": percent_text(share, step.percent),
            "count": numeral(count),
            "of": numeral(below),
            "have": numeral(above),
        },
    )


def _counts(rate: Rate, inputs: Inputs, ratio: Ratio) -> tuple[Fraction, Fraction]:
    if isinstance(rate, str):
        return Fraction(ratio.numerator), Fraction(ratio.denominator)
    return add_up(rate.numerator, inputs) or Fraction(0), add_up(rate.denominator, inputs) or Fraction(0)


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
