"""Officials write a criteria set as a workbook: it loads, and every mistake is told sheet and cell."""

import json
import re
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from typer.testing import CliRunner

from app.cli import app as cli
from app.features.authoring.service import make_template, make_workbook
from app.features.frameworks.schemas import FrameworkDocument
from app.infra.db import Database
from tests.conftest import Client, open_client
from tests.workbooks import (
    SHEET,
    XLSX,
    Formatted,
    Formula,
    cells_of,
    changed,
    part_of,
    replaced,
    sheet_of,
    write,
)

TEMPLATE = make_template()
PATH = "/v1/frameworks/mau/versions/2026"
HEADERS = {"Content-Type": XLSX}
SET, NODES, RULES, LAW, BANDS = "Bộ chỉ số", "Tiêu chí", "Quy tắc", "Căn cứ pháp lý", "Xếp loại"
HOUSE = files("app.data").joinpath("framework-template.yaml").read_text(encoding="utf-8")


def send(client: Client, content: bytes, **headers: str) -> httpx.Response:
    """Load a workbook."""
    return client.put(PATH, content=content, headers=HEADERS | headers)


Told = list[tuple[str, str, str]]


def told(answer: httpx.Response) -> Told:
    """Sheet, cell and code of every mistake."""
    assert answer.status_code == 422, answer.text
    errors = answer.json()["errors"]
    assert all(error["message"] for error in errors)
    return [(error["sheet"], error["cell"], error["code"]) for error in errors]


def mistakes(client: Client, changes: dict[tuple[str, str], Any]) -> Told:
    """What is told of the template with some cells changed."""
    return told(send(client, changed(TEMPLATE, changes)))


def test_the_template_loads_as_it_is(client: Client) -> None:
    with open_client(client.app, key=None) as stranger:
        answer = stranger.get("/v1/frameworks/template")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, XLSX)
        assert "bo-chi-so-mau.xlsx" in answer.headers["Content-Disposition"]
        assert answer.content == TEMPLATE
        assert (send(stranger, TEMPLATE).status_code, stranger.get(PATH).status_code) == (401, 404)
    assert list(cells_of(TEMPLATE)) == [SET, NODES, RULES, LAW, BANDS, "Hướng dẫn", "Danh mục"]
    stored = send(client, TEMPLATE)
    assert (stored.status_code, stored.json()["state"]) == (201, "draft")
    as_yaml = client.put(PATH, content=HOUSE, headers={"Content-Type": "application/yaml"})
    assert (as_yaml.status_code, as_yaml.json()["sha256"]) == (200, stored.json()["sha256"])
    other = changed(TEMPLATE, {})  # without formats, lists and colours
    assert send(client, other, **{"Content-Type": f"{XLSX}; charset=binary"}).json() == stored.json()
    no_extras = {(NODES, "E20"): 0, (NODES, "E21"): 0}
    needed = changed(TEMPLATE, no_extras, without=("Hướng dẫn", "Danh mục", RULES, LAW, BANDS))
    bare = send(client, needed).json()
    assert (bare["bands"], bare["legal_basis"], bare["areas"][0]["criteria"][1]["rule"]) == ([], [], None)


def test_the_template_guides_whoever_fills_it_in() -> None:
    nodes = part_of(TEMPLATE, "xl/worksheets/sheet2.xml").decode()
    assert re.search(r'<pane xSplit="3" ySplit="1"', nodes)  # headings and names stay in view
    lists = dict(re.findall(r'type="list"[^>]*sqref="(\w+):\w+"[^>]*><formula1>([^<]+)<', nodes))
    assert lists["F2"] == "'Danh mục'!$G$2:$G$10"
    areas = [value for (_, column), value in sorted(cells_of(TEMPLATE)["Danh mục"].items()) if column == 6]
    assert (len(areas), areas[1], areas[-1]) == (10, "Cải cách thể chế", "không thuộc nội dung nào")
    helped = cells_of(TEMPLATE)["Hướng dẫn"].values()
    for word in ("Chấm theo bước", "Điểm phạt", "Cột của trang Quy tắc", "dossier:online_percent"):
        assert word in helped


def test_what_looks_like_a_formula_is_text() -> None:
    document = yaml.safe_load(HOUSE) | {"title_vi": "=HYPERLINK(1)", "notes_vi": "@SUM(1)", "title_en": "+1"}
    content = make_workbook(FrameworkDocument.model_validate(document))
    assert b"<f>" not in part_of(content, SHEET)
    assert part_of(content, SHEET).count(b't="s"') == len(
        [value for value in cells_of(content)[SET].values() if isinstance(value, str)]
    )
    assert b'quotePrefix="1"' in part_of(content, "xl/styles.xml")


