"""The catalogue of measures over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from app.core.types import ClientScope
from app.features.measures import service
from app.features.measures.schemas import MeasureDefinition
from app.infra.auth import Caller, Needs
from app.infra.http import (
    ExactRoute,
    ReadSession,
    WriteSession,
    decode_cursor,
    encode_cursor,
    json_answer,
    not_modified,
)
from app.infra.schemas import CODE_LENGTH, CODE_PATTERN, Page, problems

router = APIRouter(prefix="/measures", tags=["measures"], route_class=ExactRoute)
Author = Annotated[Caller, Depends(Needs(ClientScope.FRAMEWORKS_WRITE))]


@router.get("", summary="List or search measures", responses=problems(401))
def list_measures(
    session: ReadSession,
    q: Annotated[
        str | None, Query(max_length=100, description="Part of a name or code, accents or not.")
    ] = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Page[MeasureDefinition]:
    """The catalogue in order of code. Figures of measures that it does not know are taken all the same."""
    after = decode_cursor(cursor, 1)
    found = service.list_measures(session, q, after[0] if after else None, limit + 1)
    items = [MeasureDefinition.model_validate(entry) for entry in found[:limit]]
    return Page(items=items, next_cursor=encode_cursor([items[-1].code]) if len(found) > limit else None)


@router.get(
    "/{code}",
    summary="Read what a measure counts",
    response_model=MeasureDefinition,
    responses=problems(304, 401, 404),
)
def get_measure_definition(
    session: ReadSession, request: Request, code: Annotated[str, Path(examples=["plan_tasks"])]
) -> Response:
    """Names, unit, form, meaning, which way is better, and the source in law. The ETag is for `If-Match`."""
    row = service.get_row(session, code)
    etag = service.etag_of(row)
    return not_modified(request, etag) or json_answer(service.read_document(row), etag=etag)


@router.put(
    "/{code}",
    summary="Add or change a measure of the catalogue",
    response_model=MeasureDefinition,
    responses={
        201: {"description": "Created", "model": MeasureDefinition},
        **problems(401, 409, 412, 413, 415),
    },
)
def put_measure_definition(
    session: WriteSession,
    caller: Author,
    code: Annotated[str, Path(pattern=CODE_PATTERN, max_length=CODE_LENGTH, examples=["plan_tasks"])],
    written: MeasureDefinition,
    if_match: Annotated[str | None, Header(description="ETag of the entry that was read.")] = None,
) -> Response:
    """What is written here stays when the service is brought up to date. It changes words, never a number."""
    row, created = service.put_measure(session, code, written, caller, if_match)
    return json_answer(service.read_document(row), 201 if created else 200, service.etag_of(row))
