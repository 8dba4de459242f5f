"""Criteria sets over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.core.types import ClientScope
from app.features.frameworks import service
from app.features.frameworks.schemas import FrameworkDocument, FrameworkRead, FrameworkSummary
from app.infra.auth import Caller, MaybeCaller, Needs, key_optional
from app.infra.http import (
    DocumentRoute,
    PostSession,
    ReadSession,
    WriteSession,
    decode_cursor,
    encode_cursor,
    json_answer,
    not_modified,
)
from app.infra.schemas import Code, Day, Page, problems

router = APIRouter(prefix="/frameworks", tags=["frameworks"], route_class=DocumentRoute)
Author = Annotated[Caller, Depends(Needs(ClientScope.FRAMEWORKS_WRITE))]
_DRAFTS_WITH_KEY = key_optional(*service.DRAFT_READERS)
_YAML = {
    "requestBody": {
        "content": {"application/yaml": {"schema": {"$ref": "#/components/schemas/FrameworkDocument"}}}
    }
}


@router.get(
    "",
    summary="List criteria sets",
    responses=problems(401),
    openapi_extra=_DRAFTS_WITH_KEY,
)
def list_frameworks(
    session: ReadSession,
    caller: MaybeCaller,
    valid_on: Annotated[
        Day | None, Query(description="Only those that this day is assessed by (`applies`).")
    ] = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Page[FrameworkSummary]:
    """Versions in order of code. Drafts are shown to callers with a key."""
    after = decode_cursor(cursor, 2)
    found = service.list_frameworks(
        session, on=valid_on, drafts=_sees_drafts(caller), after=after, limit=limit + 1
    )
    items = found[:limit]
    last = [items[-1].code, items[-1].version] if len(found) > limit else None
    return Page(items=items, next_cursor=encode_cursor(last) if last else None)


@router.get(
    "/{code}/versions/{version}",
    summary="Read a criteria set",
    response_model=FrameworkRead,
    responses=problems(304, 401, 403, 404),
    openapi_extra=_DRAFTS_WITH_KEY,
)
def get_framework(
    session: ReadSession, caller: MaybeCaller, request: Request, code: str, version: str
) -> Response:
    """The whole document. Published versions never change; drafts need a key."""
    row = service.get_row(session, code, version)
    service.require_reader(row, caller)
    etag = f'"{row.sha256[:32]}-{row.state}"'
    return not_modified(request, etag) or json_answer(service.read_document(row), etag=etag)


@router.put(
    "/{code}/versions/{version}",
    summary="Load a criteria set as a draft",
    response_model=FrameworkRead,
    responses={201: {"description": "Created", "model": FrameworkRead}, **problems(401, 409, 413, 415)},
    openapi_extra=_YAML,
)
def put_framework(
    session: WriteSession, caller: Author, code: Code, version: Code, document: FrameworkDocument
) -> Response:
    """JSON or YAML. Children must sum to their parent and the whole to `total_points`; every node that
    does not is named with the difference. A published version is never replaced (409)."""
    row, created = service.put_framework(session, code, version, document, caller)
    return json_answer(service.read_document(row), 201 if created else 200)


@router.post(
    "/{code}/versions/{version}/publish",
    summary="Publish a criteria set",
    response_model=FrameworkRead,
    responses=problems(401, 404),
)
def publish_framework(session: PostSession, caller: Author, code: str, version: str) -> Response:
    """Makes the version immutable; rounds can then use it."""
    return json_answer(service.read_document(service.publish_framework(session, code, version, caller)))


def _sees_drafts(caller: Caller | None) -> bool:
    return caller is not None and bool(caller.having(*service.DRAFT_READERS))