# one mistake each, in a template that is right
MISTAKES: list[tuple[dict[tuple[str, str], Any], tuple[str, str, str]]] = [
    ({(RULES, "B9"): "Phép thuật"}, (RULES, "B9", "unknown_rule")),
    ({(RULES, "B9"): "magic"}, (RULES, "B9", "unknown_rule")),
    ({(NODES, "E4"): 5.25}, (NODES, "E3", "children_do_not_sum")),
    ({(NODES, "E8"): 10.5}, (NODES, "E2", "children_do_not_sum")),
    ({(SET, "B9"): 99}, (SET, "B9", "framework_total_differs")),
    ({(NODES, "B7"): "1.1.3", (RULES, "A9"): None, (RULES, "B9"): None}, (NODES, "B7", "code_twice")),
    ({(NODES, "E7"): None}, (NODES, "E7", "cell_unsaid")),
    ({(NODES, "E10"): "chưa biết"}, (NODES, "E10", "rule_needs_maximum")),
    ({(SET, "B9"): None}, (SET, "B9", "cell_unsaid")),
    # bands
    ({(RULES, "J12"): 85}, (RULES, "J12", "range_gap")),
    ({(RULES, "J12"): 90}, (RULES, "J12", "range_gap")),  # 90 itself belongs to neither
    ({(RULES, "I12"): 95}, (RULES, "I12", "range_overlap")),
    ({(RULES, "I11"): 99}, (RULES, "I11", "range_gap")),
    ({(RULES, "G11"): 90, (RULES, "H11"): None, (RULES, "I12"): 90}, (RULES, "I12", "range_overlap")),
    ({(RULES, "G12"): None, (RULES, "H12"): 90}, (RULES, "H12", "threshold_twice")),
    ({(RULES, "G12"): 95}, (RULES, "G12", "steps_not_descending")),
    ({(RULES, "L12"): 10}, (RULES, "L12", "steps_points_not_descending")),
    ({(RULES, "H12"): 70}, (RULES, "G12", "step_needs_one_end")),
    ({(BANDS, "B3"): 80}, (BANDS, "B3", "threshold_twice")),
    ({(BANDS, "C3"): 79.99}, (BANDS, "C3", "range_gap")),
    ({(BANDS, "C3"): 80}, (BANDS, "C3", "range_overlap")),
    ({(BANDS, "D4"): 60}, (BANDS, "D4", "range_gap")),
    ({(BANDS, "B4"): None}, (BANDS, "B4", "cell_empty")),
    # numbers, days, words
    ({(NODES, "E4"): "1.234"}, (NODES, "E4", "number_unclear")),
    ({(NODES, "E4"): "năm"}, (NODES, "E4", "cell_not_a_number")),
    ({(NODES, "E4"): date(2024, 5, 1)}, (NODES, "E4", "number_became_date")),
    ({(NODES, "E4"): 5.00005}, (NODES, "E4", "too_many_decimals")),
    ({(NODES, "E4"): -5}, (NODES, "E4", "below_minimum")),
    ({(NODES, "E4"): Formula("=1/0", "#DIV/0!")}, (NODES, "E4", "cell_broken")),
    ({(NODES, "E4"): Formatted(0.05, "0%")}, (NODES, "E4", "cell_is_percentage")),
    ({(RULES, "G12"): 0.7}, (RULES, "G12", "percent_or_share")),
    ({(RULES, "G12"): 101}, (RULES, "G12", "above_maximum")),
    ({(NODES, "B8"): 1.2}, (NODES, "B8", "cell_not_text")),  # 1.2, or 1.20?
    ({(NODES, "B20"): date(2024, 1, 4)}, (NODES, "B20", "cell_not_text")),
    ({(SET, "B12"): "1/13/2026"}, (SET, "B12", "cell_not_a_day")),
    ({(SET, "B13"): "31/12/2025"}, (SET, "B13", "interval_reversed")),
    ({(SET, "B6"): "Thành phố"}, (SET, "B6", "not_one_of")),
    ({(SET, "B14"): 2.5}, (SET, "B14", "not_whole")),
    ({(SET, "B17"): "area:9"}, (SET, "B17", "unknown_tie_key")),
    ({(SET, "B2"): "mau khac"}, (SET, "B2", "wrong_pattern")),
    ({(SET, "B2"): "khac"}, (SET, "B2", "framework_code_differs")),
    ({(SET, "B8"): "khong-co@1"}, (SET, "B8", "framework_unknown")),
    ({(SET, "A5"): "Tên tiếng Pháp"}, (SET, "A5", "key_unknown")),
    ({(SET, "A5"): "Tên", (SET, "B5"): "Tên khác"}, (SET, "B5", "key_twice")),
    # the tree
    ({(NODES, "A10"): 4}, (NODES, "A10", "not_one_of")),
    ({(NODES, "A3"): 3}, (NODES, "A3", "level_without_parent")),
    ({(NODES, "F2"): None}, (NODES, "F2", "cell_unsaid")),
    ({(NODES, "F3"): "Cải cách thể chế"}, (NODES, "F3", "cell_of_other_level")),
    ({(NODES, "G3"): "Thẩm định"}, (NODES, "G3", "item_has_children")),
    ({(NODES, "H4"): "x"}, (NODES, "H4", "not_one_of")),
    ({(NODES, "G10"): "Thẩm định"}, (RULES, "B11", "rate_needs_statistic")),
    # rules and law
    ({(RULES, "A9"): "1.1.9"}, (RULES, "A9", "code_not_in_nodes")),
    ({(RULES, "A9"): None}, (RULES, "A9", "cell_empty")),
    ({(RULES, "B9"): None}, (RULES, "B9", "cell_empty")),
    ({(RULES, "B12"): "Chọn một mức"}, (RULES, "B12", "cells_differ")),
    ({(RULES, "C10"): None}, (RULES, "C10", "cell_empty")),
    ({(RULES, "C10"): "measure:"}, (RULES, "C10", "unknown_rate")),
    ({(RULES, "C22"): "measure:a / measure:b / measure:c"}, (RULES, "C22", "rate_form")),
    ({(RULES, "C22"): "(measure:a + ngày) / measure:b"}, (RULES, "C22", "unknown_figure")),
    ({(RULES, "D26"): "complaints"}, (RULES, "D26", "unknown_figure")),
    ({(RULES, "L9"): 5}, (RULES, "L9", "cell_not_of_rule")),
    ({(RULES, "L8"): 2}, (RULES, "L6", "parts_do_not_sum")),
    ({(RULES, "M2"): 0.3}, (RULES, "M2", "step_does_not_divide")),
    ({(RULES, "P13"): 90}, (RULES, "P13", "floor_above_full")),
    ({(RULES, "E17"): None}, (RULES, "E17", "cell_empty")),
    ({(RULES, "I17"): None}, (RULES, "D17", "condition_form")),
    ({(RULES, "J18"): 10}, (RULES, "C18", "condition_never_holds")),
    ({(RULES, "D25"): "measure:survey_a"}, (RULES, "D25", "figure_twice")),
    ({(LAW, "A3"): "2.9"}, (LAW, "A3", "code_not_in_nodes")),
    ({(LAW, "B3"): None}, (LAW, "B3", "cell_empty")),
    ({(LAW, "G3"): "vanban"}, (LAW, "G3", "wrong_pattern")),
    # sheets and columns
    ({("Nháp", "A1"): "x"}, ("Nháp", "A1", "sheet_unknown")),
    ({(NODES, "E1"): "Điểm"}, (NODES, "E1", "column_unknown")),
    ({(NODES, "M1"): "Tên"}, (NODES, "M1", "column_twice")),
    ({(NODES, "N5"): "x"}, (NODES, "N5", "column_without_heading")),
]


