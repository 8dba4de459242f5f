"""Two who write on one sheet: nothing is lost, and who comes late sees both versions."""

import pytest

from tests.conftest import Client
from tests.features.test_workflow import code_of, start_round, write


def test_a_stale_write_gets_both_versions_and_the_difference(client: Client) -> None:
    base = start_round(client, "self_assessment")
    write(client, base, "2", "self", 5)
    etag = client.get(f"{base}/units/22.noi-vu/sheet").headers["ETag"]
    write(client, base, "2", "self", 6, reason="tính lại")
    write(client, base, "1", "self", 0)
    stale = write(client, base, "2", "self", 7, headers={"If-Match": etag})
    assert stale.status_code == 412
    conflict = stale.json()["conflict"]
    score = {"unit": "22.noi-vu", "stage": "self", "not_applicable": False, "evidence": []}
    assert conflict["current"] == {
        "revision": 3,
        "scores": [
            {**score, "item": "1", "points": "0", "reason": None},
            {**score, "item": "2", "points": "6", "reason": "tính lại"},
        ],
    }
    assert conflict["yours"]["scores"] == [{**score, "item": "2", "points": "7", "reason": None}]
    assert conflict["difference"] == [
        {"field": "1/self/points", "base": None, "current": "0"},
        {"field": "1/self/not_applicable", "base": None, "current": False},
        {"field": "1/self/evidence", "base": None, "current": []},
        {"field": "2/self/points", "base": "5", "current": "6", "yours": "7"},
        {"field": "2/self/reason", "base": None, "current": "tính lại", "yours": None},
    ]


@pytest.mark.parametrize("step", ["submit", "return"])
def test_a_sheet_is_not_handed_over_as_it_was_not_read(client: Client, step: str) -> None:
    base = start_round(client, "self_assessment")
    write(client, base, "2", "self", 5)
    write(client, base, "2", "self", 6, reason="tính lại")
    url = f"{base}/units/22.noi-vu/sheet"
    said = {"json": {"reason": "x"} if step == "return" else {}}
    if step == "return":
        assert client.post(f"{url}/submit", json={}, headers={"If-Match": '"2"'}).status_code == 200
    stale = client.post(f"{url}/{step}", **said, headers={"If-Match": '"1"'})
    assert code_of(stale) == (412, "precondition_failed")
    revision, state = (3, "submitted") if step == "return" else (2, "open")
    score = {"unit": "22.noi-vu", "item": "2", "stage": "self", "points": "6", "not_applicable": False}
    assert stale.json()["conflict"] == {
        "current": {
            "unit": "22.noi-vu",
            "state": state,
            "revision": revision,
            "open_until": None,
            "scores": [{**score, "reason": "tính lại", "evidence": []}],
        },
        "yours": {"scores": []},
        "difference": [
            {"field": "2/self/points", "base": "5", "current": "6"},
            {"field": "2/self/reason", "base": None, "current": "tính lại"},
        ],
    }
    now = client.get(url).headers["ETag"]
    assert client.post(f"{url}/{step}", **said, headers={"If-Match": now}).status_code == 200


def test_an_item_can_be_matched_alone(client: Client) -> None:
    base = start_round(client, "self_assessment")
    write(client, base, "2", "self", 5)
    item = client.get(f"{base}/units/22.noi-vu/scores/2")
    assert item.json()["stages"]["self"]["points"] == 5
    etag = item.headers["ETag"]
    write(client, base, "1", "self", 0)  # elsewhere on the sheet
    assert write(client, base, "2", "self", 6, headers={"If-Match": '"1"'}).status_code == 412
    assert write(client, base, "2", "self", 6, headers={"If-Match": etag}).status_code == 200
    assert write(client, base, "2", "self", 7, headers={"If-Match": etag}).status_code == 412
    rows = [{"unit": "22.noi-vu", "item": "2", "stage": "self", "points": 8}]
    stale = client.post(f"{base}/scores", json={"scores": rows}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert stale.json()["conflict"]["yours"]["scores"][0]["points"] == "8"
    now = client.get(f"{base}/units/22.noi-vu/sheet").headers["ETag"]
    assert client.post(f"{base}/scores", json={"scores": rows}, headers={"If-Match": now}).status_code == 201
    two = [*rows, {"unit": "22.tai-chinh", "item": "2", "stage": "self", "points": 8}]
    assert code_of(client.post(f"{base}/scores", json={"scores": two}, headers={"If-Match": now})) == (
        422,
        "if_match_of_one_unit",
    )


def test_the_conflict_of_a_submitted_sheet_names_its_revision(client: Client) -> None:
    base = start_round(client, "self_assessment")
    write(client, base, "2", "self", 5)
    for step, said in (("submit", {}), ("return", {"reason": "x"})):
        assert client.post(f"{base}/units/22.noi-vu/sheet/{step}", json=said).status_code == 200
    stale = write(client, base, "2", "self", 6, headers={"If-Match": '"1"'})
    assert stale.json()["conflict"]["current"]["revision"] == 3
    write(client, base, "1", "self", 0)
    write(client, base, "2", "self", 7)
    stale = write(client, base, "2", "self", 8, headers={"If-Match": '"i1"'})
    assert {d["field"].split("/")[0] for d in stale.json()["conflict"]["difference"]} == {"2"}
