"""`parindex import`: the same command on the local database and at a running service, with the same words."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from rich.console import Console
from sqlmodel import Session, select
from typer.testing import CliRunner

from app.cli import app as cli
from app.cli_imports.command import DONE, INTERRUPTED, REFUSED, SOME_WRONG, Clerk
from app.cli_imports.desks import Letter, Report
from app.cli_imports.local import LocalDesk
from app.cli_imports.pages import Meter, Pages
from app.features.clients import service as clients
from app.features.clients.schemas import ClientCreate
from app.features.imports.schemas import ImportOptions
from app.infra.auth import operator
from app.infra.db import Database
from app.models import DossierStatisticRow, ImportLineRow, ImportRow
from tests.conftest import BACKENDS, KEY, Templates, make_app
from tests.server import ROOT, free_port, listening, settings_of

HEAD = "Mã đơn vị,Kỳ báo cáo,Tiếp nhận,Đã giải quyết,Quá hạn"
GOOD = f'{HEAD}\n01,2021,100,80,2\n31,2021,"1.200",1199,3\n'
BAD = f"{GOOD}99,2021,1,1,0\n"
Run = Callable[..., str]


@pytest.fixture
def machine(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, and a database that the settings name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARINDEX_DATABASE_URL", database_url)
    monkeypatch.delenv("PARINDEX_KEY", raising=False)
    Path("good.csv").write_text(GOOD, encoding="utf-8")
    Path("bad.csv").write_text(BAD, encoding="utf-8")
    return tmp_path


def run(file: str, *options: str, status: int = DONE, key: str | None = None) -> str:
    """The command; what it prints."""
    environment = {"PARINDEX_KEY": key} if key else {}
    arguments = ["import", file, "--kind", "dossier-statistics", *options]
    result = CliRunner().invoke(cli, arguments, env=environment)
    assert result.exit_code == status, result.output
    assert key is None or key not in result.output
    return result.output


@contextmanager
def service(url: str, folder: Path) -> Iterator[Run]:
    """The command against a running service over a database."""
    with listening(make_app(url, files_folder=folder / "files")) as address:

        def run_there(*arguments: str, **more: Any) -> str:
            return run(*arguments, "--url", address, **{"key": KEY, **more})

        yield run_there


@pytest.fixture(params=["here", "elsewhere"])
def command(request: pytest.FixtureRequest, machine: Path, database_url: str) -> Iterator[Run]:
    """The command on the local database, and against a running service."""
    if request.param == "here":
        yield run
    else:
        with service(database_url, machine) as run_there:
            yield run_there


def figures(url: str) -> dict[str, int | None]:
    """Unit -> received, of the figures that stand."""
    database = Database(url)
    with database.read() as session:
        rows = session.exec(select(DossierStatisticRow)).all()
    database.close()
    return {row.unit_code: row.received for row in sorted(rows, key=lambda row: row.revision)}


@contextmanager
def writing(url: str) -> Iterator[Session]:
    """A transaction."""
    database = Database(url)
    with database.write() as session:
        yield session
    database.close()


def imports(url: str) -> list[tuple[str, int]]:
    """State and rows written of every import, the oldest first."""
    database = Database(url)
    with database.read() as session:
        rows = session.exec(select(ImportRow)).all()
    database.close()
    return [(row.state, row.rows_committed) for row in sorted(rows, key=lambda row: row.recorded_at)]


def test_wrong_rows_stop_a_file_and_come_back_to_be_corrected(command: Run, database_url: str) -> None:
    said = command("bad.csv", "--rejected", "loi.csv", status=SOME_WRONG)
    assert re.search(r"thêm mới +2\b", said)
    assert re.search(r"bị loại +1\b", said)
    assert "unit_code (A), period (B), received (C)" in said
    assert re.search(r'4 +A +Không có đơn vị "99"', said)
    assert "Có 1 dòng sai; chưa ghi gì" in said
    assert figures(database_url) == {}
    corrected = Path("loi.csv").read_text(encoding="utf-8-sig").replace(",99,", ",24,")
    Path("lai.csv").write_text(corrected, encoding="utf-8")
    assert "Đã ghi xong 1 dòng" in command("lai.csv")
    assert "Committed: 2 row(s) were written" in command(
        "bad.csv", "--skip-rejected", "--language", "en", status=SOME_WRONG
    )
    assert figures(database_url) == {"01": 100, "31": 1200, "24": 1}


def test_the_same_command_again_is_no_second_import(command: Run, database_url: str) -> None:
    assert "Đã ghi xong 2 dòng" in command("good.csv")
    assert "đã được nhập lúc" in command("good.csv")
    assert imports(database_url) == [("committed", 2)]
    assert re.search(r"không đổi +2\b", command("good.csv", "--rehearse"))
    assert "Đã ghi xong 0 dòng" in command("good.csv", "--again")
    assert "Đã ghi xong 2 dòng" in command("good.csv", "--scope", "total")  # other options: another import


def test_a_rehearsal_writes_nothing_and_what_was_seen_is_committed(command: Run, database_url: str) -> None:
    assert "Mới kiểm tra, chưa ghi gì" in command("good.csv", "--rehearse")
    assert command("bad.csv", "--rehearse", status=SOME_WRONG)
    assert figures(database_url) == {}
    Path("other.csv").write_text(GOOD.replace("100", "90"), encoding="utf-8")
    command("other.csv")
    said = command("good.csv", status=REFUSED)  # what was rehearsed is outdated
    assert "Không ghi được; chưa ghi gì" in said
    assert "nay là phiên bản 1; khi kiểm tra là -" in said
    assert re.search(r"thay đổi +1\b", command("good.csv"))
    assert figures(database_url)["01"] == 100


def test_both_places_print_the_same(machine: Path, database_url: str) -> None:
    Path("a.json").write_text(
        '[{"unit": "01", "period": "2021", "received": 10, "resolved": 7, "pending": 2}]'
    )
    files = (("bad.csv", SOME_WRONG), ("good.csv", DONE), ("a.json", DONE))
    here = [run(file, "--rehearse", status=status) for file, status in files]
    with service(database_url, machine) as elsewhere:
        there = [elsewhere(file, "--rehearse", status=status) for file, status in files]
    assert [re.sub(r"[0-9a-f]{32}", "ID", said) for said in here] == [
        re.sub(r"[0-9a-f]{32}", "ID", said) for said in there
    ]
    told = " ".join(here[2].split())
    assert "Cảnh báo, 1 dòng: dòng 1: Tổng số hồ sơ tiếp nhận là 10, nhưng" in told
    assert "+ tổng số hồ sơ đang giải quyết = 9 (chênh 1)." in told


def test_a_file_that_is_no_table_is_refused(command: Run, database_url: str) -> None:
    Path("a.xlsx").write_bytes(b"%PDF-1.7\n")
    said = command("a.xlsx", status=REFUSED)
    assert "Tệp bị từ chối" in said
    assert "Theo nội dung, tệp là" in said
    assert "Excel Workbook" in said
    assert imports(database_url) == [("failed", 0)]
    Path("a.xlsx").write_text(GOOD, encoding="utf-8")
    command("a.xlsx", "--rejected", "none.csv")
    assert not Path("none.csv").exists()


def test_bad_rows_as_a_workbook(command: Run) -> None:
    command("bad.csv", "--rejected", "loi.xlsx", "--rehearse", status=SOME_WRONG)
    assert Path("loi.xlsx").read_bytes().startswith(b"PK")
    said = command("loi.xlsx", "--rehearse", status=SOME_WRONG)  # it reads again, as wrong as before
    assert re.search(r'2 +C +Không có đơn vị "99"', said)


def test_options_are_checked_before_anything_is_sent(machine: Path, database_url: str) -> None:
    Path("here.csv").write_text("")
    for options, expected in (
        (("--period", "2021-13"), '--period.*"2021-13" không phải là kỳ hợp lệ'),
        (("--scope", "both"), "--scope"),
        (("--extracted-at", "soon"), "--extracted-at 'soon' không phải ngày"),
        (("--rejected", "loi.pdf"), "phải có đuôi .csv hoặc .xlsx"),
        (("--rejected", "nowhere/loi.csv"), "trong thư mục đã có"),
        (("--rejected", "here.csv"), "here.csv đã có; chưa gửi gì"),
        (("--insecure",), "--insecure chỉ dùng cùng --url"),
    ):
        assert re.search(expected, run("good.csv", *options, status=REFUSED)), options
    for name in ("nothere.csv", "."):
        assert run(name, status=REFUSED)
    assert imports(database_url) == []
    run("good.csv", "--extracted-at", "2021-09-16T08:30", "--source", "Báo cáo quý", "--period", "2021")
    with writing(database_url) as session:
        row = session.exec(select(DossierStatisticRow)).first()
        assert row is not None
        assert (row.extracted_at.isoformat(), row.source) == ("2021-09-16T01:30:00+00:00", "Báo cáo quý")  # type: ignore[union-attr]


def test_a_database_without_tables_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARINDEX_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    (tmp_path / "good.csv").write_text(GOOD, encoding="utf-8")
    assert "parindex db upgrade" in run(str(tmp_path / "good.csv"), status=REFUSED)


def test_what_comes_from_a_file_steers_no_terminal(machine: Path) -> None:
    Path("a.csv").write_text(f"{HEAD}\n\x1b]0;x\x07[red],2021,1,1,0\n[bold]01,2021,1,1,0\n")
    said = run("a.csv", status=SOME_WRONG)
    assert "\x1b" not in said
    assert "\x07" not in said
    assert "[red]" in said
    assert "[bold]01" in said


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file, where no local database is needed."""
    monkeypatch.delenv("PARINDEX_KEY", raising=False)
    (tmp_path / "good.csv").write_text(GOOD, encoding="utf-8")
    return str(tmp_path / "good.csv")


