"""Sixteen clients on one sheet at the same time: no update is lost, and nobody waits for ever."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from app.features.audit import service as audit
from app.infra.db import Database
from tests.conftest import KEY
from tests.server import serving

WRITERS = 16
LEAST = 4
"""Writes that every writer tries, however slow the machine is: one of each way."""
ITEMS = ("1", "2", "3", "4")
SET = {
    "code": "busy",
    "version": "1",
    "title_vi": "Bộ thử tải",
    "level": "province",
    "status": "illustrative",
    "total_points": 400,
    "applies": {"from": "2021-01-01"},
    "areas": [{"code": i, "name_vi": i, "reform_area": None, "max_points": 100} for i in ITEMS],
}
BASE = "/v1/rounds/busy"


class Written(NamedTuple):
    """An accepted write: item, points, revision of the sheet."""

    item: str
    points: float
    revision: int


class Told(NamedTuple):
    """What one writer was answered."""

    accepted: list[Written]
    statuses: Counter[int]


def prepare(api: httpx.Client) -> None:
    """One round of one province, in self-assessment."""
    participants = [{"group": "one", "units": ["22"]}]
    steps: list[tuple[str, str, Any]] = [
        ("PUT", "/v1/frameworks/busy/versions/1", SET),
        ("POST", "/v1/frameworks/busy/versions/1/publish", None),
        (
            "PUT",
            BASE,
            {"title_vi": "Kỳ", "framework": "busy@1", "period": "2021", "participants": participants},
        ),
        ("POST", f"{BASE}/transitions", {"to": "self_assessment"}),
    ]
    for method, path, body in steps:
        answer = api.request(method, path, json=body)
        assert answer.is_success, answer.text


def write_until(url: str, writer: int, end: float) -> Told:
    """Write items of the sheet in turn: with the ETag of the item, of the sheet, without, and in batches."""
    told = Told([], Counter())
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {KEY}"}, timeout=30) as api:
        count = 0
        while count < LEAST or time.monotonic() < end:
            item, points = ITEMS[count % len(ITEMS)], (writer * 50_000 + count) / 10_000
            revision = write_once(api, count % 4, item, points, told.statuses)
            if revision is not None:
                told.accepted.append(Written(item, points, revision))
            count += 1
    return told


def write_once(api: httpx.Client, way: int, item: str, points: float, statuses: Counter[int]) -> int | None:
    """One write; the revision that it made, or None where it was refused."""
    path = f"{BASE}/units/22/scores/{item}"
    score = {"stage": "self", "points": points}
    if way == 3:
        row = {"unit": "22", "item": item, **score}
        answer = api.post(f"{BASE}/scores", json={"scores": [row]})
        statuses[answer.status_code] += 1
        return int(answer.json()["revisions"]["22"]) if answer.status_code == 201 else None
    headers = {}
    if way < 2:
        read = api.get(path if way == 0 else f"{BASE}/units/22/sheet")
        headers["If-Match"] = read.headers["ETag"]
    answer = api.put(path, json=score, headers=headers)
    statuses[answer.status_code] += 1
    if answer.status_code == 412:
        assert answer.json()["conflict"]["difference"]
    return int(answer.json()["revision"]) if answer.status_code == 200 else None


def test_no_update_is_lost(database_url: str, tmp_path: Path, stress: bool) -> None:
    seconds = 10 if stress else 1
    with (
        serving(tmp_path, "--workers", "2", database_url=database_url, admin_key=KEY, rate_limit="") as url,
        httpx.Client(base_url=url, headers={"Authorization": f"Bearer {KEY}"}, timeout=30) as api,
        ThreadPoolExecutor(WRITERS) as pool,
    ):
        prepare(api)
        end = time.monotonic() + seconds
        answers = list(pool.map(lambda writer: write_until(url, writer, end), range(WRITERS)))
        sheet = api.get(f"{BASE}/units/22/sheet").json()
    accepted = [written for told in answers for written in told.accepted]
    statuses = sum((told.statuses for told in answers), Counter())
    history = [
        Written(item["code"], entry["points"], entry["revision"])
        for item in sheet["items"]
        for entry in item["history"]
    ]
    assert set(statuses) <= {200, 201, 412}
    assert len(accepted) == statuses[200] + statuses[201] >= WRITERS
    assert sorted(history) == sorted(accepted)  # every accepted write is there, and nothing else
    assert sheet["revision"] == len(accepted)  # each made a revision of its own
    with closing(Database(database_url)) as database, database.read() as session:
        assert audit.verify(session).intact