def test_every_mistake_is_told_with_its_sheet_and_cell(client: Client) -> None:
    for changes, expected in MISTAKES:
        found = mistakes(client, changes)
        assert expected in found, (changes, found)
        more = {"column_unknown": [(NODES, "A1", "column_missing")]}.get(expected[2], [])
        assert [fault for fault in found if fault != expected] == more, (changes, found)
    assert client.get(PATH).status_code == 404
    gone = told(send(client, changed(TEMPLATE, {}, without=[NODES])))
    assert gone == [(NODES, "A1", "sheet_missing")]


def test_all_mistakes_are_told_at_once_in_their_order_and_in_words(client: Client) -> None:
    changes = {
        (RULES, "B9"): "Phép thuật",
        (NODES, "E7"): None,
        (NODES, "C7"): "x" * 301,
        (SET, "B4"): None,
        (NODES, "A9"): "hai",
    }
    content = changed(TEMPLATE, changes)
    refused = send(client, content, **{"Accept-Language": "vi"})
    assert told(refused) == [
        (SET, "B4", "cell_empty"),
        (NODES, "C7", "wrong_length"),
        (NODES, "E7", "cell_unsaid"),
        (NODES, "A9", "not_one_of"),
        (RULES, "B9", "unknown_rule"),
    ]
    empty, rule = refused.json()["errors"][2], refused.json()["errors"][4]
    assert (empty["message"], empty["pointer"]) == (
        'Thiếu "Điểm tối đa".',
        "/areas/0/criteria/0/sub_criteria/3/max_points",
    )
    assert "chưa biết" in empty["hint"]
    assert rule["message"] == 'Không có quy tắc "Phép thuật".'
    assert "Đạt hoặc không đạt" in rule["hint"]
    twice = {(NODES, "B7"): "1.1.3", (RULES, "A9"): None, (RULES, "B9"): None}
    (error,) = send(client, changed(TEMPLATE, twice)).json()["errors"]
    assert error["message"] == 'Code "1.1.3" stands twice, first at Tiêu chí!B6.'
    (error,) = send(client, changed(TEMPLATE, {(RULES, "J12"): 85})).json()["errors"]
    assert error["message"] == "Between < 85 % here and > 90 % in the row above, something belongs to no row."
    assert "≤ 90 %" in error["hint"]


