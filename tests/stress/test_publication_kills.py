"""The service, or one of its workers, is killed at random points of a publication: that is there whole, once,
or not at all."""

import random
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import orjson
import psutil
import pytest
from sqlmodel import col, select

from app.features.audit import service as audit
from app.features.publications.mapping.checking import list_differences
from app.infra.canonical import digest_of
from app.infra.db import Database
from app.infra.signing import is_signed
from app.models import (
    AssessmentRoundRow,
    PublicationDocumentRow,
    PublicationRow,
    RoundTransitionRow,
    SigningKeyRow,
)
from tests.stress.test_kills import served

ROUND = "/v1/rounds/kills"
DECISION = {"number": "01/QĐ", "issued_on": "2021-06-24", "signer": "Bộ trưởng"}


def done(api: httpx.Client, method: str, path: str, body: Any = None) -> Any:
    """The body of an answer that is no refusal."""
    answer = api.request(method, path, json=body)
    assert answer.is_success, answer.text
    return answer.json()


def publish(api: httpx.Client, key: str) -> httpx.Response:
    """Ask for a publication."""
    body = {"decision": DECISION, "reason": "sửa"}
    return api.post(f"{ROUND}/publications", json=body, headers={"Idempotency-Key": key})


def prepare(api: httpx.Client) -> None:
    """An approved round of all provinces."""
    found = done(api, "GET", "/v1/units?kind=province&valid_on=2020-12-31&limit=100")["items"]
    units = [unit["code"] for unit in found]
    said = {"title_vi": "Kỳ thử", "framework": "par-department-thanh-hoa@2024", "period": "2020"}
    done(api, "PUT", ROUND, {**said, "participants": [{"group": "all", "units": units}]})
    for state in ("self_assessment", "appraisal"):
        done(api, "POST", f"{ROUND}/transitions", {"to": state})
    scores = [{"unit": u, "item": "total", "stage": "final", "points": n} for n, u in enumerate(units, 1)]
    done(api, "POST", f"{ROUND}/scores", {"scores": scores})
    done(api, "POST", f"{ROUND}/transitions", {"to": "approved"})


def correct(api: httpx.Client, points: float) -> None:
    """Open the round again, and give one province other points."""
    done(api, "POST", f"{ROUND}/transitions", {"to": "correction", "reason": "phúc tra"})
    score = {"unit": "01", "item": "total", "stage": "final", "points": points, "reason": "phúc tra"}
    done(api, "POST", f"{ROUND}/scores", {"scores": [score]})


def publish_until_killed(
    api: httpx.Client, process: "subprocess.Popen[bytes] | psutil.Process", key: str, seconds: float
) -> int:
    """Ask twice at the same time, as an impatient client does, and kill a process of the service so many
    seconds later; how many of the two were not answered."""

    def ask() -> bool:
        with suppress(httpx.TransportError):
            publish(api, key)
            return True
        return False

    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(ask) for _ in range(2)]
        with pytest.raises((subprocess.TimeoutExpired, psutil.TimeoutExpired)):
            process.wait(timeout=seconds)
        process.kill()
        process.wait()
        return sum(not each.result() for each in asked)


def published(database: Database) -> int:
    """How many publications there are, in one snapshot in which everything agrees: rows, documents,
    signatures, keys, the state of the round, and the audit log."""
    with database.read() as session:
        rows = session.exec(select(PublicationRow).order_by(col(PublicationRow.number))).all()
        contents = {row.publication_id: row.content for row in session.exec(select(PublicationDocumentRow))}
        keys = [orjson.loads(row.public_key) for row in session.exec(select(SigningKeyRow))]
        moves = session.exec(select(RoundTransitionRow.to_state).order_by(col(RoundTransitionRow.revision)))
        states: Sequence[str] = moves.all()
        state = session.exec(select(AssessmentRoundRow.state)).one()
        assert audit.verify(session).intact
    assert [row.id for row in rows] == [f"kills.{number}" for number in range(1, len(rows) + 1)]
    assert [row.supersedes_id for row in rows] == [None, *(row.id for row in rows)][: len(rows)]
    assert contents.keys() == {row.id for row in rows}
    assert {key["kid"] for key in keys} == {row.kid for row in rows}
    for row in rows:
        assert row.sha256 == digest_of(contents[row.id])
        assert is_signed(contents[row.id], row.jws, keys)
    assert states.count("published") == len(rows)
    assert state == states[-1]
    return len(rows)


