"""The audit log over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.core.errors import Fault
from app.core.types import ClientScope
from app.features.audit import service
from app.features.audit.schemas import AuditChain, AuditEvent
from app.infra.auth import Caller, Needs
from app.infra.errors import refuse
from app.infra.http import ExactRoute, ReadSession, decode_cursor, encode_cursor
from app.infra.schemas import Instant, Page, problems

router = APIRouter(prefix="/audit", tags=["audit"], route_class=ExactRoute)
Auditor = Annotated[Caller, Depends(Needs(ClientScope.AUDIT_READ))]


@router.get("", summary="Read the audit log", responses=problems(401))
def list_audit(
    session: ReadSession,
    caller: Annotated[Caller, Depends(Needs(ClientScope.AUDIT_READ, outside="filtered"))],
    jurisdiction: Annotated[str | None, Query(description="Province, or VN.", examples=["22"])] = None,
    round_code: Annotated[str | None, Query(alias="round", examples=["par-province-2021"])] = None,
    unit: Annotated[str | None, Query(examples=["22"])] = None,
    client: Annotated[str | None, Query(examples=["so-noi-vu"])] = None,
    action: Annotated[str | None, Query(examples=["scores.write"])] = None,
    request_id: Annotated[str | None, Query(examples=["0f8fad5bd9cb469f"])] = None,
    since: Annotated[Instant | None, Query(description="At or after this instant.")] = None,
    until: Annotated[Instant | None, Query(description="Before this instant.")] = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Page[AuditEvent]:
    """Every change: who, when, from where, what before, what after, why; chains by jurisdiction, each in its
    order. With a bound scope only the events of the units that it reaches."""
    after = decode_cursor(cursor, 2)
    if after is not None and not (after[1].isdecimal() and len(after[1]) < 19):
        refuse([Fault("cursor_invalid", "/query/cursor")])
    filters = {
        "jurisdiction_code": jurisdiction,
        "round_code": round_code,
        "unit_code": unit,
        "client_code": client,
        "action": action,
        "request_id": request_id,
    }
    found = service.list_events(
        session, caller, filters=filters, since=since, until=until, after=after, limit=limit + 1
    )
    items = found[:limit]
    last = [items[-1].jurisdiction, str(items[-1].sequence)] if len(found) > limit else None
    return Page(items=items, next_cursor=encode_cursor(last) if last else None)


@router.get("/chains", summary="Read the newest links", responses=problems(401))
def list_audit_chains(session: ReadSession, caller: Auditor) -> Page[AuditChain]:
    """The newest link of each chain. Kept elsewhere, these lines prove later that nothing before them was
    changed: `parindex audit verify --known FILE`."""
    return Page(items=service.list_chains(session, caller))
