"""Public answers kept ahead of the routes: the same bytes, honest counts, and never an old one for long."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from app.infra.packing import Stored
from app.infra.shelf import MOST_BYTES, Shelf, _Space
from tests.conftest import Client, Templates, close, make_app, open_client
from tests.features.test_publications import approved, publish
from tests.features.test_results import group, move, score, start_round

PATIENCE = 20
"""Seconds after which what should come is not waited for any more."""


@pytest.fixture
def public(client: Client) -> Iterator[Client]:
    """A client without a key beside `client`."""
    with open_client(client.app, key=None) as public:
        yield public


def count_reads(client: Client, count_queries: Callable[[Callable[[], object]], int], path: str) -> int:
    """Statements of a read of a ranking, beside that of the revisions, which is due now and then."""
    return min(count_queries(lambda: client.get(path)) for _ in range(3))


def test_an_answer_is_made_once(
    client: Client, public: Client, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    path = f"{approved(client)}/rankings"
    first = public.get(path)
    assert count_reads(public, count_queries, path) == 0
    again = public.get(path)
    assert (again.content, again.headers["ETag"]) == (first.content, first.headers["ETag"])
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    assert "max-age=1" in again.headers["Cache-Control"]
    known = public.get(path, headers={"If-None-Match": again.headers["ETag"]})
    assert (known.status_code, known.content) == (304, b"")
    with_key = client.get(path)
    assert (with_key.content, with_key.headers["Cache-Control"]) == (first.content, "private, no-cache")


def test_who_asks_only_whether_it_changed_is_answered_from_memory(
    client: Client, public: Client, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    """As a CDN does, after something else changed: another round is there, the ranking is the same."""
    base = approved(client)
    path = f"{base}/rankings"
    known = {"If-None-Match": public.get(path).headers["ETag"]}
    other = {"title_vi": "Kỳ khác", "framework": "r@1", "period": "2022", "participants": []}
    assert client.put("/v1/rounds/other", json=other).status_code == 201
    answers = [public.get(path, headers=known)]
    assert min(count_queries(lambda: answers.append(public.get(path, headers=known))) for _ in range(3)) == 0
    assert {(answer.status_code, answer.content) for answer in answers} == {(304, b"")}
    for name, value in (
        ("Cache-Control", "public, max-age=1"),
        ("Vary", "Accept-Encoding, Authorization"),
    ):
        assert {answer.headers[name] for answer in answers} == {value}
    assert {answer.headers["ETag"] for answer in answers} == set(known.values())


def test_what_is_not_shared_is_not_sent_again_either(public: Client) -> None:
    """The feed, at an address that nobody asked for before, and again."""
    known = {"If-None-Match": public.get("/v1/changes", params={"limit": 5}).headers["ETag"]}
    for _ in range(2):
        again = public.get("/v1/changes", params={"limit": 6}, headers=known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == known["If-None-Match"]
    assert public.get("/v1/changes", params={"limit": 7}, headers={"If-None-Match": '"x"'}).json()["items"]


def test_packed_answers_are_the_same(client: Client, public: Client) -> None:
    """12 units make an answer that is worth packing."""
    units = ["01", "02", "04", "06", "08", "10", "11", "12", "14", "15", "17", "19"]
    area = {"code": "a", "name_vi": "a", "reform_area": "procedures", "max_points": 100}
    base = start_round(client, [area], group(*units))
    for number, unit in enumerate(units):
        score(client, base, unit, a=number)
    move(client, base, "final_appraisal", "approved")
    path = f"{base}/rankings"
    plain = public.get(path, headers={"Accept-Encoding": "identity"})
    tags = {plain.headers["ETag"]}
    for accepted, encoding in (("gzip, deflate", "gzip"), ("gzip, br;q=0.9", "br")):
        packed = public.get(path, headers={"Accept-Encoding": accepted})
        assert packed.headers["Content-Encoding"] == encoding
        assert int(packed.headers["Content-Length"]) < len(plain.content)
        assert packed.content == plain.content  # httpx unpacks it
        tags.add(packed.headers["ETag"])
        known = {"If-None-Match": packed.headers["ETag"]}
        assert public.get(path, headers=known).status_code == 304
        assert client.get(path, headers=known).status_code == 304
    assert len(tags) == 3
    refused = public.get(path, headers={"Accept-Encoding": "br;q=0, gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_what_never_changes_stays(
    client: Client, public: Client, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    """The document of a publication and a published criteria set, through writes that everybody sees."""
    base = approved(client)
    publish(client, base)
    document = "/v1/publications/r.1"
    version = "/v1/frameworks/par-province/versions/2020"
    for path in (document, version):
        answers = [public.get(path, headers={"Accept-Encoding": how}) for how in ("identity", "gzip", "br")]
        assert [answer.headers.get("Content-Encoding") for answer in answers] == [None, "gzip", "br"]
        assert {answer.content for answer in answers} == {client.get(path).content}
        assert len({answer.headers["ETag"] for answer in answers}) == 3
        assert {answer.headers["Cache-Control"] for answer in answers} == {
            "public, max-age=31536000, immutable"
        }
        for answer in answers:
            known = {"If-None-Match": answer.headers["ETag"]}
            for reader in (public, client):
                again = reader.get(path, headers=known)
                assert (again.status_code, "immutable" in again.headers["Cache-Control"]) == (304, True)
    sent = client.post(f"{base}/transitions", json={"to": "correction", "reason": "cộng sai"})
    assert sent.status_code == 200
    for path in (document, version):
        assert count_queries(lambda path=path: public.get(path)) == 0  # type: ignore[misc]
    assert public.get(document).headers["Link"] == f'<{document}/signature>; rel="describedby"'


def test_a_criteria_set_is_answered_in_the_form_that_is_asked_for(client: Client, public: Client) -> None:
    """From the shelf as from the routes; a draft is nobody's without a key."""
    path = "/v1/frameworks/par-province/versions/2020"
    document = public.get(path).json()
    for accepted, kind in (
        ("application/yaml", "application/yaml"),
        ("*/*", "application/json"),
        ("application/json;q=0.5, application/yaml", "application/yaml"),
        ("text/html", "application/json"),
    ):
        answer = public.get(path, headers={"Accept": accepted})
        assert answer.headers["Content-Type"].startswith(kind), accepted
        assert "Accept" in answer.headers["Vary"]
    draft = {k: v for k, v in document.items() if k not in ("state", "sha256")} | {"version": "draft"}
    assert client.put(path.replace("2020", "draft"), json=draft).status_code == 201
    hidden = public.get(path.replace("2020", "draft"))
    assert (hidden.status_code, hidden.headers["Cache-Control"]) == (401, "no-store")
    seen = client.get(path.replace("2020", "draft"))
    assert (seen.status_code, seen.headers["Cache-Control"]) == (200, "private, no-cache")


