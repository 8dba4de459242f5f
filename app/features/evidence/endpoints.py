"""The evidence ledger over HTTP."""

import unicodedata
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, Form, Path, Query, Response, UploadFile
from fastapi.responses import StreamingResponse

from app.core.access import READS_SCORES
from app.features.evidence import service
from app.features.evidence.repository import Filters
from app.features.evidence.schemas import EvidenceFileRead, EvidenceRead
from app.infra.auth import Caller, Needs
from app.infra.files import MEDIA_TYPES
from app.infra.http import (
    AppFiles,
    ExactRoute,
    PostSession,
    ReadSession,
    decode_cursor,
    encode_cursor,
)
from app.infra.schemas import Code, Page, problems

router = APIRouter(prefix="/evidence", tags=["evidence"], route_class=ExactRoute)
Reader = Annotated[Caller, Depends(Needs(*READS_SCORES, outside="404"))]
Lister = Annotated[Caller, Depends(Needs(*READS_SCORES, outside="filtered"))]
_DIGEST = r"^[0-9a-f]{64}$"
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_FILE = dict.fromkeys(("application/octet-stream", *MEDIA_TYPES), _BINARY)


@router.post(
    "/files",
    status_code=201,
    summary="Upload a file",
    responses={
        200: {"description": "The unit has this file already", "model": EvidenceFileRead},
        **problems(401, 413, 415),
    },
)
def post_evidence_file(
    session: PostSession,
    caller: Annotated[Caller, Depends(Needs(*service.UPLOADERS))],
    files: AppFiles,
    file: Annotated[UploadFile, File(description="PDF, PNG, JPEG, DOCX, XLSX, ODT or ODS, by its content.")],
    unit: Annotated[Code, Form(description="The unit that it belongs to.", examples=["22.so-noi-vu"])],
    response: Response,
) -> EvidenceFileRead:
    """Stored by its SHA-256; scores then cite it by `sha256`. The file name is for people alone."""
    sent = (file.filename, file.file.read(files.max_bytes + 1))
    read, created = service.add_file(session, files, unit, sent, caller)
    response.status_code = 201 if created else 200
    return read


@router.get(
    "/files/{sha256}",
    summary="Download a file",
    response_class=Response,
    responses={200: {"description": "The file", "content": _FILE}, **problems(401, 404)},
)
def get_evidence_file(
    session: ReadSession,
    caller: Reader,
    files: AppFiles,
    sha256: Annotated[str, Path(pattern=_DIGEST, examples=["9f86d081884c7d659a2feaa0c55ad015" * 2])],
    unit: Annotated[str | None, Query(description="As uploaded by this unit.")] = None,
) -> Response:
    """Always an attachment, of the kind that its content has. Only for callers who reach a unit that uploaded
    it: whether anybody else did is not told."""
    row, content = service.open_file(session, files, sha256, unit, caller)
    headers = {
        "Content-Disposition": disposition_of(row.name),
        "Content-Length": str(row.size),
        "Cache-Control": "private",
    }
    return StreamingResponse(content, headers=headers, media_type=row.media_type)


def disposition_of(name: str) -> str:
    """An attachment (RFC 6266): the name in ASCII, and as it is (RFC 8187)."""
    decomposed = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-()") else "_" for c in plain)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


@router.get("", summary="List evidence", responses=problems(401))
def list_evidence(
    session: ReadSession,
    caller: Lister,
    unit: Annotated[str | None, Query(description="Used by this unit.", examples=["24"])] = None,
    round_code: Annotated[str | None, Query(alias="round", description="Used in this round.")] = None,
    item: Annotated[str | None, Query(description="Used for this item.")] = None,
    sha256: Annotated[str | None, Query(pattern=_DIGEST, description="The digest of the file.")] = None,
    flagged: Annotated[bool | None, Query(description="Only what is flagged, or only what is not.")] = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Page[EvidenceRead]:
    """Documents that scores rely on, by code. The filters choose documents; each is shown with all uses that
    the caller may see, and its flags follow from these alone."""
    after = decode_cursor(cursor, 1)
    filters = Filters(unit=unit, round=round_code, item=item, sha256=sha256, flagged=flagged)
    found = service.list_evidence(session, filters, after[0] if after else None, limit + 1, caller)
    items = found[:limit]
    return Page(items=items, next_cursor=encode_cursor([items[-1].code]) if len(found) > limit else None)


@router.get("/{code}", summary="Read a document of the ledger", responses=problems(401, 404))
def get_evidence(
    session: ReadSession,
    caller: Reader,
    code: Annotated[str, Path(examples=["5f1d7a84db00d2fce00b31a7fc73224f"])],
) -> EvidenceRead:
    """The document with the scores that rely on it. Unknown where the caller may see none of them."""
    return service.read_evidence(session, code, caller)
