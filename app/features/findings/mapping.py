"""Rows of findings as they are shown, and counted."""

from collections.abc import Iterable
from datetime import date

import orjson

from app.core.types import ReformArea
from app.features.findings.schemas import (
    FindingCounts,
    FindingRead,
    FindingsOfArea,
    FindingsOfUnit,
    FindingState,
    FindingSummary,
    FindingWrite,
)
from app.models import FindingRow


def read_of(row: FindingRow, today: date) -> FindingRead:
    """A stored finding as it is shown on a day."""
    return FindingRead(
        **row.model_dump(include=set(FindingRead.model_fields) - {"items", "evidence"}),
        unit=row.unit_code,
        round=row.round_code,
        items=orjson.loads(row.items),
        evidence=orjson.loads(row.evidence) if row.evidence else [],
        state=state_of(row, today),
    )


def state_of(row: FindingRow, today: date) -> FindingState:
    """Where a finding stands on a day."""
    if row.resolved_on is not None:
        return "resolved"
    return "overdue" if row.due_on is not None and row.due_on < today else "open"


def as_write(row: FindingRow) -> FindingWrite:
    """A stored finding as somebody would write it."""
    return FindingWrite.model_validate(
        {
            **row.model_dump(include=set(FindingWrite.model_fields)),
            "unit": row.unit_code,
            "round": row.round_code,
            "period": row.period if row.round_code is None else None,
            "items": orjson.loads(row.items),
            "evidence": orjson.loads(row.evidence) if row.evidence else [],
        }
    )


def summary_of(counted: Iterable[tuple[str, str, str, int]]) -> FindingSummary:
    """Counts by (unit, reform area, state), added up."""
    whole: dict[str, int] = {}
    by_unit: dict[str, dict[str, int]] = {}
    by_area: dict[str, dict[str, int]] = {}
    for unit, area, state, number in counted:
        for counts in (whole, by_unit.setdefault(unit, {}), by_area.setdefault(area, {})):
            counts[state] = counts.get(state, 0) + number
    return FindingSummary(
        **_counts(whole).model_dump(),
        by_unit=[FindingsOfUnit(unit=unit, **_counts(found).model_dump()) for unit, found in by_unit.items()],
        by_reform_area=[
            FindingsOfArea(reform_area=area, **_counts(by_area[area]).model_dump())
            for area in ReformArea
            if area in by_area
        ],
    )


def _counts(found: dict[str, int]) -> FindingCounts:
    states = ("open", "overdue", "resolved")
    return FindingCounts.model_validate({state: found.get(state, 0) for state in states})
