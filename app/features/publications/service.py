"""Publications: made once, with the move of the round in one transaction; read and verified by anybody."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlmodel import Session

from app.core import ENGINE_VERSION
from app.core.access import NATION
from app.core.errors import Fault
from app.core.types import ClientScope, RoundState
from app.features.frameworks import service as frameworks
from app.features.inputs.service import list_inputs
from app.features.publications import repository
from app.features.publications.mapping import checking
from app.features.publications.mapping.corrections import list_corrections
from app.features.publications.mapping.document import FORMAT, FrozenInputs, complete
from app.features.publications.schemas import (
    Decision,
    Difference,
    PublicationCreate,
    PublicationRead,
    Verification,
)
from app.features.results import service as results
from app.features.rounds import repository as round_queries
from app.features.rounds import service as rounds
from app.features.scores import repository as score_queries
from app.features.units import repository as unit_queries
from app.infra import audit
from app.infra.auth import Caller
from app.infra.canonical import digest_of
from app.infra.clock import today
from app.infra.db import Database
from app.infra.errors import ConflictError, NotFoundError, refuse
from app.infra.messages import Language
from app.infra.problems import render_fault
from app.infra.signing import SigningKey, is_signed, kid_of
from app.models import AssessmentRoundRow, PublicationRow, SigningKeyRow

Document = dict[str, Any]


def publish(
    session: Session, round_code: str, said: PublicationCreate, by: Caller, key: SigningKey
) -> PublicationRow:
    """Freeze and sign the results of a round, and move it to `published`, all at once."""
    row = rounds.lock_round(session, round_code)
    rounds.require_round(session, row, by, ClientScope.PUBLISH)
    latest = repository.find_latest(session, round_code)
    _refuse_state(row, latest)
    _refuse_odd(session, row, said, latest)
    if not rounds.is_public(row):
        release = said.release_at or row.release_at  # a correction does not tell of it before, either
        said = said.model_copy(update={"release_at": release})
        rounds.set_release(session, row, release)
    if row.state != RoundState.PUBLISHED:
        row = results.move_round(
            session, round_code, RoundState.PUBLISHED, said.reason, by, is_publication=True
        )
    content, document = _freeze(session, row, said, latest)
    session.flush()
    now = datetime.now(UTC)
    public = SigningKeyRow(kid=key.kid, public_key=orjson.dumps(key.public).decode(), recorded_at=now)
    is_new_key = repository.add_key(session, public)
    publication = PublicationRow(
        id=document["id"],
        round_code=row.code,
        number=1 if latest is None else latest.number + 1,
        supersedes_id=None if latest is None else latest.id,
        decision_number=said.decision.number,
        decision_issued_on=said.decision.issued_on,
        decision_signer=said.decision.signer,
        release_at=said.release_at,
        sha256=digest_of(content),
        jws=key.sign(content),
        kid=key.kid,
        size=len(content),
        recorded_at=now,
        recorded_by=by.code,
    )
    repository.add_publication(session, publication, content)
    _record(session, publication, public if is_new_key else None, said.reason, by)
    return publication


def _refuse_state(row: AssessmentRoundRow, latest: PublicationRow | None) -> None:
    """A round is published once it is approved, and again once it was corrected."""
    wanted = (
        (RoundState.APPROVED, RoundState.PUBLISHED, RoundState.CORRECTION)
        if latest is None
        else (RoundState.CORRECTION,)
    )
    if row.state not in wanted:
        raise ConflictError("round_not_publishable", round=row.code, state=row.state)


def _refuse_odd(
    session: Session, row: AssessmentRoundRow, said: PublicationCreate, latest: PublicationRow | None
) -> None:
    members = {p.unit_code for p in round_queries.list_participants(session, row.code)}
    faults = [
        Fault("unit_not_participant", f"/distinctions/{n}/unit", {"unit": each.unit, "round": row.code})
        for n, each in enumerate(said.distinctions)
        if each.unit not in members
    ]
    if latest is not None and said.reason is None:
        faults.append(Fault("correction_needs_reason", "/reason"))
    if said.release_at is not None and (rounds.is_public(row) or latest is not None):
        faults.append(Fault("embargo_too_late", "/release_at"))
    refuse(faults)


def _freeze(
    session: Session, row: AssessmentRoundRow, said: PublicationCreate, latest: PublicationRow | None
) -> tuple[bytes, Document]:
    """The document and its bytes."""
    framework = rounds.get_framework(session, row)
    participants = round_queries.list_participants(session, row.code)
    places = {p.unit_code: p.jurisdiction_code for p in participants}
    names = unit_queries.list_names(session, list(places), row.period_end)
    entries = results.list_entries(session, row, framework, places)
    approved_at = round_queries.find_approval(session, row.code)
    figures = list_inputs(session, places, rounds.period_of(row), framework, approved_at)
    release = said.release_at
    known = {
        "format": FORMAT,
        "id": f"{row.code}.{1 if latest is None else latest.number + 1}",
        "round": _round(row),
        "engine_version": str(ENGINE_VERSION),
        **said.model_dump(mode="json", include={"decision", "distinctions", "reason"}),
        "release_at": None if release is None else release.astimezone(UTC).isoformat(),
        "supersedes": None if latest is None else {"id": latest.id, "sha256": latest.sha256},
        "corrections": [],
        "framework": orjson.loads(frameworks.get_row(session, framework.code, framework.version).document),
        "groups": _groups(session, row.code, participants),
        "units": {u: {"name_vi": names.get(u, u), "jurisdiction": places[u]} for u in places},
        "inputs": FrozenInputs(framework, entries, figures),
    }
    document, content = complete(known, framework)
    if latest is not None:
        before = orjson.loads(repository.read_content(session, latest.id))
        reasons = _reasons(session, row.code, places)
        corrections = list_corrections(before, document, reasons)
        document, content = complete({**known, "corrections": corrections}, framework)
    return content, document


def _round(row: AssessmentRoundRow) -> Document:
    return {
        "code": row.code,
        "title_vi": row.title_vi,
        "period": row.period,
        "period_start": row.period_start.isoformat(),
        "period_end": row.period_end.isoformat(),
        "previous_round": row.previous_round_code,
    }


def _groups(session: Session, code: str, participants: Sequence[round_queries.Participant]) -> list[Document]:
    members: dict[str, list[str]] = {}
    for participant in participants:
        members.setdefault(participant.group_code, []).append(participant.unit_code)
    return [
        {"code": g.group_code, "ranked": g.ranked, "units": sorted(members.get(g.group_code, []))}
        for g in round_queries.list_groups(session, code)
    ]


def _reasons(session: Session, code: str, places: dict[str, str]) -> dict[tuple[str, str], str]:
    """(unit, item) -> why its final points are what they are."""
    rows = score_queries.list_entries(session, code, places, ["final"])
    return {(found[0], found[1]): found[6] for found in rows if found[6]}


def _record(
    session: Session, row: PublicationRow, key: SigningKeyRow | None, reason: str | None, by: Caller
) -> None:
    """One event, which vouches for the document, for what is said of it, and for a key that is new."""
    subject = {"round": row.round_code, "publication": row.id}
    if row.supersedes_id is not None:
        subject["supersedes"] = row.supersedes_id
    after = {"sha256": row.sha256, "kid": row.kid, "decision": row.decision_number}
    digests = {
        f"publication/{row.id}": audit.digest_of_row(row),
        f"publication_document/{row.id}": row.sha256,
    }
    if key is not None:
        digests[f"signing_key/{key.kid}"] = audit.digest_of_row(key)
    audit.record(session, audit.Event(by, "publication.add", NATION, subject, None, after, reason, digests))


def get_publication(session: Session, publication_id: str, caller: Caller | None) -> PublicationRow:
    """A publication that a caller may see: before its release nobody else learns that it is there."""
    row = repository.find_publication(session, publication_id)
    if row is None or not (is_released(row) or _sees_all(session, row.round_code, caller)):
        raise NotFoundError("publication_unknown", publication=publication_id)
    return row


def _sees_all(session: Session, round_code: str, caller: Caller | None) -> bool:
    """Whether a caller may see every unpublished result of a round."""
    row = rounds.get_round(session, round_code)
    return caller is not None and rounds.reaches_all(
        session, row, caller, ClientScope.RESULTS_READ_UNPUBLISHED
    )


def read_content(session: Session, row: PublicationRow) -> bytes:
    """The bytes that were signed."""
    return repository.read_content(session, row.id)


def is_released(row: PublicationRow) -> bool:
    """Whether everybody may see a publication."""
    return row.release_at is None or row.release_at <= datetime.now(UTC)


def remember_read(session: Session, row: PublicationRow, caller: Caller) -> None:
    """Somebody sees what is not released yet."""
    subject = {"round": row.round_code, "publication": row.id}
    audit.record(session, audit.Event(caller, "publication.read_before_release", NATION, subject))


def list_publications(session: Session, round_code: str, caller: Caller | None) -> list[PublicationRead]:
    """The publications of a round that a caller may see, the first one first."""
    sees_all = _sees_all(session, round_code, caller)
    rows = repository.list_publications(session, round_code)
    return [read_publication(session, row) for row in rows if sees_all or is_released(row)]


def read_publication(session: Session, row: PublicationRow) -> PublicationRead:
    """A publication without its document."""
    decision = Decision(
        number=row.decision_number, issued_on=row.decision_issued_on, signer=row.decision_signer
    )
    return PublicationRead(
        **row.model_dump(include=set(PublicationRead.model_fields) - {"round", "decision", "supersedes"}),
        round=row.round_code,
        decision=decision,
        supersedes=row.supersedes_id,
        superseded_by=repository.find_successor(session, row.id),
    )


def list_public_keys(session: Session, key: SigningKey | None) -> list[Mapping[str, Any]]:
    """The keys that signed or sign now."""
    kept = [orjson.loads(row.public_key) for row in repository.list_keys(session)]
    fresh = [] if key is None or any(k["kid"] == key.kid for k in kept) else [key.public]
    return [*fresh, *kept]


def verify(database: Database, content: bytes, jws: str | None, language: Language) -> Verification:
    """Check a document that somebody brings against the keys of this service; without a signature, against
    that of the same bytes published here. Nothing is held while it is computed."""
    document, faults = checking.read_document(content)
    faults += checking.list_differences(document)
    with database.read() as session:
        return _judged(session, content, document, faults, jws, language)


def _judged(
    session: Session,
    content: bytes,
    document: Document,
    faults: Sequence[Fault],
    jws: str | None,
    language: Language,
) -> Verification:
    sha256 = digest_of(content)
    published = repository.find_by_digest(session, sha256)
    known = published is not None and is_released(published)
    signature = jws or (published.jws if published is not None and known else None)
    keys = list_public_keys(session, None)
    verdict = judge(content, signature, keys)
    same = repository.find_publication(session, document["id"])
    differences = [_told(fault, language) for fault in faults]
    return Verification(
        intact=verdict == "valid" and not differences,
        id=document["id"],
        sha256=sha256,
        signature=verdict,
        kid=kid_of(signature) if signature else None,
        is_published_here=known,
        superseded_by=repository.find_successor(session, same.id) if same and is_released(same) else None,
        differences=differences,
    )


def read_public_revisions(database: Database) -> str:
    """A text that changes whenever anything that everybody sees does."""
    with database.read() as session:
        return repository.read_revisions(session, datetime.now(UTC), today())


def judge(content: bytes, jws: str | None, keys: Sequence[Mapping[str, Any]]) -> Any:
    """What a detached signature is worth: valid, invalid, missing, key_unknown."""
    if jws is None:
        return "missing"
    if is_signed(content, jws, keys):
        return "valid"
    return "invalid" if any(key["kid"] == kid_of(jws) for key in keys) else "key_unknown"


def _told(fault: Fault, language: Language) -> Difference:
    said = render_fault(fault, language)
    return Difference(pointer=said["pointer"], code=said["code"], message=said["message"])
