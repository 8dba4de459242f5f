"""Entries of a sheet -> items with all their stages, and how figures came to what they give."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from app.core.entry import Entry
from app.core.explanation.numerals import numeral
from app.core.framework import Framework, Item
from app.core.rounding import points_number, quantise_within
from app.core.rules import Inputs, names_read
from app.core.scoring import Entries, computed_entry, computed_stage, counting_stage, effective_entry
from app.core.types import Stage
from app.features.inputs.mapping import Moment, report_answer
from app.models import ScoreEntryRow


def item_answers(
    framework: Framework, history: Iterable[ScoreEntryRow], computed: Entries
) -> list[dict[str, Any]]:
    """The items of a sheet with all their stages side by side, and how these came about.

    `history`: every entry in order of item, stage and revision; `computed`: what figures give now.
    """
    written: dict[str, dict[str, list[ScoreEntryRow]]] = {}
    for entry in history:
        written.setdefault(entry.item_code, {}).setdefault(entry.stage, []).append(entry)
    return [
        _item_answer(framework, item, written.get(item.code, {}), computed)
        for item in framework.items.values()
    ]


def _item_answer(
    framework: Framework, item: Item, written: Mapping[str, Sequence[ScoreEntryRow]], computed: Entries
) -> dict[str, Any]:
    entries = {
        (item.code, stage): Entry(rows[-1].points, rows[-1].not_applicable) for stage, rows in written.items()
    }
    stages = {stage: _stage_answer(rows[-1]) for stage, rows in written.items()}
    stage = computed_stage(item)
    live = computed.get((item.code, stage))
    if live is not None:
        entries[item.code, stage] = live
        stages[stage] = _computed_answer(live)
    entry = effective_entry(item, entries)
    points = None if entry is None or entry.points is None else _counted(framework, item, entry.points)
    return {
        "code": item.code,
        "name_vi": item.name_vi,
        "source": item.source,
        "max_points": None if item.max_points is None else points_number(item.max_points, 4),
        "evidence_required": item.evidence_required,
        "reform_area": item.reform_area,
        "stages": {stage: stages[stage] for stage in Stage if stage in stages},
        "counts": counting_stage(item, entries),
        "points": None if points is None else points_number(points, 4),
        "history": [
            {
                "stage": stage,
                **_stage_answer(row),
                "recorded_at": row.recorded_at,
                "recorded_by": row.recorded_by,
            }
            for stage in Stage
            for row in written.get(stage, ())
        ],
    }


def _counted(framework: Framework, item: Item, points: int) -> int:
    """Points as the index counts them."""
    return quantise_within(points, framework.pools[item.pool].max_points, framework.item_decimals)


def _stage_answer(row: ScoreEntryRow) -> dict[str, Any]:
    """What was written about one stage of one item."""
    return {
        "points": None if row.points is None else points_number(row.points, 4),
        "not_applicable": row.not_applicable,
        "reason": row.reason,
        "evidence": orjson.loads(row.evidence) if row.evidence else [],
        "revision": row.revision,
    }


def _computed_answer(entry: Entry) -> dict[str, Any]:
    """A figure that was computed just now: nobody wrote it, and it has no revision."""
    return {**_entry_answer(entry), "reason": None, "evidence": [], "revision": None}


def figures_text(item: Item, inputs: Inputs, period: str) -> str:
    """The figures that gave a frozen score, as its reason says them: "14/27 (2021)"."""
    rates, figures = names_read(item.rule)
    known = [(name, inputs.rates[name]) for name in sorted(rates) if name in inputs.rates]
    if len(known) == 1 and not figures:
        ((_, rate),) = known
        return f"{rate.numerator}/{rate.denominator} ({period})"
    said = [f"{name} = {rate.numerator}/{rate.denominator}" for name, rate in known]
    counts = [(name, inputs.figures[name]) for name in sorted(figures) if name in inputs.figures]
    said += [f"{name} = {numeral(count)}" for name, count in counts]
    return f"{'; '.join(said)} ({period})"


def moment_answers(
    framework: Framework, item: Item, moments: Sequence[Moment], period: str
) -> list[dict[str, Any]]:
    """What the figures gave an item at each instant at which some of them were reported."""
    return [
        {
            "recorded_at": moment.at,
            **_entry_answer(computed_entry(framework, item, moment.inputs)),
            "figures": figures_text(item, moment.inputs, period),
            "reports": [
                {"figure": figure, **report_answer(report, details=True)} for figure, report in moment.reports
            ],
        }
        for moment in moments
    ]


def _entry_answer(entry: Entry | None) -> dict[str, Any]:
    points = None if entry is None or entry.points is None else points_number(entry.points, 4)
    return {"points": points, "not_applicable": entry is not None and entry.not_applicable}
