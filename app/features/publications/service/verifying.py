"""Verifying documents that somebody brings."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from sqlmodel import Session

from app.core.errors import Fault
from app.features.publications import repository
from app.features.publications.mapping import checking
from app.features.publications.mapping.document import Computed, read_computed
from app.features.publications.schemas import Difference, Verification
from app.features.publications.service.reading import is_released, list_public_keys
from app.infra.canonical import digest_of
from app.infra.db import Database
from app.infra.messages import Language
from app.infra.problems import render_fault
from app.infra.signing import is_signed, kid_of

Document = dict[str, Any]
Verdict = Literal["valid", "invalid", "missing", "key_unknown"]


def verify(database: Database, content: bytes, jws: str | None, language: Language) -> Verification:
    """Check a document that somebody brings against the keys of this service; without a signature, against
    that of the same bytes published here. Nothing is held while it is computed."""
    document, faults = checking.read_document(content)
    with database.read() as session:
        before, wrong = _find_superseded(session, document["supersedes"])
    faults += wrong + checking.list_differences(document, before)
    with database.read() as session:
        return _judged(session, content, document, faults, jws, language)


def _find_superseded(session: Session, said: Mapping[str, str] | None) -> tuple[Computed | None, list[Fault]]:
    """What a superseded document says, if everybody may see it here; and whether it is the one meant."""
    row = repository.find_publication(session, said["id"]) if said else None
    if said is None or row is None or not is_released(row, datetime.now(UTC)):
        return None, []
    if row.sha256 != said["sha256"]:
        other = {"said": said["sha256"], "published": row.sha256}
        return None, [Fault("publication_old_differs", "/supersedes/sha256", other)]
    return read_computed(repository.read_content(session, row.id)), []


def _judged(
    session: Session,
    content: bytes,
    document: Document,
    faults: Sequence[Fault],
    jws: str | None,
    language: Language,
) -> Verification:
    sha256, now = digest_of(content), datetime.now(UTC)
    published = repository.find_by_digest(session, sha256)
    known = published is not None and is_released(published, now)
    signature = jws or (published.jws if published is not None and known else None)
    verdict = _judge(content, signature, list_public_keys(session, now))
    same = repository.find_publication(session, document["id"])
    differences = [_told(fault, language) for fault in faults]
    return Verification(
        intact=verdict == "valid" and not differences,
        id=document["id"],
        sha256=sha256,
        signature=verdict,
        kid=kid_of(signature) if signature else None,
        is_published_here=known,
        superseded_by=repository.find_successor(session, same.id)
        if same and is_released(same, now)
        else None,
        differences=differences,
    )


def _judge(content: bytes, jws: str | None, keys: Sequence[Mapping[str, Any]]) -> Verdict:
    """What a detached signature is worth: valid, invalid, missing, key_unknown."""
    if jws is None:
        return "missing"
    if is_signed(content, jws, keys):
        return "valid"
    return "invalid" if any(key["kid"] == kid_of(jws) for key in keys) else "key_unknown"


def _told(fault: Fault, language: Language) -> Difference:
    said = render_fault(fault, language)
    return Difference(pointer=said["pointer"], code=said["code"], message=said["message"])
