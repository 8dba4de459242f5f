"""Scores over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from app.core.types import ClientScope
from app.features.scores import service
from app.features.scores.schemas import BatchResult, ScoreBatch, ScoreRead, ScoreWrite
from app.infra.auth import Caller, Needs
from app.infra.http import AppSettings, ExactRoute, PostSession, RequestLanguage, WriteSession
from app.infra.schemas import problems

router = APIRouter(prefix="/rounds/{round}", tags=["scores"], route_class=ExactRoute)
Scorer = Annotated[Caller, Depends(Needs(ClientScope.SCORES_SELF, ClientScope.SCORES_APPRAISE))]
IfMatch = Annotated[
    str | None, Header(description='ETag of the sheet ("7") or of the item ("i7") that was read.')
]
RoundCode = Annotated[str, Path(alias="round", examples=["par-province-2020"])]


@router.post(
    "/scores",
    status_code=201,
    summary="Send a batch of scores",
    responses={
        200: {"description": "Rehearsed (`dry_run`)", "model": BatchResult},
        **problems(401, 404, 409, 412, 413, 415),
    },
)
def post_scores(
    session: PostSession,
    caller: Scorer,
    settings: AppSettings,
    language: RequestLanguage,
    code: RoundCode,
    batch: ScoreBatch,
    response: Response,
    dry_run: Annotated[bool, Query(description="Check everything and write nothing.")] = False,
    if_match: IfMatch = None,
) -> BatchResult:
    """All rows are taken, or none: one bad row refuses the batch, and the answer names every bad row.

    Which stages can be written depends on the state of the round, and on the side: `self` and
    `explanation` are the unit's (`scores:self`), the others the appraisal's (`scores:appraise`). `statistic`
    is computed, never written. Taking a point away needs a reason. Points have at most 4 decimals.
    """
    limit = settings.max_batch_rows
    result = service.add_scores(
        session, code, batch.scores, limit=limit, by=caller, language=language, if_match=if_match
    )
    if dry_run:
        session.rollback()
        response.status_code = 200
    return result


@router.put(
    "/units/{unit}/scores/{item}",
    summary="Write one score",
    responses=problems(401, 404, 409, 412, 413, 415),
)
def put_score(
    session: WriteSession,
    caller: Scorer,
    language: RequestLanguage,
    code: RoundCode,
    unit: Annotated[str, Path(examples=["22"])],
    item: Annotated[str, Path(examples=["appraisal"])],
    score: ScoreWrite,
    response: Response,
    if_match: IfMatch = None,
) -> ScoreRead:
    """The ETag is the revision of the unit's sheet. With `If-Match`, a sheet (or, with the ETag of the item,
    an item) that somebody else changed meanwhile is refused: the 412 carries both versions and where they
    differ."""
    place = (code, unit, item)
    read = service.put_score(session, place, score, expected=if_match, by=caller, language=language)
    response.headers["ETag"] = f'"{read.revision}"'
    return read
