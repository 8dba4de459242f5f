"""Units: who exists when, where they stand, and what became of them."""

import json
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import httpx
import pytest

from tests.conftest import Client

LAST_DAY_OF_63 = "2025-06-30"
FIRST_DAY_OF_34 = "2025-07-01"

# Nghị quyết 202/2025/QH15: the provinces whose code names another one afterwards
REUSED = {
    "15": ("Yên Bái", "Lào Cai"),
    "24": ("Bắc Giang", "Bắc Ninh"),
    "44": ("Quảng Bình", "Quảng Trị"),
    "52": ("Bình Định", "Gia Lai"),
    "80": ("Long An", "Tây Ninh"),
    "82": ("Tiền Giang", "Đồng Tháp"),
    "91": ("Kiên Giang", "An Giang"),
}

# region -> (provinces by Nghị quyết 81/2023/QH15, mean PAR index of 2023 as published in April 2024)
# https://infographics.vn/chi-so-cai-cach-hanh-chinh-2023-par-index-2023-cua-6-vung-kinh-te-xa-hoi/210954.vna
REGIONS_2023 = {
    "region.dong-bang-song-hong": (11, "88.33"),
    "region.dong-nam-bo": (6, "87.79"),
    "region.trung-du-va-mien-nui-phia-bac": (14, "87.72"),
    "region.bac-trung-bo-va-duyen-hai-mien-trung": (14, "86.82"),
    "region.dong-bang-song-cuu-long": (13, "85.42"),
    "region.tay-nguyen": (5, "85.42"),
}


