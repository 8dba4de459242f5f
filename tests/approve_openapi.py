"""Writes openapi.json and its examples anew after a change of the API that is meant:
`python -m tests.approve_openapi`."""

import json
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from app.cli import migrate
from app.examples import load_examples
from app.features.frameworks import service as frameworks
from app.features.units import service as units
from app.infra.config import Settings
from app.infra.db import Database
from app.main import create_app
from tests.conftest import make_app, open_client

ROOT = Path(__file__).parents[1]
APPROVED = ROOT / "openapi.json"
EXAMPLES = ROOT / "app" / "data" / "openapi-examples.json"


class Call(NamedTuple):
    """One request to the database of the examples; its answer becomes the example of the operation."""

    operation: str | None
    method: str
    path: str
    body: Any = None


AREA = {"name_vi": "Cải cách thể chế", "reform_area": "institutional", "max_points": 40}
TASKS = {"name_vi": "Kế hoạch CCHC", "reform_area": "leadership", "max_points": 60}
CALLS = [
    Call("list_units", "GET", "/v1/units?q=hai%20phong&valid_on=2021-12-31"),
    Call("get_unit", "GET", "/v1/units/15?valid_on=2025-06-30"),
    Call(
        "put_unit",
        "PUT",
        "/v1/units/22.so-noi-vu",
        {
            "name_vi": "Sở Nội vụ",
            "kind": "department",
            "parent_code": "22",
            "valid_from": "2012-01-01",
            "groups": ["so"],
        },
    ),
    Call("get_lineage", "GET", "/v1/units/31/lineage"),
    Call("list_frameworks", "GET", "/v1/frameworks?valid_on=2020-12-31"),
    Call("get_framework", "GET", "/v1/frameworks/par-province/versions/2020"),
    Call(
        "put_framework",
        "PUT",
        "/v1/frameworks/two-areas/versions/2022",
        {
            "code": "two-areas",
            "version": "2022",
            "title_vi": "Bộ chỉ số minh họa hai lĩnh vực",
            "level": "ward",
            "status": "illustrative",
            "total_points": 100,
            "applies": {"from": "2022-01-01", "to": None},
            "rounding": {"decimals": 2, "items": None},
            "bands": [{"label_vi": "Tốt", "from": 80}, {"label_vi": "Khá", "from": 65}],
            "areas": [
                {"code": "1", **AREA, "source": "appraisal", "rule": {"kind": "manual", "step": 0.5}},
                {"code": "2", **TASKS, "rule": {"kind": "measure", "rate": "measure:plan_tasks"}},
            ],
        },
    ),
    Call("publish_framework", "POST", "/v1/frameworks/two-areas/versions/2022/publish"),
    Call("list_rounds", "GET", "/v1/rounds?limit=2"),
    Call("get_round", "GET", "/v1/rounds/par-province-2020"),
    Call(
        "put_round",
        "PUT",
        "/v1/rounds/par-province-2021",
        {
            "title_vi": "Chỉ số cải cách hành chính cấp tỉnh năm 2021",
            "framework": "par-province@2020",
            "period": "2021",
            "previous_round": "par-province-2020",
            "participants": [{"group": "provinces", "units": ["24", "22", "31"]}],
        },
    ),
    Call("post_transition", "POST", "/v1/rounds/par-province-2021/transitions", {"to": "self_assessment"}),
    Call(None, "POST", "/v1/rounds/par-province-2021/transitions", {"to": "appraisal"}),
    Call(
        "post_scores",
        "POST",
        "/v1/rounds/par-province-2021/scores",
        {
            "scores": [
                {
                    "unit": "24",
                    "item": "appraisal",
                    "stage": "appraisal",
                    "points": 58.51,
                    "reason": "Thẩm định theo tài liệu kiểm chứng",
                    "evidence": [
                        {"title": "Báo cáo tự chấm điểm năm 2021", "issued_by": "UBND tỉnh Bắc Giang"}
                    ],
                },
                {"unit": "24", "item": "sipas", "stage": "survey", "points": 9},
                {"unit": "24", "item": "leaders_survey", "stage": "survey", "points": 18.88},
            ]
        },
    ),
    Call(
        "put_score",
        "PUT",
        "/v1/rounds/par-province-2021/units/24/scores/socio_economic",
        {"stage": "final", "points": 2.25, "reason": "Kết quả chính thức"},
    ),
    Call("get_sheet", "GET", "/v1/rounds/par-province-2021/units/24/sheet"),
    Call(
        "put_dossiers",
        "PUT",
        "/v1/units/31.cau-tre/dossier-statistics/2022-01-01--2022-09-15",
        {
            "scope": "own",
            "received": 4545,
            "received_online": 2756,
            "resolved": 4545,
            "resolved_overdue": 4,
            "source": "phường Cầu Tre, 16/09/2022",
        },
    ),
    Call(
        "get_dossiers", "GET", "/v1/units/94.my-xuyen/dossier-statistics/2021-01-01--2021-09-30?rollup=true"
    ),
    Call(
        "put_measure",
        "PUT",
        "/v1/units/31.cau-tre/measures/plan_tasks/2022-01-01--2022-09-15",
        {"numerator": 14, "denominator": 27, "source": "phường Cầu Tre, 16/09/2022"},
    ),
    Call("get_measure", "GET", "/v1/units/31.cau-tre/measures/plan_tasks/2022-01-01--2022-09-15"),
    Call("list_indices", "GET", "/v1/rounds/par-province-2020/indices?limit=1"),
    Call("get_index", "GET", "/v1/rounds/par-province-2020/indices/22"),
    Call("get_ranking", "GET", "/v1/rounds/par-province-2020/rankings?limit=2"),
]


def collect_examples() -> dict[str, Any]:
    """Operation -> its request body, status and answer, from the real application over real data."""
    examples = {}
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/examples.db"
        database = Database(url)
        migrate(database)
        with database.write() as session:
            units.load_reference(session)
            frameworks.load_bundled(session, "reference")
        load_examples(database, lambda _: None)
        database.close()
        app = make_app(url)
        with open_client(app) as client:
            for call in CALLS:
                answer = client.request(call.method, call.path, json=call.body)
                assert answer.is_success, (call.path, answer.text)
                if call.operation:
                    examples[call.operation] = {
                        "body": call.body,
                        "status": str(answer.status_code),
                        "answer": answer.json(),
                    }
        app.state.database.close()
    return examples


def as_text(content: object) -> str:
    """JSON as it is kept in files."""
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def render() -> str:
    """The OpenAPI document of the application as the text that is kept; no database is opened."""
    settings = Settings(database_url="sqlite:///none.db", admin_key="x" * 24)
    return as_text(create_app(settings).openapi())


if __name__ == "__main__":
    EXAMPLES.write_text(as_text(collect_examples()), encoding="utf-8")
    APPROVED.write_text(render(), encoding="utf-8")
