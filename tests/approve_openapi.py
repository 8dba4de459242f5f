"""Writes openapi.json and its examples anew after a change of the API that is meant:
`python -m tests.approve_openapi`."""

import hashlib
import json
import logging
import re
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from app.cli import migrate
from app.examples import load_examples
from app.features.evidence.schemas import Evidence
from app.features.evidence.service import code_of
from app.features.frameworks import service as frameworks
from app.features.measures import service as measures
from app.features.units import service as units
from app.infra.auth import operator
from app.infra.config import Settings
from app.infra.db import Database
from app.main import create_app
from tests.conftest import close, make_app, open_client

ROOT = Path(__file__).parents[1]
APPROVED = ROOT / "openapi.json"
EXAMPLES = ROOT / "app" / "data" / "openapi-examples.json"


class Call(NamedTuple):
    """One request to the database of the examples; its answer becomes the example of the operation."""

    operation: str | None
    method: str
    path: str
    body: Any = None
    file: tuple[str, bytes] | None = None
    """Sent as a form, with `body` as its other members."""


REPORT = b"%PDF-1.7\n"
FIGURES = (
    "Mã đơn vị,Kỳ,Tiếp nhận,Đã giải quyết\n31.cau-tre,2023-Q1,1200,1180\n31.cau-tre,2023-Q2,90,95\n".encode()
)
SEND = "/v1/imports?kind=dossier-statistics"
IMPORT = "/v1/imports/{import}"
CITED = {"title": "Báo cáo tự chấm điểm năm 2021", "issued_by": "UBND tỉnh Bắc Giang"}
AREA = {"name_vi": "Cải cách thể chế", "reform_area": "institutional", "max_points": 40}
TASKS = {"name_vi": "Kế hoạch CCHC", "reform_area": "leadership", "max_points": 60}
PUBLICATION = "/v1/publications/par-province-2017.1"
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
    Call("get_framework_template", "GET", "/v1/frameworks/template"),
    Call("get_framework", "GET", "/v1/frameworks/par-province/versions/2020"),
    Call("get_framework_diff", "GET", "/v1/frameworks/par-province/diff?from=2020&to=2022"),
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
    Call("list_measures", "GET", "/v1/measures?q=ke%20hoach&limit=1"),
    Call("get_measure_definition", "GET", "/v1/measures/apology_letters"),
    Call(
        "put_measure_definition",
        "PUT",
        "/v1/measures/commune_portals",
        {
            "code": "commune_portals",
            "name_vi": "Tỷ lệ xã có cổng thông tin điện tử",
            "unit_vi": "đơn vị cấp xã",
            "form": "rate",
            "direction": "higher",
            "numerator_vi": "Số xã có cổng thông tin điện tử",
            "denominator_vi": "Số xã",
        },
    ),
    Call(
        "post_client",
        "POST",
        "/v1/clients",
        {
            "code": "so-noi-vu",
            "name": "Phần mềm quản lý văn bản, Sở Nội vụ Quảng Ninh",
            "grants": [
                {"scope": "scores:self", "unit": "22.so-noi-vu"},
                {"scope": "statistics:write", "unit": "22.so-noi-vu"},
            ],
            "home_unit": "22.so-noi-vu",
        },
    ),
    Call("list_clients", "GET", "/v1/clients?limit=1"),
    Call("get_client", "GET", "/v1/clients/so-noi-vu"),
    Call("post_revocation", "POST", "/v1/clients/so-noi-vu/revoke"),
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
    Call("list_sheets", "GET", "/v1/rounds/par-province-2021/sheets"),
    Call(
        "post_submission",
        "POST",
        "/v1/rounds/par-province-2021/units/24/sheet/submit",
        {"note": "Báo cáo tự chấm điểm số 12/BC-UBND"},
    ),
    Call(
        "post_return",
        "POST",
        "/v1/rounds/par-province-2021/units/24/sheet/return",
        {"reason": "Thiếu tài liệu kiểm chứng của kế hoạch CCHC"},
    ),
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
                    "evidence": [CITED],
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
    Call("get_score", "GET", "/v1/rounds/par-province-2021/units/24/scores/appraisal"),
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
        "post_acknowledgement",
        "POST",
        "/v1/units/31.cau-tre/dossier-statistics/2022-01-01--2022-09-15/acknowledgements",
        {
            "rule": "carried_over_unknown",
            "subject": "own:carried_over",
            "reason": "Báo cáo không tách hồ sơ kỳ trước chuyển qua",
        },
    ),
    Call(
        "get_statistics_quality",
        "GET",
        "/v1/units/31.cau-tre/statistics-quality/2022-01-01--2022-09-15?deadline=2022-10-05",
    ),
    Call(
        "put_measure",
        "PUT",
        "/v1/units/31.cau-tre/measures/plan_tasks/2022-01-01--2022-09-15",
        {"numerator": 14, "denominator": 27, "source": "phường Cầu Tre, 16/09/2022"},
    ),
    Call("get_duties", "GET", "/v1/units/31.cau-tre/duties/2022-01-01--2022-09-15"),
    Call("get_measure", "GET", "/v1/units/31.cau-tre/measures/plan_tasks/2022-01-01--2022-09-15"),
    Call("post_evidence_file", "POST", "/v1/evidence/files", {"unit": "24"}, ("báo cáo 2021.pdf", REPORT)),
    Call("get_evidence_file", "GET", f"/v1/evidence/files/{hashlib.sha256(REPORT).hexdigest()}?unit=24"),
    Call("list_evidence", "GET", "/v1/evidence?unit=24&limit=1"),
    Call("get_evidence", "GET", f"/v1/evidence/{code_of(Evidence.model_validate(CITED))}"),
    Call(
        "put_finding",
        "PUT",
        "/v1/findings/cau-tre-2022-1",
        {
            "unit": "31.cau-tre",
            "round": "six-areas-cau-tre-2022",
            "reform_area": "procedures",
            "items": ["2.1"],
            "finding": "4 hồ sơ giải quyết quá hạn trên 4.545 hồ sơ đã giải quyết",
            "source": "phường Cầu Tre, 16/09/2022",
        },
    ),
    Call("list_findings", "GET", "/v1/findings?unit=02.vi-xuyen&limit=2"),
    Call("get_finding", "GET", "/v1/findings/vi-xuyen-2021-2"),
    Call("get_finding_summary", "GET", "/v1/findings/summary"),
    Call("list_audit", "GET", "/v1/audit?round=par-province-2021&unit=24&limit=2"),
    Call("list_audit_chains", "GET", "/v1/audit/chains"),
    Call("post_import", "POST", SEND, {}, ("cau-tre.csv", FIGURES)),
    Call("get_import", "GET", IMPORT),
    Call("list_imports", "GET", "/v1/imports?limit=1"),
    Call("list_import_rows", "GET", f"{IMPORT}/rows"),
    Call("get_rejected_csv", "GET", f"{IMPORT}/rejected.csv"),
    Call("get_rejected_xlsx", "GET", f"{IMPORT}/rejected.xlsx"),
    Call("post_import_commit", "POST", f"{IMPORT}/commit?on_error=skip"),
    Call(None, "POST", SEND, {}, ("cau-tre.csv", FIGURES)),
    Call("post_import_cancel", "POST", f"{IMPORT}/cancel"),
    Call("list_indices", "GET", "/v1/rounds/par-province-2020/indices?limit=1"),
    Call("get_index", "GET", "/v1/rounds/par-province-2020/indices/22"),
    Call("get_explanation", "GET", "/v1/rounds/par-province-2020/indices/22/explanation?item=appraisal"),
    Call("get_ranking", "GET", "/v1/rounds/par-province-2020/rankings?limit=2"),
    Call("get_comparison", "GET", "/v1/rounds/par-province-2020/comparison?with=par-province-2017"),
    Call(
        "post_publication",
        "POST",
        "/v1/rounds/par-province-2017/publications",
        {"decision": {"number": "754/QĐ-BNV", "issued_on": "2021-06-24", "signer": "Bộ trưởng Bộ Nội vụ"}},
    ),
    Call("list_publications", "GET", "/v1/rounds/par-province-2017/publications"),
    Call("get_publication", "GET", PUBLICATION),
    Call("get_publication_signature", "GET", f"{PUBLICATION}/signature"),
    Call("list_changes", "GET", "/v1/changes?since=121&limit=3"),
    Call("post_verification", "POST", "/v1/publications/verify"),
]


