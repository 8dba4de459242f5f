"""A file is read row by row, checked, and laid beside what stands: nothing of it is written as a figure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, islice
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

import orjson
from sqlmodel import Session

from app.core.errors import Fault
from app.core.periods import Period
from app.core.statistics import COLUMNS
from app.core.types import ClientScope
from app.features.checks.mapping import check_alone
from app.features.imports import repository
from app.features.imports.mapping.cells import stored_cells, unquoted
from app.features.imports.mapping.dossiers import read_dossier
from app.features.imports.mapping.notes import Warnings, file_notes
from app.features.imports.mapping.places import Places, Version
from app.features.imports.mapping.records import Notes, Record, read_records
from app.features.imports.schemas import ImportOptions
from app.features.units import repository as unit_queries
from app.infra.audit import RowsDigest
from app.infra.auth import Caller
from app.infra.db import Database
from app.infra.errors import UnavailableError
from app.infra.tables import read_table
from app.models import ImportRow

KIND = "dossier-statistics"
CHUNK = 5000
"""Rows that are checked and staged in one transaction."""
KEPT_FOR = timedelta(days=7)
_MOST_PERIODS = 10_000
Intervals = Mapping[str, Sequence[tuple[date, date]]]


class CancelledError(Exception):
    """Somebody cancelled the import, or took it over."""


class Work(NamedTuple):
    """An import in the hands of a worker."""

    database: Database
    import_id: str
    caller: Caller
    worker: str
    stopping: Event


class Checked(NamedTuple):
    """A record: what is known of its line, what it says, what is wrong with it."""

    record: Record
    line: dict[str, Any]
    said: dict[str, Any]
    faults: list[Fault]

    @property
    def key(self) -> tuple[str, ...]:
        """The key of its counts; only where nothing is wrong."""
        place: Version = self.said["place"]
        said = self.said
        return (
            place.jurisdiction,
            said["period"].text,
            place.code,
            said["scope"].value,
            said["procedure_field"],
        )


class Rehearsal:
    """The rehearsal of one file of dossier counts."""

    def __init__(self, work: Work, path: Path, options: ImportOptions) -> None:
        self.work = work
        self.path = path
        self.options = options
        self.notes = Notes()
        self.warnings = Warnings()
        self.position = 0
        self.counts = dict.fromkeys(("inserted", "updated", "unchanged", "rejected"), 0)
        self.periods: dict[str, Period | None] = {}
        self.revisions: dict[tuple[str, str], int] = {}
        self.written: set[tuple[str, str]] = set()
        self.above: set[tuple[str, str]] = set()
        self.placed: set[tuple[str, date]] = set()

    def run(self) -> None:
        """Stage every row beside what stands in its place."""
        with self.work.database.read() as session:
            self.places = Places(Version(*row) for row in unit_queries.list_all_versions(session))
            self.reached = self._list_reached(session)
            self.tree_revision = unit_queries.get_tree_revision(session)
        records = read_records(unquoted(read_table(self.path)), KIND, self.notes)
        while chunk := list(islice(records, CHUNK)):
            self._rehearse(chunk)
        self._finish()

    def _list_reached(self, session: Session) -> Intervals | None:
        """Unit -> when the caller's key reaches it; None where it reaches all."""
        reach = unit_queries.reach_of(self.work.caller.having(ClientScope.STATISTICS_WRITE))
        if reach is None:
            return None
        found: dict[str, list[tuple[date, date]]] = {}
        for unit, start, end in unit_queries.list_reach(session, reach):
            found.setdefault(unit, []).append((start, end))
        return found

    def _rehearse(self, chunk: Sequence[Record]) -> None:
        """A part of the file: read without the database, then one short transaction."""
        self._refuse_when_stopping()
        checked = [self._check(record) for record in chunk]
        if len(self.periods) > _MOST_PERIODS:
            self.periods.clear()
        first, last = self.position - len(chunk) + 1, self.position
        with self.work.database.work() as session:
            row = take(session, self.work, "rehearsing")
            self._keep_revisions(session, checked)
            staged = [self._staged(found) for found in checked if not found.faults]
            actions = self._stage(session, checked, staged, first, last) if staged else {}
            repository.add_lines(session, [self._line(found, actions) for found in checked])
            row.rows_read = self.position
            row.rows_valid = self.position - self.counts["rejected"]
            row.alive_at = datetime.now(UTC)

    def _refuse_when_stopping(self) -> None:
        if self.work.stopping.is_set():
            raise UnavailableError("import_interrupted")

    def _stage(
        self,
        session: Session,
        checked: Sequence[Checked],
        staged: list[dict[str, Any]],
        first: int,
        last: int,
    ) -> dict[int, str]:
        repository.stage_dossiers(session, staged)
        there = repository.list_staged_positions(session, self.work.import_id, first, last)
        twice = [found for found in checked if not found.faults and found.line["position"] not in there]
        if twice:
            keys = {found.key for found in twice}
            said_first = repository.find_staged(session, self.work.import_id, keys)
            for found in twice:
                found.faults.append(Fault("row_twice", "", {"first": said_first.get(found.key, "?")}))
        return repository.compare_dossiers(session, self.work.import_id, first, last)

    def _check(self, record: Record) -> Checked:
        self.position += 1
        said, faults = read_dossier(record, self.options, self.periods)
        line: dict[str, Any] = {"position": self.position, "sheet": record.sheet, "line": record.number}
        period: Period | None = said["period"]
        if period is not None:
            line["period"] = period.text
            place = self.places.find(record, self.options.unit, period.end)
            if isinstance(place, Fault):
                return Checked(record, line, said, [place, *faults])
            said["place"] = place
            line["unit_code"] = place.code
            if not self._is_reached(place.code, period.end):
                faults.append(Fault("row_outside_scope", "/unit_code", {"unit": place.code}))
        field = said["procedure_field"]
        line["subject"] = said["scope"].value + (f"/{field}" if field else "")
        return Checked(record, line, said, faults)

    def _is_reached(self, unit: str, on: date) -> bool:
        if self.reached is None:
            return True
        return any(start <= on <= end for start, end in self.reached.get(unit, ()))

    def _keep_revisions(self, session: Session, checked: Sequence[Checked]) -> None:
        """The revisions of units before their rows are compared: what moves later is looked at again."""
        named = {(found.key[0], found.key[2]) for found in checked if not found.faults}
        new = named - self.revisions.keys()
        if new:
            known = repository.list_revisions(session, {unit for _, unit in new})
            self.revisions |= {place: known.get(place, 0) for place in new}

    def _staged(self, found: Checked) -> dict[str, Any]:
        jurisdiction, period, unit, scope, field = found.key
        return {
            "import_id": self.work.import_id,
            "jurisdiction_code": jurisdiction,
            "period": period,
            "unit_code": unit,
            "scope": scope,
            "procedure_field": field,
            "position": found.line["position"],
            "is_unchanged": False,
            **{name: found.said[name] for name in repository.VALUES},
        }

    def _line(self, found: Checked, actions: Mapping[int, str]) -> dict[str, Any]:
        position = found.line["position"]
        action = "rejected" if found.faults else actions.get(position, "inserted")
        self.counts[action] += 1
        empty = dict.fromkeys(("unit_code", "period", "subject", "cells", "old", "new", "faults"))
        line = {**empty, **found.line, "import_id": self.work.import_id, "action": action}
        if found.faults:
            line["cells"] = orjson.dumps(stored_cells(found.record.row)).decode()
            line["faults"] = orjson.dumps(
                [_told(f, found.record) for f in found.faults], default=str
            ).decode()
            return line
        self._warn(found)
        if action != "unchanged":
            self._touch(found)
        return line

    def _warn(self, found: Checked) -> None:
        counts = {name: n for name in COLUMNS if (n := found.said[name]) is not None}
        for finding in check_alone(counts):
            self.warnings.add(finding, found.line)

    def _touch(self, found: Checked) -> None:
        """The unit, and those above it: their statistics change."""
        jurisdiction, _, unit, *_ = found.key
        self.written.add((jurisdiction, unit))
        day = found.said["period"].end
        if (unit, day) not in self.placed:
            self.placed.add((unit, day))
            self.above |= {(jurisdiction, above) for above in self.places.ancestors(unit, day)}

    def _finish(self) -> None:
        digests = self._digest()
        places = self.revisions.keys() | self.above
        seal = {
            "digests": digests,
            "tree_revision": self.tree_revision,
            "grants": sorted(map(str, self.work.caller.having(ClientScope.STATISTICS_WRITE))),
        }
        with self.work.database.work() as session:
            row = take(session, self.work, "rehearsing")
            repository.add_units(session, [self._unit(place) for place in sorted(places)])
            row.seal = orjson.dumps(seal).decode()
            said = orjson.loads(row.report or "{}")
            said |= file_notes(self.notes, KIND) | {"counts": self.counts, "warnings": self.warnings.told()}
            row.report = orjson.dumps(said, default=str).decode()
            row.state = "rehearsed"
            row.rows_read, row.rows_valid = self.position, self.position - self.counts["rejected"]
            row.finished_at = row.alive_at = datetime.now(UTC)
            row.expires_at = row.finished_at + KEPT_FOR

    def _unit(self, place: tuple[str, str]) -> dict[str, Any]:
        role = "written" if place in self.written else "above" if place in self.above else "compared"
        jurisdiction, unit = place
        return {
            "import_id": self.work.import_id,
            "jurisdiction_code": jurisdiction,
            "unit_code": unit,
            "role": role,
            "revision": self.revisions.get(place),
        }

    def _digest(self) -> dict[str, dict[str, Any]]:
        """Jurisdiction -> digest and number of its staged rows, read back as they are stored."""
        digests = {}
        with self.work.database.scan() as session:
            rows = repository.iterate_staged(session, self.work.import_id)
            for jurisdiction, group in groupby(rows, key=lambda row: row[0]):
                digest = RowsDigest()
                for row in group:
                    digest.add(row)
                    if not digest.rows % CHUNK:
                        self._refuse_when_stopping()
                digests[jurisdiction] = {"digest": digest.hexdigest(), "rows": digest.rows}
        return digests


def take(session: Session, work: Work, state: str) -> ImportRow:
    """The row of an import that is still in the hands of its worker."""
    row = repository.find_import_for_update(session, work.import_id)
    if row is None or row.state != state or row.worker != work.worker:
        raise CancelledError
    return row


def _told(fault: Fault, record: Record) -> dict[str, Any]:
    field = fault.pointer.removeprefix("/")
    return {
        "code": fault.code,
        "field": field or None,
        "column": record.columns.get(field),
        "params": dict(fault.params),
    }
