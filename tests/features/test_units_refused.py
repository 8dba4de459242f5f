"""What the registry refuses, and how it says so."""

import base64
import json
from typing import Any

from tests.conftest import Client, open_client
from tests.features.test_units import FIRST_DAY_OF_34, faults, put, unit


def test_unknown_units_and_wrong_days_are_404(client: Client) -> None:
    for path in ("/v1/units/97", "/v1/units/97/lineage", "/v1/units/hai%20phong"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "unit_unknown")
    for code, day, versions in (
        ("30", FIRST_DAY_OF_34, "2012-01-01..2025-06-30"),
        ("15", "2011-12-31", "2012-01-01..2025-06-30, 2025-07-01.."),
    ):
        answer = client.get(f"/v1/units/{code}", params={"valid_on": day})
        assert (answer.status_code, answer.json()["code"]) == (404, "unit_not_valid_on")
        assert day in answer.json()["detail"]
        assert versions in answer.json()["detail"]


def test_writing_needs_the_key_and_a_wrong_one_opens_nothing(client: Client) -> None:
    body = unit("other", "22", "2020-01-01")
    with open_client(client.app, key=None) as stranger:
        answer = put(stranger, "new", body)
        assert (answer.status_code, answer.json()["code"]) == (401, "key_missing")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert stranger.get("/v1/units/22").status_code == 200
        for value in (b"Bearer par_wrong", b"Bearer \xc3\xa1\xff", b"Bearer ", b"Basic YTpi", b"par_wrong"):
            headers = {b"Authorization": value}
            requests = [
                stranger.build_request("PUT", "/v1/units/new", json=body, headers=headers),
                stranger.build_request("GET", "/v1/units/22", headers=headers),
                stranger.build_request("GET", "/v1/units", headers=headers),
                stranger.build_request("GET", "/v1/units/22/lineage", headers=headers),
            ]
            for request in requests:
                answer = stranger.send(request)
                assert (answer.status_code, answer.json()["code"]) == (401, "key_wrong"), (value, request)
    assert client.get("/v1/units/new").status_code == 404


