"""Queries that return imports and their lines; rows are compared and written set by set, in the database."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, literal, or_, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.statistics import COLUMNS
from app.infra.db import append_rows
from app.models import (
    DossierStatisticRow,
    ImportDossierRow,
    ImportLineRow,
    ImportRow,
    ImportUnitRow,
    StatisticsRevisionRow,
)

Staged, Dossier, LineRow, UnitRow = ImportDossierRow, DossierStatisticRow, ImportLineRow, ImportUnitRow
Revision = StatisticsRevisionRow
KEY = ("jurisdiction_code", "period", "unit_code", "scope", "procedure_field")
SAID = (*COLUMNS, "data_from", "data_to", "source")
"""What makes counts another report; when they were extracted does not."""
VALUES = (*SAID, "extracted_at")
DROPPED_AT_ONCE = 20_000
"""Lines that are deleted in one transaction: others write in between."""


class Changed(NamedTuple):
    """A staged row in whose place something newer stands."""

    position: int
    period: str
    unit_code: str
    scope: str
    procedure_field: str
    before: int | None
    now: int


class StagedLine(NamedTuple):
    """A good line: where it writes to, what it says (`new`), and what stood there (`old`), as JSON."""

    position: int
    action: str
    unit_code: str
    period: str | None
    subject: str | None
    old: str | None
    new: str


def add_import(session: Session, row: ImportRow) -> None:
    """A new import."""
    session.add(row)
    session.flush()


def find_import(session: Session, import_id: str) -> ImportRow | None:
    """An import by its id."""
    return session.get(ImportRow, import_id)


def find_import_for_update(session: Session, import_id: str) -> ImportRow | None:
    """An import that nobody else can move until the commit."""
    query = select(ImportRow).where(ImportRow.id == import_id).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).one_or_none()


def list_imports(
    session: Session,
    client: str,
    kinds: Sequence[str],
    now: datetime,
    before: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[ImportRow]:
    """Imports of a client, and all of some kinds, that are not over, the newest first."""
    query = select(ImportRow).order_by(col(ImportRow.recorded_at).desc(), col(ImportRow.id)).limit(limit)
    query = query.where(col(ImportRow.expires_at) > now)
    query = query.where(or_(col(ImportRow.recorded_by) == client, col(ImportRow.kind).in_(kinds)))
    if before is not None:
        at, last = before
        same = and_(col(ImportRow.recorded_at) == at, col(ImportRow.id) > last)
        query = query.where(or_(col(ImportRow.recorded_at) < at, same))
    return session.exec(query).all()


def list_unfinished(session: Session) -> Sequence[ImportRow]:
    """Imports that somebody should be working on."""
    return session.exec(select(ImportRow).where(col(ImportRow.state).in_(("rehearsing", "committing")))).all()


def list_expired(session: Session, now: datetime) -> Sequence[str]:
    """Imports whose time is over, and that nobody works on."""
    idle = col(ImportRow.state).not_in(("rehearsing", "committing"))
    return session.exec(select(ImportRow.id).where(col(ImportRow.expires_at) <= now, idle).limit(100)).all()


def touch(session: Session, ids: Iterable[str], worker: str, now: datetime) -> None:
    """Say that a worker has some imports in hand."""
    mine = (col(ImportRow.id).in_(list(ids)), col(ImportRow.worker) == worker)
    session.execute(update(ImportRow).where(*mine).values(alive_at=now))


def finish_commit(session: Session, import_id: str, worker: str, values: dict[str, Any]) -> bool:
    """The last statement of a commit; whether the import was still this worker's."""
    row = ImportRow
    mine = (col(row.id) == import_id, col(row.state) == "committing", col(row.worker) == worker)
    statement = update(ImportRow).where(*mine).values(**values).execution_options(synchronize_session=False)
    return bool(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def add_lines(session: Session, lines: list[dict[str, Any]]) -> None:
    """Lines of a file."""
    append_rows(session, LineRow, lines)


def stage_dossiers(session: Session, rows: list[dict[str, Any]]) -> None:
    """Counts to be written; those whose key is staged already are left out."""
    append_rows(session, Staged, rows, unless_there=True)


def _span(import_id: str, first: int, last: int) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Staged.import_id) == import_id,
        col(Staged.position) >= first,
        col(Staged.position) <= last,
    )


def list_staged_positions(session: Session, import_id: str, first: int, last: int) -> set[int]:
    """Positions of a part of the file that are staged."""
    return set(session.exec(select(Staged.position).where(*_span(import_id, first, last))))


def find_staged(
    session: Session, import_id: str, keys: Iterable[tuple[str, ...]]
) -> dict[tuple[str, ...], int]:
    """Key -> position of the line that said it first."""
    columns = [col(getattr(Staged, name)) for name in KEY]
    query = select(*columns, col(Staged.position)).where(col(Staged.import_id) == import_id)  # type: ignore[call-overload]
    rows = session.execute(query.where(tuple_(*columns).in_(list(keys))))
    return {tuple(row[:5]): row[5] for row in rows}