def list_codes(client: Client, **query: Any) -> list[str]:
    """Codes of a list that fits one page."""
    answer = client.get("/v1/units", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.json()["next_cursor"] is None
    return [unit["code"] for unit in answer.json()["items"]]


def read_name(client: Client, code: str, on: str) -> str:
    """Name of a unit on a day."""
    name: str = client.get(f"/v1/units/{code}", params={"valid_on": on}).json()["name_vi"]
    return name


def unit(kind: str, parent: str | None, since: str, until: str | None = None, **more: Any) -> dict[str, Any]:
    """A body."""
    return {
        "name_vi": "Đơn vị thử",
        "kind": kind,
        "parent_code": parent,
        "valid_from": since,
        "valid_to": until,
        **more,
    }


def put(client: Client, code: str, body: dict[str, Any]) -> httpx.Response:
    """Write a version."""
    headers = {"Content-Type": "application/json"}
    return client.put(f"/v1/units/{code}", content=json.dumps(body), headers=headers)


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    """(pointer, code) of every fault of a refused input."""
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "invalid_input"
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


@pytest.mark.parametrize(("on", "pages"), [("2024-12-31", [20, 20, 20, 3]), ("2025-07-01", [20, 14])])
def test_provinces_of_a_day_page_by_page(client: Client, on: str, pages: list[int]) -> None:
    sizes, codes, cursor = [], [], None
    while True:
        query = {"kind": "province", "valid_on": on, "limit": "20"} | ({"cursor": cursor} if cursor else {})
        page = client.get("/v1/units", params=query).json()
        sizes.append(len(page["items"]))
        codes += [item["code"] for item in page["items"]]
        cursor = page["next_cursor"]
        for item in page["items"]:
            assert (item["kind"], item["parent_code"]) == ("province", "VN")
            assert item["jurisdiction_code"] == item["code"]
            assert item["valid_from"] <= on <= (item["valid_to"] or on)
        if cursor is None:
            break
    assert sizes == pages
    assert codes == sorted(set(codes))
    assert list_codes(client, kind="province", valid_on=on, limit=sum(pages)) == codes
    assert list_codes(client, parent="VN", valid_on=on) == codes


def test_search_finds_names_with_and_without_accents(client: Client) -> None:
    on = LAST_DAY_OF_63
    decomposed = unicodedata.normalize("NFD", "Hải Phòng")
    for text in ("hai phong", "Hải Phòng", "HẢI PHÒNG", "Hai  Phòng", "i phon", decomposed):
        assert list_codes(client, q=text, valid_on=on) == ["31"], text
    assert (
        list_codes(client, q="đà nẵng", valid_on=on) == list_codes(client, q="da nang", valid_on=on) == ["48"]
    )
    for text in ("%", "_", "hai%phong", "h_i phong", "\\", "phong hai"):
        assert list_codes(client, q=text, valid_on=on) == [], text
    assert put(client, "01.t", unit("other", "01", "2020-01-01", on, name_vi="Mã 5%_\\a")).status_code == 201
    for text in ("5%", "%_", "\\A", "MA 5%_\\a"):
        assert list_codes(client, q=text, valid_on=on) == ["01.t"], text
    assert list_codes(client, q="mã", kind="province", valid_on=on) == ["96"]  # Cà Mau; not 01.t


def test_a_code_names_one_province_before_the_mergers_and_another_after(client: Client) -> None:
    for code, (before, after) in REUSED.items():
        assert read_name(client, code, LAST_DAY_OF_63) == before
        assert read_name(client, code, FIRST_DAY_OF_34) == after
        assert client.get(f"/v1/units/{code}").json()["name_vi"] == after  # today
    days = ("2024-12-31", "2025-01-01", "2025-06-30", "2025-07-01")
    assert [read_name(client, "46", day) for day in days] == ["Thừa Thiên Huế", "Huế", "Huế", "Huế"]
    assert list_codes(client, q="lao cai", valid_on=LAST_DAY_OF_63) == ["10"]
    assert list_codes(client, q="lao cai", valid_on=FIRST_DAY_OF_34) == ["15"]


def test_lineage_tells_mergers_renames_and_continuations(client: Client) -> None:
    def events(code: str) -> list[tuple[Any, ...]]:
        return [
            (
                event["effective_on"],
                event["kind"],
                event["instrument"],
                [(v["code"], v["name_vi"], v["valid_to"]) for v in event["predecessors"]],
                [(v["code"], v["name_vi"], v["valid_from"]) for v in event["successors"]],
            )
            for event in client.get(f"/v1/units/{code}/lineage").json()["events"]
        ]

    law, last, first = "Nghị quyết 202/2025/QH15", LAST_DAY_OF_63, FIRST_DAY_OF_34
    hai_phong = [("30", "Hải Dương", last), ("31", "Hải Phòng", last)]
    assert events("31") == [(first, "merge", law, hai_phong, [("31", "Hải Phòng", first)])]
    assert events("30") == events("31")  # seen from the province that ended
    lao_cai = [("10", "Lào Cai", last), ("15", "Yên Bái", last)]
    assert events("15") == [(first, "merge", law, lao_cai, [("15", "Lào Cai", first)])]
    hue = [
        ("2025-01-01", "rename", [("46", "Thừa Thiên Huế", "2024-12-31")], [("46", "Huế", "2025-01-01")]),
        (first, "continue", [("46", "Huế", last)], [("46", "Huế", first)]),
    ]
    assert [(on, kind, came, became) for on, kind, _, came, became in events("46")] == hue
    versions = client.get("/v1/units/15/lineage").json()["versions"]
    assert [(v["name_vi"], v["valid_to"]) for v in versions] == [("Yên Bái", last), ("Lào Cai", None)]


def test_resolution_202_makes_23_provinces_and_keeps_11(client: Client) -> None:
    kinds, came_from = [], []
    for code in list_codes(client, kind="province", valid_on=FIRST_DAY_OF_34):
        events = client.get(f"/v1/units/{code}/lineage").json()["events"]
        (event,) = [
            e for e in events if e["effective_on"] == FIRST_DAY_OF_34 and e["successors"][0]["code"] == code
        ]
        kinds.append(event["kind"])
        came_from += [version["code"] for version in event["predecessors"]]
    assert (kinds.count("merge"), kinds.count("continue")) == (23, 11)
    assert sorted(came_from) == list_codes(client, kind="province", valid_on=LAST_DAY_OF_63)


def test_regions_of_2023_weighted_by_their_provinces_give_the_national_mean(client: Client) -> None:
    counts = {r: len(list_codes(client, group=r, valid_on="2023-12-31")) for r in REGIONS_2023}
    assert counts == {region: count for region, (count, _) in REGIONS_2023.items()}
    highlands = list_codes(client, group="region.tay-nguyen", valid_on="2023-12-31")
    assert highlands == ["62", "64", "66", "67", "68"]  # Kon Tum, Gia Lai, Đắk Lắk, Đắk Nông, Lâm Đồng
    weighted = sum(counts[region] * Decimal(mean) for region, (_, mean) in REGIONS_2023.items())
    mean = (weighted / sum(counts.values())).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert mean == Decimal("86.98")


def test_put_creates_repeats_and_closes_the_open_version(client: Client) -> None:
    first = unit("department", "01", "2015-01-01", name_vi=" Sở Nội vụ ", groups=["so.b", "so.a", "so.b"])
    first["valid_to"] = LAST_DAY_OF_63
    created = put(client, "01.snv", first)
    assert created.status_code == 201
    assert created.json() == {
        "code": "01.snv",
        "name_vi": "Sở Nội vụ",
        "name_en": None,
        "kind": "department",
        "parent_code": "01",
        "jurisdiction_code": "01",
        "valid_from": "2015-01-01",
        "valid_to": LAST_DAY_OF_63,
        "groups": ["so.a", "so.b"],
    }
    again = put(client, "01.snv", first)
    assert (again.status_code, again.json()) == (200, created.json())

    opened = unit("department", "01", FIRST_DAY_OF_34, name_vi="Sở Nội vụ mới")
    assert put(client, "01.snv", opened).status_code == 201
    renamed = unit("department", "01", "2026-03-01", name_vi="Sở Nội vụ và Dân tộc", groups=["so.c"])
    assert put(client, "01.snv", renamed).status_code == 201
    versions = client.get("/v1/units/01.snv/lineage").json()["versions"]
    assert [(v["valid_from"], v["valid_to"], v["groups"]) for v in versions] == [
        ("2015-01-01", LAST_DAY_OF_63, ["so.a", "so.b"]),
        (FIRST_DAY_OF_34, "2026-02-28", []),
        ("2026-03-01", None, ["so.c"]),
    ]
    days = ("2015-01-01", "2026-02-28", "2026-03-01")
    names = [read_name(client, "01.snv", day) for day in days]
    assert names == ["Sở Nội vụ", "Sở Nội vụ mới", "Sở Nội vụ và Dân tộc"]

    changed = put(client, "01.snv", renamed | {"name_vi": "Sở Nội vụ và Tôn giáo", "groups": []})
    assert (changed.status_code, changed.json()["groups"]) == (200, [])
    assert list_codes(client, q="ton giao", valid_on="2026-03-01") == ["01.snv"]
    assert list_codes(client, q="dan toc", valid_on="2026-03-01") == []
    assert list_codes(client, group="so.c", valid_on="2026-03-01") == []


def test_districts_end_and_communes_stand_under_the_province(client: Client) -> None:
    district = unit("district", "22", "2012-01-01", LAST_DAY_OF_63)
    assert faults(put(client, "22.ha-long", district | {"valid_to": None})) == [
        ("/valid_to", "district_has_ended")
    ]
    assert faults(put(client, "22.ha-long", district | {"valid_to": FIRST_DAY_OF_34})) == [
        ("/valid_to", "district_has_ended")
    ]
    assert client.get("/v1/units/22.ha-long").status_code == 404
    assert put(client, "22.ha-long", district).status_code == 201

    commune = unit("commune", "22.ha-long", "2012-01-01", LAST_DAY_OF_63)
    assert put(client, "22.xa", commune).json()["jurisdiction_code"] == "22"
    for days in (
        {"valid_to": None},
        {"valid_to": FIRST_DAY_OF_34},
        {"valid_from": FIRST_DAY_OF_34, "valid_to": None},
    ):
        assert faults(put(client, "22.xa-moi", commune | days)) == [("/parent_code", "parent_not_valid")]
    for kind in ("commune", "ward", "special_zone"):
        direct = put(client, f"22.{kind}", unit(kind, "22", FIRST_DAY_OF_34))
        assert (direct.status_code, direct.json()["jurisdiction_code"]) == (201, "22")
    assert put(client, "22.xa", unit("commune", "22", FIRST_DAY_OF_34)).status_code == 201

    # Phú Quốc: a district-level city, then a special zone of the same code
    assert put(client, "911", unit("district", "91", "2012-01-01", LAST_DAY_OF_63)).status_code == 201
    assert put(client, "911", unit("special_zone", "91", FIRST_DAY_OF_34)).status_code == 201
    assert faults(put(client, "911.an-thoi", unit("ward", "911", "2012-01-01"))) == [
        ("/valid_to", "commune_under_district_has_ended"),
        ("/parent_code", "parent_kind_refused"),
    ]


def test_a_unit_needs_a_parent_while_it_exists(client: Client) -> None:
    refused = [
        (unit("department", "97", "2020-01-01"), "/parent_code", "parent_not_valid"),
        (unit("department", "30", "2020-01-01"), "/parent_code", "parent_not_valid"),
        (unit("department", "30", "2011-12-31", "2020-12-31"), "/parent_code", "parent_not_valid"),
        (unit("department", None, "2020-01-01"), "/parent_code", "parent_missing"),
        (unit("department", "VN", "2020-01-01"), "/parent_code", "parent_kind_refused"),
        (unit("province", "22", "2020-01-01"), "/parent_code", "parent_kind_refused"),
        (unit("district", "VN", "2020-01-01", "2020-12-31"), "/parent_code", "parent_kind_refused"),
        (unit("nation", "VN", "2020-01-01"), "/parent_code", "nation_has_no_parent"),
        (unit("other", "22", "2020-01-02", "2020-01-01"), "/valid_to", "interval_reversed"),
    ]
    for body, pointer, code in refused:
        assert faults(put(client, "new", body)) == [(pointer, code)], body
    left_out = unit("department", "22", "2020-01-01")
    del left_out["parent_code"]
    assert faults(put(client, "new", left_out)) == [("/parent_code", "missing")]
    answer = put(client, "new", unit("department", "30", "2020-01-01"))
    assert "2012-01-01..2025-06-30" in answer.json()["errors"][0]["hint"]
    assert client.get("/v1/units/new").status_code == 404
    # 22 has one version until 2025-06-30 and the next from 2025-07-01: together they cover it
    assert put(client, "new", unit("department", "22", "2020-01-01")).status_code == 201


def test_no_unit_stands_below_itself(client: Client) -> None:
    assert put(client, "a", unit("other", "22", "2020-01-01")).status_code == 201
    assert put(client, "b", unit("other", "a", "2020-01-01")).status_code == 201
    assert put(client, "c", unit("other", "b", "2020-01-01")).status_code == 201
    for parent in ("a", "b", "c"):
        answer = put(client, "a", unit("other", parent, "2020-01-01"))
        assert faults(answer) == [("/parent_code", "parent_is_below")], parent
    assert client.get("/v1/units/a").json()["parent_code"] == "22"


def test_versions_of_a_code_do_not_overlap(client: Client) -> None:
    assert put(client, "v", unit("other", "22", "2020-01-01", "2020-12-31")).status_code == 201
    assert put(client, "v", unit("other", "22", "2022-01-01")).status_code == 201
    for since, until in (
        ("2020-06-01", "2021-06-01"),
        ("2020-12-31", "2021-01-01"),
        ("2021-06-01", "2022-01-01"),
        ("2019-01-01", None),
        ("2019-01-01", "2030-01-01"),
    ):
        answer = put(client, "v", unit("other", "22", since, until))
        assert faults(answer) == [("/valid_from", "version_overlap")], (since, until)
    assert put(client, "v", unit("other", "22", "2021-01-01", "2021-12-31")).status_code == 201
    versions = client.get("/v1/units/v/lineage").json()["versions"]
    assert [(v["valid_from"], v["valid_to"]) for v in versions] == [
        ("2020-01-01", "2020-12-31"),
        ("2021-01-01", "2021-12-31"),
        ("2022-01-01", None),
    ]


def test_no_unit_outlives_or_misfits_its_parent(client: Client) -> None:
    assert put(client, "p", unit("other", "22", "2020-01-01")).status_code == 201
    assert put(client, "p.child", unit("other", "p", "2020-01-01")).status_code == 201
    for until in ("2020-12-31", "2030-12-31"):
        answer = put(client, "p", unit("other", "22", "2020-01-01", until))
        assert (answer.status_code, answer.json()["code"]) == (409, "children_outlive")
        assert "p.child" in answer.json()["detail"]
    assert client.get("/v1/units/p").json()["valid_to"] is None
    ended = put(client, "22", unit("province", "VN", FIRST_DAY_OF_34, "2030-12-31"))
    assert (ended.status_code, ended.json()["code"]) == (409, "children_outlive")
    # below a unit that moves or changes its kind, nothing silently belongs to the province it left
    assert put(client, "d", unit("district", "22", "2020-01-01", LAST_DAY_OF_63)).status_code == 201
    assert put(client, "d.xa", unit("commune", "d", "2020-01-01", LAST_DAY_OF_63)).status_code == 201
    for body in (
        unit("district", "31", "2020-01-01", LAST_DAY_OF_63),
        unit("department", "22", "2020-01-01", LAST_DAY_OF_63),
    ):
        answer = put(client, "d", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "children_misplaced")
        assert "d.xa" in answer.json()["detail"]
    assert put(client, "d.xa", unit("commune", "d", "2020-01-01", "2023-12-31")).status_code == 200
    assert put(client, "d", unit("district", "22", "2020-01-01", "2023-12-31")).status_code == 200
    assert put(client, "d", unit("district", "31", "2024-01-01", LAST_DAY_OF_63)).status_code == 201
    assert faults(put(client, "d.xa-2", unit("commune", "d", "2020-01-01", LAST_DAY_OF_63))) == [
        ("/parent_code", "parent_changes_province")
    ]
    moved = put(client, "d.xa", unit("commune", "d", "2024-01-01", LAST_DAY_OF_63))
    assert (moved.status_code, moved.json()["jurisdiction_code"]) == (201, "31")
    # the next version of the parent takes over: nothing is left without a parent
    assert put(client, "p", unit("other", "22", "2021-01-01")).status_code == 201
    assert client.get("/v1/units/p?valid_on=2020-12-31").json()["valid_to"] == "2020-12-31"


def test_a_unit_with_figures_or_a_round_stays_in_its_province(client: Client) -> None:
    """HOUSE 5: figures and sheets refer to each other only inside their jurisdiction."""
    office = {"name_vi": "Sở A", "kind": "department", "parent_code": "01", "valid_from": "2012-01-01"}
    moved = {**office, "parent_code": "22"}
    assert client.put("/v1/units/a", json=office).status_code == 201
    assert client.put("/v1/units/a", json=moved).status_code == 200  # nothing rests on it yet
    client.put("/v1/units/a/measures/plan_tasks/2020", json={"numerator": 1, "denominator": 2})
    refused = client.put("/v1/units/a", json=office)
    assert (refused.status_code, refused.json()["code"]) == (409, "unit_in_use")
    assert client.get("/v1/units/a/measures/plan_tasks/2020").json()["percent"] == 50
    client.put(
        "/v1/rounds/r",
        json={
            "title_vi": "r",
            "framework": "par-province@2020",
            "period": "2020",
            "participants": [{"group": "g", "units": ["a"]}],
        },
    )
    later = {**office, "valid_from": "2020-06-01"}
    assert client.put("/v1/units/a", json=later).json()["code"] == "unit_in_use"
    assert client.put("/v1/units/a", json={**office, "valid_from": "2021-01-01"}).status_code == 201
