"""Rankings as files: the same figures in every format, read back with a client of each."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from fastapi import FastAPI

from app.features.rankings.mapping.sdmx import sdmx_period
from app.infra.signing import SigningKey
from app.infra.tables.writing import write_csv
from tests.clients import make_client
from tests.conftest import Client, close, make_app, open_client
from tests.features.test_results import PEOPLE, area, get, group, move, put_unit, score, start_round
from tests.readers import (
    EXTRAS,
    FULLER,
    Figures,
    of_csv,
    of_json,
    of_jsonstat,
    of_sdmx,
    of_workbook,
    sheets_of,
)

FILES = ("csv", "xlsx", "jsonstat", "sdmx", "sdmx-structure")
HOSTILE = "=cmd|' /C calc'!A0"
HOSTILE_CODE = "01.calc"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
METRICS = ("points", "max_points", "percent", "rank")
PARTS_BY_HAND = {
    ("01", "_T"): (93.08, 100, 93.08, 1),  # 47.5 + 27.25 + 18.333 = 93.083
    ("01", "a"): (47.5, 50, 95, 1),
    ("01", "b"): (27.25, 30, 90.83, 1),  # 90.8333...
    ("01", "c"): (18.33, 20, 91.67, 1),  # 91.665, half up
    ("02", "_T"): (64.5, 80, 80.63, 2),  # c does not apply; 80.625, half up
    ("02", "a"): (40, 50, 80, 2),
    ("02", "b"): (24.5, 30, 81.67, 2),  # 81.666...
    ("02", "c"): (0, 0, None, None),
    **{(HOSTILE_CODE, part): (0, 0, None, None) for part in ("_T", "a", "b", "c")},  # nothing applies
}
BY_HAND: Figures = {
    (*place, metric): value
    for place, values in PARTS_BY_HAND.items()
    for metric, value in zip(METRICS, values, strict=True)
}


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[FastAPI]:
    """The real application with a key of its own."""
    app = make_app(database_url, files_folder=tmp_path / "files", signing_key=SigningKey.make().pem)
    yield app
    close(app)


def leave_out(client: Client, base: str, unit: str, *items: str) -> None:
    """Items that do not apply to a unit."""
    rows = [
        {"unit": unit, "item": i, "stage": "survey" if i == "c" else "appraisal", "not_applicable": True}
        for i in items
    ]
    sent = client.post(f"{base}/scores", json={"scores": [{**row, "reason": "Không có"} for row in rows]})
    assert sent.status_code == 201, sent.text


def made_by_hand(client: Client) -> str:
    """Three units: one with everything, one without c, one without anything and with a formula for a name."""
    put_unit(client, HOSTILE_CODE, "01", "department", HOSTILE)
    base = start_round(client, PEOPLE, group("01", "02", HOSTILE_CODE))
    score(client, base, "01", a=47.5, b=27.25)
    score(client, base, "01", "survey", c=18.333)
    score(client, base, "02", a=40, b=24.5)
    leave_out(client, base, "02", "c")
    leave_out(client, base, HOSTILE_CODE, "a", "b", "c")
    return base


def file(client: Client, base: str, format_: str, **query: object) -> bytes:
    answer = client.get(f"{base}/rankings", params={"format": format_, **query})  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    return answer.content


def read_everywhere(client: Client, base: str, **query: object) -> list[Figures]:
    """The figures of each format, as its own client reads them; JSON first."""
    body = get(client, f"{base}/rankings", **query)
    areas = [part["code"] for part in body["items"][0]["areas"]]
    sdmx = file(client, base, "sdmx", **query)
    return [
        of_json(body),
        of_csv(file(client, base, "csv", **query)),
        of_workbook(file(client, base, "xlsx", **query), areas),
        of_jsonstat(file(client, base, "jsonstat", **query)),
        of_sdmx(sdmx, file(client, base, "sdmx-structure", **query)),
        of_sdmx(sdmx, None),
    ]


def test_every_format_has_the_figures_made_by_hand(client: Client) -> None:
    for found in read_everywhere(client, made_by_hand(client)):
        assert found == BY_HAND


@pytest.mark.parametrize("code", ["par-province-2020", "thanh-hoa-departments-2024"])
def test_a_published_ranking_reads_the_same_in_every_format(examples: Client, code: str) -> None:
    shown, *read = read_everywhere(examples, f"/v1/rounds/{code}")
    assert len(shown) >= 100
    for found in read:
        assert found == shown


def known(figures: Figures, whole: str = "_T") -> Figures:
    """Without what is not known: in a cube, what only the whole has is not known of areas."""
    return {
        (unit, "_T" if part == whole else part, metric): value
        for (unit, part, metric), value in figures.items()
        if value is not None
    }


@pytest.mark.parametrize(
    ("query", "extras", "whole"),
    [
        ({"full": True}, FULLER, "_T"),
        ({"full": True, "region": "region.dong-bang-song-hong"}, EXTRAS, "_T"),
        ({"region": "region.trung-du-va-mien-nui-phia-bac", "limit": 1}, EXTRAS[:1], "_T"),
        ({"full": True, "reform_area": "procedures"}, FULLER, "_procedures"),
    ],
)
def test_what_full_rankings_add_stands_in_every_format(
    client: Client, query: dict[str, Any], extras: tuple[str, ...], whole: str
) -> None:
    made_by_hand(client)
    again = {"title_vi": "s", "framework": "r@1", "period": "2022", "previous_round": "r"}
    put = client.put("/v1/rounds/s", json={**again, "participants": [group("01", "02", "22", HOSTILE_CODE)]})
    assert put.status_code == 201
    base = "/v1/rounds/s"
    move(client, base, "self_assessment", "appraisal")
    score(client, base, "01", a=40, b=20)
    score(client, base, "02", a=50, b=30)
    score(client, base, "22", a=45.5, b=15)
    shown = known(of_json(get(client, f"{base}/rankings", **query)))
    assert {metric for _, part, metric in shown if part == "_T"} >= {*extras, "points"} - {"change_rank"}
    sdmx = file(client, base, "sdmx", **query)
    structure = file(client, base, "sdmx-structure", **query)
    plain = file(client, base, "sdmx-structure")  # headers tell the revision, which `full` adds to
    assert structure.partition(b"</mes:Header>")[2] == plain.partition(b"</mes:Header>")[2] != b""
    workbook = file(client, base, "xlsx", **query)
    assert known(of_csv(file(client, base, "csv", **query))) == shown
    assert known(of_workbook(workbook, "abc", extras)) == shown
    assert known(of_jsonstat(file(client, base, "jsonstat", **query)), whole) == shown
    assert known(of_sdmx(sdmx, structure), whole) == shown
    assert known(of_sdmx(sdmx, None), whole) == shown


def test_an_area_that_is_ranked_in_full_carries_what_is_added(client: Client) -> None:
    base = made_by_hand(client)
    shown = known(of_json(get(client, f"{base}/rankings", full=True, area="b")))
    assert shown["02", "b", "rank_dense"] == 2
    for format_, read in (("jsonstat", of_jsonstat), ("sdmx", lambda content: of_sdmx(content, None))):
        assert known(read(file(client, base, format_, full=True, area="b"))) == shown


def test_published_figures_stand_in_every_format(examples: Client) -> None:
    """Quảng Ninh in the published table of 2020."""
    for found in read_everywhere(examples, "/v1/rounds/par-province-2020"):
        assert found["22", "_T", "rank"] == 1
        assert found["22", "_T", "points"] == 91.05  # 57.66 + 9.56 + 18.83 + 5.00
        assert [found["22", part, "points"] for part in ("appraisal", "sipas")] == [57.66, 9.56]
        assert found["01", "socio_economic", "max_points"] == 6


def test_csv_is_for_spreadsheets_and_harmless(client: Client) -> None:
    content = file(client, made_by_hand(client), "csv")
    assert content.decode() == (
        "\ufeffrank,unit,name_vi,points,max_points,index_percent,band,status,"
        "a.points,a.max_points,a.percent,a.rank,b.points,b.max_points,b.percent,b.rank,"
        "c.points,c.max_points,c.percent,c.rank\r\n"
        "1,01,Hà Nội,93.08,100,93.08,A,provisional,47.5,50,95,1,27.25,30,90.83,1,18.33,20,91.67,1\r\n"
        "2,02,Hà Giang,64.5,80,80.63,B,provisional,40,50,80,2,24.5,30,81.67,2,0,0,,\r\n"
        f",{HOSTILE_CODE},'{HOSTILE},0,0,,,provisional,0,0,,,0,0,,,0,0,,\r\n"
    )


@pytest.mark.parametrize("first", ["=", "+", "-", "@"])
def test_no_text_of_csv_begins_like_a_formula(client: Client, first: str) -> None:
    put_unit(client, "01.x", "01", "department", f'{first}1+1,"a"')
    base = start_round(client, PEOPLE, group("01.x"), bands=[{"label_vi": f"{first}A", "from": 0}])
    score(client, base, "01.x", a=1)
    (_, row) = file(client, base, "csv").decode("utf-8-sig").splitlines()
    assert row.startswith(f"""1,01.x,"'{first}1+1,""a""\",1,100,1,'{first}A,provisional,1,50,2,1,""")


