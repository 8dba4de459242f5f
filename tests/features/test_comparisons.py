"""What a version of a criteria set changed: in data and in words, with the rounds and units it touches."""

import copy
from collections.abc import Callable
from typing import Any

import httpx

from tests.clients import make_client
from tests.conftest import Client, open_client

# 100 = 1 30 (1.1 20 + 1.2 10) + 2 20 + 3 50
OLD: dict[str, Any] = {
    "code": "own",
    "version": "1",
    "title_vi": "Bộ thử",
    "level": "province",
    "status": "illustrative",
    "total_points": 100,
    "applies": {"from": "2021-01-01", "to": "2021-12-31"},
    "legal_basis": [{"document": "Quyết định 1/QĐ-UBND", "issued_on": "2021-01-01"}],
    "areas": [
        {
            "code": "1",
            "name_vi": "Cải cách thể chế",
            "reform_area": "institutional",
            "max_points": 30,
            "criteria": [
                {
                    "code": "1.1",
                    "name_vi": "Kế hoạch",
                    "max_points": 20,
                    "rule": {
                        "kind": "bands",
                        "rate": "measure:plan_tasks",
                        "steps": [{"from": 90, "points": 20}, {"from": 70.5, "points": 10}],
                    },
                },
                {"code": "1.2", "name_vi": "Báo cáo", "max_points": 10, "rule": {"kind": "binary"}},
            ],
        },
        {"code": "2", "name_vi": "Công vụ", "reform_area": None, "max_points": 20},
        {"code": "3", "name_vi": "Tài chính công", "reform_area": None, "max_points": 50},
    ],
}


def amended() -> dict[str, Any]:
    """1.1 re-weighted and re-ruled, 1.2 to area 3, 2 gone, 3 now 2 (55 = 45 + 10), 4 (25) new: 100."""
    new = copy.deepcopy(OLD) | {"version": "2", "derived_from": "own@1", "legal_basis": []}
    new["applies"] = {"from": "2022-01-01", "to": None}
    new["process"] = {"explanation": "required"}
    new["bands"] = [{"label_vi": "Tốt", "from": 80.5}]
    first, _, third = new["areas"]
    report = first["criteria"].pop()
    first["criteria"][0]["max_points"] = 20.5
    first["criteria"][0]["rule"]["steps"][0] = {"above": 90, "points": 20.5}
    first["max_points"] = 20.5
    rest = {"code": "2.1", "name_vi": "Ngân sách", "max_points": 44.5, "source": "survey"}
    third |= {"code": "2", "max_points": 54.5, "criteria": [rest, report]}
    extra = {"code": "4", "name_vi": "Chuyển đổi số", "reform_area": "digital_government", "max_points": 25}
    new["areas"] = [first, third, extra]
    return new


def load(client: Client, document: dict[str, Any], publish: bool = True) -> None:
    """Load a set, and publish it."""
    path = f"/v1/frameworks/{document['code']}/versions/{document['version']}"
    answer = client.put(path, json=document)
    assert answer.status_code == 201, answer.text
    if publish:
        assert client.post(f"{path}/publish").status_code == 200


def diff(client: Client, old: str = "1", new: str = "2", code: str = "own", **headers: str) -> httpx.Response:
    """Compare two versions."""
    return client.get(f"/v1/frameworks/{code}/diff", params={"from": old, "to": new}, headers=headers)


def put_round(client: Client, code: str, framework: str, units: list[list[str]]) -> None:
    """A round of some groups."""
    groups = [{"group": f"g{index}", "units": group} for index, group in enumerate(units)]
    body = {"title_vi": code, "framework": framework, "period": "2021", "participants": groups}
    assert client.put(f"/v1/rounds/{code}", json=body).status_code == 201


