"""Idempotency-Key: the same POST again gets the same answer, byte for byte, and nothing is done twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import httpx
import pytest
from sqlalchemy import func, text
from sqlmodel import select, update

from app.models import AuditEventRow, ClientRow, KeptAnswerRow, ScoreEntryRow, SheetSubmissionRow
from tests.clients import make_client
from tests.conftest import Client, open_client

ITEM = {"rule": {"kind": "manual", "step": None}}
SET = {
    "code": "one",
    "version": "1",
    "title_vi": "Bộ thử nghiệm",
    "level": "province",
    "status": "illustrative",
    "total_points": 10,
    "applies": {"from": "2021-01-01"},
    "areas": [
        {"code": "1", "name_vi": "Lĩnh vực 1", "reform_area": "procedures", "max_points": 10, **ITEM},
    ],
}
ROUND = {
    "title_vi": "Kỳ thử nghiệm",
    "framework": "one@1",
    "period": "2021",
    "participants": [{"group": "all", "units": ["22", "24"]}],
}


@pytest.fixture
def base(client: Client) -> str:
    """A round in self-assessment of Quảng Ninh (22) and Bắc Giang (24); its URL."""
    url = "/v1/frameworks/one/versions/1"
    assert client.put(url, json=SET).status_code == 201
    assert client.post(f"{url}/publish").status_code == 200
    assert client.put("/v1/rounds/r", json=ROUND).status_code == 201
    assert client.post("/v1/rounds/r/transitions", json={"to": "self_assessment"}).status_code == 200
    return "/v1/rounds/r"


def scores(points: float, unit: str = "22") -> dict[str, Any]:
    """A batch of one score."""
    return {"scores": [{"unit": unit, "item": "1", "stage": "self", "points": points}]}


def post(client: Client, url: str, body: Any, key: str = "k1") -> httpx.Response:
    """A POST with an Idempotency-Key."""
    return client.post(url, json=body, headers={"Idempotency-Key": key})


def count(client: Client, table: Any) -> int:
    """Rows of a table."""
    with client.app.state.database.read() as session:
        return int(session.exec(select(func.count()).select_from(table)).one())


def said(answer: httpx.Response) -> tuple[Any, ...]:
    """All that must be the same again."""
    return answer.status_code, answer.content, *map(answer.headers.get, ("ETag", "Location", "Content-Type"))


def replayed(answer: httpx.Response) -> bool:
    """Whether it was answered before."""
    return answer.headers.get("Idempotency-Replayed") == "true"


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Status, and the code of the first error."""
    return answer.status_code, answer.json()["errors"][0]["code"]


Work = tuple[str, Any, Any]


@pytest.mark.parametrize(
    "work",
    [
        ("/v1/rounds/r/scores", scores(5), ScoreEntryRow),
        ("/v1/rounds/r/transitions", {"to": "appraisal"}, AuditEventRow),
        ("/v1/rounds/r/units/22/sheet/submit", {"note": "đã xong"}, SheetSubmissionRow),
        ("/v1/clients/so/revoke", None, AuditEventRow),
    ],
)
def test_the_same_request_again_gets_the_same_answer(client: Client, base: str, work: Work) -> None:
    make_client(client.app, ["scores:self@22"], code="so")
    url, body, table = work
    before, events = count(client, table), count(client, AuditEventRow)
    first = post(client, url, body)
    assert first.is_success, first.text
    again = [post(client, url, body) for _ in range(2)]
    assert [said(answer) for answer in again] == [said(first)] * 2
    assert [replayed(answer) for answer in (first, *again)] == [False, True, True]
    assert count(client, table) == before + 1
    assert count(client, AuditEventRow) == events + 1
    if url.endswith("submit"):
        assert first.headers["ETag"]


def test_a_client_is_made_once(client: Client) -> None:
    """That its key is not shown again is in test_clients."""
    body = {"code": "so", "name": "Sở", "grants": [{"scope": "publish"}]}
    first, again = post(client, "/v1/clients", body), post(client, "/v1/clients", body)
    assert (first.status_code, again.status_code, replayed(again)) == (201, 201, True)
    assert count(client, ClientRow) == 1
    with client.app.state.database.read() as session:
        (kept,) = session.exec(select(KeptAnswerRow))
    assert first.json()["key"].encode() not in kept.body


def test_without_a_key_a_request_is_done_each_time(client: Client, base: str) -> None:
    for points in (5, 6):
        answer = client.post(f"{base}/scores", json=scores(points))
        assert (answer.status_code, replayed(answer)) == (201, False)
    assert count(client, ScoreEntryRow) == 2
    assert count(client, KeptAnswerRow) == 0


@pytest.mark.parametrize(
    ("url", "body"),
    [
        ("/v1/rounds/r/scores", scores(6)),
        ("/v1/rounds/r/scores?dry_run=true", scores(5)),
        ("/v1/rounds/r/transitions", {"to": "appraisal"}),
    ],
)
def test_a_key_belongs_to_one_request(client: Client, base: str, url: str, body: Any) -> None:
    assert post(client, f"{base}/scores", scores(5)).status_code == 201
    other = post(client, url, body)
    assert code_of(other) == (422, "idempotency_key_reused")
    assert other.json()["errors"][0]["pointer"] == "/header/Idempotency-Key"
    assert count(client, ScoreEntryRow) == 1
    assert client.get(base).json()["state"] == "self_assessment"
    assert replayed(post(client, f"{base}/scores", scores(5)))


