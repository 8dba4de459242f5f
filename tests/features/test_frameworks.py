"""Criteria sets: what is refused and how it is told, and that published ones never change."""

import copy
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.conftest import KEY, Client, close, make_app, open_client

DISTRICT_TABLE = Path(__file__).parents[1] / "data" / "district-departments-2019.yaml"
YAML = {"Content-Type": "application/yaml"}
JSON = {"Content-Type": "application/json"}

# 100 = A 60 (A.1 40 (A.1.1 25 + A.1.2 15) + A.2 20) + B 40
NESTED: dict[str, Any] = {
    "code": "nested",
    "version": "1",
    "title_vi": "Bộ thử",
    "level": "province",
    "status": "illustrative",
    "total_points": 100,
    "applies": {"from": "2021-01-01", "to": None},
    "ties": {"method": "ordinal", "keys": ["area:A", "name"]},
    "bands": [{"label_vi": "Tốt", "from": 80}, {"label_vi": "Khá", "from": 65}],
    "areas": [
        {
            "code": "A",
            "name_vi": "Lĩnh vực A",
            "reform_area": "procedures",
            "max_points": 60,
            "criteria": [
                {
                    "code": "A.1",
                    "name_vi": "Tiêu chí A.1",
                    "max_points": 40,
                    "sub_criteria": [
                        {"code": "A.1.1", "name_vi": "Thành phần A.1.1", "max_points": 25},
                        {
                            "code": "A.1.2",
                            "name_vi": "Thành phần A.1.2",
                            "max_points": 15,
                            "source": "survey",
                        },
                    ],
                },
                {
                    "code": "A.2",
                    "name_vi": "Tiêu chí A.2",
                    "max_points": 20,
                    "rule": {"kind": "manual", "step": 2.5},
                },
            ],
        },
        {
            "code": "B",
            "name_vi": "Lĩnh vực B",
            "reform_area": None,
            "max_points": 40,
            "rule": {
                "kind": "bands",
                "rate": "dossier:online_percent",
                "steps": [
                    {"above": 90, "points": 40},
                    {"from": 90, "points": 30},
                    {"from": 50, "points": 10.5},
                ],
            },
        },
    ],
}


def changed(pointer: str, value: Any) -> dict[str, Any]:
    """The nested set with one member set, or (value ...) taken out."""
    document = copy.deepcopy(NESTED)
    *path, last = pointer.removeprefix("/").split("/")
    node: Any = document
    for part in path:
        node = node[int(part) if isinstance(node, list) else part]
    key = int(last) if isinstance(node, list) else last
    if value is ...:
        del node[key]
    else:
        node[key] = value
    return document


def put(client: Client, document: dict[str, Any]) -> httpx.Response:
    """Load a set at its own address."""
    return client.put(f"/v1/frameworks/{document['code']}/versions/{document['version']}", json=document)


def send(client: Client, content: str | bytes, headers: dict[str, str]) -> httpx.Response:
    """Load text at the address of the nested set."""
    return client.put("/v1/frameworks/nested/versions/1", content=content, headers=headers)


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    """(pointer, code) of every fault of a refused document."""
    assert answer.status_code == 422, answer.text
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


def list_sets(client: Client, query: str = "") -> list[str]:
    """code@version of a list."""
    answer = client.get(f"/v1/frameworks{query}")
    assert answer.status_code == 200, answer.text
    return [f"{item['code']}@{item['version']}" for item in answer.json()["items"]]


