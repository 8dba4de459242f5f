"""The criteria sets that ship: each claims what its sources say and no more, and a day finds what was law."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from tests.conftest import Client

# Nghị quyết 76/NQ-CP: the six areas of reform
SIX_AREAS = [
    "institutional",
    "procedures",
    "apparatus",
    "civil_service",
    "public_finance",
    "digital_government",
]
# first digits of the digests of sets that databases in use already have
RELEASED = {
    "ict-egov-province@2017": "bdccb74f494f",
    "par-department-lai-chau@2019": "713543b58e03",
    "par-department-thanh-hoa@2024": "303417ad48ff",
    "par-province@2017": "523c527b03ce",
    "par-province@2020": "255f6e320099",
    "par-province@2022": "e05ef55bac3c",
    "qd-766@2022": "66cefa5be4d6",
    "six-areas@2021": "4ee664e8fbef",
    "tt-01-2018@2018": "77b66b7e14f6",
}
# the decisions of the ministry as far as sources go: set -> (number, issued on, last day where a source
# names the decision that replaces it)
LAW = {
    "par-province@2012": ("1294/QĐ-BNV", "2012-12-03", "2016-12-27"),  # 4361/QĐ-BNV, 28/12/2016
    "par-province@2018": ("2636/QĐ-BNV", "2018-12-10", "2019-12-29"),  # 1150/QĐ-BNV, 30/12/2019
    "par-province@2019": ("1150/QĐ-BNV", "2019-12-30", "2020-12-29"),  # 1149/QĐ-BNV, 30/12/2020
    "par-ministry@2022": ("876/QĐ-BNV", "2022-11-10", "2024-12-04"),  # 892/QĐ-BNV, 05/12/2024
    "par-province@2024": ("892/QĐ-BNV", "2024-12-05", None),
    "par-province@2025": ("1187/QĐ-BNV", "2025-10-15", None),
    "par-ca-mau@2013": ("1880/QĐ-UBND", "2013-12-19", None),
    "par-commune-xuan-loc@2022": ("244/PNV", "2022-08-08", None),
}
# sets that can be read and compared, but not scored with, and the maxima that nobody knows
UNUSABLE = {
    "par-province@2018": list("12345678"),
    "par-province@2019": list("12345678"),
    "par-province@2024": ["par-province@2024", "total"],
    "par-province@2025": ["par-province@2025", "total"],
    "par-ministry@2022": list("1234567"),
    "par-ca-mau@2013": ["par-ca-mau@2013"],
    "par-district-division@2019": ["5"],
    "par-commune-xuan-loc@2022": ["par-commune-xuan-loc@2022", "unread"],
}


def read(client: Client, reference: str) -> dict[str, Any]:
    """A shipped set; each is published, names its sources and says what is not known."""
    code, _, version = reference.partition("@")
    document: dict[str, Any] = client.get(f"/v1/frameworks/{code}/versions/{version}").json()
    assert (document["code"], document["version"], document["state"]) == (code, version, "published")
    assert document["sources"]
    assert document["notes_vi"]
    return document


def list_sets(client: Client, query: str = "") -> list[str]:
    """code@version of a list."""
    answer = client.get(f"/v1/frameworks{query}")
    assert answer.status_code == 200, answer.text
    return [f"{item['code']}@{item['version']}" for item in answer.json()["items"]]


def leaves(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Items below an area."""
    children = node.get("criteria", []) + node.get("sub_criteria", [])
    if not children:
        yield node
    for child in children:
        yield from leaves(child)


def test_what_ships_is_published_with_its_mark(public: Client) -> None:
    marks = {
        f"{item['code']}@{item['version']}": item["status"]
        for item in public.get("/v1/frameworks").json()["items"]
        if item["state"] == "published"
    }
    assert marks.pop("six-areas@2021") == "illustrative"
    assert marks.pop("tt-01-2018@2018") == "official"
    assert marks == dict.fromkeys(
        ["par-province@2012", *set(RELEASED) - {"six-areas@2021", "tt-01-2018@2018"}, *UNUSABLE],
        "official_partial",
    )


def test_a_released_set_never_changes(public: Client) -> None:
    for reference, digest in RELEASED.items():
        assert read(public, reference)["sha256"].startswith(digest), reference