def test_1149_and_876_in_both_languages(public: Client) -> None:
    """60.5 + 10 + 23.5 + 6 became 61.5 + 10 + 22 + 6.5."""
    answer = diff(public, "2020", "2022", "par-province", **{"Accept-Language": "vi"})
    assert (answer.status_code, answer.headers["Content-Language"]) == (200, "vi")
    body = answer.json()
    assert (body["from"]["version"], body["to"]["version"]) == ("2020", "2022")
    assert (body["from"]["applies_to"], body["to"]["applies_from"]) == ("2021-12-31", "2022-01-01")
    assert [(c["change"], c["code"], c["from"], c["to"], c["text"]) for c in body["changes"][2:]] == [
        ("reweighted", "appraisal", 60.5, 61.5, "appraisal Điểm thẩm định: điểm tối đa 60,5 -> 61,5 (+1)"),
        (
            "reweighted",
            "leaders_survey",
            23.5,
            22,
            "leaders_survey Khảo sát lãnh đạo, quản lý: điểm tối đa 23,5 -> 22 (-1,5)",
        ),
        (
            "reweighted",
            "socio_economic",
            6,
            6.5,
            "socio_economic Tác động đến phát triển kinh tế - xã hội: điểm tối đa 6 -> 6,5 (+0,5)",
        ),
    ]
    law = body["changes"][0]
    where = (law["code"], law["pointer_from"], law["pointer_to"])
    assert (law["change"], where) == ("legal_basis", (None, "", ""))
    assert law["text"] == "Cả bộ chỉ số: căn cứ pháp lý: Quyết định 1149/QĐ-BNV -> Quyết định 876/QĐ-BNV"
    assert [basis["issued_on"] for basis in law["from"] + law["to"]] == ["2020-12-30", "2022-11-10"]
    days = body["changes"][1]
    assert (days["change"], days["from"], days["to"]) == (
        "applies",
        {"from": "2020-01-01", "to": "2021-12-31"},
        {"from": "2022-01-01", "to": "2023-12-31"},
    )
    assert days["text"] == (
        "Cả bộ chỉ số: thời gian áp dụng để đánh giá: từ 01/01/2020 đến 31/12/2021 -> "
        "từ 01/01/2022 đến 31/12/2023"
    )
    assert {kind: count for kind, count in body["summary"].items() if count} == {
        "applies": 1,
        "legal_basis": 1,
        "reweighted": 3,
    }
    assert body["caveat"].startswith("Ít nhất một trong hai bộ chỉ số mới được biết một phần: ")
    (round_,) = body["rounds"]
    assert (round_["code"], round_["state"], round_["participants"]) == ("par-province-2020", "published", 10)
    (group,) = public.get("/v1/rounds/par-province-2020").json()["participants"]
    assert round_["units"] == group["units"]

    english = diff(public, "2022", "2020", "par-province", **{"Accept-Language": "en"}).json()
    assert english["changes"][2]["text"] == "appraisal Điểm thẩm định: maximum 61.5 -> 60.5 (-1)"
    assert english["changes"][1]["text"] == (
        "Whole set: time that is assessed by it: from 2022-01-01 to 2023-12-31 -> "
        "from 2020-01-01 to 2021-12-31"
    )
    assert english["rounds"] == body["rounds"]


