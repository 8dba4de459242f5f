"""Shapes of sheets and their submission."""

from typing import Literal

from pydantic import Field

from app.core.types import SheetState
from app.features.rounds.schemas import NextAction
from app.infra.schemas import Instant, LongText, Read, Schema, ShownInstant


class SubmitCreate(Schema):
    """The unit submits its sheet."""

    note: LongText | None = Field(default=None, examples=["Báo cáo tự chấm điểm số 12/BC-SNV"])


class ReturnCreate(Schema):
    """The sheet goes back to its unit, and why."""

    reason: LongText = Field(examples=["Thiếu tài liệu kiểm chứng của tiêu chí 2.1"])
    until: Instant | None = Field(default=None, examples=[None])
    """Until when the unit may write; needed where the deadline of the phase has passed."""


class Submission(Read):
    """One step of a sheet between the unit and the appraisal."""

    action: Literal["submit", "return"] = Field(examples=["submit"])
    revision: int = Field(examples=[3])
    reason: str | None
    open_until: ShownInstant | None
    recorded_at: ShownInstant
    recorded_by: str = Field(examples=["so-noi-vu"])


class SheetSummary(Read):
    """Where the sheet of a unit stands."""

    unit: str = Field(examples=["22"])
    state: SheetState
    revision: int = Field(examples=[3])
    open_until: ShownInstant | None
    """An extension for this unit alone."""


class SheetStandingRead(SheetSummary):
    """Where the sheet of a unit stands, and what can be done next."""

    round: str = Field(examples=["par-province-2021"])
    actions: list[NextAction]
