"""Shapes of rounds."""

from typing import Annotated

from pydantic import Field

from app.core.types import RoundState
from app.infra.schemas import Code, LongText, Name, PeriodText, Read, Schema

FrameworkReference = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9._-]{1,64}@[A-Za-z0-9._-]{1,64}$", examples=["par-province@2020"]),
]


class ParticipantGroup(Schema):
    """Units that are ranked among themselves, or (`ranked: false`) only assessed."""

    group: Code = Field(examples=["provinces"])
    units: list[Code] = Field(max_length=20_000, examples=[["22", "31"]])
    ranked: bool = True


class RoundWrite(Schema):
    """A scoring round."""

    title_vi: Name = Field(examples=["Chỉ số cải cách hành chính cấp tỉnh năm 2020"])
    framework: FrameworkReference
    period: PeriodText = Field(examples=["2020"])
    previous_round: Code | None = Field(default=None, examples=[None])
    participants: list[ParticipantGroup] = Field(max_length=200)


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


class RoundRead(RoundSummary):
    """A round."""

    participants: list[ParticipantGroup]


class TransitionCreate(Schema):
    """Where to move a round, and why."""

    to: RoundState = Field(examples=["appraisal"])
    reason: LongText | None = Field(default=None, examples=["Hết hạn tự chấm điểm"])
