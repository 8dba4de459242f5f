"""The audit log read, and proven."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import orjson
from sqlmodel import Session

from app.core.access import NATION
from app.core.types import ClientScope
from app.features.audit import repository
from app.features.audit.schemas import AuditChain, AuditEvent, AuditVerification, BrokenLink
from app.features.units.repository import reach_of
from app.infra import audit
from app.infra.auth import Caller, require_everywhere
from app.infra.clock import today
from app.models import AuditChainRow, AuditEventRow


def list_events(
    session: Session,
    caller: Caller,
    *,
    filters: dict[str, str | None],
    since: datetime | None,
    until: datetime | None,
    after: Sequence[str] | None,
    limit: int,
) -> list[AuditEvent]:
    """Events that the caller may see: all, or those of the units that its scope reaches today."""
    visible = repository.visible_within(reach_of(caller.having(ClientScope.AUDIT_READ)), today())
    rows = repository.list_events(
        session, filters=filters, since=since, until=until, visible=visible, after=after, limit=limit
    )
    return [_read(row) for row in rows]


def _read(row: AuditEventRow) -> AuditEvent:
    def plain(text: str | None) -> object:
        return None if text is None else orjson.loads(text)

    return AuditEvent(
        **row.model_dump(include={"sequence", "recorded_at", "address", "request_id", "action", "reason"}),
        jurisdiction=row.jurisdiction_code,
        client=row.client_code,
        subject=orjson.loads(row.subject),
        before=plain(row.before),
        after=plain(row.after),
        digests=orjson.loads(row.digests),
        previous_hash=row.previous_hash,
        hash=row.hash,
    )


def list_chains(session: Session, caller: Caller) -> list[AuditChain]:
    """The newest link of each chain."""
    require_everywhere(caller, ClientScope.AUDIT_READ)
    return [_chain(row) for row in repository.list_chains(session)]


def _chain(row: AuditChainRow) -> AuditChain:
    return AuditChain(jurisdiction=row.jurisdiction_code, sequence=row.sequence, hash=row.hash)


def begin(session: Session, by: Caller) -> int:
    """Vouch, once in the life of a database, for rows that are older than its audit log; how many."""
    if repository.has_begun(session):
        return 0
    vouched = {name for row in repository.iterate_events(session) for name in orjson.loads(row.digests)}
    found = {name: digest for name, digest, _ in repository.iterate_digests(session)}
    digests = {name: digest for name, digest in found.items() if name not in vouched}
    after = {"rows_vouched_for": len(digests)}
    audit.record(session, audit.Event(by, repository.BEGIN, NATION, {}, None, after, None, digests))
    return len(digests)


def verify(session: Session, known: Iterable[AuditChain] = ()) -> AuditVerification:
    """Check every chain link by link, and every history against the digests in them.

    `known`: links that were kept elsewhere; the chains must still hold them.
    """
    broken: dict[str, BrokenLink] = {}
    heads: dict[str, tuple[int, str]] = {}
    vouched: dict[str, tuple[str, int, str]] = {}
    kept = {(link.jurisdiction, link.sequence): link.hash for link in known}
    count = 0
    for row in repository.iterate_events(session):
        count += 1
        jurisdiction = row.jurisdiction_code
        fault = _link_fault(row, heads.get(jurisdiction, (0, audit.NO_HASH)))
        if fault is None and kept.pop((jurisdiction, row.sequence), row.hash) != row.hash:
            fault = "differs_from_known"
        if fault is not None:
            link = BrokenLink(
                jurisdiction=jurisdiction, sequence=row.sequence, place="audit_event", fault=fault
            )
            broken.setdefault(jurisdiction, link)
        heads[jurisdiction] = (row.sequence, row.hash)
        for name, digest in orjson.loads(row.digests).items():
            vouched[name] = (jurisdiction, row.sequence, digest)
    chains = repository.list_chains(session)
    _check_heads(chains, heads, broken)
    for jurisdiction, sequence in kept:
        link = BrokenLink(jurisdiction=jurisdiction, sequence=sequence, place="audit_event", fault="missing")
        broken.setdefault(jurisdiction, link)
    rows, faults = _check_histories(session, vouched)
    links = [*broken.values(), *faults]
    return AuditVerification(
        intact=not links,
        events=count,
        rows=rows,
        chains=[_chain(row) for row in chains],
        broken=sorted(links, key=lambda link: (link.jurisdiction, link.sequence or 0)),
    )


def _link_fault(row: AuditEventRow, before: tuple[int, str]) -> str | None:
    """What is wrong with an event behind the one before it."""
    sequence, previous = before
    if row.sequence != sequence + 1:
        return "missing"
    if row.previous_hash != previous:
        return "chain_broken"
    if audit.hash_of(row.model_dump()) != row.hash:
        return "content_differs"
    return None


def _check_heads(
    chains: Iterable[AuditChainRow], heads: dict[str, tuple[int, str]], broken: dict[str, BrokenLink]
) -> None:
    """The newest event of a chain must be the one that the chain remembers: nothing was cut off its end."""
    remembered = {row.jurisdiction_code: (row.sequence, row.hash) for row in chains}
    for jurisdiction in remembered.keys() | heads.keys():
        if remembered.get(jurisdiction) != heads.get(jurisdiction):
            sequence = heads.get(jurisdiction, (0, ""))[0] + 1
            link = BrokenLink(
                jurisdiction=jurisdiction, sequence=sequence, place="audit_chain", fault="missing"
            )
            broken.setdefault(jurisdiction, link)


def _check_histories(
    session: Session, vouched: dict[str, tuple[str, int, str]]
) -> tuple[int, list[BrokenLink]]:
    """(rows checked, what is not as it was written): changed, added without an event, or gone."""
    left = dict(vouched)
    rows, faults = 0, []
    for name, digest, size in repository.iterate_digests(session):
        rows += size
        expected = left.pop(name, None)
        if expected is None:
            faults.append(BrokenLink(jurisdiction="-", sequence=None, place=name, fault="not_recorded"))
        elif expected[2] != digest:
            faults.append(_history_fault(expected, name, "content_differs"))
    for name, expected in left.items():
        if not _is_superseded(name, vouched):
            faults.append(_history_fault(expected, name, "missing"))
    faults += [
        BrokenLink(jurisdiction="-", sequence=None, place=place, fault=fault)
        for place, fault in repository.list_contradictions(session)
    ]
    return rows, faults


def _is_superseded(name: str, vouched: dict[str, tuple[str, int, str]]) -> bool:
    """Whether a later publication of the same round stands in place of this one."""
    kind, _, rest = name.partition("/")
    code, _, revision = rest.rpartition("/")
    if kind != "published":
        return False
    later = (n.rpartition("/") for n in vouched if n.startswith(f"published/{code}/"))
    return any(int(number) > int(revision) for _, _, number in later)


def _history_fault(expected: tuple[str, int, str], name: str, fault: str) -> BrokenLink:
    jurisdiction, sequence, _ = expected
    return BrokenLink(jurisdiction=jurisdiction, sequence=sequence, place=name, fault=fault)