def test_only_texts_are_made_harmless() -> None:
    content = write_csv(["=a"], [["\t=1", "\r=1", "-1", -1.5, 100.0, 0.0001, None, "a-b"]])
    assert content.decode() == "\ufeff'=a\r\n'\t=1,\"'\r=1\",'-1,-1.5,100,0.0001,,a-b\r\n"


def test_the_workbook_is_typed_and_has_a_sheet_for_each_area(client: Client) -> None:
    content = file(client, made_by_hand(client), "xlsx")
    sheets = sheets_of(content)
    assert list(sheets) == ["Xếp hạng - Toàn bộ", "1. Lĩnh vực a", "2. Lĩnh vực b", "3. Lĩnh vực c"]
    heading, first, _, last = sheets["Xếp hạng - Toàn bộ"]
    assert heading[:8] == [
        *("Hạng", "Mã", "Đơn vị", "Điểm", "Điểm tối đa", "Tỷ lệ đạt được (%)", "Xếp loại", "Tình trạng")
    ]
    assert heading[8:10] == ["Lĩnh vực a: Điểm", "Lĩnh vực a: Điểm tối đa"]
    assert first[:8] == [1, "01", "Hà Nội", 93.08, 100, 93.08, "A", "tạm thời"]
    assert last[:8] == [None, HOSTILE_CODE, HOSTILE, 0, 0, None, None, "tạm thời"]
    assert [row[:3] for row in sheets["2. Lĩnh vực b"][1:]] == [
        [1, "01", "Hà Nội"],
        [2, "02", "Hà Giang"],
        [None, HOSTILE_CODE, HOSTILE],
    ]
    with ZipFile(io.BytesIO(content)) as parts:
        pages = [parts.read(f"xl/worksheets/sheet{n}.xml").decode() for n in range(1, 5)]
        styles = parts.read("xl/styles.xml").decode()
    assert all('<pane xSplit="3" ySplit="1"' in page and 'state="frozen"' in page for page in pages)
    assert not any("<f>" in page for page in pages)
    assert 'quotePrefix="1"' in styles


