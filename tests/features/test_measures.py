"""The catalogue of measures: what ships, what a deployment makes of it, and where its names are said."""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import httpx
import pytest
from sqlmodel import Session, select

from app.features.measures import service
from app.features.measures.schemas import MeasureDefinition
from app.infra.auth import operator
from app.infra.db import Database
from app.infra.documents import read_file
from app.models import AuditEventRow, MeasureRow
from tests.clients import make_client
from tests.conftest import Client, open_client

REPORTED = {
    "plan_tasks",
    "procedures_published_on_provincial_portal",
    "procedures_in_one_stop_system",
    "agencies_with_digital_signature",
    "documents_exchanged_online",
    "staff_reduced_of_payroll",
    "linked_procedures",
    "staff_using_it",
    "units_inspected",
    "staff_reduced_of_plan",
    "mailboxes",
    "congratulation_letters",
    "one_stop_communes",
    "community_digital_teams_communes",
    "community_digital_teams_villages",
    "document_accounts",
    "documents_exchanged_online_district",
    "documents_exchanged_online_commune",
    "staff_with_official_mailbox",
    "staff_using_official_mailbox",
}
"""What five public reports (2017 to 2023) give."""
PORTALS: dict[str, Any] = {
    "code": "commune_portals",
    "name_vi": "Tỷ lệ xã có cổng thông tin điện tử",
    "form": "rate",
    "direction": "higher",
}


@pytest.fixture(scope="module")
def shipped() -> dict[str, dict[str, Any]]:
    """Code -> entry, as it ships."""
    entries = read_file(files("app.data").joinpath("measures.yaml"))["measures"]
    return {entry["code"]: entry for entry in entries}


def put(client: httpx.Client, entry: dict[str, Any], **headers: str) -> httpx.Response:
    return client.put(f"/v1/measures/{entry['code']}", json=entry, headers=headers)


