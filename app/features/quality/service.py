"""How good the dossier counts of a unit are, and why its warnings stand."""

from collections.abc import Container, Iterable, Mapping
from datetime import UTC, date, datetime

from sqlmodel import Session

from app.core.composition import periods_within
from app.core.errors import Fault
from app.core.periods import Period
from app.core.types import ClientScope, Scope
from app.core.validation import Severity
from app.features.checks import repository as check_queries
from app.features.checks.mapping import shipped
from app.features.figures import service as figures
from app.features.figures.mapping.composing import Figure
from app.features.figures.mapping.rolling import counted_figures, missing_units, roll_up_figures
from app.features.quality.schemas import (
    AcknowledgementCreate,
    Completeness,
    Findings,
    NamedUnit,
    QualityRead,
    Timeliness,
)
from app.features.statistics import repository
from app.features.statistics import service as statistics
from app.features.statistics.schemas import Coverage, DossierRead, StatisticWarning
from app.features.units import repository as unit_queries
from app.infra import audit
from app.infra.auth import Caller
from app.infra.clock import VIETNAM, today
from app.infra.errors import ConflictError, NotFoundError, refuse
from app.infra.messages import Language
from app.models import FigureAcknowledgementRow

SHOWN_UNITS = 50
Figures = Mapping[tuple[str, str], Figure]


def acknowledge(
    session: Session,
    unit: str,
    period: Period,
    written: AcknowledgementCreate,
    by: Caller,
    language: Language,
) -> StatisticWarning:
    """Keep why a warning of the unit's own report stands."""
    jurisdiction = statistics.reach(session, unit, period, by, ClientScope.STATISTICS_WRITE)
    repository.hold_revisions(session, jurisdiction, [unit])
    standing = _find_warning(session, unit, period, written, by, language)
    if standing is None:
        refuse(
            [Fault("warning_not_standing", "/subject", {"rule": written.rule, "subject": written.subject})]
        )
    elif standing.acknowledged is not None:
        raise ConflictError("already_acknowledged", by=standing.acknowledged.recorded_by)
    row = FigureAcknowledgementRow(
        jurisdiction_code=jurisdiction,
        period=period.text,
        unit_code=unit,
        **written.model_dump(),
        revision=repository.find_revision(session, jurisdiction, unit),
        recorded_at=datetime.now(UTC),
        recorded_by=by.code,
    )
    check_queries.add_acknowledgement(session, row)
    _record(session, by, row)
    found = _find_warning(session, unit, period, written, by, language)
    assert found is not None  # noqa: S101 - it stood a moment ago
    return found


def _find_warning(
    session: Session,
    unit: str,
    period: Period,
    written: AcknowledgementCreate,
    by: Caller,
    language: Language,
) -> StatisticWarning | None:
    about = written.subject.partition(":")[0]
    scope, _, field = about.partition("/")
    if scope not in set(Scope):
        return None
    read = figures.read_dossiers(
        session, unit, period, by=by, language=language, scope=Scope(scope), field=field or None
    )
    wanted = (written.rule, written.subject)
    return next((w for w in read.warnings if (w.rule, w.subject) == wanted), None)


def _record(session: Session, by: Caller, row: FigureAcknowledgementRow) -> None:
    key = "/".join((row.period, row.unit_code, row.rule, row.subject, str(row.revision)))
    event = audit.Event(
        by,
        "warning.acknowledge",
        row.jurisdiction_code,
        {"unit": row.unit_code, "period": row.period},
        None,
        row.model_dump(mode="json"),
        row.reason,
        {f"figure_acknowledgement/{key}": audit.digest_of_row(row)},
    )
    audit.record(session, event)


def read_quality(
    session: Session, unit: str, period: Period, deadline: date | None, by: Caller, language: Language
) -> QualityRead:
    """Completeness, timeliness and consistency."""
    jurisdiction = statistics.reach(session, unit, period, by)
    held = statistics.scope_of(jurisdiction)
    found = figures.list_figures(session, held, period)
    children = statistics.children_of(session, {jurisdiction}, period)
    own = _read_own(session, unit, period, by, language)
    return QualityRead(
        unit=unit,
        period=period.text,
        completeness=_completeness(session, unit, period, children, found, own),
        timeliness=_timeliness(session, held, unit, period, deadline, children, found),
        consistency=_consistency(own),
    )


def _read_own(
    session: Session, unit: str, period: Period, by: Caller, language: Language
) -> DossierRead | None:
    try:
        return figures.read_dossiers(session, unit, period, by=by, language=language)
    except NotFoundError:
        return None


def _completeness(
    session: Session,
    unit: str,
    period: Period,
    children: Mapping[str, list[str]],
    found: Figures,
    own: DossierRead | None,
) -> Completeness:
    known: set[str] = {*own.counts, *own.derived} if own else set()
    expected = shipped().expected_columns
    missing = [column for column in expected if column not in known and not _merged(column, known)]
    rolled = roll_up_figures(unit, children, found)[unit]
    silent = missing_units(unit, children, found)[:SHOWN_UNITS]
    names = unit_queries.list_names(session, silent, period.end)
    return Completeness(
        columns=Coverage(reported=len(expected) - len(missing), expected=len(expected)),
        missing_columns=missing,
        units=Coverage(reported=rolled.reported, expected=rolled.expected),
        missing_units=[NamedUnit(code=code, name_vi=names.get(code, code)) for code in silent],
    )


def _merged(column: str, known: Container[str]) -> bool:
    """Whether a source gave early and on time as one."""
    return column in ("resolved_early", "resolved_on_time") and "resolved_early_or_on_time" in known


def _timeliness(
    session: Session,
    held: set[str] | None,
    unit: str,
    period: Period,
    deadline: date | None,
    children: Mapping[str, list[str]],
    found: Figures,
) -> Timeliness:
    """A unit has reported when the last part of the period came for the first time; after the deadline,
    whoever has not is late."""
    periods = [part.text for part in periods_within(period)]
    first = repository.list_first_reports(session, held, periods)
    counted = counted_figures(unit, children, found)
    reported = {(f.unit, f.scope): _reported_at(f, first) for f in counted if f.is_whole}
    own = reported.get((unit, Scope.OWN)) or reported.get((unit, Scope.TOTAL))
    if deadline is None:
        return Timeliness(deadline=None, reported_at=own, is_late=None, late_units=None)
    silent = missing_units(unit, children, found) if today() > deadline else []
    late = sum(_is_late(at, deadline) for at in reported.values()) + len(silent)
    is_late = (unit in silent or None) if own is None else _is_late(own, deadline)
    return Timeliness(deadline=deadline, reported_at=own, is_late=is_late, late_units=late)


def _reported_at(figure: Figure, first: Mapping[tuple[str, str, str], datetime]) -> datetime:
    return max(first[figure.unit, figure.scope, part] for part in figure.composed.parts)


def _is_late(at: datetime, deadline: date) -> bool:
    """After the end of that day in Vietnam."""
    return at.astimezone(VIETNAM).date() > deadline


def _consistency(own: DossierRead | None) -> list[Findings]:
    warnings: Iterable[StatisticWarning] = own.warnings if own else ()
    counted = {severity: [0, 0] for severity in Severity}
    for warning in warnings:
        counted[warning.severity][warning.acknowledged is not None] += 1
    return [Findings(severity=s, open=left, acknowledged=seen) for s, (left, seen) in counted.items()]