def list_row_numbers(
    session: Session, import_id: str, positions: Iterable[int]
) -> dict[int, tuple[int, str | None]]:
    """Position -> (number of the row in its file, sheet)."""
    query = select(LineRow.position, LineRow.line, LineRow.sheet).where(LineRow.import_id == import_id)
    rows = session.exec(query.where(col(LineRow.position).in_(list(positions))))
    return {position: (line, sheet) for position, line, sheet in rows}


def list_revisions(session: Session, units: Iterable[str]) -> dict[tuple[str, str], int]:
    """(jurisdiction, unit) -> its statistics revision; absent before any figure."""
    query = select(Revision.jurisdiction_code, Revision.unit_code, Revision.revision)
    rows = session.exec(query.where(col(Revision.unit_code).in_(list(units))))
    return {(jurisdiction, unit): revision for jurisdiction, unit, revision in rows}


def _same_key(one: Any, other: Any) -> ColumnElement[bool]:
    return and_(*(getattr(one, name) == getattr(other, name) for name in KEY))


def _latest() -> Any:
    """The revision of the newest counts at the key of a staged row."""
    newest = aliased(Dossier)
    return (
        select(func.max(newest.revision)).where(_same_key(newest, Staged)).correlate(Staged).scalar_subquery()
    )


def compare_dossiers(session: Session, import_id: str, first: int, last: int) -> dict[int, str]:
    """Position -> `updated` or `unchanged`, of a part of the file, for rows in whose place counts stand."""
    span = _span(import_id, first, last)
    session.execute(
        update(Staged)
        .where(*span, _latest().is_not(None))
        .values(previous_revision=_latest())
        .execution_options(synchronize_session=False)
    )
    standing = aliased(Dossier)
    same = and_(*(getattr(standing, n).is_not_distinct_from(getattr(Staged, n)) for n in SAID))
    found = session.execute(
        select(col(Staged.position), same)
        .join(standing, and_(_same_key(standing, Staged), col(standing.revision) == Staged.previous_revision))
        .where(*span)
    )
    actions = {position: "unchanged" if is_same else "updated" for position, is_same in found}
    unchanged = [position for position, action in actions.items() if action == "unchanged"]
    session.execute(
        update(Staged)
        .where(col(Staged.import_id) == import_id, col(Staged.position).in_(unchanged))
        .values(is_unchanged=True)
        .execution_options(synchronize_session=False)
    )
    return actions


def count_emptied(session: Session, import_id: str) -> dict[str, int]:
    """Column -> number of rows that would leave unknown what is known now."""
    standing = aliased(Dossier)
    emptied = (
        func.count().filter(getattr(standing, name).is_not(None), getattr(Staged, name).is_(None))
        for name in COLUMNS
    )
    query = select(*emptied).join_from(
        Staged,
        standing,
        and_(_same_key(standing, Staged), col(standing.revision) == Staged.previous_revision),
    )
    found = session.execute(query.where(*_to_write(import_id))).one()
    return dict(zip(COLUMNS, found, strict=True))


def _to_write(import_id: str) -> tuple[ColumnElement[bool], ...]:
    return col(Staged.import_id) == import_id, col(Staged.is_unchanged).is_(False)


def add_units(session: Session, rows: list[dict[str, Any]]) -> None:
    """Units that a commit touches."""
    if rows:
        append_rows(session, UnitRow, rows)


def iterate_staged(session: Session, import_id: str) -> Iterator[tuple[Any, ...]]:
    """Rows to be written in the order of their keys, for the digests of each jurisdiction."""
    columns = [col(getattr(Staged, name)) for name in (*KEY, *VALUES)]
    query = select(*columns).where(*_to_write(import_id))
    query = query.order_by(*(col(getattr(Staged, name)) for name in KEY))
    return (tuple(row) for row in session.execute(query.execution_options(yield_per=2000)))


def hold_units(session: Session, import_id: str) -> None:
    """Hold the statistics revisions of all units of an import until the commit, in the order of codes."""
    dialect = session.get_bind().dialect.name
    statement: Any = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(Revision)
    units = select(col(UnitRow.jurisdiction_code), col(UnitRow.unit_code), literal(0)).where(
        col(UnitRow.import_id) == import_id
    )
    order = (col(UnitRow.jurisdiction_code), col(UnitRow.unit_code))
    names = ["jurisdiction_code", "unit_code", "revision"]
    session.execute(statement.from_select(names, units.order_by(*order)).on_conflict_do_nothing())
    held = select(Revision.unit_code).where(_is_of(import_id))
    held = held.order_by(col(Revision.jurisdiction_code), col(Revision.unit_code)).with_for_update()
    session.exec(held).all()


def _is_of(import_id: str, *roles: str) -> ColumnElement[bool]:
    found = exists().where(col(UnitRow.import_id) == import_id, _of_unit(UnitRow, Revision))
    if roles:
        found = found.where(col(UnitRow.role).in_(roles))
    return found.correlate(Revision)