def test_every_change_in_data_and_words(client: Client) -> None:
    new = amended()
    load(client, OLD)
    load(client, new)
    answer = diff(client, **{"Accept-Language": "vi"}).json()
    assert answer["caveat"] is None
    report = {"code": "1.2", "name_vi": "Báo cáo", "max_points": 10}
    said = [
        (c["change"], c["code"], c["pointer_from"], c["pointer_to"], c["text"]) for c in answer["changes"]
    ]
    tasks = "tỷ lệ nhiệm vụ hoàn thành của kế hoạch CCHC (plan_tasks)"
    old_rule = f"theo các mức tỷ lệ ({tasks}, từ 90 %: 20 điểm, từ 70,5 %: 10 điểm)"
    new_rule = f"theo các mức tỷ lệ ({tasks}, trên 90 %: 20,5 điểm, từ 70,5 %: 10 điểm)"
    assert said == [
        ("bands", None, "", "", "Cả bộ chỉ số: ngưỡng xếp loại: không có -> Tốt từ 80,5 %"),
        (
            "process",
            None,
            "",
            "",
            "Cả bộ chỉ số: các bước đánh giá: giải trình không bắt buộc; thẩm định lần 2 không bắt buộc -> "
            "giải trình bắt buộc; thẩm định lần 2 không bắt buộc",
        ),
        ("legal_basis", None, "", "", "Cả bộ chỉ số: căn cứ pháp lý: Quyết định 1/QĐ-UBND -> không có"),
        (
            "applies",
            None,
            "",
            "",
            "Cả bộ chỉ số: thời gian áp dụng để đánh giá: từ 01/01/2021 đến 31/12/2021 -> từ 01/01/2022",
        ),
        ("reweighted", "1", "/areas/0", "/areas/0", "1 Cải cách thể chế: điểm tối đa 30 -> 20,5 (-9,5)"),
        (
            "reweighted",
            "1.1",
            "/areas/0/criteria/0",
            "/areas/0/criteria/0",
            "1.1 Kế hoạch: điểm tối đa 20 -> 20,5 (+0,5)",
        ),
        (
            "reruled",
            "1.1",
            "/areas/0/criteria/0",
            "/areas/0/criteria/0",
            f"1.1 Kế hoạch: cách chấm điểm: {old_rule} -> {new_rule}",
        ),
        ("recoded", "2", "/areas/2", "/areas/1", "2 Tài chính công: đổi mã số 3 -> 2"),
        ("reweighted", "2", "/areas/2", "/areas/1", "2 Tài chính công: điểm tối đa 50 -> 54,5 (+4,5)"),
        (
            "reruled",
            "2",
            "/areas/2",
            "/areas/1",
            "2 Tài chính công: cách chấm điểm: chấm điểm trực tiếp; thẩm định -> tính theo các mục con",
        ),
        ("added", "2.1", None, "/areas/1/criteria/0", "2.1 Ngân sách: thêm mới, điểm tối đa 44,5"),
        (
            "moved",
            "1.2",
            "/areas/0/criteria/1",
            "/areas/1/criteria/1",
            "1.2 Báo cáo: chuyển từ mục 1 sang mục 2",
        ),
        ("added", "4", None, "/areas/2", "4 Chuyển đổi số: thêm mới, điểm tối đa 25"),
        ("removed", "2", "/areas/1", None, "2 Công vụ: không còn, điểm tối đa trước đây là 20"),
    ]
    by_text = {(c["change"], c["code"]): (c["from"], c["to"]) for c in answer["changes"]}
    assert by_text["bands", None] == ([], [{"label_vi": "Tốt", "from": 80.5}])
    assert by_text["process", None] == (
        {"explanation": "optional", "final_appraisal": "optional"},
        {"explanation": "required", "final_appraisal": "optional"},
    )
    before, after = by_text["reruled", "1.1"]
    assert [step["from"] for step in before["rule"]["steps"]] == [90, 70.5]
    assert (after["rule"]["kind"], after["rule"]["steps"][0]["above"], after["source"]) == (
        "bands",
        90,
        "statistic",
    )
    manual = {"kind": "manual", "step": None}
    assert by_text["reruled", "2"] == (
        {"rule": manual, "source": "appraisal", "evidence_required": False},
        None,
    )
    gone, nothing = by_text["removed", "2"]
    assert nothing is None
    assert (gone["name_vi"], gone["max_points"]) == ("Công vụ", 20)
    assert "criteria" not in gone
    assert by_text["moved", "1.2"] == ("1", "2")
    assert answer["summary"]["added"] == 2
    assert sum(answer["summary"].values()) == len(answer["changes"])
    for document, pointer, code in ((OLD, "pointer_from", "1.2"), (new, "pointer_to", "1.2")):
        (change,) = (c for c in answer["changes"] if c["change"] == "moved")
        node: Any = document
        for part in change[pointer].split("/")[1:]:
            node = node[int(part)] if isinstance(node, list) else node[part]
        assert node["code"] == code
        assert report.items() <= node.items()


