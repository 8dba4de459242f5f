"""Assessment rounds, their participants, and how they moved from state to state."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text
from sqlmodel import Field, SQLModel

from app.models.base import CODE, UtcDateTime, instant

_STATES = (
    "'draft', 'self_assessment', 'appraisal', 'explanation', 'final_appraisal', "
    "'approved', 'published', 'correction'"
)


class AssessmentRoundRow(SQLModel, table=True):
    """One scoring round over one period against one framework version."""

    __tablename__ = "assessment_round"
    __table_args__ = (
        ForeignKeyConstraint(
            ["framework_code", "framework_version"], ["framework_version.code", "framework_version.version"]
        ),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("period_end >= period_start", name="period_interval"),
        CheckConstraint("revision > 0", name="revision_positive"),
    )

    code: str = Field(primary_key=True, sa_type=CODE)
    title_vi: str
    framework_code: str = Field(sa_type=CODE)
    framework_version: str = Field(sa_type=CODE)
    period: str = Field(sa_type=CODE)
    period_start: date
    period_end: date
    previous_round_code: str | None = Field(default=None, foreign_key="assessment_round.code", sa_type=CODE)
    state: str = Field(sa_type=CODE)
    revision: int
    recorded_at: datetime = instant()
    self_assessment_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    appraisal_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    explanation_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    final_appraisal_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    release_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Nobody without a right to unpublished results sees any before; NULL: public once they are approved."""


class RoundGroupRow(SQLModel, table=True):
    """Units that are ranked among themselves, or only assessed."""

    __tablename__ = "round_group"

    round_code: str = Field(primary_key=True, foreign_key="assessment_round.code", sa_type=CODE)
    group_code: str = Field(primary_key=True, sa_type=CODE)
    position: int
    ranked: bool


class RoundParticipantRow(SQLModel, table=True):
    """A unit in its group; its jurisdiction is that of the period's end."""

    __tablename__ = "round_participant"
    __table_args__ = (
        ForeignKeyConstraint(
            ["round_code", "group_code"], ["round_group.round_code", "round_group.group_code"]
        ),
        Index("ix_round_participant_round_code_group_code", "round_code", "group_code"),
    )

    round_code: str = Field(primary_key=True, sa_type=CODE)
    unit_code: str = Field(primary_key=True, foreign_key="unit.code", sa_type=CODE)
    group_code: str = Field(sa_type=CODE)
    position: int
    jurisdiction_code: str = Field(sa_type=CODE)


class RoundTransitionRow(SQLModel, table=True):
    """One recorded step of a round. Append-only."""

    __tablename__ = "round_transition"

    round_code: str = Field(primary_key=True, foreign_key="assessment_round.code", sa_type=CODE)
    revision: int = Field(primary_key=True)
    from_state: str
    to_state: str
    reason: str | None = Field(default=None, sa_type=Text)
    recorded_at: datetime = instant()
    recorded_by: str
