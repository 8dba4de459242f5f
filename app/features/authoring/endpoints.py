"""Criteria sets over HTTP as documents: JSON, YAML, and the workbooks of officials."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Depends, Header, Request, Response

from app.core.types import ClientScope
from app.features.authoring import service
from app.features.frameworks import service as frameworks
from app.features.frameworks.schemas import FrameworkDocument, FrameworkRead
from app.infra.auth import Caller, MaybeCaller, Needs, key_optional
from app.infra.http import DocumentRoute, ReadSession, WriteSession, choose_media, json_answer, not_modified
from app.infra.official.document import MEDIA_TYPES
from app.infra.packing import LASTING
from app.infra.schemas import Code, problems
from app.infra.shelf import mark_shared
from app.infra.spreadsheets.cells import Places

XLSX, YAML, JSON = MEDIA_TYPES["xlsx"], "application/yaml", "application/json"
_TAGS = {JSON: "", YAML: "-yaml", XLSX: "-xlsx"}
Author = Annotated[Caller, Depends(Needs(ClientScope.FRAMEWORKS_WRITE))]
_FILE = {"schema": {"type": "string", "format": "binary"}}
_DOCUMENT = {"schema": {"$ref": "#/components/schemas/FrameworkDocument"}}
_BODIES = {"requestBody": {"content": {YAML: _DOCUMENT, XLSX: _FILE}}}
_FORMS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The criteria set; as a document to load again where `Accept` asks for YAML or .xlsx",
        "content": {YAML: {"schema": {"type": "string"}}, XLSX: _FILE},
    }
}
_TEMPLATE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The workbook",
        "content": {XLSX: _FILE},
        "headers": {
            "Content-Disposition": {
                "schema": {"type": "string"},
                "example": 'attachment; filename="bo-chi-so-mau.xlsx"',
            }
        },
    }
}


class WorkbookRoute(DocumentRoute):
    """A route whose body may also be a workbook."""

    reads: ClassVar[str] = f"{JSON}, {YAML} or {XLSX}"

    def limit_of(self, content_type: str) -> int:
        """Workbooks are packed, and may hold a picture."""
        return service.ROOM.file_bytes if _is_workbook(content_type) else super().limit_of(content_type)

    def reader_of(self, content_type: str) -> Callable[[bytes], tuple[Any, Places]] | None:
        """Beside YAML, workbooks."""
        return service.read_workbook if _is_workbook(content_type) else super().reader_of(content_type)


def _is_workbook(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == XLSX


router = APIRouter(prefix="/frameworks", tags=["frameworks"], route_class=WorkbookRoute)


@router.get(
    "/template",
    summary="Get the workbook for a new criteria set",
    response_class=Response,
    responses={**_TEMPLATE, **problems(401)},
)
def get_framework_template() -> Response:
    """An .xlsx file to be filled in, with help and a small example in Vietnamese. It loads as it is."""
    return _as_file(service.make_template(), "bo-chi-so-mau")


@router.get(
    "/{code}/versions/{version}",
    summary="Read a criteria set",
    response_model=FrameworkRead,
    responses={**problems(304, 401, 403, 404), **_FORMS},
    openapi_extra=key_optional(*frameworks.DRAFT_READERS),
)
def get_framework(
    session: ReadSession,
    caller: MaybeCaller,
    request: Request,
    code: str,
    version: str,
    accept: Annotated[str, Header(include_in_schema=False)] = JSON,
) -> Response:
    """The whole document. Published versions never change; drafts need a key. `Accept` chooses JSON, or
    without `state` and `sha256`, as it can be loaded again, YAML or .xlsx."""
    row = frameworks.get_row(session, code, version)
    frameworks.require_reader(row, caller)
    form = choose_media(accept, list(_TAGS))
    etag = f'"{row.sha256[:32]}-{row.state}{_TAGS[form]}"'
    answer = not_modified(request, etag)
    if answer is None and form == JSON:
        answer = json_answer(frameworks.read_document(row), etag=etag)
    elif answer is None and form == YAML:
        answer = Response(service.make_text(row, "yaml"), 200, {"ETag": etag}, YAML)
    elif answer is None:
        answer = _as_file(service.make_workbook(frameworks.document_of(row)), f"{row.code}_{row.version}")
        answer.headers["ETag"] = etag
    answer.headers["Vary"] = "Accept"
    if row.state == "published" and form == JSON:
        answer.headers["Cache-Control"] = LASTING.decode()
        mark_shared(request, lasts=True, media=list(_TAGS))
    return answer


@router.put(
    "/{code}/versions/{version}",
    summary="Load a criteria set as a draft",
    response_model=FrameworkRead,
    responses={201: {"description": "Created", "model": FrameworkRead}, **problems(401, 409, 413, 415)},
    openapi_extra=_BODIES,
)
def put_framework(
    session: WriteSession, caller: Author, code: Code, version: Code, document: FrameworkDocument
) -> Response:
    """JSON, YAML, or a workbook as of `GET /v1/frameworks/template`. Children must sum to their parent and
    the whole to `total_points`; every node that does not is named with the difference, in a workbook with its
    sheet and cell. A published version is never replaced (409)."""
    row, created = frameworks.put_framework(session, code, version, document, caller)
    return json_answer(frameworks.read_document(row), 201 if created else 200)


def _as_file(content: bytes, name: str) -> Response:
    return Response(content, 200, {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}, XLSX)
