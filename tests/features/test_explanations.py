"""Every number explains itself: rule, inputs and where they came from, arithmetic, law."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.clients import make_client
from tests.conftest import Client, open_client
from tests.features.test_rule_kinds import BASE, measure, open_round, report, start_round, write

URL = f"{BASE}/indices/22/explanation"


def explain(client: Client, url: str = URL, **params: str) -> dict[str, Any]:
    answer = client.get(url, params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def leaves(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        if node["children"]:
            yield from leaves(node["children"])
        else:
            yield node


def by_code(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {node["code"]: node for node in leaves(found["tree"])}


def move(client: Client, to: str, **more: str) -> None:
    assert client.post(f"{BASE}/transitions", json={"to": to, **more}).status_code == 200


def put_set(client: Client, **document: Any) -> None:
    """A published set `law@1` of the areas that are given."""
    areas = [{"name_vi": area["code"], "reform_area": None, **area} for area in document.pop("areas")]
    whole = {
        "code": "law",
        "version": "1",
        "title_vi": "Bộ thử",
        "level": "province",
        "status": "illustrative",
        "total_points": sum(area["max_points"] for area in areas),
        "applies": {"from": "2012-01-01"},
        **document,
        "areas": areas,
    }
    url = "/v1/frameworks/law/versions/1"
    stored = client.put(url, json=whole)
    assert stored.status_code == 201, stored.text
    assert client.post(f"{url}/publish").status_code == 200


def test_every_kind_of_rule_shows_its_arithmetic(client: Client) -> None:
    start_round(client)
    missing = by_code(explain(client))
    assert {node["status"] for node in missing.values()} == {"missing"}
    assert missing["built"]["arithmetic"] is None
    report(client)
    assert write(client, "binary", "appraisal", 5).status_code == 200
    found = by_code(explain(client))
    assert {code: node["arithmetic"] for code, node in found.items()} == {
        "binary": "5",
        "options": None,
        "checklist": None,
        "proportional": "40 / 100 x 10 / 80 % = 5",
        "complement": "(100 % - 40 / 100) x 10 / 90 % = 6.6667",
        "conjunction": "m 40 % < 50 %; m 40 % < 50 % -> 0",
        "deduction": "10 - 1 x 1.5 = 8.5",
        "mean": "(10 x 3 + 5 x 1 + 0 x 0) / 4 = 8.75",
        "survey": "(100 % x 30 + 0 % x 10) / 40 x 10 = 7.5",
        "built": "(90 - 5) / 100 x 20 = 17",
    }
    lost = {code: node["lost_points"] for code, node in found.items()}
    assert (lost["binary"], lost["complement"], lost["options"]) == (0, 3.3333, 0)  # not scored is not lost
    statuses = {code: node["status"] for code, node in found.items()}
    assert (statuses["binary"], statuses["options"], statuses["built"]) == (
        "estimated",
        "missing",
        "estimated",
    )
    step = found["proportional"]["next_step"]
    assert (step["points"], step["gain"]) == (10, 5)
    assert step["vi"] == "Chỉ tiêu m >= 80 % (hiện 40 %): cần 80/100, hiện có 40/100."
    assert found["binary"]["next_step"] is None
    assert found["options"]["rule"] == {
        "kind": "options",
        "vi": "Một trong các mức: kịp thời: 5 điểm; chậm: 2,5 điểm.",
        "en": "One of: kịp thời: 5 points; chậm: 2.5 points.",
    }


def test_a_figure_names_the_reports_that_it_rests_on(client: Client) -> None:
    """Two departments report; the province's rate is their counts added, 30 / 40."""
    start_round(client)
    for number, reported in (("1", (10, 20)), ("2", (20, 20))):
        department = {
            "name_vi": number,
            "kind": "department",
            "parent_code": "22",
            "valid_from": "2012-01-01",
        }
        assert client.put(f"/v1/units/22.{number}", json=department).status_code == 201
        source = {"source": f"Báo cáo số {number}/BC-SNV", "extracted_at": "2022-01-03T08:00:00+07:00"}
        body = {"numerator": reported[0], "denominator": reported[1], **source}
        assert client.put(f"/v1/units/22.{number}/measures/m/2021", json=body).status_code == 200
    node = by_code(explain(client))["proportional"]
    assert node["arithmetic"] == "30 / 40 x 10 / 80 % = 9.375"
    (figure,) = node["inputs"]
    assert (figure["numerator"], figure["denominator"], figure["percent"]) == (30, 40, 75)
    assert (figure["figure"], figure["period"], figure["name"]["vi"]) == ("measure:m", "2021", "chỉ tiêu m")
    assert (figure["reported"], figure["expected"]) == (2, 3)  # the province itself reported nothing
    assert [(r["unit"], r["source"], r["recorded_by"]) for r in figure["reports"]] == [
        ("22.1", "Báo cáo số 1/BC-SNV", "admin"),
        ("22.2", "Báo cáo số 2/BC-SNV", "admin"),
    ]
    assert figure["reports"][0]["extracted_at"] == "2022-01-03T08:00:00+07:00"
    counts = {"received": 50, "resolved": 40}
    for scope, more in (("own", {}), ("total", {"received": 60})):
        body = {**counts, **more, "scope": scope}
        assert client.put("/v1/units/22/dossier-statistics/2021", json=body).status_code == 200
    built = {i["figure"]: i for i in by_code(explain(client))["built"]["inputs"]}
    received = built["dossier:received"]
    assert (received["value"], [r["scope"] for r in received["reports"]]) == (60, ["total"])


