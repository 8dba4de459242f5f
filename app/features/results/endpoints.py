"""Items of sheets, indices and transitions over HTTP."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BeforeValidator

from app.core.access import READS_SCORES
from app.core.types import ClientScope
from app.features.results import mapping, service
from app.features.results.mapping import GroupResults
from app.features.results.schemas import IndexRead, SheetItemRead
from app.features.rounds import service as rounds
from app.features.rounds.schemas import RoundRead, TransitionCreate
from app.infra.auth import Caller, MaybeCaller, Needs, key_optional
from app.infra.http import (
    AppDatabase,
    ExactRoute,
    PostSession,
    ReadSession,
    RequestLanguage,
    decode_cursor,
    encode_cursor,
    json_answer,
    not_modified,
)
from app.infra.schemas import Instant, Page, problems
from app.infra.shelf import mark_shared

router = APIRouter(prefix="/rounds/{round}", tags=["results"], route_class=ExactRoute)
_UNESCAPED = re.compile(r"(?<=\d) (?=\d\d:\d\d$)")
"""The plus of `+07:00`, which stands for a space in an address."""
KnownAt = Annotated[
    Instant | None,
    BeforeValidator(lambda text: _UNESCAPED.sub("+", text) if isinstance(text, str) else text),
    Query(description="As it was known at this instant.", examples=["2026-05-01T08:00:00+07:00"]),
]
RoundCode = Annotated[str, Path(alias="round", examples=["par-province-2020"])]
UnitCode = Annotated[str, Path(examples=["22"])]
SheetReader = Annotated[Caller, Depends(Needs(*READS_SCORES))]
GroupCode = Annotated[
    str | None,
    Query(description="May be left out where the round has one ranked group.", examples=["provinces"]),
]


@router.post(
    "/transitions", summary="Move a round to its next state", responses=problems(401, 404, 409, 413, 415)
)
def post_transition(
    session: PostSession,
    caller: Annotated[Caller, Depends(Needs(ClientScope.ROUNDS_MANAGE, ClientScope.PUBLISH))],
    language: RequestLanguage,
    code: RoundCode,
    transition: TransitionCreate,
) -> RoundRead:
    """`draft -> self_assessment -> appraisal -> explanation -> final_appraisal -> approved -> published`, and
    `published -> correction -> published`; the criteria set says whether `explanation` and
    `final_appraisal` may be left out. Nothing moves a round but this call and a publication. Approval fixes
    the points that were computed from figures: later figures no longer move this round. `published` needs
    the scope `publish`, a correction a reason."""
    said = transition
    row = service.move_round(session, code, said.to, said.reason, caller, release_at=said.release_at)
    return rounds.read_round(session, row, language)


@router.get(
    "/units/{unit}/scores/{item}", summary="Read one item of a sheet", responses=problems(401, 404, 409)
)
def get_score(
    session: ReadSession,
    caller: SheetReader,
    language: RequestLanguage,
    code: RoundCode,
    unit: UnitCode,
    item: Annotated[str, Path(examples=["appraisal"])],
    response: Response,
) -> SheetItemRead:
    """All stages of the item, with their history. The ETag names the item alone: with it, `If-Match` takes no
    notice of changes elsewhere on the sheet."""
    row = service.open_round(session, code)
    read, revision = service.read_item(session, row, unit, item, caller, language)
    response.headers["ETag"] = f'"i{revision}"'
    return read


@router.get(
    "/indices",
    summary="List indices",
    response_model=Page[IndexRead],
    responses=problems(304, 401, 403, 404, 409),
    openapi_extra=key_optional(*READS_SCORES),
)
def list_indices(
    database: AppDatabase,
    caller: MaybeCaller,
    request: Request,
    code: RoundCode,
    group: GroupCode = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    known_at: KnownAt = None,
) -> Response:
    """Indices of a group by unit code."""

    def answer(results: GroupResults) -> dict[str, Any]:
        found = mapping.index_answers(results)
        after = decode_cursor(cursor, 1)
        items = [i for i in found if after is None or i["unit"]["code"] > after[0]]
        last = items[limit - 1]["unit"]["code"] if len(items) > limit else None
        return {"items": items[:limit], "next_cursor": encode_cursor([last]) if last else None}

    return _answer(database, caller, request, code, known_at, _chooser(group), answer)


@router.get(
    "/indices/{unit}",
    summary="Read the index of a unit",
    response_model=IndexRead,
    responses=problems(304, 401, 403, 404, 409),
    openapi_extra=key_optional(*READS_SCORES),
)
def get_index(
    database: AppDatabase,
    caller: MaybeCaller,
    request: Request,
    code: RoundCode,
    unit: UnitCode,
    known_at: KnownAt = None,
) -> Response:
    """Points, applicable maximum, percentage, rank and band, whole and by area."""
    return _answer(
        database,
        caller,
        request,
        code,
        known_at,
        lambda session, row: service.group_of(session, row, unit),
        lambda results: mapping.find_in_group(results, unit),
        [unit],
    )


def instant_of(request: Request, known_at: datetime | None) -> service.Instant:
    """As of when a round is looked at, and how long ago that must be for the answer to stay."""
    settled = timedelta(seconds=request.app.state.settings.settled_seconds)
    return service.Instant(known_at, settled)


def _chooser(group: str | None) -> Callable[[Any, Any], Any]:
    """Chooses the group that the query names."""
    return lambda session, row: service.choose_group(session, row, group)


def _answer(
    database: AppDatabase,
    caller: Caller | None,
    request: Request,
    code: str,
    known_at: datetime | None,
    choose: Callable[[Any, Any], Any],
    answer: Callable[[GroupResults], dict[str, Any]],
    wanted: Sequence[str] = (),
) -> Response:
    """One snapshot: 304, or results; what had to be computed is stored afterwards."""
    asked_at = datetime.now(UTC)
    with database.read() as session:
        row = service.open_round(session, code)
        view = service.open_view(session, row, choose, caller, instant_of(request, known_at), wanted)
        etag = f'"{view.tag}"'
        unchanged = not_modified(request, etag)
        if unchanged:
            service.remember_early_read(database, row, caller, request.url.path, asked_at)
            return unchanged
        results = service.compute_as_known(session, view, view.tag)
        body = answer(results)
    mark_shared(request)
    service.store_computed(database, results)
    service.remember_early_read(database, row, caller, request.url.path, asked_at)
    answered = json_answer(body, etag=etag)
    answered.headers["Vary"] = "Authorization"
    return answered
