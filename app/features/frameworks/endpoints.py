"""Criteria sets over HTTP: their list, and their publication."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.core.types import ClientScope
from app.features.frameworks import service
from app.features.frameworks.schemas import FrameworkRead, FrameworkSummary
from app.infra.auth import Caller, MaybeCaller, Needs, key_optional
from app.infra.http import ExactRoute, PostSession, ReadSession, decode_cursor, encode_cursor, json_answer
from app.infra.schemas import Day, Page, problems
from app.infra.shelf import SHARED

router = APIRouter(prefix="/frameworks", tags=["frameworks"], route_class=ExactRoute)
Author = Annotated[Caller, Depends(Needs(ClientScope.FRAMEWORKS_WRITE))]
_DRAFTS_WITH_KEY = key_optional(*service.DRAFT_READERS)


@router.get(
    "",
    summary="List criteria sets",
    responses=problems(304, 401),
    dependencies=[SHARED],
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
        session, on=valid_on, drafts=service.reads_drafts(caller), after=after, limit=limit + 1
    )
    items = found[:limit]
    last = [items[-1].code, items[-1].version] if len(found) > limit else None
    return Page(items=items, next_cursor=encode_cursor(last) if last else None)


@router.post(
    "/{code}/versions/{version}/publish",
    summary="Publish a criteria set",
    response_model=FrameworkRead,
    responses=problems(401, 404),
)
def publish_framework(session: PostSession, caller: Author, code: str, version: str) -> Response:
    """Makes the version immutable; rounds can then use it."""
    return json_answer(service.read_document(service.publish_framework(session, code, version, caller)))