def test_the_tree_of_every_example_adds_up_to_its_index(examples: Client) -> None:
    listed = examples.get("/v1/rounds", params={"limit": 100}).json()["items"]
    assert len(listed) == 7
    for row in listed:
        base = f"/v1/rounds/{row['code']}"
        code, _, version = row["framework"].partition("@")
        document = examples.get(f"/v1/frameworks/{code}/versions/{version}").json()
        digit = Decimal(1).scaleb(-document["rounding"]["decimals"])
        groups = [group["group"] for group in examples.get(base).json()["participants"]]
        for group in groups:
            indices = examples.get(f"{base}/indices", params={"group": group, "limit": 12}).json()["items"]
            assert indices
            for index in indices:
                found = explain(examples, f"{base}/indices/{index['unit']['code']}/explanation")
                check_sums(found, index, digit)


def check_sums(found: dict[str, Any], index: dict[str, Any], digit: Decimal) -> None:
    """Items add up to areas and these to the whole, exactly; rounded, they are what the index shows."""
    assert {name: found[name] for name in index} == index
    for area, result in zip(found["tree"], index["areas"], strict=True):
        parts = sum((Decimal(leaf["exact_points"]) for leaf in leaves([area])), Decimal(0))
        assert parts == Decimal(area["exact_points"])
        assert parts.quantize(digit, ROUND_HALF_UP) == Decimal(str(result["points"]))
    exact = sum((Decimal(area["exact_points"]) for area in found["tree"]), Decimal(0))
    assert exact.quantize(digit, ROUND_HALF_UP) == Decimal(str(index["points"]))
    assert found["adjustment"] == 0


def test_one_item_comes_with_the_way_to_it(examples: Client) -> None:
    url = "/v1/rounds/six-areas-my-xuyen-2021/indices/94.my-xuyen/explanation"
    (area,) = explain(examples, url, item="2.1")["tree"]
    assert (area["code"], area["points"], [c["code"] for c in area["children"]]) == ("2", 15, ["2.1"])
    (node,) = area["children"]
    assert node["arithmetic"] == "35755 / 35755 = 100 % >= 100 % -> 10"  # published: all 35,755 in time
    assert (
        node["inputs"][0]["reports"][0]["source"] == "Phòng Nội vụ huyện Mỹ Xuyên (Sóc Trăng), tháng 9/2021"
    )
    assert area["arithmetic"] == "10 + 5 + 0 + 0 = 15"  # of the whole area, not of the part that is shown
    whole = explain(examples, url, item="2")["tree"]
    assert [len(a["children"]) for a in whole] == [4]
    for item in ("9.9", ""):
        unknown = examples.get(url, params={"item": item})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "item_unknown")


