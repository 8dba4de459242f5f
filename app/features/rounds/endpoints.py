"""Rounds over HTTP. Transitions are in `results`: approval fixes the computed numbers."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from app.core.types import ClientScope
from app.features.rounds import service
from app.features.rounds.schemas import RoundRead, RoundSummary, RoundWrite
from app.infra.auth import Caller, Needs
from app.infra.http import (
    ExactRoute,
    ReadSession,
    RequestLanguage,
    WriteSession,
    decode_cursor,
    encode_cursor,
    not_modified,
)
from app.infra.schemas import CODE_LENGTH, CODE_PATTERN, Page, problems

router = APIRouter(prefix="/rounds", tags=["rounds"], route_class=ExactRoute)


@router.get("", summary="List rounds", responses=problems(401))
def list_rounds(
    session: ReadSession,
    language: RequestLanguage,
    response: Response,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Page[RoundSummary]:
    """Rounds in order of code, without their participants; each says where it can go next, or why not."""
    after = decode_cursor(cursor, 1)
    found = service.list_rounds(session, after[0] if after else None, limit + 1, language)
    response.headers.update({"Vary": "Accept-Language", "Content-Language": language})
    items = found[:limit]
    return Page(items=items, next_cursor=encode_cursor([items[-1].code]) if len(found) > limit else None)


@router.get("/{round}", summary="Read a round", response_model=RoundRead, responses=problems(304, 401, 404))
def get_round(
    session: ReadSession,
    language: RequestLanguage,
    request: Request,
    response: Response,
    code: Annotated[str, Path(alias="round")],
) -> RoundRead | Response:
    """A round with its participants, deadlines and state, and where it can go from there, or why not."""
    row = service.get_round(session, code)
    etag = service.etag_of(session, row, language)
    response.headers.update({"ETag": etag, "Vary": "Accept-Language", "Content-Language": language})
    return not_modified(request, etag) or service.read_round(session, row, language)


@router.put(
    "/{round}",
    summary="Create or change a round",
    responses={201: {"description": "Created", "model": RoundRead}, **problems(401, 409, 412, 413, 415)},
)
def put_round(
    session: WriteSession,
    caller: Annotated[Caller, Depends(Needs(ClientScope.ROUNDS_MANAGE))],
    language: RequestLanguage,
    code: Annotated[str, Path(alias="round", pattern=CODE_PATTERN, max_length=CODE_LENGTH)],
    written: RoundWrite,
    response: Response,
    if_match: Annotated[str | None, Header(description="ETag of the round that was read.")] = None,
) -> RoundRead:
    """Only drafts change; deadlines may be moved until approval. Units are resolved as on the last day of
    the period."""
    read, created = service.put_round(session, code, written, caller, language, if_match)
    response.status_code = 201 if created else 200
    response.headers["ETag"] = service.etag_of(session, service.get_round(session, code), language)
    return read