def get(client: httpx.Client, url: str, **headers: str) -> dict[str, Any]:
    answer = client.get(url, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def codes(client: httpx.Client, **query: Any) -> list[str]:
    answer = client.get("/v1/measures", params=query)
    assert answer.status_code == 200, answer.text
    return [entry["code"] for entry in answer.json()["items"]]


def codes_in_data() -> Iterator[str]:
    """Every code that the shipped criteria sets, examples and duties name."""
    data = files("app.data")
    for folder in ("frameworks", "examples"):
        for path in data.joinpath(folder).iterdir():
            text = path.read_text(encoding="utf-8")
            yield from re.findall(r'"measure:([\w.-]+)', text)
            yield from re.findall(r'measure: "?([\w.-]+)', text)
    yield from re.findall(r'"measure:([\w.-]+)', data.joinpath("duties.yaml").read_text(encoding="utf-8"))


def test_everything_that_ships_or_was_reported_is_in_the_catalogue(
    client: Client, shipped: dict[str, dict[str, Any]]
) -> None:
    used = set(codes_in_data())
    assert {"tt01.7.none", "petitions_prolonged", "national_rank_of", "apology_letters"} <= used
    assert (used | REPORTED | {"findings_resolved"}) - set(shipped) == set()
    assert codes(client, limit=1000) == sorted(shipped)
    for entry in get(client, "/v1/measures?limit=1000")["items"]:
        told = shipped[entry["code"]]
        assert {name: entry[name] for name in told if name != "legal_basis"} == {
            name: value for name, value in told.items() if name != "legal_basis"
        }
        assert all(entry[name] for name in ("name_vi", "name_en", "unit_vi", "unit_en"))
        assert set(entry["parts"]) <= set(shipped)
        assert entry["form"] == "rate" or entry["numerator_vi"] is entry["denominator_vi"] is None


def test_only_what_sources_state_is_cited(shipped: dict[str, dict[str, Any]]) -> None:
    cited = {
        (basis["document"], basis.get("article"), basis.get("clause"))
        for entry in shipped.values()
        for basis in entry.get("legal_basis", [])
    }
    circular = {("Thông tư 01/2018/TT-VPCP", "Điều 13-15", f"chỉ số {n}") for n in (1, 2, 3, 4, 7, 8, 9)}
    assert cited == circular | {
        ("Quyết định 766/QĐ-TTg", None, None),
        ("Công văn 244/PNV của Phòng Nội vụ huyện Xuân Lộc", None, None),
        ("Nghị định 61/2018/NĐ-CP", "Điều 19", "khoản 9"),
    }
    assert "legal_basis" not in shipped["staff_reduced_of_plan"]
    # the annex of Decision 766 could not be read: whatever cites it says where the formula comes from
    for entry in shipped.values():
        documents = {basis["document"] for basis in entry.get("legal_basis", [])}
        unread = "phụ lục của Quyết định chưa đọc được" in entry.get("meaning_vi", "")
        assert unread is ("Quyết định 766/QĐ-TTg" in documents), entry["code"]


def test_anybody_searches_without_accents_and_turns_pages(public: Client) -> None:
    assert codes(public, q="xin loi") == ["apology_letters"]
    assert codes(public, q="KẾ HOẠCH CCHC") == ["plan_tasks", "plan_tasks_overdue"]
    assert codes(public, q="Staff reduction") == ["staff_reduced_of_payroll", "staff_reduced_of_plan"]
    assert codes(public, q="tt01.7.") == ["tt01.7.none", "tt01.7.one", "tt01.7.two"]
    assert codes(public, q="không có gì như vậy") == []
    for query in ({"limit": 7}, {"limit": 1, "q": "ke hoach cchc"}):
        seen, cursor = [], None
        while True:
            page = public.get(
                "/v1/measures", params={**query, **({"cursor": cursor} if cursor else {})}
            ).json()
            seen += [entry["code"] for entry in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == codes(public, **{**query, "limit": 1000})
    assert public.get("/v1/measures?cursor=x").status_code == 422


def test_one_measure_says_what_it_counts(public: Client) -> None:
    answer = public.get("/v1/measures/apology_letters")
    letters = answer.json()
    assert (letters["form"], letters["direction"], letters["unit_vi"]) == ("value", "higher", "thư")
    (basis,) = letters["legal_basis"]
    assert (basis["document"], basis["article"], basis["clause"], basis["valid_to"]) == (
        "Nghị định 61/2018/NĐ-CP",
        "Điều 19",
        "khoản 9",
        "2025-06-30",
    )
    etag = {"If-None-Match": answer.headers["ETag"]}
    assert public.get("/v1/measures/apology_letters", headers=etag).status_code == 304
    for language, text in (("en", "no measure"), ("vi", "không có chỉ tiêu")):
        unknown = public.get("/v1/measures/nothing", headers={"Accept-Language": language})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "measure_unknown")
        assert text in unknown.json()["detail"]
        assert "/v1/measures?q=" in unknown.json()["detail"]


def test_a_deployment_adds_and_changes_entries(client: Client) -> None:
    created = put(client, PORTALS)
    assert created.status_code == 201
    assert created.json() == get(client, "/v1/measures/commune_portals")
    assert (created.json()["parts"], created.json()["meaning_vi"]) == ([], None)
    assert codes(client, q="cong thong tin") == ["commune_portals"]
    again = put(client, PORTALS)
    assert (again.status_code, again.headers["ETag"]) == (200, created.headers["ETag"])
    changed = put(client, {**PORTALS, "name_en": "Communes with a portal"})
    assert (changed.status_code, changed.json()["name_en"]) == (200, "Communes with a portal")
    assert changed.headers["ETag"] != created.headers["ETag"]
    # what is read can be written back as it is
    assert put(client, get(client, "/v1/measures/plan_tasks")).status_code == 200
    with client.app.state.database.read() as session:
        events = session.exec(select(AuditEventRow).where(AuditEventRow.client_code == "admin")).all()
    assert [(event.action, event.subject) for event in events] == [
        ("measure_definition.put", '{"measure":"commune_portals"}')
    ] * 2  # the same again is no change
    assert events[0].before is None
    assert '"name_en":null' in (events[1].before or "")


def test_nobody_overwrites_what_he_has_not_read(client: Client) -> None:
    read = put(client, PORTALS).headers["ETag"]
    other = put(client, {**PORTALS, "direction": "neutral"}, **{"If-Match": read})
    assert other.status_code == 200
    stale = put(client, {**PORTALS, "direction": "lower"}, **{"If-Match": read})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert stale.json()["conflict"]["difference"] == [
        {"field": "direction", "current": "neutral", "yours": "lower"}
    ]
    assert get(client, "/v1/measures/commune_portals")["direction"] == "neutral"
    assert put(client, {**PORTALS, "direction": "lower"}, **{"If-Match": "*"}).status_code == 200
    absent = put(client, {**PORTALS, "code": "other"}, **{"If-Match": "*"})
    assert absent.status_code == 412
    assert absent.json()["conflict"]["current"] is None


def test_the_catalogue_belongs_to_everybody(client: Client) -> None:
    for grants, code in (
        (["statistics:write", "rounds:manage"], "scope_missing"),
        (["frameworks:write@22"], "scope_bound"),
    ):
        with open_client(client.app, key=make_client(client.app, grants)) as bound:
            refused = put(bound, PORTALS)
            assert (refused.status_code, refused.json()["code"]) == (403, code)
    with open_client(client.app, key=None) as stranger:
        assert put(stranger, PORTALS).status_code == 401
    with open_client(client.app, key=make_client(client.app, ["frameworks:write"])) as author:
        assert put(author, PORTALS).status_code == 201


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"code": "other"}, "/code", "measure_code_differs"),
        ({"parts": ["plan_tasks", "nothing"]}, "/parts/1", "measure_unknown"),
        ({"parts": ["commune_portals"]}, "/parts/0", "measure_unknown"),
        ({"form": "ratio"}, "/form", "not_one_of"),
        ({"direction": None}, "/direction", "not_one_of"),
        ({"name_vi": " "}, "/name_vi", "wrong_length"),
        ({"unit": "xã"}, "/unit", "unknown_member"),
        ({"legal_basis": [{"article": "Điều 1"}]}, "/legal_basis/0/document", "missing"),
    ],
)
def test_every_mistake_is_named(client: Client, change: dict[str, Any], pointer: str, code: str) -> None:
    refused = client.put("/v1/measures/commune_portals", json={**PORTALS, **change})
    assert refused.status_code == 422, refused.text
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [(pointer, code)]
    assert "commune_portals" not in codes(client, q="commune_portals")


