"""Submission of sheets over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Response

from app.core.access import READS_SCORES
from app.core.types import ClientScope
from app.features.sheets import service
from app.features.sheets.schemas import ReturnCreate, SheetStandingRead, SubmitCreate
from app.infra.auth import Caller, Needs
from app.infra.http import ExactRoute, PostSession, ReadSession, RequestLanguage
from app.infra.schemas import Page, problems

router = APIRouter(prefix="/rounds/{round}", tags=["sheets"], route_class=ExactRoute)
RoundCode = Annotated[str, Path(alias="round", examples=["par-province-2021"])]
UnitCode = Annotated[str, Path(examples=["24"])]
IfMatch = Annotated[str | None, Header(description="ETag of the sheet that was read.")]


@router.get("/sheets", summary="List sheets", responses=problems(401, 404))
def list_sheets(
    session: ReadSession,
    caller: Annotated[Caller, Depends(Needs(*READS_SCORES, ClientScope.ROUNDS_MANAGE, outside="filtered"))],
    language: RequestLanguage,
    code: RoundCode,
) -> Page[SheetStandingRead]:
    """Who has submitted: the sheets of the round that the caller may see, without their scores."""
    return Page(items=service.list_sheets(session, code, caller, language))


@router.post(
    "/units/{unit}/sheet/submit",
    summary="Submit a sheet",
    responses=problems(401, 404, 409, 412, 413, 415),
)
def post_submission(
    session: PostSession,
    caller: Annotated[Caller, Depends(Needs(ClientScope.SCORES_SELF))],
    language: RequestLanguage,
    code: RoundCode,
    unit: UnitCode,
    written: SubmitCreate,
    response: Response,
    if_match: IfMatch = None,
) -> SheetStandingRead:
    """The unit hands in its self scores (or its explanations): its side is locked until it is returned."""
    read = service.submit_sheet(session, (code, unit), written, if_match, caller, language)
    response.headers["ETag"] = f'"{read.revision}"'
    return read


@router.post(
    "/units/{unit}/sheet/return",
    summary="Return a sheet to its unit",
    responses=problems(401, 404, 409, 412, 413, 415),
)
def post_return(
    session: PostSession,
    caller: Annotated[Caller, Depends(Needs(*service.RETURNERS))],
    language: RequestLanguage,
    code: RoundCode,
    unit: UnitCode,
    written: ReturnCreate,
    response: Response,
    if_match: IfMatch = None,
) -> SheetStandingRead:
    """With a reason; after the deadline with `until`, which is more time for this unit alone."""
    read = service.return_sheet(session, (code, unit), written, if_match, caller, language)
    response.headers["ETag"] = f'"{read.revision}"'
    return read
