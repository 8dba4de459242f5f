"""Items of sheets, indices, rankings and transitions over HTTP."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from app.core.access import READS_SCORES
from app.core.errors import Fault
from app.core.types import ClientScope
from app.features.results import mapping, pages, service
from app.features.results.mapping import GroupResults
from app.features.results.pages import MEDIA, RankingFile, RankingFormat
from app.features.results.schemas import IndexRead, JsonStatDataset, RankingRead, SheetItemRead
from app.features.rounds import service as rounds
from app.features.rounds.schemas import RoundRead, TransitionCreate
from app.infra.auth import Caller, MaybeCaller, Needs, key_optional
from app.infra.errors import UnauthorizedError, refuse
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
from app.infra.schemas import Page, problems
from app.infra.shelf import mark_shared

router = APIRouter(prefix="/rounds/{round}", tags=["results"], route_class=ExactRoute)
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            media.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
            for name, media in MEDIA.items()
            if name != "jsonstat"
        }
    }
}
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
) -> Response:
    """Indices of a group by unit code."""

    def answer(results: GroupResults) -> dict[str, Any]:
        found = mapping.index_answers(results)
        after = decode_cursor(cursor, 1)
        items = [i for i in found if after is None or i["unit"]["code"] > after[0]]
        last = items[limit - 1]["unit"]["code"] if len(items) > limit else None
        return {"items": items[:limit], "next_cursor": encode_cursor([last]) if last else None}

    return _answer(database, caller, request, code, _chooser(group), answer)


@router.get(
    "/indices/{unit}",
    summary="Read the index of a unit",
    response_model=IndexRead,
    responses=problems(304, 401, 403, 404, 409),
    openapi_extra=key_optional(*READS_SCORES),
)
def get_index(
    database: AppDatabase, caller: MaybeCaller, request: Request, code: RoundCode, unit: UnitCode
) -> Response:
    """Points, applicable maximum, percentage, rank and band, whole and by area."""
    return _answer(
        database,
        caller,
        request,
        code,
        lambda session, row: service.group_of(session, row, unit),
        lambda results: mapping.find_in_group(results, unit),
        lambda sight: service.require_sight(sight, caller, [unit]),
    )


@router.get(
    "/rankings",
    summary="Read a ranking",
    response_model=RankingRead | JsonStatDataset,
    responses={**problems(304, 401, 403, 404, 409), **FILES},
    openapi_extra=key_optional(*READS_SCORES),
)
def get_ranking(
    database: AppDatabase,
    caller: MaybeCaller,
    request: Request,
    code: RoundCode,
    group: GroupCode = None,
    area: Annotated[str | None, Query(description="Rank one area.", examples=["appraisal"])] = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int | None, Query(ge=1, le=10_000, description="All where left out.")] = None,
    format_: Annotated[
        RankingFormat,
        Query(
            alias="format",
            description="`jsonstat` is JSON-stat 2.0, `sdmx` SDMX-ML 3.0; `sdmx-structure` its structure.",
        ),
    ] = "json",
) -> Response:
    """The best first. Ranks are taken from exact values, before rounding. Every `format` has the same
    figures, and only those of the page where `limit` is given."""

    def answer(results: GroupResults) -> dict[str, Any]:
        body, following = mapping.ranking_answer(results, area, _position(cursor), limit)
        return {**body, "next_cursor": None if following is None else encode_cursor([str(following)])}

    def write(session: Any, results: GroupResults, body: dict[str, Any]) -> RankingFile | None:
        return None if format_ == "json" else pages.write_ranking(session, results, body, format_)

    return _answer(
        database,
        caller,
        request,
        code,
        _chooser(group),
        answer,
        lambda sight: service.require_sight(sight, caller, None),
        write,
    )


def _file_answer(file: RankingFile, etag: str) -> Response:
    headers = {"ETag": etag, "Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, headers=headers, media_type=file.media_type)


def _chooser(group: str | None) -> Callable[[Any, Any], Any]:
    """Chooses the group that the query names."""
    return lambda session, row: service.choose_group(session, row, group)


def _position(cursor: str | None) -> int:
    key = decode_cursor(cursor, 1)
    if key is not None and not key[0].isdecimal():
        refuse([Fault("cursor_invalid", "/query/cursor")])
    return int(key[0][:9]) if key else 0


def _answer(
    database: AppDatabase,
    caller: Caller | None,
    request: Request,
    code: str,
    choose: Callable[[Any, Any], Any],
    answer: Callable[[GroupResults], dict[str, Any]],
    check: Callable[[service.Sight], None] = lambda _: None,
    write: Callable[[Any, GroupResults, dict[str, Any]], RankingFile | None] = lambda *_: None,
) -> Response:
    """One snapshot: 304, or results; what had to be computed is stored afterwards."""
    asked_at = datetime.now(UTC)
    with database.read() as session:
        row = service.open_round(session, code)
        if caller is None and not rounds.is_public(row):
            raise UnauthorizedError("key_missing")
        group = choose(session, row)
        sight = service.look(session, row, group, caller)
        check(sight)
        revision = service.revision_tag(session, row, sight)
        etag = f'"{revision}"'
        unchanged = not_modified(request, etag)
        if unchanged:
            return unchanged
        results = service.compute_group(session, row, group, revision, sight)
        body = answer(results)
        file = write(session, results, body)
    mark_shared(request)
    service.store_computed(database, results)
    service.remember_early_read(database, row, caller, request.url.path, asked_at)
    answered = json_answer(body, etag=etag) if file is None else _file_answer(file, etag)
    answered.headers["Vary"] = "Authorization"
    return answered