def test_areas_with_odd_names_have_sheets(client: Client) -> None:
    """Excel takes at most 31 characters, without []:*?/\\, and no name twice."""
    long = "[Cải cách] thể chế: xây dựng/ban hành văn bản *?\\"
    areas = [area("a", 50), area("b", 30) | {"name_vi": long}, area("c", 20) | {"name_vi": f"{long}'"}]
    base = start_round(client, areas, group("01", "02"))
    score(client, base, "01", a=1)
    names = list(sheets_of(file(client, base, "xlsx")))
    assert names[2:] == ["2.  Cải cách  thể chế  xây dựng", "3.  Cải cách  thể chế  xây dựng"]


def test_the_dataset_says_what_its_figures_are(client: Client) -> None:
    dataset = json.loads(file(client, made_by_hand(client), "jsonstat"))
    assert (dataset["version"], dataset["class"]) == ("2.0", "dataset")
    assert (dataset["id"], dataset["size"]) == (["unit", "area", "metric"], [3, 4, 4])
    assert dataset["role"] == {"geo": ["unit"], "metric": ["metric"]}
    assert dataset["dimension"]["unit"]["category"] == {
        "index": ["01", "02", HOSTILE_CODE],
        "label": {"01": "Hà Nội", "02": "Hà Giang", HOSTILE_CODE: HOSTILE},
    }
    areas = {"_T": "Toàn bộ", "a": "Lĩnh vực a", "b": "Lĩnh vực b", "c": "Lĩnh vực c"}
    assert dataset["dimension"]["area"]["category"]["label"] == areas
    metric = dataset["dimension"]["metric"]["category"]
    decimals = {"points": 2, "max_points": 4, "percent": 2, "rank": 0}
    assert {name: unit["decimals"] for name, unit in metric["unit"].items()} == decimals
    assert dataset["value"][:4] == [93.08, 100, 93.08, 1]
    assert dataset["value"][-4:] == [0, 0, None, None]
    assert "updated" not in dataset
    assert dataset["extension"]["status"] == "provisional"
    assert dataset["extension"]["units"]["02"] == {"band": "B", "status": "provisional"}


