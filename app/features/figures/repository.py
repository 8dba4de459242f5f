"""Dossier counts added up over the parts of a period by the database, one line for each unit and scope."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    FromClause,
    Table,
    and_,
    case,
    cast,
    func,
    literal,
    union_all,
)
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col, select

from app.core.composition import ADDED, MOST_MONTHS, OPENING
from app.core.fields import ALL_FIELDS
from app.core.periods import Period
from app.core.statistics import COLUMNS
from app.features.statistics.repository import Dossier, Place, of_periods, recorded
from app.models.base import CODE

Expression = ColumnElement[Any]
Days = tuple[date | None, date | None]
Sums = Any
"""A row: unit; scope; how many rows there are, superseded ones among them; the sum of the bits of their
periods; whether there are rows of single fields of procedure, and of days of their own; the bits of COLUMNS
that cannot be composed, though some part knows them; then the counts in the order of COLUMNS."""


def sum_dossiers(
    session: Session,
    jurisdictions: Iterable[str] | None,
    period: Period,
    periods: Sequence[Period],
    known_at: datetime | None = None,
    units: Iterable[str] | None = None,
    *,
    latest: bool = False,
) -> Sequence[Sums]:
    """Counts of a period as sums over those of its parts; each of `periods` has the bit of its position.

    The rules are those of `core.composition`. The sums hold where no row is superseded (`latest` leaves such
    rows out, which takes half as long again), of a single field of procedure, or covered by that of a longer
    period. Columns that follow from others are not filled in.
    """
    names = [part.text for part in periods]
    query = of_periods(_sums(period, tuple(periods)), names, units)
    if latest:
        query = query.where(~_superseding(names, known_at).exists())
    return session.connection().execute(recorded(query, Dossier, jurisdictions, known_at)).all()


@lru_cache(maxsize=128)
def _sums(period: Period, periods: Sequence[Period]) -> Any:
    """Kept: to say it takes longer than to answer it for one unit."""
    parts, key = _parts(period, periods), (col(Dossier.unit_code), col(Dossier.scope))
    query = select(*key).add_columns(*_columns(parts)).join(parts, parts.c.period == col(Dossier.period))
    return query.group_by(*key)


def list_days(
    session: Session,
    jurisdictions: Iterable[str] | None,
    periods: Sequence[str],
    known_at: datetime | None,
    units: Iterable[str],
) -> dict[Place, Days]:
    """The days that the latest counts in some periods say that they are of."""
    key = (col(Dossier.unit_code), col(Dossier.scope), col(Dossier.procedure_field), col(Dossier.period))
    query = of_periods(select(*key).add_columns(_column("data_from"), _column("data_to")), periods, units)
    known = recorded(query, Dossier, jurisdictions, known_at).order_by(col(Dossier.revision))
    return {Place(*place): (since, until) for *place, since, until in session.execute(known)}


def list_other_periods(
    session: Session,
    jurisdictions: Iterable[str] | None,
    period: Period,
    periods: Sequence[str],
    units: Iterable[str],
    field: str | None = None,
) -> dict[tuple[str, str], set[str]]:
    """(unit, scope) -> what it has counts for beside `periods`, as far as that begins a little before the end
    of a period; of one field of procedure where it is named."""
    text, since = col(Dossier.period), max(period.start.year - MOST_MONTHS // 12, 0)
    query = select(Dossier.unit_code, Dossier.scope, Dossier.period).distinct()
    query = query.where(text >= f"{since:04}", text <= f"{period.end.year:04}-~", text.not_in(periods))
    query = query.where(col(Dossier.unit_code).in_(list(units)))
    if field is not None:
        query = query.where(Dossier.procedure_field == field)
    found: dict[tuple[str, str], set[str]] = {}
    for unit, scope, other in session.execute(recorded(query, Dossier, jurisdictions, None)):
        found.setdefault((unit, scope), set()).add(other)
    return found


def _superseding(periods: Sequence[str], known_at: datetime | None) -> Any:
    """Later reports of the same."""
    later = aliased(Dossier)
    key = ("jurisdiction_code", "period", "unit_code", "scope", "procedure_field")
    same = [getattr(later, name) == getattr(Dossier, name) for name in key]
    query = select(later.revision).where(*same, col(later.revision) > Dossier.revision)
    query = query.where(col(later.period).in_(periods))
    return query if known_at is None else query.where(col(later.recorded_at) <= known_at)


def _parts(period: Period, periods: Sequence[Period]) -> FromClause:
    """A table of the parts: each one's bit, and whether it begins or ends the whole."""
    # not VALUES: statements with those are compiled anew each time
    rows = [
        select(
            literal(part.text, CODE).label("period"),
            literal(1 << position, BigInteger).label("bit"),
            literal(part.start == period.start, Boolean).label("is_first"),
            literal(part.end == period.end, Boolean).label("is_last"),
        )
        for position, part in enumerate(periods)
    ]
    return union_all(*rows).cte("part").prefix_with("MATERIALIZED")


def _columns(parts: FromClause) -> list[Expression]:
    composed = {name: _composed(name, parts) for name in COLUMNS}
    lost: Expression = literal(0)
    for position, name in enumerate(COLUMNS):
        is_lost = and_(func.count(_column(name)) > 0, composed[name].is_(None))
        lost = lost + case((is_lost, 1 << position), else_=0)
    return [
        func.count(),
        _whole(func.sum(parts.c.bit)),
        func.max(_column("procedure_field")) != ALL_FIELDS,
        (func.count(_column("data_from")) + func.count(_column("data_to")) > 0).label("dated"),
        lost,
        *composed.values(),
    ]


def _column(name: str) -> Expression:
    table: Table = SQLModel.metadata.tables[str(Dossier.__tablename__)]
    return table.c[name]


def _composed(name: str, parts: FromClause) -> Expression:
    if name == "received":
        new = func.coalesce(
            _column("received") - _column("carried_over"),
            _column("received_online") + _column("received_direct"),
        )
        return _added(case((parts.c.is_first, _column("received")), else_=new))
    if name in ADDED:
        return _added(_column(name))
    end = parts.c.is_first if name in OPENING else parts.c.is_last
    return func.max(case((end, _column(name))))


def _added(counts: Expression) -> Expression:
    """The sum, where every row knows the column."""
    return case((func.count(counts) == func.count(), _whole(func.sum(counts))))


def _whole(counts: Expression) -> Expression:
    """PostgreSQL adds integers to a decimal."""
    return cast(counts, BigInteger)
