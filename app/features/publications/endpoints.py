"""Publications over HTTP."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from app.core.types import ClientScope
from app.features.publications.schemas import (
    JwkSet,
    PublicationCreate,
    PublicationDocument,
    PublicationRead,
    Verification,
)
from app.features.publications.service import publishing, reading, verifying
from app.features.results import service as results
from app.features.rounds import service as rounds
from app.infra.auth import Caller, MaybeCaller, Needs, key_optional
from app.infra.http import (
    AppDatabase,
    AppSettings,
    ExactRoute,
    PostSession,
    ReadSession,
    RequestLanguage,
    not_modified,
)
from app.infra.packing import LASTING
from app.infra.schemas import Page, problems
from app.infra.shelf import mark_shared
from app.infra.signing import load_signing_key

router = APIRouter(tags=["publications"], route_class=ExactRoute)
keys = APIRouter(tags=["publications"], route_class=ExactRoute)
PublicationId = Annotated[str, Path(alias="id", max_length=100, examples=["par-province-2020.1"])]
_UNPUBLISHED = ClientScope.RESULTS_READ_UNPUBLISHED


@router.post(
    "/rounds/{round}/publications",
    summary="Publish the results of a round",
    status_code=201,
    responses=problems(401, 404, 409, 413, 415),
)
def post_publication(
    session: PostSession,
    settings: AppSettings,
    caller: Annotated[Caller, Depends(Needs(ClientScope.PUBLISH))],
    code: Annotated[str, Path(alias="round", examples=["par-province-2020"])],
    said: PublicationCreate,
    response: Response,
) -> PublicationRead:
    """Freezes criteria set, inputs, results and rankings in one signed document, and moves the round to
    `published`, all or nothing. Of an approved round it is the first one; after a correction another one,
    which supersedes it and lists what differs, with the reasons. With `release_at` nobody but
    `results:read_unpublished` sees any result of the round before that instant."""
    row = publishing.publish(session, code, said, caller, load_signing_key(settings))
    response.headers["Location"] = f"/v1/publications/{row.id}"
    return reading.read_publication(session, row)


@router.get(
    "/rounds/{round}/publications",
    summary="List the publications of a round",
    responses=problems(401, 404),
    openapi_extra=key_optional(_UNPUBLISHED),
)
def list_publications(
    database: AppDatabase, caller: MaybeCaller, request: Request, code: Annotated[str, Path(alias="round")]
) -> Page[PublicationRead]:
    """The first one first; the last one holds."""
    asked_at = datetime.now(UTC)
    with database.read() as session:
        items = reading.list_publications(session, code, caller, asked_at)
        row = rounds.get_round(session, code)
    if items:
        results.remember_early_read(database, row, caller, request.url.path, asked_at)
    return Page(items=items)


@router.get(
    "/publications/{id}",
    summary="Read the document of a publication",
    response_model=PublicationDocument,
    responses=problems(304, 401, 404),
    openapi_extra=key_optional(_UNPUBLISHED),
)
def get_publication(
    database: AppDatabase, caller: MaybeCaller, request: Request, publication_id: PublicationId
) -> Response:
    """The bytes that were signed: they never change. `ETag` is their SHA-256; of packed bytes with `-gzip` or
    `-br` behind it."""
    asked_at = datetime.now(UTC)
    with database.read() as session:
        publication = reading.get_publication(session, publication_id, caller, asked_at)
        row = rounds.get_round(session, publication.round_code)
        etag = f'"{publication.sha256}"'
        answer = not_modified(request, etag)
        content = b"" if answer else reading.read_content(session, publication)
    results.remember_early_read(database, row, caller, request.url.path, asked_at)
    answer = answer or Response(content, media_type="application/json", headers={"ETag": etag})
    answer.headers["Link"] = f'</v1/publications/{publication.id}/signature>; rel="describedby"'
    answer.headers["Cache-Control"] = "private, no-store"
    if reading.is_released(publication, asked_at):
        answer.headers["Cache-Control"] = LASTING.decode()
        mark_shared(request, lasts=True)
    return answer


@router.get(
    "/publications/{id}/signature",
    summary="Read the signature of a publication",
    responses=problems(401, 404),
    openapi_extra=key_optional(_UNPUBLISHED),
)
def get_publication_signature(
    database: AppDatabase, caller: MaybeCaller, request: Request, publication_id: PublicationId
) -> PublicationRead:
    """Digest, detached signature and `kid`, the decision, and what supersedes it. The key itself is shown
    from the release on."""
    asked_at = datetime.now(UTC)
    with database.read() as session:
        publication = reading.get_publication(session, publication_id, caller, asked_at)
        row = rounds.get_round(session, publication.round_code)
        read = reading.read_publication(session, publication)
    results.remember_early_read(database, row, caller, request.url.path, asked_at)
    return read


@router.post(
    "/publications/verify",
    summary="Verify a publication",
    responses=problems(401, 413, 415),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PublicationDocument"}}},
        }
    },
)
async def post_verification(
    request: Request,
    database: AppDatabase,
    _: Annotated[Caller, Depends(Needs(*ClientScope, outside="filtered"))],
    language: RequestLanguage,
    signature: Annotated[
        str | None, Header(alias="Signature-JWS", max_length=4000, description="Detached JWS.")
    ] = None,
) -> Verification:
    """Checks the signature, and computes every number of the document anew from what it says itself. Any key
    will do; `parindex verify` does the same without this service."""
    content = await request.body()
    return await run_in_threadpool(verifying.verify, database, content, signature, language)


@keys.get("/.well-known/jwks.json", summary="Read the public keys", responses=problems())
def list_keys(session: ReadSession) -> JwkSet:
    """The keys that ever signed, the newest first. A key is shown from the release of the first publication
    that it signs, and stays."""
    return JwkSet(keys=[dict(key) for key in reading.list_public_keys(session, datetime.now(UTC))])
