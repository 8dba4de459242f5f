"""Comparisons of criteria sets over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.features.comparisons import service
from app.features.comparisons.schemas import ComparisonRead
from app.features.frameworks.service import DRAFT_READERS
from app.infra.auth import MaybeCaller, key_optional
from app.infra.http import ExactRoute, ReadSession, RequestLanguage, not_modified
from app.infra.schemas import problems

router = APIRouter(prefix="/frameworks", tags=["frameworks"], route_class=ExactRoute)
_VERSION = r"^([A-Za-z0-9._-]{1,64}@)?[A-Za-z0-9._-]{1,64}$"


@router.get(
    "/{code}/diff",
    summary="Compare two versions of a criteria set",
    response_model=ComparisonRead,
    responses=problems(304, 401, 403, 404),
    openapi_extra=key_optional(*DRAFT_READERS),
)
def get_framework_diff(
    session: ReadSession,
    caller: MaybeCaller,
    language: RequestLanguage,
    request: Request,
    response: Response,
    code: str,
    old: Annotated[str, Query(alias="from", pattern=_VERSION, examples=["2017"])],
    new: Annotated[str, Query(alias="to", pattern=_VERSION, examples=["2020"])],
) -> ComparisonRead | Response:
    """What was added, removed, re-weighted, re-ruled, renamed, moved; and which rounds and units are scored
    with either version. `from` and `to` are versions of `code`, or `code@version` of another. Drafts need a
    key."""
    compared = service.get_compared(session, code, old, new, caller)
    etag = compared.etag(language)
    response.headers.update({"ETag": etag, "Vary": "Accept-Language", "Content-Language": language})
    return not_modified(request, etag) or service.read_comparison(session, compared, language)
