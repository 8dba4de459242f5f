"""Scores over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response

from app.features.scores import service
from app.features.scores.schemas import BatchResult, ScoreBatch, ScoreRead, ScoreWrite
from app.infra.auth import KnownCaller
from app.infra.http import AppSettings, ExactRoute, WriteSession
from app.infra.schemas import problems

router = APIRouter(prefix="/rounds/{round}", tags=["scores"], route_class=ExactRoute)
RoundCode = Annotated[str, Path(alias="round", examples=["par-province-2020"])]


@router.post(
    "/scores",
    status_code=201,
    summary="Send a batch of scores",
    responses={
        200: {"description": "Rehearsed (`dry_run`)", "model": BatchResult},
        **problems(401, 404, 409, 413, 415),
    },
)
def post_scores(
    session: WriteSession,
    caller: KnownCaller,
    settings: AppSettings,
    code: RoundCode,
    batch: ScoreBatch,
    response: Response,
    dry_run: Annotated[bool, Query(description="Check everything and write nothing.")] = False,
) -> BatchResult:
    """All rows are taken, or none: one bad row refuses the batch, and the answer names every bad row.

    Which stages can be written depends on the state of the round; `statistic` is computed, never
    written. Points have at most 4 decimals.
    """
    limit = settings.max_batch_rows
    result = service.add_scores(session, code, batch.scores, limit=limit, by=caller.code)
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
    caller: KnownCaller,
    code: RoundCode,
    unit: Annotated[str, Path(examples=["22"])],
    item: Annotated[str, Path(examples=["appraisal"])],
    score: ScoreWrite,
    response: Response,
    if_match: Annotated[str | None, Header(description="ETag of the sheet that was read.")] = None,
) -> ScoreRead:
    """The ETag is the revision of the unit's sheet; with `If-Match` a sheet that somebody else changed
    meanwhile is refused (412)."""
    place = (code, unit, item)
    read = service.put_score(session, place, score, expected=if_match, by=caller.code)
    response.headers["ETag"] = f'"{read.revision}"'
    return read
