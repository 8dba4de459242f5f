"""The guide for clerks says what the service says."""

from pathlib import Path

import pytest

from app.cli_imports.words import say
from app.infra.messages import render

GUIDE = (Path(__file__).parents[1] / "docs" / "nhap-so-lieu.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("code", "params"),
    [
        ("unit_unknown", {"unit": "1"}),
        ("unit_name_unknown", {"name": "Phường Cầu Chè", "on": "2022-09-15"}),
        ("period_missing", {}),
        ("cell_no_count", {"value": "khoảng 100"}),
        ("part_larger_than_whole",
         {"part": "resolved", "part_value": 9, "whole": "received", "whole_value": 7}),
        ("row_twice", {"first": 3}),
        ("cell_merged", {"value": "1290"}),
        ("number_is_day", {"value": "2021-02-01"}),
        ("row_outside_scope", {"unit": "01"}),
        ("file_not_utf8", {"line": 1}),
    ],
)  # fmt: skip
def test_faults_are_told_in_the_words_of_the_service(code: str, params: dict[str, object]) -> None:
    message, hint = render(code, params, "vi")
    assert f"| {message} | {hint} |" in GUIDE


def test_answers_are_told_in_the_words_of_the_command() -> None:
    for key in ("inserted", "updated", "unchanged", "rejected", "totals"):
        assert f"| {say(key, 'vi')} |" in GUIDE
    assert render("import_outdated", {"count": 2}, "vi")[0] in GUIDE