def test_a_key_goes_to_no_stranger_in_clear(file: str) -> None:
    for address in (
        "http://parindex.example.vn",
        "http://127.0.0.1.example.vn:80",
        "http://localhost@example.vn",
    ):
        assert "không mã hóa" in run(file, "--url", address, key=KEY, status=REFUSED)
    closed = f"http://127.0.0.1:{free_port()}"
    assert "Không kết nối được" in run(
        file, "--url", "http://parindex.invalid", "--insecure", key=KEY, status=REFUSED
    )
    assert "Không kết nối được" in run(file, "--url", closed, key=KEY, status=REFUSED)
    assert "cannot be reached" in run(file, "--url", closed, "--language", "en", key=KEY, status=REFUSED)
    for address in ("parindex", "ftp://127.0.0.1", "http://", "file:///etc/passwd"):
        assert "không phải địa chỉ dịch vụ" in run(file, "--url", address, key=KEY, status=REFUSED)
    assert "hãy đặt biến PARINDEX_KEY" in run(file, "--url", closed, status=REFUSED)
    for wrong in ("par_ä", "par_a b", "par_a\tb"):
        assert "Khóa không đúng dạng" in run(file, "--url", closed, key=wrong, status=REFUSED)


def test_keys_that_are_wrong_or_open_too_little(machine: Path, database_url: str) -> None:
    body = {"code": "so", "name": "Sở", "grants": [{"scope": "scores:self", "unit": "01", "group": None}]}
    bound = {
        "code": "hp",
        "name": "HP",
        "grants": [{"scope": "statistics:write", "unit": "31", "group": None}],
    }
    with writing(database_url) as session:
        poor, clerk = (
            clients.create_client(session, ClientCreate.model_validate(each), operator("test")).key
            for each in (body, bound)
        )
    with service(database_url, machine) as elsewhere:
        assert "statistics:write" in elsewhere("good.csv", key=poor, status=REFUSED)
        wrong = elsewhere("good.csv", key="par_wrong", status=REFUSED)
        assert "khóa" in wrong.lower()
        said = elsewhere("good.csv", "--skip-rejected", key=clerk, status=SOME_WRONG)
        assert "Khóa của bạn không bao gồm đơn vị 01" in said
    assert figures(database_url) == {"31": 1200}


