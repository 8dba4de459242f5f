"""Imports: a file that is rehearsed, and its lines as they would be written."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field, SQLModel

from app.models.base import CODE, UtcDateTime, big, instant


class ImportRow(SQLModel, table=True):
    """A file, from its arrival to its commit. `options`, `report` and `seal` are JSON."""

    __tablename__ = "import"
    __table_args__ = (
        CheckConstraint("kind IN ('dossier-statistics', 'measures', 'scores', 'units')", name="kind"),
        CheckConstraint(
            "state IN ('rehearsing', 'rehearsed', 'committing', 'committed', 'failed', 'cancelled')",
            name="state",
        ),
        CheckConstraint("length(sha256) = 64", name="sha256_length"),
        Index("ix_import_expires_at", "expires_at"),
    )

    id: str = Field(primary_key=True, sa_type=CODE)
    kind: str = Field(sa_type=CODE)
    state: str = Field(sa_type=CODE)
    file_name: str
    sha256: str = Field(sa_type=CODE)
    size: int = big(nullable=False)
    options: str = Field(sa_type=Text)
    report: str | None = Field(default=None, sa_type=Text)
    seal: str | None = Field(default=None, sa_type=Text)
    """What a commit relies on: digests of the staged rows, the registry and the rights of the rehearsal."""
    worker: str | None = Field(default=None, sa_type=CODE)
    """The process that works on it."""
    rows_read: int = big(nullable=False)
    rows_valid: int = big(nullable=False)
    rows_committed: int = big(nullable=False)
    recorded_at: datetime = instant()
    recorded_by: str
    alive_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    expires_at: datetime = instant()


class ImportLineRow(SQLModel, table=True):
    """A line of a file and what it would do. `cells`, `old`, `new`, `faults` are JSON."""

    __tablename__ = "import_line"
    __table_args__ = (
        CheckConstraint("action IN ('inserted', 'updated', 'unchanged', 'rejected')", name="action"),
        {"sqlite_with_rowid": False},
    )

    import_id: str = Field(primary_key=True, foreign_key="import.id", ondelete="CASCADE", sa_type=CODE)
    position: int = Field(primary_key=True)
    action: str = Field(sa_type=CODE)
    sheet: str | None = None
    line: int
    unit_code: str | None = Field(default=None, sa_type=CODE)
    period: str | None = Field(default=None, sa_type=CODE)
    subject: str | None = Field(default=None, sa_type=CODE)
    cells: str | None = Field(default=None, sa_type=Text)
    old: str | None = Field(default=None, sa_type=Text)
    new: str | None = Field(default=None, sa_type=Text)
    faults: str | None = Field(default=None, sa_type=Text)


class ImportUnitRow(SQLModel, table=True):
    """A unit that an import is about. `revision`: as it was before rows of its own were compared; NULL where
    it has none. Its counts are written, or those of a unit below, or its rows were only compared."""

    __tablename__ = "import_unit"
    __table_args__ = (
        CheckConstraint("role IN ('written', 'above', 'compared')", name="role"),
        {"sqlite_with_rowid": False},
    )

    import_id: str = Field(primary_key=True, foreign_key="import.id", ondelete="CASCADE", sa_type=CODE)
    jurisdiction_code: str = Field(primary_key=True, sa_type=CODE)
    unit_code: str = Field(primary_key=True, sa_type=CODE)
    role: str = Field(sa_type=CODE)
    revision: int | None = None


class ImportDossierRow(SQLModel, table=True):
    """Counts that an import would write. `previous_revision`: of the counts that they were compared with;
    where these say the same, they are not written."""

    __tablename__ = "import_dossier"
    __table_args__ = (
        Index("uq_import_dossier_position", "import_id", "position", unique=True),
        {"sqlite_with_rowid": False},
    )

    import_id: str = Field(primary_key=True, foreign_key="import.id", ondelete="CASCADE", sa_type=CODE)
    jurisdiction_code: str = Field(primary_key=True, sa_type=CODE)
    period: str = Field(primary_key=True, sa_type=CODE)
    unit_code: str = Field(primary_key=True, sa_type=CODE)
    scope: str = Field(primary_key=True, sa_type=CODE)
    procedure_field: str = Field(primary_key=True, sa_type=CODE)
    position: int
    previous_revision: int | None = None
    is_unchanged: bool = False
    received_online: int | None = big()
    received_direct: int | None = big()
    carried_over: int | None = big()
    received: int | None = big()
    resolved_early: int | None = big()
    resolved_on_time: int | None = big()
    resolved_early_or_on_time: int | None = big()
    resolved_overdue: int | None = big()
    resolved: int | None = big()
    pending_in_time: int | None = big()
    pending_overdue: int | None = big()
    pending: int | None = big()
    returned_or_withdrawn: int | None = big()
    due_in_period: int | None = big()
    data_from: date | None = None
    data_to: date | None = None
    source: str | None = Field(default=None, sa_type=Text)
    extracted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
