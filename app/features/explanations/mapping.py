"""Traced nodes -> answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import orjson

from app.core.entry import Entry
from app.core.explanation.arithmetic import arithmetic_of
from app.core.explanation.next_step import next_step
from app.core.explanation.numerals import numeral, points_text
from app.core.explanation.phrases import Phrase
from app.core.explanation.trace import NodeStatus, Traced
from app.core.explanation.words import limit_words, rule_words
from app.core.figure_names import is_of_dossiers, measure_of
from app.core.framework import Framework, Item
from app.core.law import LegalBasis, in_force
from app.core.rounding import as_number, exact_points, percent_number, points_number
from app.core.rules import Inputs, is_computed, kind_of, names_read, sign_of
from app.core.scoring import Entries, computed_stage
from app.core.types import Stage
from app.features.inputs.mapping import Sources, report_answer
from app.infra.clock import VIETNAM
from app.infra.messages import Names, phrases_said
from app.infra.messages.names import NO_NAMES, name_of
from app.infra.messages.words import say
from app.models import ScoreEntryRow

SHOWN_REPORTS = 20
SHOWN_DECIMALS = 4
_NOTHING = Sources([], 0, 0)
Cited = Sequence[tuple[LegalBasis, str | None]]
"""Citations, and the node above that makes them (None: the node itself)."""


@dataclass(frozen=True, slots=True)
class Source:
    """What an explanation is made of."""

    framework: Framework
    period: str
    on: date
    """The day whose law is cited: the end of the period."""
    written: Mapping[tuple[str, str], ScoreEntryRow]
    """(item, stage) -> the latest entry."""
    inputs: Inputs
    reports: Mapping[str, Sources]
    computed: Entries
    """What the figures give; after the approval, those that it fixed."""
    final: bool
    names: Names
    """What the catalogue calls figures."""
    details: bool = False
    """Whether reasons, evidence and names of clients may be shown."""


def area_answers(source: Source, traced: Traced) -> list[dict[str, Any]]:
    """The whole tree."""
    cited = _cited(source, source.framework.legal_basis, source.framework.reference, ())
    return [_node(source, area, cited) for area in traced.children]


def path_to(nodes: Sequence[dict[str, Any]], code: str) -> list[dict[str, Any]]:
    """The way from an area down to one node, with everything below that; nothing where there is none."""
    for node in nodes:
        if node["code"] == code:
            return [node]
        below = path_to(node["children"], code)
        if below:
            return [{**node, "children": below}]
    return []


def whole_answer(traced: Traced, decimals: int) -> dict[str, Any]:
    """How the areas make up the points of the whole, and these the index."""
    parts = sum_text(traced) or points_text(traced.points)
    if traced.max_points:
        share = Fraction(traced.points, traced.max_points)
        maximum = exact_points(traced.max_points)
        parts += f"; {points_text(traced.points)} / {maximum} = {numeral(share * 100, decimals)} %"
    return {
        "arithmetic": parts,
        "limits": _both_or_none(limit_words(traced)),
    }


def _cited(source: Source, citations: Sequence[LegalBasis], node: str, above: Cited) -> Cited:
    """What a node cites itself, else what those above it cite; for its children these are inherited."""
    own = [(basis, node) for basis in in_force(citations, source.on)]
    return own or above


def _node(source: Source, traced: Traced, above: Cited) -> dict[str, Any]:
    node, item = traced.node, traced.item
    cited = _cited(source, node.legal_basis, node.code, above)
    maximum = _shown_maximum(traced)
    return {
        "code": node.code,
        "name_vi": node.name_vi,
        "name_en": node.name_en,
        "points": points_number(traced.points, SHOWN_DECIMALS),
        "exact_points": exact_points(traced.points),
        "max_points": None if maximum is None else points_number(maximum, SHOWN_DECIMALS),
        "lost_points": _optional(traced.lost_points),
        "open_points": points_number(traced.open_points, SHOWN_DECIMALS),
        "percent": None
        if traced.shares_maximum
        else percent_number(traced.points, traced.max_points, source.framework.decimals),
        "status": traced.status,
        **(_item(source, traced, item) if item else _branch(traced)),
        "rule_basis": node.rule_basis,
        "note_vi": node.note_vi,
        "legal_basis": [_law(basis, None if by == node.code else by) for basis, by in cited],
        "children": [_node(source, child, cited) for child in traced.children],
    }


def _optional(points: int | None) -> float | None:
    return None if points is None else points_number(points, SHOWN_DECIMALS)


def _shown_maximum(traced: Traced) -> int | None:
    if traced.shares_maximum:
        return None
    if traced.item is not None and sign_of(traced.item.rule):
        return traced.item.max_points
    return traced.max_points


def _branch(traced: Traced) -> dict[str, Any]:
    nothing = ("beside_scale", "source", "stage", "rule", "computed", "next_step")
    limits = _both_or_none(limit_words(traced))
    return {**dict.fromkeys(nothing), "inputs": [], "arithmetic": sum_text(traced), "limits": limits}


def sum_text(traced: Traced) -> str | None:
    """`9.5 + 8.16 - 0.5 = 17.16`, with an arrow where a cap or a shared maximum makes it another number; None
    where one part is the whole."""
    counted = [child for child in traced.children if child.status is not NodeStatus.NOT_APPLICABLE]
    text = ""
    for child in counted:
        sign = (" + " if text else "") if child.points >= 0 else (" - " if text else "-")
        text += sign + points_text(abs(child.points))
    total = sum(child.points for child in counted)
    if len(counted) > 1:
        text += f" = {points_text(total)}"
    if total != traced.points:
        return f"{text} -> {points_text(traced.points)}"
    return text if len(counted) > 1 else None


def _item(source: Source, traced: Traced, item: Item) -> dict[str, Any]:
    rule = item.rule
    live = source.computed.get((item.code, computed_stage(item)))
    counting = traced.stage is computed_stage(item) and is_computed(rule)
    return {
        "beside_scale": (None, "bonus", "penalty")[sign_of(rule)],
        "source": item.source,
        "stage": traced.stage,
        "rule": {"kind": kind_of(rule), **_both(source.names, *rule_words(item))},
        "inputs": [*_scores(source, traced, item), *_figures(source, item)],
        "arithmetic": _arithmetic(source, traced, item, live if counting else None),
        "limits": None,
        "computed": None if live is None or counting else _overridden(source, item, live, traced),
        "next_step": _next(source, traced, item, overridden=is_computed(rule) and _by_people(traced, item)),
    }


def _next(source: Source, traced: Traced, item: Item, *, overridden: bool) -> dict[str, Any] | None:
    """What would earn more. Nothing does after the approval, nor where the item is not assessed, nor figures
    where people said otherwise."""
    excused = traced.entry is not None and traced.entry.not_applicable
    if source.final or overridden or excused:
        return None
    points = abs(traced.points)
    step = next_step(item, source.inputs, points, source.framework.item_decimals)
    if step is None:
        return None
    gain = None if step.points is None else points_number(abs(step.points - points), SHOWN_DECIMALS)
    return {**_both(source.names, step.phrase), "points": _optional(step.points), "gain": gain}


def _by_people(traced: Traced, item: Item) -> bool:
    """Whether people said something in place of what figures give."""
    return traced.stage is not None and traced.stage is not computed_stage(item)


def _both(names: Names, *phrases: Phrase) -> dict[str, str]:
    return {"vi": phrases_said(phrases, "vi", names), "en": phrases_said(phrases, "en", names)}


def _both_or_none(phrases: Sequence[Phrase]) -> dict[str, str] | None:
    return _both(NO_NAMES, *phrases) if phrases else None


def _arithmetic(source: Source, traced: Traced, item: Item, live: Entry | None) -> str | None:
    """The calculation where figures count and still give these points; else what was written."""
    if traced.entry is None or traced.stage is None:
        return None
    if live is not None and live == traced.entry and is_computed(item.rule):
        return arithmetic_of(item.rule, source.inputs, item.max_points or 0, live)
    said = "-" if traced.entry.points is None else points_text(traced.entry.points)
    counted = points_text(abs(traced.points))
    return said if counted == said or traced.entry.points is None else f"{said} -> {counted}"


def _overridden(source: Source, item: Item, live: Entry, traced: Traced) -> dict[str, Any]:
    assert is_computed(item.rule)  # noqa: S101 - figures gave an entry
    gap = None if live.points is None else abs(traced.points) - live.points
    return {
        "points": _optional(live.points),
        "arithmetic": arithmetic_of(item.rule, source.inputs, item.max_points or 0, live),
        "gap": None if traced.entry is None else _optional(gap),
    }


def _scores(source: Source, traced: Traced, item: Item) -> Iterator[dict[str, Any]]:
    """What was written; for strangers only what counts."""
    for stage in Stage:
        row = source.written.get((item.code, stage))
        if row is None or not (source.details or stage is traced.stage):
            continue
        evidence = orjson.loads(row.evidence) if row.evidence and source.details else []
        yield {
            "kind": "score",
            "stage": stage,
            "points": _optional(row.points),
            "not_applicable": bool(row.not_applicable),
            "counts": stage is traced.stage,
            "reason": row.reason if source.details else None,
            "evidence": [document["title"] for document in evidence],
            "recorded_by": row.recorded_by if source.details else None,
            "recorded_at": row.recorded_at.astimezone(VIETNAM),
        }


def _figures(source: Source, item: Item) -> Iterator[dict[str, Any]]:
    rates, figures = names_read(item.rule)
    for name in sorted(rates | figures):
        found = source.reports.get(
            "dossier" if is_of_dossiers(name) else f"measure:{measure_of(name)}", _NOTHING
        )
        words = name_of(name, source.names)
        yield {
            "kind": "figure",
            "figure": name,
            "name": {"vi": say(words, "vi"), "en": say(words, "en")},
            "period": source.period,
            **_numbers(source.inputs, name),
            "reported": found.reported,
            "expected": found.expected,
            "reports": [
                report_answer(report, details=source.details) for report in found.reports[:SHOWN_REPORTS]
            ],
        }


def _numbers(inputs: Inputs, name: str) -> dict[str, float | None]:
    """A rate in the numbers of its report, or a figure; nothing where it is not known."""
    numbers: dict[str, Fraction | None] = dict.fromkeys(("numerator", "denominator", "value", "percent"))
    rate = inputs.rates.get(name)
    if rate is None:
        numbers["value"] = inputs.figures.get(name)
    else:
        reported = inputs.as_reported(name)
        share = Fraction(rate.numerator * 100, rate.denominator) if rate.has_data else None
        numbers |= {"numerator": reported.numerator, "denominator": reported.denominator}
        numbers["percent"] = share if reported.percent is None else reported.percent
    return {
        key: None if n is None else as_number(n.numerator, n.denominator, 2 if key == "percent" else 4)
        for key, n in numbers.items()
    }


def law_answers(citations: Sequence[LegalBasis], on: date) -> list[dict[str, Any]]:
    """What a set as a whole cites, as far as it is in force."""
    return [_law(basis, None) for basis in in_force(citations, on)]


def _law(basis: LegalBasis, by: str | None) -> dict[str, Any]:
    names = (*LegalBasis.__slots__,)
    return {**{name: getattr(basis, name) for name in names}, "inherited_from": by}
