"""Shapes of duties."""

from typing import Literal

from pydantic import Field

from app.core.duties import DutyStatus
from app.features.frameworks.rule_schemas import FigureName, RateName
from app.features.frameworks.schemas import LegalBasis
from app.features.statistics.schemas import StatisticWarning
from app.infra.schemas import Code, Name, Read, Schema

Role = Literal["owed", "done", "overdue"]


class DutyDocument(Schema):
    """A duty as it ships with the service."""

    code: Code
    name_vi: Name
    name_en: Name
    unit_vi: Name
    unit_en: Name
    owed: list[FigureName] = Field(min_length=1)
    done: list[FigureName] = Field(min_length=1)
    overdue: list[FigureName] = Field(default=[])
    rate: RateName | None = None
    done_within_owed: bool = True
    flows: list[FigureName] = Field(default=[])
    legal_basis: list[LegalBasis] = Field(default=[])


class DutiesDocument(Schema):
    """The duties that ship with the service."""

    duties: list[DutyDocument]


class DutyFigure(Read):
    """A figure that a duty rests on."""

    role: Role
    figure: str = Field(examples=["dossier:resolved_overdue"])
    name: str = Field(examples=["số hồ sơ giải quyết quá hạn"])
    value: float | None = Field(examples=[4])
    """Null: not known."""
    derived: bool
    """Whether it follows from other columns of the reports."""
    reported: int
    """Units of `expected` that reported."""
    expected: int


class DutyRead(Read):
    """How a duty stands."""

    code: str = Field(examples=["apology_letters"])
    name_vi: str = Field(examples=["Xin lỗi đối với hồ sơ quá hạn"])
    name_en: str
    unit_vi: str = Field(examples=["thư"])
    unit_en: str
    owed: float | None = Field(examples=[4])
    """What is known of it: a warning says what is missing."""
    done: float | None
    open: float | None
    """Owed less done, not below 0; null where that is not known."""
    overdue: float | None
    """Of what is open, what should have been done already."""
    percent: float | None
    status: DutyStatus
    figures: list[DutyFigure]
    legal_basis: list[LegalBasis]
    """In force at the period's end; where a warning says that none is, all that is known."""
    warnings: list[StatisticWarning]


class DutiesRead(Read):
    """The duties of a unit and period, with everything below it."""

    unit: str = Field(examples=["31.cau-tre"])
    period: str = Field(examples=["2022-01-01/2022-09-15"])
    summary: dict[DutyStatus, int] = Field(examples=[{"met": 0, "open": 1, "unknown": 3}])
    duties: list[DutyRead]
    revision: int
    """The statistics revision of the unit."""
