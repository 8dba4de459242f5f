"""Rounds: set up as drafts, then moved step by step, and never changed behind anybody's back."""

from collections.abc import Callable
from typing import Any

import httpx
from sqlalchemy import text

from app.core.types import RoundState
from tests.conftest import Client, open_client

STATES = [state.value for state in RoundState]
# the way of this service from draft to publication; every other pair is refused
NEXT = {
    "draft": ["self_assessment"],
    "self_assessment": ["appraisal"],
    "appraisal": ["explanation", "final_appraisal", "approved"],
    "explanation": ["final_appraisal", "approved"],
    "final_appraisal": ["approved"],
    "approved": ["published"],
    "published": ["correction"],
    "correction": ["published"],
}


def body(**more: Any) -> dict[str, Any]:
    """A round of two provinces."""
    return {
        "title_vi": "Kỳ thử",
        "framework": "par-province@2020",
        "period": "2020",
        "participants": [{"group": "provinces", "units": ["22", "31"]}],
        **more,
    }


def put(client: Client, code: str = "r", **more: Any) -> httpx.Response:
    """Write a round."""
    return client.put(f"/v1/rounds/{code}", json=body(**more))


def move(client: Client, to: str, code: str = "r", reason: str | None = None) -> httpx.Response:
    """Move a round."""
    return client.post(f"/v1/rounds/{code}/transitions", json={"to": to, "reason": reason})


def put_framework(client: Client, maximum: int | None) -> httpx.Response:
    """A draft whose two areas have this maximum."""
    areas = [
        {"code": code, "name_vi": f"Lĩnh vực {code}", "reform_area": None, "max_points": maximum}
        for code in ("A", "B")
    ]
    document = {
        "code": "own",
        "version": "1",
        "title_vi": "Bộ thử",
        "level": "province",
        "status": "official_partial",
        "total_points": 100,
        "applies": {"from": "2020-01-01"},
        "areas": areas,
    }
    return client.put("/v1/frameworks/own/versions/1", json=document)


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    """(pointer, code) of every fault of a refused round."""
    assert answer.status_code == 422, answer.text
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


def test_a_draft_is_created_repeated_and_replaced(client: Client) -> None:
    created = put(client)
    assert created.status_code == 201
    assert {n: v for n, v in created.json().items() if n not in ("actions", "deadlines")} == {
        "code": "r",
        "title_vi": "Kỳ thử",
        "framework": "par-province@2020",
        "period": "2020",
        "previous_round": None,
        "state": "draft",
        "revision": 1,
        "allowed_transitions": ["self_assessment"],
        "participants": [{"group": "provinces", "units": ["22", "31"], "ranked": True}],
    }
    assert client.get("/v1/rounds/r").json() == created.json()
    same = put(client)
    assert (same.status_code, same.json()) == (200, created.json())

    participants = [
        {"group": "z", "units": ["31", "01"], "ranked": False},
        {"group": "a", "units": ["22"], "ranked": True},
        {"group": "later", "units": [], "ranked": True},
    ]
    assert put(client, "before").status_code == 201
    replaced = put(client, title_vi=" Kỳ khác ", participants=participants, previous_round="before")
    assert (replaced.status_code, replaced.json()["revision"]) == (200, 2)
    read = client.get("/v1/rounds/r").json()
    assert (read["title_vi"], read["previous_round"]) == ("Kỳ khác", "before")
    assert read["participants"] == participants  # in the order in which they were given
    assert put(client, participants=[]).json()["participants"] == []
    assert client.get("/v1/rounds/none").json()["code"] == "round_unknown"
    assert faults(put(client, "a%20b")) == [("/path/round", "wrong_pattern")]


def test_a_period_has_one_text(client: Client) -> None:
    for index, (given, canonical) in enumerate(
        [
            ("2021-01-01/2021-12-31", "2021"),
            ("2021-01-01--2021-12-31", "2021"),
            ("2021-07-01/2021-12-31", "2021-H2"),
            ("2021-07-01/2021-09-30", "2021-Q3"),
            ("2020-02-01/2020-02-29", "2020-02"),
            ("2021-01-01--2021-09-15", "2021-01-01/2021-09-15"),
        ]
    ):
        assert put(client, f"r{index}", period=given).json()["period"] == canonical
        assert put(client, f"r{index}", period=canonical).json()["revision"] == 1  # the same round


