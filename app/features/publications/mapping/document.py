"""What a publication says. Everything that can be computed follows from the rest of the document: whoever
verifies it computes it anew with the same functions that made it.

Points and percentages are texts: canonical decimals, half up to the decimals that the criteria set shows
where they are quotients, exact otherwise. `inputs` has, of every item that counts, the stage and its points
(null: not applicable), and what the figures of a unit were.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from json import JSONDecoder
from typing import Any, NamedTuple

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
COMPUTED = frozenset({"inputs", "results", "rankings", "digests"})
"""Members that `compute` has, and the digests of all."""
Json = dict[str, Any]
_JSON = JSONDecoder()


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


class Computed(NamedTuple):
    """What follows from the inputs of a document, and the inputs themselves: canonical bytes by unit, a fifth
    of what the same data take."""

    inputs: dict[str, bytes]
    results: dict[str, bytes]
    rankings: Json


def read_computed(content: bytes) -> Computed:
    """The same of the canonical bytes of a document: as data all of it would take ten times its size."""
    text = content.decode()
    found: Json = {}
    at = 0
    while text[at] != "}":
        name, at = _JSON.raw_decode(text, at + 1)
        found[name], at = (_split if name in ("inputs", "results") else _JSON.raw_decode)(text, at + 1)
    return Computed(found["inputs"], found["results"], found["rankings"])


def _split(text: str, at: int) -> tuple[dict[str, bytes], int]:
    """The members of an object, as bytes, and where it ends."""
    found: dict[str, bytes] = {}
    if text[at + 1] == "}":
        return found, at + 2
    while text[at] != "}":
        name, start = _JSON.raw_decode(text, at + 1)
        _, at = _JSON.raw_decode(text, start + 1)
        found[name] = text[start + 1 : at].encode()
    return found, at + 1


class Sealed(NamedTuple):
    """The digests of a document, and its canonical bytes."""

    digests: Json
    content: bytes


def compute(
    framework: Framework,
    units: Mapping[str, Any],
    groups: Sequence[Mapping[str, Any]],
    inputs: Iterable[tuple[str, Any]],
) -> Computed:
    """Results and rankings; `units`, `groups` and `inputs` (unit by unit) as the document says them."""
    found: dict[str, UnitResult] = {}
    said: dict[str, bytes] = {}
    for code, of_unit in inputs:
        said[code] = canonical_bytes(of_unit)
        index = compute_index(framework, entries_of(of_unit))
        name_vi = units[code]["name_vi"]
        found[code] = UnitResult(code, name_vi, index, index.total, self_scores_only=False)
    return Computed(
        said,
        {code: canonical_bytes(_result_answer(framework, result)) for code, result in found.items()},
        {
            group["code"]: _ranking(framework, [found[unit] for unit in group["units"]], group["ranked"])
            for group in groups
        },
    )


def seal(said: Mapping[str, Any], computed: Computed) -> Sealed:
    """Digests and bytes of a document. `said`: its members but inputs and those that follow."""
    members = {name: canonical_bytes(part) for name, part in said.items()}
    members["rankings"] = canonical_bytes(computed.rankings)
    by_unit = {"inputs": computed.inputs, "results": computed.results}
    digests: Json = {name: digest_of(part) for name, part in members.items()} | {
        name: {unit: digest_of(part) for unit, part in parts.items()} for name, parts in by_unit.items()
    }
    members |= {name: join_members(parts) for name, parts in by_unit.items()}
    members["digests"] = canonical_bytes(digests)
    return Sealed(digests, join_members(members))


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
