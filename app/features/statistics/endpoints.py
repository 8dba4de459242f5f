"""Measures over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from app.core.types import ClientScope
from app.features.statistics import service
from app.features.statistics.schemas import MeasureRead, MeasureWrite, PeriodInPath, RollUp, UnitInPath
from app.infra.auth import Caller, Needs
from app.infra.http import ExactRoute, ReadSession, RequestLanguage, WriteSession
from app.infra.schemas import Code, problems

router = APIRouter(prefix="/units/{unit}", tags=["statistics"], route_class=ExactRoute)
Reporter = Annotated[Caller, Depends(Needs(ClientScope.STATISTICS_WRITE))]
Reader = Annotated[Caller, Depends(Needs(*service.READERS))]


@router.put(
    "/measures/{measure}/{period}", summary="Report a measure", responses=problems(401, 404, 409, 413, 415)
)
def put_measure(
    session: WriteSession,
    caller: Reporter,
    language: RequestLanguage,
    unit: UnitInPath,
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
    unit: UnitInPath,
    measure: Annotated[str, Path(examples=["plan_tasks"])],
    period: PeriodInPath,
    rollup: RollUp = False,
) -> MeasureRead:
    """With `rollup`, numerators and denominators of the unit and of all below it are added, then divided.
    Scores and duties read what the unit reported itself, and such a sum only where it reported nothing."""
    parsed = service.period_in_path(period)
    if rollup:
        return service.roll_up_measure(session, unit, measure, parsed, language, caller)
    return service.read_measure(session, unit, measure, parsed, language, caller)