def test_what_cannot_be_is_named(client: Client) -> None:
    assert put_framework(client, None).status_code == 201

    def group(name: str, *units: str) -> dict[str, Any]:
        return {"group": name, "units": list(units)}

    cases: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        ({"framework": "par-province@2031"}, [("/framework", "framework_unknown")]),
        ({"framework": "own@1"}, [("/framework", "framework_items_unbounded")]),
        ({"framework": "par-province"}, [("/framework", "wrong_pattern")]),
        ({"period": "2021-02-30/2021-03-01"}, [("/period", "period_invalid")]),
        ({"period": "2021-03-01/2021-02-01"}, [("/period", "period_invalid")]),
        ({"period": "2021-Q5"}, [("/period", "period_invalid")]),
        ({"period": "năm 2021"}, [("/period", "period_invalid")]),
        ({"participants": [group("a", "22", "97")]}, [("/participants/0/units/1", "unit_unknown")]),
        (
            {"participants": [group("a", "22", "31", "22")]},
            [("/participants/0/units/2", "unit_in_two_groups")],
        ),
        (
            {"participants": [group("a", "22"), group("b", "31", "22")]},
            [("/participants/1/units/1", "unit_in_two_groups")],
        ),
        ({"participants": [group("a", "22"), group("a", "31")]}, [("/participants/1/group", "group_twice")]),
        ({"participants": [group("a", "2 2")]}, [("/participants/0/units/0", "wrong_pattern")]),
        ({"previous_round": "none"}, [("/previous_round", "round_unknown")]),
        ({"previous_round": "r"}, [("/previous_round", "previous_round_is_itself")]),
        ({"title_vi": "\x00"}, [("/title_vi", "not_printable")]),
        ({"state": "published"}, [("/state", "unknown_member")]),
        (
            {"framework": "par-province@2031", "previous_round": "none", "participants": [group("a", "97")]},
            [
                ("/framework", "framework_unknown"),
                ("/previous_round", "round_unknown"),
                ("/participants/0/units/0", "unit_unknown"),
            ],
        ),
    ]
    for change, expected in cases:
        assert faults(put(client, **change)) == expected, change
    assert "A, B" in put(client, framework="own@1").json()["errors"][0]["message"]
    assert client.get("/v1/rounds/r").status_code == 404


def test_units_are_those_of_the_last_day_of_the_period(client: Client) -> None:
    """Hải Dương (30) ended on 2025-06-30; code 08 went on."""
    participants = [{"group": "provinces", "units": ["08", "30"]}]
    assert put(client, "half", period="2025-H1", participants=participants).status_code == 201
    refused = put(client, "year", period="2025", participants=participants)
    assert faults(refused) == [("/participants/0/units/1", "unit_not_valid_on")]
    error = refused.json()["errors"][0]
    assert "2025-12-31" in error["message"]
    assert "2012-01-01..2025-06-30" in error["hint"]
    assert faults(put(client, "early", period="2011", participants=participants)) == [
        ("/participants/0/units/0", "unit_not_valid_on"),
        ("/participants/0/units/1", "unit_not_valid_on"),
    ]


def test_only_the_next_states_are_open(client: Client) -> None:
    """Every pair of states: what is legal goes, what is not says where the round can go."""
    assert put(client).status_code == 201
    path = list(NEXT)
    for step, (state, following) in enumerate(NEXT.items()):
        before = client.get("/v1/rounds/r").json()
        assert (before["state"], before["revision"]) == (state, step + 1)
        assert before["allowed_transitions"] == following
        assert {a["to"]: a["allowed"] for a in before["actions"]} == {
            to: to in following for to in STATES if to != state
        }
        for to in STATES:
            if to not in following:
                refused = move(client, to)
                assert (refused.status_code, refused.json()["code"]) == (409, "transition_not_allowed")
                detail = f"The round is in state {state}; from there it goes to {', '.join(following)}."
                assert refused.json()["detail"] == detail
                if to != state:
                    (action,) = (a for a in before["actions"] if a["to"] == to)
                    assert (action["code"], action["reason"]) == ("transition_not_allowed", detail)
        assert client.get("/v1/rounds/r").json() == before
        if step + 1 < len(path):
            moved = move(client, path[step + 1], reason="bước tiếp theo")
            assert (moved.status_code, moved.json()["state"]) == (200, path[step + 1])
    assert move(client, "published").json()["state"] == "published"


