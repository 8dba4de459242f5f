"""An explanation of 88 items over HTTP, and what tracing costs beside plain computing."""

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import orjson

from app.core.entry import Entry
from app.core.explanation.trace import trace_index
from app.core.framework import Framework
from app.core.index import compute_index
from app.core.ratio import Ratio
from app.core.rules import Inputs
from app.core.scoring import computed_entries
from app.features.frameworks.mapping import framework_of
from app.features.frameworks.schemas import FrameworkDocument
from benchmarks import data
from benchmarks.databases import Database
from benchmarks.measure import Row, Sample, sample, time_row, timed, verdict
from benchmarks.servers import Client, Server

ROUND, FRAMEWORK = "explained-63", "bench-kinds@1"
LIMIT, MOST_RATIO = 0.050, 2.0
MEASURES = ("tasks", "late", "good", "fair", "poor")
UNITS = 63


def framework() -> dict[str, Any]:
    """The 88 items of the other rows, scored by ten kinds of rules by turns."""
    document = {**data.framework(), "code": "bench-kinds"}
    rules = itertools.cycle(range(10))
    for area in document["areas"]:
        for criterion in area["criteria"]:
            for item in criterion["sub_criteria"]:
                item["rule"] = _rule(next(rules), item["max_points"])
    return document


def _rule(number: int, maximum: float) -> dict[str, Any]:
    rate, late = "measure:tasks", "measure:late"
    answers = [
        {"percent": p, "figure": f"measure:{m}"} for p, m in ((100, "good"), (50, "fair"), (0, "poor"))
    ]
    built = {
        "numerator": {"plus": ["measure:good"], "minus": [late]},
        "denominator": {"plus": ["measure:good"]},
    }
    rules: Sequence[dict[str, Any]] = (
        {"kind": "manual"},
        {"kind": "binary"},
        {"kind": "measure", "rate": rate},
        {
            "kind": "bands",
            "rate": rate,
            "steps": [{"from": 90, "points": maximum}, {"from": 50, "points": 0.1}],
        },
        {"kind": "proportional", "rate": rate, "full_at": 80, "floor": 20},
        {"kind": "complement", "rates": [rate], "full_at": 90},
        {"kind": "conjunction", "tiers": [{"points": maximum, "all": [{"rate": rate, "from": 50}]}]},
        {"kind": "deduction", "figure": late, "per_event": 0.05},
        {"kind": "survey", "answers": answers},
        {"kind": "measure", "rate": built},
    )
    return rules[number]


def prepare(client: Client, units: Sequence[str]) -> None:
    """Publish the set, open a round, and let one unit report and be appraised."""
    version = f"/v1/frameworks/{FRAMEWORK.replace('@', '/versions/')}"
    client.send("PUT", version, framework())
    client.send("POST", f"{version}/publish", None)
    written = {
        "title_vi": "Kỳ đo giải trình",
        "framework": FRAMEWORK,
        "period": "2024",
        "participants": [{"group": "units", "units": list(units)}],
    }
    client.send("PUT", f"/v1/rounds/{ROUND}", written)
    for state in ("self_assessment", "appraisal"):
        client.send("POST", f"/v1/rounds/{ROUND}/transitions", {"to": state})
    base = f"/v1/units/{units[0]}/measures"
    client.send("PUT", f"{base}/tasks/2024", {"numerator": 14, "denominator": 27})
    for number, measure in enumerate(MEASURES[1:], start=3):
        client.send("PUT", f"{base}/{measure}/2024", {"value": number})
    scores = [
        {"unit": units[0], "item": code, "stage": "appraisal", "points": 0}
        for code, item in _parsed().items.items()
        if item.source == "appraisal"
    ]
    client.send("POST", f"/v1/rounds/{ROUND}/scores", {"scores": scores})


def _parsed() -> Framework:
    return framework_of(FrameworkDocument.model_validate(framework()))


def measure_explanation(database: Database, server: Server, units: Sequence[str]) -> list[Row]:
    """One unit of 63: its whole tree of 88 items, as JSON and as a page."""
    client = server.client()
    prepare(client, units)
    path = f"/v1/rounds/{ROUND}/indices/{units[0]}/explanation"
    found = orjson.loads(client.ask("GET", path))
    assert sum(1 for _ in _leaves(found["tree"])) == len(data.item_maxima())
    assert found["open_points"] == 0
    ours = sample(lambda: client.ask("GET", path), 25, warm_up=3)
    return [
        time_row(f"Explanation of one unit x 88 items, {database.label}", ours, limit=LIMIT),
        *([_trace_row()] if database.label == "SQLite" else []),
    ]


def _leaves(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [leaf for node in nodes for leaf in (_leaves(node["children"]) or [node])]


def _trace_row() -> Row:
    """Computing 63 units with and without the trace, in memory."""
    parsed = _parsed()
    figures = {f"measure:{m}": Fraction(n) for n, m in enumerate(MEASURES[1:], start=3)}
    inputs = Inputs({"measure:tasks": Ratio(14, 27)}, figures)
    written = {
        (code, "appraisal"): Entry(0) for code, item in parsed.items.items() if item.source == "appraisal"
    }

    def plain() -> None:
        for _ in range(UNITS):
            compute_index(parsed, {**written, **computed_entries(parsed, inputs)})

    def traced() -> None:
        for _ in range(UNITS):
            trace_index(parsed, {**written, **computed_entries(parsed, inputs)}, False)

    pairs = [(timed(traced), timed(plain)) for _ in range(3 + 15)][3:]  # by turns: the machine's speed varies
    ours, bare = (Sample(seconds) for seconds in zip(*pairs, strict=True))
    ratio = ours.median / bare.median
    return Row(
        f"Figures to index with a trace (without its texts), {UNITS} units x 88 items, in memory",
        str(ours),
        f"{bare} without",
        f"{1 / ratio:.2f}",
        f"<= {MOST_RATIO:g} x",
        verdict(ratio <= MOST_RATIO),
    )