def test_keys_of_different_clients_are_different_keys(client: Client, base: str) -> None:
    with open_client(client.app, make_client(client.app, ["scores:self@24"])) as other:
        mine = post(client, f"{base}/scores", scores(5))
        theirs = post(other, f"{base}/scores", scores(7, "24"))
        assert [mine.status_code, theirs.status_code, replayed(theirs)] == [201, 201, False]
    with open_client(client.app, make_client(client.app, ["scores:self@24"])) as third:
        # the answer of somebody else is not shown to whoever knows the key
        assert post(third, f"{base}/scores", scores(5)).status_code == 403
    assert count(client, ScoreEntryRow) == 2


def test_after_a_day_a_key_is_free_again(client: Client, base: str) -> None:
    assert post(client, f"{base}/scores", scores(5)).status_code == 201
    for age, again in ((timedelta(hours=23, minutes=59), True), (timedelta(hours=24, minutes=1), False)):
        with client.app.state.database.write() as session:
            session.exec(update(KeptAnswerRow).values(recorded_at=datetime.now(UTC) - age))
        assert replayed(post(client, f"{base}/scores", scores(5))) is again
    # a new key: another body is another request now, and refused again
    assert post(client, f"{base}/scores", scores(6)).status_code == 422
    assert count(client, KeptAnswerRow) == 1


@pytest.mark.parametrize(
    ("url", "body", "status"),
    [
        ("/v1/rounds/r/scores", scores(11), 422),
        ("/v1/rounds/r/scores", {"scores": 1}, 422),
        ("/v1/rounds/r/transitions", {"to": "published"}, 409),
        ("/v1/rounds/none/scores", scores(5), 404),
    ],
)
def test_a_refusal_is_not_kept(client: Client, base: str, url: str, body: Any, status: int) -> None:
    assert post(client, url, body).status_code == status
    assert count(client, KeptAnswerRow) == 0
    assert post(client, f"{base}/scores", scores(5)).status_code == 201


def test_a_rehearsal_is_not_kept(client: Client, base: str) -> None:
    url = f"{base}/scores?dry_run=true"
    answers = [post(client, url, scores(5)) for _ in range(2)]
    assert [(answer.status_code, replayed(answer)) for answer in answers] == [(200, False)] * 2
    assert (count(client, KeptAnswerRow), count(client, ScoreEntryRow)) == (0, 0)
    assert post(client, f"{base}/scores", scores(5)).status_code == 201


def test_a_failure_keeps_nothing(client: Client, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work and its answer are one transaction: where the answer cannot be kept, nothing was done."""

    def fail(*_: Any) -> None:
        raise RuntimeError("the power went out")

    client.event_hooks = {}  # no document tells of 500
    with monkeypatch.context() as broken:
        broken.setattr("app.infra.idempotency.keep", fail)
        assert post(client, f"{base}/scores", scores(5)).status_code == 500
    assert (count(client, KeptAnswerRow), count(client, ScoreEntryRow)) == (0, 0)
    assert post(client, f"{base}/scores", scores(5)).status_code == 201


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_has_1_to_255_characters(client: Client, base: str, key: str) -> None:
    answer = post(client, f"{base}/scores", scores(5), key)
    assert code_of(answer) == (422, "wrong_length")
    assert count(client, ScoreEntryRow) == 0


def _at_once(calls: list[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    barrier = Barrier(len(calls))

    def run(call: Callable[[], httpx.Response]) -> httpx.Response:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_of_requests_at_the_same_time_one_is_done(client: Client, base: str) -> None:
    answers = _at_once([lambda: post(client, f"{base}/scores", scores(5))] * 4)
    assert {said(answer) for answer in answers} == {said(answers[0])}
    assert answers[0].status_code == 201
    assert sorted(replayed(answer) for answer in answers) == [False, True, True, True]
    assert (count(client, KeptAnswerRow), count(client, ScoreEntryRow)) == (1, 1)


def test_of_different_requests_at_the_same_time_one_is_refused(client: Client, base: str) -> None:
    answers = _at_once(
        [lambda points=points: post(client, f"{base}/scores", scores(points)) for points in (5, 6)]
    )
    assert sorted(answer.status_code for answer in answers) == [201, 422]
    assert count(client, ScoreEntryRow) == 1


def test_an_upload_that_is_sent_again_is_the_same_request(client: Client) -> None:
    """Every sender parts a multipart body by another text."""
    content = b"%PDF-1.7 one"
    answers = [
        client.post(
            "/v1/evidence/files",
            data={"unit": "22"},
            files={"file": ("a.pdf", content)},
            headers={"Idempotency-Key": "upload-one"},
        )
        for _ in range(2)
    ]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    other = client.post(
        "/v1/evidence/files",
        data={"unit": "22"},
        files={"file": ("a.pdf", content + b" two")},
        headers={"Idempotency-Key": "upload-one"},
    )
    assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "idempotency_key_reused")


def test_a_kept_answer_is_not_for_whoever_lost_the_right(client: Client) -> None:
    """The same key of the same client, after its grants were taken away."""
    body = {"code": "c", "name": "c", "grants": [{"scope": "clients:manage", "unit": "22"}]}
    key = make_client(client.app, ["clients:manage"], code="manager")
    with open_client(client.app, key) as manager:
        header = {"Idempotency-Key": "make-c"}
        assert manager.post("/v1/clients", json=body, headers=header).status_code == 201
        for grants, status in (('["audit:read"]', 403), ('["clients:manage@31"]', 422)):
            with client.app.state.database.write() as session:
                session.execute(
                    text("UPDATE client SET grants = :grants WHERE code = 'manager'"), {"grants": grants}
                )
            assert manager.post("/v1/clients", json=body, headers=header).status_code == status
