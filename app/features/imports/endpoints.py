"""Imports over HTTP: the file comes, its rehearsal is read, and it is committed."""

import asyncio
from concurrent.futures import Future
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from app.core.errors import Fault
from app.core.types import ClientScope, Scope
from app.features.evidence.endpoints import disposition_of
from app.features.imports.mapping.rejected import as_csv, as_workbook
from app.features.imports.schemas import (
    ImportKind,
    ImportOptions,
    ImportRead,
    ImportRowRead,
    LineAction,
    OnError,
)
from app.features.imports.service import imports as service
from app.features.imports.service import reading
from app.features.imports.service.desk import Desk
from app.infra import idempotency
from app.infra.auth import Caller, Needs
from app.infra.errors import refuse
from app.infra.http import (
    MAX_IDEMPOTENCY_KEY,
    AppDatabase,
    ExactRoute,
    ReadSession,
    RequestLanguage,
    decode_cursor,
    encode_cursor,
)
from app.infra.messages import Language
from app.infra.schemas import Code, Instant, LongText, Page, PeriodText, problems
from app.infra.uploads import Upload, UploadRoute

router = APIRouter(prefix="/imports", tags=["imports"], route_class=ExactRoute)
uploads = APIRouter(prefix="/imports", tags=["imports"], route_class=UploadRoute)
Clerk = Annotated[Caller, Depends(Needs(ClientScope.STATISTICS_WRITE, outside="404"))]
Sender = Annotated[Caller, Depends(Needs(ClientScope.STATISTICS_WRITE, outside="filtered"))]
ImportId = Annotated[str, Path(alias="id", max_length=64, examples=["1f0c2f4e8a9b4c52b8b1d7f1a1f3f0aa"])]
Wait = Annotated[
    float, Query(ge=0, le=30, allow_inf_nan=False, description="Seconds to wait for the end; then 202.")
]
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": _BINARY["schema"]},
    "additionalProperties": False,
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"multipart/form-data": {"schema": _FORM}, "*/*": _BINARY},
    }
}
_WORKING: dict[int | str, dict[str, Any]] = {
    202: {"description": "Not at its end yet; `Location` tells how far it is", "model": ImportRead}
}


async def _desk(request: Request, database: AppDatabase) -> Desk:
    state = request.app.state
    return Desk(database, state.jobs, state.incoming)


AppDesk = Annotated[Desk, Depends(_desk)]


async def _options(
    period: Annotated[PeriodText | None, Query(description="Of rows that name none.")] = None,
    unit: Annotated[Code | None, Query(description="Of rows that name none.")] = None,
    scope: Annotated[Scope, Query(description="Of rows that name none.")] = Scope.OWN,
    source: Annotated[LongText | None, Query(description="Of rows that name none.")] = None,
    extracted_at: Instant | None = None,
    on_error: Annotated[OnError, Query(description="`skip`: bad rows do not stop the others.")] = "abort",
    commit: Annotated[bool, Query(description="Commit at once what has no bad rows.")] = False,
) -> ImportOptions:
    return ImportOptions(
        period=period,
        unit=unit,
        scope=scope,
        source=source,
        extracted_at=extracted_at,
        on_error=on_error,
        commit=commit,
    )


@uploads.post(
    "",
    status_code=201,
    summary="Rehearse a file",
    responses=_WORKING | problems(401, 413, 415),
    openapi_extra=_BODY,
)
async def post_import(
    request: Request,
    response: Response,
    desk: AppDesk,
    caller: Sender,
    language: RequestLanguage,
    kind: ImportKind,
    options: Annotated[ImportOptions, Depends(_options)],
    file_name: Annotated[str | None, Query(max_length=300, description="A label.")] = None,
    wait: Wait = 10,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=MAX_IDEMPOTENCY_KEY,
            description="The same key with the same file is the same import, for 24 hours.",
        ),
    ] = None,
) -> ImportRead:
    """CSV, XLSX, JSON or NDJSON, by what it holds. Every row is checked and laid beside what stands; no
    figure is written before the commit. A file that cannot be read is an import that has `failed`."""
    desk.jobs.refuse_where_full()
    upload = await desk.incoming.receive(request)
    upload.name = file_name or upload.name
    import_id, is_new = await run_in_threadpool(_create, desk, upload, kind, options, caller, request, key)
    if is_new:
        await run_in_threadpool(service.start, desk, upload, options, caller)
    else:
        response.headers["Idempotency-Replayed"] = "true"
    await _wait(desk.jobs.find(import_id), wait)
    found = await run_in_threadpool(_read, desk, import_id, caller, language)
    return _told(response, found, 201)


def _create(
    desk: Desk,
    upload: Upload,
    kind: ImportKind,
    options: ImportOptions,
    by: Caller,
    request: Request,
    key: str | None,
) -> tuple[str, bool]:
    """(id of the import, whether it is new): with a key that came before it is that of then."""
    try:
        with desk.database.write() as session:
            again = _repeatable(upload, by, request, key)
            if again is not None:
                idempotency.reserve(session, again)
            import_id = service.create(session, desk, upload, kind, options, by)
            if again is not None:
                kept = Response(orjson.dumps({"id": import_id}), 202, media_type="application/json")
                idempotency.keep(session, again, kept, None)
            return import_id, True
    except idempotency.AlreadyAnswered as kept:
        desk.incoming.remove(upload.key)
        return str(orjson.loads(kept.response.body)["id"]), False
    except BaseException:
        desk.incoming.remove(upload.key)
        raise


