"""Rows of the ledger as they are shown."""

from collections.abc import Collection, Sequence

from app.features.evidence.repository import FoundUse
from app.features.evidence.schemas import EvidenceFileRead, EvidenceRead, EvidenceUse, Flag
from app.models import EvidenceFileRow, EvidenceRow


def file_answer(row: EvidenceFileRow) -> EvidenceFileRead:
    """An uploaded file."""
    return EvidenceFileRead(
        sha256=row.sha256,
        unit=row.unit_code,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        url=f"/v1/evidence/files/{row.sha256}?unit={row.unit_code}",
        recorded_at=row.recorded_at,
    )


def document_answers(
    documents: Sequence[EvidenceRow], uses: Sequence[FoundUse], stored: Collection[str]
) -> list[EvidenceRead]:
    """Documents with their own uses; flagged by all uses of the same file."""
    of_document: dict[str, list[FoundUse]] = {}
    of_file: dict[str, list[FoundUse]] = {}
    for use in uses:
        of_document.setdefault(use.evidence_code, []).append(use)
        of_file.setdefault(use.file, []).append(use)
    return [
        EvidenceRead(
            **document.model_dump(),
            stored=document.sha256 in stored,
            uses=[_use(use) for use in of_document.get(document.code, [])],
            flags=flags_of(of_file.get(document.sha256 or document.code, [])),
        )
        for document in documents
    ]


def flags_of(uses: Sequence[FoundUse]) -> list[Flag]:
    """What is odd about the uses of one file."""
    flags: list[Flag] = []
    if len({use.unit_code for use in uses}) > 1:
        flags.append("several_units")
    if len({use.period for use in uses}) > 1:
        flags.append("several_periods")
    return flags


def _use(use: FoundUse) -> EvidenceUse:
    return EvidenceUse(
        round=use.round_code,
        unit=use.unit_code,
        period=use.period,
        item=use.item_code,
        stage=use.stage,
        revision=use.revision,
        current=use.current,
    )
