"""Publications: what they say, who signed them, who sees them when, and that nobody can alter them."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import FastAPI
from joserfc import jws
from joserfc.jwk import OKPKey
from pydantic import SecretStr
from sqlmodel import Session

from app.features.publications.mapping.checking import list_differences
from app.features.publications.schemas import PublicationCreate
from app.features.publications.service import publishing
from app.features.publications.service.reading import list_public_keys
from app.infra.auth import operator
from app.infra.errors import ConflictError
from app.infra.signing import SigningKey
from tests.clients import make_client
from tests.conftest import BACKENDS, Client, Templates, close, make_app, open_client
from tests.features.test_results import FIGURES, PEOPLE, group, move, put, score, start_round
from tests.importing import verify

DECISION = {"number": "01/QĐ", "issued_on": "2022-06-01", "signer": "Bộ trưởng"}
KEY = SigningKey.make().pem


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[FastAPI]:
    """The real application with a key of its own."""
    app = make_app(database_url, files_folder=tmp_path / "files", signing_key=KEY)
    yield app
    close(app)


def approved(client: Client, release_at: datetime | None = None) -> str:
    """02 has everything; 01 has 40 of 50, 15 of 30 and 10 of 20."""
    base = start_round(client, PEOPLE, group("01", "02"))
    score(client, base, "01", a=40, b=15)
    score(client, base, "02", a=50, b=30)
    score(client, base, "01", "survey", c=10)
    score(client, base, "02", "survey", c=20)
    move(client, base, "final_appraisal")
    held = {} if release_at is None else {"release_at": release_at.isoformat()}
    sent = client.post(f"{base}/transitions", json={"to": "approved", **held})
    assert sent.status_code == 200, sent.text
    return base


def publish(client: Client, base: str, **said: Any) -> dict[str, Any]:
    """A publication."""
    answer = client.post(f"{base}/publications", json={"decision": DECISION, **said})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"/v1/publications/{made['id']}"
    return made


def document_of(client: Client, made: dict[str, Any]) -> dict[str, Any]:
    answer = client.get(f"/v1/publications/{made['id']}")
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = answer.json()
    return read


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def is_signed(content: bytes, jws: str, keys: list[dict[str, Any]]) -> bool:
    """RFC 7797 and RFC 8037 by hand: Ed25519 over the header in base64url, a point, and the bytes."""
    head, empty, signature = jws.split(".")
    assert empty == ""
    header = json.loads(decoded(head))
    assert header == {"alg": "Ed25519", "b64": False, "crit": ["b64"], "kid": header["kid"]}
    (key,) = (key for key in keys if key["kid"] == header["kid"])
    Ed25519PublicKey.from_public_bytes(decoded(key["x"])).verify(
        decoded(signature), head.encode() + b"." + content
    )
    return True


def test_a_publication_says_everything_and_is_signed(client: Client) -> None:
    """01: 65 of 100; 02: 100 of 100; mean and median 82.5."""
    base = approved(client)
    made = publish(client, base, distinctions=[{"unit": "02", "title_vi": "Dẫn đầu"}])
    assert (made["id"], made["number"], made["supersedes"]) == ("r.1", 1, None)
    assert client.get(base).json()["state"] == "published"
    answer = client.get("/v1/publications/r.1")
    content, document = answer.content, answer.json()
    assert content == canonical(document)
    assert made["sha256"] == hashlib.sha256(content).hexdigest() == answer.headers["ETag"].strip('"')
    assert "immutable" in answer.headers["Cache-Control"]
    assert is_signed(content, made["jws"], client.get("/.well-known/jwks.json").json()["keys"])
    assert document["decision"] == DECISION
    assert document["inputs"]["01"]["scores"] == {
        "a": ["appraisal", "40"], "b": ["appraisal", "15"], "c": ["survey", "10"]
    }  # fmt: skip
    of_01 = document["results"]["01"]
    assert (of_01["points"], of_01["max_points"], of_01["percent"], of_01["band"]) == (
        "65",
        "100",
        "65",
        None,
    )
    assert of_01["areas"]["b"] == {"points": "15", "max_points": "30", "open_points": "0", "percent": "50"}
    assert of_01["reform_areas"]["procedures"]["percent"] == "68.75"  # 55 of 80
    ranking = document["rankings"]["all"]
    assert (ranking["ranks"], ranking["order"]) == ({"02": 1, "01": 2}, ["02", "01"])
    assert ranking["statistics"] == {
        "units": 2, "mean": "82.5", "median": "82.5", "highest": "100", "lowest": "65"
    }  # fmt: skip
    assert (
        client.get("/v1/publications/r.1", headers={"If-None-Match": answer.headers["ETag"]}).status_code
        == 304
    )
    assert client.get("/v1/publications/r.1/signature").json() == made


def test_figures_stand_beside_the_points_that_they_give(client: Client) -> None:
    """80 of 100 dossiers: 32 of 40 points; 14 of 27 tasks: 15.5555555556 of 30."""
    base = start_round(client, FIGURES, group("01"))
    put(client, "/v1/units/01/dossier-statistics/2021", received=100, resolved=80)
    put(client, "/v1/units/01/measures/plan_tasks/2021", numerator=14, denominator=27)
    score(client, base, "01", people=30)
    move(client, base, "final_appraisal", "approved")
    document = document_of(client, publish(client, base))
    inputs = document["inputs"]["01"]
    assert inputs["rates"]["measure:plan_tasks"] == ["14", "27"]
    assert inputs["rates"]["dossier:resolved_of_received_percent"] == ["80", "100"]
    assert inputs["scores"]["tasks"] == ["statistic", "15.5555555556"]
    assert document["results"]["01"]["points"] == "77.5555555556"
    assert document["results"]["01"]["percent"] == "77.56"
    inputs["rates"]["measure:plan_tasks"] = ["15", "27"]
    pointers = [fault.pointer for fault in list_differences(document)]
    assert pointers == ["/inputs/01/scores/tasks", "/digests/inputs/01"]


def places_of_digits(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every text and number of a document that has a digit."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from places_of_digits(part, f"{pointer}/{name}")
    elif isinstance(value, list):
        for position, part in enumerate(value):
            yield from places_of_digits(part, f"{pointer}/{position}")
    elif not isinstance(value, bool) and any(char.isdigit() for char in str(value)):
        yield pointer, value


def altered(value: Any) -> Any:
    """The same with its last digit raised by one."""
    text = str(value)
    position = max(n for n, char in enumerate(text) if char.isdigit())
    changed = text[:position] + str((int(text[position]) + 1) % 10) + text[position + 1 :]
    return changed if isinstance(value, str) else type(value)(changed)


def test_a_document_altered_by_one_digit_anywhere_is_found_in_its_place(client: Client) -> None:
    made = publish(client, approved(client), distinctions=[{"unit": "02", "title_vi": "Hạng 1"}])
    content = client.get("/v1/publications/r.1").content
    places = list(places_of_digits(json.loads(content)))
    assert len(places) > 60
    for pointer, value in places:
        document = json.loads(content)
        *path, last = pointer.split("/")[1:]
        part: Any = document
        for step in path:
            part = part[int(step)] if isinstance(part, list) else part[step]
        part[int(last) if isinstance(part, list) else last] = altered(value)
        pointers = [fault.pointer for fault in list_differences(document)]
        member = "/".join(pointer.split("/")[1 : 3 if pointer.startswith(("/inputs", "/results")) else 2])
        told = {pointer, f"/digests/{member}"} & {*pointers}
        assert told or pointers in ([""], ["/groups"], ["/engine_version"]), (pointer, pointers)
        refused = client.post(
            "/v1/publications/verify", json=document, headers={"Signature-JWS": made["jws"]}
        )
        assert refused.status_code == 422 or not refused.json()["intact"], pointer


def test_verifying_says_who_signed_and_what_holds(client: Client) -> None:
    made = publish(client, approved(client))
    content = client.get("/v1/publications/r.1").content
    spaced = json.dumps(json.loads(content), indent=2).encode()
    verdict = client.post("/v1/publications/verify", content=content).json()
    assert verdict == {
        "intact": True, "id": "r.1", "sha256": made["sha256"], "signature": "valid", "kid": made["kid"],
        "is_published_here": True, "superseded_by": None, "differences": [],
    }  # fmt: skip
    doubled = content[:1] + b'"id":"r.2",' + content[1:]
    shifted = content.replace(b'"max_points":50', b'"max_points":50.0000000000000000001')
    signed = {"Signature-JWS": made["jws"]}
    for body in (spaced, doubled, shifted):
        assert body != content
        verdict = client.post("/v1/publications/verify", content=body, headers=signed).json()
        told = [difference["code"] for difference in verdict["differences"]]
        assert (verdict["intact"], verdict["signature"], told) == (
            False, "invalid", ["publication_not_canonical"]
        )  # fmt: skip
    other = SigningKey.make().sign(content)
    stranger = client.post("/v1/publications/verify", content=content, headers={"Signature-JWS": other})
    assert (stranger.json()["signature"], stranger.json()["intact"]) == ("key_unknown", False)
    head, _, signature = made["jws"].split(".")
    forged = client.post(
        "/v1/publications/verify",
        content=content,
        headers={"Signature-JWS": f"{head}..{signature[:-4]}AAAA"},
    )
    assert (forged.json()["signature"], forged.json()["intact"]) == ("invalid", False)
    for change, code in (
        ({"engine_version": "1"}, "publication_of_other_engine"),
        ({"groups": []}, "publication_group_odd"),
        ({"inputs": {}}, "publication_group_odd"),
        ({"framework": {}}, "publication_not_computable"),
    ):
        odd = client.post("/v1/publications/verify", json={**json.loads(content), **change})
        assert [difference["code"] for difference in odd.json()["differences"]] == [code]
    for body, code in ((b"{}", "missing"), (b"[", "not_an_object"), (b'{"format": 1}', "not_one_of")):
        refused = client.post("/v1/publications/verify", content=body)
        assert refused.status_code == 422
        assert code in {error["code"] for error in refused.json()["errors"]}, refused.text


def test_a_signature_of_something_else_is_none(client: Client) -> None:
    """Of other bytes, which it brings along: it is valid, but not of this document."""
    made = publish(client, approved(client))
    content = client.get("/v1/publications/r.1").content
    header = {"alg": "Ed25519", "kid": made["kid"]}
    attached = jws.serialize_compact(header, b"other", OKPKey.import_key(KEY), ["Ed25519"])
    for signature in (attached, attached.replace(".", "..", 1), "..", "x", made["jws"] + "."):
        asked = {"Signature-JWS": signature}
        verdict = client.post("/v1/publications/verify", content=content, headers=asked).json()
        assert (verdict["intact"], verdict["signature"] != "valid") == (False, True), signature


def test_both_databases_publish_the_same_bytes(
    all_templates: Callable[[str], Templates], tmp_path: Path
) -> None:
    said = []
    for backend in BACKENDS:
        templates = all_templates(backend)
        with templates.copy(templates.empty) as url:
            app = make_app(url, files_folder=tmp_path / backend, signing_key=KEY)
            with open_client(app) as client:
                made = publish(client, approved(client), reason="công bố")
                said.append((client.get("/v1/publications/r.1").content, made["jws"]))
            close(app)
    assert said[0] == said[1]


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


def test_a_correction_supersedes_and_says_what_differs(client: Client) -> None:
    """01 gets 45 of 50 for a: 70 of 100; the rank stays."""
    base = approved(client)
    first = publish(client, base)
    again = client.post(f"{base}/publications", json={"decision": DECISION})
    assert (again.status_code, again.json()["code"]) == (409, "round_not_publishable")
    sent = client.post(f"{base}/transitions", json={"to": "correction", "reason": "cộng sai"})
    assert sent.status_code == 200
    score(client, base, "01", "final", "phúc tra ngày 10/6", a=45)
    bare = client.post(f"{base}/transitions", json={"to": "published"})
    assert (bare.status_code, bare.json()["code"]) == (409, "publication_needed")
    unexplained = client.post(f"{base}/publications", json={"decision": DECISION})
    assert [error["code"] for error in unexplained.json()["errors"]] == ["correction_needs_reason"]
    second = publish(client, base, reason="đính chính điểm của 01")
    assert (second["id"], second["supersedes"]) == ("r.2", "r.1")
    assert client.get("/v1/publications/r.1/signature").json()["superseded_by"] == "r.2"
    document = document_of(client, second)
    assert document["supersedes"] == {"id": "r.1", "sha256": first["sha256"]}
    none = {"item": None, "reason": None}
    assert document["corrections"] == [
        {
            "unit": "01", "item": "a", "what": "score", "old": "appraisal: 40", "new": "final: 45",
            "reason": "phúc tra ngày 10/6",
        },
        {"unit": "01", "what": "index_percent", "old": "65", "new": "70", **none},
    ]  # fmt: skip
    assert not list_differences(document)
    assert verify(client).intact
    assert (
        client.post("/v1/publications/verify", json=document_of(client, first)).json()["superseded_by"]
        == "r.2"
    )


def canonical(content: Any) -> bytes:
    """RFC 8785 of data without fractions and odd names."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def test_corrections_that_lie_are_found_in_their_place(client: Client) -> None:
    """Even where their digest was made to fit; where the superseded publication is at hand, its values are
    compared, too. 01 had 40 for a, and gets 45: 70 of 100 in place of 65."""
    base = approved(client)
    publish(client, base)
    assert client.post(f"{base}/transitions", json={"to": "correction", "reason": "x"}).status_code == 200
    score(client, base, "01", "final", "phúc tra", a=45)
    content = canonical(document_of(client, publish(client, base, reason="đính chính")))
    invented = {"unit": "02", "item": None, "what": "rank", "old": "2", "new": "1", "reason": None}
    nothing, start, hidden = "corrects_nothing", "old_differs", "hides_correction"
    for change, alone, here in (
        (dict.copy, [], []),
        (lambda d: d["corrections"][0].update(new="final: 46"), ["/0/new differs"], ["/0/new differs"]),
        (lambda d: d["corrections"][1].update(new="71"), ["/1/new differs"], ["/1/new differs"]),
        (
            lambda d: d["corrections"][1].update(old="70"),
            [f"/1 {nothing}"],
            [f"/1 {nothing}", f"/1/old {start}"],
        ),
        (lambda d: d["corrections"][0].update(old="appraisal: 39"), [], [f"/0/old {start}"]),
        (lambda d: d["corrections"][0].update(old=None), [], [f"/0/old {start}"]),
        (lambda d: d["corrections"].append(invented), [], [f"/2 {nothing}"]),
        (lambda d: d["corrections"].pop(0), [], [f" {hidden}"]),
        (lambda d: d.update(supersedes=None), *[[f"/0 {nothing}", f"/1 {nothing}"]] * 2),
    ):
        document = json.loads(content)
        change(document)
        for member in ("corrections", "supersedes"):
            document["digests"][member] = hashlib.sha256(canonical(document[member])).hexdigest()
        asked = client.post("/v1/publications/verify", content=canonical(document)).json()["differences"]
        for found, expected in (
            ([(fault.pointer, fault.code) for fault in list_differences(document)], alone),
            ([(told["pointer"], told["code"]) for told in asked], here),
        ):
            said = [f"{place} {code.removeprefix('publication_')}" for place, code in found]
            assert said == [f"/corrections{place}" for place in expected]


