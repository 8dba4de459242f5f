"""The criteria sets that ship: each claims what its sources say and no more, and a day finds its own."""

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
# first digits of the digests: a set that was published is mended by a new version
SHIPPED = {
    "ict-egov-province@2017": "bdccb74f494f",
    "par-ca-mau@2013": "b0c9bacc66b8",
    "par-commune-xuan-loc@2022": "6b86e5460724",
    "par-department-lai-chau@2019": "713543b58e03",
    "par-department-thanh-hoa@2024": "303417ad48ff",
    "par-district-division@2019": "ee31aee3d68d",
    "par-ministry@2022": "ba903b5be3ed",
    "par-province@2012": "57ef01e5a9d0",
    "par-province@2017": "94907bcab3ae",
    "par-province@2018": "bb4a3ff271e9",
    "par-province@2019": "550b741c0699",
    "par-province@2020": "2f398452bcc1",
    "par-province@2022": "34570af71c34",
    "par-province@2024": "b34778d06247",
    "par-province@2025": "e3939e7ae092",
    "qd-766-official@2022": "3e6c98437e51",
    "qd-766@2022": "5316432a0725",
    "six-areas@2021": "d0ff03e388a1",
    "tt-01-2018@2018": "bd1de10a9b5a",
}
# set -> number and day of the decision, and the decision that replaced it where a source names it
LAW = {
    "par-province@2012": ("1294/QĐ-BNV", "2012-12-03", "4361/QĐ-BNV ban hành ngày 28/12/2016"),
    "par-province@2018": ("2636/QĐ-BNV", "2018-12-10", "1150/QĐ-BNV ban hành ngày 30/12/2019"),
    "par-province@2019": ("1150/QĐ-BNV", "2019-12-30", "1149/QĐ-BNV ban hành ngày 30/12/2020"),
    "par-province@2020": ("1149/QĐ-BNV", "2020-12-30", "876/QĐ-BNV ban hành ngày 10/11/2022"),
    "par-province@2022": ("876/QĐ-BNV", "2022-11-10", "892/QĐ-BNV ban hành ngày 05/12/2024"),
    "par-ministry@2022": ("876/QĐ-BNV", "2022-11-10", "892/QĐ-BNV ban hành ngày 05/12/2024"),
    "par-province@2024": ("892/QĐ-BNV", "2024-12-05", "1187/QĐ-BNV (15/10/2025)"),
    "par-province@2025": ("1187/QĐ-BNV", "2025-10-15", ""),
    "par-ca-mau@2013": ("1880/QĐ-UBND", "2013-12-19", ""),
    "par-commune-xuan-loc@2022": ("244/PNV", "2022-08-08", ""),
    "qd-766@2022": ("766/QĐ-TTg", "2022-06-23", ""),
    "qd-766-official@2022": ("766/QĐ-TTg", "2022-06-23", ""),
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
        set(SHIPPED) - {"six-areas@2021", "tt-01-2018@2018"},
        "official_partial",
    )


def test_a_shipped_set_never_changes(public: Client) -> None:
    for reference, digest in SHIPPED.items():
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


def test_decisions_are_cited_with_number_and_day(public: Client) -> None:
    for reference, (number, issued_on, successor) in LAW.items():
        document = read(public, reference)
        (basis,) = document["legal_basis"]
        assert (basis["number"], basis["issued_on"]) == (number, issued_on)
        assert number in basis["document"]
        assert successor in document["notes_vi"]
    assert read(public, "par-district-division@2019")["legal_basis"] == []


