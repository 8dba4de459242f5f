"""Queries of the audit log, and of the histories that it vouches for."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Subquery, and_, func
from sqlmodel import Session, SQLModel, col, or_, select

from app.core.statistics import COLUMNS
from app.features.units.repository import is_reached
from app.infra import audit
from app.infra.canonical import digest_of
from app.models import (
    AssessmentRoundRow,
    AuditChainRow,
    AuditEventRow,
    DossierStatisticRow,
    EvidenceFileRow,
    EvidenceRow,
    EvidenceUseRow,
    FigureAcknowledgementRow,
    FindingRow,
    FrameworkVersionRow,
    MeasureValueRow,
    PublicationDocumentRow,
    PublicationRow,
    RoundTransitionRow,
    ScoreEntryRow,
    SheetRow,
    SheetSubmissionRow,
    SigningKeyRow,
)

Event = AuditEventRow
BATCH = 2000
BEGIN = "audit.begin"

ROWS: Mapping[type[SQLModel], tuple[str, ...]] = {
    RoundTransitionRow: ("round_code", "revision"),
    SheetSubmissionRow: ("round_code", "unit_code", "revision"),
    DossierStatisticRow: ("period", "unit_code", "scope", "procedure_field", "revision"),
    MeasureValueRow: ("period", "measure_code", "unit_code", "revision"),
    FigureAcknowledgementRow: ("period", "unit_code", "rule", "subject", "revision"),
    FindingRow: ("code", "revision"),
    EvidenceFileRow: ("sha256", "unit_code"),
    PublicationRow: ("id",),
    SigningKeyRow: ("kid",),
}
"""Histories whose rows have a digest each, and the columns that name a row in `digests`, empty ones left
out."""


def list_events(
    session: Session,
    *,
    filters: Mapping[str, str | None],
    since: datetime | None,
    until: datetime | None,
    visible: ColumnElement[bool],
    after: Sequence[str] | None,
    limit: int,
) -> Sequence[AuditEventRow]:
    """Visible events, the oldest of a chain first, chains by jurisdiction."""
    query = select(Event).where(visible).order_by(col(Event.jurisdiction_code), col(Event.sequence))
    for name, value in filters.items():
        if value is not None:
            query = query.where(getattr(Event, name) == value)
    if since is not None:
        query = query.where(col(Event.recorded_at) >= since)
    if until is not None:
        query = query.where(col(Event.recorded_at) < until)
    if after is not None:
        jurisdiction, sequence = after[0], int(after[1])
        query = query.where(
            or_(
                col(Event.jurisdiction_code) > jurisdiction,
                (col(Event.jurisdiction_code) == jurisdiction) & (col(Event.sequence) > sequence),
            )
        )
    return session.exec(query.limit(limit)).all()


def visible_within(reach: Subquery | None, on: date) -> ColumnElement[bool]:
    """Whether the unit of an event, or its jurisdiction where it names none, is reached on a day."""
    # two conditions, not one of coalesce(): for that PostgreSQL compares each event with each reached unit
    whole = and_(col(Event.unit_code).is_(None), is_reached(reach, Event.jurisdiction_code, on))
    return or_(is_reached(reach, Event.unit_code, on), whole)


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
        query: Any = select(table)
        if table in IMPORTED:
            imported: Any = table
            query = query.where(col(imported.import_id).is_(None))
        for row in session.exec(query.execution_options(yield_per=BATCH)):
            parts = filter(None, (str(getattr(row, name)) for name in key))
            yield "/".join((str(table.__tablename__), *parts)), audit.digest_of_row(row), 1
    for table in IMPORTED:
        yield from iterate_import_digests(session, table)
    yield from _score_digests(session)
    yield from _document_digests(session)
    yield from _publication_digests(session)
    for document in session.exec(select(PublicationDocumentRow).execution_options(yield_per=1)):
        digest = digest_of(document.content)
        yield f"publication_document/{document.publication_id}", digest, 1


_OF_DOSSIERS = ("jurisdiction_code", "period", "unit_code", "scope", "procedure_field")
_OF_MEASURES = ("jurisdiction_code", "period", "unit_code", "measure_code")
_SAID = ("source", "extracted_at")
IMPORTED: Mapping[type[SQLModel], tuple[tuple[str, ...], tuple[str, ...]]] = {
    DossierStatisticRow: (_OF_DOSSIERS, (*COLUMNS, "data_from", "data_to", *_SAID)),
    MeasureValueRow: (_OF_MEASURES, ("numerator", "denominator", "value", "percent", *_SAID)),
}
"""Histories that imports write to: the key by which their rows are in order, and what else a digest takes."""


def iterate_import_digests(
    session: Session, table: Any, import_id: str | None = None
) -> Iterator[tuple[str, str, int]]:
    """(name in `digests`, digest, rows) of what each import, or one, wrote in each jurisdiction."""
    key, said = IMPORTED[table]
    columns = ("import_id", "recorded_at", "recorded_by", "revision", *key, *said)
    query = select(*(col(getattr(table, name)) for name in columns))
    of_imports = col(table.import_id).is_not(None) if import_id is None else col(table.import_id) == import_id
    query = query.where(of_imports).order_by(
        col(table.import_id), *(col(getattr(table, name)) for name in key)
    )
    rows = session.execute(query.execution_options(yield_per=BATCH))
    for (written_by, jurisdiction), group in groupby(rows, lambda found: (found[0], found[4])):
        digest, revisions, written = audit.RowsDigest(), set(), set()
        for found in group:
            digest.add(tuple(found[4:]))
            revisions.add((found[6], found[3]))
            written.add((found[1], found[2]))
        one = len(written) == 1 and len({unit for unit, _ in revisions}) == len(revisions)
        digested = audit.digest_import(digest.hexdigest(), *written.pop(), revisions) if one else ""
        yield f"{table.__tablename__}/import/{written_by}/{jurisdiction}", digested, digest.rows


def _document_digests(session: Session) -> Iterator[tuple[str, str, int]]:
    """Published criteria sets."""
    row = FrameworkVersionRow
    for found in session.exec(select(row).where(row.state == "published").execution_options(yield_per=100)):
        digest = digest_of(found.document.encode())
        yield f"framework_version/{found.code}@{found.version}", digest, 1


def _publication_digests(session: Session) -> Iterator[tuple[str, str, int]]:
    """What was published of each round: the revisions of its sheets."""
    published = dict(
        session.exec(
            select(RoundTransitionRow.round_code, func.max(RoundTransitionRow.revision))
            .where(RoundTransitionRow.to_state == "published")
            .group_by(col(RoundTransitionRow.round_code))
        ).all()
    )
    query = select(SheetRow.round_code, SheetRow.unit_code, SheetRow.published_revision).where(
        col(SheetRow.published_revision).is_not(None)
    )
    sheets = session.exec(query.order_by(col(SheetRow.round_code), col(SheetRow.unit_code)))
    for code, group in groupby(sheets, lambda s: s[0]):
        rows = [(unit, revision) for _, unit, revision in group]
        yield f"published/{code}/{published.get(code, 0)}", audit.digest_rows(rows), len(rows)


def list_contradictions(session: Session) -> list[tuple[str, str]]:
    """(place, fault) where a table that can change says something else than the history beside it: the state
    of a round than its last step, the evidence ledger than the scores."""
    last = select(
        RoundTransitionRow.round_code, func.max(RoundTransitionRow.revision).label("revision")
    ).group_by(col(RoundTransitionRow.round_code))
    newest = last.subquery()
    moved = (
        select(AssessmentRoundRow.code)
        .join(newest, newest.c.round_code == AssessmentRoundRow.code)
        .join(
            RoundTransitionRow,
            and_(
                col(RoundTransitionRow.round_code) == newest.c.round_code,
                col(RoundTransitionRow.revision) == newest.c.revision,
            ),
        )
        .where(col(AssessmentRoundRow.state) != RoundTransitionRow.to_state)
    )
    faults = [(f"assessment_round/{code}", "content_differs") for code in sorted(session.exec(moved))]
    return faults + _ledger_contradictions(session)


def _ledger_contradictions(session: Session) -> list[tuple[str, str]]:
    entry = ScoreEntryRow
    cited: dict[tuple[Any, ...], set[str]] = {}
    for row in session.exec(select(entry).where(col(entry.evidence).is_not(None))):
        key = (row.jurisdiction_code, row.round_code, row.unit_code, row.item_code, row.stage, row.revision)
        cited[key] = {audit.code_of_document(document) for document in orjson.loads(row.evidence or "[]")}
    used: dict[tuple[Any, ...], set[str]] = {}
    for use in session.exec(select(EvidenceUseRow)):
        key = (use.jurisdiction_code, use.round_code, use.unit_code, use.item_code, use.stage, use.revision)
        used.setdefault(key, set()).add(use.evidence_code)
    places = sorted(key for key in cited.keys() | used.keys() if cited.get(key) != used.get(key))
    faults = [("evidence_use/" + "/".join(map(str, key[1:])), "content_differs") for key in places]
    documents = session.exec(select(EvidenceRow).order_by(col(EvidenceRow.code)))
    return faults + [
        (f"evidence/{document.code}", "content_differs")
        for document in documents
        if audit.code_of_document(document.model_dump(mode="json")) != document.code
    ]


def has_begun(session: Session) -> bool:
    """Whether older rows were vouched for already."""
    return session.exec(select(Event.sequence).where(Event.action == BEGIN).limit(1)).first() is not None


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
