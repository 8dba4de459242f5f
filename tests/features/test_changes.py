"""The change feed: gap-free, in the order of commits, silent about what is held back, whole after a pause."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import Session, select

from app.core.access import NATION
from app.infra import audit, changes
from app.infra.auth import operator
from app.infra.db import Database
from app.models import HeldChangeRow
from tests.clients import make_client
from tests.conftest import Client, Templates, close, make_app, open_client
from tests.features.test_publications import KEY, approved, publish
from tests.features.test_results import SET, area, put, score
from tests.features.test_stale_results import read_only

FINDING = {"unit": "22", "period": "2021", "reform_area": "procedures", "finding": "Chậm cập nhật TTHC"}
UNIT = {"kind": "department", "parent_code": "22", "valid_from": "2012-01-01"}
SETS = "/v1/frameworks/x/versions/1"


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[FastAPI]:
    """The real application with a key that signs."""
    app = make_app(database_url, files_folder=tmp_path / "files", signing_key=KEY)
    yield app
    close(app)


def read(client: Client, since: int = 0, limit: int = 1000) -> dict[str, Any]:
    """A page of the feed: its numbers follow one another."""
    answer = client.get("/v1/changes", params={"since": since, "limit": limit})
    assert answer.status_code == 200, answer.text
    feed: dict[str, Any] = answer.json()
    numbers = [item["sequence"] for item in feed["items"]]
    assert numbers == list(range(since + 1, since + 1 + len(numbers)))
    assert feed["next_since"] == (numbers[-1] if numbers else since)
    assert len(numbers) == max(0, min(limit, feed["last"] - since))
    return feed


def told(client: Client, since: int) -> list[tuple[str, str | None, dict[str, str] | None]]:
    """(kind, action, subject) of what came since."""
    return [(i["kind"], i.get("action"), i.get("subject")) for i in read(client, since)["items"]]


def last_of(client: Client) -> int:
    last: int = read(client, limit=1)["last"]
    return last


@contextmanager
def acting(client: Client, *grants: str) -> Iterator[Client]:
    with open_client(client.app, make_client(client.app, grants)) as other:
        yield other


def put_set(client: Client) -> None:
    put(client, SETS, **SET, code="x", areas=[area("a", 100, "procedures")])


def test_every_kind_of_write_is_told_once_and_in_order(client: Client) -> None:
    before = last_of(client)
    put_set(client)
    put_set(client)  # the same again is no change
    assert client.post(f"{SETS}/publish").status_code == 200
    assert client.post(f"{SETS}/publish").status_code == 200
    put(client, "/v1/units/22.so", name_vi="Sở Nội vụ", **UNIT)
    put(client, "/v1/findings/f-1", **FINDING)
    put(client, "/v1/findings/f-1", **FINDING, resolved_on="2022-01-01")
    base = approved(client)
    publish(client, base)
    sent = client.post(f"{base}/transitions", json={"to": "correction", "reason": "cộng sai"})
    assert sent.status_code == 200
    publish(client, base, reason="đính chính")
    r = {"round": "r"}
    assert told(client, before) == [
        ("framework", "put", {"framework": "x@1"}),
        ("framework", "published", {"framework": "x@1"}),
        ("unit", "put", {"unit": "22.so"}),
        ("finding", "put", {"finding": "f-1", "unit": "22"}),
        ("finding", "put", {"finding": "f-1", "unit": "22"}),
        ("framework", "put", {"framework": "r@1"}),
        ("framework", "published", {"framework": "r@1"}),
        ("round", "created", r),
        *[("round", "moved", r)] * 4,
        ("round", "moved", r),
        ("publication", "released", {**r, "publication": "r.1"}),
        ("round", "moved", r),
        ("round", "moved", r),
        ("correction", "released", {**r, "publication": "r.2", "supersedes": "r.1"}),
    ]
    for item in read(client, before)["items"]:
        assert client.get(item["url"]).status_code == 200, item
    (bundled, *_) = read(client, limit=1)["items"]
    assert (bundled["kind"], bundled["action"], bundled["url"]) == ("unit", "loaded", "/v1/units")


def test_each_unit_of_a_file_is_told(client: Client) -> None:
    before = last_of(client)
    rows = "Mã,Tên,Loại,Mã cấp trên,Hiệu lực từ\n22.a,Sở A,department,22,2012-01-01\n"
    rows += "01.b,Sở B,department,01,2012-01-01\n22.c,Sở C,department,22,2012-01-01\n"
    sent = client.post(
        "/v1/imports", params={"kind": "units", "commit": "true"}, files={"file": ("u.csv", rows.encode())}
    )
    assert sent.json()["state"] == "committed", sent.text
    assert told(client, before) == [("unit", "imported", {"unit": unit}) for unit in ("01.b", "22.a", "22.c")]


def test_a_draft_round_is_created_and_changed(client: Client) -> None:
    put_set(client)
    before = last_of(client)
    draft = {"framework": "x@1", "period": "2021", "participants": []}
    for title in ("Kỳ", "Kỳ", "Kỳ 2021"):
        put(client, "/v1/rounds/q", title_vi=title, **draft)
    assert told(client, before) == [
        ("round", "created", {"round": "q"}), ("round", "changed", {"round": "q"})
    ]  # fmt: skip


def record(session: Session, unit: str) -> None:
    """What a change of a unit records."""
    audit.record(session, audit.Event(operator("test"), "unit.put", NATION, {"unit": unit}))


def fail_behind_the_counter(database: Database) -> None:
    """A transaction that has its number already."""
    with database.write() as session:
        record(session, "lost")
        audit.flush(session)
        raise ZeroDivisionError


def fail_in_savepoint(session: Session) -> None:
    """A savepoint within which another one was kept."""
    with session.begin_nested():
        record(session, "lost")
        with session.begin_nested():
            record(session, "lost")
        raise ZeroDivisionError


def test_what_is_taken_back_leaves_no_gap(client: Client) -> None:
    """Whole transactions, savepoints within them, refused writes."""
    before = last_of(client)
    with pytest.raises(ZeroDivisionError):
        fail_behind_the_counter(client.app.state.database)
    with client.app.state.database.write() as session:
        record(session, "1")
        with pytest.raises(ZeroDivisionError):
            fail_in_savepoint(session)
        with session.begin_nested():
            record(session, "2")
        record(session, "3")
    assert client.put("/v1/units/22.x", json={**UNIT, "name_vi": "x", "parent_code": "97"}).status_code == 422
    assert [subject for _, _, subject in told(client, before)] == [{"unit": n} for n in "123"]
    events = client.get("/v1/audit", params={"client": "test"}).json()["items"]
    assert [found["subject"] for found in events] == [{"unit": n} for n in "123"]


def test_whoever_pauses_gets_exactly_the_rest(client: Client) -> None:
    start = last_of(client)
    seen: list[dict[str, Any]] = []
    since = start
    for count in range(1, 8):
        put(client, f"/v1/units/22.{count}", name_vi=f"Sở {count}", **UNIT)
        if count % 3 == 0:
            while (feed := read(client, since, limit=2))["items"]:
                seen += feed["items"]
                since = feed["next_since"]
    seen += read(client, since)["items"]
    assert [item["subject"]["unit"] for item in seen] == [f"22.{count}" for count in range(1, 8)]
    assert read(client, start)["items"] == seen == read(client, start)["items"]
    beyond = client.get("/v1/changes", params={"since": start + 100}).json()
    assert beyond == {"items": [], "last": start + 7, "next_since": start + 100}
    for query, code in (("since=-1", 422), ("limit=0", 422), ("limit=1001", 422), (f"since={2**63}", 422)):
        assert client.get(f"/v1/changes?{query}").status_code == code


def test_nothing_new_is_304(client: Client) -> None:
    etag = client.get("/v1/changes").headers["ETag"]
    assert client.get("/v1/changes", headers={"If-None-Match": etag}).status_code == 304
    with open_client(client.app, key=None) as public:
        other = public.get("/v1/changes", headers={"If-None-Match": etag})
        assert (other.status_code, other.headers["Vary"]) == (200, "Authorization")
        assert other.headers["ETag"] != etag
    put(client, "/v1/units/22.so", name_vi="Sở", **UNIT)
    assert client.get("/v1/changes", headers={"If-None-Match": etag}).status_code == 200


def test_eight_writers_and_a_reader_that_misses_nothing(client: Client) -> None:
    """Provinces, the nation and findings: other audit chains, other locks, one sequence."""
    start, writers, each = last_of(client), 8, 6
    provinces = ("01", "22", "31", "24", "15", "79", "48", "92")
    with open_client(client.app) as reader, ThreadPoolExecutor(writers) as pool:

        def work(writer: int) -> None:
            with open_client(client.app) as api:
                for count in range(each):
                    code, place = f"w{writer}-{count}", provinces[(writer + count) % writers]
                    if count % 3 == 2:
                        put(api, f"/v1/findings/{code}", **{**FINDING, "unit": place})
                    else:
                        put(api, f"/v1/units/{code}", name_vi=code, **{**UNIT, "parent_code": place})

        working = [pool.submit(work, writer) for writer in range(writers)]
        seen: list[dict[str, Any]] = []
        since = start
        while True:
            over = all(future.done() for future in working)
            feed = read(reader, since, limit=5)  # checks that the numbers follow one another
            seen, since = seen + feed["items"], feed["next_since"]
            if over and not feed["items"]:
                break
        for future in working:
            future.result()
    codes = [item["subject"].get("finding") or item["subject"]["unit"] for item in seen]
    assert sorted(codes) == sorted(f"w{w}-{n}" for w in range(writers) for n in range(each))
    for writer in range(writers):
        of_writer = [code for code in codes if code.startswith(f"w{writer}-")]
        assert of_writer == [f"w{writer}-{n}" for n in range(each)]  # each waited for its own commit


def test_what_is_held_back_is_told_to_nobody(client: Client) -> None:
    base = approved(client, datetime.now(UTC) + timedelta(hours=1))
    before = last_of(client)
    publish(client, base)
    put(client, "/v1/units/22.so", name_vi="Sở", **UNIT)
    with open_client(client.app, key=None) as public:
        for caller in (public, client):
            assert told(caller, before) == [("unit", "put", {"unit": "22.so"})]


def publish_soon(client: Client, base: str) -> datetime:
    """A publication whose release is in a second; that instant, or, on a slow machine, when it was made."""
    planned = datetime.now(UTC) + timedelta(seconds=1)
    return datetime.fromisoformat(publish(client, base, release_at=planned.isoformat())["release_at"])


def wait_until(release: datetime, public: Client, base: str) -> None:
    """Ask for the ranking until the instant has passed; the feed is not asked."""
    while datetime.now(UTC) <= release:
        public.get(f"{base}/rankings")


def test_what_is_held_back_is_told_at_its_release_and_once(client: Client) -> None:
    """Asked without pause until the very instant; then by eight at once."""
    base = approved(client, datetime.now(UTC) + timedelta(hours=1))
    put(client, "/v1/units/22.so", name_vi="Sở", **UNIT)
    before = last_of(client) - 1
    release = publish_soon(client, base)
    with open_client(client.app, key=None) as public:
        while True:
            answers = [told(caller, before) for caller in (public, client)]
            if datetime.now(UTC) >= release:
                break
            assert answers == [[("unit", "put", {"unit": "22.so"})]] * 2

    def ask(_: int) -> list[Any]:
        with open_client(client.app, key=None) as api:
            return told(api, before)

    expected = [
        ("unit", "put", {"unit": "22.so"}),
        ("round", "moved", {"round": "r"}),  # approved,
        ("round", "moved", {"round": "r"}),  # and published
        ("publication", "released", {"round": "r", "publication": "r.1"}),
    ]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [expected] * 8
    items = read(client, before)["items"]
    assert [datetime.fromisoformat(item["at"]) for item in items[1:]] == [release] * 3
    put(client, "/v1/units/22.so-2", name_vi="Sở", **UNIT)
    assert told(client, before) == [*expected, ("unit", "put", {"unit": "22.so-2"})]


def test_what_was_released_keeps_its_instant(client: Client) -> None:
    """Nobody had read the feed when the round moved on."""
    base = approved(client, datetime.now(UTC) + timedelta(hours=1))
    before = last_of(client)
    release = publish_soon(client, base)
    with open_client(client.app, key=None) as public:
        wait_until(release, public, base)
    sent = client.post(f"{base}/transitions", json={"to": "correction", "reason": "cộng sai"})
    assert sent.status_code == 200
    items = read(client, before)["items"]
    assert [item["action"] for item in items] == ["moved", "moved", "released", "moved"]
    instants = [datetime.fromisoformat(item["at"]) for item in items]
    assert instants[:3] == [release] * 3
    assert instants[3] > release


def test_a_release_that_is_moved_while_others_pass_waits_for_its_turn(client: Client) -> None:
    """Whoever numbers what was released has locked the counter, and locks what waits: in no other order."""
    planned = datetime.now(UTC) + timedelta(hours=1)
    base = approved(client, planned)
    database = client.app.state.database
    with ThreadPoolExecutor(1) as pool:
        with database.write() as session:
            changes._take(session, 0)
            at_once = pool.submit(publish, client, base, release_at=datetime.now(UTC).isoformat())
            wait_for_lock(database)
            assert len(changes._take_due(session, planned)) == 1  # the approval
        assert at_once.result()["id"] == "r.1"


def wait_for_lock(database: Database) -> None:
    """Until somebody waits for a lock of the database; SQLite has one, and does not tell who waits."""
    if database.engine.dialect.name == "sqlite":
        return
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    until = time.monotonic() + 30
    while True:
        with database.read() as session:
            if session.execute(text(waiting)).scalar_one():
                return
        assert time.monotonic() < until


def test_a_replica_tells_what_the_primary_has_numbered(
    client: Client, database_url: str, templates: Templates
) -> None:
    """What is released meanwhile appears with the next reading, or writing, of the primary."""
    before = last_of(client)
    put(client, "/v1/units/22.so", name_vi="Sở", **UNIT)
    past = datetime.now(UTC) - timedelta(minutes=1)
    row = HeldChangeRow(release_at=past, kind="round", action="moved", subject='{"round":"r"}')
    with client.app.state.database.write() as session:
        session.add(row)
    app = make_app(read_only(database_url, templates))
    unit, released = ("unit", "put", {"unit": "22.so"}), ("round", "moved", {"round": "r"})
    with open_client(app) as replica:
        assert told(replica, before) == [unit]
        put(client, "/v1/units/22.so-2", name_vi="Sở", **UNIT)
        everything = [unit, released, ("unit", "put", {"unit": "22.so-2"})]
        assert told(replica, before) == everything == told(client, before)
    close(app)


def test_a_correction_before_the_release_is_held_back_with_it(client: Client) -> None:
    release = datetime.now(UTC) + timedelta(hours=1)
    base = approved(client, release)
    before = last_of(client)
    publish(client, base)
    sent = client.post(f"{base}/transitions", json={"to": "correction", "reason": "cộng sai"})
    assert sent.status_code == 200
    score(client, base, "01", "final", "phúc tra", a=45)
    made = publish(client, base, reason="đính chính")
    assert datetime.fromisoformat(made["release_at"]) == release
    with open_client(client.app, key=None) as public:
        assert public.get("/v1/publications/r.2").status_code == 404
        assert told(public, before) == []


def test_strangers_see_numbers_and_nothing_else(client: Client) -> None:
    """Drafts of criteria sets, and findings of units that the caller does not reach."""
    before = last_of(client)
    put_set(client)
    put(client, "/v1/findings/f-22", **FINDING)
    put(client, "/v1/findings/f-01", **{**FINDING, "unit": "01"})
    put(client, "/v1/units/22.so", name_vi="Sở", **UNIT)
    shown = {
        (): "unit",
        ("statistics:write",): "unit",
        ("frameworks:write",): "framework unit",
        ("scores:self@22",): "f-22 unit",
        ("scores:appraise", "rounds:manage@01"): "framework f-22 f-01 unit",
    }
    for grants, expected in shown.items():
        with acting(client, *grants) if grants else open_client(client.app, key=None) as caller:
            items = read(caller, before)["items"]
            assert len(items) == 4
            for item in items:
                assert item["kind"] != "hidden" or item == {"sequence": item["sequence"], "kind": "hidden"}
            names = [i["subject"].get("finding", i["kind"]) for i in items if i["kind"] != "hidden"]
            assert " ".join(names) == expected, grants


def test_queries_do_not_grow_with_changes(
    client: Client, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    before = last_of(client)
    put(client, "/v1/findings/f-0", **FINDING)
    few = count_queries(lambda: read(client, before))
    for count in range(1, 9):
        put(client, f"/v1/findings/f-{count}", **FINDING)
        put(client, f"/v1/units/22.{count}", name_vi="Sở", **UNIT)
    assert count_queries(lambda: read(client, before)) == few


def test_what_is_held_back_goes_with_a_release_that_is_moved(client: Client) -> None:
    """Planned for tomorrow, published for the day after."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    base = approved(client, tomorrow)
    before = last_of(client)
    publish(client, base, release_at=(tomorrow + timedelta(days=1)).isoformat())
    assert told(client, before) == []
    with client.app.state.database.read() as session:
        assert {row.release_at for row in session.exec(select(HeldChangeRow))} == {
            tomorrow + timedelta(days=1)
        }


def test_what_is_published_at_once_waits_for_nothing(client: Client) -> None:
    base = approved(client, datetime.now(UTC) + timedelta(days=1))
    before = last_of(client)
    publish(client, base, release_at=datetime.now(UTC).isoformat())
    r = {"round": "r"}
    assert told(client, before) == [
        ("round", "moved", r),
        ("round", "moved", r),
        ("publication", "released", {**r, "publication": "r.1"}),
    ]
