"""How figures gave the points of an item, as a calculation that anybody can do again by hand.

Numbers have at most four decimals here, while the calculation itself is exact.
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from app.core.entry import Entry
from app.core.explanation.numerals import numeral, percent_text, points_text, reported_text
from app.core.ratio import Ratio
from app.core.rounding import SCALE, exact_points
from app.core.rules import (
    Bands,
    Bonus,
    Complement,
    Computed,
    Condition,
    Conjunction,
    Deduction,
    Inputs,
    MeanPerDossier,
    Measured,
    OverRatio,
    Penalty,
    Proportional,
    Quotient,
    Rate,
    Step,
    Survey,
    Term,
    Tier,
    ratio_of,
)
from app.core.rules.conjunction import bounds_of, holds, meets, value_of
from app.core.rules.proportional import FULL
from app.core.rules.rates import add_up, resolve

_FAILS = {">=": "<", ">": "<=", "<=": ">", "<": ">="}


def arithmetic_of(rule: Computed, inputs: Inputs, max_points: int, entry: Entry) -> str:
    """The calculation: `14 / 27 x 1.5 = 0.7778`. `entry`: what `score_rule` gave for the same inputs."""
    match rule:
        case Conjunction():
            return f"{_conditions(rule, inputs)} -> {_given(entry)}"
        case Deduction(figure=figure, per_event=per_event):
            events = inputs.figures[figure]
            left = f"{exact_points(max_points)} - {numeral(events)} x {exact_points(per_event)}"
            return _result(left, max_points - events * per_event, entry)
        case Bonus(figure=figure, per_event=each) | Penalty(figure=figure, per_event=each):
            events = inputs.figures[figure or ""]
            return _result(f"{numeral(events)} x {exact_points(each or 0)}", events * (each or 0), entry)
        case _:
            ratio = ratio_of(rule, inputs, max_points) or Ratio(0, 0)
            return _over_ratio(rule, inputs, ratio, max_points, entry)


def _over_ratio(rule: OverRatio, inputs: Inputs, ratio: Ratio, max_points: int, entry: Entry) -> str:
    rate = _rate(rule, inputs)
    if not ratio.has_data:
        return f"{rate} -> {_given(entry)}"
    share = _unclamped(rule, inputs, ratio)
    match rule:
        case Bands(steps=steps):
            return f"{_compared(rate, share, steps)} -> {_given(entry)}"
        case Proportional(full_at=full_at, floor=floor) | Complement(full_at=full_at, floor=floor):
            return _up_to(rate, share, (full_at, floor), max_points, entry)
        case MeanPerDossier():
            return _result(rate, share * max_points, entry)
        case Measured() | Survey():
            return _result(f"{rate} x {exact_points(max_points)}", share * max_points, entry)


def _unclamped(rule: OverRatio, inputs: Inputs, ratio: Ratio) -> Fraction:
    """The ratio as it comes out: what counts as 0 may be less."""
    match rule:
        case Measured(rate=rate) | Bands(rate=rate) | Proportional(rate=rate) if isinstance(rate, Quotient):
            return raw_quotient(rate, inputs)
        case Complement(rates=rates):
            found = [resolve(rate, inputs) or Ratio(0, 1) for rate in rates]
            return 1 - sum((Fraction(r.numerator, r.denominator) for r in found), Fraction(0))
        case _:
            return Fraction(ratio.numerator, ratio.denominator)


def raw_quotient(rate: Quotient, inputs: Inputs) -> Fraction:
    """One known sum over another, below 0 where more is taken off than there is."""
    above, below = add_up(rate.numerator, inputs), add_up(rate.denominator, inputs)
    return (above or Fraction(0)) / (below or Fraction(1))


def _compared(rate: str, share: Fraction, steps: tuple[Step, ...]) -> str:
    """The rate beside the step that it reaches, or the last one that it does not."""
    shown = _with_percent(rate, share, *(step.percent for step in steps))
    for step in steps:
        sign = ">" if step.open_end else ">="
        if meets(share * 100, sign, step.percent):
            return f"{shown} {sign} {numeral(step.percent)} %"
    return f"{shown} {_FAILS[sign]} {numeral(step.percent)} %"


def _with_percent(rate: str, share: Fraction, *against: Decimal) -> str:
    percent = percent_text(share, *against)
    return rate if rate == percent else f"{rate} = {percent}"


def _up_to(
    rate: str, share: Fraction, ends: tuple[Decimal, Decimal | None], max_points: int, entry: Entry
) -> str:
    """`ends`: the percentages from which on there are all points, and below which there are none."""
    full_at, floor = ends
    if floor is not None and share * 100 < floor:
        return f"{_with_percent(rate, share, floor)} < {numeral(floor)} % -> {_given(entry)}"
    if share * 100 >= full_at:
        return f"{_with_percent(rate, share, full_at)} >= {numeral(full_at)} % -> {_given(entry)}"
    left = f"({rate})" if " - " in rate and not rate.startswith("(") else rate
    left += f" x {exact_points(max_points)}"
    if full_at != FULL:
        left += f" / {numeral(full_at)} %"
    return _result(left, share * 100 * max_points / Fraction(full_at), entry)


def _rate(rule: OverRatio, inputs: Inputs) -> str:
    """What is divided by what."""
    match rule:
        case Measured(rate=rate) | Bands(rate=rate) | Proportional(rate=rate):
            return rate_text(rate, inputs)
        case Complement(rates=rates):
            return " - ".join(["100 %", *(rate_text(rate, inputs) for rate in rates)])
        case MeanPerDossier(scores=scores):
            return _weighted([(exact_points(points), figure) for points, figure in scores], inputs)
        case Survey(answers=answers):
            return _weighted([(f"{numeral(percent)} %", figure) for percent, figure in answers], inputs)


def _weighted(parts: list[tuple[str, str]], inputs: Inputs) -> str:
    counts = [inputs.figures[figure] for _, figure in parts]
    above = " + ".join(f"{weight} x {numeral(n)}" for (weight, _), n in zip(parts, counts, strict=True))
    return f"({above}) / {numeral(sum(counts, Fraction(0)))}"


def rate_text(rate: Rate, inputs: Inputs) -> str:
    """A known rate as one sum over another: `(100 - 3 - 2) / 100`."""
    if isinstance(rate, str):
        return reported_text(inputs.as_reported(rate))
    return f"{_sum(rate.numerator, inputs)} / {_sum(rate.denominator, inputs)}"


def _sum(terms: Iterable[Term], inputs: Inputs) -> str:
    text = ""
    for term in terms:
        sign = (" + " if text else "") if term.sign > 0 else (" - " if text else "-")
        text += sign + numeral(inputs.figures[term.figure])
    return f"({text})" if " " in text else text


def _conditions(rule: Conjunction, inputs: Inputs) -> str:
    """The conditions of the tier that holds; where none does, the first that fails of each."""
    for tier in rule.tiers:
        compared = [(c, value_of(c, inputs)) for c in tier.conditions]
        if all(value is not None and holds(c, value) for c, value in compared):
            return "; ".join(_holding(c, value) for c, value in compared if value is not None)
    return "; ".join(filter(None, (_failing(tier, inputs) for tier in rule.tiers)))


def _holding(condition: Condition, value: Fraction) -> str:
    shown = f"{_short(condition)} {_value(condition, value)}".strip()
    return " & ".join(f"{shown} {sign} {_bound(condition, bound)}" for sign, bound in bounds_of(condition))


def _failing(tier: Tier, inputs: Inputs) -> str:
    """The first condition of a tier that is known to fail."""
    for condition in tier.conditions:
        value = value_of(condition, inputs)
        if value is not None and not holds(condition, value):
            return " & ".join(
                f"{_short(condition)} {_value(condition, value)} {_FAILS[sign]} {_bound(condition, bound)}"
                for sign, bound in bounds_of(condition)
                if not meets(value, sign, bound)
            )
    return ""


def _short(condition: Condition) -> str:
    """The figure by its code; a rate that is built has none."""
    subject = condition.figure or condition.rate
    return subject.partition(":")[2] if isinstance(subject, str) else "…"


def bounds_text(condition: Condition) -> str:
    """What a condition asks for: `>= 30 %`."""
    return " & ".join(f"{sign} {_bound(condition, bound)}" for sign, bound in bounds_of(condition))


def _bound(condition: Condition, bound: Decimal) -> str:
    return f"{numeral(bound)} %" if condition.rate is not None else numeral(bound)


def _value(condition: Condition, value: Fraction) -> str:
    if condition.rate is None:
        return numeral(value)
    return percent_text(value / 100, *(bound for _, bound in bounds_of(condition)))


def _result(left: str, points: Fraction, entry: Entry) -> str:
    """`points`: scaled, before caps and the rounding of items."""
    shown, given = numeral(points / SCALE), _given(entry)
    return f"{left} = {shown}" if shown == given else f"{left} = {shown} -> {given}"


def _given(entry: Entry) -> str:
    return "-" if entry.points is None else points_text(entry.points)
