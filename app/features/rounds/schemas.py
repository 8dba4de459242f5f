"""Shapes of rounds."""

from pydantic import Field

from app.core.types import RoundState
from app.features.frameworks.schemas import FrameworkReference
from app.infra.schemas import Code, Instant, LongText, Name, PeriodText, Read, Schema, ShownInstant


class ParticipantGroup(Schema):
    """Units that are ranked among themselves, or (`ranked: false`) only assessed."""

    group: Code = Field(examples=["provinces"])
    units: list[Code] = Field(max_length=20_000, examples=[["22", "31"]])
    ranked: bool = True


class Deadlines(Schema):
    """Until when each phase runs. A passed deadline of the unit's own phases (`self_assessment`,
    `explanation`) locks its side of the sheet; it never moves a round."""

    self_assessment: Instant | None = Field(default=None, examples=["2022-01-31T17:00:00+07:00"])
    appraisal: Instant | None = None
    explanation: Instant | None = None
    final_appraisal: Instant | None = None


class RoundWrite(Schema):
    """A scoring round."""

    title_vi: Name = Field(examples=["Chỉ số cải cách hành chính cấp tỉnh năm 2020"])
    framework: FrameworkReference
    period: PeriodText = Field(examples=["2020"])
    previous_round: Code | None = Field(default=None, examples=[None])
    participants: list[ParticipantGroup] = Field(max_length=200)
    deadlines: Deadlines = Deadlines()


class NextAction(Read):
    """Something that can be done next, or why it cannot."""

    action: str = Field(examples=["move"])
    """`move`, `submit`, `return`, or `write_<stage>`."""
    to: RoundState | None = None
    """Of a move."""
    allowed: bool
    deadline: ShownInstant | None = None
    """Until when; null where there is no deadline."""
    code: str | None = Field(default=None, examples=["deadline_passed"])
    reason: str | None = None
    """Why it is not allowed."""


class RoundSummary(Read):
    """A round without its participants."""

    code: str = Field(examples=["par-province-2020"])
    title_vi: str = Field(examples=["Chỉ số cải cách hành chính cấp tỉnh năm 2020"])
    framework: str = Field(examples=["par-province@2020"])
    period: str = Field(examples=["2020"])
    previous_round: str | None
    state: RoundState
    revision: int = Field(examples=[5])
    allowed_transitions: list[RoundState] = Field(examples=[["published"]])
    actions: list[NextAction]
    """The move to each other state: allowed, or why not."""


class DeadlinesRead(Read):
    """Until when each phase runs."""

    self_assessment: ShownInstant | None = Field(examples=["2022-01-31T17:00:00+07:00"])
    appraisal: ShownInstant | None
    explanation: ShownInstant | None
    final_appraisal: ShownInstant | None


class RoundRead(RoundSummary):
    """A round."""

    participants: list[ParticipantGroup]
    deadlines: DeadlinesRead


class TransitionCreate(Schema):
    """Where to move a round, and why."""

    to: RoundState = Field(examples=["appraisal"])
    reason: LongText | None = Field(default=None, examples=["Hết hạn tự chấm điểm"])
    release_at: Instant | None = None
    """With `approved`: nobody but `results:read_unpublished` sees the results before this instant."""
