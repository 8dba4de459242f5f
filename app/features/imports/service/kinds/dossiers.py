"""Dossier counts: files without a bound, so rows have a staging table of their own, and are compared and
written set by set."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import orjson
from sqlmodel import Session

from app.core.errors import Fault
from app.core.statistics import COLUMNS
from app.features.checks.mapping import check_alone
from app.features.imports import repository
from app.features.imports.mapping.dossiers import read_dossier
from app.features.imports.mapping.records import Record
from app.features.imports.repository import Changed
from app.features.imports.service.kinds.base import Checked, row_twice
from app.features.imports.service.kinds.figures import FigureKind
from app.features.imports.service.kinds.listed import TOLD
from app.infra import audit
from app.infra.audit import RowsDigest
from app.models import ImportRow


class DossierKind(FigureKind):
    """Dossier counts of units, periods, scopes and fields of procedure."""

    subject = ("scope", "procedure_field")

    def check(self, record: Record, line: dict[str, Any]) -> Checked:
        """Counts with their place."""
        said, faults = read_dossier(record, self.options, self.periods)
        field = said["procedure_field"]
        line["subject"] = said["scope"].value + (f"/{field}" if field else "")
        place = self.find_place(record, said["period"], line, faults)
        if place is None:
            return Checked(record, line, said, faults)
        key = (place.jurisdiction, line["period"], place.code, said["scope"].value, field)
        return Checked(record, line, said, faults, key)

    def stage(self, session: Session, checked: Sequence[Checked]) -> Mapping[int, str]:
        """Set by set; rows that come twice are found by the key of the staging table."""
        self.keep_revisions(session, {(f.key[0], f.key[2]) for f in checked if not f.faults})
        staged = [self._staged(found) for found in checked if not found.faults]
        if not staged:
            return {}
        span = (self.work.import_id, checked[0].line["position"], checked[-1].line["position"])
        repository.stage_dossiers(session, staged)
        there = repository.list_staged_positions(session, *span)
        twice = [found for found in checked if not found.faults and found.line["position"] not in there]
        self._refuse_twice(session, checked, twice)
        return dict.fromkeys(there, "inserted") | repository.compare_dossiers(session, *span)

    def _refuse_twice(self, session: Session, checked: Sequence[Checked], twice: Sequence[Checked]) -> None:
        if not twice:
            return
        first = repository.find_staged(session, self.work.import_id, {found.key for found in twice})
        rows = repository.list_row_numbers(session, self.work.import_id, set(first.values()))
        rows |= {found.line["position"]: (found.line["line"], found.line["sheet"]) for found in checked}
        for found in twice:
            found.faults.append(row_twice(*rows[first[found.key]]))

    def _staged(self, found: Checked) -> dict[str, Any]:
        return {
            "import_id": self.work.import_id,
            **dict(zip(repository.KEY, found.key, strict=True)),
            "position": found.line["position"],
            "is_unchanged": False,
            **{name: found.said[name] for name in repository.VALUES},
        }

    def keep(self, found: Checked, action: str) -> None:
        """Warnings of good rows; the units whose counts change."""
        counts = {name: n for name in COLUMNS if (n := found.said[name]) is not None}
        for finding in check_alone(counts):
            self.warnings.add(finding, found.line)
        if action != "unchanged":
            self.touch((found.key[0], found.key[2]), found.said["period"])

    def finish(self) -> dict[str, Any]:
        """The digests of what is staged."""
        return super().finish() | {"digests": self._digest()}

    def _digest(self) -> dict[str, dict[str, Any]]:
        """Jurisdiction -> digest and number of its staged rows, read back as they are stored."""
        digests = {}
        with self.work.database.scan() as session:
            rows = repository.iterate_staged(session, self.work.import_id)
            for jurisdiction, group in groupby(rows, key=lambda row: row[0]):
                digest = RowsDigest()
                for row in group:
                    digest.add(row)
                    if not digest.rows % self.chunk:
                        self.work.refuse_when_stopping()
                digests[jurisdiction] = {"digest": digest.hexdigest(), "rows": digest.rows}
        return digests

    def list_remarks(self, session: Session) -> list[Fault]:
        """Figures that stand now and that the file is silent about: a report that comes takes their place."""
        emptied = repository.count_emptied(session, self.work.import_id)
        return [
            Fault("figures_emptied", "", {"column": column, "rows": rows})
            for column, rows in emptied.items()
            if rows
        ]

    def list_figures(self) -> set[str]:
        """Rules read all counts alike."""
        return {"dossier"}

    def list_outdated(self, session: Session) -> tuple[int, list[Fault]]:
        """Only units whose revision has moved since are looked at."""
        count, changed = repository.list_changed_since(session, self.work.import_id, TOLD)
        return count, [_told(row) for row in changed]

    def write(self, session: Session, row: ImportRow) -> int:
        """INSERT ... SELECT: a fixed number of statements."""
        now = datetime.now(UTC)
        repository.bump_units(session, row.id)
        written = repository.write_dossiers(session, row.id, now, self.work.caller.code)
        self.record(session, row, "dossier_statistic", self._final_digests(session, row, now))
        return written

    def _final_digests(self, session: Session, row: ImportRow, now: datetime) -> dict[str, tuple[str, int]]:
        staged: Mapping[str, dict[str, Any]] = orjson.loads(row.seal or "{}")["digests"]
        revisions: dict[str, list[tuple[str, int]]] = {}
        for jurisdiction, unit, revision in repository.list_written_units(session, row.id):
            revisions.setdefault(jurisdiction, []).append((unit, revision))
        by = self.work.caller.code
        return {
            code: (audit.digest_import(found["digest"], now, by, revisions[code]), found["rows"])
            for code, found in staged.items()
        }


def _told(row: Changed) -> Fault:
    place = row.unit_code + (f", {row.procedure_field}" if row.procedure_field else "")
    said = {"period": row.period, "unit": place, "scope": row.scope, "now": row.now}
    return Fault("import_row_outdated", f"/rows/{row.position}", {**said, "before": row.before or "-"})
