"""What must hold in a criteria set before anything is scored against it."""

from itertools import pairwise

from app.core.errors import Fault
from app.core.framework import LEVELS, Framework, Node, walk
from app.core.rounding import exact_points, from_scaled
from app.core.rules import (
    Bands,
    Checklist,
    Complement,
    Computed,
    Condition,
    Conjunction,
    Manual,
    MeanPerDossier,
    Options,
    Proportional,
    Survey,
    Tier,
    is_computed,
    off_step,
)
from app.core.types import ItemSource


def check_framework(framework: Framework) -> list[Fault]:
    """Everything that is wrong with a criteria set: codes twice, sums, rules, bands, tie keys."""
    faults = _check_codes(framework)
    total = Node("", "", None, framework.total_points, framework.areas)
    faults += _check_sum(total, "", "framework_total_differs", "areas")
    for node, pointer in walk(framework):
        level = LEVELS[min(pointer.count("/") // 2, len(LEVELS) - 1)]
        faults += _check_sum(node, pointer, "children_do_not_sum", level)
        faults += _check_rule(node, pointer, f"{pointer}/rule")
    return faults + _check_bands(framework) + _check_tie_keys(framework)


def _check_codes(framework: Framework) -> list[Fault]:
    first: dict[str, str] = {}
    faults = []
    for node, pointer in walk(framework):
        if node.code in first:
            params = {"node": node.code, "first": first[node.code]}
            faults.append(Fault("code_twice", f"{pointer}/code", params))
        first.setdefault(node.code, pointer)
    return faults


def _check_sum(node: Node, pointer: str, code: str, level: str) -> list[Fault]:
    """Known children must sum to a known parent; unknown ones must leave room."""
    if not node.children or node.max_points is None:
        return []
    maxima = [child.resolved_max for child in node.children]
    total = sum(child.known_max for child in node.children)
    params = {
        "node": node.code,
        "level": level,
        "sum": from_scaled(total),
        "stated": from_scaled(node.max_points),
        "difference": from_scaled(abs(node.max_points - total)),
    }
    parts = " + ".join(exact_points(m) for m in maxima if m is not None)
    if None in maxima:
        return [Fault("children_exceed_parent", pointer, params)] if total > node.max_points else []
    if total == node.max_points:
        return []
    sign = "+" if total > node.max_points else "-"
    return [Fault(code, pointer, params | {"parts": parts, "sign": sign})]


def _check_rule(node: Node, place: str, pointer: str) -> list[Fault]:
    if node.rule is None:
        return []
    faults = _check_source(node, node.rule, pointer) if is_computed(node.rule) else []
    maximum = node.max_points
    if maximum is None and not isinstance(node.rule, Manual | Options):
        return [*faults, Fault("rule_needs_maximum", f"{place}/max_points", {"node": node.code})]
    match node.rule:
        case Manual(step=step) if maximum and off_step(step, maximum):
            params = {"node": node.code, "step": from_scaled(step or 0)}
            faults.append(Fault("step_does_not_divide", f"{pointer}/step", params))
        case Bands():
            faults += _check_steps(node, node.rule, pointer)
        case Checklist(parts=parts):
            faults += _check_parts(node, sum(part.points for part in parts), f"{pointer}/parts")
        case Proportional(full_at=full_at, floor=floor) | Complement(full_at=full_at, floor=floor) if (
            floor is not None and floor > full_at
        ):
            params = {"node": node.code, "floor": floor, "full_at": full_at}
            faults.append(Fault("floor_above_full", f"{pointer}/floor", params))
    return faults + _check_tiers(node, pointer)


def _check_tiers(node: Node, pointer: str) -> list[Fault]:
    match node.rule:
        case Options(choices=choices):
            return _check_heights(node, f"{pointer}/options", [c.points for c in choices])
        case Conjunction(tiers=tiers):
            here = f"{pointer}/tiers"
            faults = _check_heights(node, here, [tier.points for tier in tiers], least_step=0)
            return faults + _check_conditions(node, tiers, here)
        case MeanPerDossier(scores=scores):
            here = f"{pointer}/scores"
            faults = _check_heights(node, here, [points for points, _ in scores])
            return faults + _check_figures(node, [figure for _, figure in scores], here)
        case Survey(answers=answers):
            return _check_figures(node, [figure for _, figure in answers], f"{pointer}/answers")
        case _:
            return []


def _check_source(node: Node, rule: Computed, pointer: str) -> list[Fault]:
    """A rule over figures needs its own source."""
    source = ItemSource.SURVEY if isinstance(rule, Survey) else ItemSource.STATISTIC
    if node.source is source:
        return []
    params = {"node": node.code, "needed": source, "source": node.source}
    return [Fault("rate_needs_statistic", pointer, params)]


def _check_parts(node: Node, total: int, pointer: str) -> list[Fault]:
    """All parts of a list are the maximum."""
    if total == node.max_points:
        return []
    params = {
        "node": node.code,
        "sum": from_scaled(total),
        "max_points": from_scaled(node.max_points or 0),
    }
    return [Fault("parts_do_not_sum", pointer, params)]


def _check_figures(node: Node, figures: list[str], pointer: str) -> list[Fault]:
    """What a figure counts has one worth."""
    return [
        Fault("figure_twice", f"{pointer}/{index}/figure", {"node": node.code, "figure": figure})
        for index, figure in enumerate(figures)
        if figure in figures[:index]
    ]


def _check_conditions(node: Node, tiers: tuple[Tier, ...], pointer: str) -> list[Fault]:
    """A condition can hold at all."""
    return [
        Fault("condition_never_holds", f"{pointer}/{place}/all/{index}", {"node": node.code})
        for place, tier in enumerate(tiers)
        for index, condition in enumerate(tier.conditions)
        if not _can_hold(condition)
    ]


def _can_hold(condition: Condition) -> bool:
    lowest = max((b for b in (condition.at_least, condition.above) if b is not None), default=None)
    highest = min((b for b in (condition.at_most, condition.below) if b is not None), default=None)
    if lowest is None or highest is None or lowest < highest:
        return condition.below != 0
    return lowest == highest and lowest != condition.above and highest != condition.below


def _check_heights(node: Node, pointer: str, heights: list[int], least_step: int = 1) -> list[Fault]:
    """Points of tiers: at most the maximum, and falling (tiers of a conjunction may be alternatives)."""
    faults = []
    for index, points in enumerate(heights):
        here = f"{pointer}/{index}/points"
        if node.max_points is not None and points > node.max_points:
            params = {"points": from_scaled(points), "max_points": from_scaled(node.max_points)}
            faults.append(Fault("points_above_maximum", here, params))
        if index and heights[index - 1] - points < least_step:
            faults.append(Fault("steps_points_not_descending", here, {"node": node.code}))
    return faults


def _check_steps(node: Node, rule: Bands, pointer: str) -> list[Fault]:
    faults = []
    for index, step in enumerate(rule.steps):
        here = f"{pointer}/steps/{index}"
        if node.max_points is not None and step.points > node.max_points:
            params = {"points": from_scaled(step.points), "max_points": from_scaled(node.max_points)}
            faults.append(Fault("points_above_maximum", f"{here}/points", params))
        if index and step.height == rule.steps[index - 1].height:
            faults.append(Fault("threshold_twice", here, {"percent": step.percent}))
        elif index and step.height > rule.steps[index - 1].height:
            faults.append(Fault("steps_not_descending", here, {"node": node.code}))
        if index and step.points >= rule.steps[index - 1].points:
            faults.append(Fault("steps_points_not_descending", f"{here}/points", {"node": node.code}))
    return faults


def _check_bands(framework: Framework) -> list[Fault]:
    faults = []
    for index, (higher, band) in enumerate(pairwise(framework.bands), 1):
        here = f"/bands/{index}/from"
        if band.percent == higher.percent:
            faults.append(Fault("threshold_twice", here, {"percent": band.percent}))
        elif band.percent > higher.percent:
            faults.append(Fault("bands_not_descending", here, {}))
    return faults


def _check_tie_keys(framework: Framework) -> list[Fault]:
    known = {"name", *(f"area:{area.code}" for area in framework.areas)}
    return [
        Fault("unknown_tie_key", f"/ties/keys/{index}", {"key": key, "known": ", ".join(sorted(known))})
        for index, key in enumerate(framework.tie_keys)
        if key not in known
    ]