def nodes(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of a set."""
    for area in document["areas"]:
        for criterion in area.get("criteria", []):
            yield from criterion.get("sub_criteria", [])
            yield criterion
        yield area


def test_no_day_of_validity_is_inferred(public: Client) -> None:
    """Sources say from when Circular 01/2018 is law (06/01/2019), and that Decree 118/2025 replaced Decree
    61/2018 from 01/7/2025; of nothing else do they say from when to when it is law."""
    found = {
        (basis["number"], basis.get("valid_from"), basis.get("valid_to"))
        for document in (read(public, reference) for reference in list_sets(public))
        for node in [document, *nodes(document)]
        for basis in node["legal_basis"]
        if basis.get("valid_from") or basis.get("valid_to")
    }
    assert found == {("01/2018/TT-VPCP", "2019-01-06", None), ("61/2018/NĐ-CP", None, "2025-06-30")}


def test_every_decision_follows_the_one_before(public: Client) -> None:
    """1294 -> 4361, 2948 -> 2636 -> 1150 -> 1149 -> 876 -> 892 -> 1187."""
    versions = ["2012", "2017", "2018", "2019", "2020", "2022", "2024", "2025"]
    for old, new in pairwise(versions):
        assert read(public, f"par-province@{new}")["derived_from"] == f"par-province@{old}"
    assert "derived_from" not in read(public, "par-province@2012")


def places(document: dict[str, Any]) -> dict[str, list[str]]:
    """Node -> where in law it stands."""
    return {
        node["code"]: [
            " ".join(part for part in (basis.get("clause"), basis["article"]) if part)
            for basis in node["legal_basis"]
        ]
        for node in nodes(document)
    }


def test_nodes_cite_what_their_sources_name(public: Client) -> None:
    circular = places(read(public, "tt-01-2018@2018"))
    per_dossier = ["khoản 1 Điều 14", "khoản 3 Điều 14", "điểm b khoản 4 Điều 15"]
    per_agency = ["khoản 2 Điều 14", "khoản 3 Điều 14", "điểm b khoản 4 Điều 15"]
    assert circular == {
        **dict.fromkeys("12347", per_dossier),
        **dict.fromkeys("89", per_agency),
        "5": ["khoản 2 Điều 14", "điểm c khoản 3 Điều 14", "điểm b khoản 4 Điều 15"],
        "6": ["khoản 1 Điều 14", *per_agency],  # named both per dossier and per agency
        "A": ["khoản 1 Điều 14"],
        "B": ["khoản 2 Điều 14"],
    }
    ca_mau = places(read(public, "par-ca-mau@2013"))
    assert ca_mau.pop("1.unread") == []
    assert ca_mau == {code: [f"mục {code} Bảng thứ nhất"] for code in ca_mau}
    xuan_loc = places(read(public, "par-commune-xuan-loc@2022"))
    assert (xuan_loc["4"], xuan_loc["4.1"], xuan_loc["4.2"]) == (["tiêu chí 4"], ["mục 4.1"], ["mục 4.2"])
    groups = places(read(public, "qd-766@2022"))
    online = ["nhóm chỉ số Cung cấp dịch vụ trực tuyến"]
    assert (groups["1"], groups["3a"], groups["3b"]) == (
        ["nhóm chỉ số Công khai, minh bạch"],
        online,
        online,
    )


def test_decision_766_in_its_five_groups(public: Client) -> None:
    document = read(public, "qd-766-official@2022")
    areas = document["areas"]
    assert [area["max_points"] for area in areas] == [18, 20, 22, 22, 18]
    maxima = [[item["max_points"] for item in leaves(area)] for area in areas]
    assert maxima == [
        [6, 4, 2, 6],
        [20],
        [None] * 6,
        [6, 4, 2, 2, 4, 2, 2],
        [6, 6, 6],
    ]  # 22 = 12 + 10 is not its own
    for reference in ("qd-766@2022", "qd-766-official@2022"):
        bands = [(band["label_vi"], band["from"]) for band in read(public, reference)["bands"]]
        assert (bands[0], bands[2]) == (("Xuất sắc", 90), ("Yếu", 0))
        assert bands[1] == (None, 50)


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
SINCE_2022 = ["qd-766@2022", "qd-766-official@2022", "six-areas@2021", CIRCULAR]
ASSESSED_BY = {
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
    "2022-01-15": [
        CA_MAU,
        "par-commune-xuan-loc@2022",
        "par-ministry@2022",
        "par-province@2022",
        "six-areas@2021",
        CIRCULAR,
    ],
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


def test_what_a_day_is_assessed_by(public: Client) -> None:
    """The set of 876/QĐ-BNV is that of the whole of 2022, though it was issued on 2022-11-10; that of
    1150/QĐ-BNV was issued on the last but one day of the year that it assesses."""
    found = {day: list_sets(public, f"?valid_on={day}") for day in ASSESSED_BY}
    assert found == ASSESSED_BY


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
