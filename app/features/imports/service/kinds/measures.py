"""Values of measures."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlmodel import Session

from app.core.errors import Fault
from app.core.periods import parse_period
from app.features.audit import repository as audit_queries
from app.features.imports import repository
from app.features.imports.mapping.fields import read_period_of
from app.features.imports.mapping.measures import (
    Catalogue,
    instant_of,
    read_measure,
    show_measure,
    stored_measure,
)
from app.features.imports.mapping.records import Record
from app.features.imports.repository import StagedLine
from app.features.imports.service.kinds.base import Checked
from app.features.imports.service.kinds.figures import FigureKind
from app.features.imports.service.kinds.listed import CHANGING, TOLD, ListedKind
from app.features.measures import repository as measure_queries
from app.features.statistics import repository as statistic_queries
from app.features.statistics import service as statistics
from app.models import ImportRow, MeasureValueRow


class MeasureKind(ListedKind, FigureKind):
    """Values of measures of units and periods."""

    subject = ("measure",)
    most_rows = 200_000

    def prepare(self, session: Session) -> None:
        """The catalogue too."""
        super().prepare(session)
        self.catalogue = Catalogue(measure_queries.list_measures(session))
        self.measures: set[str] = set()

    def check(self, record: Record, line: dict[str, Any]) -> Checked:
        """A value with its place."""
        faults = list(record.faults)
        period = read_period_of(record, self.options, self.periods, faults)
        measure = self.catalogue.find(record)
        if isinstance(measure, Fault):
            faults.append(measure)
        else:
            line["subject"] = measure
            faults += statistics.refuse_counted(measure)
        written = read_measure(record, self.options, faults)
        place = self.find_place(record, period, line, faults)
        if place is None or faults or written is None:
            return Checked(record, line, None, faults)
        said = stored_measure(place.jurisdiction, statistics.measure_values(written), None)
        key = (place.jurisdiction, line["period"], place.code, str(measure))
        return Checked(record, line, said, faults, key)

    def list_standing(self, session: Session, rows: Sequence[Checked]) -> Mapping[tuple[str, ...], Any]:
        """The latest values; first the revisions that they are compared at."""
        self.keep_revisions(session, {(found.key[0], found.key[2]) for found in rows})
        return _standing(session, [found.key for found in rows])

    def is_same(self, old: Any, new: Any) -> bool:
        """When a value was extracted does not matter."""
        return all(old[name] == new[name] for name in (*statistic_queries.NUMBERS, "source"))

    def keep(self, found: Checked, action: str) -> None:
        """The units whose figures change."""
        if action != "unchanged":
            self.touch((found.key[0], found.key[2]), parse_period(found.key[1]))
            self.measures.add(found.key[3])

    def list_figures(self) -> set[str]:
        """The measures of the file."""
        return {f"measure:{code}" for code in self.measures}

    def list_outdated(self, session: Session) -> tuple[int, list[Fault]]:
        """Only units whose revision has moved since are looked at."""
        moved = repository.list_moved_units(session, self.work.import_id)
        pages = self.iterate_pages(session) if moved else ()
        found = [fault for lines in pages for fault in _outdated(session, lines, moved)]
        return len(found), found[:TOLD]

    def write(self, session: Session, row: ImportRow) -> int:
        """Chunk by chunk; the digests are of what then stands in the table."""
        now, written = datetime.now(UTC), 0
        repository.bump_units(session, row.id)
        revisions = {(j, u): n for j, u, n in repository.list_written_units(session, row.id)}
        for lines in self.iterate_pages(session, CHANGING):
            common = {"recorded_at": now, "recorded_by": self.work.caller.code, "import_id": row.id}
            rows = [_row(line, revisions) | common for line in lines]
            statistic_queries.add_measures(session, rows)
            written += len(rows)
        self.record(session, row, "measure_value", _digests(session, row.id))
        return written

    @staticmethod
    def show(stored: Any) -> dict[str, Any]:
        """In whole numbers of its unit again."""
        return show_measure(stored)


def _standing(session: Session, keys: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], dict[str, Any]]:
    rows = statistic_queries.list_latest_measures(session, keys)
    return {key: stored_measure(key[0], row, row["revision"]) for key, row in rows.items()}


def _outdated(session: Session, page: Sequence[StagedLine], moved: set[str]) -> list[Fault]:
    """Lines in whose place another value stands than when they were compared."""
    lines = [line for line in page if line.unit_code in moved]
    keys = [_key(line) for line in lines]
    now = _standing(session, keys)
    faults = []
    for key, line in zip(keys, lines, strict=True):
        before = orjson.loads(line.old)["revision"] if line.old else None
        standing = now[key]["revision"] if key in now else None
        if before != standing:
            said = {"period": key[1], "unit": key[2], "scope": key[3], "now": standing}
            params = {**said, "before": before or "-"}
            faults.append(Fault("import_row_outdated", f"/rows/{line.position}", params))
    return faults


def _key(line: StagedLine) -> tuple[str, str, str, str]:
    jurisdiction = orjson.loads(line.new)["jurisdiction"]
    return jurisdiction, line.period or "", line.unit_code, line.subject or ""


def _row(line: StagedLine, revisions: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    said = orjson.loads(line.new)
    jurisdiction, period, unit, measure = _key(line)
    return {
        "jurisdiction_code": jurisdiction,
        "period": period,
        "measure_code": measure,
        "unit_code": unit,
        "revision": revisions[jurisdiction, unit],
        **{name: said[name] for name in (*statistic_queries.NUMBERS, "source")},
        "extracted_at": instant_of(said["extracted_at"]),
    }


def _digests(session: Session, import_id: str) -> dict[str, tuple[str, int]]:
    found = audit_queries.iterate_import_digests(session, MeasureValueRow, import_id)
    return {name.rpartition("/")[2]: (digest, rows) for name, digest, rows in found}
