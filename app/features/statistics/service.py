"""Figures come in append-only, and go out by unit, rolled up, or as the rates of rules."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlmodel import Session

from app.core.access import NATION, READS_SCORES
from app.core.errors import Fault, InvalidPeriodError
from app.core.framework import Framework
from app.core.periods import Period, parse_period
from app.core.ratio import Ratio
from app.core.rollup import RolledUp
from app.core.rounding import as_number
from app.core.rules import Inputs, Reported
from app.core.statistics import COLUMNS, compute_rates, derive_counts, refuse_counts, warn_counts
from app.core.types import ClientScope, Scope
from app.features.statistics import mapping, repository
from app.features.statistics.mapping import MEASURE_SCALE, Sources
from app.features.statistics.schemas import (
    Coverage,
    DossierRead,
    DossierWrite,
    MeasureRead,
    MeasureWrite,
    Rates,
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


def _reach(session: Session, unit: str, period: Period, by: Caller, *scopes: ClientScope) -> str:
    """The jurisdiction of a unit that the caller reaches at the period's end."""
    jurisdiction = units.get_version(session, unit, period.end).jurisdiction_code
    units.require_units(session, by, scopes or READERS, [unit], period.end)
    return jurisdiction


def put_dossiers(
    session: Session, unit: str, period: Period, written: DossierWrite, *, by: Caller, language: Language
) -> DossierRead:
    """Append the counts of a unit, period and scope; the same counts again are no change."""
    jurisdiction = _reach(session, unit, period, by, ClientScope.STATISTICS_WRITE)
    counts = written.model_dump(include=set(COLUMNS), exclude_none=True)
    refuse(refuse_counts(counts))
    place = (jurisdiction, period.text, unit)
    chain = _hold(session, jurisdiction, unit, period)
    latest = repository.find_dossier(session, place, written.scope)
    if latest is None or not _same(latest, written):
        revision = _bump(session, jurisdiction, unit, chain)
        row = DossierStatisticRow(
            **_key(jurisdiction, period, unit, revision),
            **written.model_dump(),
            recorded_at=datetime.now(UTC),
            recorded_by=by.code,
        )
        repository.add_figure(session, row)
        _record(session, by, "dossiers.put", f"{period.text}/{unit}/{written.scope}", latest, row)
    return read_dossiers(session, unit, period, scope=written.scope, language=language, by=by)


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


def read_dossiers(
    session: Session, unit: str, period: Period, *, scope: Scope | None, language: Language, by: Caller
) -> DossierRead:
    """The latest counts of the unit itself; `own` before `total` where no scope is asked for."""
    jurisdiction = _reach(session, unit, period, by)
    place = (jurisdiction, period.text, unit)
    for wanted in (scope,) if scope else (Scope.OWN, Scope.TOTAL):
        row = repository.find_dossier(session, place, wanted)
        if row is not None:
            counts = repository.as_counts(row)
            rolled = RolledUp(counts=counts, rows=1, reported=1, expected=1)
            return _dossier_read(session, place, wanted, rolled, set(counts), row, language)
    raise NotFoundError("statistics_unknown", unit=unit, period=period.text)


def roll_up_dossiers(
    session: Session, unit: str, period: Period, language: Language, by: Caller
) -> DossierRead:
    """The unit with everything below it, on the map of the period's end."""
    jurisdiction = _reach(session, unit, period, by)
    figures = repository.list_dossiers(session, _scope_of(jurisdiction), period.text)
    children = _children(session, {jurisdiction}, period)
    below = mapping.roll_up_dossiers(unit, children, figures)
    reported = {column for (code, _), counts in figures.items() if code in below for column in counts}
    place = (jurisdiction, period.text, unit)
    return _dossier_read(session, place, Scope.TOTAL, below[unit], reported, None, language)


def _scope_of(jurisdiction: str) -> set[str] | None:
    return None if jurisdiction == NATION else {jurisdiction}


def _children(session: Session, jurisdictions: set[str], period: Period) -> dict[str, list[str]]:
    return mapping.children_of(unit_queries.list_tree(session, jurisdictions, period.end))


