"""Batches of scores: whole or not at all, every bad row named, safe to repeat."""

from collections.abc import Callable
from typing import Any

from tests.conftest import Client, close, make_app, open_client
from tests.features.test_scores import (
    SHEET,
    history,
    item_of,
    problems,
    score,
    send,
    send_text,
    sheet,
    start_round,
    without_actions,
)

# each row is wrong in exactly one way: the row, where, the code, a word of the message
BAD_ROWS = [
    ('{"unit":"99","item":"1.1","stage":"appraisal","points":1}', "/unit", "unit_not_participant", '"99"'),
    ('{"unit":"04","item":"1.1","stage":"appraisal","points":1}', "/unit", "unit_not_participant", '"04"'),
    ('{"unit":"01","item":"9.9","stage":"appraisal","points":1}', "/item", "item_unknown", '"9.9"'),
    (
        '{"unit":"02","item":"1.1","stage":"appraisal","points":50.0001}',
        "/points",
        "points_above_maximum",
        "50.0001 points are more than the maximum 50",
    ),
    ('{"unit":"01","item":"2","stage":"appraisal","points":1.00001}', "/points", "too_many_decimals", "4"),
    (
        '{"unit":"01","item":"2","stage":"appraisal","points":1.00000000000000001}',
        "/points",
        "too_many_decimals",
        "4",
    ),
    ('{"unit":"01","item":"2","stage":"appraisal","points":NaN}', "/points", "not_finite", "NaN"),
    ('{"unit":"01","item":"2","stage":"appraisal","points":Infinity}', "/points", "not_finite", "infinity"),
    ('{"unit":"01","item":"2","stage":"appraisal","points":-Infinity}', "/points", "not_finite", "infinity"),
    ('{"unit":"01","item":"2","stage":"appraisal","points":-0.5}', "/points", "below_minimum", "0"),
    ('{"unit":"01","item":"2","stage":"appraisal","points":1e30}', "/points", "above_maximum", "100000"),
    ('{"unit":"01","item":"2","stage":"appraisal","points":true}', "/points", "not_a_number", "number"),
    ('{"unit":"01","item":"1.1","stage":"self","points":1}', "/stage", "stage_not_writable", "self"),
    ('{"unit":"01","item":"1.1","stage":"survey","points":1}', "/stage", "stage_not_writable", "survey"),
    (
        '{"unit":"01","item":"1.3","stage":"appraisal","points":1}',
        "/stage",
        "stage_not_writable",
        "appraisal",
    ),
    ('{"unit":"01","item":"1.4","stage":"statistic","points":1}', "/stage", "not_one_of", "final"),
    ('{"unit":"02","item":"2","stage":"appraisal"}', "/points", "points_missing", "not_applicable"),
    (
        '{"unit":"02","item":"1.2","stage":"appraisal","points":1,"not_applicable":true}',
        "/points",
        "points_with_not_applicable",
        "no points",
    ),
    (
        '{"unit":"01","item":"1.2","stage":"appraisal","points":12.3}',
        "/points",
        "points_off_step",
        "0.5",
    ),
    (
        '{"unit":"01","item":"1.3","stage":"final","points":1}',
        "/reason",
        "reason_missing",
        "survey",
    ),
    (
        '{"unit":"01","item":"1.4","stage":"final","points":1}',
        "/reason",
        "reason_missing",
        "statistic",
    ),
    (
        '{"unit":"01","item":"2","stage":"appraisal","points":1,"pionts":2}',
        "/pionts",
        "unknown_member",
        "member",
    ),
    ('{"item":"2","stage":"appraisal","points":1}', "/unit", "missing", "required"),
    ('{"unit":1,"item":"2","stage":"appraisal","points":1}', "/unit", "not_text", "text"),
    ("5", "", "not_an_object", "object"),
    ('{"unit":"01","item":"1.1","stage":"appraisal","points":3}', "", "duplicate_row", "/scores/0"),
]


def test_a_bad_batch_is_never_half_applied_and_every_bad_row_is_named(client: Client) -> None:
    base = start_round(client, ["01", "02"], "self_assessment", "appraisal")
    assert send(client, base, score("01", "1.1", "appraisal", 40)).json()["revisions"] == {"01": 1}
    good = ['{"unit":"01","item":"1.1","stage":"appraisal","points":41}']
    rows = good + [row for row, *_ in BAD_ROWS]
    refused = send_text(client, base, '{"scores":[' + ",".join(rows) + "]}")
    expected = [
        (f"/scores/{index}{pointer}", code) for index, (_, pointer, code, _) in enumerate(BAD_ROWS, start=1)
    ]
    assert sorted(problems(refused)) == sorted(expected)
    body = refused.json()
    assert (body["code"], body["status"]) == ("invalid_input", 422)
    assert f"{len(BAD_ROWS)} error(s); nothing was stored" in body["detail"]
    messages = {error["pointer"]: error["message"] for error in body["errors"]}
    for index, (_, pointer, _, word) in enumerate(BAD_ROWS, start=1):
        assert word in messages[f"/scores/{index}{pointer}"]

    assert sheet(client, base, "01")["revision"] == 1
    assert sheet(client, base, "02")["revision"] == 0
    assert history(client, "1.1") == [(1, "appraisal", 40)]
    assert item_of(sheet(client, base, "01"), "1.1")["points"] == 40


