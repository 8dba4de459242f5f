"""The catalogue of measures."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field, SQLModel

from app.models.base import CODE, instant


class MeasureRow(SQLModel, table=True):
    """A measure as a document: names, unit, meaning, direction, source in law."""

    __tablename__ = "measure"
    __table_args__ = (CheckConstraint("length(document) > 0", name="document_not_empty"),)

    code: str = Field(primary_key=True, sa_type=CODE)
    document: str = Field(sa_type=Text)
    recorded_at: datetime = instant()
    recorded_by: str
