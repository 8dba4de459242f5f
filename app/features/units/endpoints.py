"""Units over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.core.types import ClientScope, UnitKind
from app.features.units import service
from app.features.units.schemas import Lineage, UnitRead, UnitWrite
from app.infra.auth import Caller, Needs
from app.infra.clock import today
from app.infra.http import ExactRoute, ReadSession, WriteSession, decode_cursor, encode_cursor
from app.infra.schemas import Code, Day, Page, problems
from app.infra.shelf import SHARED

router = APIRouter(prefix="/units", tags=["units"], route_class=ExactRoute)
Limit = Annotated[int, Query(ge=1, le=1000, description="Most items of a page.")]


@router.get("", summary="List or search units", responses=problems(304, 401), dependencies=[SHARED])
def list_units(
    session: ReadSession,
    kind: UnitKind | None = None,
    parent: Annotated[str | None, Query(description="Code of the unit above.", examples=["VN"])] = None,
    group: Annotated[str | None, Query(examples=["region.dong-bang-song-hong"])] = None,
    valid_on: Annotated[Day | None, Query(description="As on this day; today where left out.")] = None,
    q: Annotated[str | None, Query(max_length=100, description="Part of a name, accents or not.")] = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Limit = 100,
) -> Page[UnitRead]:
    """Units in order of code. `q=hai phong` finds Hải Phòng."""
    after = decode_cursor(cursor, 1)
    found = service.list_units(
        session,
        valid_on or today(),
        filters={"kind": kind, "parent_code": parent, "group": group},
        text=q,
        after=after[0] if after else None,
        limit=limit + 1,
    )
    more = len(found) > limit
    items = found[:limit]
    return Page(items=items, next_cursor=encode_cursor([items[-1].code]) if more else None)


@router.get("/{code}", summary="Read a unit", responses=problems(304, 401, 404), dependencies=[SHARED])
def get_unit(
    session: ReadSession,
    code: str,
    valid_on: Annotated[Day | None, Query(description="As on this day; today where left out.")] = None,
) -> UnitRead:
    """The version of the unit on a day: code 15 is Yên Bái until 2025-06-30, then Lào Cai."""
    return service.get_unit(session, code, valid_on or today())


@router.put(
    "/{code}",
    summary="Create or change a version of a unit",
    responses={201: {"description": "Created", "model": UnitRead}, **problems(401, 409, 413, 415)},
)
def put_unit(
    session: WriteSession,
    caller: Annotated[Caller, Depends(Needs(ClientScope.UNITS_WRITE))],
    code: Code,
    unit: UnitWrite,
    response: Response,
) -> UnitRead:
    """Set the version that begins on `valid_from`; an open version before it ends the day before."""
    written, created = service.put_unit(session, code, unit, caller)
    response.status_code = 201 if created else 200
    return written


@router.get(
    "/{code}/lineage",
    summary="What a unit came from and became",
    responses=problems(304, 401, 404),
    dependencies=[SHARED],
)
def get_lineage(session: ReadSession, code: str) -> Lineage:
    """All versions of a code with mergers, renames and continuations and their legal instruments."""
    return service.read_lineage(session, code)
