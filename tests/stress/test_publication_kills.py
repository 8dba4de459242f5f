"""The process is killed at random points of a publication: it is there whole, once, or not at all."""

import random
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import orjson
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
    api: httpx.Client, process: "subprocess.Popen[bytes]", key: str, seconds: float
) -> None:
    """Ask twice at the same time, as an impatient client does, and kill the service so many seconds later."""

    def ask() -> None:
        with suppress(httpx.TransportError):
            publish(api, key)

    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(ask) for _ in range(2)]
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=seconds)
        process.kill()
        process.wait()
        for each in asked:
            each.result()


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
