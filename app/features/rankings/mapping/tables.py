"""A ranking as CSV for machines, and as a workbook for people: a row for each unit."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.features.rankings.mapping.figures import (
    ALL_METRICS,
    METRICS,
    NOT_COMPARABLE,
    Named,
    areas_of,
    decimals_of,
    extras_of,
    ranked_of,
    rows_of,
    view_of,
    whole_of,
)
from app.features.results.mapping import GroupResults, all_ranks_of
from app.infra.messages.names import STATUS_NAMES
from app.infra.official.text import clean
from app.infra.spreadsheets.writing import Cell, Column, Table, write_tables
from app.infra.tables.writing import write_csv

_LONGEST_NAME = 31
_NOT_COMPARABLE_VI = "Không so sánh được"
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\\t\n", " "))
_UNIT = (Column("Mã", 16), Column("Đơn vị", 34))


def ranking_csv(results: GroupResults, body: Mapping[str, Any]) -> bytes:
    """Headings are the names of JSON; those of an area stand behind its code."""
    areas = [area.code for area in results.framework.areas]
    headings = ["rank", "unit", "name_vi", "points", "max_points", "index_percent", "band", "status"]
    extras = extras_of(body)
    headings += [*extras, *(f"{area}.{metric}" for area in areas for metric in METRICS)]
    view = view_of(body)
    rows = ([*_csv_row(item, extras), *view.values()] for item in rows_of(results, body))
    return write_csv([*headings, *view], rows)


def _csv_row(item: Mapping[str, Any], extras: Iterable[str]) -> list[Any]:
    unit, whole = item["unit"], whole_of(item)
    return [
        whole["rank"],
        unit["code"],
        unit["name_vi"],
        whole["points"],
        whole["max_points"],
        whole["percent"],
        item["band"],
        str(item["status"]),
        *(whole.get(metric) for metric in extras),
        *(area[metric] for area in item["areas"] for metric in METRICS),
    ]


def ranking_workbook(results: GroupResults, body: Mapping[str, Any]) -> bytes:
    """What is ranked and everything beside it on the first sheet, then a sheet for each area by its ranks."""
    areas = areas_of(results)
    items = {item["unit"]["code"]: item for item in body["items"]}
    shown = [result for result in results.results if result.code in items]
    _, *orders = all_ranks_of(results.framework, shown, results.group.ranked)
    ranked = dict(areas).get(body["area"], ranked_of(results, body).name_vi)
    tables = [_first_sheet(results, areas, _sheet_name(f"Xếp hạng - {ranked}"), body)]
    for place, (area, order) in enumerate(zip(areas, orders, strict=True)):
        rows = ((items[code], items[code]["areas"][place]) for code in order)
        tables.append(_area_sheet(results, _sheet_name(f"{place + 1}. {area.name_vi}"), rows))
    said = "; ".join([results.group.group_code, *view_of(body).values()])
    return write_tables(f"{results.round.title_vi} ({said})", tables)


def _first_sheet(results: GroupResults, areas: Sequence[Named], name: str, body: Mapping[str, Any]) -> Table:
    extras = extras_of(body)
    columns = [
        *_columns(results, ["rank"]),
        *_UNIT,
        *_columns(results, ["points", "max_points", "percent"]),
        Column("Xếp loại", 18),
        Column("Tình trạng", 16),
        *_columns(results, extras),
        *(column for area in areas for column in _columns(results, METRICS, f"{clean(area.name_vi)}: ")),
    ]
    rows = [
        [
            *_main_cells(item, whole_of(item)),
            None if item["band"] is None else clean(item["band"]),
            _NOT_COMPARABLE_VI if item["status"] == NOT_COMPARABLE else STATUS_NAMES[item["status"]].vi,
            *(whole_of(item).get(metric) for metric in extras),
            *(area[metric] for area in item["areas"] for metric in METRICS),
        ]
        for item in rows_of(results, body)
    ]
    return Table(name, columns, rows, frozen=3)


def _area_sheet(
    results: GroupResults, name: str, rows: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]
) -> Table:
    columns = [
        *_columns(results, ["rank"]),
        *_UNIT,
        *_columns(results, ["points", "max_points", "percent"]),
    ]
    return Table(name, columns, [_main_cells(item, area) for item, area in rows], frozen=3)


def _main_cells(item: Mapping[str, Any], figures: Mapping[str, Any]) -> list[Cell]:
    unit = item["unit"]
    numbers = [figures[metric] for metric in ("points", "max_points", "percent")]
    return [figures["rank"], unit["code"], clean(unit["name_vi"]), *numbers]


def _columns(results: GroupResults, metrics: Iterable[str], before: str = "") -> list[Column]:
    """Columns of numbers. A maximum shows the decimals that it has, the rest those of the criteria set."""
    return [
        Column(before + ALL_METRICS[metric], 12, text=False, digits=_digits(results, metric))
        for metric in metrics
    ]


def _digits(results: GroupResults, metric: str) -> str:
    if metric == "max_points":
        return "General"
    decimals = decimals_of(results, metric)
    return "0." + "0" * decimals if decimals else "0"


def _sheet_name(text: str) -> str:
    """What Excel takes as the name of a sheet; those of areas begin with a number, so that all differ."""
    return clean(text).translate(_NOT_IN_NAMES)[:_LONGEST_NAME].strip("' ")
