"""Score sheets over HTTP: as JSON, and as the files that officials print."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Response

from app.core.access import READS_SCORES
from app.features.exports import service
from app.features.exports.mapping import Printed
from app.features.results import service as results
from app.features.results.schemas import SheetRead
from app.infra.auth import Caller, Needs
from app.infra.http import ExactRoute, ReadSession, RequestLanguage
from app.infra.official.document import MEDIA_TYPES
from app.infra.schemas import Day, problems

router = APIRouter(prefix="/rounds/{round}", tags=["results"], route_class=ExactRoute)
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The sheet; as a file where `format` asks for one",
        "content": {
            media: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA_TYPES.values()
        },
    }
}


def _text(description: str, example: str) -> Any:
    return Query(max_length=200, description=f"{description} For files.", examples=[example])


async def _printed(
    number: Annotated[str | None, _text("Số, ký hiệu; dotted where left out.", "12/BC-UBND")] = None,
    place: Annotated[str | None, _text("Địa danh; dotted where left out.", "Mỹ Xuyên")] = None,
    signed_on: Annotated[
        Day | None, Query(description="Ngày ký; dotted where left out. For files.", examples=["2022-01-05"])
    ] = None,
    position: Annotated[
        str | None, _text("Quyền hạn, chức vụ of who signs; dotted where left out.", "CHỦ TỊCH")
    ] = None,
    signer: Annotated[
        str | None, _text("Full name of who signs; dotted where left out.", "Nguyễn Văn A")
    ] = None,
    issuer: Annotated[
        str | None, _text("Cơ quan ban hành; the unit where left out.", "UBND huyện Mỹ Xuyên")
    ] = None,
    superior: Annotated[
        str | None,
        _text("Cơ quan chủ quản; the unit above where left out, none where empty.", "UBND tỉnh Sóc Trăng"),
    ] = None,
) -> Printed:
    return Printed(number, place, signed_on, position, signer, issuer, superior)


@router.get(
    "/units/{unit}/sheet",
    summary="Read a score sheet",
    response_model=SheetRead,
    responses={**problems(401, 404, 409), **FILES},
)
def get_sheet(
    session: ReadSession,
    caller: Annotated[Caller, Depends(Needs(*READS_SCORES))],
    language: RequestLanguage,
    code: Annotated[str, Path(alias="round", examples=["par-province-2020"])],
    unit: Annotated[str, Path(examples=["22"])],
    response: Response,
    printed: Annotated[Printed, Depends(_printed)],
    format_: Annotated[
        Literal["json", "xlsx", "docx"],
        Query(alias="format", description="`xlsx` and `docx` are laid out by Decree 30/2020/NĐ-CP."),
    ] = "json",
) -> SheetRead | Response:
    """Every item with every stage side by side, which of them counts, how they came about, and what
    inspections found. The ETag of the JSON is for `If-Match`."""
    row = results.open_round(session, code)
    if format_ == "json":
        sheet = results.read_sheet(session, row, unit, caller, language)
        response.headers["ETag"] = f'"{sheet.revision}"'
        return sheet
    file = service.export_sheet(session, row, unit, format_, printed, caller, language)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, headers=headers, media_type=file.media_type)