def load(database: Database) -> int:
    with database.write() as session:
        return service.load_bundled(session, operator("reference"))


def test_what_ships_never_overwrites_what_a_deployment_wrote(client: Client) -> None:
    database: Database = client.app.state.database
    assert load(database) == 0
    own = {**get(client, "/v1/measures/plan_tasks"), "name_vi": "Tỷ lệ việc xong"}
    assert put(client, own).status_code == 200
    assert put(client, PORTALS).status_code == 201
    with database.write() as session:
        session.delete(row_of(session, "mailboxes"))
        outdated = row_of(session, "petitions")
        entry = MeasureDefinition.model_validate_json(outdated.document)
        outdated.document = entry.model_copy(update={"name_vi": "Tên cũ"}).model_dump_json()
    assert load(database) == 2  # the one that is missing, and the one that shipped with other words
    assert load(database) == 0
    assert get(client, "/v1/measures/plan_tasks") == own
    assert get(client, "/v1/measures/petitions")["name_vi"] == "Số phản ánh, kiến nghị"
    assert get(client, "/v1/measures/mailboxes")["name_vi"] == "Số hộp thư điện tử"
    assert "commune_portals" in codes(client, q="commune_portals")


def row_of(session: Session, code: str) -> MeasureRow:
    row = session.get(MeasureRow, code)
    assert row is not None
    return row


