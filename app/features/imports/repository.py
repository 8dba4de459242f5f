"""Queries that return imports and their lines; rows are compared and written set by set, in the database."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    update,
)
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.core.statistics import COLUMNS
from app.infra.db import append_rows
from app.models import (
    DossierStatisticRow,
    ImportDossierRow,
    ImportLineRow,
    ImportRow,
    StatisticsRevisionRow,
)

Staged, Dossier, LineRow = ImportDossierRow, DossierStatisticRow, ImportLineRow
KEY = ("jurisdiction_code", "period", "unit_code", "scope", "procedure_field")
SAID = (*COLUMNS, "data_from", "data_to", "source")
"""What makes counts another report; when they were extracted does not."""
VALUES = (*SAID, "extracted_at")


def add_import(session: Session, row: ImportRow) -> None:
    """A new import."""
    session.add(row)
    session.flush()


def find_import(session: Session, import_id: str) -> ImportRow | None:
    """An import by its id."""
    return session.get(ImportRow, import_id)


def find_import_for_update(session: Session, import_id: str) -> ImportRow | None:
    """An import that nobody else can move until the commit."""
    return session.exec(select(ImportRow).where(ImportRow.id == import_id).with_for_update()).one_or_none()


def list_imports(
    session: Session, client: str | None, before: Sequence[str] | None, limit: int
) -> Sequence[ImportRow]:
    """Imports of a client (None: all), the newest first."""
    query = select(ImportRow).order_by(col(ImportRow.recorded_at).desc(), col(ImportRow.id)).limit(limit)
    if client is not None:
        query = query.where(ImportRow.recorded_by == client)
    if before is not None:
        at = datetime.fromisoformat(before[0])
        same = and_(col(ImportRow.recorded_at) == at, col(ImportRow.id) > before[1])
        query = query.where(or_(col(ImportRow.recorded_at) < at, same))
    return session.exec(query).all()


def delete_expired(session: Session, now: datetime) -> None:
    """Imports whose time is over, with their lines; what they wrote stays."""
    session.execute(delete(ImportRow).where(col(ImportRow.expires_at) < now))


def add_lines(session: Session, lines: list[dict[str, Any]]) -> None:
    """Lines of a file."""
    if lines:
        append_rows(session, LineRow, lines)


def add_dossiers(session: Session, rows: list[dict[str, Any]]) -> None:
    """Counts to be written."""
    if rows:
        append_rows(session, Staged, rows)


def find_staged(
    session: Session, import_id: str, keys: Iterable[tuple[str, ...]]
) -> dict[tuple[str, ...], int]:
    """Key -> position of the line that said it first, for those of some keys that are staged already."""
    wanted = set(keys)
    units = {key[2] for key in wanted}
    periods = {key[1] for key in wanted}
    query = (
        select(*(col(getattr(Staged, name)) for name in KEY), col(Staged.position))  # type: ignore[call-overload]
        .where(col(Staged.import_id) == import_id)
        .where(col(Staged.period).in_(periods), col(Staged.unit_code).in_(units))
    )
    return {tuple(row[:5]): row[5] for row in session.execute(query) if tuple(row[:5]) in wanted}


def _same_key(one: Any, other: Any) -> ColumnElement[bool]:
    return and_(*(getattr(one, name) == getattr(other, name) for name in KEY))


def _latest() -> Any:
    """The revision of the newest counts at the key of a staged row."""
    newest = aliased(Dossier)
    return (
        select(func.max(newest.revision)).where(_same_key(newest, Staged)).correlate(Staged).scalar_subquery()
    )


def compare_dossiers(session: Session, import_id: str) -> None:
    """Say of every staged row which counts stand in its place, and of its line what it would do."""
    session.execute(
        update(Staged)
        .where(col(Staged.import_id) == import_id)
        .values(previous_revision=_latest())
        .execution_options(synchronize_session=False)
    )
    standing = aliased(Dossier)
    same = and_(*(getattr(standing, n).is_not_distinct_from(getattr(Staged, n)) for n in SAID))
    joined = (
        select(case((same, literal("unchanged")), else_=literal("updated")))
        .select_from(Staged)
        .join(standing, and_(_same_key(standing, Staged), col(standing.revision) == Staged.previous_revision))
        .where(col(Staged.import_id) == import_id, col(Staged.position) == LineRow.position)
        .correlate(LineRow)
        .scalar_subquery()
    )
    session.execute(
        update(LineRow)
        .where(col(LineRow.import_id) == import_id, col(LineRow.action) == "inserted")
        .where(
            col(LineRow.position).in_(
                select(Staged.position).where(
                    Staged.import_id == import_id, col(Staged.previous_revision).is_not(None)
                )
            )
        )
        .values(action=joined)
        .execution_options(synchronize_session=False)
    )
    unchanged = select(LineRow.position).where(LineRow.import_id == import_id, LineRow.action == "unchanged")
    session.execute(
        delete(Staged)
        .where(col(Staged.import_id) == import_id, col(Staged.position).in_(unchanged))
        .execution_options(synchronize_session=False)
    )


def count_actions(session: Session, import_id: str) -> dict[str, int]:
    """Action -> lines."""
    query = (
        select(LineRow.action, func.count())
        .where(LineRow.import_id == import_id)
        .group_by(col(LineRow.action))
    )
    return dict(session.exec(query).all())


def list_touched(session: Session, import_id: str) -> list[tuple[str, str, str]]:
    """(jurisdiction, period, unit) of the counts that would be written."""
    query = select(Staged.jurisdiction_code, Staged.period, Staged.unit_code).where(
        Staged.import_id == import_id
    )
    return [(j, p, u) for j, p, u in session.exec(query.distinct())]


def list_changed_since(session: Session, import_id: str, limit: int) -> list[tuple[str, str, str]]:
    """(period, unit, scope) of staged rows in whose place something else was written meanwhile."""
    newer = aliased(Dossier)
    written = exists().where(
        _same_key(newer, Staged), col(newer.revision) > func.coalesce(Staged.previous_revision, -1)
    )
    query = select(Staged.period, Staged.unit_code, Staged.scope).where(
        Staged.import_id == import_id, written.correlate(Staged)
    )
    return [(p, u, s) for p, u, s in session.exec(query.limit(limit))]


def write_dossiers(session: Session, import_id: str, now: datetime, by: str) -> int:
    """Append all staged rows, with the revisions that their units have now; how many."""
    values = (*KEY, *VALUES)
    columns = [*values, "revision", "recorded_at", "recorded_by", "import_id"]
    source = (
        select(  # type: ignore[call-overload]
            *(col(getattr(Staged, name)) for name in values),
            col(StatisticsRevisionRow.revision),
            literal(now, Dossier.__table__.c.recorded_at.type),  # type: ignore[attr-defined]
            literal(by),
            col(Staged.import_id),
        )
        .join(
            StatisticsRevisionRow,
            and_(
                col(StatisticsRevisionRow.jurisdiction_code) == Staged.jurisdiction_code,
                col(StatisticsRevisionRow.unit_code) == Staged.unit_code,
            ),
        )
        .where(col(Staged.import_id) == import_id)
    )
    result = session.execute(insert(Dossier).from_select(columns, source))
    return int(result.rowcount)  # type: ignore[attr-defined]


def iterate_staged(session: Session, import_id: str) -> Iterable[tuple[Any, ...]]:
    """Staged rows in the order of their keys, for the digests of each jurisdiction."""
    columns = [col(getattr(Staged, name)) for name in (*KEY, *VALUES)]
    query = select(*columns).where(col(Staged.import_id) == import_id)
    query = query.order_by(*(col(getattr(Staged, name)) for name in KEY))
    return (tuple(row) for row in session.execute(query.execution_options(yield_per=5000)))


def list_lines(
    session: Session, import_id: str, action: str | None, after: int, limit: int
) -> Sequence[ImportLineRow]:
    """Lines in the order of the file."""
    query = select(LineRow).where(LineRow.import_id == import_id, col(LineRow.position) > after)
    if action is not None:
        query = query.where(LineRow.action == action)
    return session.exec(query.order_by(col(LineRow.position)).limit(limit)).all()


def list_values(
    session: Session, import_id: str, positions: Sequence[int]
) -> dict[int, tuple[ImportDossierRow, DossierStatisticRow | None]]:
    """Position -> (counts to be written, counts in whose place they come)."""
    standing = aliased(Dossier)
    query = (
        select(Staged, standing)
        .outerjoin(
            standing, and_(_same_key(standing, Staged), col(standing.revision) == Staged.previous_revision)
        )
        .where(Staged.import_id == import_id, col(Staged.position).in_(positions))
    )
    return {new.position: (new, old) for new, old in session.exec(query)}


def drop_staged(session: Session, import_id: str) -> None:
    """Forget counts that are written; the lines stay until the import expires."""
    session.execute(delete(Staged).where(col(Staged.import_id) == import_id))
