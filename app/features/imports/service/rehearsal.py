"""A file is read row by row, checked, and laid beside what stands: nothing of it is written as a figure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from sqlmodel import Session

from app.core.errors import Fault
from app.features.effects.service import find_effects
from app.features.imports import repository
from app.features.imports.mapping.cells import stored_cells, unquoted
from app.features.imports.mapping.notes import file_notes
from app.features.imports.mapping.records import Notes, Record, read_records
from app.features.imports.service.kinds import Kind
from app.features.imports.service.kinds.base import Checked
from app.features.imports.service.work import Work, take
from app.features.units import repository as unit_queries
from app.infra.errors import refuse
from app.infra.tables import read_table
from app.models import ImportRow

KEPT_FOR = timedelta(days=7)
MOST_EFFECTS = 100_000
"""Rows whose effects on ranks are computed: beyond, others would wait too long for what is held."""
MOST_REJECTED = 100_000
"""Bad rows are kept with their cells: a file of another kind must not fill the disk."""


class Rehearsal:
    """The rehearsal of one file."""

    def __init__(self, work: Work, path: Path, name: str, kind: Kind) -> None:
        self.work = work
        self.path = path
        self.name = name
        self.kind = kind
        self.notes = Notes()
        self.position = 0
        self.counts = dict.fromkeys(("inserted", "updated", "unchanged", "rejected"), 0)

    def run(self) -> None:
        """Stage every row beside what stands in its place."""
        with self.work.database.read() as session:
            self.kind.prepare(session)
            self.tree_revision = unit_queries.get_tree_revision(session)
        records = read_records(unquoted(read_table(self.path)), self.name, self.notes)
        while chunk := list(islice(records, self.kind.chunk)):
            self._rehearse(chunk)
        self._seal()
        self._finish(self._find_effects())

    def _rehearse(self, chunk: Sequence[Record]) -> None:
        """A part of the file: read without the database, then one short transaction."""
        self.work.refuse_when_stopping()
        limit = self.kind.most_rows
        if limit is not None and self.position + len(chunk) > limit:
            refuse([Fault("import_too_many_rows", "", {"kind": self.name, "limit": limit})])
        if self.counts["rejected"] > MOST_REJECTED:
            refuse([Fault("import_too_many_rejected", "", {"limit": MOST_REJECTED})])
        checked = [self._check(record) for record in chunk]
        with self.work.database.work() as session:
            row = take(session, self.work, "rehearsing")
            actions = self.kind.stage(session, checked)
            repository.add_lines(session, [self._line(found, actions) for found in checked])
            self._tell_progress(row)

    def _check(self, record: Record) -> Checked:
        self.position += 1
        line = dict.fromkeys(("unit_code", "period", "subject", "cells", "old", "new", "faults"))
        place = {"position": self.position, "sheet": record.sheet, "line": record.number}
        return self.kind.check(record, {**line, **place})

    def _tell_progress(self, row: ImportRow) -> None:
        row.rows_read = self.position
        row.rows_valid = self.position - self.counts["rejected"]
        row.alive_at = datetime.now(UTC)

    def _line(self, found: Checked, actions: Mapping[int, str]) -> dict[str, Any]:
        line = found.line
        action = "rejected" if found.faults else actions[line["position"]]
        self.counts[action] += 1
        if found.faults:
            told = [_told(fault, found.record) for fault in found.faults]
            line["cells"] = orjson.dumps(stored_cells(found.record.row)).decode()
            line["faults"] = orjson.dumps(told, default=str).decode()
            line["old"] = line["new"] = None
        else:
            self.kind.keep(found, action)
        return {**line, "import_id": self.work.import_id, "action": action}

    def _seal(self) -> None:
        """What the commit relies on: of the kind, the registry of units, and the rights of the caller."""
        seal = self.kind.finish() | {
            "tree_revision": self.tree_revision,
            "grants": sorted(map(str, self.work.caller.having(*self.kind.scopes))),
        }
        with self.work.database.work() as session:
            row = take(session, self.work, "rehearsing")
            row.seal = orjson.dumps(seal).decode()
            self._tell_progress(row)

    def _find_effects(self) -> dict[str, Any]:
        """For the report. Machines that commit at once did not ask."""
        changing = self.counts["inserted"] + self.counts["updated"]
        if self.kind.options.commit or changing > MOST_EFFECTS:
            return {"effects": None, "effects_left_out": changing > MOST_EFFECTS}
        with self.work.database.work() as session:
            watched = self.kind.watch(session) if changing else []
            effects = find_effects(session, watched, lambda: self._write(session)) if watched else []
        return {"effects": [effect.model_dump() for effect in effects], "effects_left_out": False}

    def _write(self, session: Session) -> None:
        """As the commit does."""
        row = repository.find_import(session, self.work.import_id)
        if row is not None:
            self.kind.hold(session)
            self.kind.write(session, row)

    def _finish(self, effects: Mapping[str, Any]) -> None:
        with self.work.database.work() as session:
            if self.counts["updated"]:
                self.notes.remarks += self.kind.list_remarks(session)
            row = take(session, self.work, "rehearsing")
            said = orjson.loads(row.report or "{}") | file_notes(self.notes, self.name) | effects
            said |= {"counts": self.counts, "warnings": self.kind.warnings.told()}
            row.report = orjson.dumps(said, default=str).decode()
            row.state = "rehearsed"
            self._tell_progress(row)
            row.finished_at = datetime.now(UTC)
            row.expires_at = row.finished_at + KEPT_FOR


def _told(fault: Fault, record: Record) -> dict[str, Any]:
    field = fault.pointer.removeprefix("/")
    return {
        "code": fault.code,
        "field": field or None,
        "column": record.columns.get(field),
        "params": dict(fault.params),
    }
