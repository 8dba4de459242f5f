"""Results that are held back: until the very instant, and who saw them before."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from app.features.publications.schemas import PublicationCreate
from app.features.publications.service import publishing
from app.infra.auth import operator
from app.infra.errors import ConflictError
from app.infra.signing import SigningKey
from tests.clients import make_client
from tests.conftest import Client, close, make_app, open_client
from tests.features.test_publications import DECISION, KEY, approved, document_of, publish


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[FastAPI]:
    """The real application with a key of its own."""
    app = make_app(database_url, files_folder=tmp_path / "files", signing_key=KEY)
    yield app
    close(app)


def test_before_its_release_nobody_else_sees_anything(client: Client) -> None:
    """Asked without pause until the very instant, and after it."""
    base = approved(client, datetime.now(UTC) + timedelta(hours=1))
    with (
        open_client(client.app, key=None) as public,
        open_client(client.app, make_client(client.app, ["results:read_unpublished"])) as ministry,
        open_client(client.app, make_client(client.app, ["results:read_unpublished@01"])) as unit,
        open_client(client.app, make_client(client.app, ["scores:appraise"])) as appraiser,
    ):
        assert public.get(f"{base}/rankings").status_code == 401
        release = datetime.now(UTC) + timedelta(seconds=3)  # sooner than the approval said
        made = publish(client, base, release_at=release.isoformat())
        assert datetime.fromisoformat(made["release_at"]) == release
        paths = [f"{base}/rankings", f"{base}/indices/01", f"{base}/indices/01/explanation"]
        before = 0
        while True:
            answers = [public.get(path).status_code for path in paths]
            hidden = public.get("/v1/publications/r.1")
            listed = public.get(f"{base}/publications").json()["items"]
            others = [
                (caller, path)
                for caller in (ministry, unit, appraiser)
                for path in ("/v1/publications/r.1", paths[0])
            ]
            seen = [caller.get(path).status_code for caller, path in others]
            if datetime.now(UTC) >= release:
                break
            before += 1
            assert (answers, hidden.status_code, listed) == ([401, 401, 401], 404, [])
            assert hidden.headers["Cache-Control"] == "no-store"
            assert seen == [200, 200, 404, 403, 404, 403]
        assert before
        assert [public.get(path).status_code for path in paths] == [200, 200, 200]
        assert public.get("/v1/publications/r.1").content == client.get("/v1/publications/r.1").content
        assert public.get(f"{base}/publications").json()["items"] == [made]
    seen_early = early_reads(client)
    for path in ("/v1/publications/r.1", paths[0]):
        assert seen_early.count(path) in (
            before,
            before + 1,
        )  # the last may begin before the release


def early_reads(client: Client) -> list[str]:
    """What was read before its release, as the audit log has it, in the order of the paths."""
    query = {"action": "results.read_before_release", "limit": 1000}
    events = client.get("/v1/audit", params=query).json()["items"]
    assert {event["subject"]["round"] for event in events} <= {"r"}
    return sorted(event["subject"]["what"] for event in events)


def test_each_early_read_is_logged(client: Client) -> None:
    """Once each, of whoever may see it, and nothing of who may not."""
    base = approved(client, datetime.now(UTC) + timedelta(days=1))
    publish(client, base)
    indices = [f"{base}/indices", f"{base}/indices/01", f"{base}/indices/01/explanation"]
    paths = [*indices, f"{base}/publications", f"{base}/rankings"]
    paths += ["/v1/publications/r.1", "/v1/publications/r.1/signature"]
    with open_client(client.app, make_client(client.app, ["results:read_unpublished"])) as ministry:
        assert [ministry.get(path).status_code for path in paths] == [200] * len(paths)
    assert early_reads(client) == sorted(paths)
    with open_client(client.app, make_client(client.app, ["scores:appraise"])) as appraiser:
        seen = [appraiser.get(path).status_code for path in paths]
        assert seen == [403, 403, 403, 200, 403, 404, 404]
        assert appraiser.get(f"{base}/publications").json()["items"] == []
    assert early_reads(client) == sorted(paths)


def test_what_was_public_is_not_held_back(client: Client) -> None:
    """A round that was approved without an embargo; another state has none to begin with."""
    base = approved(client)
    with open_client(client.app, key=None) as public:
        assert public.get(f"{base}/rankings").status_code == 200
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for path, body in (
        ("publications", {"decision": DECISION, "release_at": later}),
        ("transitions", {"to": "published", "release_at": later}),
    ):
        refused = client.post(f"{base}/{path}", json=body)
        assert [error["code"] for error in refused.json()["errors"]] == ["embargo_too_late"], path


def test_a_release_that_passes_while_it_is_published_is_not_moved(client: Client) -> None:
    """The country has read the results by then: they are not hidden again. By a clock that the test sets."""
    planned = datetime.now(UTC) + timedelta(hours=1)
    base, second = approved(client, planned), timedelta(seconds=1)
    later, sooner = planned + timedelta(days=1), planned - timedelta(minutes=1)
    database = client.app.state.database

    def publish_until(done: datetime, release: datetime | None) -> datetime | None:
        said = PublicationCreate.model_validate({"decision": DECISION, "release_at": release})
        clock = iter([planned - second, done])
        with Session(database.engine.execution_options(begin="BEGIN IMMEDIATE")) as session:
            made = publishing.publish(
                session, "r", said, operator("test"), SigningKey.load(KEY), clock.__next__
            )
            return made.release_at  # nothing is kept

    with pytest.raises(ConflictError) as refused:
        publish_until(planned + second, later)
    assert refused.value.code == "embargo_too_late"
    assert client.get(f"{base}/publications").json()["items"] == []
    assert publish_until(planned - second, later) == later
    assert publish_until(planned + second, None) == planned
    assert publish_until(planned + second, sooner) == planned - second  # which was past already


def test_a_release_in_the_past_is_now(client: Client) -> None:
    """Nobody could see before what was published just now."""
    base = approved(client, datetime.now(UTC) + timedelta(hours=1))
    asked = datetime.now(UTC)
    made = publish(client, base, release_at="2001-01-01T00:00:00Z")
    assert asked <= datetime.fromisoformat(made["release_at"]) <= datetime.now(UTC)
    document = document_of(client, made)
    assert datetime.fromisoformat(document["release_at"]) == datetime.fromisoformat(made["release_at"])
    with open_client(client.app, key=None) as public:
        assert public.get(f"{base}/rankings").status_code == 200
