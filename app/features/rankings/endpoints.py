"""Rankings and comparisons of rounds over HTTP."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from app.core.access import READS_SCORES
from app.core.errors import Fault
from app.core.types import ReformArea
from app.features.rankings import pages, service
from app.features.rankings.mapping.lines import Asked, ranking_answer
from app.features.rankings.mapping.moving import comparison_answer
from app.features.rankings.mapping.territory import today_answer
from app.features.rankings.pages import MEDIA, RankingFile, RankingFormat
from app.features.rankings.schemas import JsonStatDataset, RankingRead, RoundComparison
from app.features.results.endpoints import GroupCode, KnownAt, RoundCode, instant_of
from app.features.results.mapping import GroupResults
from app.features.results.service import View
from app.infra.auth import MaybeCaller, key_optional
from app.infra.clock import today
from app.infra.errors import refuse
from app.infra.http import AppDatabase, ExactRoute, decode_cursor, encode_cursor, json_answer, not_modified
from app.infra.schemas import problems
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


def _asked(
    area: Annotated[str | None, Query(description="Rank one area.", examples=["appraisal"])] = None,
    reform_area: Annotated[
        ReformArea | None, Query(description="Rank the areas of one reform area, added up.")
    ] = None,
    region: Annotated[
        str | None,
        Query(
            max_length=64,
            description="Rank the units of one group of the register, as of the end of the period.",
            examples=["region.dong-bang-song-hong"],
        ),
    ] = None,
    full: Annotated[
        bool, Query(description="Ranks by other methods, ties, and the change since the round before.")
    ] = False,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int | None, Query(ge=1, le=10_000, description="All where left out.")] = None,
    known_at: KnownAt = None,
    map_: Annotated[
        Literal["as_published", "today"],
        Query(alias="map", description="Units as in the period, or what became of them."),
    ] = "as_published",
) -> Asked:
    return Asked(
        area, reform_area, region, full, _position(cursor), limit, known_at, on_today=map_ == "today"
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
    asked: Annotated[Asked, Depends(_asked)],
    group: GroupCode = None,
    format_: Annotated[
        RankingFormat,
        Query(
            alias="format",
            description="`jsonstat` is JSON-stat 2.0, `sdmx` SDMX-ML 3.0; `sdmx-structure` its structure.",
        ),
    ] = "json",
) -> Response:
    """The best first. Ranks are taken from exact values, before rounding. Every `format` has the same
    figures, and only those of the page where `limit` is given. With `map=today` units that others were united
    into are computed from the counts of these; where people gave points they stand in `not_comparable`,
    beside what each had itself: percentages are never averaged. There is no `change` on that map."""
    if format_.startswith("sdmx") and (asked.on_today or asked.known_at is not None):
        refuse([Fault("format_of_now_alone", "/query/format", {"format": format_})])
    instant = instant_of(request, asked.known_at)
    asked_at = datetime.now(UTC)
    with database.read() as session:
        view = service.open_view(session, code, group, caller, instant)
        moved = asked.full and not asked.on_today
        before = service.find_previous(session, view, caller, instant) if moved else None
        revision = _revision(view, before, asked)
        unchanged = not_modified(request, f'"{revision}"')
        if unchanged:
            service.settle_unchanged(database, [view, before], caller, request.url.path, asked_at)
            return unchanged
        beside = service.find_beside(session, view, before, asked)
        results: GroupResults
        if asked.on_today:
            results = on_today = service.compute_on_today(session, view, revision, asked)
            body, following = today_answer(on_today, asked, beside)
        else:
            results = service.compute(session, view, revision)
            body, following = ranking_answer(results, asked, beside)
        body["next_cursor"] = None if following is None else encode_cursor([str(following)])
        file = None if format_ == "json" else pages.write_ranking(session, results, body, format_)
    service.settle(database, view, results, caller, request.url.path, asked_at)
    if before is not None and beside.previous is not None:
        service.settle(database, before, beside.previous.results, caller, request.url.path, asked_at)
    return _shared(request, _file_answer(file) if file else json_answer(body), revision)


@router.get(
    "/comparison",
    summary="Compare two rounds",
    response_model=RoundComparison,
    responses=problems(304, 401, 403, 404, 409),
    openapi_extra=key_optional(*READS_SCORES),
)
def get_comparison(
    database: AppDatabase,
    caller: MaybeCaller,
    request: Request,
    code: RoundCode,
    other: Annotated[
        str,
        Query(alias="with", max_length=64, description="The round before.", examples=["par-province-2020"]),
    ],
    group: GroupCode = None,
    other_group: Annotated[
        str | None, Query(max_length=64, description="Of the other round; the same where left out.")
    ] = None,
) -> Response:
    """What changed from the round `with` to this one, for each unit. Merged and split units are
    `not_comparable`; a renamed unit is the same. Areas compare by code within one criteria set, else by
    reform area in percent."""
    asked_at = datetime.now(UTC)
    with database.read() as session:
        after = service.open_view(session, code, group, caller)
        before = service.open_other(session, after, other, other_group, caller)
        revision = f"{after.tag}+{before.tag}"
        unchanged = not_modified(request, f'"{revision}"')
        if unchanged:
            service.settle_unchanged(database, [before, after], caller, request.url.path, asked_at)
            return unchanged
        was, now = (service.compute(session, view, view.tag) for view in (before, after))
        body = comparison_answer(was, now, service.trace_between(session, before, after))
    service.settle(database, before, was, caller, request.url.path, asked_at)
    service.settle(database, after, now, caller, request.url.path, asked_at)
    return _shared(request, json_answer(body), revision)


def _revision(view: View, before: View | None, asked: Asked) -> str:
    """A text that changes whenever the answer may."""
    tags = [view.tag, *([] if before is None else [before.tag]), *([f"on-{today()}"] * asked.on_today)]
    return "+".join(tags)


def _shared(request: Request, answer: Response, revision: str) -> Response:
    """Everybody without a key gets the same answer until a result changes."""
    mark_shared(request)
    answer.headers.update({"ETag": f'"{revision}"', "Vary": "Authorization"})
    return answer


def _file_answer(file: RankingFile) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, headers=headers, media_type=file.media_type)


def _position(cursor: str | None) -> int:
    key = decode_cursor(cursor, 1)
    if key is not None and not key[0].isdecimal():
        refuse([Fault("cursor_invalid", "/query/cursor")])
    return int(key[0][:9]) if key else 0
