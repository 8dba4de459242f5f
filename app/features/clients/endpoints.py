"""Clients over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from app.core.types import ClientScope
from app.features.clients import service
from app.features.clients.schemas import ClientCreate, ClientCreated, ClientRead
from app.infra.auth import Caller, Needs
from app.infra.http import ExactRoute, PostSession, ReadSession, decode_cursor, encode_cursor
from app.infra.schemas import Page, problems

router = APIRouter(prefix="/clients", tags=["clients"], route_class=ExactRoute)
Manager = Annotated[Caller, Depends(Needs(ClientScope.CLIENTS_MANAGE))]
ManagerOfSome = Annotated[Caller, Depends(Needs(ClientScope.CLIENTS_MANAGE, outside="404"))]
Lister = Annotated[Caller, Depends(Needs(ClientScope.CLIENTS_MANAGE, outside="filtered"))]
ClientCode = Annotated[str, Path(examples=["so-noi-vu"])]


@router.get("", summary="List clients", responses=problems(401))
def list_clients(
    session: ReadSession,
    caller: Lister,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Most items of a page.")] = 100,
) -> Page[ClientRead]:
    """Clients in order of code: those whose grants lie within the caller's own."""
    after = decode_cursor(cursor, 1)
    found = service.list_clients(session, caller, after[0] if after else None, limit + 1)
    items = found[:limit]
    return Page(items=items, next_cursor=encode_cursor([items[-1].code]) if len(found) > limit else None)


@router.post(
    "",
    status_code=201,
    summary="Create a client and its key",
    responses=problems(401, 409, 413, 415),
    openapi_extra={"x-shown-once": "key"},
)
def post_client(session: PostSession, caller: Manager, written: ClientCreate) -> ClientCreated:
    """The `key` is in this answer alone; what is stored is its SHA-256. Every grant must lie within a grant
    of the caller with the same scope, and within his `clients:manage`."""
    return service.create_client(session, written, caller)


@router.get("/{code}", summary="Read a client", responses=problems(401, 404))
def get_client(session: ReadSession, caller: ManagerOfSome, code: ClientCode) -> ClientRead:
    """What it may do, until when, and when it last called."""
    return service.get_client(session, code, caller)


@router.post("/{code}/revoke", summary="Revoke the key of a client", responses=problems(401, 404, 413))
def post_revocation(session: PostSession, caller: ManagerOfSome, code: ClientCode) -> ClientRead:
    """Its key is refused from now on. A revoked client stays in the list; a new key is a new client."""
    return service.revoke_client(session, code, caller)
