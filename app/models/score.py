"""Score sheets and their append-only entries."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Text
from sqlmodel import Field, SQLModel

from app.models.base import CODE, UtcDateTime, big, instant


class SheetRow(SQLModel, table=True):
    """The score sheet of a unit in a round; its revision rises with every write."""

    __tablename__ = "sheet"
    __table_args__ = (
        ForeignKeyConstraint(
            ["round_code", "unit_code"], ["round_participant.round_code", "round_participant.unit_code"]
        ),
        CheckConstraint("state IN ('open', 'submitted', 'returned')", name="state"),
        {"sqlite_with_rowid": False},
    )

    jurisdiction_code: str = Field(primary_key=True, sa_type=CODE)
    round_code: str = Field(primary_key=True, sa_type=CODE)
    unit_code: str = Field(primary_key=True, sa_type=CODE)
    revision: int = 0
    state: str = Field(default="open", sa_type=CODE, sa_column_kwargs={"server_default": "open"})
    open_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    published_revision: int | None = None


class SheetSubmissionRow(SQLModel, table=True):
    """A unit submitted its sheet, or got it back. Append-only."""

    __tablename__ = "sheet_submission"
    __table_args__ = (
        ForeignKeyConstraint(
            ["jurisdiction_code", "round_code", "unit_code"],
            ["sheet.jurisdiction_code", "sheet.round_code", "sheet.unit_code"],
        ),
        CheckConstraint("action IN ('submit', 'return')", name="action"),
        CheckConstraint("action = 'submit' OR reason IS NOT NULL", name="return_has_reason"),
        {"sqlite_with_rowid": False},
    )

    jurisdiction_code: str = Field(primary_key=True, sa_type=CODE)
    round_code: str = Field(primary_key=True, sa_type=CODE)
    unit_code: str = Field(primary_key=True, sa_type=CODE)
    revision: int = Field(primary_key=True)
    action: str = Field(sa_type=CODE)
    reason: str | None = Field(default=None, sa_type=Text)
    open_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    recorded_at: datetime = instant()
    recorded_by: str


class ScoreEntryRow(SQLModel, table=True):
    """One score of one stage, in 10^-10 points. Append-only: the latest revision counts."""

    __tablename__ = "score_entry"
    __table_args__ = (
        ForeignKeyConstraint(
            ["jurisdiction_code", "round_code", "unit_code"],
            ["sheet.jurisdiction_code", "sheet.round_code", "sheet.unit_code"],
        ),
        CheckConstraint("points >= 0", name="points_not_negative"),
        CheckConstraint("NOT (not_applicable AND points IS NOT NULL)", name="points_or_not_applicable"),
        CheckConstraint(
            "stage IN ('self', 'appraisal', 'explanation', 'final_appraisal', 'survey', 'statistic', "
            "'final')",
            name="stage",
        ),
        CheckConstraint(
            "stage <> 'explanation' OR (points IS NULL AND reason IS NOT NULL)", name="explanation_is_text"
        ),
        {"sqlite_with_rowid": False},
    )

    jurisdiction_code: str = Field(primary_key=True, sa_type=CODE)
    round_code: str = Field(primary_key=True, sa_type=CODE)
    unit_code: str = Field(primary_key=True, sa_type=CODE)
    item_code: str = Field(primary_key=True, sa_type=CODE)
    stage: str = Field(primary_key=True, sa_type=CODE)
    revision: int = Field(primary_key=True)
    points: int | None = big()
    not_applicable: bool = False
    reason: str | None = Field(default=None, sa_type=Text)
    evidence: str | None = Field(default=None, sa_type=Text)
    recorded_at: datetime = instant()
    recorded_by: str
    import_id: str | None = Field(default=None, sa_type=CODE)
