"""Quality of dossier counts over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.core.types import ClientScope
from app.features.quality import service
from app.features.quality.schemas import AcknowledgementCreate, QualityRead
from app.features.statistics import service as statistics
from app.features.statistics.schemas import PeriodInPath, StatisticWarning, UnitInPath
from app.infra.auth import Caller, Needs
from app.infra.http import ExactRoute, PostSession, ReadSession, RequestLanguage
from app.infra.schemas import Day, problems

router = APIRouter(prefix="/units/{unit}", tags=["statistics"], route_class=ExactRoute)


@router.post(
    "/dossier-statistics/{period}/acknowledgements",
    status_code=201,
    summary="Say why a warning stands",
    responses=problems(401, 404, 409, 413, 415),
)
def post_acknowledgement(
    session: PostSession,
    caller: Annotated[Caller, Depends(Needs(ClientScope.STATISTICS_WRITE))],
    language: RequestLanguage,
    unit: UnitInPath,
    period: PeriodInPath,
    written: AcknowledgementCreate,
) -> StatisticWarning:
    """The reason stands beside the warning until a report that it rests on changes."""
    parsed = statistics.period_in_path(period)
    return service.acknowledge(session, unit, parsed, written, caller, language)


@router.get(
    "/statistics-quality/{period}", summary="Read how good dossier counts are", responses=problems(401, 404)
)
def get_statistics_quality(
    session: ReadSession,
    caller: Annotated[Caller, Depends(Needs(*statistics.READERS))],
    language: RequestLanguage,
    unit: UnitInPath,
    period: PeriodInPath,
    deadline: Annotated[Day | None, Query(description="Last day to report.", examples=["2022-10-05"])] = None,
) -> QualityRead:
    """Completeness, timeliness and consistency of the unit's own report, and of the reports below it."""
    parsed = statistics.period_in_path(period)
    return service.read_quality(session, unit, parsed, deadline, caller, language)