def test_cells_say_the_same_in_many_ways(client: Client) -> None:
    expected = send(client, TEMPLATE).json()
    for changes in (
        {(NODES, "A2"): 1, (NODES, "B2"): 1, (SET, "B3"): 2026},
        {(NODES, "E4"): "5,0", (NODES, "E2"): "30", (NODES, "E3"): Formula("=SUM(E4:E7)", 20)},
        {(SET, "B12"): "1/1/2026", (LAW, "D2"): "2021-07-15"},
        {(RULES, "G12"): Formatted(0.7, "0%"), (RULES, "K24"): "60 %", (RULES, "H11"): "90%"},
        {(RULES, "I12"): 90, (RULES, "I11"): 100, (BANDS, "D3"): 80, (BANDS, "C2"): "100"},
        {(RULES, "B9"): "binary", (RULES, "B10"): " tỷ lệ  NHÂN điểm tối đa ", (SET, "B6"): "province"},
        {(RULES, "B12"): None, (RULES, "C12"): "dossier:on_time_of_resolved_percent"},
        {(RULES, "C22"): "(measure:petitions − measure:petitions_overdue) / (measure:petitions)"},
        {(NODES, "H4"): True, (NODES, "H5"): "không", (SET, "C2"): None, (NODES, "A30"): " "},
    ):
        answer = send(client, changed(TEMPLATE, changes))
        assert (answer.status_code, answer.json()) == (200, expected), changes
    lowest = changed(TEMPLATE, {(RULES, "G12"): None, (RULES, "I12"): 90})  # "đến 90 %: 5 điểm"
    steps = send(client, lowest).json()["areas"][1]["criteria"][0]["rule"]["steps"]
    assert [(step["from"], step["above"], step["points"]) for step in steps] == [(None, 90, 10), (0, None, 5)]


def test_a_set_is_read_as_json_yaml_or_workbook(client: Client) -> None:
    stored = send(client, TEMPLATE).json()
    tags = set()
    for accept, media in [
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("application/yaml;q=0.9, application/json;q=0.1", "application/yaml"),
        ("application/yaml", "application/yaml"),
        (XLSX, XLSX),
        ("image/png", "application/json"),
    ]:
        answer = client.get(PATH, headers={"Accept": accept})
        assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, media), accept
        assert "Accept" in answer.headers["Vary"]
        same = client.get(PATH, headers={"Accept": accept, "If-None-Match": answer.headers["ETag"]})
        assert same.status_code == 304
        tags.add(answer.headers["ETag"])
        if media == "application/json":
            assert answer.json() == stored
            continue
        again = client.put(PATH, content=answer.content, headers={"Content-Type": media})
        assert (again.status_code, again.json()) == (200, stored)
    assert len(tags) == 3
    assert client.get(PATH, headers={"Accept": XLSX}).content == TEMPLATE
    published = client.post(f"{PATH}/publish").json()
    assert send(client, TEMPLATE).json() == published
    other = send(client, changed(TEMPLATE, {(SET, "B4"): "Tên khác"}))
    assert (other.status_code, other.json()["code"]) == (409, "framework_published")


