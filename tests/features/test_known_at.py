"""Rankings as they were known at an instant: before, in and after a correction, and around a release."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from tests.clients import make_client
from tests.conftest import Client, make_app, open_client
from tests.features.test_publications import DECISION, KEY, approved, publish
from tests.features.test_results import FIGURES, PEOPLE, error, get, group, move, put, score, start_round


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[FastAPI]:
    """The real application, for which every instant of the past is settled."""
    app = make_app(database_url, files_folder=tmp_path / "files", signing_key=KEY, settled_seconds=0)
    yield app
    app.state.database.close()


def points(client: Client, base: str, at: datetime | None = None) -> dict[str, float]:
    """Unit -> points; ranking and indices must agree."""
    query: dict[str, Any] = {} if at is None else {"known_at": at.isoformat()}
    body = get(client, f"{base}/rankings", **query)
    assert (body["known_at"] and datetime.fromisoformat(body["known_at"])) == at
    ranked = {item["unit"]["code"]: item["points"] for item in body["items"]}
    listed = {i["unit"]["code"]: i["points"] for i in get(client, f"{base}/indices", **query)["items"]}
    assert listed == ranked
    for unit, of_unit in ranked.items():
        assert get(client, f"{base}/indices/{unit}", **query)["points"] == of_unit
    return ranked


def test_before_in_and_after_a_correction(app: FastAPI, client: Client) -> None:
    """01 has 65 of 100; the correction gives it 45 instead of 40 for a: 70."""
    base = approved(client)
    publish(client, base)
    published = datetime.now(UTC)
    body = {"to": "correction", "reason": "Sai số liệu"}
    assert client.post(f"{base}/transitions", json=body).status_code == 200
    score(client, base, "01", "final", "Cộng sót 5 điểm", a=45)
    correcting = datetime.now(UTC)
    publish(client, base, reason="Cộng sót 5 điểm")
    corrected = datetime.now(UTC)
    with open_client(app, key=None) as public:
        assert points(public, base)["01"] == 70
        assert points(public, base, published)["01"] == 65
        assert points(public, base, correcting)["01"] == 65
        assert points(public, base, corrected)["01"] == 70
    assert points(client, base, correcting)["01"] == 70  # who sees corrections before they are published
    assert points(client, base, published)["01"] == 65
    statuses = {
        at: get(client, f"{base}/rankings", known_at=at.isoformat())["status"]
        for at in (published, correcting, corrected)
    }
    assert set(statuses.values()) == {"published"}


def test_a_running_correction_tells_the_public_nothing(app: FastAPI, client: Client) -> None:
    """The answer keeps its bytes and ETag while scores are corrected; who may see them gets a new one."""
    base = approved(client)
    publish(client, base)
    client.post(f"{base}/transitions", json={"to": "correction", "reason": "Sai số liệu"})
    with open_client(app, key=None) as public:
        seen = [public.get(f"{base}/rankings"), client.get(f"{base}/rankings")]
        score(client, base, "01", "final", "Cộng sót 5 điểm", a=45)
        after = [public.get(f"{base}/rankings"), client.get(f"{base}/rankings")]
    assert (after[0].content, after[0].headers["ETag"]) == (seen[0].content, seen[0].headers["ETag"])
    assert after[1].headers["ETag"] != seen[1].headers["ETag"]


def test_an_answer_about_the_past_never_changes(client: Client) -> None:
    """Neither its bytes nor its ETag, whatever is corrected later."""
    base = approved(client)
    publish(client, base)
    query = {"known_at": datetime.now(UTC).isoformat()}
    before = client.get(f"{base}/rankings", params=query)
    client.post(f"{base}/transitions", json={"to": "correction", "reason": "Sai số liệu"})
    score(client, base, "01", "final", "Cộng sót 5 điểm", a=45)
    publish(client, base, reason="Cộng sót 5 điểm", decision={**DECISION, "issued_on": "2022-12-31"})
    after = client.get(f"{base}/rankings", params=query)
    assert (after.content, after.headers["ETag"]) == (before.content, before.headers["ETag"])
    file = client.get(f"{base}/rankings", params={**query, "format": "jsonstat"}).json()
    assert file["updated"] == DECISION["issued_on"]  # the day of the decision of then
    instants = [datetime.fromisoformat(each["known_at"]) for each in (file["extension"], query)]
    assert instants[0] == instants[1]
    refused = client.get(f"{base}/rankings", params={**query, "format": "sdmx"})
    assert error(refused) == (422, "/query/format", "format_of_now_alone")
    unchanged = client.get(f"{base}/rankings", params=query, headers={"If-None-Match": after.headers["ETag"]})
    assert unchanged.status_code == 304
    now = client.get(f"{base}/rankings")
    assert now.headers["ETag"] != after.headers["ETag"]


def test_figures_as_they_were_reported(app: FastAPI, client: Client) -> None:
    """50 of 100, then 80 of 100 dossiers are 20 and 32 of 40 points; 90 after the approval change nothing."""
    base = start_round(client, FIGURES, group("01"))
    url = "/v1/units/01/dossier-statistics/2021"
    put(client, url, received=100, resolved=50)
    first = datetime.now(UTC)
    put(client, url, received=100, resolved=80)
    second = datetime.now(UTC)
    put(client, "/v1/units/01/measures/plan_tasks/2021", numerator=1, denominator=2)
    score(client, base, "01", people=10)
    move(client, base, "final_appraisal", "approved")
    put(client, url, received=100, resolved=90)
    fixed = datetime.now(UTC)
    assert points(client, base, first) == {"01": 20}
    assert points(client, base, second) == {"01": 32}
    assert points(client, base, fixed) == points(client, base) == {"01": 32 + 15 + 10}
    with open_client(app, key=None) as public:
        assert points(public, base, fixed) == {"01": 57}
        refused = public.get(f"{base}/rankings", params={"known_at": second.isoformat()})
        assert (refused.status_code, refused.json()["code"]) == (401, "key_missing")


def test_a_release_to_the_microsecond(app: FastAPI, client: Client) -> None:
    """What was held back at an instant, its answer holds back for good, though all is public today."""
    base = approved(client, datetime.now(UTC) + timedelta(hours=1))
    release = datetime.now(UTC) + timedelta(seconds=0.5)
    made = publish(client, base, release_at=release.isoformat())
    release = datetime.fromisoformat(made["release_at"])  # later than planned on a slow machine
    with open_client(app, key=None) as public:
        until = datetime.now(UTC) + timedelta(seconds=20)
        while public.get(f"{base}/rankings").status_code != 200:
            assert datetime.now(UTC) < until
        assert points(public, base, release)["02"] == 100
        early = {"known_at": (release - timedelta(microseconds=1)).isoformat()}
        assert public.get(f"{base}/rankings", params=early).status_code == 401
    assert get(client, f"{base}/rankings", **early)["status"] == "published"


def test_an_embargo_holds_back_the_past_too(app: FastAPI, client: Client) -> None:
    """Final appraisal already had the points that are held back now."""
    base = start_round(client, PEOPLE, group("01", "02"))
    score(client, base, "01", a=40)
    appraised = {"known_at": datetime.now(UTC).isoformat()}
    move(client, base, "final_appraisal")
    held = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert client.post(f"{base}/transitions", json={"to": "approved", "release_at": held}).status_code == 200
    with (
        open_client(app, make_client(app, ["scores:appraise"])) as appraiser,
        open_client(app, make_client(app, ["results:read_unpublished"])) as ministry,
    ):
        for path in (f"{base}/rankings", f"{base}/indices", f"{base}/indices/01"):
            assert appraiser.get(path, params=appraised).status_code == 403
            assert ministry.get(path, params=appraised).status_code == 200
    read = client.get("/v1/audit", params={"action": "results.read_before_release"}).json()["items"]
    assert len(read) == 3


def test_a_plus_that_was_not_escaped_is_understood(client: Client) -> None:
    """In an address `+` stands for a space; everybody forgets."""
    base = approved(client)
    at = datetime.now(timezone(timedelta(hours=7))).isoformat()
    assert at.endswith("+07:00")
    answer = client.get(f"{base}/rankings?known_at={at}")
    assert answer.status_code == 200, answer.text
    assert datetime.fromisoformat(answer.json()["known_at"]) == datetime.fromisoformat(at)


def test_a_unit_sees_of_the_past_what_it_saw(app: FastAPI, client: Client) -> None:
    """While the round ran, its own index alone; nothing of it before the round began."""
    drafted = datetime.now(UTC)
    base = start_round(client, PEOPLE, group("01", "02"))
    score(client, base, "01", a=40)
    running = {"known_at": datetime.now(UTC).isoformat()}
    move(client, base, "final_appraisal", "approved")
    with open_client(app, make_client(app, ["scores:self@01"])) as unit:
        (own,) = get(unit, f"{base}/indices", **running)["items"]
        assert (own["unit"]["code"], own["points"], own["rank"]) == ("01", 40, None)
        assert unit.get(f"{base}/rankings", params=running).json()["code"] == "ranking_needs_all"
        assert unit.get(f"{base}/indices/02", params=running).status_code == 403
    refused = client.get(f"{base}/rankings", params={"known_at": drafted.isoformat()})
    assert (refused.status_code, refused.json()["code"]) == (409, "round_not_started")


def test_an_instant_that_is_not_settled_is_refused(database_url: str, client: Client) -> None:
    """Something earlier may still be on its way into the database."""
    base = approved(client)
    with open_client(make_app(database_url, settled_seconds=300)) as careful:
        for minutes in (-4, 1):
            at = datetime.now(UTC) + timedelta(minutes=minutes)
            answer = careful.get(f"{base}/rankings", params={"known_at": at.isoformat()})
            assert error(answer) == (422, "/query/known_at", "known_at_too_late")
            assert "leave known_at out" in answer.json()["errors"][0]["hint"]
        careful.app.state.database.close()
    naive = client.get(f"{base}/rankings", params={"known_at": "2026-05-01T08:00:00"})
    assert naive.status_code == 422
