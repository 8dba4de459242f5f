"""Rows -> answers, in the language of the reader."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

import orjson

from app.core.errors import Fault
from app.core.statistics import COLUMNS
from app.features.checks.mapping import say_finding
from app.features.imports.mapping.notes import found_fault, kept_fault
from app.features.imports.schemas import (
    FigureWarning,
    ImportCounts,
    ImportOptions,
    ImportProgress,
    ImportRead,
    ImportRowRead,
    RowError,
    WarnedRow,
)
from app.infra.errors import (
    AppError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from app.infra.messages import Language, render
from app.infra.problems import render_fault
from app.infra.schemas import ProblemError
from app.models import DossierStatisticRow, ImportDossierRow, ImportLineRow, ImportRow

VALUES = (*COLUMNS, "data_from", "data_to", "source", "extracted_at")
_ERRORS = {
    error.status: error
    for error in (ForbiddenError, NotFoundError, ConflictError, InvalidInputError, UnavailableError)
}


class Refusal(NamedTuple):
    """An error that is kept, without its words."""

    status: int
    code: str
    params: dict[str, Any]
    faults: list[dict[str, Any]]

    @classmethod
    def load(cls, report: str | None) -> "Refusal | None":
        """That of a report."""
        kept = orjson.loads(report or "{}").get("refusal")
        return cls(**kept) if kept else None

    def listed(self) -> list[Fault]:
        """The faults; first the error itself, where it says more than that there are some."""
        faults = [found_fault(fault) for fault in self.faults]
        return faults if faults and self.code == "invalid_input" else [self._itself(), *faults]

    def _itself(self) -> Fault:
        return Fault(self.code, "", self.params)

    def as_error(self) -> AppError:
        """As it was raised."""
        faults = [found_fault(fault) for fault in self.faults]
        return _ERRORS.get(self.status, UnavailableError)(self.code, faults, **self.params)


def refusal_of(error: AppError) -> Refusal:
    """An error to be kept."""
    faults = [kept_fault(fault) for fault in error.faults]
    return Refusal(error.status, error.code, dict(error.params), faults)


def import_answer(
    row: ImportRow, state: str, died: Refusal | None, language: Language, now: datetime
) -> ImportRead:
    """An import as it is now; `died`: what is told of one whose worker is gone."""
    said = orjson.loads(row.report or "{}")
    refusal = died or Refusal.load(row.report)
    counts = said.get("counts")
    return ImportRead(
        id=row.id,
        kind=cast("Any", row.kind),
        state=cast("Any", state),
        file_name=row.file_name,
        sha256=row.sha256,
        size=row.size,
        options=ImportOptions.model_validate_json(row.options),
        progress=_progress(row, said, state, now),
        counts=ImportCounts(**counts) if counts else None,
        columns=said.get("columns", {}),
        unknown_columns=said.get("unknown_columns", []),
        totals_left_out=said.get("totals_left_out", 0),
        sheets_left_out=said.get("sheets_left_out", []),
        remarks=[ProblemError(**render_fault(found_fault(r), language)) for r in said.get("remarks", [])],
        effects=said.get("effects"),
        effects_left_out=said.get("effects_left_out", False),
        warnings=[_warning(warning, language) for warning in said.get("warnings", [])],
        faults=[ProblemError(**render_fault(f, language)) for f in refusal.listed()] if refusal else [],
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        finished_at=row.finished_at,
        committed_at=said.get("committed_at"),
        committed_by=said.get("committed_by"),
        expires_at=row.expires_at,
    )


def _progress(row: ImportRow, said: Mapping[str, Any], state: str, now: datetime) -> ImportProgress:
    started = said.get("started_at")
    seconds = ((row.finished_at or now) - datetime.fromisoformat(started)).total_seconds() if started else 0
    rate = row.rows_read / seconds if seconds > 0 and row.rows_read else None
    left = None
    if state == "rehearsing" and rate and said.get("lines", 0) > row.rows_read:
        left = round((said["lines"] - row.rows_read) / rate)
    return ImportProgress(
        rows_read=row.rows_read,
        rows_valid=row.rows_valid,
        rows_committed=row.rows_committed,
        rows_per_second=round(rate) if rate else None,
        remaining_seconds=left,
    )


def _warning(warning: Mapping[str, Any], language: Language) -> FigureWarning:
    code = warning["code"]
    samples = [
        WarnedRow(
            position=sample["position"],
            sheet=sample["sheet"],
            row=sample["line"],
            unit=sample["unit_code"],
            period=sample["period"],
            message=say_finding(code, sample["params"], language),
        )
        for sample in warning["samples"]
    ]
    return FigureWarning(code=code, count=warning["count"], samples=samples)


Value = Mapping[str, Any]
Values = Mapping[int, tuple[Value, Value | None]]
"""Position -> (what comes, what stands)."""


def dossier_values(new: ImportDossierRow, old: DossierStatisticRow | None) -> tuple[Value, Value | None]:
    """Counts that come, and those that stand."""
    return (
        {name: getattr(new, name) for name in VALUES},
        None if old is None else {name: getattr(old, name) for name in VALUES},
    )


def row_answers(
    lines: Sequence[ImportLineRow], values: Values, subject: Sequence[str], language: Language
) -> list[ImportRowRead]:
    """Lines with what they would write, and what stands there; `subject`: what its parts are called."""
    return [_row(line, values, subject, language) for line in lines]


def _row(line: ImportLineRow, values: Values, subject: Sequence[str], language: Language) -> ImportRowRead:
    old, new = _difference(*values[line.position]) if line.position in values else (None, None)
    parts = dict(zip(subject, (line.subject or "").split("/"), strict=False))
    return ImportRowRead(
        position=line.position,
        sheet=line.sheet,
        row=line.line,
        action=cast("Any", line.action),
        unit=line.unit_code,
        period=line.period,
        **{name: parts.get(name) or None for name in SUBJECTS},
        old=old,
        new=new,
        errors=row_errors(line, language),
    )


SUBJECTS = ("scope", "procedure_field", "measure", "item", "stage")


def _difference(new: Value, old: Value | None) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """(what stands, what comes): all that is given or, where something stands, what differs."""
    if old is None:
        return None, {name: value for name, value in new.items() if value is not None}
    changing = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return {name: old.get(name) for name in changing}, {name: new.get(name) for name in changing}


def row_errors(line: ImportLineRow, language: Language) -> list[RowError]:
    """What is wrong with a line, in words."""
    errors = []
    for fault in orjson.loads(line.faults or "[]"):
        message, hint = render(fault["code"], fault["params"], language)
        errors.append(
            RowError(
                column=fault["column"],
                field=fault["field"],
                code=fault["code"],
                message=message,
                hint=hint,
            )
        )
    return errors