def test_sdmx_names_everything_and_needs_no_other_service(client: Client) -> None:
    import sdmx

    base = made_by_hand(client)
    told = sdmx.read_sdmx(io.BytesIO(file(client, base, "sdmx-structure")))
    (structure,) = told.structure.values()
    dimensions = [each.id for each in structure.dimensions]
    assert dimensions == ["ROUND", "UNIT", "AREA", "INDICATOR", "TIME_PERIOD"]
    units = structure.dimensions.get("UNIT").local_representation.enumerated
    named = {code.id: code.name.localizations["vi"] for code in units}
    assert named == {"01": "Hà Nội", "02": "Hà Giang", "01@calc": HOSTILE}
    data = sdmx.read_sdmx(io.BytesIO(file(client, base, "sdmx")), structure=structure)
    assert data.header.prepared.isoformat() == "2021-12-31T00:00:00+07:00"
    assert "status provisional" in str(data.header.source)
    (values,) = data.data
    assert {obs.dimension["TIME_PERIOD"].value for obs in values.obs} == {"2021"}
    assert len(values.obs) == len(BY_HAND)


def test_a_decision_dates_the_files(client: Client) -> None:
    base = start_round(client, PEOPLE, group("01", "02"))
    for unit in ("01", "02"):
        score(client, base, unit, a=40, b=15)
        score(client, base, unit, "survey", c=10)
    move(client, base, "final_appraisal", "approved")
    decision = {"number": "01/QĐ", "issued_on": "2022-06-01", "signer": "Bộ trưởng"}
    assert client.post(f"{base}/publications", json={"decision": decision}).status_code == 201
    assert json.loads(file(client, base, "jsonstat"))["updated"] == "2022-06-01"
    for format_ in ("sdmx", "sdmx-structure"):
        prepared = b"<mes:Prepared>2022-06-01T00:00:00+07:00</mes:Prepared>"
        assert prepared in file(client, base, format_)


def test_a_group_that_is_not_ranked_has_no_ranks_in_any_format(client: Client) -> None:
    ranked, assessed = group("01", code="ranked"), group("02", "04", code="assessed", ranked=False)
    base = start_round(client, PEOPLE, ranked, assessed)
    score(client, base, "02", a=10)
    score(client, base, "04", a=12.5)
    expected = {"02": 10, "04": 12.5}
    for found in read_everywhere(client, base, group="assessed"):
        assert {unit: found[unit, "_T", "points"] for unit in expected} == expected
        assert {unit: found[unit, "a", "percent"] for unit in expected} == {"02": 20, "04": 25}
        assert {value for (_, _, metric), value in found.items() if metric == "rank"} == {None}


