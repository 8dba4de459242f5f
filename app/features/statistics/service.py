"""Figures come in, append-only. Measures go out by unit and rolled up; dossier counts in the room above."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from app.core.access import NATION, READS_SCORES
from app.core.errors import Fault, InvalidPeriodError
from app.core.fields import ALL_FIELDS
from app.core.periods import Period, parse_period
from app.core.ratio import Ratio
from app.core.rollup import RolledUp
from app.core.rounding import as_number
from app.core.statistics import COLUMNS, refuse_counts
from app.core.types import ClientScope
from app.features.statistics import mapping, repository
from app.features.statistics.mapping import MEASURE_SCALE
from app.features.statistics.schemas import (
    Coverage,
    DossierWrite,
    MeasureRead,
    MeasureWrite,
    StatisticWarning,
)
from app.features.units import repository as unit_queries
from app.features.units import service as units
from app.infra import audit
from app.infra.auth import Caller
from app.infra.errors import ConflictError, NotFoundError, refuse
from app.infra.messages import Language
from app.infra.problems import render_warnings
from app.models import DossierStatisticRow, MeasureValueRow

COUNTED_MEASURES = frozenset({"findings_resolved"})
"""Measures that the service counts itself: nobody reports them."""
_SINGLE = RolledUp(rows=1, reported=1, expected=1)


def period_in_path(text: str) -> Period:
    """The period that a URL names."""
    try:
        return parse_period(text)
    except InvalidPeriodError:
        refuse([Fault("period_invalid", "/path/period", {"period": text})])
        raise


READERS = (ClientScope.STATISTICS_WRITE, *READS_SCORES)
"""Figures decide points: whoever reads them must reach the unit."""


def reach(session: Session, unit: str, period: Period, by: Caller, *scopes: ClientScope) -> str:
    """The jurisdiction of a unit that the caller reaches at the period's end."""
    jurisdiction = units.get_version(session, unit, period.end).jurisdiction_code
    units.require_units(session, by, scopes or READERS, [unit], period.end)
    return jurisdiction


def put_dossiers(
    session: Session,
    unit: str,
    period: Period,
    written: DossierWrite,
    *,
    by: Caller,
    field: str = ALL_FIELDS,
) -> None:
    """Append the counts of a unit, period, scope and field of procedure; the same counts again are no
    change."""
    jurisdiction = reach(session, unit, period, by, ClientScope.STATISTICS_WRITE)
    refuse(refuse_counts(written.model_dump(include=set(COLUMNS), exclude_none=True)))
    chain = _hold(session, jurisdiction, unit, period)
    latest = repository.find_dossier(session, (jurisdiction, period.text, unit), written.scope, field)
    if latest is None or not _same(latest, written):
        revision = _bump(session, jurisdiction, unit, chain)
        row = DossierStatisticRow(
            **_key(jurisdiction, period, unit, revision),
            procedure_field=field,
            **written.model_dump(),
            recorded_at=datetime.now(UTC),
            recorded_by=by.code,
        )
        repository.add_figure(session, row)
        place = "/".join(filter(None, (period.text, unit, written.scope, field)))
        _record(session, by, "dossiers.put", place, latest, row)


def _record(
    session: Session,
    by: Caller,
    action: str,
    place: str,
    before: DossierStatisticRow | MeasureValueRow | None,
    row: DossierStatisticRow | MeasureValueRow,
) -> None:
    """One event of a figure, with the digest of the new row."""
    key = f"{row.__tablename__}/{place}/{row.revision}"
    event = audit.Event(
        by,
        action,
        row.jurisdiction_code,
        {"unit": row.unit_code, "period": row.period},
        None if before is None else before.model_dump(mode="json", exclude_none=True),
        row.model_dump(mode="json", exclude_none=True),
        digests={key: audit.digest_of_row(row)},
    )
    audit.record(session, event)


def _key(jurisdiction: str, period: Period, unit: str, revision: int) -> dict[str, Any]:
    return {
        "jurisdiction_code": jurisdiction,
        "period": period.text,
        "unit_code": unit,
        "revision": revision,
    }


def _same(row: DossierStatisticRow | MeasureValueRow, written: DossierWrite | MeasureWrite) -> bool:
    """Whether a row says what is written (when it was extracted does not matter)."""
    said = {k: _stored(row, v) for k, v in written.model_dump(exclude={"extracted_at"}).items()}
    return all(getattr(row, name) == value for name, value in said.items())


def _stored(row: DossierStatisticRow | MeasureValueRow, value: object) -> object:
    if isinstance(row, MeasureValueRow) and isinstance(value, Decimal):
        return int(value * MEASURE_SCALE)
    return value


def _hold(session: Session, jurisdiction: str, unit: str, period: Period) -> set[str]:
    """The unit and its ancestors up to the province, held: two writers of one figure take turns."""
    codes = {unit}
    parent = units.get_version(session, unit, period.end).parent_code
    while parent is not None and parent != NATION and parent not in codes:
        codes.add(parent)
        parent = units.get_version(session, parent, period.end).parent_code
    repository.hold_revisions(session, jurisdiction, codes)
    return codes


def _bump(session: Session, jurisdiction: str, unit: str, chain: set[str]) -> int:
    """Raise the revisions of a unit and of its ancestors; the unit's new one."""
    repository.bump_revisions(session, jurisdiction, chain)
    return repository.find_revision(session, jurisdiction, unit)