def test_transitions_are_asked_for_with_a_key_and_a_known_state(client: Client) -> None:
    assert put(client).status_code == 201
    path = "/v1/rounds/r/transitions"
    with open_client(client.app, key=None) as stranger:
        assert stranger.post(path, json={"to": "self_assessment"}).status_code == 401
        assert put(stranger, title_vi="Kỳ lạ").status_code == 401
        assert stranger.get("/v1/rounds/r").json()["title_vi"] == "Kỳ thử"
        assert [item["code"] for item in stranger.get("/v1/rounds").json()["items"]] == ["r"]
    assert faults(client.post(path, json={"to": "closed"})) == [("/to", "not_one_of")]
    assert faults(client.post(path, json={"to": "self_assessment", "reason": ""})) == [
        ("/reason", "wrong_length")
    ]
    assert move(client, "self_assessment", "none").json()["code"] == "round_unknown"
    assert client.get("/v1/rounds/r").json()["state"] == "draft"
    moved = client.post(path, json={"to": "self_assessment", "reason": "Bắt đầu tự chấm"})
    assert moved.json()["state"] == "self_assessment"
    with client.app.state.database.read() as session:
        rows = session.execute(text("SELECT from_state, to_state, reason, revision FROM round_transition"))
        assert [tuple(row) for row in rows] == [("draft", "self_assessment", "Bắt đầu tự chấm", 2)]


def test_a_round_that_has_begun_no_longer_changes(client: Client) -> None:
    assert put(client).status_code == 201
    for state in ("self_assessment", "appraisal", "approved", "published"):
        before = move(client, state).json()
        same = put(client, period="2020-01-01/2020-12-31")
        assert (same.status_code, same.json()) == (200, before)
        participants = [{"group": "provinces", "units": ["31", "22"]}]
        for change in ({"title_vi": "Kỳ khác"}, {"period": "2021"}, {"participants": participants}):
            refused = put(client, **change)
            assert (refused.status_code, refused.json()["code"]) == (409, "round_not_draft"), change
            assert state in refused.json()["detail"]
        assert client.get("/v1/rounds/r").json() == before


def test_a_round_begins_only_with_units_and_a_published_set_that_bounds_its_items(client: Client) -> None:
    assert put(client, "empty", participants=[{"group": "provinces", "units": []}]).status_code == 201
    refused = move(client, "self_assessment", "empty")
    assert (refused.status_code, refused.json()["code"]) == (409, "round_without_units")

    assert put_framework(client, 50).status_code == 201
    assert put(client, framework="own@1").status_code == 201
    refused = move(client, "self_assessment")
    assert (refused.status_code, refused.json()["code"]) == (409, "framework_not_published")
    assert "own@1" in refused.json()["detail"]
    # the draft of the set loses its maxima after the round was set up
    assert put_framework(client, None).status_code == 200
    assert client.post("/v1/frameworks/own/versions/1/publish").status_code == 200
    refused = move(client, "self_assessment")
    assert (refused.status_code, refused.json()["code"]) == (409, "framework_items_unbounded")
    for code in ("empty", "r"):
        assert client.get(f"/v1/rounds/{code}").json()["state"] == "draft"
    assert put(client).status_code == 200
    assert move(client, "self_assessment").status_code == 200


