"""Every file of the gallery through the API: a report or a refusal in words, and nothing is left behind."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlmodel import select

from app.models import DossierStatisticRow, ImportRow
from tests.conftest import Client, Templates, close, make_app, open_client
from tests.nasty_files import NASTY, Nasty, Refused, Rows

KIND = "dossier-statistics"
FILES = [file for file in NASTY if file.kind == KIND]
MOST_MEMORY = 150_000_000
"""Bytes that the process may grow by over the whole gallery."""


@pytest.fixture
def desk(templates: Templates, tmp_path: Path) -> Iterator[Client]:
    """A client whose uploads go to a folder of its own."""
    with templates.copy(templates.empty) as url:
        app = make_app(url, files_folder=tmp_path / "files")
        with open_client(app) as client:
            client.headers["Accept-Language"] = "vi"
            yield client
        close(app)


def send(client: Client, file: Nasty, folder: Path) -> dict[str, Any]:
    """What the service says of a file."""
    path = file.write(folder)
    query = {"kind": KIND, "file_name": file.name, "wait": 30}
    answer = client.post("/v1/imports", params=query, content=path.read_bytes())
    path.unlink()
    assert answer.status_code == 201, (file.name, answer.text)
    report: dict[str, Any] = answer.json()
    return report


def judge(client: Client, file: Nasty, report: dict[str, Any]) -> None:
    """Whether a file was read as the gallery says, or refused in words that a clerk can act on."""
    match file.expected:
        case Refused(code):
            assert report["state"] == "failed", file.name
            (fault,) = report["faults"]
            assert fault["code"] == code, file.name
            assert "{" not in fault["message"].partition("Ví dụ")[0], file.name
        case Rows(rows, _, remarks, totals):
            assert (report["state"], report["faults"]) == ("rehearsed", []), file.name
            assert report["progress"]["rows_read"] == sum(report["counts"].values()) == len(rows), file.name
            assert report["totals_left_out"] == totals, file.name
            assert [remark["code"] for remark in report["remarks"]] == [*remarks], file.name
            told = client.get(f"/v1/imports/{report['id']}/rows", params={"action": "rejected"}).json()[
                "items"
            ]
            for row in told:
                assert all(error["message"] for error in row["errors"]), file.name
            back = client.get(f"/v1/imports/{report['id']}/rejected.csv")
            assert back.status_code == 200, file.name


def test_the_gallery_is_read_or_refused_and_leaves_nothing(
    desk: Client, backend: str, tmp_path: Path
) -> None:
    process = psutil.Process()
    before = process.memory_info().rss
    files = FILES if backend == "sqlite" else FILES[::3]
    for file in files:
        judge(desk, file, send(desk, file, tmp_path))
        assert process.memory_info().rss - before < MOST_MEMORY, file.name
    assert list((tmp_path / "files" / "incoming").iterdir()) == []
    with desk.app.state.database.read() as session:
        assert session.exec(select(DossierStatisticRow)).all() == []
        assert len(session.exec(select(ImportRow)).all()) == len(files)
