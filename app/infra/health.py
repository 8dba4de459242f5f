"""Whether the service lives, is ready, and which it is."""

from importlib.metadata import version

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import Field
from sqlalchemy import text

from app.core import ENGINE_VERSION
from app.infra.http import ReadSession
from app.infra.schemas import Read, problems

router = APIRouter(tags=["service"])


class Health(Read):
    """A short word."""

    status: str = Field(examples=["ok"])


class Version(Read):
    """Which service and which method of computing."""

    service: str = Field(examples=["0.1.0"])
    engine_version: str = Field(examples=["1"])


@router.get("/livez", summary="Is the process alive?")
async def get_livez() -> Health:
    """Answers without touching the database."""
    return Health(status="ok")


@router.get("/readyz", summary="Can it serve?", responses=problems())
def get_readyz(session: ReadSession) -> Health:
    """Answers `ok` when the database is reachable and migrated."""
    session.execute(text("SELECT revision FROM unit_tree")).all()
    return Health(status="ok")


@router.get("/version", summary="Which version runs?")
async def get_version() -> Version:
    """The version of the service, and of the engine that computes the numbers."""
    return Version(service=version("parindex"), engine_version=str(ENGINE_VERSION))


@router.get("/metrics", summary="Counters for Prometheus", response_class=Response)
async def get_metrics(request: Request) -> Response:
    """Requests by route and status, and their durations, of this worker."""
    return Response(generate_latest(request.app.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)