def _dossier_read(
    session: Session,
    place: tuple[str, str, str],
    scope: Scope,
    rolled: RolledUp,
    reported: set[str],
    row: DossierStatisticRow | None,
    language: Language,
) -> DossierRead:
    """`reported`: columns that some report has; the others follow from these. `row`: None for a roll-up."""
    jurisdiction, period, unit = place
    everything = rolled.counts | derive_counts(rolled.counts)
    warnings = warn_counts(rolled.counts) + mapping.warnings_of(rolled)
    rates = {name: _percent(rate) for name, rate in compute_rates(rolled.counts).items()}
    return DossierRead(
        unit=unit,
        period=period,
        scope=scope,
        data_from=row.data_from if row else None,
        data_to=row.data_to if row else None,
        counts={column: n for column, n in rolled.counts.items() if column in reported},
        derived={column: n for column, n in everything.items() if column not in reported},
        rates=Rates(**rates),
        coverage=Coverage(reported=rolled.reported, expected=rolled.expected),
        warnings=[StatisticWarning(**w) for w in render_warnings(warnings, language)],
        source=row.source if row else None,
        extracted_at=row.extracted_at if row else None,
        revision=repository.find_revision(session, jurisdiction, unit),
    )


def _percent(rate: Ratio | None) -> float | None:
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
    jurisdiction = _reach(session, unit, period, by, ClientScope.STATISTICS_WRITE)
    if measure in COUNTED_MEASURES:
        raise ConflictError("measure_is_counted", measure=measure)
    add_measure(session, (jurisdiction, unit, measure), period, written, by)
    return read_measure(session, unit, measure, period, language, by)


def add_measure(
    session: Session, place: tuple[str, str, str], period: Period, written: MeasureWrite, by: Caller
) -> None:
    """Append a value at (jurisdiction, unit, measure) where it differs from the latest."""
    jurisdiction, unit, measure = place
    chain = _hold(session, jurisdiction, unit, period)
    latest = repository.find_measure(session, (jurisdiction, period.text, unit), measure)
    if latest is None or not _same(latest, written):
        numbers = written.model_dump(include={"numerator", "denominator", "value", "percent"})
        scaled: dict[str, Any] = {
            name: None if n is None else int(n * MEASURE_SCALE) for name, n in numbers.items()
        }
        row = MeasureValueRow(
            **_key(jurisdiction, period, unit, _bump(session, jurisdiction, unit, chain)),
            measure_code=measure,
            **scaled,
            source=written.source,
            extracted_at=written.extracted_at,
            recorded_at=datetime.now(UTC),
            recorded_by=by.code,
        )
        repository.add_figure(session, row)
        _record(session, by, "measure.put", f"{period.text}/{measure}/{unit}", latest, row)


def read_measure(
    session: Session, unit: str, measure: str, period: Period, language: Language, by: Caller
) -> MeasureRead:
    """The latest value of the unit itself."""
    jurisdiction = _reach(session, unit, period, by)
    place = (jurisdiction, period.text, unit)
    row = repository.find_measure(session, place, measure)
    if row is None:
        raise NotFoundError("statistics_unknown", unit=unit, period=period.text)
    names = ("numerator", "denominator", "value", "percent")
    numbers = {name: n for name in names if (n := getattr(row, name)) is not None}
    return _measure_read(session, place, measure, numbers, _SINGLE, row, language)


def roll_up_measure(
    session: Session, unit: str, measure: str, period: Period, language: Language, by: Caller
) -> MeasureRead:
    """Own value and those of all units below, counts added before they are divided."""
    jurisdiction = _reach(session, unit, period, by)
    figures = repository.list_measures(session, _scope_of(jurisdiction), period.text, [measure])
    children = _children(session, {jurisdiction}, period)
    rolled = mapping.roll_up_measure(unit, children, figures, measure)[unit]
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
        percent=reported if reported is not None else _percent(mapping.measure_rate(numbers)),
        coverage=Coverage(reported=rolled.reported, expected=rolled.expected),
        warnings=[StatisticWarning(**w) for w in render_warnings(mapping.warnings_of(rolled), language)],
        source=row.source if row else None,
        extracted_at=row.extracted_at if row else None,
        revision=repository.find_revision(session, jurisdiction, unit),
    )