def test_a_publication_is_whole_once_or_not_at_all(database_url: str, tmp_path: Path, stress: bool) -> None:
    """The whole service is killed and started again. The short form says that a restart and a retry end well;
    that kills hit before and after the commit is certain in the long one alone."""
    kills = 50 if stress else 2
    chance = random.Random(kills)  # noqa: S311 - the same moments in every run, as far as clocks allow
    reach, outcomes = 0.3, []
    with closing(Database(database_url)) as database:
        for number in range(1, kills + 2):
            with served(tmp_path, database_url) as (api, process):
                if number == 1:
                    prepare(api)
                else:
                    outcomes.append(published(database))
                    assert outcomes[-1] in (number - 2, number - 1)
                    finish(api, number - 1)
                    assert published(database) == number - 1
                    correct(api, number / 100)
                if number <= kills:
                    publish_until_killed(api, process, f"key {number}", chance.uniform(0.5, 1) * reach)
                    reach *= (
                        0.8 if published(database) == number else 1.25
                    )  # towards the moment of the commit
    lost = sum(there < number for number, there in enumerate(outcomes, 1))
    assert len(outcomes) == kills
    assert not stress or 0 < lost < kills


def workers_of(process: "subprocess.Popen[bytes]") -> list[psutil.Process]:
    """The workers that there are just now."""
    below = psutil.Process(process.pid).children()
    return [each for each in below if any("spawn_main" in part for part in each.cmdline())]


def wait_for_workers(process: "subprocess.Popen[bytes]") -> list[psutil.Process]:
    """Both, as soon as the one that was killed has a successor."""
    until = time.monotonic() + 60
    while len(found := workers_of(process)) < 2:
        assert time.monotonic() < until
    return found


def is_answered(api: httpx.Client, key: str) -> bool:
    """Whether the same request reaches a worker that lives."""
    with suppress(httpx.TransportError):
        return publish(api, key).status_code == 201
    return False


def test_another_worker_takes_over(database_url: str, tmp_path: Path, stress: bool) -> None:
    """One of two workers is killed, and replaced; whoever asks again is answered, once, by the other one or
    by the new one. In the long form alone: two workers take up to a minute to start on a busy machine."""
    kills = 20
    if not stress:
        return
    chance = random.Random(kills)  # noqa: S311 - the same moments in every run, as far as clocks allow
    cut = 0
    with (
        closing(Database(database_url)) as database,
        served(tmp_path, database_url, "--workers", "2") as (api, process),
    ):
        prepare(api)
        for number in range(1, kills + 1):
            victim = chance.choice(wait_for_workers(process))
            cut += publish_until_killed(api, victim, f"key {number}", chance.uniform(0, 0.3))
            assert published(database) in (number - 1, number)
            until = time.monotonic() + 60
            while not is_answered(api, f"key {number}"):
                assert time.monotonic() < until
            assert published(database) == number
            finish(api, number)
            correct(api, number / 100)
        for each in [*workers_of(process), process]:
            each.kill()  # while a worker starts, the service does not hear that it should end
    assert cut


def finish(api: httpx.Client, number: int) -> None:
    """The same request again, until it is answered: once it was, it is answered the same."""
    answer = publish(api, f"key {number}")
    assert (answer.status_code, answer.json().get("id")) == (201, f"kills.{number}"), answer.text
    assert publish(api, f"key {number}").content == answer.content
    other = publish(api, f"another key {number}")
    assert (other.status_code, other.json()["code"]) == (409, "round_not_publishable")
    document = done(api, "GET", f"/v1/publications/kills.{number}")
    assert len(document["corrections"]) > 0 or number == 1
    assert not list_differences(document)