def test_approved_points_are_explained_by_the_figures_of_then(client: Client) -> None:
    """Approval fixed 40 / 100; what is reported afterwards moves neither the points nor their arithmetic."""
    start_round(client)
    report(client)
    move(client, "approved")
    before = explain(client)
    assert before["figures_known_at"] is not None
    measure(client, "m", "2021", numerator=80, denominator=100)
    after = explain(client)
    node = by_code(after)["proportional"]
    assert (node["status"], node["points"], node["arithmetic"]) == ("final", 5, "40 / 100 x 10 / 80 % = 5")
    (figure,) = (i for i in node["inputs"] if i["kind"] == "figure")
    assert (figure["numerator"], figure["percent"]) == (40, 40)
    assert before["tree"] == after["tree"]
    assert all(node["next_step"] is None for node in by_code(after).values())  # nothing moves any more


def test_what_nobody_reported_before_the_approval_stays_unknown(client: Client) -> None:
    start_round(client)
    for state in ("approved", "published"):
        move(client, state)
    before = explain(client)
    assert before["figures_known_at"] is not None
    report(client)
    with open_client(client.app, key=None) as public:
        node = by_code(explain(public))["proportional"]
    assert (node["status"], node["arithmetic"], node["computed"]) == ("missing", None, None)
    assert [(i["numerator"], i["reports"]) for i in node["inputs"]] == [(None, [])]
    assert explain(client)["tree"] == before["tree"]


def test_a_report_is_shown_in_its_own_numbers(client: Client) -> None:
    """12.34 of 15.67 x 10 / 0.8 = 154.25 / 15.67 = 9.84365..., and 78.75 % as a percentage."""
    start_round(client)
    measure(client, "m", "2021", numerator=12.34, denominator=15.67)
    node = by_code(explain(client))["proportional"]
    assert node["arithmetic"] == "12.34 / 15.67 x 10 / 80 % = 9.8437"
    assert (node["inputs"][0]["numerator"], node["inputs"][0]["denominator"]) == (12.34, 15.67)
    assert node["next_step"]["en"] == "Measure m >= 80 % (now 78.75 %)."
    measure(client, "m", "2021", percent=78.75)
    node = by_code(explain(client))["proportional"]
    assert node["arithmetic"] == "78.75 % x 10 / 80 % = 9.8438"
    assert (node["inputs"][0]["numerator"], node["inputs"][0]["percent"]) == (None, 78.75)
    page = client.get(URL, headers={"Accept": "text/html", "Accept-Language": "vi"}).text
    assert "Chỉ tiêu m (2021): 78,75 % –" in page


def test_an_override_shows_what_the_figures_give_and_the_gap(client: Client) -> None:
    start_round(client)
    report(client)
    assert write(client, "proportional", "final", 6.5).status_code == 200
    node = by_code(explain(client))["proportional"]
    assert (node["points"], node["stage"], node["arithmetic"]) == (6.5, "final", "6.5")
    assert node["computed"] == {"points": 5, "arithmetic": "40 / 100 x 10 / 80 % = 5", "gap": 1.5}
    said = [i for i in node["inputs"] if i["kind"] == "score"]
    assert [(s["stage"], s["points"], s["reason"], s["counts"]) for s in said] == [("final", 6.5, "x", True)]
    assert node["next_step"] is None  # figures do not move what people said
    excused = {"stage": "appraisal", "not_applicable": True, "reason": "Không phát sinh"}
    assert client.put(f"{BASE}/units/22/scores/binary", json=excused).status_code == 200
    node = by_code(explain(client))["binary"]
    assert (node["status"], node["next_step"], node["max_points"]) == ("not_applicable", None, 0)