MY_XUYEN = "/v1/rounds/six-areas-my-xuyen-2021/indices/94.my-xuyen/explanation"


def test_explanations_call_measures_by_their_names(examples: Client) -> None:
    """14 of 19 tasks, 6 points: 14 / 19 x 6 = 4.4211."""

    def explained() -> dict[str, Any]:
        node = get(examples, f"{MY_XUYEN}?item=7.1")["tree"][0]
        while node["children"]:
            (node,) = node["children"]
        return dict(node)

    node = explained()
    assert node["rule"]["vi"] == "Tỷ lệ nhiệm vụ hoàn thành của kế hoạch CCHC (plan_tasks) x 6 điểm."
    assert (
        node["rule"]["en"]
        == "Share of tasks of the PAR plan that are completed (plan_tasks), times 6 points."
    )
    assert node["next_step"]["vi"] == (
        "Tỷ lệ nhiệm vụ hoàn thành của kế hoạch CCHC (plan_tasks) >= 100 % (hiện 73,68 %): "
        "cần 19/19, hiện có 14/19."
    )
    assert node["inputs"][0]["name"]["vi"] == "tỷ lệ nhiệm vụ hoàn thành của kế hoạch CCHC (plan_tasks)"
    page = examples.get(MY_XUYEN, headers={"Accept": "text/html", "Accept-Language": "vi"}).text
    assert "Tỷ lệ nhiệm vụ hoàn thành của kế hoạch CCHC (plan_tasks) × 6 điểm." in page
    # a deployment calls it otherwise: braces are no places to fill, abbreviations stay, English falls back
    own = {**get(examples, "/v1/measures/plan_tasks"), "name_vi": "KPI {việc} xong", "name_en": None}
    assert put(examples, own).status_code == 200
    node = explained()
    assert node["rule"]["vi"] == "KPI {việc} xong (plan_tasks) x 6 điểm."
    assert node["rule"]["en"] == "KPI {việc} xong (plan_tasks), times 6 points."
    assert node["inputs"][0]["name"] == dict.fromkeys(("vi", "en"), "KPI {việc} xong (plan_tasks)")


def test_comparisons_call_measures_by_their_names(client: Client) -> None:
    area: dict[str, Any] = {"code": "1", "name_vi": "Kế hoạch", "reform_area": None, "max_points": 10}
    for version, rate in (("1", "measure:plan_tasks"), ("2", "measure:nobody_knows")):
        document = {
            "code": "own",
            "version": version,
            "title_vi": "Bộ thử",
            "level": "province",
            "status": "illustrative",
            "total_points": 10,
            "applies": {"from": "2020-01-01"},
            "areas": [{**area, "rule": {"kind": "measure", "rate": rate}}],
        }
        url = f"/v1/frameworks/own/versions/{version}"
        assert client.put(url, json=document).status_code == 201
    url = "/v1/frameworks/own/diff?from=1&to=2"
    answer = client.get(url, headers={"Accept-Language": "vi"})
    (change,) = answer.json()["changes"]
    assert change["text"] == (
        "1 Kế hoạch: cách chấm điểm: tỷ lệ x điểm tối đa (tỷ lệ nhiệm vụ hoàn thành của kế hoạch CCHC "
        "(plan_tasks)) -> tỷ lệ x điểm tối đa (chỉ tiêu nobody_knows)"
    )
    # the answer is made of names, too
    tag = {"Accept-Language": "vi", "If-None-Match": answer.headers["ETag"]}
    assert client.get(url, headers=tag).status_code == 304
    own = {**get(client, "/v1/measures/plan_tasks"), "name_vi": "Tỷ lệ việc xong"}
    assert put(client, own).status_code == 200
    renamed = client.get(url, headers=tag)
    assert renamed.status_code == 200
    assert "(tỷ lệ việc xong (plan_tasks))" in renamed.json()["changes"][0]["text"]
