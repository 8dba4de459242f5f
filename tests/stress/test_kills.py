"""The process is killed at random points of a commit: after each restart all or nothing is there."""

import random
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.features.audit import service as audit
from app.infra.db import Database
from tests.conftest import KEY
from tests.server import running

UNITS = ("01", "22", "31", "92")
YEARS = range(2026, 2036)


def lines(fields: int, received: int) -> bytes:
    """A file of some provinces, years and fields of procedure, all with one count."""
    rows = (
        f"{unit},{year},f{field},{received}" for unit in UNITS for year in YEARS for field in range(fields)
    )
    return "\n".join(("unit,period,field,received", *rows)).encode()


@contextmanager
def served(folder: Path, url: str, *options: str) -> Iterator[tuple[httpx.Client, "subprocess.Popen[bytes]"]]:
    """A client of a service that may be killed."""
    headers = {"Authorization": f"Bearer {KEY}"}
    with (
        running(folder, *options, database_url=url, admin_key=KEY) as (address, process),
        httpx.Client(base_url=address, headers=headers, timeout=60) as api,
    ):
        yield api, process


def rehearse(api: httpx.Client, content: bytes) -> str:
    """The id of a rehearsed import."""
    answer = api.post("/v1/imports?kind=dossier-statistics&wait=30", content=content)
    assert answer.json()["state"] == "rehearsed", answer.text
    return str(answer.json()["id"])


def commit(api: httpx.Client, import_id: str) -> dict[str, Any]:
    """What a commit is answered."""
    answer = api.post(f"/v1/imports/{import_id}/commit?wait=30")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def commit_until_killed(
    api: httpx.Client, process: "subprocess.Popen[bytes]", import_id: str, seconds: float
) -> None:
    """Ask for the commit, and kill the service so many seconds later."""

    def ask() -> None:
        with suppress(httpx.TransportError):
            api.post(f"/v1/imports/{import_id}/commit?wait=30")

    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=seconds)
        process.kill()
        process.wait()
        asked.result()


def count_rows(database: Database, import_id: str) -> int:
    """The figures that an import has written."""
    query = text("SELECT count(*) FROM dossier_statistic WHERE import_id = :id")
    with database.read() as session:
        found: int = session.execute(query, {"id": import_id}).scalar_one()
        return found


def test_a_commit_leaves_all_or_nothing(database_url: str, tmp_path: Path, stress: bool) -> None:
    kills, fields = (50, 500) if stress else (2, 50)
    rows = fields * len(UNITS) * len(YEARS)
    chance = random.Random(rows)  # noqa: S311 - the same moments in every run, as far as clocks allow
    outcomes = []
    with closing(Database(database_url)) as database:
        with served(tmp_path, database_url) as (api, process):
            import_id = rehearse(api, lines(fields, 1))
            started = time.monotonic()
            commit(api, import_id)
            usual = 1.2 * (time.monotonic() - started)
            import_id = rehearse(api, lines(fields, 2))
            commit_until_killed(api, process, import_id, chance.uniform(0, usual))
        for kill in range(3, kills + 3):
            with served(tmp_path, database_url) as (api, process):
                outcomes.append(count_rows(database, import_id))
                assert outcomes[-1] in (0, rows)
                shown = api.get(f"/v1/imports/{import_id}").json()["state"]
                if count_rows(database, import_id) == outcomes[-1]:  # its COMMIT may still be under way
                    assert shown == ("committed" if outcomes[-1] else "rehearsed")
                assert commit(api, import_id)["progress"]["rows_committed"] == rows
                assert count_rows(database, import_id) == rows
                if kill < kills + 2:
                    import_id = rehearse(api, lines(fields, kill))
                    commit_until_killed(api, process, import_id, chance.uniform(0, usual))
        assert len(outcomes) == kills
        with database.read() as session:
            assert audit.verify(session).intact
