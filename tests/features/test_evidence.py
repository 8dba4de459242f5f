"""The evidence ledger: what scores rely on, and files that only those who reach their unit can fetch."""

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import select

from app.infra import audit
from app.infra.files import FileStore
from app.models import AuditEventRow, EvidenceFileRow
from tests.clients import make_client
from tests.conftest import Client, open_client

FILES = "/v1/evidence/files"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
LIMIT = 50_000
REPORT = {
    "title": "Báo cáo CCHC",
    "issued_by": "UBND tỉnh",
    "number": "12/BC-UBND",
    "issued_on": "2021-12-01",
}


def archive(**members: bytes) -> bytes:
    """A ZIP file; `__` in the name of a member is `/`."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        for name, content in members.items():
            made.writestr(name.replace("__", "/"), content)
    return packed.getvalue()


@pytest.fixture
def client(client: Client, tmp_path: Path) -> Client:
    """The client, over an empty folder of files."""
    client.app.state.files = FileStore(tmp_path / "files", LIMIT)
    return client


@contextmanager
def acting(client: Client, *grants: str) -> Iterator[Client]:
    """Another caller of the same service."""
    with open_client(client.app, make_client(client.app, grants)) as other:
        yield other


def upload(client: Client, content: bytes, unit: str = "22", name: str = "a.pdf", **headers: str) -> Any:
    return client.post(FILES, files={"file": (name, content)}, data={"unit": unit}, headers=headers)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def start_round(client: Client, code: str = "r", period: str = "2021", *units: str) -> str:
    """The base URL of a round in self-assessment over one item `1`."""
    put = "/v1/frameworks/one/versions/1"
    document = {
        "code": "one",
        "version": "1",
        "title_vi": "Một mục",
        "level": "province",
        "status": "illustrative",
        "total_points": 100,
        "applies": {"from": "2021-01-01"},
        "rounding": {"decimals": 2},
        "areas": [{"code": "1", "name_vi": "Lĩnh vực", "reform_area": "procedures", "max_points": 100}],
    }
    if client.put(put, json=document).status_code == 201:
        assert client.post(f"{put}/publish").status_code == 200
    round_ = {
        "title_vi": "Kỳ thử nghiệm",
        "framework": "one@1",
        "period": period,
        "participants": [{"group": "all", "units": list(units or ("22", "24"))}],
    }
    assert client.put(f"/v1/rounds/{code}", json=round_).status_code == 201
    moved = client.post(f"/v1/rounds/{code}/transitions", json={"to": "self_assessment"})
    assert moved.status_code == 200, moved.text
    return f"/v1/rounds/{code}"


def cite(client: Client, base: str, unit: str, *documents: dict[str, Any], points: float = 50) -> None:
    row = {"unit": unit, "item": "1", "stage": "self", "points": points, "evidence": list(documents)}
    sent = client.post(f"{base}/scores", json={"scores": [row]})
    assert sent.status_code == 201, sent.text


def ledger(client: Client, **query: object) -> list[dict[str, Any]]:
    answer = client.get("/v1/evidence", params=query)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_a_file_is_stored_once_for_each_unit(client: Client) -> None:
    digest = hashlib.sha256(PDF).hexdigest()
    first, again, other = upload(client, PDF), upload(client, PDF, name="b.pdf"), upload(client, PDF, "24")
    assert [a.status_code for a in (first, again, other)] == [201, 200, 201]
    said = first.json()
    assert {name: said[name] for name in ("sha256", "unit", "name", "media_type", "size")} == {
        "sha256": digest,
        "unit": "22",
        "name": "a.pdf",
        "media_type": "application/pdf",
        "size": len(PDF),
    }
    assert again.json() == said
    folder = client.app.state.files.folder
    assert [str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()] == [
        f"{digest[:2]}/{digest}"
    ]
    fetched = client.get(said["url"])
    assert (fetched.status_code, fetched.content) == (200, PDF)
    with client.app.state.database.read() as session:
        rows = session.exec(select(EvidenceFileRow)).all()
        events = session.exec(select(AuditEventRow).where(AuditEventRow.action == "evidence.upload")).all()
        assert {row.unit_code for row in rows} == {"22", "24"}
        assert {(event.jurisdiction_code, event.unit_code) for event in events} == {
            ("22", "22"),
            ("24", "24"),
        }
        for row in rows:
            assert any(
                f'"evidence_file/{digest}/{row.unit_code}":"{audit.digest_of_row(row)}"' in event.digests
                for event in events
            )


def test_one_of_several_uploads_at_once_is_new(client: Client) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: upload(client, PDF), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.text for answer in answers}) == 1


def test_an_upload_may_be_repeated_with_its_key(client: Client) -> None:
    body = {
        "content": b'--x\r\nContent-Disposition: form-data; name="unit"\r\n\r\n22\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
        + PDF
        + b"\r\n--x--\r\n",
        "headers": {"Content-Type": "multipart/form-data; boundary=x", "Idempotency-Key": "k1"},
    }
    first, again = client.post(FILES, **body), client.post(FILES, **body)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers


@pytest.mark.parametrize(
    ("given", "shown", "plain"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\x\\báo cáo.pdf", "báo cáo.pdf", "bao cao.pdf"),
        ("..", "tai-lieu", "tai-lieu"),
        ("Quyết định\u202efdp.exe", "Quyết địnhfdp.exe", "Quyet dinhfdp.exe"),
        ("a;b%00=.pdf", "a;b%00=.pdf", "a_b_00_.pdf"),
        ("x" * 300, "x" * 200, "x" * 200),
    ],
)
def test_the_name_of_the_sender_is_for_people_alone(
    client: Client, given: str, shown: str, plain: str
) -> None:
    said = upload(client, PDF, name=given).json()
    assert said["name"] == shown
    folder = client.app.state.files.folder
    assert [p.name for p in folder.rglob("*") if p.is_file()] == [said["sha256"]]
    disposition = client.get(said["url"]).headers["Content-Disposition"]
    assert disposition.startswith(f"attachment; filename=\"{plain}\"; filename*=UTF-8''")
    assert disposition.isascii()


def test_a_file_is_what_it_holds(client: Client) -> None:
    docx = archive(word__document_xml=b"<w/>")
    taken = {"x.pdf": (PNG, "image/png"), "y.html": (docx, "wordprocessingml.document")}
    for name, (content, kind) in taken.items():
        said = upload(client, content, name=name).json()
        fetched = client.get(said["url"])
        assert fetched.headers["Content-Type"].endswith(kind)
        assert fetched.headers["Content-Disposition"].startswith(f'attachment; filename="{name}"')
        assert fetched.headers["X-Content-Type-Options"] == "nosniff"
        assert fetched.headers["Cache-Control"] == "private"
        assert fetched.headers["Content-Length"] == str(len(content))
        assert fetched.content == content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"MZ\x90\0" + b"\0" * 60,
        archive(readme_txt=b"x"),
        archive(word__document_xml=b"<w/>", word__vbaProject_bin=b"x").replace(b"_bin", b".bin"),
        archive(word__document_xml=b"\0" * 40_000_000),
        b"PK\x03\x04" + b"\xff" * 200,
    ],
    ids=["empty", "html", "svg", "exe", "zip", "macros", "bomb", "broken"],
)
def test_other_kinds_are_refused(client: Client, content: bytes) -> None:
    assert refusal(upload(client, content, name="x.pdf")) == (415, "file_type_refused")
    assert not client.app.state.files.folder.exists()


def test_what_is_no_upload_is_refused(client: Client) -> None:
    assert refusal(upload(client, PDF + b"x" * LIMIT)) == (413, "file_too_large")
    unknown = upload(client, PDF, unit="no-such")
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "unit_unknown")
    for answer in (
        client.post(FILES, data={"unit": "22"}),
        client.post(FILES, data={"unit": "22", "file": "text"}),
        client.post(FILES, json={"unit": "22"}),
        client.post(FILES, content=b"--x", headers={"Content-Type": "multipart/form-data"}),
    ):
        assert answer.status_code == 422, answer.text
    assert not client.app.state.files.folder.exists()


def test_a_file_opens_to_those_who_reach_a_unit_that_uploaded_it(client: Client) -> None:
    base = start_round(client)
    with acting(client, "scores:self@22") as own, acting(client, "scores:self@24") as other:
        assert refusal(upload(own, PDF, unit="24")) == (403, "outside_scope")
        said = upload(own, PDF).json()
        assert own.get(said["url"]).content == PDF
        cite(client, base, "24", {**REPORT, "sha256": said["sha256"]})
        absent = f"{FILES}/{'0' * 64}"
        for url in (said["url"], f"{FILES}/{said['sha256']}", absent):
            assert refusal(other.get(url)) == (404, "file_unknown")
        (seen,) = ledger(other)
        assert seen["stored"] is False
        assert upload(other, PDF, unit="24").status_code == 201
        assert other.get(f"{FILES}/{said['sha256']}").content == PDF
        assert refusal(other.get(said["url"])) == (404, "file_unknown")
        (seen,) = ledger(other)
        assert seen["stored"] is True
    with acting(client, "rounds:manage") as manager:
        assert refusal(manager.get(said["url"])) == (403, "scope_missing")
        assert refusal(upload(manager, PDF)) == (403, "scope_missing")
    with acting(client, "results:read_unpublished@22") as reader:
        assert reader.get(said["url"]).content == PDF
        assert refusal(upload(reader, PDF)) == (403, "scope_missing")


def test_files_of_a_unit_that_has_ended_stay_open(client: Client) -> None:
    """Districts ended on 2025-06-30: whoever reached one on its last day still does."""
    unit = {"name_vi": "Huyện", "kind": "district", "parent_code": "22"}
    unit |= {"valid_from": "2012-01-01", "valid_to": "2025-06-30"}
    assert client.put("/v1/units/22.d", json=unit).status_code == 201
    with acting(client, "scores:appraise@22") as above, acting(client, "scores:self@22.d") as own:
        said = upload(own, PDF, unit="22.d").json()
        assert above.get(said["url"]).content == PDF


def test_a_file_that_is_gone_is_told(client: Client) -> None:
    said = upload(client, PDF).json()
    for path in client.app.state.files.folder.rglob("*"):
        if path.is_file():
            path.unlink()
    assert refusal(client.get(said["url"])) == (404, "file_missing")


def test_the_ledger_shows_what_relies_on_a_document(client: Client) -> None:
    base = start_round(client)
    cite(client, base, "22", REPORT)
    cite(client, base, "22", REPORT, points=60)
    cite(client, base, "22", {"title": "Kế hoạch CCHC"}, points=70)
    by_title = {item["title"]: item for item in ledger(client)}
    report, plan = by_title["Báo cáo CCHC"], by_title["Kế hoạch CCHC"]
    assert {name: report[name] for name in REPORT} == REPORT
    use = {"round": "r", "unit": "22", "period": "2021", "item": "1", "stage": "self"}
    assert report["uses"] == [
        {**use, "revision": 1, "current": False},
        {**use, "revision": 2, "current": False},
    ]
    assert plan["uses"] == [{**use, "revision": 3, "current": True}]
    assert report["flags"] == plan["flags"] == []
    assert client.get(f"/v1/evidence/{plan['code']}").json() == plan
    assert refusal(client.get("/v1/evidence/none")) == (404, "evidence_unknown")


def test_the_same_file_in_several_units_or_periods_is_flagged(client: Client) -> None:
    first, second = start_round(client), start_round(client, "s", "2022")
    shared, yearly, alone = ("a" * 64, "b" * 64, "c" * 64)
    cite(
        client,
        first,
        "22",
        {"title": "Của ta", "sha256": shared},
        {"title": "Năm", "sha256": yearly},
        {"title": "Riêng", "sha256": alone},
        {"title": "Không tệp"},
    )
    cite(client, first, "24", {"title": "Của họ", "sha256": shared}, {"title": "Không tệp"})
    cite(client, second, "22", {"title": "Năm sau", "sha256": yearly})
    flags = {item["title"]: item["flags"] for item in ledger(client)}
    assert flags == {
        "Của ta": ["several_units"],
        "Của họ": ["several_units"],
        "Không tệp": ["several_units"],
        "Năm": ["several_periods"],
        "Năm sau": ["several_periods"],
        "Riêng": [],
    }

    def titles(**query: object) -> set[str]:
        return {item["title"] for item in ledger(client, **query)}

    assert titles(flagged=True) == set(flags) - {"Riêng"}
    assert titles(flagged=False) == {"Riêng"}
    assert titles(sha256=shared) == {"Của ta", "Của họ"}
    assert titles(unit="24") == {"Của họ", "Không tệp"}
    assert titles(round="s") == {"Năm sau"}
    assert titles(round="s", unit="24") == titles(item="2") == set()
    pages, cursor = [], None
    while True:
        page = client.get("/v1/evidence", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        pages += [item["code"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert pages == sorted(item["code"] for item in ledger(client))


def test_a_unit_learns_nothing_of_others(client: Client) -> None:
    """22 and 24 cite the same file; each sees its own use, unflagged. Both together see the flag."""
    base = start_round(client)
    document = {"title": "Chung", "sha256": "a" * 64}
    cite(client, base, "22", document)
    cite(client, base, "24", document, {"title": "Chỉ của 24"})
    with acting(client, "scores:self@22") as own:
        (seen,) = ledger(own)
        assert (seen["title"], seen["flags"], [use["unit"] for use in seen["uses"]]) == ("Chung", [], ["22"])
        assert ledger(own, unit="24") == ledger(own, flagged=True) == []
        hidden = next(item for item in ledger(client) if item["title"] == "Chỉ của 24")
        assert refusal(own.get(f"/v1/evidence/{hidden['code']}")) == (404, "evidence_unknown")
    with acting(client, "scores:self@22", "results:read_unpublished@group:khu-vuc") as grouped:
        assert len(ledger(grouped)) == 1
    with acting(client, "scores:appraise@22", "scores:appraise@24") as both:
        assert {tuple(item["flags"]) for item in ledger(both)} == {("several_units",), ()}
    with acting(client, "units:write") as stranger:
        assert refusal(stranger.get("/v1/evidence")) == (403, "scope_missing")


def test_queries_do_not_grow_with_documents(
    client: Client, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    base = start_round(client)
    with acting(client, "scores:appraise@22") as reader:
        cite(client, base, "22", {"title": "1", "sha256": f"{1:064}"})
        ledger(reader)
        few = count_queries(lambda: ledger(reader))
        cite(client, base, "22", *({"title": str(n), "sha256": f"{n:064}"} for n in range(2, 30)), points=1)
        assert len(ledger(reader)) == 29
        assert count_queries(lambda: ledger(reader)) == few
