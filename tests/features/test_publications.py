"""Publications: what they say, who signed them, who sees them when, and that nobody can alter them."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import FastAPI

from app.features.publications.mapping.checking import list_differences
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
    answer = client.post(f"{base}/publications", json={"decision": DECISION} | said)
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


def canonical(content: Any) -> bytes:
    """RFC 8785 of data without fractions and odd names."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
