"""The one list of routers, in reading order."""

from fastapi import APIRouter, Depends

from app.features.audit import endpoints as audit
from app.features.authoring import endpoints as authoring
from app.features.changes import endpoints as changes
from app.features.clients import endpoints as clients
from app.features.comparisons import endpoints as comparisons
from app.features.duties import endpoints as duties
from app.features.evidence import endpoints as evidence
from app.features.explanations import endpoints as explanations
from app.features.exports import endpoints as exports
from app.features.figures import endpoints as figures
from app.features.findings import endpoints as findings
from app.features.frameworks import endpoints as frameworks
from app.features.imports import endpoints as imports
from app.features.measures import endpoints as measures
from app.features.publications import endpoints as publications
from app.features.quality import endpoints as quality
from app.features.rankings import endpoints as rankings
from app.features.results import endpoints as results
from app.features.rounds import endpoints as rounds
from app.features.scores import endpoints as scores
from app.features.sheets import endpoints as sheets
from app.features.statistics import endpoints as statistics
from app.features.units import endpoints as units
from app.infra import health
from app.infra.auth import identify
from app.infra.http import refuse_odd_parameters

router = APIRouter(dependencies=[Depends(refuse_odd_parameters)])
v1 = APIRouter(prefix="/v1", dependencies=[Depends(identify)])
ROOMS = (
    units,
    frameworks,
    authoring,
    comparisons,
    measures,
    clients,
    rounds,
    sheets,
    scores,
    evidence,
    findings,
    figures,
    quality,
    statistics,
    imports,
    duties,
    results,
    rankings,
    explanations,
    exports,
    publications,
    changes,
    audit,
)
for room in ROOMS:
    v1.include_router(room.router)
v1.include_router(imports.uploads)
router.include_router(v1)
router.include_router(publications.keys)
router.include_router(health.router)
