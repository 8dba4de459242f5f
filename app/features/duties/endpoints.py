"""Duties over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.features.duties import service
from app.features.duties.schemas import DutiesRead
from app.features.statistics.schemas import PeriodInPath, UnitInPath
from app.features.statistics.service import READERS, period_in_path
from app.infra.auth import Caller, Needs
from app.infra.http import ExactRoute, ReadSession, RequestLanguage
from app.infra.schemas import problems

router = APIRouter(prefix="/units/{unit}", tags=["statistics"], route_class=ExactRoute)


@router.get("/duties/{period}", summary="Read what a unit owes", responses=problems(401, 404))
def get_duties(
    session: ReadSession,
    caller: Annotated[Caller, Depends(Needs(*READERS))],
    language: RequestLanguage,
    unit: UnitInPath,
    period: PeriodInPath,
) -> DutiesRead:
    """Duties beside the counts, of the unit with everything below it: letters of apology for overdue
    dossiers, procedures published, tasks of the plan, staff reduction. What nobody reported stays unknown."""
    return service.read_duties(session, unit, period_in_path(period), language, caller)