def test_backwards_and_against_itself(client: Client) -> None:
    load(client, OLD)
    load(client, amended())
    there, back = diff(client).json(), diff(client, "2", "1").json()
    opposite = {"added": "removed", "removed": "added"}
    assert back["summary"] == {kind: there["summary"][opposite.get(kind, kind)] for kind in there["summary"]}
    same = diff(client, "1", "own@1").json()
    assert same["changes"] == []
    assert not any(same["summary"].values())


def test_versions_of_two_codes(client: Client) -> None:
    load(client, OLD)
    load(client, amended() | {"code": "renamed", "version": "1"})
    here, there = diff(client, "1", "renamed@1"), diff(client, "own@1", "1", "renamed")
    assert here.status_code == there.status_code == 200
    assert here.json() == there.json()
    assert (here.json()["from"]["code"], here.json()["to"]["code"]) == ("own", "renamed")
    assert here.json()["summary"]["moved"] == 1


def test_words_of_the_scale_and_what_stands_beside_it(client: Client) -> None:
    """Điểm trừ, never điểm phạt; and what is rounded, for whom, and how ties are broken."""
    old = copy.deepcopy(OLD) | {"caps": {"bonus": 5}, "rounding": {"decimals": 2, "items": None}}
    old["areas"][1]["criteria"] = [
        {"code": "2.1", "name_vi": "Công vụ", "max_points": 20},
        {"code": "2.2", "name_vi": "Kỷ luật", "max_points": 3, "rule": {"kind": "penalty"}},
    ]
    new = copy.deepcopy(old) | {"version": "2", "level": "commune", "status": "official"}
    new |= {"caps": {"bonus": 5, "penalty": 2.5}, "rounding": {"decimals": 2, "items": 1}}
    new["ties"] = {"method": "dense", "keys": ["area:1", "name"]}
    new["areas"][1]["criteria"][1]["rule"] = {"kind": "penalty", "per_event": 0.5}
    load(client, old)
    load(client, new)
    assert [change["text"] for change in diff(client, **{"Accept-Language": "vi"}).json()["changes"]] == [
        "Cả bộ chỉ số: làm tròn: hiển thị 2 chữ số thập phân -> "
        "hiển thị 2 chữ số thập phân; điểm từng mục làm tròn đến 1 chữ số thập phân",
        "Cả bộ chỉ số: xếp hạng khi bằng điểm: xếp đồng hạng, bỏ trống hạng kế tiếp (1-2-2-4) -> "
        "xếp đồng hạng, không bỏ trống hạng kế tiếp (1-2-2-3); rồi theo điểm lĩnh vực 1; rồi theo tên đơn vị",
        "Cả bộ chỉ số: mức trần điểm thưởng, điểm trừ: điểm thưởng 5 -> điểm thưởng 5; điểm trừ 2,5",
        "Cả bộ chỉ số: đối tượng áp dụng: cấp tỉnh -> cấp xã",
        "Cả bộ chỉ số: tính chất bộ chỉ số: minh họa -> chính thức",
        "2.2 Kỷ luật: cách chấm điểm: điểm trừ ngoài thang điểm -> "
        "điểm trừ ngoài thang điểm (mỗi lần 0,5 điểm)",
    ]


def test_a_rule_of_which_only_a_detail_differs_is_still_told(client: Client) -> None:
    old = copy.deepcopy(OLD)
    plan = old["areas"][0]["criteria"][0]
    plan["rule"] = {
        "kind": "conjunction",
        "tiers": [{"points": 20, "all": [{"figure": "measure:a", "from": 1}]}],
    }
    new = copy.deepcopy(old) | {"version": "2"}
    new["areas"][0]["criteria"][0]["rule"]["tiers"][0]["all"][0]["from"] = 2
    load(client, old)
    load(client, new)
    (change,) = diff(client, **{"Accept-Language": "en"}).json()["changes"]
    assert change["text"] == (
        "1.1 Kế hoạch: scored by: conditions that must all hold -> the same, other details"
    )
    assert [side["rule"]["tiers"][0]["all"][0]["from"] for side in (change["from"], change["to"])] == [1, 2]


