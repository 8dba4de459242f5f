"""Findings: what inspections leave behind, until it is resolved."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from typing import Any

import orjson
from sqlmodel import Session

from app.core.access import READS_SCORES
from app.core.errors import Fault
from app.core.periods import Period, parse_period
from app.core.types import ClientScope
from app.features.findings import mapping, repository
from app.features.findings.mapping import read_of
from app.features.findings.repository import Filters
from app.features.findings.schemas import FindingRead, FindingState, FindingSummary, FindingWrite
from app.features.rounds import repository as round_queries
from app.features.rounds import service as rounds
from app.features.statistics import service as statistics
from app.features.statistics.schemas import MeasureWrite
from app.features.units import service as units
from app.features.units.repository import reach_of
from app.infra import audit
from app.infra.auth import Caller
from app.infra.clock import today
from app.infra.errors import ConflictError, NotFoundError, PreconditionFailedError, refuse
from app.infra.problems import conflict_between, matches
from app.models import AssessmentRoundRow, FindingRow

MEASURE = "findings_resolved"


def list_for_sheet(session: Session, row: AssessmentRoundRow, unit: str) -> list[FindingRead]:
    """Findings in a unit that belong to a round, or to a period within that of the round."""
    found = repository.list_of_period(session, unit, row.code, row.period_start, row.period_end)
    return [read_of(finding, today()) for finding in found]


def has_finding(session: Session, code: str) -> bool:
    """Whether a code is taken."""
    return repository.find_finding(session, code) is not None


def put_finding(
    session: Session, code: str, written: FindingWrite, by: Caller, if_match: str | None = None
) -> tuple[FindingRead, bool]:
    """Create a finding, or append a revision of it; (finding, whether it is new). The same again is no
    change."""
    _check_said(written)
    written = written.model_copy(update={"items": list(dict.fromkeys(written.items))})
    period = _period_of(session, written)
    jurisdiction = _jurisdiction_of(session, written.unit, period)
    _require_inspector(session, written.unit, period, by)
    repository.hold_unit(session, written.unit)
    existing = repository.find_finding(session, code)
    if existing is not None and existing.unit_code != written.unit:
        raise ConflictError("finding_of_other_unit", finding=code)
    _check_match(existing, written, if_match)
    if existing is not None:
        _require_inspector(session, written.unit, parse_period(existing.period), by)
        if mapping.as_write(existing) == written and existing.period == period.text:
            return read_of(existing, today()), False
    row = _append(session, code, written, (period, jurisdiction), existing, by)
    return read_of(row, today()), existing is None


def _append(
    session: Session,
    code: str,
    written: FindingWrite,
    place: tuple[Period, str],
    existing: FindingRow | None,
    by: Caller,
) -> FindingRow:
    period, jurisdiction = place
    evidence = [document.model_dump(mode="json", exclude_none=True) for document in written.evidence]
    row = FindingRow(
        code=code,
        revision=existing.revision + 1 if existing else 1,
        jurisdiction_code=jurisdiction,
        unit_code=written.unit,
        round_code=written.round,
        period=period.text,
        period_start=period.start,
        period_end=period.end,
        items=orjson.dumps(written.items).decode(),
        evidence=orjson.dumps(evidence).decode() if evidence else None,
        recorded_at=datetime.now(UTC),
        recorded_by=by.code,
        **written.model_dump(exclude={"unit", "round", "period", "items", "evidence"}),
    )
    repository.add_finding(session, row)
    _record(session, existing, row, by)
    touched = [period, *([parse_period(existing.period)] if existing else [])]
    count_resolved(session, written.unit, touched, by)
    return row


def count_round(session: Session, row: AssessmentRoundRow, by: Caller) -> None:
    """A round begins: findings that were written before count for its units."""
    members = [p.unit_code for p in round_queries.list_participants(session, row.code)]
    for unit in repository.list_found_in(session, members, row.period_start, row.period_end):
        _count(session, unit, rounds.period_of(row), by)


def count_resolved(session: Session, unit: str, touched: Sequence[Period], by: Caller) -> None:
    """Count the measure anew for the periods of findings, and for the rounds of the unit around them."""
    around = {
        period.text: period
        for period in (*touched, *repository.list_round_periods(session, unit))
        if any(period.start <= inner.start and inner.end <= period.end for inner in touched)
    }
    for text in sorted(around):
        _count(session, unit, around[text], by)


def _count(session: Session, unit: str, period: Period, by: Caller) -> None:
    """Count the measure that rules may score: resolved of all findings within a period."""
    resolved, total = repository.count_resolved(session, unit, period.start, period.end)
    jurisdiction = units.get_version(session, unit, period.end).jurisdiction_code
    measure = MeasureWrite.model_validate(
        {"numerator": resolved, "denominator": total, "source": "findings register"}
    )
    statistics.add_measure(session, (jurisdiction, unit, MEASURE), period, measure, by)


def _record(session: Session, before: FindingRow | None, after: FindingRow, by: Caller) -> None:
    def said(row: FindingRow) -> dict[str, Any]:
        return read_of(row, today()).model_dump(mode="json", exclude={"state"})

    subject = {"unit": after.unit_code, "finding": after.code}
    if after.round_code is not None:
        subject["round"] = after.round_code
    event = audit.Event(
        by,
        "finding.put",
        after.jurisdiction_code,
        subject,
        said(before) if before else None,
        said(after),
        digests={f"finding/{after.code}/{after.revision}": audit.digest_of_row(after)},
    )
    audit.record(session, event)


def _check_said(written: FindingWrite) -> None:
    faults: list[Fault] = []
    if (written.round is None) == (written.period is None):
        faults.append(Fault("finding_needs_round_or_period", "/period"))
    for name in ("due_on", "resolved_on"):
        later: date | None = getattr(written, name)
        if later is not None and written.found_on is not None and later < written.found_on:
            faults.append(Fault("finding_dates_reversed", f"/{name}", {"later": name}))
    if written.resolved_on is not None and written.resolved_on > today():
        faults.append(Fault("finding_resolved_in_future", "/resolved_on"))
    refuse(faults)


def _period_of(session: Session, written: FindingWrite) -> Period:
    """The period: that of the round, which must know the unit and the items, or the one that is given."""
    if written.round is None:
        return parse_period(written.period or "")
    row = round_queries.find_round_for_share(session, written.round)
    if row is None:
        refuse([Fault("round_unknown", "/round", {"round": written.round})])
        raise AssertionError
    known = rounds.get_framework(session, row).items
    faults = [
        Fault(
            "item_unknown",
            f"/items/{index}",
            {"item": item, "framework": f"{row.framework_code}@{row.framework_version}"},
        )
        for index, item in enumerate(written.items)
        if item not in known
    ]
    if not round_queries.list_participants(session, row.code, [written.unit]):
        faults.append(Fault("unit_not_participant", "/unit", {"unit": written.unit, "round": row.code}))
    refuse(faults)
    return rounds.period_of(row)


def _jurisdiction_of(session: Session, unit: str, period: Period) -> str:
    try:
        return units.get_version(session, unit, period.end).jurisdiction_code
    except NotFoundError as error:
        refuse([Fault(error.code, "/unit", error.params)])
        raise


def _require_inspector(session: Session, unit: str, period: Period, by: Caller) -> None:
    """Whoever inspects a unit reaches it at the period's end, and does not report for it himself."""
    units.require_units(session, by, [ClientScope.SCORES_APPRAISE], [unit], period.end)
    units.require_not_own(session, by, [unit], period.end)


