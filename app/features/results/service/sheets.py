"""Sheets and items as they are read."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session

from app.core.rules import is_computed, names_read
from app.core.scoring import WRITABLE_STAGES
from app.core.types import RoundState
from app.features.findings import service as findings
from app.features.inputs.service import list_moments
from app.features.results.mapping.items import item_answers, moment_answers
from app.features.results.schemas import SheetItemRead, SheetRead
from app.features.results.service.computing import live_entries
from app.features.rounds import repository as round_queries
from app.features.rounds import service as rounds
from app.features.sheets import repository as sheet_queries
from app.features.sheets import service as sheets
from app.features.units import repository as unit_queries
from app.infra.auth import Caller
from app.infra.errors import ConflictError, NotFoundError
from app.infra.messages import Language
from app.models import AssessmentRoundRow


def read_sheet(
    session: Session, row: AssessmentRoundRow, unit: str, caller: Caller, language: Language
) -> SheetRead:
    """All items of a unit with all stages, the computed ones among them, with their history and findings."""
    framework = rounds.get_framework(session, row)
    participant = rounds.get_participant(session, row, unit)
    sheets.require_reader(session, row, unit, caller)
    place = {unit: participant.jurisdiction_code}
    history = sheet_queries.list_history(session, row.code, unit, participant.jurisdiction_code)
    computed = live_entries(session, row, framework, place).get(unit, {})
    items = item_answers(framework, history, computed)
    found = findings.list_for_sheet(session, row, unit)
    names = unit_queries.list_names(session, [unit], row.period_end)
    sheet = sheet_queries.find_sheet(session, participant.jurisdiction_code, row.code, unit)
    if sheet is None:
        raise ConflictError("round_not_started", round=row.code)
    steps = sheet_queries.list_submissions(session, participant.jurisdiction_code, row.code, unit)
    actions = sheets.list_actions(rounds.standing_of(session, row), sheets.standing_of(sheet), language)
    return SheetRead.model_validate(
        {
            "round": row.code,
            "round_title_vi": row.title_vi,
            "period": row.period,
            "unit": {"code": unit, "name_vi": names.get(unit, unit)},
            "framework": framework.reference,
            "state": row.state,
            "revision": sheet.revision,
            "writable_stages": sorted(WRITABLE_STAGES[RoundState(row.state)]),
            "submission": {"state": sheet.state, "open_until": sheet.open_until, "history": _said(steps)},
            "actions": _said(actions),
            "items": [
                {**item, "findings": _said(f for f in found if item["code"] in f.items)} for item in items
            ],
            "findings": _said(found),
        }
    )


def _said(parts: Iterable[BaseModel]) -> list[dict[str, Any]]:
    return [part.model_dump() for part in parts]


def read_item(
    session: Session, row: AssessmentRoundRow, unit: str, item: str, caller: Caller, language: Language
) -> tuple[SheetItemRead, int]:
    """One item of a sheet, and the sheet revision that changed it last."""
    sheet = read_sheet(session, row, unit, caller, language)
    found = next((i for i in sheet.items if i.code == item), None)
    if found is None:
        raise NotFoundError("item_unknown", item=item, framework=sheet.framework)
    moments = _computed_history(session, row, unit, item)
    read = SheetItemRead.model_validate(
        {**found.model_dump(), "actions": sheet.actions, "computed_history": moments}
    )
    return read, max((entry.revision or 0 for entry in found.history), default=0)


def _computed_history(
    session: Session, row: AssessmentRoundRow, unit: str, item_code: str
) -> list[dict[str, Any]]:
    """How the figures came to what they give an item; empty where they give nothing."""
    framework = rounds.get_framework(session, row)
    item = framework.items[item_code]
    if not is_computed(item.rule):
        return []
    place = (rounds.get_participant(session, row, unit).jurisdiction_code, unit)
    until = round_queries.find_approval(session, row.code) if rounds.is_final(row) else None
    names = frozenset().union(*names_read(item.rule))
    moments = list_moments(session, place, rounds.period_of(row), framework, names, until)
    return moment_answers(framework, item, moments, row.period)