def test_lists_come_page_by_page(public: Client) -> None:
    found, cursor = [], ""
    for size in (7, 7, 5):
        page = public.get(f"/v1/frameworks?limit=7{cursor}").json()
        assert len(page["items"]) == size
        found += [(item["code"], item["version"]) for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert page["next_cursor"] is None
    assert found == sorted(set(found))
    for cursor in ("x", "WyJhIl0", "WyJhIiwiXHUwMDAwIl0"):  # ["a"], ["a", NUL]
        assert faults(public.get(f"/v1/frameworks?cursor={cursor}")) == [("/query/cursor", "cursor_invalid")]


def test_the_2019_district_table_is_refused_for_its_missing_0_45_points(client: Client) -> None:
    path, table = "/v1/frameworks/district-departments/versions/2019", DISTRICT_TABLE.read_text("utf-8")
    refused = client.put(path, content=table, headers=YAML)
    assert faults(refused) == [("", "framework_total_differs")]
    assert refused.json()["errors"][0]["message"] == (
        "The areas sum to 99.55 (20.5 + 10 + 10 + 6 + 10.05 + 6 + 14 + 9 + 14), "
        "but total_points is 100: -0.45."
    )
    vietnamese = client.put(path, content=table, headers=YAML | {"Accept-Language": "vi"}).json()
    for number in ("99.55", "10.05", "100", "0.45"):
        assert number in vietnamese["errors"][0]["message"]
    assert (client.get(path).status_code, client.get(path).json()["code"]) == (404, "framework_unknown")
    assert not [found for found in list_sets(client) if found.startswith("district")]
    mended = client.put(path, content=table.replace("max_points: 10.05", "max_points: 10.5"), headers=YAML)
    assert (mended.status_code, mended.json()["state"]) == (201, "draft")


def test_a_draft_changes_until_it_is_published_and_never_after(client: Client) -> None:
    path = "/v1/frameworks/nested/versions/1"
    other = changed("/title_vi", "Bộ thử, sửa")
    first = put(client, NESTED)
    assert (first.status_code, first.json()["state"]) == (201, "draft")
    assert (put(client, NESTED).status_code, put(client, NESTED).json()) == (200, first.json())
    replaced = put(client, other)
    assert (replaced.status_code, replaced.json()["title_vi"]) == (200, "Bộ thử, sửa")
    assert replaced.json()["sha256"] != first.json()["sha256"]
    assert put(client, NESTED).json() == first.json()

    with open_client(client.app, key=None) as stranger:
        for answer in (stranger.get(path), put(stranger, other), stranger.post(f"{path}/publish")):
            assert (answer.status_code, answer.json()["code"]) == (401, "key_missing")
        assert "nested@1" not in list_sets(stranger)
        assert "nested@1" in list_sets(client)
        draft_tag = client.get(path).headers["ETag"]

        published = client.post(f"{path}/publish")
        assert (published.status_code, published.json()) == (200, first.json() | {"state": "published"})
        assert client.post(f"{path}/publish").json() == published.json()
        assert stranger.get(path).json() == published.json()
        assert "nested@1" in list_sets(stranger)

    same = put(client, NESTED)
    assert (same.status_code, same.json()) == (200, published.json())
    refused = put(client, other)
    assert (refused.status_code, refused.json()["code"]) == (409, "framework_published")
    assert "nested@1" in refused.json()["detail"]
    assert client.get(path).json() == published.json()
    assert client.post("/v1/frameworks/nested/versions/2/publish").status_code == 404

    published_tag = client.get(path).headers["ETag"]
    assert published_tag != draft_tag
    for tag in (published_tag, f"W/{published_tag}", f'"x", {published_tag}', "*"):
        answer = client.get(path, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", published_tag)
    for tag in (draft_tag, '"x"', published_tag.strip('"')):
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_the_stored_document_says_everything_that_was_sent(client: Client) -> None:
    stored = put(client, NESTED).json()
    assert stored["applies"] == NESTED["applies"]
    assert stored["ties"] == NESTED["ties"]
    assert stored["rounding"] == {"decimals": 4, "items": None}
    assert [(band["label_vi"], band["from"]) for band in stored["bands"]] == [("Tốt", 80), ("Khá", 65)]
    area, banded = stored["areas"]
    assert area["criteria"][1]["rule"] == {"kind": "manual", "step": 2.5}
    assert area["criteria"][0]["sub_criteria"][1]["source"] == "survey"
    assert [(s["from"], s["above"], s["points"]) for s in banded["rule"]["steps"]] == [
        (None, 90, 40),
        (90, None, 30),
        (50, None, 10.5),
    ]
    sent_again = {name: value for name, value in stored.items() if name not in ("state", "sha256")}
    assert put(client, sent_again).json() == stored


def test_yaml_and_json_are_the_same_document(client: Client) -> None:
    digest = put(client, NESTED).json()["sha256"]
    assert len(bytes.fromhex(digest)) == 32
    block = yaml.safe_dump(NESTED, allow_unicode=True, sort_keys=True)
    flow = yaml.safe_dump(NESTED, default_flow_style=True).replace("10.5", "10.50")
    dates = block.replace("'2021-01-01'", "2021-01-01")
    assert dates != block
    for text in (block, flow, dates):
        for kind in ("application/yaml", "application/x-yaml", "text/yaml; charset=utf-8"):
            answer = send(client, text, {"Content-Type": kind})
            assert (answer.status_code, answer.json()["sha256"]) == (200, digest)
    text = json.dumps(NESTED, indent=2).replace("40,", "40.0,").replace("10.5", "1.05e1")
    assert send(client, text, JSON).json()["sha256"] == digest
    assert send(client, text, {"Content-Type": "application/json; charset=utf-8"}).status_code == 200


def test_documents_that_cannot_be_read(client: Client) -> None:
    laughs = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdef", "bcdefg", strict=True)
    )
    for content, code in (
        (laughs, "aliases_refused"),
        ("<<: *x", "aliases_refused"),
        ("[" * 100_000, "nested_too_deeply"),
        ("- " * 100_000, "nested_too_deeply"),
        ('code: "nested', "yaml_invalid"),
        ("code: nested\n version: 1", "yaml_invalid"),
        ("code: nested\n---\ncode: nested", "yaml_invalid"),
        ("a: !!python/object/apply:os.getpid []", "tags_refused"),
        ("? [a]\n: b", "yaml_invalid"),
        ("a: \x01", "yaml_invalid"),
        (b"a: \xff\xfe", "yaml_invalid"),
        ("when: 2021-99-99", "yaml_invalid"),
    ):
        assert faults(send(client, content, YAML)) == [("", code)], content[:40]
    for content in ("", "~", "# nothing", "text", "5", "[]", "1: 2", "{}"):
        answer = send(client, content, YAML)
        assert "JSON" not in answer.text, content
        assert faults(answer), content
    for content in (
        b"",
        b"{",
        b'{"code": }',
        b"\xff\xfe",
        b"[" * 100_000,
        b"9" * 5000,
        b'"text"',
        b"null",
        b"[]",
    ):
        assert faults(send(client, content, JSON)), content[:40]
    for number in ("NaN", "-Infinity", "1e999999999", "1e-999999999", "9" * 400):
        mistaken = json.dumps(NESTED).replace('"total_points": 100', f'"total_points": {number}')
        assert [pointer for pointer, _ in faults(send(client, mistaken, JSON))] == ["/total_points"], number
    text = json.dumps(NESTED)
    for kind in ("text/plain", "application/octet-stream", "application/x-www-form-urlencoded", ""):
        answer = send(client, text, {"Content-Type": kind} if kind else {})
        assert (answer.status_code, answer.json()["code"]) == (415, "media_type_unsupported"), kind
    assert client.get("/v1/frameworks/nested/versions/1").status_code == 404


def test_unquoted_numeric_codes_in_yaml_are_told_to_be_quoted(client: Client) -> None:
    text = DISTRICT_TABLE.read_text("utf-8").replace('version: "2019"', "version: 2019")
    text = text.replace('code: "5"', "code: 1.10").replace("10.05", "10.5")
    answer = client.put("/v1/frameworks/district-departments/versions/2019", content=text, headers=YAML)
    assert faults(answer) == [("/version", "not_text"), ("/areas/4/code", "not_text")]
    assert "quotes" in answer.json()["errors"][1]["hint"]
    answer = client.put(
        "/v1/frameworks/district-departments/versions/2019",
        content=text,
        headers=YAML | {"Accept-Language": "vi"},
    )
    assert "ngoặc kép" in answer.json()["errors"][1]["hint"]


A1 = "/areas/0/criteria/0"
FAULTS: list[tuple[str, Any, str, str]] = [
    (f"{A1}/sub_criteria/1/max_points", 14.95, A1, "children_do_not_sum"),
    (f"{A1}/sub_criteria/1/max_points", 15.0001, A1, "children_do_not_sum"),
    ("/areas/0/criteria/1/max_points", 22.5, "/areas/0", "children_do_not_sum"),
    ("/areas/1/max_points", 40.25, "", "framework_total_differs"),
    ("/total_points", 99.9999, "", "framework_total_differs"),
    ("/areas/0/criteria/1/code", "A.1.1", "/areas/0/criteria/1/code", "code_twice"),
    ("/areas/1/code", "A", "/areas/1/code", "code_twice"),
    ("/areas/0/rule", {"kind": "manual"}, "/areas/0/rule", "item_has_children"),
    (f"{A1}/source", "survey", f"{A1}/source", "item_has_children"),
    ("/areas/0/criteria/1/rule/step", 3, "/areas/0/criteria/1/rule/step", "step_does_not_divide"),
    ("/areas/0/criteria/1/rule/step", 0, "/areas/0/criteria/1/rule/step", "not_above"),
    ("/areas/1/source", "appraisal", "/areas/1/rule", "rate_needs_statistic"),
    ("/areas/1/max_points", None, "/areas/1/max_points", "rule_needs_maximum"),
    ("/areas/1/rule/rate", "dossier:speed", "/areas/1/rule/rate", "unknown_rate"),
    ("/areas/1/rule/rate", "measure:", "/areas/1/rule/rate", "unknown_rate"),
    ("/areas/1/rule/rate", "plan_tasks", "/areas/1/rule/rate", "unknown_rate"),
    ("/areas/1/rule/rate", ..., "/areas/1/rule/rate", "missing"),
    ("/areas/1/rule/kind", "magic", "/areas/1/rule/kind", "kind_unknown"),
    ("/areas/1/rule/kind", "\ud800", "/areas/1/rule/kind", "kind_unknown"),
    ("/areas/1/rule/kind", ..., "/areas/1/rule/kind", "missing"),
    ("/areas/1/rule/weight", 2, "/areas/1/rule/weight", "unknown_member"),
    ("/areas/1/rule/steps", [], "/areas/1/rule/steps", "wrong_length"),
    ("/areas/1/rule/steps/1", {"from": 95, "points": 30}, "/areas/1/rule/steps/1", "steps_not_descending"),
    ("/areas/1/rule/steps/1", {"above": 90, "points": 30}, "/areas/1/rule/steps/1", "threshold_twice"),
    ("/areas/1/rule/steps/2/points", 30, "/areas/1/rule/steps/2/points", "steps_points_not_descending"),
    ("/areas/1/rule/steps/0/points", 41, "/areas/1/rule/steps/0/points", "points_above_maximum"),
    ("/areas/1/rule/steps/0", {"points": 40}, "/areas/1/rule/steps/0", "step_needs_one_end"),
    ("/areas/1/rule/steps/1/above", 90, "/areas/1/rule/steps/1", "step_needs_one_end"),
    ("/areas/1/rule/steps/2/from", 101, "/areas/1/rule/steps/2/from", "above_maximum"),
    ("/ties/keys/0", "area:C", "/ties/keys/0", "unknown_tie_key"),
    ("/ties/keys/1", "colour", "/ties/keys/1", "unknown_tie_key"),
    ("/ties/method", "lottery", "/ties/method", "not_one_of"),
    ("/bands/1/from", 80, "/bands/1/from", "threshold_twice"),
    ("/bands/1/from", 81, "/bands/1/from", "bands_not_descending"),
    ("/applies/to", "2020-12-31", "/applies/to", "interval_reversed"),
    ("/version", "2", "/code", "framework_code_differs"),
    ("/status", "draft", "/status", "not_one_of"),
    ("/level", "village", "/level", "not_one_of"),
    ("/areas", [], "/areas", "wrong_length"),
    ("/areas/0/max_points", ..., "/areas/0/max_points", "missing"),
    ("/areas/0/reform_area", ..., "/areas/0/reform_area", "missing"),
    ("/areas/0/criteria/1/max_points", 20.00001, "/areas/0/criteria/1/max_points", "too_many_decimals"),
    ("/areas/0/criteria/1/max_points", -1, "/areas/0/criteria/1/max_points", "below_minimum"),
    ("/areas/0/criteria/1/weight", 1, "/areas/0/criteria/1/weight", "unknown_member"),
    (f"{A1}/sub_criteria/0/sub_criteria", [], f"{A1}/sub_criteria/0/sub_criteria", "unknown_member"),
    (f"{A1}/name_vi", "a\x00b", f"{A1}/name_vi", "not_printable"),
    ("/a~1b", 1, "/a~01b", "unknown_member"),
]


def test_every_fault_is_named_with_its_place(client: Client) -> None:
    for pointer, value, place, code in FAULTS:
        answer = send(client, json.dumps(changed(pointer, value)), JSON)
        assert (place, code) in faults(answer), (pointer, value, answer.text)
        assert len(answer.json()["errors"]) == 1, (pointer, value, answer.text)
        assert answer.json()["errors"][0]["message"]
    assert client.get("/v1/frameworks/nested/versions/1").status_code == 404
    assert put(client, NESTED).status_code == 201


def test_a_wrong_sum_is_told_with_node_parts_and_difference(client: Client) -> None:
    def message(pointer: str, value: Any) -> str:
        text: str = put(client, changed(pointer, value)).json()["errors"][0]["message"]
        return text

    assert message(f"{A1}/sub_criteria/1/max_points", 14.95) == (
        'The sub_criteria of "A.1" sum to 39.95 (25 + 14.95), but its max_points is 40: -0.05.'
    )
    assert message("/areas/0/criteria/1/max_points", 22.5) == (
        'The criteria of "A" sum to 62.5 (40 + 22.5), but its max_points is 60: +2.5.'
    )
    assert message("/areas/0/criteria/1/code", "A.1.1") == (
        f'Code "A.1.1" stands twice, first at {A1}/sub_criteria/0.'
    )
    several = changed(f"{A1}/sub_criteria/0/max_points", 24) | {"total_points": 99}
    assert faults(put(client, several)) == [("", "framework_total_differs"), (A1, "children_do_not_sum")]


def test_unknown_maxima_must_leave_room_below_a_known_parent(client: Client) -> None:
    partial = changed(f"{A1}/sub_criteria/1/max_points", None)
    assert put(client, partial).status_code == 201
    partial["areas"][0]["criteria"][0]["sub_criteria"][0]["max_points"] = 40.5
    assert faults(put(client, partial)) == [(A1, "children_exceed_parent")]
    both = changed(f"{A1}/max_points", None)  # then A.1 is the 25 + 15 below it
    assert put(client, both).status_code == 200
    both["areas"][0]["criteria"][0]["sub_criteria"][0]["max_points"] = 26
    assert faults(put(client, both)) == [("/areas/0", "children_do_not_sum")]


@pytest.mark.parametrize("kind", ["application/json", "application/yaml"])
def test_a_body_over_the_limit_is_413(database_url: str, kind: str) -> None:
    app = make_app(database_url, max_body_bytes=4096)
    with open_client(app) as client:
        headers, text = {"Content-Type": kind}, json.dumps(NESTED).encode()
        assert len(text) < 4096
        full = text.ljust(4096)
        assert send(client, full, headers).status_code == 201
        for declared in (True, False):
            request = client.build_request(
                "PUT", "/v1/frameworks/nested/versions/1", content=full + b" ", headers=headers
            )
            if not declared:
                del request.headers["Content-Length"]
            answer = client.send(request)
            assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert "4096" in answer.json()["detail"]
            assert KEY not in answer.text
    close(app)
