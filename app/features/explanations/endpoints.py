"""Explanations over HTTP: as JSON, and as Markdown or a page to print and attach."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Response

from app.core.access import READS_SCORES
from app.features.explanations import service
from app.features.explanations.pages import make_page
from app.features.explanations.schemas import ExplanationRead
from app.features.results import service as results
from app.features.rounds import service as rounds
from app.infra.auth import MaybeCaller, key_optional
from app.infra.errors import UnauthorizedError
from app.infra.http import AppDatabase, ExactRoute, RequestLanguage, choose_media, json_answer
from app.infra.messages import Language
from app.infra.schemas import problems
from app.infra.templates import render_template

router = APIRouter(prefix="/rounds/{round}", tags=["results"], route_class=ExactRoute)
TEMPLATES = {"text/html": "explanation.html.jinja", "text/markdown": "explanation.md.jinja"}
_PAGES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The explanation, in the form that `Accept` asks for",
        "content": {media: {"schema": {"type": "string"}} for media in TEMPLATES},
    }
}
_STYLE_ONLY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@router.get(
    "/indices/{unit}/explanation",
    summary="Explain an index",
    response_model=ExplanationRead,
    responses={**problems(401, 403, 404, 409), **_PAGES},
    openapi_extra=key_optional(*READS_SCORES),
)
def get_explanation(
    database: AppDatabase,
    caller: MaybeCaller,
    language: RequestLanguage,
    code: Annotated[str, Path(alias="round", examples=["par-province-2020"])],
    unit: Annotated[str, Path(examples=["22"])],
    item: Annotated[str | None, Query(description="One node alone.", examples=["appraisal"])] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "application/json",
) -> Response:
    """Every node of the criteria set: its rule in words, the inputs and where each came from, the arithmetic,
    points got and lost, what would earn the next ones, and the law in force at the end of the period.
    Reasons, evidence and names of clients are shown to those who may read the sheet. As JSON, Markdown
    (`Accept: text/markdown`), or a page to print (`text/html`)."""
    media = choose_media(accept, ("application/json", *TEMPLATES))
    known_at = datetime.now(UTC)
    with database.read() as session:
        row = results.open_round(session, code)
        if caller is None and not rounds.is_public(row):
            raise UnauthorizedError("key_missing")
        explained = service.explain_index(session, row, unit, caller, item, known_at)
        title = row.title_vi
    results.store_computed(database, explained.results)
    path = f"/v1/rounds/{code}/indices/{unit}/explanation"
    results.remember_early_read(database, row, caller, path, known_at)
    answer = _answer(explained.answer, media, title, language)
    answer.headers.update({"Vary": "Accept, Accept-Language, Authorization", "Cache-Control": "no-cache"})
    return answer


def _answer(found: dict[str, Any], media: str, title: str, language: Language) -> Response:
    if media not in TEMPLATES:
        return json_answer(found)
    text = render_template(TEMPLATES[media], page=make_page(found, title, language), language=language)
    headers = {"Content-Language": language, "Content-Security-Policy": _STYLE_ONLY}
    return Response(text, headers=headers, media_type=f"{media}; charset=utf-8")
