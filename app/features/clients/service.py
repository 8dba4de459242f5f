"""Clients: who may call and what it may do. Nobody hands out, sees or revokes more than he has himself."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import orjson
from sqlmodel import Session

from app.core.access import NATION, Grant
from app.core.errors import Fault
from app.core.types import ClientScope
from app.features.clients import repository
from app.features.clients.schemas import ClientCreate, ClientCreated, ClientRead, ClientState, GrantRead
from app.features.units import repository as unit_queries
from app.features.units import service as units
from app.infra import audit
from app.infra.auth import Caller, digest_of, load_grants, make_key
from app.infra.clock import today
from app.infra.errors import ConflictError, ForbiddenError, NotFoundError, refuse
from app.models import ClientRow

OPERATORS = ("admin", "cli", "examples", "reference", "upgrade")
"""Names under which the service itself acts: in the audit log they must mean nobody else."""
_HINT = 8


def create_client(session: Session, written: ClientCreate, by: Caller) -> ClientCreated:
    """A new client and its key, which is nowhere afterwards."""
    grants = [grant.as_grant() for grant in written.grants]
    _check(session, written)
    _require_own(session, by, grants, written.home_unit)
    if repository.find_client(session, written.code) is not None:
        raise ConflictError("client_exists", client=written.code)
    key = make_key()
    row = ClientRow(
        code=written.code,
        name=written.name,
        key_sha256=digest_of(key),
        key_hint=key[:_HINT],
        grants=orjson.dumps([str(grant) for grant in dict.fromkeys(grants)]).decode(),
        home_unit_code=written.home_unit,
        expires_at=written.expires_at.astimezone(UTC) if written.expires_at else None,
        recorded_at=datetime.now(UTC),
        recorded_by=by.code,
    )
    repository.add_client(session, row)
    read = _read(row)
    _remember(session, by, "client.create", None, read)
    return ClientCreated(**dict(read), key=key)


def list_clients(session: Session, by: Caller, after: str | None, limit: int) -> list[ClientRead]:
    """The clients by code that the caller could have made himself."""
    rows = repository.list_clients(session, after)
    grants = {row.code: load_grants(row.grants) for row in rows}
    own = _find_own(session, by, {grant for held in grants.values() for grant in held})
    return [_read(row) for row in rows if own.issuperset(grants[row.code])][:limit]


def get_client(session: Session, code: str, by: Caller) -> ClientRead:
    """One client."""
    return _read(_get(session, code, by))


def revoke_client(session: Session, code: str, by: Caller) -> ClientRead:
    """From now on its key is refused; doing it again changes nothing."""
    row = _get(session, code, by, for_update=True)
    if row.revoked_at is not None:
        return _read(row)
    before = _read(row)
    row.revoked_at = datetime.now(UTC)
    session.add(row)
    session.flush()
    read = _read(row)
    _remember(session, by, "client.revoke", before, read)
    return read


def _get(session: Session, code: str, by: Caller, *, for_update: bool = False) -> ClientRow:
    row = repository.find_client(session, code, for_update=for_update)
    if row is None or not _find_own(session, by, load_grants(row.grants)).issuperset(load_grants(row.grants)):
        raise NotFoundError("client_unknown", client=code)
    return row


def _check(session: Session, written: ClientCreate) -> None:
    """Refuse names of the service itself, units that never were, and keys that are over before they begin."""
    named = {f"/grants/{at}/unit": grant.unit for at, grant in enumerate(written.grants)}
    named["/home_unit"] = written.home_unit
    wanted = {pointer: unit for pointer, unit in named.items() if unit is not None}
    known = {version.unit_code for version in unit_queries.list_versions(session, set(wanted.values()))}
    faults = [Fault("unit_unknown", at, {"unit": unit}) for at, unit in wanted.items() if unit not in known]
    if written.code in OPERATORS:
        faults.append(Fault("client_code_reserved", "/code", {"client": written.code}))
    if written.expires_at is not None and written.expires_at <= datetime.now(UTC):
        faults.append(Fault("expires_in_the_past", "/expires_at"))
    refuse(faults)


def _require_own(session: Session, by: Caller, grants: Sequence[Grant], home_unit: str | None) -> None:
    """Refuse to hand out more than the caller has, where he manages clients. Whoever may not appraise his
    own unit does not make a client that may."""
    missing = set(grants) - _find_own(session, by, grants)
    appraising = [grant for grant in grants if grant.scope is ClientScope.SCORES_APPRAISE]
    missing |= {grant for grant in appraising if _reaches_own(session, by, grant, home_unit)}
    if missing:
        faults = [
            Fault("grant_exceeds_own", f"/grants/{at}", {"grants": str(grant)})
            for at, grant in enumerate(grants)
            if grant in missing
        ]
        raise ForbiddenError("grant_exceeds_own", faults, grants=", ".join(sorted(map(str, missing))))


def _reaches_own(session: Session, by: Caller, grant: Grant, home_unit: str | None) -> bool:
    """Whether a grant would appraise a unit that the caller reports for (his home unit may be the new
    client's, too, which then never appraises it)."""
    if by.is_admin:
        return False
    on = today()
    if by.home_unit not in (None, home_unit) and units.find_covered(
        session, [grant], [str(by.home_unit)], on
    ):
        return True
    own = by.having(ClientScope.SCORES_SELF)
    reaches = (unit_queries.reach_of(own), unit_queries.reach_of([grant]))
    return bool(own) and unit_queries.reaches_meet(session, *reaches, on)


def _find_own(session: Session, by: Caller, grants: Iterable[Grant]) -> set[Grant]:
    """Those of some grants that lie within the caller's of the same scope, where he manages clients."""
    wanted = set(grants)
    places = {grant: replace(grant, scope=ClientScope.CLIENTS_MANAGE) for grant in wanted}
    day = today()
    within = {
        grant
        for scope in ClientScope
        for grant in _within(
            session,
            by.having(scope),
            {g for g in wanted.union(places.values()) if g.scope is scope},
            day,
        )
    }
    return {grant for grant in wanted if grant in within and places[grant] in within}


def _within(session: Session, own: Sequence[Grant], wanted: set[Grant], day: date) -> set[Grant]:
    """Those of some grants that grants of the same scope contain: everything contains all, a unit those at or
    below it, a group only itself."""
    if not wanted or any(grant.everywhere for grant in own):
        return wanted
    bound = [grant for grant in own if grant.unit is not None]
    reached = units.find_covered(session, bound, {grant.unit for grant in wanted if grant.unit}, day)
    return {g for g in wanted if g in own or (g.unit is not None and g.unit != NATION and g.unit in reached)}


def _read(row: ClientRow) -> ClientRead:
    state = ClientState.ACTIVE
    if row.revoked_at is not None:
        state = ClientState.REVOKED
    elif row.expires_at is not None and row.expires_at <= datetime.now(UTC):
        state = ClientState.EXPIRED
    return ClientRead(
        code=row.code,
        name=row.name,
        state=state,
        grants=[GrantRead(scope=g.scope, unit=g.unit, group=g.group) for g in load_grants(row.grants)],
        home_unit=row.home_unit_code,
        key_hint=row.key_hint,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
    )


def _remember(
    session: Session, by: Caller, action: str, before: ClientRead | None, after: ClientRead
) -> None:
    said = None if before is None else before.model_dump(mode="json")
    event = audit.Event(by, action, NATION, {"client": after.code}, said, after.model_dump(mode="json"))
    audit.record(session, event)