def test_rounds_of_either_version_are_touched_whatever_their_state(client: Client) -> None:
    load(client, OLD)
    load(client, amended())
    put_round(client, "b", "own@1", [["31", "22"], ["24"]])
    put_round(client, "a", "own@2", [["22"]])
    put_round(client, "empty", "own@2", [])
    put_round(client, "other", "par-province@2020", [["22"]])
    assert client.post("/v1/rounds/b/transitions", json={"to": "self_assessment"}).status_code == 200
    with open_client(client.app, key=None) as stranger:  # rounds are public, as in GET /v1/rounds
        found = diff(stranger).json()["rounds"]
    assert [(r["code"], r["framework"], r["state"], r["participants"], r["units"]) for r in found] == [
        ("a", "own@2", "draft", 1, ["22"]),
        ("b", "own@1", "self_assessment", 3, ["31", "22", "24"]),
        ("empty", "own@2", "draft", 0, []),
    ]


def test_drafts_are_compared_for_those_who_may_read_them(client: Client) -> None:
    load(client, OLD)
    load(client, amended(), publish=False)
    assert diff(client).json()["to"]["state"] == "draft"
    with open_client(client.app, key=None) as stranger:
        for old, new in (("1", "2"), ("2", "1")):
            answer = diff(stranger, old, new)
            assert (answer.status_code, answer.json()["code"]) == (401, "key_missing")
        assert diff(stranger, "1", "1").status_code == 200
    for scope, status in (("scores:self@22", 403), ("rounds:manage@22", 200), ("frameworks:write", 200)):
        with open_client(client.app, make_client(client.app, [scope])) as somebody:
            assert diff(somebody).status_code == status, scope


def test_what_is_not_there_is_told_with_its_place(client: Client) -> None:
    load(client, OLD)
    unknown = diff(client, "1", "2", "nobody")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "framework_unknown")
    for old, new, places in (
        ("1", "9", ["/query/to"]),
        ("8", "1", ["/query/from"]),
        ("8", "nobody@1", ["/query/from", "/query/to"]),
    ):
        refused = diff(client, old, new)
        assert refused.status_code == 422
        assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
            (place, "framework_unknown") for place in places
        ]
    assert '"own@9"' in diff(client, "1", "9").json()["errors"][0]["message"]
    for wrong in ("", "a b", "own@1@2", "@1", "1@"):
        refused = diff(client, wrong, "1")
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/query/from"), wrong
    assert client.get("/v1/frameworks/own/diff?from=1").status_code == 422


def test_an_unchanged_comparison_is_not_sent_again(client: Client) -> None:
    load(client, OLD)
    load(client, amended(), publish=False)

    def tag(**headers: str) -> str:
        found: str = diff(client, **headers).headers["ETag"]
        return found

    seen = [tag()]
    again = diff(client, **{"If-None-Match": seen[0]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", seen[0])
    seen.append(tag(**{"Accept-Language": "vi"}))
    put_round(client, "r", "own@1", [["22"]])
    seen.append(tag())
    assert client.post("/v1/rounds/r/transitions", json={"to": "self_assessment"}).status_code == 200
    seen.append(tag())
    assert client.post("/v1/frameworks/own/versions/2/publish").status_code == 200
    seen.append(tag())
    seen.append(diff(client, "2", "1").headers["ETag"])
    assert len(set(seen)) == len(seen)
    assert diff(client, **{"If-None-Match": seen[0]}).status_code == 200


def test_many_rounds_need_no_more_queries(
    client: Client, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    load(client, OLD)
    load(client, amended())
    put_round(client, "r", "own@1", [["22"]])
    with open_client(client.app, key=None) as stranger:
        diff(stranger)
        few = count_queries(lambda: diff(stranger))
        for index in range(8):
            put_round(client, f"r{index}", f"own@{index % 2 + 1}", [["22", "31"], ["24"]])
        assert count_queries(lambda: diff(stranger)) == few
    assert few <= 6  # two to begin with on SQLite; versions, rounds, participants, names of measures