_made = {"import": "none"}
"""The import that was made last, for the calls about it."""


def path_of(call: Call) -> str:
    """The path of a call, about the import that was made last."""
    return call.path.format_map(_made)


def send(client: httpx.Client, call: Call) -> httpx.Response:
    """The answer to a call."""
    form = {"data": call.body, "files": {"file": call.file}} if call.file else {"json": call.body}
    if call.operation == "post_verification":
        form = {"content": client.get(PUBLICATION).content}
    answer = client.request(call.method, path_of(call), **form)
    if call.path == SEND and answer.is_success:
        _made["import"] = answer.json()["id"]
    return answer


def collect_examples() -> dict[str, Any]:
    """Operation -> its request body, status and answer, from the real application over real data."""
    examples = {}
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/examples.db"
        database = Database(url)
        migrate(database)
        with database.write() as session:
            units.load_reference(session, operator("reference"))
            frameworks.load_bundled(session, operator("reference"))
            measures.load_bundled(session, operator("reference"))
        load_examples(database, lambda _: None)
        database.close()
        app = make_app(url, files_folder=Path(folder) / "files")
        with open_client(app) as client:
            client.headers["X-Request-Id"] = "0f8fad5bd9cb469f"
            for call in CALLS:
                answer = send(client, call)
                assert answer.is_success, (call.path, answer.text)
                is_json = "json" in answer.headers["content-type"]
                if call.operation:
                    examples[call.operation] = {
                        "body": None if call.file else call.body,
                        "status": str(answer.status_code),
                        "answer": _steady(answer.json()) if is_json else None,
                    }
        close(app)
    return examples


