"""Queries of the evidence ledger."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, func, or_, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, insert, select

from app.features.units.repository import is_reached
from app.infra.db import add_missing
from app.models import AssessmentRoundRow, EvidenceFileRow, EvidenceRow, EvidenceUseRow, ScoreEntryRow

Document = EvidenceRow
Use = EvidenceUseRow
Entry = ScoreEntryRow


class Filters(NamedTuple):
    """Which documents are asked for; a use must meet `unit`, `round` and `item` together."""

    unit: str | None = None
    round: str | None = None
    item: str | None = None
    sha256: str | None = None
    flagged: bool | None = None
    code: str | None = None


class FoundUse(NamedTuple):
    """A score entry that cites a document."""

    evidence_code: str
    file: str
    round_code: str
    unit_code: str
    period: str
    item_code: str
    stage: str
    revision: int
    current: bool


def add_documents(session: Session, documents: Sequence[dict[str, Any]]) -> None:
    """Enter documents that are not there yet."""
    add_missing(session, EvidenceRow, sorted(documents, key=lambda d: d["code"]))


def add_uses(session: Session, uses: Sequence[dict[str, Any]]) -> None:
    """Enter uses in one statement."""
    session.exec(insert(EvidenceUseRow), params=list(uses))


def add_file(session: Session, row: EvidenceFileRow) -> bool:
    """Enter an uploaded file; False where the unit has it already."""
    return add_missing(session, EvidenceFileRow, [row.model_dump()]) > 0


def find_file(session: Session, sha256: str, unit: str) -> EvidenceFileRow | None:
    """A file of a unit."""
    return session.get(EvidenceFileRow, (sha256, unit))


def list_files(session: Session, digests: Iterable[str], unit: str | None = None) -> list[EvidenceFileRow]:
    """Uploads of some files, by unit."""
    query = select(EvidenceFileRow).where(col(EvidenceFileRow.sha256).in_(set(digests)))
    if unit is not None:
        query = query.where(EvidenceFileRow.unit_code == unit)
    return list(session.exec(query.order_by(col(EvidenceFileRow.unit_code))).all())


def list_documents(
    session: Session, reach: Subquery | None, filters: Filters, after: str | None, limit: int
) -> Sequence[EvidenceRow]:
    """Documents with a visible use, by code."""
    wanted = [
        col(getattr(Use, f"{name}_code")) == value
        for name in ("unit", "round", "item")
        if (value := getattr(filters, name)) is not None
    ]
    used = select(Use).where(col(Use.evidence_code) == Document.code, _visible(reach), *wanted).exists()
    query = select(Document).where(used).order_by(col(Document.code)).limit(limit)
    if filters.code is not None:
        query = query.where(Document.code == filters.code)
    if filters.sha256 is not None:
        query = query.where(Document.sha256 == filters.sha256)
    if filters.flagged is not None:
        flagged = _file().in_(_flagged(reach))
        query = query.where(flagged if filters.flagged else ~flagged)
    if after is not None:
        query = query.where(col(Document.code) > after)
    return session.exec(query).all()


def list_uses(session: Session, reach: Subquery | None, files: Iterable[str]) -> list[FoundUse]:
    """Visible uses of some files (by digest, else by the code of the document)."""
    newer = aliased(Entry)
    replaced = (
        select(newer.revision)
        .where(
            newer.jurisdiction_code == Use.jurisdiction_code,
            newer.round_code == Use.round_code,
            newer.unit_code == Use.unit_code,
            newer.item_code == Use.item_code,
            newer.stage == Use.stage,
            newer.revision > Use.revision,
        )
        .exists()
    )
    wanted = list(files)
    place = (col(Use.round_code), col(Use.unit_code), col(AssessmentRoundRow.period))
    key = (col(Use.item_code), col(Use.stage), col(Use.revision))
    query = (
        _joined(col(Use.evidence_code), _file(), *place, *key, ~replaced)
        .where(_visible(reach), or_(col(Document.sha256).in_(wanted), col(Document.code).in_(wanted)))
        .order_by(*place[:2], *key)
    )
    return [FoundUse._make((*row[:-1], bool(row[-1]))) for row in session.execute(query)]


def _file() -> ColumnElement[str]:
    """What makes citations the same file: the digest, else the citation itself."""
    return func.coalesce(Document.sha256, Document.code)


def _flagged(reach: Subquery | None) -> Select[Any]:
    units = func.count(col(Use.unit_code).distinct())
    periods = func.count(col(AssessmentRoundRow.period).distinct())
    query = _joined(_file()).where(_visible(reach)).group_by(_file())
    return query.having(or_(units > 1, periods > 1))


def _joined(*columns: Any) -> Select[Any]:
    """Uses with their documents and rounds."""
    query: Any = select(*columns).select_from(Use)
    joined: Select[Any] = query.join(Document, col(Document.code) == Use.evidence_code).join(
        AssessmentRoundRow, col(AssessmentRoundRow.code) == Use.round_code
    )
    return joined


def _visible(reach: Subquery | None) -> ColumnElement[bool]:
    """Whether a use is of a unit that is reached on the last day of the round's period."""
    if reach is None:
        return true()
    last_day = select(col(AssessmentRoundRow.period_end)).where(
        col(AssessmentRoundRow.code) == Use.round_code
    )
    return is_reached(reach, Use.unit_code, last_day.correlate(Use).scalar_subquery())
