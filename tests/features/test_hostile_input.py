"""What nobody should send: refused early, at its place, without a key before anything is read."""

import json
import threading
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.features.frameworks import service as frameworks
from app.features.frameworks.schemas import FrameworkDocument
from app.infra.auth import operator
from app.infra.db import Database
from tests.conftest import Client, open_client

SET: dict[str, Any] = {
    "code": "s",
    "version": "1",
    "title_vi": "Bộ thử",
    "level": "province",
    "status": "illustrative",
    "total_points": 10,
    "applies": {"from": "2012-01-01"},
    "areas": [{"code": "a", "name_vi": "A", "reform_area": None, "max_points": 10}],
}
JSON = {"Content-Type": "application/json"}


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    """(pointer, code) of every error."""
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


def test_without_a_key_no_body_is_read(public: Client) -> None:
    """A stranger cannot make the service parse: what is no JSON and no YAML is not even looked at."""
    for method, path, headers in [
        ("PUT", "/v1/frameworks/x/versions/1", {"Content-Type": "application/yaml"}),
        ("PUT", "/v1/frameworks/x/versions/1", JSON),
        ("POST", "/v1/rounds/par-province-2020/scores", JSON),
        ("PUT", "/v1/units/x", JSON),
    ]:
        answer = public.request(method, path, content=b"[" * 1000, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "key_missing"), path


@pytest.mark.parametrize(
    ("decimals", "code"),
    [("1e1000000000", "not_whole"), ("1e99999999999999999999", "not_whole"), ('"2"', "not_whole")],
)
def test_numbers_that_would_fill_the_memory(client: Client, decimals: str, code: str) -> None:
    body = f'{{"rounding": {{"decimals": {decimals}}}}}'
    answer = client.put("/v1/frameworks/s/versions/1", content=body, headers=JSON)
    assert ("/rounding/decimals", code) in faults(answer)


def test_yaml_with_tags_or_without_end(client: Client) -> None:
    yaml = {"Content-Type": "application/yaml"}
    for body in ('a: !!int ""', "a: !!bool foo", "a: !!timestamp foo", "a: !!python/name:os.system x"):
        answer = client.put("/v1/frameworks/s/versions/1", content=f"b: 1\n{body}", headers=yaml)
        assert faults(answer) == [("", "tags_refused")], body
        assert "Line 2" in answer.json()["errors"][0]["message"]
    large = client.put("/v1/frameworks/s/versions/1", content="a: [" + "1," * 600_000, headers=yaml)
    assert (large.status_code, large.json()["code"]) == (413, "document_too_large")


def test_text_is_no_number_and_a_number_is_no_date(client: Client) -> None:
    base = "/v1/units/22"
    for path, body, fault in [
        ("measures/m/2020", {"value": "5_0"}, ("/value", "not_a_number")),
        ("measures/m/2020", {"value": True}, ("/value", "not_a_number")),
        ("measures/m/2020", {"value": 10**12}, ("/value", "above_maximum")),
        ("measures/m/2020", {"value": 1, "extracted_at": 5}, ("/extracted_at", "not_a_date")),
        ("dossier-statistics/2020", {"received": 1, "data_from": 0}, ("/data_from", "not_a_date")),
    ]:
        assert faults(client.put(f"{base}/{path}", json=body)) == [fault], body
    most = 99_999_999_999.9999
    assert client.put(f"{base}/measures/m/2020", json={"value": most}).json()["value"] == most


def test_half_a_surrogate_pair_is_no_text(client: Client) -> None:
    """JSON can spell what UTF-8 cannot: it is refused where it stands, and the refusal can be read."""
    area = {**SET["areas"][0], "name_vi": "HALF", "rule": {"kind": "measure", "rate": "HALF"}}
    sent = json.dumps(SET | {"areas": [area]}).replace("HALF", "\\ud800")
    answer = client.put("/v1/frameworks/s/versions/1", content=sent, headers=JSON)
    assert answer.status_code == 422
    assert {pointer for pointer, _ in faults(answer)} == {"/areas/0/name_vi", "/areas/0/rule/rate"}


def test_publishing_waits_for_a_draft_that_is_being_written(app: FastAPI) -> None:
    """Whoever comes second sees what the first one did: a published set is never replaced."""
    database: Database = app.state.database
    with open_client(app) as client:
        assert client.put("/v1/frameworks/s/versions/1", json=SET).status_code == 201
        changed = FrameworkDocument.model_validate({**SET, "title_vi": "Đã sửa"})
        answers: list[httpx.Response] = []
        publish = threading.Thread(
            target=lambda: answers.append(client.post("/v1/frameworks/s/versions/1/publish"))
        )
        with database.write() as session:
            frameworks.put_framework(session, "s", "1", changed, operator("first"))
            publish.start()
        publish.join(timeout=30)
        assert answers[0].json()["title_vi"] == "Đã sửa"
        assert answers[0].json()["state"] == "published"
        assert client.put("/v1/frameworks/s/versions/1", json=SET).status_code == 409


def test_items_are_rounded_alike_on_sheet_and_index(client: Client) -> None:
    """`rounding.items: 1`: 0.25 counts as 0.3 in both, but not where 0.25 is all there is."""
    items = [
        {"code": code, "name_vi": "A", "reform_area": None, "max_points": maximum, "criteria": []}
        for code, maximum in (("a1", 5), ("a2", 4.75), ("a3", 0.25))
    ]
    client.put(
        "/v1/frameworks/s/versions/1", json={**SET, "areas": items, "rounding": {"decimals": 2, "items": 1}}
    )
    client.post("/v1/frameworks/s/versions/1/publish")
    participants = [{"group": "g", "units": ["22"]}]
    client.put(
        "/v1/rounds/r",
        json={"title_vi": "r", "framework": "s@1", "period": "2020", "participants": participants},
    )
    for to in ("self_assessment", "appraisal"):
        client.post("/v1/rounds/r/transitions", json={"to": to})
    scores = [{"unit": "22", "item": f"a{n}", "stage": "appraisal", "points": 0.25} for n in (1, 2, 3)]
    assert client.post("/v1/rounds/r/scores", json={"scores": scores}).status_code == 201
    assert client.get("/v1/rounds/r/indices/22").json()["points"] == 0.85
    sheet = client.get("/v1/rounds/r/units/22/sheet").json()
    assert [item["points"] for item in sheet["items"]] == [0.3, 0.3, 0.25]
    assert [item["stages"]["appraisal"]["points"] for item in sheet["items"]] == [0.25, 0.25, 0.25]


def test_mixed_reports_keep_their_rates_in_a_roll_up(client: Client) -> None:
    """One commune splits early and on time, the other knows only the overdue: (9 + 9) of (10 + 10)."""
    commune = {"kind": "commune", "parent_code": "22", "valid_from": "2012-01-01", "name_vi": "Xã"}
    for code, counts in {
        "a": {"resolved_early": 4, "resolved_on_time": 5, "resolved_overdue": 1},
        "b": {"resolved": 10, "resolved_overdue": 1},
    }.items():
        client.put(f"/v1/units/{code}", json=commune)
        assert client.put(f"/v1/units/{code}/dossier-statistics/2020", json=counts).status_code == 200
    rolled = client.get("/v1/units/22/dossier-statistics/2020?rollup=true").json()
    assert rolled["rates"]["on_time_of_resolved_percent"] == 90
    assert rolled["counts"] == {"resolved": 20, "resolved_overdue": 2}
    assert rolled["derived"] == {"resolved_early_or_on_time": 18}
    assert rolled["coverage"] == {"reported": 2, "expected": 3}