def test_rounds_are_listed_page_by_page(client: Client) -> None:
    codes = ["2020", "A", "a-1", "a.1", "a_1", "b"]
    for code in reversed(codes):
        assert put(client, code).status_code == 201
    found, cursor = [], ""
    for size in (4, 2):
        page = client.get(f"/v1/rounds?limit=4{cursor}").json()
        assert len(page["items"]) == size
        found += [item["code"] for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert page["next_cursor"] is None
    assert found == codes  # by their characters on both databases
    assert "participants" not in page["items"][0]
    assert client.get("/v1/rounds?limit=6").json()["next_cursor"] is None
    for wrong, fault in (
        ("cursor=x", ("/query/cursor", "cursor_invalid")),
        ("limit=0", ("/query/limit", "below_minimum")),
        ("state=draft", ("/query/state", "unknown_parameter")),
    ):
        assert faults(client.get(f"/v1/rounds?{wrong}")) == [fault]


def actions_of(client: Client, language: str) -> dict[str, list[dict[str, Any]]]:
    """Round -> the actions that the list shows."""
    answer = client.get("/v1/rounds", headers={"Accept-Language": language})
    assert (answer.headers["Content-Language"], answer.headers["Vary"]) == (language, "Accept-Language")
    return {item["code"]: item["actions"] for item in answer.json()["items"]}


def openings_of(client: Client) -> dict[str, str | None]:
    """Draft -> why the list says that it cannot be opened."""
    return {
        code: action["code"]
        for code, actions in actions_of(client, "en").items()
        for action in actions
        if action["to"] == "self_assessment" and action["code"] != "transition_not_allowed"
    }


def test_the_list_says_of_each_round_where_it_can_go_and_why_not(client: Client) -> None:
    """As each round says it of itself, in the language that was asked for."""
    assert put_framework(client, 50).status_code == 201
    assert put(client, "empty", participants=[]).status_code == 201
    assert put(client, "own", framework="own@1").status_code == 201
    deadlines = {"self_assessment": "2022-01-31T17:00:00+07:00", "appraisal": "2022-03-31T17:00:00+07:00"}
    for code in ("ready", "running"):
        assert put(client, code, deadlines=deadlines).status_code == 201
    assert move(client, "self_assessment", "running").status_code == 200
    said = {"empty": "round_without_units", "own": "framework_not_published", "ready": None}
    assert openings_of(client) == said
    # the draft of the set loses its maxima after the round was set up
    assert put_framework(client, None).status_code == 200
    assert client.post("/v1/frameworks/own/versions/1/publish").status_code == 200
    assert openings_of(client) == said | {"own": "framework_items_unbounded"}
    for language in ("vi", "en"):
        listed = actions_of(client, language)
        assert listed.keys() == {"empty", "own", "ready", "running"}
        for code, actions in listed.items():
            single = client.get(f"/v1/rounds/{code}", headers={"Accept-Language": language}).json()
            assert actions == single["actions"], (code, language)
    (opening,) = (a for a in listed["ready"] if a["to"] == "self_assessment")
    assert (opening["allowed"], opening["deadline"]) == (True, "2022-01-31T17:00:00+07:00")
    (closing,) = (a for a in listed["running"] if a["to"] == "appraisal")
    assert (closing["allowed"], closing["deadline"]) == (True, "2022-03-31T17:00:00+07:00")


def test_the_etag_follows_every_change(client: Client) -> None:
    assert put(client).status_code == 201
    tags = [client.get("/v1/rounds/r").headers["ETag"]]
    for change in (
        lambda: put(client, title_vi="Kỳ khác"),
        lambda: move(client, "self_assessment"),
        lambda: move(client, "appraisal"),
    ):
        unchanged = client.get("/v1/rounds/r", headers={"If-None-Match": tags[-1]})
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        assert unchanged.headers["ETag"] == tags[-1]
        assert change().status_code == 200
        answer = client.get("/v1/rounds/r", headers={"If-None-Match": ", ".join(tags)})
        assert answer.status_code == 200
        tags.append(answer.headers["ETag"])
    assert len(set(tags)) == 4


def test_the_number_of_queries_does_not_grow_with_the_units_or_the_drafts(
    client: Client, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    provinces = [u["code"] for u in client.get("/v1/units?kind=province&valid_on=2020-12-31").json()["items"]]
    assert len(provinces) == 63
    groups = [{"group": f"g{index}", "units": [unit]} for index, unit in enumerate(provinces)]
    unknown = [{"group": "g", "units": [f"unknown-{index}" for index in range(63)]}]

    def costs(code: str, participants: list[dict[str, Any]]) -> list[int]:
        wrong = [{"group": "g", "units": unknown[0]["units"][: len(participants)]}]
        return [
            count_queries(lambda: put(client, code, participants=participants)),
            count_queries(lambda: client.get(f"/v1/rounds/{code}")),
            count_queries(lambda: client.get("/v1/rounds")),
            count_queries(lambda: put(client, "refused", participants=wrong)),
            count_queries(lambda: move(client, "self_assessment", code)),
        ]

    costs("warm", groups[:1])
    assert costs("small", groups[:1]) == costs("large", groups)
    assert put(client, "draft").status_code == 201
    one = count_queries(lambda: client.get("/v1/rounds"))
    for index in range(10):
        drafted = put(client, f"draft-{index}", participants=groups[:index])
        assert drafted.status_code == 201
    assert count_queries(lambda: client.get("/v1/rounds")) == one
    assert len(client.get("/v1/rounds/large").json()["participants"]) == 63
    assert faults(put(client, "refused", participants=unknown))[62] == (
        "/participants/0/units/62",
        "unit_unknown",
    )
