"""Findings over HTTP."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query, Response

from app.core.access import READS_SCORES
from app.core.types import ClientScope, ReformArea
from app.features.findings import service
from app.features.findings.schemas import FindingRead, FindingState, FindingSummary, FindingWrite
from app.infra.auth import Caller, Needs
from app.infra.http import ExactRoute, ReadSession, WriteSession, decode_cursor, encode_cursor
from app.infra.schemas import CODE_LENGTH, CODE_PATTERN, Page, problems

router = APIRouter(prefix="/findings", tags=["findings"], route_class=ExactRoute)
_SUMMARY = "summary"
Reader = Annotated[Caller, Depends(Needs(*READS_SCORES, outside="404"))]
Lister = Annotated[Caller, Depends(Needs(*READS_SCORES, outside="filtered"))]
UnitFilter = Annotated[str | None, Query(alias="unit", examples=["02.vi-xuyen"])]
RoundFilter = Annotated[str | None, Query(alias="round", description="Findings that name this round.")]


@router.get("", summary="List findings", responses=problems(401))
def list_findings(
    session: ReadSession,
    caller: Lister,
    unit: UnitFilter = None,
    round_code: RoundFilter = None,
    reform_area: Annotated[ReformArea | None, Query()] = None,
    state: Annotated[FindingState | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Page[FindingRead]:
    """Findings in the units that the caller may see, by code, each as it stands."""
    after = decode_cursor(cursor, 1)
    filters = service.filters_of(unit, round_code, reform_area, state)
    found = service.list_findings(session, filters, after[0] if after else None, limit + 1, caller)
    items = list(found[:limit])
    return Page(items=items, next_cursor=encode_cursor([items[-1].code]) if len(found) > limit else None)


@router.get(f"/{_SUMMARY}", summary="Count findings", responses=problems(401))
def get_finding_summary(
    session: ReadSession, caller: Lister, unit: UnitFilter = None, round_code: RoundFilter = None
) -> FindingSummary:
    """Open, overdue and resolved findings, whole, by unit and by reform area."""
    return service.summarise(session, service.filters_of(unit, round_code), caller)


@router.get("/{code}", summary="Read a finding", responses=problems(401, 404))
def get_finding(
    session: ReadSession,
    caller: Reader,
    code: Annotated[str, Path(examples=["vi-xuyen-2021-2"])],
    response: Response,
) -> FindingRead:
    """The finding as it stands. The ETag is for `If-Match`."""
    read = service.read_finding(session, code, caller)
    response.headers["ETag"] = f'"{read.revision}"'
    return read


@router.put(
    "/{code}",
    summary="Write a finding",
    responses={201: {"description": "Created", "model": FindingRead}, **problems(401, 409, 412, 413, 415)},
)
def put_finding(
    session: WriteSession,
    caller: Annotated[Caller, Depends(Needs(ClientScope.SCORES_APPRAISE))],
    code: Annotated[str, Path(pattern=CODE_PATTERN, max_length=CODE_LENGTH, examples=["vi-xuyen-2021-2"])],
    written: FindingWrite,
    response: Response,
    if_match: Annotated[str | None, Header(description="ETag of the finding that was read.")] = None,
) -> FindingRead:
    """Create a finding, or append a revision of it: the latest counts, the others stay. The measure
    `findings_resolved` of the unit and the period (resolved of all findings) is counted anew."""
    if code == _SUMMARY:
        raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "GET"})
    read, created = service.put_finding(session, code, written, caller, if_match)
    response.status_code = 201 if created else 200
    response.headers["ETag"] = f'"{read.revision}"'
    return read
