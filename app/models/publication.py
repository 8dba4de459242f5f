"""Publications: frozen, signed results; and the keys that signed them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import CODE, UtcDateTime, instant


class PublicationRow(SQLModel, table=True):
    """Results of a round as they were published. Append-only: a correction is another one, which supersedes
    it. `release_at`: nobody without a right to unpublished results sees it before; NULL is at once."""

    __tablename__ = "publication"
    __table_args__ = (
        UniqueConstraint("round_code", "number"),
        UniqueConstraint("supersedes_id"),
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("(number = 1) = (supersedes_id IS NULL)", name="supersedes_the_one_before"),
    )

    id: str = Field(primary_key=True, sa_type=CODE)
    round_code: str = Field(foreign_key="assessment_round.code", sa_type=CODE)
    number: int
    supersedes_id: str | None = Field(default=None, foreign_key="publication.id", sa_type=CODE)
    decision_number: str
    decision_issued_on: date
    decision_signer: str
    release_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sha256: str
    jws: str = Field(sa_type=Text)
    kid: str = Field(foreign_key="signing_key.kid", sa_type=CODE)
    size: int
    recorded_at: datetime = instant()
    recorded_by: str


class PublicationDocumentRow(SQLModel, table=True):
    """The document of a publication, as it was signed. Append-only."""

    __tablename__ = "publication_document"

    publication_id: str = Field(primary_key=True, foreign_key="publication.id", sa_type=CODE)
    content: bytes = Field(sa_type=LargeBinary)


class SigningKeyRow(SQLModel, table=True):
    """The public half of a key that signed: kept for ever, so that what it signed can be verified."""

    __tablename__ = "signing_key"

    kid: str = Field(primary_key=True, sa_type=CODE)
    public_key: str = Field(sa_type=Text)
    recorded_at: datetime = instant()