class Scripted(BaseHTTPRequestHandler):
    """Answers as it is told: (status, body) in their order; None hangs up."""

    answers: Sequence[tuple[int, Any] | None]
    seen: list[str]

    def do_GET(self) -> None:
        self.seen.append(f"{self.command} {self.path.partition('?')[0]}")
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.answers[len(self.seen) - 1]
        if answer is None:
            self.close_connection = True
            return
        status, body = answer
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815 - as http.server calls it

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def scripted(*answers: tuple[int, Any] | None) -> Iterator[tuple[str, list[str]]]:
    """The address of a stranger, and what he was asked."""
    handler = type("Handler", (Scripted,), {"answers": answers, "seen": []})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/tinh/v1/", handler.seen  # type: ignore[attr-defined]
        server.shutdown()


def answer(state: str, rejected: int = 0) -> Report:
    """An import as a service tells it, so far as the command reads it."""
    counts = {"inserted": 1, "updated": 0, "unchanged": 0, "rejected": rejected}
    return {
        "id": "i1", "kind": "dossier-statistics", "state": state, "file_name": "a.csv", "sha256": "0" * 64,
        "options": {}, "progress": {"rows_read": 1, "rows_committed": 1}, "faults": [],
        "counts": None if state == "rehearsing" else counts,
    }  # fmt: skip


NONE = (200, {"items": []})


def test_reads_are_tried_again_and_writes_are_not(file: str) -> None:
    busy = (503, {"code": "imports_busy", "detail": "busy", "errors": []})
    script = (NONE, (202, answer("rehearsing")), busy, (200, answer("rehearsed")), (200, answer("committed")))
    with scripted(*script) as (url, seen):
        assert "Đã ghi xong 1 dòng" in run(file, "--url", url, key=KEY)
    base = "/tinh/v1/imports"
    assert seen == [
        f"GET {base}",
        f"POST {base}",
        f"GET {base}/i1",
        f"GET {base}/i1",
        f"POST {base}/i1/commit",
    ]
    with scripted(NONE, busy) as (url, seen):
        assert "busy" in run(file, "--url", url, key=KEY, status=REFUSED)
    assert len(seen) == 2
    with scripted(NONE, (201, answer("rehearsed")), None) as (url, seen):
        said = run(file, "--url", url, key=KEY, status=REFUSED)
    assert "chạy lại đúng lệnh này" in said
    assert "chưa ghi gì" not in said  # nobody knows
    assert len(seen) == 3