def bump_units(session: Session, import_id: str) -> None:
    """Raise the revisions of the units whose counts an import writes, and of those above them."""
    touched = _is_of(import_id, "written", "above")
    statement = update(Revision).where(touched).values(revision=Revision.revision + 1)
    session.execute(statement.execution_options(synchronize_session=False))


def list_written_units(session: Session, import_id: str) -> list[tuple[str, str, int]]:
    """(jurisdiction, unit, revision now) of the units whose own counts an import writes."""
    query = (
        select(Revision.jurisdiction_code, Revision.unit_code, Revision.revision)
        .join(UnitRow, _of_unit(UnitRow, Revision))
        .where(col(UnitRow.import_id) == import_id, col(UnitRow.role) == "written")
    )
    return [(j, u, r) for j, u, r in session.exec(query)]


def _of_unit(one: Any, other: Any) -> ColumnElement[bool]:
    return and_(col(one.jurisdiction_code) == other.jurisdiction_code, col(one.unit_code) == other.unit_code)


def _moved(import_id: str) -> SelectOfScalar[str]:
    """Units that an import was compared with, and whose figures were written since."""
    return (
        select(UnitRow.unit_code)
        .join(Revision, _of_unit(Revision, UnitRow))
        .where(col(UnitRow.import_id) == import_id, col(UnitRow.revision) < Revision.revision)
    )


def list_moved_units(session: Session, import_id: str) -> set[str]:
    """Units that an import was compared with, and whose figures were written since."""
    return set(session.exec(_moved(import_id)))


def list_changed_since(session: Session, import_id: str, limit: int) -> tuple[int, list[Changed]]:
    """Staged rows in whose place something was written meanwhile: how many, and the first of them. Only units
    whose revision has moved since are looked at."""
    moved = _moved(import_id)
    units = session.exec(moved.limit(1)).first()
    if units is None:
        return 0, []
    now = _latest()
    outdated = (
        col(Staged.import_id) == import_id,
        col(Staged.unit_code).in_(moved),
        now > func.coalesce(Staged.previous_revision, -1),
    )
    count = session.execute(select(func.count()).select_from(Staged).where(*outdated)).scalar_one()
    names = ("position", *KEY[1:], "previous_revision")
    query = select(*(col(getattr(Staged, name)) for name in names), now).where(*outdated)  # type: ignore[call-overload]
    rows = session.execute(query.order_by(col(Staged.position)).limit(limit))
    return count, [Changed(*row) for row in rows]


def write_dossiers(session: Session, import_id: str, now: datetime, by: str) -> int:
    """Append all staged rows, with the revisions that their units have now; how many."""
    values = (*KEY, *VALUES)
    columns = [*values, "revision", "recorded_at", "recorded_by", "import_id"]
    source = (
        select(  # type: ignore[call-overload]
            *(col(getattr(Staged, name)) for name in values),
            col(Revision.revision),
            literal(now, Dossier.__table__.c.recorded_at.type),  # type: ignore[attr-defined]
            literal(by),
            col(Staged.import_id),
        )
        .join(Revision, _of_unit(Revision, Staged))
        .where(*_to_write(import_id))
    )
    statement = insert(Dossier).from_select(columns, source)
    result = session.execute(statement.execution_options(preserve_rowcount=True))
    return int(result.rowcount)  # type: ignore[attr-defined]


def list_lines(
    session: Session, import_id: str, actions: Sequence[str], after: int, limit: int
) -> Sequence[ImportLineRow]:
    """Lines in the order of the file; all of them where no actions are named."""
    query = select(LineRow).where(LineRow.import_id == import_id, col(LineRow.position) > after)
    if actions:
        query = query.where(col(LineRow.action).in_(actions))
    return session.exec(query.order_by(col(LineRow.position)).limit(limit)).all()


def list_staged(
    session: Session, import_id: str, actions: Sequence[str], after: int, limit: int
) -> list[StagedLine]:
    """Lines of some actions with what they say, in the order of the file."""
    columns = (col(getattr(LineRow, name)) for name in StagedLine._fields)
    query = select(*columns).where(LineRow.import_id == import_id, col(LineRow.position) > after)
    query = query.where(col(LineRow.action).in_(actions)).order_by(col(LineRow.position)).limit(limit)
    return [StagedLine(*row) for row in session.execute(query)]


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


def drop_some(session: Session, import_id: str) -> bool:
    """Forget some lines of an import; whether there may be more."""
    more = False
    for table in (Staged, LineRow):
        some = select(table.position).where(table.import_id == import_id).limit(DROPPED_AT_ONCE)
        statement = delete(table).where(col(table.import_id) == import_id, col(table.position).in_(some))
        result = session.execute(statement.execution_options(synchronize_session=False))
        more = more or result.rowcount == DROPPED_AT_ONCE  # type: ignore[attr-defined]
    if not more:
        session.execute(delete(UnitRow).where(col(UnitRow.import_id) == import_id))
    return more


def delete_import(session: Session, import_id: str) -> None:
    """Forget an import; what it wrote stays."""
    session.execute(delete(ImportRow).where(col(ImportRow.id) == import_id))
