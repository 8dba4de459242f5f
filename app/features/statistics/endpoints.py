"""Dossier statistics and measures over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from app.core.access import READS_SCORES
from app.core.types import ClientScope, Scope
from app.features.statistics import service
from app.features.statistics.schemas import DossierRead, DossierWrite, MeasureRead, MeasureWrite
from app.infra.auth import Caller, Needs
from app.infra.http import ExactRoute, ReadSession, RequestLanguage, WriteSession
from app.infra.schemas import Code, problems

router = APIRouter(prefix="/units/{unit}", tags=["statistics"], route_class=ExactRoute)
UnitCode = Annotated[str, Path(examples=["31.cau-tre"])]
PeriodInPath = Annotated[
    str,
    Path(
        description="2021, 2021-H1, 2021-Q3, 2021-09, or an interval 2021-01-01--2021-09-15.",
        examples=["2022-01-01--2022-09-15"],
    ),
]
Reporter = Annotated[Caller, Depends(Needs(ClientScope.STATISTICS_WRITE))]
Reader = Annotated[Caller, Depends(Needs(ClientScope.STATISTICS_WRITE, *READS_SCORES))]
RollUp = Annotated[bool, Query(description="With everything below the unit.")]


@router.put(
    "/dossier-statistics/{period}",
    summary="Report dossier counts",
    responses=problems(401, 404, 409, 413, 415),
)
def put_dossiers(
    session: WriteSession,
    caller: Reporter,
    language: RequestLanguage,
    unit: UnitCode,
    period: PeriodInPath,
    written: DossierWrite,
) -> DossierRead:
    """Columns that are left out are unknown, never zero. A column larger than its whole is refused;
    a broken identity is kept with a warning. Reports are append-only: the latest counts."""
    parsed = service.period_in_path(period)
    return service.put_dossiers(session, unit, parsed, written, by=caller, language=language)


@router.get(
    "/dossier-statistics/{period}", summary="Read dossier counts and rates", responses=problems(401, 404)
)
def get_dossiers(
    session: ReadSession,
    caller: Reader,
    language: RequestLanguage,
    unit: UnitCode,
    period: PeriodInPath,
    rollup: RollUp = False,
    scope: Annotated[Scope | None, Query(description="Without rollup: which report.")] = None,
) -> DossierRead:
    """Counts as reported, rates, coverage and warnings. With `rollup`, a unit's `total` row stands where
    there is one, else its own counts and those of the units below are added."""
    parsed = service.period_in_path(period)
    if rollup:
        return service.roll_up_dossiers(session, unit, parsed, language, caller)
    return service.read_dossiers(session, unit, parsed, scope=scope, language=language, by=caller)


@router.put(
    "/measures/{measure}/{period}", summary="Report a measure", responses=problems(401, 404, 409, 413, 415)
)
def put_measure(
    session: WriteSession,
    caller: Reporter,
    language: RequestLanguage,
    unit: UnitCode,
    measure: Annotated[Code, Path(examples=["plan_tasks"])],
    period: PeriodInPath,
    written: MeasureWrite,
) -> MeasureRead:
    """A measure is numerator and denominator (14 of 27 tasks), or a value, or a percentage."""
    parsed = service.period_in_path(period)
    return service.put_measure(session, unit, measure, parsed, written, by=caller, language=language)


@router.get("/measures/{measure}/{period}", summary="Read a measure", responses=problems(401, 404))
def get_measure(
    session: ReadSession,
    caller: Reader,
    language: RequestLanguage,
    unit: UnitCode,
    measure: Annotated[str, Path(examples=["plan_tasks"])],
    period: PeriodInPath,
    rollup: RollUp = False,
) -> MeasureRead:
    """With `rollup`, numerators and denominators are added over the tree, then divided."""
    parsed = service.period_in_path(period)
    if rollup:
        return service.roll_up_measure(session, unit, measure, parsed, language, caller)
    return service.read_measure(session, unit, measure, parsed, language, caller)