def test_wrong_parameters_are_named(client: Client) -> None:
    def cursor(key: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()

    query = {
        "kind=city": ("/query/kind", "not_one_of"),
        "valid_on=2021-02-29": ("/query/valid_on", "not_a_date"),
        "valid_on=yesterday": ("/query/valid_on", "not_a_date"),
        "limit=0": ("/query/limit", "below_minimum"),
        "limit=1001": ("/query/limit", "above_maximum"),
        f"q={'a' * 101}": ("/query/q", "wrong_length"),
        "knd=province": ("/query/knd", "unknown_parameter"),
        **{
            f"cursor={value}": ("/query/cursor", "cursor_invalid")
            for value in ("x", "!", "%C3%A1", cursor("22"), cursor([1]), cursor(["a", "b"]), cursor(["\0"]))
        },
    }
    for text, fault in query.items():
        assert faults(client.get(f"/v1/units?{text}")) == [fault], text
    answer = client.get("/v1/units/22?valid_on=2021-01-01&on=2021-01-01")
    assert faults(answer) == [("/query/on", "unknown_parameter")]
    assert '"on"' in answer.json()["errors"][0]["message"]
    assert "valid_on" in answer.json()["errors"][0]["hint"]
    for code, fault in {
        "ha%20noi": "wrong_pattern",
        "h%C3%A0": "wrong_pattern",
        "a@b": "wrong_pattern",
        "%2e%2e": "wrong_pattern",
        "a" * 65: "wrong_length",
    }.items():
        assert faults(put(client, code, unit("other", "22", "2020-01-01"))) == [("/path/code", fault)]
    assert put(client, "a" * 64, unit("other", "22", "2020-01-01")).status_code == 201


def test_wrong_bodies_are_named_and_not_stored(client: Client) -> None:
    good = unit("other", "22", "2020-01-01")
    changes: list[tuple[dict[str, Any], tuple[str, str]]] = [
        ({"name_vi": "  "}, ("/name_vi", "wrong_length")),
        ({"name_vi": "a" * 301}, ("/name_vi", "wrong_length")),
        ({"name_vi": 5}, ("/name_vi", "not_text")),
        ({"kind": "city"}, ("/kind", "not_one_of")),
        ({"parent_code": "a b"}, ("/parent_code", "wrong_pattern")),
        ({"valid_from": "01/01/2020"}, ("/valid_from", "not_a_date")),
        ({"valid_from": "0001-01-01"}, ("/valid_from", "below_minimum")),
        ({"groups": ["ok", "a b"]}, ("/groups/1", "wrong_pattern")),
        ({"color": "red"}, ("/color", "unknown_member")),
    ]
    changes += [
        ({member: f"Sở{char}Y tế"}, (f"/{member}", "not_printable"))
        for char in ("\0", "\x01", "\x1b", "\x7f", "\x85", "\ud800")
        for member in ("name_vi", "name_en")
    ]
    for change, fault in changes:
        assert faults(put(client, "new", good | change)) == [fault], change
    assert put(client, "new", good | {"\ud800": 1}).status_code == 422
    assert faults(put(client, "new", good | {"name_vi": "", "kind": "", "x": 1})) == [
        ("/name_vi", "wrong_length"),
        ("/kind", "not_one_of"),
        ("/x", "unknown_member"),
    ]
    for content in (b"", b"{", b'"text"', b"[]", b"null", b"\xff\xfe", b"[" * 100_000):
        headers = {"Content-Type": "application/json"}
        assert client.put("/v1/units/new", content=content, headers=headers).status_code == 422
    for kind in ("text/plain", "application/xml"):
        answer = client.put("/v1/units/new", content=json.dumps(good), headers={"Content-Type": kind})
        assert (answer.status_code, answer.json()["code"]) == (415, "media_type_unsupported")
    assert client.get("/v1/units/new").status_code == 404


def test_nul_in_an_address_is_refused(client: Client) -> None:
    for path in (
        "/v1/units/2%002",
        "/v1/units?q=%00",
        "/v1/units?parent=2%002",
        "/v1/units/22/lineage?a%00=1",
    ):
        assert faults(client.get(path))[0][1] == "malformed", path
    assert faults(put(client, "%00", unit("other", "22", "2020-01-01")))[0][1] == "malformed"
    for path in ("/docs%00", "/static-offline-docs/%00", "/%00"):
        assert (client.get(path).status_code, client.get(path).json()["code"]) == (404, "not_found")


def test_errors_are_vietnamese_unless_english_is_asked_for(client: Client) -> None:
    check = "Hãy kiểm tra mã đơn vị (GET /v1/units?q=...); mã có thể bắt đầu bằng số 0."
    vietnamese = ("vi", "Không tìm thấy", f'Không có đơn vị "97". {check}')
    check = "Check the code (GET /v1/units?q=...); a code may have a leading zero."
    english = ("en", "Not found", f'There is no unit "97". {check}')
    wanted = {
        None: vietnamese,
        "": vietnamese,
        "fr": vietnamese,
        "vi-VN,vi;q=0.9,en;q=0.8": vietnamese,
        "en;q=x": vietnamese,
        "en": english,
        "en-GB,en;q=0.9,vi;q=0.2": english,
        "vi;q=0.3, en;q=0.7": english,
        "EN": english,
    }
    for accept, (language, title, detail) in wanted.items():
        request = client.build_request("GET", "/v1/units/97")
        del request.headers["Accept-Language"]
        if accept is not None:
            request.headers["Accept-Language"] = accept
        answer = client.send(request)
        assert answer.headers["Content-Language"] == language, accept
        assert (answer.json()["title"], answer.json()["detail"]) == (title, detail)
        assert answer.json()["status"] == 404
        assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
    faulty = client.get("/v1/units?kind=city", headers={"Accept-Language": "vi"}).json()
    assert faulty["title"] == "Dữ liệu không hợp lệ"
    assert faulty["errors"][0]["message"].startswith("Phải là một trong")
