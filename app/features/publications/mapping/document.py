"""What a publication says. Everything that can be computed follows from the rest of the document: whoever
verifies it computes it anew with the same functions that made it.

Points and percentages are texts: canonical decimals, half up to the decimals that the criteria set shows
where they are quotients, exact otherwise. `inputs` has, of every item that counts, the stage and its points
(null: not applicable), and what the figures of a unit were.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.core.entry import Entry
from app.core.framework import Framework
from app.core.index import Tally, UnitIndex, band_of, compute_index, sum_reform_areas
from app.core.ranking import Summary, summarise
from app.core.ratio import Ratio
from app.core.rounding import divide_half_up, from_scaled, to_scaled
from app.core.rules import Inputs
from app.core.scoring import Entries, counting_stage
from app.features.results.mapping import UnitResult, all_ranks_of, scores_of
from app.infra.canonical import canonical_bytes, digest_of, join_members

FORMAT = "parindex-publication/1"
BY_UNIT = frozenset({"inputs", "results"})
"""Members whose parts are digested one by one, so that a change is found in its unit."""
COMPUTED = frozenset({"results", "rankings", "digests"})
"""Members that follow from the others."""
Json = dict[str, Any]


def decimal_text(value: Decimal) -> str:
    """A canonical decimal: no exponent, no zeros that say nothing."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def points_text(points: int) -> str:
    """Scaled points, exactly."""
    return decimal_text(from_scaled(points))


def percent_text(points: int, max_points: int, decimals: int) -> str | None:
    """points / max_points x 100, half up; None where there is no maximum."""
    if not max_points:
        return None
    return decimal_text(Decimal(divide_half_up(points * 100 * 10**decimals, max_points)).scaleb(-decimals))


def inputs_answer(framework: Framework, entries: Entries, inputs: Inputs) -> Json:
    """What the index of a unit rests on."""
    scores: Json = {}
    for code, item in framework.items.items():
        stage = counting_stage(item, entries)
        if stage is not None:
            entry = entries[code, stage]
            scores[code] = [stage, None if entry.points is None else points_text(entry.points)]
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


def complete(said: Mapping[str, Any], framework: Framework) -> tuple[Json, bytes]:
    """A document with all that follows from it, and its canonical bytes."""
    found = {
        code: _unit_result(framework, code, unit["name_vi"], said["inputs"][code])
        for code, unit in said["units"].items()
    }
    document = {
        **said,
        "results": {code: _result_answer(framework, result) for code, result in found.items()},
        "rankings": {
            group["code"]: _ranking(framework, [found[unit] for unit in group["units"]], group["ranked"])
            for group in said["groups"]
        },
    }
    parts = {name: _canonical(name, value) for name, value in document.items()}
    document["digests"] = {name: _digest(name, parts[name]) for name in parts}
    members = {name: part if isinstance(part, bytes) else join_members(part) for name, part in parts.items()}
    members["digests"] = canonical_bytes(document["digests"])
    return document, join_members(members)


def _canonical(name: str, value: Any) -> bytes | dict[str, bytes]:
    if name not in BY_UNIT:
        return canonical_bytes(value)
    return {unit: canonical_bytes(part) for unit, part in value.items()}


def _digest(name: str, part: bytes | dict[str, bytes]) -> str | dict[str, str]:
    if name in BY_UNIT and isinstance(part, dict):
        return {unit: digest_of(each) for unit, each in part.items()}
    assert isinstance(part, bytes)  # noqa: S101 - by BY_UNIT
    return digest_of(part)


def _unit_result(framework: Framework, code: str, name_vi: str, inputs: Mapping[str, Any]) -> UnitResult:
    index = compute_index(framework, entries_of(inputs))
    return UnitResult(code, name_vi, index, index.total, self_scores_only=False)


def _result_answer(framework: Framework, result: UnitResult) -> Json:
    total = result.total
    return {
        **_tally(total, framework.decimals),
        "adjustment": points_text(result.index.adjustment),
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
        "points": points_text(tally.points),
        "max_points": points_text(tally.max_points),
        "open_points": points_text(tally.open_points),
        "percent": percent_text(tally.points, tally.max_points, decimals),
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
    return percent_text(percent.numerator, percent.denominator * 100, decimals)
