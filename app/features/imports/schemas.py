"""Shapes of imports."""

from typing import Any, Literal

from pydantic import Field

from app.core.types import Scope
from app.features.effects.schemas import GroupEffects
from app.features.scores.schemas import WritableStage
from app.infra.schemas import Code, Instant, LongText, PeriodText, ProblemError, Read, Schema, ShownInstant

ImportKind = Literal["dossier-statistics", "measures", "scores", "units"]
ImportState = Literal["rehearsing", "rehearsed", "committing", "committed", "failed", "cancelled"]
LineAction = Literal["inserted", "updated", "unchanged", "rejected"]
OnError = Literal["abort", "skip"]


class ImportOptions(Schema):
    """What holds for every row that does not say it itself, and how to go on."""

    period: PeriodText | None = Field(default=None, examples=["2021"])
    unit: Code | None = None
    scope: Scope = Scope.OWN
    source: LongText | None = None
    extracted_at: Instant | None = None
    round: Code | None = None
    stage: WritableStage | None = None
    on_error: OnError = "abort"
    commit: bool = False


class ImportProgress(Read):
    """How far it is. What is left is an estimate by the lines of the file; unknown for workbooks."""

    rows_read: int = Field(examples=[120_000])
    rows_valid: int = Field(examples=[119_998])
    rows_committed: int = Field(examples=[0])
    rows_per_second: int | None = Field(examples=[9200])
    remaining_seconds: int | None = Field(examples=[45])


class ImportCounts(Read):
    """Rows by what they do."""

    inserted: int = Field(examples=[40])
    updated: int = Field(examples=[2])
    unchanged: int = Field(examples=[0])
    rejected: int = Field(examples=[1])


class WarnedRow(Read):
    """A row with a warning."""

    position: int = Field(examples=[17])
    sheet: str | None
    row: int = Field(examples=[19])
    unit: str | None
    period: str | None
    message: str


class FigureWarning(Read):
    """A warning of figures that are kept all the same: how many rows have it, and the first of them."""

    code: str = Field(examples=["identity_broken"])
    count: int
    samples: list[WarnedRow]


class ImportRead(Read):
    """A file, and what it would do or has done."""

    id: str = Field(examples=["1f0c2f4e8a9b4c52b8b1d7f1a1f3f0aa"])
    kind: ImportKind
    state: ImportState
    file_name: str = Field(examples=["quy-3.xlsx"])
    sha256: str
    size: int = Field(examples=[20480])
    options: ImportOptions
    progress: ImportProgress
    counts: ImportCounts | None
    """Null before the rehearsal has ended."""
    columns: dict[str, str] = Field(examples=[{"unit_code": "A", "received": "C"}])
    """Field -> where it was found."""
    unknown_columns: list[str] = Field(examples=[["Ghi chú"]])
    totals_left_out: int
    """Rows that add up others."""
    remarks: list[ProblemError]
    """What was seen of the file and does not stop it: hidden rows, sheets that were not read."""
    sheets_left_out: list[str]
    warnings: list[FigureWarning]
    effects: list[GroupEffects] | None
    """Points and ranks of running rounds that the rows would move; null before the rehearsal has ended, where
    `commit` was asked for, and where they were left out."""
    effects_left_out: bool
    """More than 100,000 rows would change: nobody computed what that moves."""
    faults: list[ProblemError]
    """Why it failed, or why it was not committed."""
    recorded_at: ShownInstant
    recorded_by: str
    finished_at: ShownInstant | None
    committed_at: ShownInstant | None
    committed_by: str | None
    expires_at: ShownInstant
    """Then it is forgotten; what it wrote stays."""


class RowError(Read):
    """What is wrong with a row, and where."""

    column: str | None = Field(examples=["C"])
    field: str | None = Field(examples=["received"])
    code: str = Field(examples=["unit_unknown"])
    message: str
    hint: str | None


class ImportRowRead(Read):
    """A row of the file, and what it does."""

    position: int = Field(examples=[1])
    """Number of the row among those that count."""
    sheet: str | None
    row: int = Field(examples=[3])
    """Number of the row, or of the JSON object, in its file."""
    action: LineAction
    unit: str | None
    period: str | None
    scope: str | None
    procedure_field: str | None
    measure: str | None
    item: str | None
    stage: str | None
    old: dict[str, Any] | None = Field(examples=[{"received": 90}])
    """Of an update: what changes, as it stands."""
    new: dict[str, Any] | None = Field(examples=[{"received": 100}])
    errors: list[RowError]
