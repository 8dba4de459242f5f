"""Stored results: what was computed, and from which revisions."""

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Text
from sqlmodel import Field, SQLModel

from app.models.base import CODE


class UnitResultRow(SQLModel, table=True):
    """The index of a unit in a round; fresh only while every revision still matches."""

    __tablename__ = "unit_result"
    __table_args__ = (
        ForeignKeyConstraint(
            ["jurisdiction_code", "round_code", "unit_code"],
            ["sheet.jurisdiction_code", "sheet.round_code", "sheet.unit_code"],
        ),
        CheckConstraint("sheet_revision >= 0 AND statistics_revision >= 0", name="revisions"),
        {"sqlite_with_rowid": False},
    )

    jurisdiction_code: str = Field(primary_key=True, sa_type=CODE)
    round_code: str = Field(primary_key=True, sa_type=CODE)
    unit_code: str = Field(primary_key=True, sa_type=CODE)
    sheet_revision: int
    statistics_revision: int
    round_revision: int
    tree_revision: int
    engine_version: int
    self_scores_only: bool
    areas: str = Field(sa_type=Text)