def has_figures(session: Session, unit: str, period: Period) -> bool:
    """Whether a unit (that may not exist yet) has reported anything for a period."""
    version = unit_queries.find_version(session, unit, period.end)
    return version is not None and repository.has_figures(
        session, (version.jurisdiction_code, period.text, unit)
    )


def scope_of(jurisdiction: str) -> set[str] | None:
    """The jurisdictions that hold the figures below a unit of one; None is all."""
    return None if jurisdiction == NATION else {jurisdiction}


def children_of(session: Session, jurisdictions: set[str], period: Period) -> dict[str, list[str]]:
    """Unit -> units below, on the map of the period's end."""
    return mapping.children_of(unit_queries.list_tree(session, jurisdictions, period.end))


def percent_of(rate: Ratio | None) -> float | None:
    """A rate as it is shown."""
    if rate is None or not rate.has_data:
        return None
    return as_number(rate.numerator * 100, rate.denominator, 2)


def put_measure(
    session: Session,
    unit: str,
    measure: str,
    period: Period,
    written: MeasureWrite,
    *,
    by: Caller,
    language: Language,
) -> MeasureRead:
    """Append a value of a measure; the same value again is no change."""
    jurisdiction = reach(session, unit, period, by, ClientScope.STATISTICS_WRITE)
    if refuse_counted(measure):
        raise ConflictError("measure_is_counted", measure=measure)
    add_measure(session, (jurisdiction, unit, measure), period, written, by)
    return read_measure(session, unit, measure, period, language, by)


def refuse_counted(measure: str) -> list[Fault]:
    """What stands against reporting a measure that the service counts itself."""
    if measure in COUNTED_MEASURES:
        return [Fault("measure_is_counted", "/measure", {"measure": measure})]
    return []


def measure_values(written: MeasureWrite) -> dict[str, Any]:
    """A value as it is stored."""
    numbers = {name: getattr(written, name) for name in repository.NUMBERS}
    at = written.extracted_at
    return {
        **{name: None if n is None else int(n * MEASURE_SCALE) for name, n in numbers.items()},
        "source": written.source,
        "extracted_at": at.astimezone(UTC) if at else None,
    }


def add_measure(
    session: Session, place: tuple[str, str, str], period: Period, written: MeasureWrite, by: Caller
) -> None:
    """Append a value at (jurisdiction, unit, measure) where it differs from the latest."""
    jurisdiction, unit, measure = place
    chain = _hold(session, jurisdiction, unit, period)
    latest = repository.find_measure(session, (jurisdiction, period.text, unit), measure)
    if latest is None or not _same(latest, written):
        row = MeasureValueRow(
            **_key(jurisdiction, period, unit, _bump(session, jurisdiction, unit, chain)),
            measure_code=measure,
            **measure_values(written),
            recorded_at=datetime.now(UTC),
            recorded_by=by.code,
        )
        repository.add_figure(session, row)
        _record(session, by, "measure.put", f"{period.text}/{measure}/{unit}", latest, row)


def read_measure(
    session: Session, unit: str, measure: str, period: Period, language: Language, by: Caller
) -> MeasureRead:
    """The latest value of the unit itself."""
    jurisdiction = reach(session, unit, period, by)
    place = (jurisdiction, period.text, unit)
    row = repository.find_measure(session, place, measure)
    if row is None:
        raise NotFoundError("statistics_unknown", unit=unit, period=period.text)
    numbers = {name: n for name in repository.NUMBERS if (n := getattr(row, name)) is not None}
    return _measure_read(session, place, measure, numbers, _SINGLE, row, language)


def roll_up_measure(
    session: Session, unit: str, measure: str, period: Period, language: Language, by: Caller
) -> MeasureRead:
    """Own value and those of all units below, counts added before they are divided."""
    jurisdiction = reach(session, unit, period, by)
    figures = repository.list_measures(session, scope_of(jurisdiction), period.text, [measure])
    children = children_of(session, {jurisdiction}, period)
    rolled = mapping.add_measure(unit, children, figures, measure)[unit]
    numbers = dict(rolled.counts)
    if rolled.rows == 1:
        numbers |= figures.get((measure, unit), {})
    place = (jurisdiction, period.text, unit)
    return _measure_read(session, place, measure, numbers, rolled, None, language)


def _measure_read(
    session: Session,
    place: tuple[str, str, str],
    measure: str,
    numbers: Mapping[str, int],
    rolled: RolledUp,
    row: MeasureValueRow | None,
    language: Language,
) -> MeasureRead:
    """`row`: the report itself, None for a roll-up."""
    jurisdiction, period, unit = place

    def shown(name: str) -> float | None:
        return as_number(numbers[name], MEASURE_SCALE, 4) if name in numbers else None

    reported = shown("percent")
    return MeasureRead(
        unit=unit,
        measure=measure,
        period=period,
        numerator=shown("numerator"),
        denominator=shown("denominator"),
        value=shown("value"),
        percent=reported if reported is not None else percent_of(mapping.measure_rate(numbers)),
        coverage=Coverage(reported=rolled.reported, expected=rolled.expected),
        warnings=[
            StatisticWarning(**w, rule=w["code"])
            for w in render_warnings(mapping.warnings_of(rolled), language)
        ],
        source=row.source if row else None,
        extracted_at=row.extracted_at if row else None,
        revision=repository.find_revision(session, jurisdiction, unit),
    )