def test_a_stranger_is_not_taken_for_the_service(file: str) -> None:
    for strange in ((200, b"<html>"), (502, b"Bad gateway"), (200, []), (404, {"error": "x"}), (301, b"")):
        with scripted(strange) as (url, seen):
            assert "không phải của dịch vụ này" in run(file, "--url", url, key=KEY, status=REFUSED)
        assert len(seen) == 1


@pytest.mark.parametrize("backend", BACKENDS[:1])
def test_an_interrupted_rehearsal_is_cancelled(templates: Templates, tmp_path: Path) -> None:
    lines = (
        f"{unit},{year}-{month:02},1,,"
        for unit in ("01", "31")
        for month in range(1, 13)
        for year in range(1000, 9999)
    )
    (tmp_path / "large.csv").write_text("\n".join((HEAD, *lines)), encoding="utf-8")
    with templates.copy(templates.empty) as url:
        command = [
            sys.executable,
            "-m",
            "app.cli",
            "import",
            str(tmp_path / "large.csv"),
            "--kind",
            "dossier-statistics",
        ]
        environment = settings_of(database_url=url)
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own command
        while not imports(url):
            assert process.poll() is None
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
        assert (process.returncode, said.strip()) == (INTERRUPTED, "Đã dừng; chưa ghi gì.")
        assert imports(url) == [("cancelled", 0)]
        assert figures(url) == {}
        with writing(url) as session:
            assert session.exec(select(ImportLineRow)).first() is None


class Impatient(LocalDesk):
    """The desk of somebody who presses Ctrl-C as soon as the commit begins."""

    def commit(self, import_id: str, skip: bool) -> Report:
        """Begun, and interrupted."""
        super().commit(import_id, skip)
        raise KeyboardInterrupt


def test_an_interrupted_commit_is_whole(
    machine: Path, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = Letter.of(Path("good.csv"), "dossier-statistics", ImportOptions())
    desk = Impatient("vi")
    assert Clerk(desk, letter, Pages("vi"), False, False, None).work(False) == DONE
    desk.close()
    said = capsys.readouterr().out
    assert "hoặc ghi trọn vẹn, hoặc không ghi gì" in said
    assert "Đã ghi xong 2 dòng" in said
    assert figures(database_url) == {"01": 100, "31": 1200}


def test_progress_is_a_bar_on_a_terminal_and_a_line_elsewhere() -> None:
    report = {
        "state": "rehearsing",
        "progress": {"rows_read": 5000, "rows_per_second": 9200, "remaining_seconds": 4},
    }
    terminal, file = StringIO(), StringIO()
    with Meter(Console(file=terminal, force_terminal=True, width=100), "vi").shown() as meter:
        meter.show_bytes(1_000_000, 2_000_000)
        meter.show(report)
    assert "Đang kiểm tra" in terminal.getvalue()
    assert "5000 dòng, 9200 dòng/giây, còn 4 giây" in terminal.getvalue()
    with Meter(Console(file=file), "en").shown() as meter:
        meter.show(report)
        assert file.getvalue() == ""  # it has only begun
        meter.said_at -= 5
        meter.show(report)
        meter.show(report)
    assert file.getvalue() == "Checking: 5000 rows, 9200 rows/s, 4 s left\n"


def test_effects_say_who_moves_from_where_to_where(capsys: pytest.CaptureFixture[str]) -> None:
    def unit(name: str, *ranks: int | None) -> dict[str, Any]:
        before, after = ({"points": 80.5 - (r or 0), "index_percent": 80.0, "rank": r} for r in ranks)
        return {"code": name, "name_vi": f"Xã {name}", "before": before, "after": after}

    group = {"round": "r", "group": "xa", "changed_points": 2, "changed_ranks": 22, "is_hidden": False}
    units = [
        unit("a", 3, 1),
        unit("b", 1, 2),
        unit("c", None, None),
        *(unit(f"u{n}", 9, 8) for n in range(20)),
    ]
    hidden = {**group, "round": "q", "units": [], "is_hidden": True}
    Pages("vi").effects([{**group, "units": units}, hidden])
    said = capsys.readouterr().out
    assert "r, xa: 2 đơn vị đổi điểm, 22 đơn vị đổi hạng" in said
    assert re.search(r"Xã a \(a\) +77.5 -> 79.5 +3 -> 1", said)
    assert "... và 3 đơn vị nữa" in said
    assert "q, xa: có thay đổi; khóa của bạn không xem được" in said