def list_inputs(
    session: Session,
    participants: Mapping[str, str],
    period: Period,
    framework: Framework,
    known_at: datetime | None = None,
) -> dict[str, Inputs]:
    """Unit -> what the rules of a criteria set read, for `participants` (unit -> jurisdiction); now, or as
    known at an instant.

    Dossier figures are of the unit with everything below it. A measure is the unit's own; where it
    reported none, the sum of the units below. The number of queries does not grow with the units.
    """
    wanted = framework.rates | framework.figures
    rates: dict[str, dict[str, Ratio]] = {unit: {} for unit in participants}
    figures: dict[str, dict[str, Fraction]] = {unit: {} for unit in participants}
    reported: dict[str, dict[str, Reported]] = {unit: {} for unit in participants}
    if wanted and participants:
        reader = _Reader(session, participants, period, known_at)
        if any(name.startswith("dossier:") for name in wanted):
            reader.read_dossiers(rates, figures, framework.figures)
        measures = {mapping.measure_of(name) for name in wanted if name.startswith("measure:")}
        if measures:
            reader.read_measures(measures, rates, figures, reported)
    return {unit: Inputs(rates[unit], figures[unit], reported[unit]) for unit in participants}


def list_reports(
    session: Session,
    place: tuple[str, str],
    period: Period,
    framework: Framework,
    known_at: datetime | None = None,
) -> dict[str, Sources]:
    """ "dossier", or "measure:<code>" -> the reports behind what `list_inputs` gives a unit.

    `place`: (jurisdiction, unit).
    """
    jurisdiction, unit = place
    wanted = framework.rates | framework.figures
    children = _children(session, {jurisdiction}, period) if wanted else {}
    where = (_scope_of(jurisdiction), period.text)
    found: dict[str, Sources] = {}
    if any(name.startswith("dossier:") for name in wanted):
        dossiers = repository.list_dossier_reports(session, *where, known_at)
        found["dossier"] = mapping.dossier_reports(unit, children, dossiers)
    measures = {mapping.measure_of(name) for name in wanted if name.startswith("measure:")}
    if measures:
        values = repository.list_measure_reports(session, *where, measures, known_at)
        found |= {f"measure:{m}": mapping.measure_reports(unit, children, values, m) for m in measures}
    return found


class _Reader:
    """Reads figures of one period for some units."""

    def __init__(
        self, session: Session, participants: Mapping[str, str], period: Period, known_at: datetime | None
    ) -> None:
        jurisdictions = set(participants.values())
        everywhere = NATION in jurisdictions
        self.session = session
        self.period = period
        self.known_at = known_at
        self.units = set(participants)
        self.scope = None if everywhere else jurisdictions
        self.roots = {NATION} if everywhere else jurisdictions
        self.children = _children(session, jurisdictions, period)

    def read_dossiers(
        self,
        rates: dict[str, dict[str, Ratio]],
        figures: dict[str, dict[str, Fraction]],
        wanted: frozenset[str],
    ) -> None:
        """Dossier rates and counts of every unit with those below it."""
        dossiers = repository.list_dossiers(self.session, self.scope, self.period.text, self.known_at)
        for root in self.roots:
            for unit, rolled in mapping.roll_up_dossiers(root, self.children, dossiers).items():
                if unit in self.units:
                    rates[unit] |= mapping.dossier_rates(rolled)
                    figures[unit] |= mapping.dossier_figures(rolled, wanted)

    def read_measures(
        self,
        measures: set[str],
        rates: dict[str, dict[str, Ratio]],
        figures: dict[str, dict[str, Fraction]],
        as_reported: dict[str, dict[str, Reported]],
    ) -> None:
        """Measures of every unit, its own before the sum of those below it."""
        reported = repository.list_measures(
            self.session, self.scope, self.period.text, measures, self.known_at
        )
        for measure in measures:
            summed = {
                unit: rolled.counts
                for root in self.roots
                for unit, rolled in mapping.roll_up_measure(root, self.children, reported, measure).items()
            }
            for unit in self.units:
                numbers = reported.get((measure, unit)) or summed.get(unit, {})
                rate = mapping.measure_rate(numbers)
                if rate is not None:
                    rates[unit][f"measure:{measure}"] = rate
                    as_reported[unit][f"measure:{measure}"] = mapping.measure_as_reported(numbers)
                figures[unit] |= mapping.measure_figures(measure, numbers)
