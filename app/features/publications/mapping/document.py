"""What a publication says. Everything that can be computed follows from the rest of the document: whoever
verifies it computes it anew with the same functions that made it.

Points and percentages are texts: canonical decimals, half up to the decimals that the criteria set shows
where they are quotients, exact otherwise. `inputs` has, of every item that counts, the stage and its points
(null: not applicable), and what the figures of a unit were.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.core.entry import Entry
from app.core.framework import Framework
from app.core.index import Tally, UnitIndex, band_of, compute_index, sum_reform_areas
from app.core.ranking import Summary, summarise
from app.core.ratio import Ratio
from app.core.rounding import exact_points, quotient_text, to_scaled
from app.core.rules import Inputs
from app.core.scoring import Entries, counting_stage
from app.features.results.mapping import UnitResult, all_ranks_of, scores_of
from app.infra.canonical import canonical_bytes, digest_of, join_members

FORMAT = "parindex-publication/1"
COMPUTED = frozenset({"results", "rankings", "digests"})
"""Members that follow from the others."""
Json = dict[str, Any]


def inputs_answer(framework: Framework, entries: Entries, inputs: Inputs) -> Json:
    """What the index of a unit rests on."""
    scores: Json = {}
    for code, item in framework.items.items():
        stage = counting_stage(item, entries)
        if stage is not None:
            entry = entries[code, stage]
            scores[code] = [stage, None if entry.points is None else exact_points(entry.points)]
    rates = {name: [str(rate.numerator), str(rate.denominator)] for name, rate in inputs.rates.items()}
    return {
        "scores": scores,
        "rates": rates,
        "figures": {name: str(value) for name, value in inputs.figures.items()},
    }


def entries_of(inputs: Mapping[str, Any]) -> dict[tuple[str, str], Entry]:
    """The scores of a document, to compute with."""
    return {
        (item, stage): Entry(None if points is None else to_scaled(Decimal(points)), points is None)
        for item, (stage, points) in inputs["scores"].items()
    }


def figures_of(inputs: Mapping[str, Any]) -> Inputs:
    """The figures of a document, to compute with."""
    rates = {name: Ratio(int(above), int(below)) for name, (above, below) in inputs["rates"].items()}
    return Inputs(rates, {name: Fraction(value) for name, value in inputs["figures"].items()})


class FrozenInputs(Mapping[str, Json]):
    """`inputs` of a document, made unit by unit: those of 3,321 units would take 100 MB at a time."""

    def __init__(
        self, framework: Framework, entries: Mapping[str, Entries], figures: Mapping[str, Inputs]
    ) -> None:
        self.framework = framework
        self.entries = entries
        self.figures = figures

    def __getitem__(self, unit: str) -> Json:
        return inputs_answer(self.framework, self.entries[unit], self.figures[unit])

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


def complete(said: Mapping[str, Any], framework: Framework) -> tuple[Json, bytes]:
    """A document with all that follows from it, and its canonical bytes."""
    found: dict[str, UnitResult] = {}
    inputs: dict[str, bytes] = {}
    for code, unit in said["units"].items():
        of_unit = said["inputs"][code]
        inputs[code] = canonical_bytes(of_unit)
        found[code] = _unit_result(framework, code, unit["name_vi"], of_unit)
    document = {
        **said,
        "results": {code: _result_answer(framework, result) for code, result in found.items()},
        "rankings": {
            group["code"]: _ranking(framework, [found[unit] for unit in group["units"]], group["ranked"])
            for group in said["groups"]
        },
    }
    by_unit = {
        "inputs": inputs,
        "results": {code: canonical_bytes(result) for code, result in document["results"].items()},
    }
    members = {name: canonical_bytes(part) for name, part in document.items() if name not in by_unit}
    document["digests"] = {name: digest_of(part) for name, part in members.items()} | {
        name: {unit: digest_of(part) for unit, part in parts.items()} for name, parts in by_unit.items()
    }
    members |= {name: join_members(parts) for name, parts in by_unit.items()}
    members["digests"] = canonical_bytes(document["digests"])
    return document, join_members(members)


def _unit_result(framework: Framework, code: str, name_vi: str, inputs: Mapping[str, Any]) -> UnitResult:
    index = compute_index(framework, entries_of(inputs))
    return UnitResult(code, name_vi, index, index.total, self_scores_only=False)


def _result_answer(framework: Framework, result: UnitResult) -> Json:
    total = result.total
    return {
        **_tally(total, framework.decimals),
        "adjustment": exact_points(result.index.adjustment),
        "band": band_of(framework, total.points, total.max_points),
        "areas": {
            area.code: _tally(tally, framework.decimals)
            for area, tally in zip(framework.areas, result.index.areas, strict=True)
        },
        "reform_areas": _reform_areas(framework, result.index),
    }


def _reform_areas(framework: Framework, index: UnitIndex) -> Json:
    found = sum_reform_areas(framework, index)
    return {str(area): _tally(tally, framework.decimals) for area, tally in found.items()}


def _tally(tally: Tally, decimals: int) -> Json:
    return {
        "points": exact_points(tally.points),
        "max_points": exact_points(tally.max_points),
        "open_points": exact_points(tally.open_points),
        "percent": _percent(tally.points, tally.max_points, decimals),
    }


def _ranking(framework: Framework, results: Sequence[UnitResult], ranked: bool) -> Json:
    """The order of a group, its ranks as a whole and by area, and its summary."""
    whole, *areas = all_ranks_of(framework, results, ranked)
    return {
        "ties": framework.tie_method,
        "order": list(whole),
        "ranks": whole,
        "areas": {area.code: ranks for area, ranks in zip(framework.areas, areas, strict=True)},
        "statistics": _statistics(summarise(scores_of(results, None)), framework.decimals),
    }


def _statistics(summary: Summary | None, decimals: int) -> Json:
    names = ("mean", "median", "highest", "lowest")
    if summary is None:
        return {"units": 0, **dict.fromkeys(names)}
    shown = {name: _shown(getattr(summary, name), decimals) for name in names}
    return {"units": summary.units, **shown}


def _shown(percent: Fraction, decimals: int) -> str | None:
    return _percent(percent.numerator, percent.denominator * 100, decimals)


def _percent(points: int, max_points: int, decimals: int) -> str | None:
    """points / max_points x 100, half up; None where there is no maximum."""
    return quotient_text(points * 100, max_points, decimals) if max_points else None
