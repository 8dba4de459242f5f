"""Who may do what to a round and its sheets, whatever else he may do."""

from tests.conftest import Client, Open
from tests.features.test_workflow import DEPARTMENTS, PASSED, body, code_of, put, sheet, start_round, write


def test_no_unit_writes_what_others_decide_about_it(client: Client, as_client: Open) -> None:
    base = start_round(client, "self_assessment")
    unit = as_client("scores:self@22.noi-vu", "statistics:write@22.noi-vu")
    for item, stage in (("2", "appraisal"), ("3", "survey"), ("2", "final"), ("2", "final_appraisal")):
        refused = write(unit, base, item, stage, 10, reason="x")
        assert code_of(refused) == (403, "scope_missing"), stage
        assert "scores:appraise" in refused.json()["detail"]
    assert code_of(write(unit, base, "3", "self", 10)) == (422, "stage_not_writable")
    assert code_of(write(unit, base, "2", "self", 10, unit="22.tai-chinh")) == (403, "outside_scope")
    assert sheet(client, base)["revision"] == 0


def test_nobody_appraises_the_unit_that_he_reports_for(client: Client, as_client: Open) -> None:
    base = start_round(client, "self_assessment", "appraisal")
    both = as_client("scores:appraise@22", "scores:self@22.noi-vu")
    belongs = as_client("scores:appraise@22", home_unit="22.noi-vu")
    for appraiser in (both, belongs):
        refused = write(appraiser, base, "2", "appraisal", 10)
        assert code_of(refused) == (403, "own_unit")
        assert "22.noi-vu" in refused.json()["detail"]
        assert write(appraiser, base, "2", "appraisal", 9, unit="22.tai-chinh").status_code == 200
        mixed = [
            {"unit": unit, "item": "2", "stage": "appraisal", "points": 8, "reason": "x"}
            for unit in DEPARTMENTS
        ]
        assert appraiser.post(f"{base}/scores", json={"scores": mixed}).status_code == 403
    assert [i["stages"] for i in sheet(client, base)["items"]] == [{}, {}, {}]


def test_who_may_move_a_round(client: Client, as_client: Open) -> None:
    base = start_round(client)
    elsewhere, manager = as_client("rounds:manage@31"), as_client("rounds:manage@22")
    publisher = as_client("publish@22")

    def to(api: Client, state: str) -> tuple[int, str]:
        answer = api.post(f"{base}/transitions", json={"to": state, "reason": "x"})
        return answer.status_code, answer.json().get("code")

    assert to(elsewhere, "self_assessment") == (403, "outside_scope")
    assert to(publisher, "self_assessment") == (403, "scope_missing")
    for state in ("self_assessment", "appraisal", "approved"):
        assert to(manager, state)[0] == 200
    assert to(manager, "published") == (403, "scope_missing")
    assert to(publisher, "published")[0] == 200
    other = body(participants=[{"group": "so", "units": ["22.noi-vu", "31"]}])
    assert manager.put("/v1/rounds/other", json=other).status_code == 403


def test_unpublished_results_show_only_what_the_key_reaches(client: Client, as_client: Open) -> None:
    base = start_round(client, "self_assessment")
    write(client, base, "2", "self", 9)
    unit, both = as_client("scores:self@22.noi-vu"), as_client("results:read_unpublished@22")
    reporter = as_client("statistics:write@22")
    assert [i["unit"]["code"] for i in unit.get(f"{base}/indices").json()["items"]] == ["22.noi-vu"]
    own = unit.get(f"{base}/indices/22.noi-vu").json()
    assert (own["points"], own["rank"], {a["rank"] for a in own["areas"]}) == (9, None, {None})
    assert code_of(unit.get(f"{base}/indices/22.tai-chinh")) == (403, "outside_scope")
    assert code_of(unit.get(f"{base}/rankings")) == (403, "ranking_needs_all")
    assert code_of(unit.get(f"{base}/units/22.tai-chinh/sheet")) == (403, "outside_scope")
    assert code_of(unit.get(f"{base}/units/22.tai-chinh/scores/2")) == (403, "outside_scope")
    assert code_of(reporter.get(f"{base}/rankings")) == (403, "scope_missing")
    assert both.get(f"{base}/rankings").json()["items"][0]["rank"] == 1


def test_callers_who_see_different_things_get_different_etags(client: Client, as_client: Open) -> None:
    base = start_round(client, "self_assessment")
    narrow, wide = as_client("scores:self@22.noi-vu"), as_client("results:read_unpublished@22")
    seen = wide.get(f"{base}/indices")
    assert seen.headers["Vary"] == "Authorization"
    answer = narrow.get(f"{base}/indices", headers={"If-None-Match": seen.headers["ETag"]})
    assert (answer.status_code, len(answer.json()["items"])) == (200, 1)
    vietnamese = client.get(base, headers={"Accept-Language": "vi"})
    english = client.get(base, headers={"If-None-Match": vietnamese.headers["ETag"]})
    assert (english.status_code, english.headers["Content-Language"]) == (200, "en")
    later = body(deadlines={"self_assessment": PASSED})
    changed = client.put(base, json=later, headers={"If-Match": vietnamese.headers["ETag"]})
    assert changed.status_code == 200
    assert client.put(base, json=body(), headers={"If-Match": english.headers["ETag"]}).status_code == 412


def test_nobody_widens_what_he_may_do_by_the_registry(client: Client, as_client: Open) -> None:
    base = start_round(client, "self_assessment")
    grouped = as_client("units:write@22", "scores:appraise@group:mine")
    moved = as_client("units:write@22", "scores:appraise@22.tai-chinh")
    unit = {"name_vi": "Sở Nội vụ", "kind": "department", "parent_code": "22", "valid_from": "2020-01-01"}
    path = "/v1/units/22.noi-vu"
    assert code_of(grouped.put(path, json=unit | {"groups": ["mine"]})) == (403, "reach_widened")
    centre = unit | {"kind": "other", "name_vi": "Trung tâm"}
    put(client, "/v1/units/22.trung-tam", centre)
    under = centre | {"parent_code": "22.tai-chinh"}
    assert code_of(moved.put("/v1/units/22.trung-tam", json=under)) == (403, "reach_widened")
    assert client.get(path).json()["groups"] == []
    for other in (grouped, moved):
        assert code_of(other.get(f"{base}/units/22.noi-vu/sheet")) == (403, "outside_scope")
    assert grouped.put(path, json=unit | {"groups": ["so"]}).status_code == 200
    assert moved.put("/v1/units/22.moi", json=under).status_code == 201


def test_nobody_squats_on_the_code_of_a_round(client: Client, as_client: Open) -> None:
    start_round(client)
    empty = body(participants=[])
    assert code_of(as_client("rounds:manage@22").put("/v1/rounds/taken", json=empty)) == (403, "scope_bound")
    assert as_client("rounds:manage").put("/v1/rounds/taken", json=empty).status_code == 201
