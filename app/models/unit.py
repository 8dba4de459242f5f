"""Units, their dated versions, groups, and how one became another."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from app.models.base import CODE


class UnitRow(SQLModel, table=True):
    """A stable code; everything about the unit is in its versions (codes are reused by law)."""

    __tablename__ = "unit"

    code: str = Field(primary_key=True, sa_type=CODE)


class UnitVersionRow(SQLModel, table=True):
    """A unit from one day to another. Versions of one code never overlap."""

    __tablename__ = "unit_version"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid_interval"),
        CheckConstraint("(kind = 'nation') = (parent_code IS NULL)", name="parent_unless_nation"),
        CheckConstraint("length(name_vi) > 0", name="name_vi_not_empty"),
        Index("ix_unit_version_parent_code", "parent_code"),
        Index("ix_unit_version_jurisdiction_code", "jurisdiction_code"),
    )

    unit_code: str = Field(primary_key=True, foreign_key="unit.code", sa_type=CODE)
    valid_from: date = Field(primary_key=True)
    valid_to: date | None = None
    kind: str = Field(sa_type=CODE)
    name_vi: str
    name_en: str | None = None
    name_folded: str
    parent_code: str | None = Field(default=None, foreign_key="unit.code", sa_type=CODE)
    jurisdiction_code: str = Field(sa_type=CODE)


class UnitGroupRow(SQLModel, table=True):
    """A group (region, block) of a unit version."""

    __tablename__ = "unit_group"
    __table_args__ = (
        ForeignKeyConstraint(
            ["unit_code", "valid_from"], ["unit_version.unit_code", "unit_version.valid_from"]
        ),
        Index("ix_unit_group_group_code", "group_code"),
    )

    unit_code: str = Field(primary_key=True, sa_type=CODE)
    valid_from: date = Field(primary_key=True)
    group_code: str = Field(primary_key=True, sa_type=CODE)


class UnitSuccessionRow(SQLModel, table=True):
    """A merger, rename or continuation: this version became that one, by this instrument."""

    __tablename__ = "unit_succession"
    __table_args__ = (
        ForeignKeyConstraint(
            ["from_code", "from_valid_from"], ["unit_version.unit_code", "unit_version.valid_from"]
        ),
        ForeignKeyConstraint(
            ["to_code", "to_valid_from"], ["unit_version.unit_code", "unit_version.valid_from"]
        ),
        CheckConstraint("kind IN ('merge', 'split', 'rename', 'continue')", name="kind"),
        Index("ix_unit_succession_to_code", "to_code"),
    )

    effective_on: date = Field(primary_key=True)
    from_code: str = Field(primary_key=True, sa_type=CODE)
    from_valid_from: date = Field(primary_key=True)
    to_code: str = Field(primary_key=True, sa_type=CODE)
    to_valid_from: date = Field(primary_key=True)
    kind: str = Field(sa_type=CODE)
    instrument: str | None = None


class UnitTreeRow(SQLModel, table=True):
    """The revision of the whole registry: one row, raised by every change of a unit."""

    __tablename__ = "unit_tree"
    __table_args__ = (CheckConstraint("singleton = 1", name="singleton"),)

    singleton: int = Field(default=1, primary_key=True)
    revision: int = 0
