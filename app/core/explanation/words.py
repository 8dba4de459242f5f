"""A rule in words, language-free."""

from decimal import Decimal

from app.core.explanation.next_step import condition_phrase
from app.core.explanation.numerals import numeral
from app.core.explanation.phrases import Named, Part, Phrase, named
from app.core.explanation.trace import Traced
from app.core.framework import Item
from app.core.rounding import exact_points
from app.core.rules import (
    Bands,
    Binary,
    Bonus,
    Checklist,
    Choice,
    Complement,
    Conjunction,
    Deduction,
    Manual,
    MeanPerDossier,
    Measured,
    Options,
    Penalty,
    Proportional,
    Step,
    Survey,
    Tier,
    is_computed,
)
from app.core.rules.proportional import FULL
from app.core.types import ItemSource, NoData


def limit_words(traced: Traced) -> tuple[Phrase, ...]:
    """Why the points of a node are not the sum of those below: caps, a maximum that is shared, the scale."""
    node, said = traced.node, []
    base = sum(child.points - child.bonus + child.penalty for child in traced.children)
    if traced.bonus < sum(child.bonus for child in traced.children):
        said.append(Phrase("limit_bonus", {"max": exact_points(node.caps.bonus or 0)}))
    if traced.penalty < sum(child.penalty for child in traced.children):
        said.append(Phrase("limit_penalty", {"max": exact_points(node.caps.penalty or 0)}))
    whole = base + traced.bonus - traced.penalty
    if not traced.is_whole and traced.points != whole:
        said.append(Phrase("limit_shared", {"max": exact_points(traced.max_points)}))
    elif traced.points > whole:
        said.append(Phrase("limit_zero"))
    elif traced.points < whole:
        said.append(Phrase("limit_scale", {"max": exact_points(traced.max_points)}))
    return tuple(said)


def rule_words(item: Item) -> tuple[Phrase, ...]:
    """What the rule of an item says, and what a zero denominator means where it says that."""
    said = _rule(item)
    if not is_computed(item.rule) or item.on_no_data is NoData.MISSING:
        return (said,)
    match item.on_no_data:
        case NoData.NOT_APPLICABLE:
            return said, Phrase("no_data_not_applicable")
        case NoData.FULL:
            return said, Phrase("no_data_full")
        case _:
            return said, Phrase("no_data_zero")


def _rule(item: Item) -> Phrase:
    if item.max_points is None:
        return Phrase("rule_unknown_maximum")
    maximum = exact_points(item.max_points)
    match item.rule:
        case Manual() | Binary() | Options() | Checklist():
            return _chosen(item, maximum)
        case Bonus() | Penalty():
            return _extra(item.rule, maximum)
        case Deduction() | MeanPerDossier() | Survey():
            return _over_counts(item.rule, maximum)
        case Conjunction(tiers=tiers):
            return Phrase("rule_conjunction", {"tiers": tuple(map(_tier, tiers))})
        case _:
            return _over_rates(item.rule, maximum)


def _chosen(item: Item, maximum: str) -> Phrase:
    match item.rule:
        case Binary():
            return Phrase("rule_binary", {"max": maximum})
        case Options(choices=choices):
            return Phrase("rule_options", {"choices": _choices(choices)})
        case Checklist(parts=parts):
            return Phrase("rule_checklist", {"parts": _choices(parts)})
        case Manual(step=int() as step):
            return Phrase("rule_manual_step", {"max": maximum, "step": exact_points(step)})
        case _:
            return _manual(item.source, maximum)


def _manual(source: ItemSource, maximum: str) -> Phrase:
    match source:
        case ItemSource.SURVEY:
            return Phrase("rule_survey_given", {"max": maximum})
        case ItemSource.STATISTIC:
            return Phrase("rule_statistic_given", {"max": maximum})
        case ItemSource.APPRAISAL:
            return Phrase("rule_manual", {"max": maximum})


def _choices(choices: tuple[Choice, ...]) -> tuple[Part, ...]:
    return tuple(
        Phrase("rule_choice", {"label": choice.label_vi, "points": exact_points(choice.points)})
        for choice in choices
    )


def _over_rates(rule: Measured | Bands | Proportional | Complement, maximum: str) -> Phrase:
    match rule:
        case Measured(rate=rate):
            return Phrase("rule_measure", {"rate": named(rate), "max": maximum})
        case Bands(rate=rate, steps=steps):
            return Phrase("rule_bands", {"rate": named(rate), "steps": tuple(map(_step, steps))})
        case Proportional(rate=rate, full_at=full_at, floor=floor):
            whole: dict[str, Part] = {"rate": named(rate), "max": maximum, "full_at": numeral(full_at)}
            if full_at == FULL:
                return _with_floor(Phrase("rule_proportional_whole", whole), floor)
            return _with_floor(Phrase("rule_proportional", whole), floor)
        case Complement(rates=rates, full_at=full_at, floor=floor):
            rest: dict[str, Part] = {"rates": tuple(map(named, rates)), "max": maximum}
            return _with_floor(Phrase("rule_complement", rest | {"full_at": numeral(full_at)}), floor)


def _with_floor(phrase: Phrase, floor: Decimal | None) -> Phrase:
    return phrase if floor is None else Phrase("rule_floor", {"rule": phrase, "floor": numeral(floor)})


def _step(step: Step) -> Phrase:
    params: dict[str, Part] = {"percent": numeral(step.percent), "points": exact_points(step.points)}
    return Phrase("rule_step_above", params) if step.open_end else Phrase("rule_step_from", params)


def _tier(tier: Tier) -> Phrase:
    conditions = tuple(map(condition_phrase, tier.conditions))
    params: dict[str, Part] = {"points": exact_points(tier.points), "conditions": conditions}
    if tier.label_vi is not None:
        return Phrase("rule_tier_called", {**params, "label": tier.label_vi})
    return Phrase("rule_tier", params)


def _over_counts(rule: Deduction | MeanPerDossier | Survey, maximum: str) -> Phrase:
    match rule:
        case Deduction(figure=figure, per_event=per_event):
            each = exact_points(per_event)
            return Phrase("rule_deduction", {"max": maximum, "each": each, "figure": Named(figure)})
        case MeanPerDossier(scores=scores):
            parts = tuple(_weight(exact_points(points), figure) for points, figure in scores)
            return Phrase("rule_mean", {"parts": parts, "max": maximum})
        case Survey(answers=answers):
            labels = rule.labels or (None,) * len(answers)
            parts = tuple(
                _weight(f"{numeral(percent)} %", figure, label)
                for (percent, figure), label in zip(answers, labels, strict=True)
            )
            return Phrase("rule_survey", {"parts": parts, "max": maximum})


def _weight(weight: str, figure: str, label: str | None = None) -> Phrase:
    if label is not None:
        return Phrase("rule_answer", {"weight": weight, "label": label})
    return Phrase("rule_weight", {"weight": weight, "figure": Named(figure)})


def _extra(rule: Bonus | Penalty, maximum: str) -> Phrase:
    params: dict[str, Part] = {"max": maximum}
    if rule.figure is None:
        given = isinstance(rule, Bonus)
        return Phrase("rule_bonus_given", params) if given else Phrase("rule_penalty_given", params)
    params |= {"each": exact_points(rule.per_event or 0), "figure": Named(rule.figure)}
    if isinstance(rule, Bonus):
        return Phrase("rule_bonus_counted", params)
    return Phrase("rule_penalty_counted", params)