def _check_match(existing: FindingRow | None, written: FindingWrite, if_match: str | None) -> None:
    """Refuse what was written over another revision than the one that was read."""
    revision = existing.revision if existing else 0
    if if_match is None or (existing and matches(if_match, f'"{revision}"')):
        return
    current = mapping.as_write(existing).model_dump(mode="json") if existing else {}
    conflict = conflict_between(current, written.model_dump(mode="json"), revision)
    raise PreconditionFailedError("precondition_failed", conflict, current=revision, given=if_match)


def list_findings(
    session: Session, filters: Filters, after: str | None, limit: int, by: Caller
) -> Sequence[FindingRead]:
    """Findings in the units that the caller sees, by code."""
    found = repository.list_findings(session, reach_of(by.having(*READS_SCORES)), filters, after, limit)
    return [read_of(row, filters.today) for row in found]


def list_readable(session: Session, codes: Collection[str], by: Caller | None) -> set[str]:
    """Those of some findings that a caller may read."""
    grants = by.having(*READS_SCORES) if by is not None else []
    return repository.list_reached(session, reach_of(grants), codes) if grants and codes else set()


def read_finding(session: Session, code: str, by: Caller) -> FindingRead:
    """A finding; one in a unit that the caller does not see is unknown."""
    row = repository.find_finding(session, code)
    grants = by.having(*READS_SCORES)
    if row is None or not units.find_covered(session, grants, [row.unit_code], row.period_end):
        raise NotFoundError("finding_unknown", finding=code)
    return read_of(row, today())


def summarise(session: Session, filters: Filters, by: Caller) -> FindingSummary:
    """How many findings the caller sees in each state, whole, by unit and by reform area."""
    return mapping.summary_of(repository.count_findings(session, reach_of(by.having(*READS_SCORES)), filters))


def filters_of(
    unit: str | None,
    round_code: str | None,
    reform_area: str | None = None,
    state: FindingState | None = None,
) -> Filters:
    """Filters as on this day."""
    return Filters(today(), unit, reform_area, round_code, state)