def test_hostile_workbooks_are_refused_early(client: Client) -> None:
    long = replaced(TEMPLATE, {"xl/worksheets/sheet2.xml": sheet_of(b"<row><c><v>1</v></c></row>" * 200_000)})
    assert told(send(client, long)) == [(NODES, "A20001", "sheet_too_long")]
    bomb = replaced(TEMPLATE, {"xl/worksheets/sheet2.xml": sheet_of(b" " * 60_000_000)})
    for content, status, code in (
        (bomb, 413, "xlsx_unpacks_too_large"),
        (b"PK\x03\x04" + b"\0" * 10_000_000, 413, "document_too_large"),
        (b"\0" * 50_000_000, 413, "document_too_large"),
    ):
        answer = send(client, content)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    for content, code in ((b"\xd0\xcf\x11\xe0", "xlsx_old_format"), (b"{}", "xlsx_not_a_workbook")):
        (error,) = send(client, content, **{"Accept-Language": "vi"}).json()["errors"]
        assert (error["code"], error["pointer"]) == (code, "")
        assert "xlsx" in error["message"] + error["hint"]
    cells = cells_of(TEMPLATE) | {RULES: {}, LAW: {}}
    cells[NODES] = {at: value for at, value in cells[NODES].items() if at[0] < 2}
    for row in range(2, 15_000):
        cells[NODES] |= {(row, 0): "2", (row, 1): f"x{row}", (row, 2): "Tên", (row, 4): 0}
    answer = send(client, write(cells))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_values")


# the command line


@pytest.fixture
def machine(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder at a machine whose settings name the database."""
    monkeypatch.setenv("PARINDEX_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    Database(database_url).close()


def run(*arguments: str, status: int = 0) -> str:
    """What `parindex framework ...` prints."""
    result = CliRunner().invoke(cli, ["framework", *arguments])
    assert result.exit_code == status, result.output
    return result.output


def test_a_set_from_template_to_published_at_the_command_line(machine: Path) -> None:
    assert "bo-chi-so-mau.xlsx" in run("template")
    assert (machine / "bo-chi-so-mau.xlsx").read_bytes() == TEMPLATE
    assert "nothing was written" in run("template", status=2)
    assert "mau@2026: draft" in run("load", "bo-chi-so-mau.xlsx")
    shown = run("show", "mau@2026")
    assert yaml.safe_load(shown)["title_vi"] == yaml.safe_load(HOUSE)["title_vi"]
    for name in ("set.yaml", "set.json", "set.xlsx"):
        run("show", "mau@2026", "--format", name[4:], "-o", name)
    assert json.loads((machine / "set.json").read_text("utf-8")) == yaml.safe_load(shown)
    assert (machine / "set.xlsx").read_bytes() == TEMPLATE
    (machine / "no-name").write_bytes(TEMPLATE)
    for name in ("set.yaml", "set.json", "set.xlsx", "no-name"):
        assert "mau@2026: draft" in run("load", name)
    assert "mau@2026: published" in run("load", "set.yaml", "--publish")
    (machine / "set.xlsx").write_bytes(changed(TEMPLATE, {(SET, "B4"): "Tên khác"}))
    assert "đã công bố" in run("load", "set.xlsx", status=1)
    assert "--output" in run("show", "mau@2026", "--format", "xlsx", status=2)
    assert "mau@2027" in run("show", "mau@2027", status=1)


def test_mistakes_are_a_table_at_the_command_line_and_nothing_is_stored(machine: Path) -> None:
    wrong = {(NODES, "E7"): None, (RULES, "B9"): "[red]"}
    (machine / "sai.xlsx").write_bytes(changed(TEMPLATE, wrong))
    said = run("load", "sai.xlsx", status=1)
    for word in (
        "Trang",
        "Ô",
        "Cách sửa",
        NODES,
        "E7",
        'Thiếu "Điểm tối đa".',
        RULES,
        "B9",
        '"[red]"',
        "chưa biết",
    ):
        assert word in said
    assert '"Điểm tối đa" is missing.' in run("load", "sai.xlsx", "--language", "en", status=1)
    (machine / "sai.yaml").write_text(HOUSE.replace("max_points: 30", "max_points: 31"), "utf-8")
    said = run("load", "sai.yaml", status=1)
    assert all(word in said for word in ("Vị trí", "/areas/0", "31"))
    for name, content in {
        "sai.json": b"{",
        "sai.docx": b"x",
        "xls.xlsx": b"\xd0\xcf\x11\xe0",
        "lon.xlsx": b"PK\x03\x04" + b"\0" * 50_000_000,
    }.items():
        (machine / name).write_bytes(content)
        assert run("load", name, status=1)
    assert run("show", "mau@2026", status=1)
