"""Documents that somebody brings: what was altered is named with its place."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from joserfc import jws
from joserfc.jwk import OKPKey

from app.features.publications.mapping.checking import list_differences
from app.features.publications.mapping.document import Computed, read_computed
from app.infra.signing import SigningKey
from tests.conftest import Client, close, make_app
from tests.features.test_publications import KEY, approved, canonical, document_of, publish
from tests.features.test_results import score


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[FastAPI]:
    """The real application with a key of its own."""
    app = make_app(database_url, files_folder=tmp_path / "files", signing_key=KEY)
    yield app
    close(app)


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
    same, twice = "corrects_same", "corrections_disordered"
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
        (lambda d: d["corrections"].append(invented), [], [f"/2 {same}"]),
        (lambda d: d["corrections"].append(d["corrections"][1]), [f"/2 {twice}"], [f"/2 {twice}"]),
        (lambda d: d["corrections"].reverse(), [f"/1 {twice}"], [f"/1 {twice}"]),
        (lambda d: d["corrections"][1].update(reason="x"), ["/1/reason differs"], ["/1/reason differs"]),
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


def test_a_document_is_read_in_parts() -> None:
    """Braces, quotes and escapes are texts; nothing of the other members is kept."""
    odd = {"a}": {'",{': ["\\", "ế"]}, "b": {}}
    document = {"corrections": [odd], "inputs": odd, "rankings": {"g": odd}, "results": {}, "round": odd}
    found = read_computed(canonical(document))
    assert found == Computed({unit: canonical(part) for unit, part in odd.items()}, {}, {"g": odd})


def test_distinctions_and_groups_are_those_of_the_round(client: Client) -> None:
    """With digests that fit."""
    award = {"unit": "02", "title_vi": "Dẫn đầu"}
    content = canonical(document_of(client, publish(client, approved(client), distinctions=[award])))
    for member, added, place, code in (
        ("distinctions", {"unit": "04"}, "/1/unit", "unit_not_participant"),
        ("groups", {"units": []}, "/1/code", "group_twice"),
    ):
        document = json.loads(content)
        document[member].append(document[member][0] | added)
        document["digests"][member] = hashlib.sha256(canonical(document[member])).hexdigest()
        (fault,) = list_differences(document)
        assert (fault.pointer, fault.code) == (f"/{member}{place}", code)


def test_a_document_that_supersedes_another_than_was_published_is_found(client: Client) -> None:
    base = approved(client)
    publish(client, base)
    assert client.post(f"{base}/transitions", json={"to": "correction", "reason": "x"}).status_code == 200
    document = document_of(client, publish(client, base, reason="x"))
    document["supersedes"]["sha256"] = "0" * 64
    asked = client.post("/v1/publications/verify", json=document).json()["differences"]
    assert ("/supersedes/sha256", "publication_old_differs") in [(d["pointer"], d["code"]) for d in asked]
