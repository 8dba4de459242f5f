"""Publishing: the document of a round, its signature and the move of the round in one transaction."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlmodel import Session

from app.core import ENGINE_VERSION
from app.core.access import NATION
from app.core.errors import Fault
from app.core.framework import Framework
from app.core.types import ClientScope, RoundState
from app.features.frameworks import service as frameworks
from app.features.inputs.service import list_inputs
from app.features.publications import repository
from app.features.publications.mapping.corrections import list_corrections
from app.features.publications.mapping.document import (
    FORMAT,
    Computed,
    compute,
    inputs_answer,
    read_computed,
    seal,
)
from app.features.publications.schemas import PublicationCreate
from app.features.results import service as results
from app.features.rounds import repository as round_queries
from app.features.rounds import service as rounds
from app.features.scores import repository as score_queries
from app.features.units import repository as unit_queries
from app.infra import audit
from app.infra.auth import Caller
from app.infra.canonical import digest_of
from app.infra.clock import now
from app.infra.errors import ConflictError, refuse
from app.infra.signing import SigningKey
from app.models import AssessmentRoundRow, PublicationRow, SigningKeyRow

Document = dict[str, Any]


def publish(
    session: Session,
    round_code: str,
    said: PublicationCreate,
    by: Caller,
    key: SigningKey,
    clock: Callable[[], datetime] = now,
) -> PublicationRow:
    """Freeze and sign the results of a round, and move it to `published`, all at once."""
    row, begun_at = rounds.lock_round(session, round_code), clock()
    rounds.require_round(session, row, by, ClientScope.PUBLISH)
    latest = repository.find_latest(session, round_code)
    _refuse_state(row, latest)
    _refuse_odd(session, row, said, latest, begun_at)
    planned = row.release_at
    if not rounds.is_public(row, begun_at):
        # nothing was public before now; a correction does not tell of it before the release, either
        release = max(said.release_at, begun_at) if said.release_at else planned
        said = said.model_copy(update={"release_at": release})
        rounds.set_release(session, row, release)
    if row.state != RoundState.PUBLISHED:
        row = results.move_round(
            session, round_code, RoundState.PUBLISHED, said.reason, by, is_publication=True
        )
    number = 1 if latest is None else latest.number + 1
    content = _freeze(session, row, f"{row.code}.{number}", said, latest)
    publication = _keep(session, row, number, said, latest, content, by, key)
    _refuse_hiding(row, planned, clock())
    return publication


def _keep(
    session: Session,
    row: AssessmentRoundRow,
    number: int,
    said: PublicationCreate,
    latest: PublicationRow | None,
    content: bytes,
    by: Caller,
    key: SigningKey,
) -> PublicationRow:
    """Store a document with its signature, and the key if it is new."""
    recorded_at = now()
    public = SigningKeyRow(kid=key.kid, public_key=orjson.dumps(key.public).decode(), recorded_at=recorded_at)
    is_new_key = repository.add_key(session, public)
    publication = PublicationRow(
        id=f"{row.code}.{number}",
        round_code=row.code,
        number=number,
        supersedes_id=None if latest is None else latest.id,
        decision_number=said.decision.number,
        decision_issued_on=said.decision.issued_on,
        decision_signer=said.decision.signer,
        release_at=said.release_at,
        sha256=digest_of(content),
        jws=key.sign(content),
        kid=key.kid,
        size=len(content),
        recorded_at=recorded_at,
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
    session: Session,
    row: AssessmentRoundRow,
    said: PublicationCreate,
    latest: PublicationRow | None,
    at: datetime,
) -> None:
    members = {p.unit_code for p in round_queries.list_participants(session, row.code)}
    faults = [
        Fault("unit_not_participant", f"/distinctions/{n}/unit", {"unit": each.unit, "round": row.code})
        for n, each in enumerate(said.distinctions)
        if each.unit not in members
    ]
    if latest is not None and said.reason is None:
        faults.append(Fault("correction_needs_reason", "/reason"))
    if said.release_at is not None and (rounds.is_public(row, at) or latest is not None):
        faults.append(Fault("embargo_too_late", "/release_at"))
    refuse(faults)


def _refuse_hiding(row: AssessmentRoundRow, planned: datetime | None, at: datetime) -> None:
    """A release that passed while the document was made was seen: it is not moved any more."""
    if planned is not None and row.release_at is not None and planned <= at and planned < row.release_at:
        raise ConflictError("embargo_too_late", round=row.code)


def _freeze(
    session: Session,
    row: AssessmentRoundRow,
    publication_id: str,
    said: PublicationCreate,
    latest: PublicationRow | None,
) -> bytes:
    """The bytes of the document."""
    framework = rounds.get_framework(session, row)
    participants = round_queries.list_participants(session, row.code)
    places = {p.unit_code: p.jurisdiction_code for p in participants}
    names = unit_queries.list_names(session, list(places), row.period_end)
    units = {u: {"name_vi": names.get(u, u), "jurisdiction": places[u]} for u in places}
    groups = _groups(session, row.code, participants)
    computed = compute(framework, units, groups, _iterate_inputs(session, row, framework, places))
    release = said.release_at
    document = {
        "format": FORMAT,
        "id": publication_id,
        "round": _round(row),
        "engine_version": str(ENGINE_VERSION),
        **said.model_dump(mode="json", include={"decision", "distinctions", "reason"}),
        "release_at": None if release is None else release.astimezone(UTC).isoformat(),
        "supersedes": None if latest is None else {"id": latest.id, "sha256": latest.sha256},
        "corrections": [] if latest is None else _corrections(session, row, latest, places, computed),
        "framework": orjson.loads(frameworks.get_row(session, framework.code, framework.version).document),
        "groups": groups,
        "units": units,
    }
    return seal(document, computed).content


def _iterate_inputs(
    session: Session, row: AssessmentRoundRow, framework: Framework, places: dict[str, str]
) -> Iterator[tuple[str, Document]]:
    """Each unit with what its index rests on."""
    approved_at = round_queries.find_approval(session, row.code)
    figures = list_inputs(session, places, rounds.period_of(row), framework, approved_at)
    for unit, entries in results.iterate_entries(session, row.code, places):
        yield unit, inputs_answer(framework, entries, figures[unit])


def _corrections(
    session: Session,
    row: AssessmentRoundRow,
    latest: PublicationRow,
    places: dict[str, str],
    computed: Computed,
) -> list[Document]:
    """What differs from the publication before."""
    before = read_computed(repository.read_content(session, latest.id))
    return list_corrections(before, computed, _reasons(session, row.code, places))


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