def test_one_area_and_one_page_are_what_json_has(client: Client) -> None:
    base = made_by_hand(client)
    body = get(client, f"{base}/rankings", area="b", limit=2)
    assert [item["unit"]["code"] for item in body["items"]] == ["01", "02"]
    for format_, read in (("jsonstat", of_jsonstat), ("sdmx", lambda content: of_sdmx(content, None))):
        assert read(file(client, base, format_, area="b", limit=2)) == of_json(body)
    rows = file(client, base, "csv", area="b", limit=2).decode("utf-8-sig").splitlines()
    assert [row.split(",")[:6] for row in rows[1:]] == [
        ["1", "01", "Hà Nội", "27.25", "30", "90.83"],
        ["2", "02", "Hà Giang", "24.5", "30", "81.67"],
    ]
    sheets = sheets_of(file(client, base, "xlsx", area="b", limit=2))
    assert next(iter(sheets)) == "Xếp hạng - Lĩnh vực b"
    assert [row[:6] for row in sheets["Xếp hạng - Lĩnh vực b"][1:]] == [
        [1, "01", "Hà Nội", 27.25, 30, 90.83],
        [2, "02", "Hà Giang", 24.5, 30, 81.67],
    ]


def test_an_area_may_be_called_like_the_whole(client: Client) -> None:
    base = start_round(client, [area("_T", 60), area("b", 40)], group("01"))
    score(client, base, "01", _T=6, b=1)
    for found in (of_jsonstat(file(client, base, "jsonstat")), of_sdmx(file(client, base, "sdmx"), None)):
        assert (found["01", "__T", "points"], found["01", "_T", "points"]) == (7, 6)


def test_files_are_seen_by_who_sees_the_ranking(client: Client) -> None:
    base = made_by_hand(client)
    url = f"{base}/rankings"
    with (
        open_client(client.app, key=None) as public,
        open_client(client.app, key=make_client(client.app, ["scores:self@02"])) as own,
    ):
        for format_ in FILES:
            refused = public.get(url, params={"format": format_})
            assert (refused.status_code, refused.headers["Content-Type"]) == (401, "application/problem+json")
            assert own.get(url, params={"format": format_}).status_code == 403
        move(client, base, "final_appraisal", "approved", "published")
        for format_ in FILES:
            assert file(public, base, format_) == file(client, base, format_)
            before = public.get(url, params={"format": format_})  # made before, kept now
            assert "Authorization" in before.headers["Vary"]
            with_key = client.get(url, params={"format": format_})
            for name in ("Content-Type", "Content-Disposition"):
                assert before.headers[name] == with_key.headers[name]
            tag = {"If-None-Match": before.headers["ETag"]}
            unchanged = public.get(url, params={"format": format_}, headers=tag)
            assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert error_of(client.get(url, params={"format": "ods"})) == (422, "/query/format")


def error_of(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["pointer"]


@pytest.mark.parametrize(
    ("format_", "media", "name"),
    [
        ("csv", "text/csv; charset=utf-8", "bang-xep-hang_r_all.csv"),
        ("xlsx", XLSX, "bang-xep-hang_r_all.xlsx"),
        ("jsonstat", "application/json", "bang-xep-hang_r_all.json"),
        ("sdmx", "application/vnd.sdmx.data+xml; version=3.0.0", "bang-xep-hang_r_all.xml"),
        (
            "sdmx-structure",
            "application/vnd.sdmx.structure+xml; version=3.0.0",
            "bang-xep-hang_r_all_structure.xml",
        ),
    ],
)
def test_files_say_what_they_are(client: Client, format_: str, media: str, name: str) -> None:
    base = start_round(client, PEOPLE, group("01"))
    answer = client.get(f"{base}/rankings", params={"format": format_})
    assert answer.headers["Content-Type"] == media
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    area_ = client.get(f"{base}/rankings", params={"format": format_, "area": "b"})
    assert name.replace("_all", "_all_b") in area_.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("period", "written"),
    [
        ("2021", "2021"),
        ("2021-H2", "2021-S2"),
        ("2021-Q3", "2021-Q3"),
        ("2021-09", "2021-09"),
        ("2021-01-01/2021-09-15", "2021-01-01/P258D"),  # 243 days until August, and 15
        ("2021-03-05/2021-03-05", "2021-03-05/P1D"),
    ],
)
def test_periods_are_those_of_sdmx(period: str, written: str) -> None:
    assert sdmx_period(period) == written
