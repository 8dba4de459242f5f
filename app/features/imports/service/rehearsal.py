"""A file is read row by row, checked, and laid beside what stands: nothing of it is written as a figure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from sqlmodel import Session

from app.core.errors import Fault
from app.core.intake.cells import text_of
from app.core.periods import Period
from app.core.types import ClientScope
from app.features.imports import repository
from app.features.imports.mapping.dossiers import read_dossier
from app.features.imports.mapping.places import Places, Version
from app.features.imports.mapping.records import Notes, Record, read_records
from app.features.imports.schemas import ImportOptions
from app.features.units import repository as unit_queries
from app.features.units import service as units
from app.infra.auth import Caller
from app.infra.db import Database
from app.infra.tables import read_table

CHUNK = 5000
"""Rows that are checked and staged in one transaction."""


class CancelledError(Exception):
    """Somebody cancelled the import."""


class Rehearsal:
    """The rehearsal of one file of dossier counts."""

    def __init__(
        self, database: Database, import_id: str, path: Path, options: ImportOptions, caller: Caller
    ) -> None:
        self.database = database
        self.import_id = import_id
        self.path = path
        self.options = options
        self.caller = caller
        self.notes = Notes()
        self.position = 0
        self.valid = 0
        self.periods: dict[str, Period | None] = {}

    def run(self) -> None:
        """Stage every row, then compare them all."""
        with self.database.read() as session:
            self.places = Places(Version(*row) for row in unit_queries.list_all_versions(session))
        records = read_records(read_table(self.path), "dossier-statistics", self.notes)
        while chunk := list(islice(records, CHUNK)):
            with self.database.write() as session:
                self._stage(session, chunk)
        with self.database.write() as session:
            repository.compare_dossiers(session, self.import_id)

    def _stage(self, session: Session, chunk: Sequence[Record]) -> None:
        row = repository.find_import_for_update(session, self.import_id)
        if row is None or row.state != "rehearsing":
            raise CancelledError
        read = [self._read(record) for record in chunk]
        self._refuse_outside(session, read)
        self._refuse_duplicates(session, read)
        staged = [self._staged(line, said) for line, said, faults in read if not faults]
        repository.add_dossiers(session, staged)
        repository.add_lines(
            session,
            [self._line(line, faults, record) for (line, _, faults), record in zip(read, chunk, strict=True)],
        )
        self.valid += len(staged)
        row.rows_read, row.rows_valid = self.position, self.valid
        row.alive_at = datetime.now(UTC)

    def _read(self, record: Record) -> tuple[dict[str, Any], dict[str, Any], list[Fault]]:
        """(what is known of the line, what it says, what is wrong with it)."""
        self.position += 1
        said, faults = read_dossier(record, self.options, self.periods)
        period: Period | None = said["period"]
        line: dict[str, Any] = {"position": self.position, "sheet": record.sheet, "line": record.number}
        if period is None:
            return line, said, faults
        place = self.places.find(record, self.options.unit, period.end)
        if isinstance(place, Fault):
            return line | {"period": period.text}, said, [place, *faults]
        said["place"] = place
        subject = said["scope"] + (f"/{said['procedure_field']}" if said["procedure_field"] else "")
        return line | {"unit_code": place.code, "period": period.text, "subject": subject}, said, faults

    def _refuse_outside(
        self, session: Session, read: Sequence[tuple[dict[str, Any], dict[str, Any], list[Fault]]]
    ) -> None:
        """Rows of units that the caller's key does not reach on the day."""
        grants = self.caller.having(ClientScope.STATISTICS_WRITE)
        by_day: dict[Any, set[str]] = {}
        for _, said, faults in read:
            if not faults:
                by_day.setdefault(said["period"].end, set()).add(said["place"].code)
        seen = {on: units.find_covered(session, grants, codes, on) for on, codes in by_day.items()}
        for _, said, faults in read:
            if not faults and said["place"].code not in seen[said["period"].end]:
                faults.append(Fault("row_outside_scope", "/unit_code", {"unit": said["place"].code}))

    def _refuse_duplicates(
        self, session: Session, read: Sequence[tuple[dict[str, Any], dict[str, Any], list[Fault]]]
    ) -> None:
        """Rows that say the same thing as an earlier one: nobody can know which counts."""
        keys = {_key(said): line["position"] for line, said, faults in reversed(read) if not faults}
        keys |= repository.find_staged(session, self.import_id, keys)
        for line, said, faults in read:
            if not faults and keys[_key(said)] != line["position"]:
                faults.append(Fault("row_twice", "", {"first": keys[_key(said)]}))

    def _staged(self, line: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
        names = ("procedure_field", *repository.VALUES)
        return {
            "import_id": self.import_id,
            "jurisdiction_code": said["place"].jurisdiction,
            "period": said["period"].text,
            "unit_code": said["place"].code,
            "scope": said["scope"].value,
            "position": line["position"],
            **{name: said[name] for name in names},
        }

    def _line(self, line: dict[str, Any], faults: Sequence[Fault], record: Record) -> dict[str, Any]:
        empty = dict.fromkeys(("unit_code", "period", "subject", "cells", "old", "new", "faults"))
        said = {**empty, **line, "import_id": self.import_id, "action": "rejected" if faults else "inserted"}
        if faults:
            said["cells"] = orjson.dumps([text_of(cell) for cell in record.row]).decode()
            said["faults"] = orjson.dumps([_told(fault, record) for fault in faults], default=str).decode()
        return said


def _key(said: dict[str, Any]) -> tuple[str, ...]:
    place: Version = said["place"]
    return (
        place.jurisdiction,
        said["period"].text,
        place.code,
        said["scope"].value,
        said["procedure_field"],
    )


def _told(fault: Fault, record: Record) -> dict[str, Any]:
    field = fault.pointer.removeprefix("/")
    return {
        "code": fault.code,
        "field": field or None,
        "column": record.columns.get(field),
        "params": dict(fault.params),
    }


def rejected_rows(lines: Iterator[Any]) -> Iterator[list[str]]:
    """The cells of bad rows as they came."""
    return (orjson.loads(line.cells) for line in lines)
