"""Documents that are wrong in one place, or by chance: refused where they are wrong, and not stored."""

import json
from typing import Any

import httpx
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Client
from tests.features.mutations import GONE, QD, SIX, TT, changed, find, load_broken, places, sound, stands

BROKEN = load_broken()
PATH = "/v1/frameworks/{code}/versions/{version}"
YAML, JSON = {"Content-Type": "application/yaml"}, {"Content-Type": "application/json"}


def put(client: Client, document: Any, code: str, version: str) -> httpx.Response:
    """Send a set; JSON can say more than UTF-8."""
    path = PATH.format(code=code, version=version)
    return client.put(path, content=json.dumps(document), headers=JSON)


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    """(pointer, code) of every error."""
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


def standing(client: Client) -> tuple[Any, Any]:
    """What is stored: every set with its state, and the ends of the audit chains."""
    return client.get("/v1/frameworks?limit=1000").json(), client.get("/v1/audit/chains").json()


def test_there_are_enough_mistakes() -> None:
    assert len({broken.name for broken in BROKEN}) == len(BROKEN) >= 40


def test_every_mistake_is_told_in_its_place_and_nothing_is_stored(client: Client) -> None:
    for reference in (QD, TT, SIX):
        draft = {**sound(reference), "version": "draft"}
        assert put(client, draft, draft["code"], "draft").status_code == 201
    before, wrong = standing(client), []
    for broken in BROKEN:
        document = changed({**sound(broken.reference), "version": "draft"}, broken.pointer, broken.value)
        answer = put(client, document, broken.reference.partition("@")[0], "draft")
        found = (answer.status_code, faults(answer) if answer.status_code == 422 else answer.text)
        if found != (422, broken.faults):
            wrong.append((broken.name, found))
    assert wrong == []
    assert standing(client) == before


def test_a_mistake_makes_no_new_set(client: Client) -> None:
    before = standing(client)
    for broken in BROKEN[::8]:
        code = broken.reference.partition("@")[0]
        document = changed({**sound(broken.reference), "version": "new"}, broken.pointer, broken.value)
        assert put(client, document, code, "new").status_code == 422, broken.name
        assert client.get(PATH.format(code=code, version="new")).status_code == 404, broken.name
    assert standing(client) == before


def test_every_mistake_is_told_in_both_languages(client: Client) -> None:
    """No message of a library in English among Vietnamese words."""
    for broken in BROKEN:
        document = changed({**sound(broken.reference), "version": "draft"}, broken.pointer, broken.value)
        path = PATH.format(code=broken.reference.partition("@")[0], version="draft")
        said = [
            [
                (e["message"], e["hint"])
                for e in client.put(path, json=document, headers=language).json()["errors"]
            ]
            for language in ({"Accept-Language": "vi"}, {"Accept-Language": "en"})
        ]
        for (vi, hint_vi), (en, hint_en) in zip(*said, strict=True):
            assert vi != en, broken.name
            assert "Input should" not in vi + en, broken.name
            assert bool(hint_vi) == bool(hint_en), broken.name


def test_a_member_that_stands_twice(client: Client) -> None:
    """JSON and YAML would let the last one count."""
    document = {**sound(TT), "version": "draft"}
    area = '{"code": "A", '
    doubled = json.dumps(document).replace(area, area + '"max_points": 99, ', 1)
    path = PATH.format(code="tt-01-2018", version="draft")
    answer = client.put(path, content=doubled, headers=JSON)
    assert faults(answer) == [("/areas/0/max_points", "member_twice")]
    text = yaml.safe_dump(document, sort_keys=False) + "level: province\n"
    assert faults(client.put(path, content=text, headers=YAML)) == [("/level", "member_twice")]
    assert client.get(path).status_code == 404


def test_yaml_says_what_json_says(client: Client) -> None:
    """`no`, `010` and `1:30` are words, ten and words: not false, eight and ninety."""
    path = PATH.format(code="tt-01-2018", version="draft")
    document = {**sound(TT), "version": "draft", "bands": []}
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
    for written, faulty in (
        ("level: no", [("/level", "not_one_of")]),
        ("total_points: 1:30", [("/total_points", "not_a_number")]),
        ("total_points: 0x12", [("/total_points", "not_a_number")]),
        ("total_points: 1_8", [("/total_points", "not_a_number")]),
        ("total_points: .inf", [("/total_points", "not_finite")]),
        ("total_points: 018", []),
        ("total_points: 1.80e1", []),
    ):
        name = written.partition(":")[0]
        (line,) = [line for line in text.splitlines() if line.startswith(f"{name}:")]
        answer = client.put(path, content=text.replace(line, written), headers=YAML)
        assert (faults(answer) if answer.status_code == 422 else []) == faulty, written


COPIED = object()
ODD: list[Any] = [
    *(
        None,
        True,
        0,
        -1,
        1e40,
        0.00001,
        10**30,
        1.5,
        "",
        " ",
        "x" * 5000,
        "\0",
        "\ud800",
        "﷽",
        "22",
        "1900-01-01",
    ),
    *("9999-12-31", "measure:x", "dossier:received", [], {}, [None], {"": None}, {"kind": "manual"}, GONE),
]


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A set that ships with one to three odd places; parts of it may stand in for one another."""
    document = {**sound(draw(st.sampled_from([QD, TT, SIX]))), "version": "fuzz"}
    for _ in range(draw(st.integers(1, 3))):
        pointers = list(places(document))
        here = draw(st.sampled_from(pointers))
        odd = draw(st.sampled_from([*ODD, COPIED]))
        value = find(document, draw(st.sampled_from(pointers))) if odd is COPIED else odd
        document = changed(document, here, value)
    return document


@settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(document=mutated())
def test_chance_never_breaks_the_service(client: Client, document: dict[str, Any]) -> None:
    """Whatever is taken can be read again and is the same; whatever is refused is refused in its place."""
    code = document.get("code")
    answer = put(
        client, document, code if code in (n.partition("@")[0] for n in (QD, TT, SIX)) else "x", "fuzz"
    )
    assert answer.status_code in (200, 201, 422), answer.text
    if answer.status_code == 422:
        assert answer.json()["errors"]
        assert [p for p, _ in faults(answer) if not stands(document, p)] == []
        return
    stored = answer.json()
    again = {name: value for name, value in stored.items() if name not in ("state", "sha256")}
    repeated = put(client, again, stored["code"], "fuzz")
    assert (repeated.status_code, repeated.json()) == (200, stored)
