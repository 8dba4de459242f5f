"""Dossier statistics over HTTP."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from app.core.fields import ALL_FIELDS
from app.core.types import ClientScope, Scope
from app.features.figures import service
from app.features.statistics import service as statistics
from app.features.statistics.schemas import DossierRead, DossierWrite, PeriodInPath, RollUp, UnitInPath
from app.infra.auth import Caller, Needs
from app.infra.http import ExactRoute, ReadSession, RequestLanguage, WriteSession
from app.infra.schemas import Code, problems

router = APIRouter(prefix="/units/{unit}", tags=["statistics"], route_class=ExactRoute)
Reporter = Annotated[Caller, Depends(Needs(ClientScope.STATISTICS_WRITE))]
Reader = Annotated[Caller, Depends(Needs(*statistics.READERS))]
Field = Annotated[
    Code | None,
    Query(description="Field of procedure (lĩnh vực); all of them where left out.", examples=["dat-dai"]),
]


@router.put(
    "/dossier-statistics/{period}",
    summary="Report dossier counts",
    responses=problems(401, 404, 409, 413, 415),
)
def put_dossiers(
    session: WriteSession,
    caller: Reporter,
    language: RequestLanguage,
    unit: UnitInPath,
    period: PeriodInPath,
    written: DossierWrite,
    field: Field = None,
) -> DossierRead:
    """Columns that are left out are unknown, never zero. A column larger than its whole is refused;
    a broken identity is kept with a warning. Reports are append-only: the latest counts."""
    parsed = statistics.period_in_path(period)
    statistics.put_dossiers(session, unit, parsed, written, by=caller, field=field or ALL_FIELDS)
    return service.read_dossiers(
        session, unit, parsed, by=caller, language=language, scope=written.scope, field=field
    )


@router.get(
    "/dossier-statistics/{period}", summary="Read dossier counts and rates", responses=problems(401, 404)
)
def get_dossiers(
    session: ReadSession,
    caller: Reader,
    language: RequestLanguage,
    unit: UnitInPath,
    period: PeriodInPath,
    rollup: RollUp = False,
    scope: Annotated[Scope | None, Query(description="Without rollup: which report.")] = None,
    field: Field = None,
    by: Annotated[Literal["level", "field"] | None, Query(description="Of a roll-up: its parts.")] = None,
    map_: Annotated[
        Literal["as_published", "today"],
        Query(alias="map", description="Of a roll-up: units as in the period, or what became of them."),
    ] = "as_published",
) -> DossierRead:
    """Counts as reported, rates, coverage and warnings. With `rollup`, a unit's `total` row stands where
    there is one, else its own counts and those of the units below are added. Without a row of all fields of
    procedure these are added; a period without figures of its own is made of its parts, where none is
    missing; what was reported while its code was another unit's is none. `map=today` adds up the units that
    this one came from, also within the period; whoever asks must reach these, too."""
    parsed = statistics.period_in_path(period)
    if rollup:
        view = service.View(by, map_ == "today", field)
        return service.roll_up_dossiers(session, unit, parsed, by=caller, language=language, view=view)
    return service.read_dossiers(
        session, unit, parsed, by=caller, language=language, scope=scope, field=field
    )
