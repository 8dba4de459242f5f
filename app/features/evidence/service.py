"""The ledger: what is cited where, and the files that units upload."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from sqlmodel import Session

from app.core.access import READS_SCORES
from app.core.errors import Fault
from app.core.types import ClientScope
from app.features.evidence import mapping, repository
from app.features.evidence.repository import Filters
from app.features.evidence.schemas import Evidence, EvidenceFileRead, EvidenceRead
from app.features.units import repository as unit_queries
from app.features.units import service as units
from app.infra import audit
from app.infra.auth import Caller
from app.infra.clock import today
from app.infra.errors import NotFoundError, refuse
from app.infra.files import FileStore
from app.models import EvidenceFileRow

KEY = ("jurisdiction_code", "round_code", "unit_code", "item_code", "stage", "revision")
UPLOADERS = (ClientScope.SCORES_SELF, ClientScope.SCORES_APPRAISE)
MAX_NAME = 200


class Use(NamedTuple):
    """A score entry, by its key, and the documents that it cites."""

    jurisdiction_code: str
    round_code: str
    unit_code: str
    item_code: str
    stage: str
    revision: int
    documents: Sequence[Evidence]


def code_of(document: Evidence) -> str:
    """The code of a document: the digest of what its citation says."""
    return audit.code_of_document(document.model_dump(mode="json"))


def cite(session: Session, uses: Sequence[Use]) -> None:
    """Enter documents and their uses into the ledger."""
    documents = {code_of(document): document for use in uses for document in use.documents}
    if not documents:
        return
    repository.add_documents(session, [{"code": code, **d.model_dump()} for code, d in documents.items()])
    repository.add_uses(
        session,
        [
            {**dict(zip(KEY, use[:6], strict=True)), "evidence_code": code}
            for use in uses
            for code in {code_of(document) for document in use.documents}
        ],
    )


def add_file(
    session: Session, store: FileStore, unit: str, sent: tuple[str | None, bytes], by: Caller
) -> tuple[EvidenceFileRead, bool]:
    """Store the file that a unit sent as (name, content); (file, whether the unit had it not yet)."""
    days = _days(session, [unit])
    if unit not in days:
        refuse([Fault("unit_unknown", "/unit", {"unit": unit})])
    units.require_units(session, by, UPLOADERS, [unit], days[unit])
    name, content = sent
    sha256, media_type = store.add(content)  # before the row: a crash leaves a file that nobody names
    row = EvidenceFileRow(
        sha256=sha256,
        unit_code=unit,
        name=shown_name(name),
        media_type=media_type,
        size=len(content),
        recorded_at=datetime.now(UTC),
        recorded_by=by.code,
    )
    known = repository.find_file(session, sha256, unit)
    if known is None and repository.add_file(session, row):
        _record_upload(session, row, units.get_version(session, unit, days[unit]).jurisdiction_code, by)
        return mapping.file_answer(row), True
    return mapping.file_answer(known or repository.list_files(session, [sha256], unit)[0]), False


def _record_upload(session: Session, row: EvidenceFileRow, jurisdiction: str, by: Caller) -> None:
    subject = {"unit": row.unit_code, "file": row.sha256}
    digests = {f"evidence_file/{row.sha256}/{row.unit_code}": audit.digest_of_row(row)}
    after = row.model_dump(mode="json")
    audit.record(
        session, audit.Event(by, "evidence.upload", jurisdiction, subject, None, after, None, digests)
    )


def shown_name(given: str | None) -> str:
    """What people see of a sender's file name: its last component, without invisible characters."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given or ""))[-1]
    seen = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    return seen.strip(" .")[:MAX_NAME] or "tai-lieu"


def open_file(
    session: Session, store: FileStore, sha256: str, unit: str | None, by: Caller
) -> tuple[EvidenceFileRow, Iterator[bytes]]:
    """A file with its content, for whoever reaches a unit that uploaded it. Citing it opens nothing."""
    found = _reached_files(session, [sha256], by, unit)
    if not found:
        raise NotFoundError("file_unknown", sha256=sha256)
    return found[0], store.read(sha256)


def _reached_files(
    session: Session, digests: Iterable[str], by: Caller, unit: str | None = None
) -> list[EvidenceFileRow]:
    found = repository.list_files(session, digests, unit)
    if by.everywhere(*READS_SCORES):
        return found
    standing: dict[date, set[str]] = {}
    for code, day in _days(session, {row.unit_code for row in found}).items():
        standing.setdefault(day, set()).add(code)
    grants = by.having(*READS_SCORES)
    reached: set[str] = set()
    for day, codes in standing.items():
        reached |= units.find_covered(session, grants, codes, day)
    return [row for row in found if row.unit_code in reached]


def _days(session: Session, codes: Iterable[str]) -> dict[str, date]:
    """Unit -> today or, where it has ended, its last day: what is left of it still has its place."""
    now = today()
    days: dict[str, date] = {}
    for version in unit_queries.list_versions(session, codes):
        if version.valid_from <= now:
            last = min(version.valid_to or now, now)
            days[version.unit_code] = max(last, days.get(version.unit_code, last))
    return days


def list_evidence(
    session: Session, filters: Filters, after: str | None, limit: int, by: Caller
) -> list[EvidenceRead]:
    """Documents that visible scores rely on, by code."""
    reach = unit_queries.reach_of(by.having(*READS_SCORES))
    documents = repository.list_documents(session, reach, filters, after, limit)
    if not documents:
        return []
    uses = repository.list_uses(session, reach, [d.sha256 or d.code for d in documents])
    stored = _reached_files(session, {d.sha256 for d in documents if d.sha256}, by)
    return mapping.document_answers(documents, uses, {row.sha256 for row in stored})


def read_evidence(session: Session, code: str, by: Caller) -> EvidenceRead:
    """One document; what no visible score relies on is unknown."""
    found = list_evidence(session, Filters(code=code), None, 1, by)
    if not found:
        raise NotFoundError("evidence_unknown", evidence=code)
    return found[0]