SAMPLE_DIGEST = hashlib.sha256(b"").hexdigest()


def _steady(answer: Any) -> Any:
    """An answer with the same instants and the same key whenever it is collected; of long lists a start."""
    if isinstance(answer, list):
        return [_steady(part) for part in (answer if len(answer) <= 6 else answer[:3])]
    if isinstance(answer, str) and answer.startswith("par_"):
        return "par_Zk3f" if len(answer) == len("par_Zk3f") else "par_Zk3f..."
    if not isinstance(answer, dict):
        return _sample_of(answer) if isinstance(answer, str) else answer
    return {
        name: "2021-12-31T17:00:00+07:00"
        if name.endswith("_at") and part
        else STEADY.get(name, _steady(part))
        for name, part in answer.items()
    }


_KID = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
STEADY = {
    "at": "2021-12-31T17:00:00+07:00",
    "rows_per_second": 5000,
    "kid": _KID,
    "jws": "eyJhbGciOiJFZDI1NTE5In0.."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
}
"""The key is that of RFC 8037, appendix A."""


def _sample_of(text: str) -> str:
    """Digests, and ids of imports, are the same in every run."""
    if text == _made["import"]:
        return SAMPLE_IMPORT
    return SAMPLE_DIGEST if re.fullmatch("[0-9a-f]{64}", text) else text


SAMPLE_IMPORT = "1f0c2f4e8a9b4c52b8b1d7f1a1f3f0aa"


def as_text(content: object) -> str:
    """JSON as it is kept in files."""
    return json.dumps(content, ensure_ascii=False, indent=0, sort_keys=True) + "\n"


def render() -> str:
    """The OpenAPI document of the application as the text that is kept; no database is opened."""
    settings = Settings(database_url="sqlite:///none.db", admin_key="x" * 24)
    return as_text(create_app(settings).openapi())


if __name__ == "__main__":
    logging.disable(logging.INFO)
    EXAMPLES.write_text(as_text(collect_examples()), encoding="utf-8")
    APPROVED.write_text(render(), encoding="utf-8")
