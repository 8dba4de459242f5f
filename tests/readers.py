"""Rankings read back with a client of each format: (unit, area, metric) -> figure, None where there is none.

The clients are imported when they are needed: pandas takes a second.
"""

import csv
import io
import logging
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from python_calamine import CalamineWorkbook

METRICS = ("points", "max_points", "percent", "rank")
FULLER = ("rank_competition", "rank_dense", "rank_ordinal", "change_index_percent", "change_rank")
EXTRAS = ("rank_in_group", *FULLER)
WHOLE = "_T"
Figures = dict[tuple[str, str, str], float | None]


def of_json(body: dict[str, Any], whole: str = WHOLE) -> Figures:
    """What JSON shows; the area that is ranked, if one is, stands among the areas anyway."""
    found: Figures = {}
    for item in body["items"]:
        parts = [{**item, "code": whole, "percent": item["index_percent"]}] if body["area"] is None else []
        for part in (*parts, *item["areas"]):
            found |= {(item["unit"]["code"], part["code"], metric): part[metric] for metric in METRICS}
        ranked = body["area"] or whole
        found |= {(item["unit"]["code"], ranked, metric): value for metric, value in _extras(item).items()}
    return found


def _extras(item: dict[str, Any]) -> dict[str, float | None]:
    """What `region` and `full` add to a line."""
    found = {"rank_in_group": item["rank_in_group"]} if "rank_in_group" in item else {}
    if "ranks_by_method" in item:
        change = item["change"] or {"index_percent": None, "rank": None}
        found |= {f"rank_{method}": rank for method, rank in item["ranks_by_method"].items()}
        found |= {"change_index_percent": change["index_percent"], "change_rank": change["rank"]}
    return found


def of_csv(content: bytes) -> Figures:
    """With the csv module, as any script reads it."""
    found: Figures = {}
    for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        for heading, text in row.items():
            area, _, metric = heading.rpartition(".")
            metric = metric.removeprefix("index_")
            if metric in METRICS + EXTRAS:
                found[row["unit"], area or WHOLE, metric] = float(text) if text else None
    return found


def sheets_of(content: bytes) -> dict[str, list[list[Any]]]:
    """With calamine: sheet -> its rows; empty cells are None."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {
        name: [
            [None if cell == "" else cell for cell in row] for row in book.get_sheet_by_name(name).to_python()
        ]
        for name in book.sheet_names
    }


def of_workbook(content: bytes, areas: Iterable[str], extras: Sequence[str] = ()) -> Figures:
    """The first sheet; the sheets of areas must say the same."""
    first, *others = sheets_of(content).values()
    codes = list(areas)
    found: Figures = {}
    for rank, unit, _, points, maximum, percent, _, _, *cells in first[1:]:
        found |= {(unit, WHOLE, extra): cell for extra, cell in zip(extras, cells, strict=False)}
        of_areas = [cells[at : at + 4] for at in range(len(extras), len(cells), 4)]
        for area, part in zip((WHOLE, *codes), ([points, maximum, percent, rank], *of_areas), strict=True):
            found |= {(unit, area, metric): cell for metric, cell in zip(METRICS, part, strict=True)}
    for area, sheet in zip(codes, others, strict=True):
        for rank, unit, _, *numbers in sheet[1:]:
            assert [found[unit, area, metric] for metric in METRICS] == [*numbers, rank]
    return found


def of_jsonstat(content: bytes) -> Figures:
    """With pyjstat, which deprecates a function that it calls itself."""
    from pyjstat import pyjstat

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        table = pyjstat.Dataset.read(content.decode()).write("dataframe", naming="id")
    return {tuple(key): _known(value) for *key, value in table.itertuples(index=False)}  # type: ignore[misc]


def of_sdmx(content: bytes, structure: bytes | None) -> Figures:
    """With sdmx1. Without the structure it warns, and finds the dimensions by itself."""
    import sdmx

    logging.getLogger("sdmx").setLevel(logging.ERROR)
    known = {}
    if structure is not None:
        (known["structure"],) = sdmx.read_sdmx(io.BytesIO(structure)).structure.values()
    series = sdmx.to_pandas(sdmx.read_sdmx(io.BytesIO(content), **known))
    names = series.index.names
    found: Figures = {}
    for key, value in series.items():
        place = dict(zip(names, key, strict=True))
        unit, area = (place[name].replace("@", ".") for name in ("UNIT", "AREA"))
        found[unit, area, place["INDICATOR"]] = _known(value)
    return found


def _known(value: float) -> float | None:
    return None if value is None or value != value else float(value)  # noqa: PLR0124 - NaN