def test_the_memory_of_the_shelf_is_bounded() -> None:
    """Three answers of 12 MB, kept as they are and packed, do not fit into 64 MB; one of 17 is not kept."""
    space = _Space()
    for number in range(3):
        space.keep((f"/{number}", b""), stored(12))
    assert list(space.found) == [("/1", b""), ("/2", b"")]
    assert 48_000_000 < space.size <= MOST_BYTES
    space.keep(("/2", b""), stored(17))
    assert list(space.found) == [("/1", b"")]
    assert 24_000_000 < space.size < 26_000_000


def stored(megabytes: int) -> Stored:
    """An answer of a size."""
    return Stored(None, b'"e"', [(b"content-type", b"application/json")], bytes(megabytes * 1_000_000))


def test_nothing_is_remembered_of_long_addresses(client: Client, public: Client) -> None:
    path = f"{approved(client)}/rankings"
    shelf: Any = client.app.middleware_stack
    while not isinstance(shelf, Shelf):
        shelf = shelf.app
    for query in ("?", "?limit=1"):
        assert public.get(path + query).status_code == 200
    assert public.get(f"{path}?cursor={'x' * 500}").status_code == 422
    assert public.get(f"/v1/units/{'x' * 500}").status_code == 404
    kept = [*shelf.private, *shelf.latest.found, *shelf.lasting.found]
    assert kept
    assert max(len(path) + len(query) for path, query in kept) < 100


def test_what_is_answered_from_the_shelf_is_counted(templates: Templates, tmp_path: Path) -> None:
    """Five requests a minute: the sixth is refused, whoever would have answered it."""
    with templates.copy(templates.loaded) as url:
        app = make_app(url, files_folder=tmp_path, rate_limit_anonymous="5/minute")
        with open_client(app, key=None) as public:
            path = "/v1/rounds/par-province-2020/rankings"
            answers = [public.get(path) for _ in range(6)]
            assert [answer.status_code for answer in answers] == [200] * 5 + [429]
            left = [answer.headers["RateLimit-Remaining"] for answer in answers[:5]]
            assert left == ["4", "3", "2", "1", "0"]
            counted = public.get("/metrics").text
        close(app)
    assert 'method="GET",route="/rounds/{round}/rankings",status="200"} 5.0' in counted


def test_another_worker_shows_a_correction_soon_and_never_goes_back(
    client: Client, database_url: str, tmp_path: Path
) -> None:
    """Two applications over one database, as two workers are. 01 has 65, then 70."""
    base = approved(client)
    publish(client, base)
    other: FastAPI = make_app(database_url, files_folder=tmp_path / "other")
    with open_client(other, key=None) as public:

        def points() -> float:
            return float(public.get(f"{base}/indices/01").json()["points"])

        assert points() == 65
        sent = client.post(f"{base}/transitions", json={"to": "correction", "reason": "cộng sai"})
        assert sent.status_code == 200
        score(client, base, "01", "final", "phúc tra", a=45)
        assert points() == 65
        publish(client, base, reason="đính chính")
        seen, until = [], time.monotonic() + PATIENCE
        while time.monotonic() < until and seen[-5:] != [70] * 5:
            seen.append(points())
        assert seen[-1] == 70
        assert sorted(seen) == seen
    close(other)


def test_many_who_ask_at_once_get_the_same(client: Client, public: Client) -> None:
    path = f"{approved(client)}/rankings"
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: public.get(path), range(64)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


def test_whoever_writes_sees_it_at_once(client: Client, public: Client) -> None:
    before = public.get("/v1/units", params={"q": "hai phong"}).json()
    unit = {"name_vi": "Quận Hải Phòng thử", "kind": "district", "parent_code": "31"}
    days = {"valid_from": "2012-01-01", "valid_to": None}
    sent = client.put("/v1/units/31.thu", json={**unit, **days, "kind": "ward"})
    assert sent.status_code == 201, sent.text
    after = public.get("/v1/units", params={"q": "hai phong"}).json()
    assert len(after["items"]) == len(before["items"]) + 1
