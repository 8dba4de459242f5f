"""Queries of the audit log, and of the histories that it vouches for."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from sqlmodel import Session, SQLModel, col, or_, select

from app.infra import audit
from app.models import (
    AuditChainRow,
    AuditEventRow,
    DossierStatisticRow,
    EvidenceFileRow,
    FindingRow,
    MeasureValueRow,
    RoundTransitionRow,
    ScoreEntryRow,
    SheetSubmissionRow,
)

Event = AuditEventRow
BATCH = 2000

ROWS: Mapping[type[SQLModel], tuple[str, ...]] = {
    RoundTransitionRow: ("round_code", "revision"),
    SheetSubmissionRow: ("round_code", "unit_code", "revision"),
    DossierStatisticRow: ("period", "unit_code", "scope", "revision"),
    MeasureValueRow: ("period", "measure_code", "unit_code", "revision"),
    FindingRow: ("code", "revision"),
    EvidenceFileRow: ("sha256", "unit_code"),
}
"""Histories whose rows have a digest each, and the columns that name a row in `digests`."""


def list_events(
    session: Session,
    *,
    filters: Mapping[str, str | None],
    since: datetime | None,
    until: datetime | None,
    units: set[str] | None,
    after: Sequence[str] | None,
    limit: int,
) -> Sequence[AuditEventRow]:
    """Events, the oldest of a chain first, chains by jurisdiction; only of some units where given."""
    query = select(Event).order_by(col(Event.jurisdiction_code), col(Event.sequence)).limit(limit)
    for name, value in filters.items():
        if value is not None:
            query = query.where(getattr(Event, name) == value)
    if since is not None:
        query = query.where(col(Event.recorded_at) >= since)
    if until is not None:
        query = query.where(col(Event.recorded_at) < until)
    if units is not None:
        query = query.where(col(Event.unit_code).in_(units))
    if after is not None:
        jurisdiction, sequence = after[0], int(after[1])
        query = query.where(
            or_(
                col(Event.jurisdiction_code) > jurisdiction,
                (col(Event.jurisdiction_code) == jurisdiction) & (col(Event.sequence) > sequence),
            )
        )
    return session.exec(query).all()


def list_units(session: Session) -> set[str]:
    """The units that events name."""
    return {code for code in session.exec(select(Event.unit_code).distinct()) if code is not None}


def iterate_events(session: Session) -> Iterator[AuditEventRow]:
    """Every event, chain by chain, in order."""
    query = select(Event).order_by(col(Event.jurisdiction_code), col(Event.sequence))
    yield from session.exec(query.execution_options(yield_per=BATCH))


def list_chains(session: Session) -> Sequence[AuditChainRow]:
    """The newest link of each chain."""
    return session.exec(select(AuditChainRow).order_by(col(AuditChainRow.jurisdiction_code))).all()


def iterate_digests(session: Session) -> Iterator[tuple[str, str, int]]:
    """(name in `digests`, digest as the row is now, rows) of every history."""
    for table, key in ROWS.items():
        for row in session.exec(select(table).execution_options(yield_per=BATCH)):
            parts = (str(getattr(row, name)) for name in key)
            yield "/".join((str(table.__tablename__), *parts)), audit.digest_of_row(row), 1
    yield from _score_digests(session)


def _score_digests(session: Session) -> Iterator[tuple[str, str, int]]:
    """Scores are vouched for by write: all entries of one revision of one sheet."""
    row = ScoreEntryRow
    query = select(row).order_by(
        col(row.round_code), col(row.unit_code), col(row.revision), col(row.item_code), col(row.stage)
    )
    entries = session.exec(query.execution_options(yield_per=BATCH))
    for key, group in groupby(entries, lambda e: (e.round_code, e.unit_code, e.revision)):
        written = list(group)
        rows = [(e.item_code, e.stage, e.points, e.not_applicable, e.reason, e.evidence) for e in written]
        first = written[0]
        digest = audit.digest_entries(first.recorded_at, first.recorded_by, rows)
        same = all((e.recorded_at, e.recorded_by) == (first.recorded_at, first.recorded_by) for e in written)
        yield "score_entry/" + "/".join(map(str, key)), digest if same else "", len(written)
