"""The change feed over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.features.changes import service
from app.features.changes.schemas import ChangeFeed
from app.infra.auth import MaybeCaller, key_optional
from app.infra.http import AppDatabase, ExactRoute, not_modified
from app.infra.schemas import problems

router = APIRouter(prefix="/changes", tags=["changes"], route_class=ExactRoute)


@router.get(
    "",
    summary="Follow what changes",
    response_model=ChangeFeed,
    response_model_exclude_none=True,
    responses=problems(304, 401),
    openapi_extra=key_optional(*service.READERS),
)
def list_changes(
    database: AppDatabase,
    caller: MaybeCaller,
    request: Request,
    response: Response,
    since: Annotated[int, Query(ge=0, lt=2**63, description="`next_since` of the answer before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> ChangeFeed | Response:
    """Rounds, publications, corrections, criteria sets, units and findings, numbered 1, 2, 3 in the order in
    which they became visible. Ask for `last`, then read the lists, then follow from that `last`: nothing is
    missed. Results that are held back are told at their release."""
    service.release_due(database)
    with database.read() as session:
        etag = service.get_etag(session, caller)
        headers = {"ETag": etag, "Vary": "Authorization", "Cache-Control": "no-cache"}
        answer = not_modified(request, etag)
        (response if answer is None else answer).headers.update(headers)
        return answer or service.list_changes(session, since, limit, caller)