def test_bodies_that_are_no_batch(client: Client) -> None:
    base = start_round(client, ["01"], "self_assessment", "appraisal")
    for body in ("[]", '"scores"', "null", "5"):
        refused = send_text(client, base, body)
        assert refused.status_code == 422, body
        assert [error["pointer"] for error in refused.json()["errors"]] == [""], body
    for body, expected in [
        ("{}", ("/scores", "missing")),
        ('{"scores":{}}', ("/scores", "not_a_list")),
        ('{"scores":null}', ("/scores", "not_a_list")),
        ('{"scores":[],"skores":[]}', ("/skores", "unknown_member")),
        ('{"scores":[', ("", "json_invalid")),
        # out of any range: refused before anything is made of it
        (
            '{"scores":[{"unit":"01","item":"2","stage":"appraisal","points":1e400}]}',
            ("/scores/0/points", "not_finite"),
        ),
        (
            '{"scores":[{"unit":"01","item":"2","stage":"appraisal","points":1e-400}]}',
            ("/scores/0/points", "too_many_decimals"),
        ),
        (
            '{"scores":[{"unit":"01","item":"2","stage":"appraisal","points":"5_0"}]}',
            ("/scores/0/points", "not_a_number"),
        ),
        ('{"scores":[' + ",".join(["{}"] * 20_001) + "]}", ("/scores", "too_many_rows")),
    ]:
        refused = send_text(client, base, body)
        assert refused.status_code == 422, body
        assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [expected]
    as_form = client.post(f"{base}/scores", data={"scores": "[]"})
    assert (as_form.status_code, as_form.json()["code"]) == (415, "media_type_unsupported")
    nothing = send(client, base)
    assert (nothing.status_code, without_actions(nothing)) == (
        201,
        {"accepted": 0, "unchanged": 0, "revisions": {}},
    )
    assert sheet(client, base, "01")["revision"] == 0


def test_a_batch_can_be_repeated_and_rehearsed(client: Client) -> None:
    base = start_round(client, ["01", "02"], "self_assessment", "appraisal")
    evidence = [{"title": "Báo cáo", "number": "123/BC-UBND", "issued_on": "2021-12-01"}]
    batch = [
        score("01", "1.1", "appraisal", 45.5, reason="thiếu minh chứng", evidence=evidence),
        score("01", "1.3", "survey", 9.1234),
        score("02", "2", "appraisal", not_applicable=True),
    ]
    rehearsed = send(client, base, *batch, dry_run="true")
    assert rehearsed.status_code == 200
    assert without_actions(rehearsed) == {"accepted": 3, "unchanged": 0, "revisions": {"01": 1, "02": 1}}
    assert send(client, base, score("01", "1.1", "appraisal", 99), dry_run="true").status_code == 422
    assert sheet(client, base, "01")["revision"] == 0
    assert history(client, "1.1") == []

    sent = send(client, base, *batch)
    assert (sent.status_code, sent.json()) == (201, rehearsed.json())
    again = send(client, base, *reversed(batch))
    assert again.status_code == 201
    assert without_actions(again) == {"accepted": 0, "unchanged": 3, "revisions": {"01": 1, "02": 1}}
    # only what differs is written, and only its sheet moves; 45.50 is 45.5
    mixed = send_text(
        client,
        base,
        '{"scores":[{"unit":"01","item":"1.3","stage":"survey","points":9.12340},'
        '{"unit":"02","item":"2","stage":"appraisal","points":7.5}]}',
    )
    assert without_actions(mixed) == {"accepted": 1, "unchanged": 1, "revisions": {"01": 1, "02": 2}}
    stored = item_of(sheet(client, base, "01"), "1.1")["stages"]["appraisal"]
    assert (stored["points"], stored["reason"], stored["revision"]) == (45.5, "thiếu minh chứng", 1)
    assert [evidence[0]] == [{k: v for k, v in e.items() if v is not None} for e in stored["evidence"]]
    assert history(client, "2") == [(1, "appraisal", None), (2, "appraisal", 7.5)]


def test_a_batch_has_a_limit(database_url: str) -> None:
    app = make_app(database_url, max_batch_rows=2)
    with open_client(app) as client:
        base = start_round(client, ["01"], "self_assessment")
        rows = [score("01", item, "self", 1) for item in ("1.1", "1.2", "2")]
        refused = send(client, base, *rows)
        assert refused.status_code == 422
        assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("/scores", "too_many_rows")]
        assert "3 rows; at most 2" in refused.text
        assert send(client, base, *rows[:2]).json()["accepted"] == 2
    close(app)


def test_queries_do_not_grow_with_the_rows(
    client: Client, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    """10 rows of one unit, and 500 rows of 50 units."""
    listed = client.get("/v1/units", params={"kind": "province", "valid_on": "2021-12-31"}).json()["items"]
    units = [unit["code"] for unit in listed][:51]
    document = SHEET | {
        "code": "ten",
        "areas": [
            {"code": str(i), "name_vi": str(i), "reform_area": None, "max_points": 10} for i in range(10)
        ],
    }
    assert client.put("/v1/frameworks/ten/versions/1", json=document).status_code == 201
    assert client.post("/v1/frameworks/ten/versions/1/publish").status_code == 200
    base = start_round(client, units, "self_assessment", framework="ten@1")

    def rows(some: list[str]) -> list[dict[str, Any]]:
        return [score(unit, str(item), "self", 5) for unit in some for item in range(10)]

    first = [score(unit, "0", "self", 1) for unit in units]  # every province begins its audit chain
    assert send(client, base, *first).status_code == 201
    ten = count_queries(lambda: send(client, base, *rows(units[:1])))
    five_hundred = count_queries(lambda: send(client, base, *rows(units[1:])))
    assert len(history(client, "9")) == 51
    assert 0 < five_hundred <= ten
