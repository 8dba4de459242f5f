"""Whether the service lives, is ready, and which it is."""

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import Field
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.core import ENGINE_VERSION
from app.infra.errors import UnavailableError
from app.infra.http import ReadSession
from app.infra.schemas import Read, problems

router = APIRouter(tags=["service"])
_REFUSED: dict[int | str, dict[str, Any]] = {422: problems()[422]}
_SAMPLE = 'parindex_requests_total{route="/rounds",method="GET",status="200"} 3.0'


class Health(Read):
    """A short word."""

    status: str = Field(examples=["ok"])


class Version(Read):
    """Which service and which method of computing."""

    service: str = Field(examples=["0.1.0"])
    engine_version: str = Field(examples=["1"])


@router.get("/livez", summary="Is the process alive?", responses=_REFUSED)
async def get_livez() -> Health:
    """Answers without touching the database."""
    return Health(status="ok")


@router.get("/readyz", summary="Can it serve?", responses=problems())
def get_readyz(session: ReadSession) -> Health:
    """Answers `ok` when the database is reachable and migrated."""
    try:
        session.execute(text("SELECT revision FROM unit_tree")).all()
    except ProgrammingError as error:
        raise UnavailableError("database_unavailable") from error
    return Health(status="ok")


@router.get("/version", summary="Which version runs?", responses=_REFUSED)
async def get_version() -> Version:
    """The version of the service, and of the engine that computes the numbers."""
    return Version(service=version("parindex"), engine_version=str(ENGINE_VERSION))


@router.get(
    "/metrics",
    summary="Counters for Prometheus",
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/plain": {"example": _SAMPLE}}}, **_REFUSED},
)
async def get_metrics(request: Request) -> Response:
    """Requests by route and status, and their durations, of this worker."""
    return Response(generate_latest(request.app.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)