def test_a_correction_is_not_explained_before_it_is_published(client: Client) -> None:
    start_round(client)
    report(client)
    for state in ("approved", "published", "correction"):
        move(client, state, reason="Sửa số liệu")
    assert write(client, "proportional", "final", 7).status_code == 200
    assert by_code(explain(client))["proportional"]["points"] == 7
    with open_client(client.app, key=None) as public:
        assert by_code(explain(public))["proportional"]["points"] == 5
        move(client, "published")
        assert by_code(explain(public))["proportional"]["points"] == 7


def test_who_may_see_what_of_an_explanation(client: Client) -> None:
    start_round(client)
    report(client)
    reason = {"stage": "appraisal", "points": 5, "reason": "Đủ tài liệu", "evidence": [{"title": "QĐ 1"}]}
    assert client.put(f"{BASE}/units/22/scores/binary", json=reason).status_code == 200
    assert write(client, "options", "appraisal", 2.5).status_code == 200
    assert write(client, "options", "final", 5).status_code == 200
    with open_client(client.app, key=None) as public:
        assert public.get(URL).status_code == 401
        with open_client(client.app, key=make_client(client.app, ["scores:self@24"])) as other:
            refused = other.get(URL)
            assert (refused.status_code, refused.json()["code"]) == (403, "outside_scope")
        with open_client(client.app, key=make_client(client.app, ["scores:self@22"])) as own:
            (score,) = by_code(explain(own))["binary"]["inputs"]
            assert (score["reason"], score["evidence"]) == ("Đủ tài liệu", ["QĐ 1"])
            assert [s["points"] for s in by_code(explain(own))["options"]["inputs"]] == [2.5, 5]
        move(client, "approved")
        move(client, "published")
        found = by_code(explain(public))
        (score,) = found["binary"]["inputs"]
        assert (score["points"], score["reason"], score["evidence"], score["recorded_by"]) == (
            5,
            None,
            [],
            None,
        )
        assert [s["points"] for s in found["options"]["inputs"]] == [5]  # what counts, not how it came about
        figure = next(i for i in found["deduction"]["inputs"] if i["kind"] == "figure")
        assert figure["reports"][0]["recorded_by"] is None
        for accept in ("text/html", "text/markdown"):
            page = public.get(URL, headers={"Accept": accept}).text
            assert "Đủ tài liệu" not in page


def test_the_law_in_force_at_the_end_of_the_period_is_cited(client: Client) -> None:
    old, new = (
        {"document": f"Quyết định {number}/QĐ-BNV", "number": number, "article": "Điều 1", **days}
        for number, days in (
            ("1149", {"valid_from": "2020-12-30", "valid_to": "2022-11-09"}),
            ("876", {"valid_from": "2022-11-10"}),
        )
    )
    criteria = [
        {"code": "1.1", "name_vi": "a", "max_points": 6},
        {"code": "1.2", "name_vi": "b", "max_points": 4, "legal_basis": [{"document": "Thông tư 1"}]},
    ]
    put_set(
        client,
        areas=[
            {"code": "1", "max_points": 10, "legal_basis": [old, new], "criteria": criteria},
            {"code": "2", "max_points": 5},
        ],
        legal_basis=[{"document": "Nghị quyết 76/NQ-CP", "issued_on": "2021-07-15"}],
    )
    open_round(client, "law@1", "2021")
    found = explain(client)
    first, second = found["tree"]
    assert [basis["number"] for basis in first["legal_basis"]] == ["1149"]
    below = [[(b["document"], b["inherited_from"]) for b in c["legal_basis"]] for c in first["children"]]
    assert below == [[("Quyết định 1149/QĐ-BNV", "1")], [("Thông tư 1", None)]]
    assert [(b["document"], b["inherited_from"]) for b in second["legal_basis"]] == [
        ("Nghị quyết 76/NQ-CP", "law@1")
    ]
    assert [basis["document"] for basis in found["legal_basis"]] == ["Nghị quyết 76/NQ-CP"]
    html = client.get(URL, headers={"Accept": "text/html"}).text
    for cited in ("Nghị quyết 76/NQ-CP (15/07/2021)", "Điều 1, Quyết định 1149/QĐ-BNV", "Thông tư 1"):
        assert html.count(cited) >= 1
    assert "<li>Điều 1, Quyết định 1149/QĐ-BNV</li>" in html
    assert "876" not in html