def test_sets_with_points_claim_no_more_than_their_sources(public: Client) -> None:
    areas = read(public, "par-province@2017")["areas"]
    assert [area["max_points"] for area in areas] == [10, 10, 14.5, 11, 16, 7, 16, 15.5]
    assert [area["reform_area"] for area in areas] == ["leadership", *SIX_AREAS, "impact"]
    areas = read(public, "par-province@2020")["areas"]
    assert [(area["max_points"], area["reform_area"]) for area in areas] == [
        (60.5, None),  # appraisal
        (10, None),  # SIPAS
        (23.5, None),  # leaders' survey
        (6, None),  # socio-economic
    ]
    areas = read(public, "par-province@2022")["areas"]
    assert [area["max_points"] for area in areas] == [61.5, 10, 22, 6.5]
    qd_766 = read(public, "qd-766@2022")
    assert [area["max_points"] for area in qd_766["areas"]] == [18, 20, 12, 10, 22, 18]
    bases = {item["code"]: item.get("points_rule_basis") for area in qd_766["areas"] for item in leaves(area)}
    assert (bases["1.1"], bases["3.5a"], bases["3.2"]) == ("inferred", "stated", None)
    unknown = [item["code"] for item in leaves(qd_766["areas"][2]) if item["max_points"] is None]
    assert unknown == ["3.1", "3.2", "3.3"]  # the split of 12 stays unknown
    circular = read(public, "tt-01-2018@2018")
    assert sum(item["max_points"] for area in circular["areas"] for item in leaves(area)) == 9 * 2
    for reference in ("par-department-lai-chau@2019", "par-province@2012"):
        (total,) = read(public, reference)["areas"]
        assert total["max_points"] == 100
        parts = [(part["source"], part["max_points"]) for part in total["criteria"]]
        assert parts == [("appraisal", None), ("survey", None)]
    for reference in ("par-department-thanh-hoa@2024", "ict-egov-province@2017"):
        assert len(read(public, reference)["areas"]) == 1


def test_the_illustrative_set_reads_real_figures(public: Client) -> None:
    areas = read(public, "six-areas@2021")["areas"]
    assert [area["reform_area"] for area in areas] == [*SIX_AREAS, "leadership"]
    items = {area["reform_area"]: list(leaves(area)) for area in areas}
    kinds = {area: {item["rule"]["kind"] for item in found} for area, found in items.items()}
    assert kinds["institutional"] == kinds["public_finance"] == {"manual"}
    assert all(items.values())
    rates = {i["rule"]["rate"] for found in items.values() for i in found if "rate" in i["rule"]}
    assert {"measure:plan_tasks", "dossier:on_time_of_resolved_percent"} <= rates


def test_decisions_are_cited_with_number_and_days(public: Client) -> None:
    for reference, (number, issued_on, valid_to) in LAW.items():
        (basis,) = read(public, reference)["legal_basis"]
        assert (basis["number"], basis["issued_on"], basis.get("valid_to")) == (number, issued_on, valid_to)
        assert number in basis["document"]
        assert "valid_from" not in basis  # no source says from when
    assert read(public, "par-district-division@2019")["legal_basis"] == []


def test_versions_derive_from_the_decision_before(public: Client) -> None:
    for old, new in (("2017", "2018"), ("2018", "2019"), ("2022", "2024"), ("2024", "2025")):
        assert read(public, f"par-province@{new}")["derived_from"] == f"par-province@{old}"


def counts(document: dict[str, Any]) -> list[str]:
    """What the note of each area says of its criteria and sub-criteria."""
    return [area["note_vi"].partition(";")[0] for area in document["areas"]]


def test_eight_areas_of_1150_and_seven_of_876_have_their_counts_and_no_points(public: Client) -> None:
    of_2019 = [(6, 2), (4, 6), (5, 19), (4, 12), (9, 16), (4, 15), (5, 17), (6, 8)]
    of_876 = [(7, 6), (9, 15), (6, 19), (4, 14), (6, 16), (3, 13), (3, 14)]
    assert [sum(column) for column in zip(*of_2019, strict=True)] == [43, 95]
    assert [sum(column) for column in zip(*of_876, strict=True)] == [38, 97]
    for reference, known in (("par-province@2019", of_2019), ("par-ministry@2022", of_876)):
        document = read(public, reference)
        assert counts(document) == [f"{c} tiêu chí, {s} tiêu chí thành phần" for c, s in known]
    for reference, size in (("par-province@2018", 8), ("par-province@2019", 8), ("par-ministry@2022", 7)):
        document = read(public, reference)
        assert [area["max_points"] for area in document["areas"]] == [None] * size
        assert document["total_points"] == 100
    assert "41 tiêu chí, 96 tiêu chí thành phần" in read(public, "par-province@2018")["notes_vi"]