def test_a_document_that_supersedes_another_than_was_published_is_found(client: Client) -> None:
    base = approved(client)
    publish(client, base)
    assert client.post(f"{base}/transitions", json={"to": "correction", "reason": "x"}).status_code == 200
    document = document_of(client, publish(client, base, reason="x"))
    document["supersedes"]["sha256"] = "0" * 64
    asked = client.post("/v1/publications/verify", json=document).json()["differences"]
    assert ("/supersedes/sha256", "publication_old_differs") in [(d["pointer"], d["code"]) for d in asked]


def test_an_old_key_stays_known(client: Client) -> None:
    """A key is rotated by another setting: what the first one signed is verified all the same."""
    base = approved(client)
    first = publish(client, base)
    settings = client.app.state.settings
    other = SigningKey.make()
    client.app.state.settings = settings.model_copy(update={"signing_key": SecretStr(other.pem)})
    assert client.post(f"{base}/transitions", json={"to": "correction", "reason": "x"}).status_code == 200
    second = publish(client, base, reason="khóa mới")
    assert (first["kid"] != second["kid"], second["kid"]) == (True, other.kid)
    keys = client.get("/.well-known/jwks.json").json()["keys"]
    assert {key["kid"] for key in keys} == {first["kid"], second["kid"]}
    assert all("d" not in key for key in keys)
    for made in (first, second):
        assert is_signed(client.get(f"/v1/publications/{made['id']}").content, made["jws"], keys)


