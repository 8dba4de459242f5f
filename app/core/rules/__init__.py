"""Scoring rules, one module a kind: what figures give, or which points people may give."""

from collections.abc import Mapping
from typing import TypeGuard

from app.core.entry import Entry
from app.core.ratio import Ratio
from app.core.rounding import quantise_within
from app.core.rules.bands import Bands, Step, score_bands
from app.core.rules.chosen import Binary, Checklist, Choice, Options, allowed_points
from app.core.rules.complement import Complement, complement_of
from app.core.rules.conjunction import Condition, Conjunction, Tier, score_conjunction
from app.core.rules.counted import (
    Deduction,
    MeanPerDossier,
    Survey,
    score_deduction,
    weigh,
    weights_of,
)
from app.core.rules.extra import Bonus, Penalty, score_extra
from app.core.rules.manual import Manual, off_step
from app.core.rules.measure import Measured, score_measure
from app.core.rules.proportional import Proportional, score_proportional
from app.core.rules.rates import Inputs, Quotient, Rate, Reported, Term, names_of, resolve
from app.core.types import NoData

OverRatio = Measured | Bands | Proportional | Complement | MeanPerDossier | Survey
"""Rules over one exact ratio: a rate, a complement of rates, or a mean."""
Extra = Bonus | Penalty
"""Points beside the scale; figures count them where the rule names one, else people give them."""
Computed = OverRatio | Conjunction | Deduction | Extra
Chosen = Manual | Binary | Options | Checklist
Rule = Chosen | Computed

__all__ = [
    "Bands",
    "Binary",
    "Bonus",
    "Checklist",
    "Choice",
    "Complement",
    "Computed",
    "Condition",
    "Conjunction",
    "Deduction",
    "Extra",
    "Inputs",
    "Manual",
    "MeanPerDossier",
    "Measured",
    "Options",
    "OverRatio",
    "Penalty",
    "Proportional",
    "Quotient",
    "Rate",
    "Reported",
    "Rule",
    "Step",
    "Survey",
    "Term",
    "Tier",
    "allowed_points",
    "is_computed",
    "kind_of",
    "names_read",
    "off_step",
    "ratio_of",
    "score_rule",
    "sign_of",
]


def is_computed(rule: Rule) -> TypeGuard[Computed]:
    """Whether figures give the points; else people do."""
    if isinstance(rule, Extra):
        return rule.figure is not None
    return isinstance(rule, Computed)


def kind_of(rule: Rule) -> str:
    """The kind, as documents write it."""
    return _KINDS[type(rule)]


_KINDS: Mapping[type[Rule], str] = {
    Manual: "manual",
    Binary: "binary",
    Options: "options",
    Checklist: "checklist",
    Measured: "measure",
    Bands: "bands",
    Proportional: "proportional",
    Complement: "complement",
    Conjunction: "conjunction",
    Deduction: "deduction",
    MeanPerDossier: "mean_per_dossier",
    Survey: "survey",
    Bonus: "bonus",
    Penalty: "penalty",
}


def sign_of(rule: Rule | None) -> int:
    """1 for points beside the scale that are added, -1 for those taken off, 0 for those of the scale."""
    return isinstance(rule, Bonus) - isinstance(rule, Penalty)


def rates_of(rule: Rule) -> tuple[Rate, ...]:
    """The rates that a rule reads."""
    match rule:
        case Measured(rate=rate) | Bands(rate=rate) | Proportional(rate=rate):
            return (rate,)
        case Complement(rates=rates):
            return rates
        case Conjunction(tiers=tiers):
            return tuple(c.rate for tier in tiers for c in tier.conditions if c.rate is not None)
        case _:
            return ()


def names_read(rule: Rule) -> tuple[frozenset[str], frozenset[str]]:
    """(named rates, figures) that a rule reads."""
    read = [names_of(rate) for rate in rates_of(rule)]
    rates = frozenset[str]().union(*(names for names, _ in read))
    figures = frozenset[str]().union(*(names for _, names in read))
    match rule:
        case Conjunction(tiers=tiers):
            figures |= {c.figure for tier in tiers for c in tier.conditions if c.figure is not None}
        case Deduction(figure=figure) | Bonus(figure=figure) | Penalty(figure=figure) if figure:
            figures |= {figure}
        case MeanPerDossier(scores=scores):
            figures |= {figure for _, figure in scores}
        case Survey(answers=answers):
            figures |= {figure for _, figure in answers}
    return rates, figures


def ratio_of(rule: OverRatio, inputs: Inputs, max_points: int) -> Ratio | None:
    """The exact ratio that the rule scores; None where an input is unknown."""
    match rule:
        case Measured(rate=rate) | Bands(rate=rate) | Proportional(rate=rate):
            return resolve(rate, inputs)
        case Complement(rates=rates):
            found = [resolve(rate, inputs) for rate in rates]
            known = [ratio for ratio in found if ratio is not None]
            if len(known) < len(found):
                return None
            return complement_of(known) if all(ratio.has_data for ratio in known) else Ratio(0, 0)
        case MeanPerDossier() | Survey():
            return weigh(weights_of(rule, max_points), inputs)


def score_rule(
    rule: Computed, on_no_data: NoData, inputs: Inputs, max_points: int, decimals: int | None
) -> Entry | None:
    """What figures give an item: points (scaled, quantised to `decimals`, at most the maximum), or not
    applicable. None ("missing") where an input is unknown: never a silent default. Where there is nothing to
    divide by, the rule's `on_no_data` says what that means."""
    match rule:
        case Conjunction():
            points = score_conjunction(rule, inputs)
            return _entry(None if points is None else quantise_within(points, max_points, decimals))
        case Deduction():
            return _entry(score_deduction(rule, inputs, max_points, decimals))
        case Bonus() | Penalty():
            return _entry(score_extra(rule, inputs, max_points, decimals))
        case _:
            ratio = ratio_of(rule, inputs, max_points)
            if ratio is None:
                return None
            if not ratio.has_data:
                return _without_data(on_no_data, quantise_within(max_points, max_points, decimals))
            return Entry(_over_ratio(rule, ratio, max_points, decimals))


def _entry(points: int | None) -> Entry | None:
    return None if points is None else Entry(points)


def _without_data(on_no_data: NoData, full: int) -> Entry | None:
    match on_no_data:
        case NoData.MISSING:
            return None
        case NoData.NOT_APPLICABLE:
            return Entry(None, not_applicable=True)
        case NoData.FULL:
            return Entry(full)
        case NoData.ZERO:
            return Entry(0)


def _over_ratio(rule: OverRatio, ratio: Ratio, max_points: int, decimals: int | None) -> int:
    match rule:
        case Bands(steps=steps):
            return quantise_within(score_bands(steps, ratio), max_points, decimals)
        case Proportional(full_at=full_at, floor=floor) | Complement(full_at=full_at, floor=floor):
            return score_proportional(ratio, full_at, floor, max_points, decimals)
        case Measured() | MeanPerDossier() | Survey():
            return score_measure(ratio, max_points, decimals)
