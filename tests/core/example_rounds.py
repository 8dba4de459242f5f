"""The rounds of the examples that ship, computed by the core alone: no database, no service."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from app.core.entry import Entry
from app.core.fields import ALL_FIELDS
from app.core.framework import Framework
from app.core.index import Tally, band_of, compute_index
from app.core.periods import parse_period
from app.core.rounding import from_scaled, to_scaled
from app.core.rules import Inputs
from app.core.scoring import Entries, computed_entries, effective_entry
from app.core.statistics import COLUMNS
from app.features.figures.mapping.composing import put_together
from app.features.figures.mapping.rolling import roll_up_figures
from app.features.inputs.mapping import dossier_figures, dossier_rates
from app.features.scores.schemas import ScoreBatch
from app.features.statistics import mapping
from app.features.statistics.repository import Place
from app.infra.documents import read_file, validated
from tests.core.build import said_of
from tests.core.rule_checks import shipped

Example = Mapping[str, Any]


def compute_rounds() -> dict[str, Any]:
    """Round -> unit -> its points, whole, by area and by item."""
    folder = files("app.data").joinpath("examples")
    examples = [read_file(path) for path in folder.iterdir() if path.name.endswith(".yaml")]
    rounds = {example["round"]["code"]: example for example in examples if "round" in example}
    return {code: _units(rounds[code]) for code in sorted(rounds)}


def _units(example: Example) -> dict[str, Any]:
    framework = shipped(example["round"]["framework"])
    units = [unit for group in example["round"]["participants"] for unit in group["units"]]
    written = _written(example)
    return {
        unit: _result(framework, computed_entries(framework, _inputs(example, unit)) | written.get(unit, {}))
        for unit in units
    }


def _written(example: Example) -> dict[str, dict[tuple[str, str], Entry]]:
    """Unit -> what people wrote; the latest counts."""
    written: dict[str, dict[tuple[str, str], Entry]] = {}
    for step in (step for step in example["steps"] if "scores" in step):
        for row in validated(ScoreBatch, step).scores:
            points, said = row.get("points"), written.setdefault(row["unit"], {})
            entry = Entry(None if points is None else to_scaled(points), row.get("not_applicable", False))
            said[row["item"], str(row["stage"])] = entry
    return written


def _inputs(example: Example, unit: str) -> Inputs:
    """What was reported of a unit for the period of the round, with the units below it."""
    children = mapping.children_of((u["code"], u["parent_code"]) for u in example.get("units", []))
    period = parse_period(example["round"]["period"])
    counts = {
        Place(row["unit"], row["scope"], ALL_FIELDS, period.text): {c: row[c] for c in COLUMNS if c in row}
        for row in _rows(example, "dossier_statistics")
    }
    dossiers = roll_up_figures(unit, children, put_together(period, counts))[unit]
    rates = dossier_rates(dossiers)
    figures = dossier_figures(dossiers, {f"dossier:{column}" for column in COLUMNS})
    for row in _rows(example, "measures"):
        if row["unit"] == unit:
            numbers = {
                name: round(row[name] * mapping.MEASURE_SCALE)
                for name in ("numerator", "denominator", "value", "percent")
                if name in row
            }
            rate = mapping.measure_rate(numbers)
            rates |= {f"measure:{row['measure']}": rate} if rate is not None else {}
            figures |= mapping.measure_figures(row["measure"], numbers)
    return Inputs(rates, figures)


def _rows(example: Example, kind: str) -> list[Example]:
    period = example["round"]["period"]
    return [row for row in example.get(kind, []) if row["period"] == period]


def _result(framework: Framework, entries: Entries) -> dict[str, Any]:
    result = compute_index(framework, entries)
    items = {code: effective_entry(item, entries) for code, item in framework.items.items()}
    return {
        **_tally(result.total),
        "band": band_of(framework, result.total.points, result.total.max_points),
        "areas": {
            area.code: _tally(tally) for area, tally in zip(framework.areas, result.areas, strict=True)
        },
        "items": {code: None if entry is None else said_of(entry) for code, entry in items.items()},
    }


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "points": from_scaled(tally.points),
        "max_points": from_scaled(tally.max_points),
        "open_points": from_scaled(tally.open_points),
    }