def test_a_key_tells_nothing_before_the_release(client: Client) -> None:
    """Nobody learns of a publication by its key, which nobody had seen before."""
    base = approved(client, datetime.now(UTC) + timedelta(hours=1))
    made = publish(client, base)
    content = client.get("/v1/publications/r.1").content
    keys = "/.well-known/jwks.json"

    def judged() -> tuple[str, bool]:
        asked = {"Signature-JWS": made["jws"]}
        verdict = client.post("/v1/publications/verify", content=content, headers=asked).json()
        return verdict["signature"], verdict["is_published_here"]

    assert (client.get(keys).json()["keys"], judged()) == ([], ("key_unknown", False))
    with client.app.state.database.read() as session:
        for at, shown in ((-1, []), (0, [made["kid"]])):
            release = datetime.fromisoformat(made["release_at"]) + timedelta(microseconds=at)
            assert [key["kid"] for key in list_public_keys(session, release)] == shown


def test_reading_the_keys_makes_none(database_url: str, tmp_path: Path) -> None:
    """In development a key is made with the first publication, and not where somebody reads; a folder that
    cannot be written to, or a setting that is no key, is no matter of readers."""
    app = make_app(database_url, files_folder=tmp_path / "files")
    with open_client(app) as client:
        assert client.get("/.well-known/jwks.json").json() == {"keys": []}
        assert not (tmp_path / "files" / "signing-key.pem").exists()
        app.state.settings = app.state.settings.model_copy(update={"signing_key": SecretStr("odd")})
        assert client.get("/.well-known/jwks.json").status_code == 200
    close(app)


def test_who_may_publish(client: Client) -> None:
    base = approved(client)
    for grants, status in ((["rounds:manage"], 403), (["publish@01"], 403), (["publish"], 201)):
        with open_client(client.app, make_client(client.app, grants)) as caller:
            answer = caller.post(f"{base}/publications", json={"decision": DECISION})
            assert answer.status_code == status, grants
    odd = client.post(
        f"{base}/publications",
        json={"decision": DECISION, "distinctions": [{"unit": "04", "title_vi": "x"}]},
    )
    assert odd.status_code == 409
