"""Deterministic data: communes, a criteria set of 8 areas and 88 items, rounds and their scores."""

import csv
import itertools
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from app.core.rounding import SCALE
from app.core.vietnamese import fold
from benchmarks.databases import Database
from benchmarks.servers import Client

FRAMEWORK = "bench@1"
AREA_POINTS = (10, 10, 14.5, 11, 16, 7, 16, 15.5)
ITEMS_IN_CRITERIA = (3, 3, 3, 2)
COMMUNES = 3_321
BATCH_UNITS = 114
QUARTER = SCALE // 4
SINCE = date(2025, 7, 1)
LOADED_AT = datetime(2026, 1, 15, 8, 30, tzinfo=UTC)
ENTRY_COLUMNS = (
    "jurisdiction_code",
    "round_code",
    "unit_code",
    "item_code",
    "stage",
    "revision",
    "points",
    "not_applicable",
    "reason",
    "evidence",
    "recorded_at",
    "recorded_by",
)
_FIRST = ("Tân", "Phú", "An", "Bình", "Đông", "Tây", "Hòa", "Long", "Mỹ", "Thạnh", "Vĩnh", "Xuân")
_SECOND = ("Hiệp", "Lộc", "Thành", "Sơn", "Hải", "Nghĩa", "Phước", "Thủy", "Đức", "Lợi", "Trường", "Quý")
_UNITS = Path(__file__).parent.parent / "app" / "data" / "units" / "units.csv"


def framework() -> dict[str, Any]:
    """8 areas of 4 criteria and 11 items each, in quarters of a point; 100 points."""
    return {
        "code": "bench",
        "version": "1",
        "title_vi": "Bộ chỉ số để đo tốc độ",
        "level": "province",
        "status": "illustrative",
        "total_points": 100,
        "applies": {"from": "2020-01-01"},
        "bands": [{"label_vi": "A", "from": 80}, {"label_vi": "B", "from": 50}, {"label_vi": "C", "from": 0}],
        "areas": [_area(number, points) for number, points in enumerate(AREA_POINTS, start=1)],
    }


def _area(number: int, points: float) -> dict[str, Any]:
    base, rest = divmod(int(points * 4), sum(ITEMS_IN_CRITERIA))
    quarters = iter([base + 1] * rest + [base] * (sum(ITEMS_IN_CRITERIA) - rest))
    criteria = []
    for position, count in enumerate(ITEMS_IN_CRITERIA, start=1):
        code = f"{number}.{position}"
        items: list[dict[str, Any]] = [
            {"code": f"{code}.{n}", "name_vi": f"Tiêu chí thành phần {code}.{n}", "max_points": q / 4}
            for n, q in enumerate(itertools.islice(quarters, count), start=1)
        ]
        total = sum(item["max_points"] for item in items)
        criteria.append(
            {"code": code, "name_vi": f"Tiêu chí {code}", "max_points": total, "sub_criteria": items}
        )
    return {
        "code": str(number),
        "name_vi": f"Lĩnh vực {number}",
        "reform_area": None,
        "max_points": points,
        "criteria": criteria,
    }


def item_maxima() -> dict[str, int]:
    """Item -> its maximum in quarters of a point."""
    return {
        item["code"]: int(item["max_points"] * 4)
        for area in framework()["areas"]
        for criterion in area["criteria"]
        for item in criterion["sub_criteria"]
    }


def provinces(on: str) -> list[str]:
    """Codes of the provinces of a day: 63, or 34 from July 2025 on."""
    with _UNITS.open(encoding="utf-8") as file:
        return [
            row["code"]
            for row in csv.DictReader(file)
            if row["kind"] == "province" and row["valid_from"] <= on <= (row["valid_to"] or "9999")
        ]


def communes() -> list[tuple[str, str, str]]:
    """(code, province, name) of 3,321 communes, spread evenly over the 34 provinces."""
    parents = provinces(SINCE.isoformat())
    names = [f"{first} {second}" for first in _FIRST for second in _SECOND]
    return [
        (f"c{n:05}", parents[n % len(parents)], f"Xã {names[n % len(names)]} {n // len(names) + 1}")
        for n in range(COMMUNES)
    ]


def load_communes(database: Database) -> None:
    """Put the communes into the registry."""
    found = communes()
    database.bulk("unit", ("code",), [(code,) for code, _, _ in found])
    columns = (
        "unit_code",
        "valid_from",
        "kind",
        "name_vi",
        "name_folded",
        "parent_code",
        "jurisdiction_code",
    )
    versions = [
        (code, SINCE, "commune", name, fold(name), province, province) for code, province, name in found
    ]
    database.bulk("unit_version", columns, versions)


def open_round(client: Client, code: str, period: str, units: Sequence[str]) -> None:
    """Create a round and bring it to appraisal."""
    written = {
        "title_vi": f"Kỳ đo {code}",
        "framework": FRAMEWORK,
        "period": period,
        "participants": [{"group": "units", "units": list(units)}],
    }
    client.send("PUT", f"/v1/rounds/{code}", written)
    for state in ("self_assessment", "appraisal"):
        client.send("POST", f"/v1/rounds/{code}/transitions", {"to": state})


def load_scores(database: Database, round_code: str, units: Sequence[tuple[str, str]]) -> None:
    """One appraisal score for each item of each (unit, jurisdiction), and the sheets at revision 1."""
    database.bulk("score_entry", ENTRY_COLUMNS, _entries(round_code, units))
    database.execute("UPDATE sheet SET revision = 1 WHERE round_code = %s", round_code)


def _entries(round_code: str, units: Sequence[tuple[str, str]]) -> Iterator[tuple[Any, ...]]:
    maxima = item_maxima()
    chance = random.Random(round_code)  # noqa: S311 - the same data in every run
    for unit, jurisdiction in units:
        for item, maximum in maxima.items():
            points = chance.randint(0, maximum) * QUARTER
            said = (item, "appraisal", 1, points, False, None, None, LOADED_AT, "bench")
            yield (jurisdiction, round_code, unit, *said)


def batch(units: Sequence[str], rows: int, seed: int = 0) -> list[dict[str, Any]]:
    """The first `rows` scores of all items of some units; others for another seed."""
    maxima = item_maxima()
    chance = random.Random(rows + seed)  # noqa: S311 - the same data in every run
    scores = (
        {"unit": unit, "item": item, "stage": "appraisal", "points": chance.randint(0, maximum) / 4}
        for unit in units
        for item, maximum in maxima.items()
    )
    return list(itertools.islice(scores, rows))
