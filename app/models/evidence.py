"""The evidence ledger: documents, uploaded files, and the scores that rely on them. All append-only."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from app.models.base import CODE, instant


class EvidenceRow(SQLModel, table=True):
    """One document as it is cited; its code is the digest of what the citation says."""

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_sha256", "sha256"),)

    code: str = Field(primary_key=True, sa_type=CODE)
    title: str
    issued_by: str | None = None
    number: str | None = None
    issued_on: date | None = None
    url: str | None = None
    sha256: str | None = Field(default=None, sa_type=CODE)


class EvidenceUseRow(SQLModel, table=True):
    """A score entry that cites a document."""

    __tablename__ = "evidence_use"
    __table_args__ = (
        ForeignKeyConstraint(
            ["jurisdiction_code", "round_code", "unit_code", "item_code", "stage", "revision"],
            [
                "score_entry.jurisdiction_code",
                "score_entry.round_code",
                "score_entry.unit_code",
                "score_entry.item_code",
                "score_entry.stage",
                "score_entry.revision",
            ],
            name="fk_evidence_use_score_entry",
        ),
        Index("ix_evidence_use_evidence_code", "evidence_code"),
        {"sqlite_with_rowid": False},
    )

    jurisdiction_code: str = Field(primary_key=True, sa_type=CODE)
    round_code: str = Field(primary_key=True, sa_type=CODE)
    unit_code: str = Field(primary_key=True, sa_type=CODE)
    item_code: str = Field(primary_key=True, sa_type=CODE)
    stage: str = Field(primary_key=True, sa_type=CODE)
    revision: int = Field(primary_key=True)
    evidence_code: str = Field(primary_key=True, foreign_key="evidence.code", sa_type=CODE)


class EvidenceFileRow(SQLModel, table=True):
    """A file that a unit uploaded; its bytes lie in the files folder under their SHA-256."""

    __tablename__ = "evidence_file"
    __table_args__ = (
        CheckConstraint("length(sha256) = 64", name="sha256_length"),
        CheckConstraint("size > 0", name="size_positive"),
        Index("ix_evidence_file_unit_code", "unit_code"),
        {"sqlite_with_rowid": False},
    )

    sha256: str = Field(primary_key=True, sa_type=CODE)
    unit_code: str = Field(primary_key=True, foreign_key="unit.code", sa_type=CODE)
    name: str
    media_type: str = Field(sa_type=CODE)
    size: int
    recorded_at: datetime = instant()
    recorded_by: str