def test_bonus_and_penalty_are_shown_beside_the_scale(client: Client) -> None:
    """98 + 3 - 0.5, and the scale ends at 100: cut off by 0.5."""
    extra = [
        {"code": "9.1", "name_vi": "Sáng kiến", "max_points": 3, "rule": {"kind": "bonus"}},
        {"code": "9.2", "name_vi": "Vi phạm", "max_points": 2, "rule": {"kind": "penalty", "per_event": 0.5}},
    ]
    put_set(
        client, areas=[{"code": "1", "max_points": 100}, {"code": "9", "max_points": 0, "criteria": extra}]
    )
    open_round(client, "law@1")
    unclaimed = by_code(explain(client))
    assert (unclaimed["9.1"]["status"], unclaimed["9.1"]["open_points"]) == ("not_applicable", 0)
    for item, points in (("1", 98), ("9.1", 3), ("9.2", 0.5)):
        assert write(client, item, "appraisal", points).status_code == 200
    found = explain(client)
    assert (found["points"], found["max_points"], found["adjustment"]) == (100, 100, -0.5)
    assert found["arithmetic"] == "98 + 2.5 = 100.5 -> 100; 100 / 100 = 100 %"
    assert found["limits"]["vi"] == "Phần vượt thang điểm 100 không được tính."
    assert client.get(f"{BASE}/indices/22").json()["adjustment"] == -0.5
    nodes = by_code(found)
    bonus, penalty = nodes["9.1"], nodes["9.2"]
    assert (bonus["points"], bonus["max_points"], bonus["beside_scale"]) == (3, 3, "bonus")
    assert (penalty["points"], penalty["lost_points"], penalty["beside_scale"]) == (-0.5, 0.5, "penalty")
    assert found["tree"][1]["arithmetic"] == "3 - 0.5 = 2.5"
    without = {"stage": "appraisal", "points": 1}
    refused = client.put(f"{BASE}/units/22/scores/9.2", json=without)  # 0.5 more is taken away
    assert refused.json()["errors"][0]["code"] == "removed_without_reason"
    above = write(client, "9.1", "appraisal", 3.5)
    assert above.json()["errors"][0]["code"] == "points_above_maximum"
    off = write(client, "9.2", "appraisal", 0.7)
    assert off.json()["errors"][0]["code"] == "points_off_step"