def _repeatable(upload: Upload, by: Caller, request: Request, key: str | None) -> idempotency.Request | None:
    if key is None:
        return None
    may = (*sorted(map(str, by.grants)), by.home_unit or "")
    target = f"POST {request.url.path}?{request.url.query} {may}"
    return idempotency.Request(by.code, key, idempotency.fingerprint_of(target, upload.sha256.encode()))


async def _wait(job: Future[None] | None, seconds: float) -> None:
    """Until a job has ended, or for some seconds."""
    if job is not None and seconds:
        await asyncio.wait([asyncio.wrap_future(job)], timeout=seconds)


def _told(response: Response, found: ImportRead, done: int) -> ImportRead:
    response.status_code = 202 if found.state in ("rehearsing", "committing") else done
    response.headers["Location"] = f"/v1/imports/{found.id}"
    return found


def _read(desk: Desk, import_id: str, by: Caller, language: Language) -> ImportRead:
    with desk.database.read() as session:
        return reading.read_import(session, desk, import_id, by, language)


def _read_commit(desk: Desk, import_id: str, by: Caller, language: Language) -> ImportRead:
    with desk.database.read() as session:
        return reading.read_commit(session, desk, import_id, by, language)


@router.get("", summary="List imports", responses=problems(401))
def list_imports(
    session: ReadSession,
    desk: AppDesk,
    caller: Sender,
    language: RequestLanguage,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Page[ImportRead]:
    """The newest first: those of the caller, or all where its right is not bound to some units."""
    before = decode_cursor(cursor, 2)
    found = reading.list_imports(session, desk, caller, before, limit + 1, language)
    items = found[:limit]
    last = [items[-1].recorded_at.isoformat(), items[-1].id] if len(found) > limit else None
    return Page(items=items, next_cursor=encode_cursor(last) if last else None)


@router.get("/{id}", summary="Read an import", responses=problems(401, 404))
def get_import(
    session: ReadSession, desk: AppDesk, caller: Clerk, language: RequestLanguage, import_id: ImportId
) -> ImportRead:
    """How far it is, and what it would do or has done."""
    return reading.read_import(session, desk, import_id, caller, language)


@router.get("/{id}/rows", summary="Read the rows of an import", responses=problems(401, 404))
def list_import_rows(
    session: ReadSession,
    caller: Clerk,
    language: RequestLanguage,
    import_id: ImportId,
    action: LineAction | None = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Page[ImportRowRead]:
    """What each row does: old and new values, or what is wrong with it, column by column."""
    after = decode_cursor(cursor, 1) or ["0"]
    if not after[0].isdecimal() or len(after[0]) > 9:
        refuse([Fault("cursor_invalid", "/query/cursor")])
    found = reading.list_rows(session, import_id, caller, action, int(after[0]), limit + 1, language)
    items = found[:limit]
    last = [str(items[-1].position)] if len(found) > limit else None
    return Page(items=items, next_cursor=encode_cursor(last) if last else None)


@router.post("/{id}/commit", summary="Commit an import", responses=_WORKING | problems(401, 404, 409))
async def post_import_commit(
    response: Response,
    desk: AppDesk,
    caller: Clerk,
    language: RequestLanguage,
    import_id: ImportId,
    on_error: Annotated[OnError, Query(description="`skip`: bad rows are left out.")] = "abort",
    wait: Wait = 10,
) -> ImportRead:
    """Writes exactly what was rehearsed, or nothing: 409 names what has changed since. Done again, it
    does nothing."""
    job = await run_in_threadpool(service.start_commit, desk, import_id, caller, on_error == "skip")
    await _wait(job, wait)
    found = await run_in_threadpool(_read_commit, desk, import_id, caller, language)
    return _told(response, found, 200)


@router.post("/{id}/cancel", summary="Cancel an import", responses=problems(401, 404, 409))
async def post_import_cancel(
    desk: AppDesk, caller: Clerk, language: RequestLanguage, import_id: ImportId
) -> ImportRead:
    """Stops a rehearsal, or forgets what was rehearsed."""
    job = await run_in_threadpool(service.cancel, desk, import_id, caller)
    await _wait(job, 5)
    return await run_in_threadpool(_read, desk, import_id, caller, language)


def _file(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "The bad rows", "content": {media_type: _BINARY}}, **problems(401, 404)}


_CSV = "text/csv"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get(
    "/{id}/rejected.csv",
    summary="Download bad rows as CSV",
    response_class=Response,
    responses=_file(_CSV),
)
def get_rejected_csv(
    database: AppDatabase, caller: Clerk, language: RequestLanguage, import_id: ImportId
) -> Response:
    """As they came, with first what is wrong with each: corrected, the file can be sent again."""
    found = reading.open_rejected(database, import_id, caller, language)
    return _download(f"{found.name}-rejected.csv", _CSV, as_csv(found.headings, found.rows))


@router.get(
    "/{id}/rejected.xlsx",
    summary="Download bad rows as a workbook",
    response_class=Response,
    responses=_file(_XLSX),
)
def get_rejected_xlsx(
    database: AppDatabase, caller: Clerk, language: RequestLanguage, import_id: ImportId
) -> Response:
    """As they came, with first what is wrong with each: corrected, the file can be sent again."""
    found = reading.open_rejected(database, import_id, caller, language)
    return _download(f"{found.name}-rejected.xlsx", _XLSX, as_workbook(found.headings, found.rows))


def _download(name: str, media_type: str, content: Any) -> Response:
    headers = {"Content-Disposition": disposition_of(name)}
    return StreamingResponse(content, headers=headers, media_type=media_type)
