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
    base = approved(client, datetime.now(UTC) + timedelta(hours=1))
    paths = [f"{base}/rankings", f"{base}/indices/01", f"{base}/indices/01/explanation"]
    with open_client(client.app, key=None) as public:
        assert public.get(f"{base}/rankings").status_code == 401
        publish(client, base)
        assert [public.get(path).status_code for path in paths] == [401, 401, 401]
        hidden = public.get("/v1/publications/r.1")
        assert (hidden.status_code, hidden.headers["Cache-Control"]) == (404, "no-store")
        assert public.get(f"{base}/publications").json()["items"] == []
    for grant, seen in (
        ("results:read_unpublished", [200, 200]),
        ("results:read_unpublished@01", [404, 403]),
        ("scores:appraise", [404, 403]),
    ):
        with open_client(client.app, make_client(client.app, [grant])) as caller:
            assert [caller.get(p).status_code for p in ("/v1/publications/r.1", paths[0])] == seen, grant


def test_at_its_release_everybody_sees_everything(client: Client) -> None:
    """Asked without pause until the very instant, and after it. It is sooner than the approval said, and in
    two seconds, or, on a slow machine, when it is published."""
    base = approved(client, datetime.now(UTC) + timedelta(hours=1))
    paths = [f"{base}/rankings", f"{base}/indices/01", f"{base}/indices/01/explanation"]
    with (
        open_client(client.app, key=None) as public,
        open_client(client.app, make_client(client.app, ["results:read_unpublished"])) as ministry,
    ):
        planned = datetime.now(UTC) + timedelta(seconds=2)
        made = publish(client, base, release_at=planned.isoformat())
        release = datetime.fromisoformat(made["release_at"])
        assert release >= planned
        early = 0
        while True:
            answers = [public.get(path).status_code for path in paths]
            hidden = public.get("/v1/publications/r.1")
            listed = public.get(f"{base}/publications").json()["items"]
            seen = [ministry.get(path).status_code for path in (paths[0], "/v1/publications/r.1")]
            assert seen == [200, 200]
            if datetime.now(UTC) >= release:
                break
            early += 1
            assert (answers, hidden.status_code, listed) == ([401, 401, 401], 404, [])
        assert [public.get(path).status_code for path in paths] == [200, 200, 200]
        assert public.get("/v1/publications/r.1").content == client.get("/v1/publications/r.1").content
        assert public.get(f"{base}/publications").json()["items"] == [made]
    for path in ("/v1/publications/r.1", paths[0]):
        assert early_reads(client).count(path) - early in (0, 1)  # the last may begin before the release


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


def test_who_has_it_already_reads_it_early_too(client: Client) -> None:
    """A 304 says that what one has is still so."""
    base = approved(client, datetime.now(UTC) + timedelta(days=1))
    publish(client, base)
    paths = ["/v1/publications/r.1", f"{base}/indices", f"{base}/indices/01", f"{base}/rankings"]
    with open_client(client.app, make_client(client.app, ["results:read_unpublished"])) as ministry:
        for path in paths:
            known = {"If-None-Match": ministry.get(path).headers["ETag"]}
            assert ministry.get(path, headers=known).status_code == 304
    assert early_reads(client) == sorted([*paths, *paths])


def test_what_was_public_is_not_held_back(client: Client) -> None:
    """A round that was approved without an embargo; another state has none to begin with."""
    base = approved(client)
    with open_client(client.app, key=None) as public:
        assert public.get(f"{base}/rankings").status_code == 200
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for path, body, code in (
        ("publications", {"decision": DECISION, "release_at": later}, "embargo_too_late"),
        ("transitions", {"to": "published", "release_at": later}, "embargo_not_here"),
    ):
        refused = client.post(f"{base}/{path}", json=body)
        assert [error["code"] for error in refused.json()["errors"]] == [code], path


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