def test_every_cap_says_that_it_cut(client: Client) -> None:
    """Area: bonuses 4 + 3 count 3, penalty 4 counts 2: 10 + 3 - 2 = 11; whole: bonus 2, 10 + 2 - 2 = 10."""
    extra = [
        {"code": "2.0", "name_vi": "a", "max_points": 50},
        {"code": "2.1", "name_vi": "b", "max_points": 4, "rule": {"kind": "bonus", "per_event": 1.5}},
        {"code": "2.2", "name_vi": "c", "max_points": 3, "rule": {"kind": "bonus"}},
        {"code": "2.3", "name_vi": "d", "max_points": 4, "rule": {"kind": "penalty"}},
    ]
    caps = {"bonus": 3, "penalty": 2}
    put_set(
        client, areas=[{"code": "2", "max_points": 50, "criteria": extra, "caps": caps}], caps={"bonus": 2}
    )
    open_round(client, "law@1")
    for item, points in (("2.0", 10), ("2.1", 4), ("2.2", 3), ("2.3", 4)):  # a cap need not be a multiple
        assert write(client, item, "appraisal", points).status_code == 200
    found = explain(client)
    (area,) = found["tree"]
    assert (area["points"], area["arithmetic"]) == (11, "10 + 4 + 3 - 4 = 13 -> 11")
    assert area["limits"]["en"] == "Bonus points count up to 3. Penalty points count up to 2."
    assert (found["points"], found["adjustment"]) == (10, -1)
    assert (found["arithmetic"], found["limits"]["en"]) == (
        "11 -> 10; 10 / 50 = 20 %",
        "Bonus points count up to 2.",
    )
    assert client.get(f"{BASE}/rankings").json()["items"][0]["rank"] == 1


def test_a_unit_below_0_in_an_area_has_a_place_there(client: Client) -> None:
    extra = [
        {"code": "1.1", "name_vi": "a", "max_points": 10},
        {"code": "1.2", "name_vi": "b", "max_points": 4, "rule": {"kind": "penalty"}},
    ]
    put_set(
        client, areas=[{"code": "1", "max_points": 10, "criteria": extra}, {"code": "2", "max_points": 90}]
    )
    open_round(client, "law@1")
    assert write(client, "1.1", "appraisal", 1).status_code == 200
    assert write(client, "1.2", "appraisal", 4).status_code == 200
    (line,) = client.get(f"{BASE}/rankings", params={"area": "1"}).json()["items"]
    assert (line["points"], line["rank"]) == (-3, 1)


def test_the_same_figures_on_paper(examples: Client) -> None:
    """As Markdown and as a page, in both languages; numbers with the comma of Vietnamese."""
    url = "/v1/rounds/par-province-2020/indices/22/explanation"
    found = explain(examples, url)
    shown = f"{found['points']:g}"
    for accept, language, number in (
        ("text/html", "vi", shown.replace(".", ",")),
        ("text/markdown", "en", shown),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "vi-VN", shown.replace(".", ",")),
    ):
        answer = examples.get(url, headers={"Accept": accept, "Accept-Language": language})
        assert answer.headers["content-type"] == f"{accept.split(',')[0]}; charset=utf-8"
        assert answer.headers["content-language"] == language[:2]
        assert "script" not in answer.headers["content-security-policy"]
        assert f"{number} / 100 = {number} %" in answer.text
        name = "name_vi" if language.startswith("vi") else "name_en"
        assert all((node[name] or node["name_vi"]) in answer.text for node in leaves(found["tree"]))
    for accept in ("*/*", "application/json", "image/png", ""):
        assert examples.get(url, headers={"Accept": accept}).json()["points"] == found["points"]


def test_a_name_is_text_on_every_page(client: Client) -> None:
    name = "<script>alert(1)</script> | [a](b) *c*"
    put_set(client, areas=[{"code": "1", "max_points": 10, "name_vi": name}])
    open_round(client, "law@1")
    html = client.get(URL, headers={"Accept": "text/html"}).text
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; | [a](b) *c*" in html
    markdown = client.get(URL, headers={"Accept": "text/markdown"}).text
    assert r"\<script\>alert(1)\</script\> \| \[a\](b) \*c\*" in markdown


def test_the_tree_costs_the_same_number_of_queries_for_any_item(examples: Client, count_queries: Any) -> None:
    url = "/v1/rounds/six-areas-my-xuyen-2021/indices/94.my-xuyen/explanation"
    explain(examples, url)
    one = count_queries(lambda: explain(examples, url, item="2.1"))
    assert count_queries(lambda: explain(examples, url)) == one