def test_what_local_sources_leave_unknown_stays_null(public: Client) -> None:
    printed = [area["max_points"] for area in read(public, "par-district-division@2019")["areas"]]
    assert printed == [20.5, 10, 10, 6, None, 6, 14, 9, 14]  # 10.05 is printed, 10.5 would make 100
    ca_mau = read(public, "par-ca-mau@2013")
    (area,) = ca_mau["areas"]
    assert (ca_mau["total_points"], area["max_points"]) == (None, 20)
    assert [c["max_points"] for c in area["criteria"]] == [5, 2, 3, None]
    steps = next(item["rule"]["steps"] for item in leaves(area) if item["code"] == "1.1.4")
    # trên 90%: 2; 70% - 90%: 1; dưới 70%: 0
    assert [(s["above"], s["from"], s["points"]) for s in steps] == [(90, None, 2), (None, 70, 1)]
    xuan_loc = read(public, "par-commune-xuan-loc@2022")
    (area,) = xuan_loc["areas"]
    assert (xuan_loc["total_points"], area["max_points"], area["reform_area"]) == (None, None, None)
    first, second = (item["rule"] for item in list(leaves(area))[:2])
    assert (first["kind"], first["floor"], first["full_at"]) == ("proportional", 90, None)
    assert [part["points"] for part in second["parts"]] == [0.25, 0.25, 0.5]
    for reference in ("par-province@2024", "par-province@2025"):
        document = read(public, reference)
        (area,) = document["areas"]
        assert (document["total_points"], area["max_points"]) == (None, None)


CA_MAU, CIRCULAR = "par-ca-mau@2013", "tt-01-2018@2018"
SINCE_2022 = ["qd-766@2022", "six-areas@2021", CIRCULAR]
IN_FORCE = {
    "2011-12-31": [],
    "2012-06-30": ["par-province@2012"],
    "2016-12-31": [CA_MAU],  # the set of 4361/QĐ-BNV for 2016 was not found
    "2017-01-01": ["ict-egov-province@2017", CA_MAU, "par-province@2017"],
    "2017-12-31": ["ict-egov-province@2017", CA_MAU, "par-province@2017"],
    "2018-12-31": [CA_MAU, "par-province@2018"],
    "2019-06-30": [
        CA_MAU,
        "par-department-lai-chau@2019",
        "par-district-division@2019",
        "par-province@2019",
        CIRCULAR,
    ],
    "2020-12-31": [CA_MAU, "par-province@2020", CIRCULAR],
    "2021-12-31": [CA_MAU, "par-province@2020", "six-areas@2021", CIRCULAR],
    "2022-12-31": [
        CA_MAU,
        "par-commune-xuan-loc@2022",
        "par-ministry@2022",
        "par-province@2022",
        *SINCE_2022,
    ],
    "2023-06-30": [CA_MAU, "par-ministry@2022", "par-province@2022", *SINCE_2022],
    "2024-12-31": [CA_MAU, "par-department-thanh-hoa@2024", "par-province@2024", *SINCE_2022],
    "2025-11-01": [CA_MAU, "par-province@2025", *SINCE_2022],
}


def test_what_was_law_on_a_day(public: Client) -> None:
    found = {day: list_sets(public, f"?valid_on={day}") for day in IN_FORCE}
    assert found == IN_FORCE


def test_a_partial_set_is_read_and_compared_but_not_scored_with(client: Client) -> None:
    provinces = [reference for reference in list_sets(client) if reference.startswith("par-province")]
    assert len(provinces) == 8
    for old, new in pairwise(provinces):
        answer = client.get("/v1/frameworks/par-province/diff", params={"from": old, "to": new}).json()
        assert answer["caveat"]
        assert answer["summary"]["legal_basis"] == 1
    body = {"title_vi": "Kỳ thử", "period": "2024", "participants": [{"group": "g", "units": ["22"]}]}
    for reference, items in UNUSABLE.items():
        refused = client.put("/v1/rounds/r", json=body | {"framework": reference})
        assert refused.status_code == 422, reference
        (error,) = refused.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/framework", "framework_items_unbounded")
        assert f"the maximum of {', '.join(items)} is not known" in error["message"]
        assert error["hint"]
    assert client.put("/v1/rounds/r", json=body | {"framework": "par-province@2012"}).status_code == 201
