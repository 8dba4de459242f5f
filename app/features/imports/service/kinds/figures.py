"""Figures of units and periods: where they belong, whose revisions move, which rounds read them."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session

from app.core.errors import Fault
from app.core.periods import Period
from app.core.types import ClientScope
from app.features.effects.service import Watched, watch_rounds_over
from app.features.imports import repository
from app.features.imports.mapping.places import Version
from app.features.imports.mapping.records import Record
from app.features.imports.schemas import ImportOptions
from app.features.imports.service.kinds.base import Kind, read_places
from app.features.imports.service.work import Work
from app.features.units import repository as unit_queries
from app.infra import audit
from app.models import ImportRow

_MOST_PERIODS = 10_000
Intervals = Mapping[str, Sequence[tuple[date, date]]]
Place = tuple[str, str]
"""Jurisdiction and unit."""


class FigureKind(Kind):
    """A kind that writes figures: every writer of one raises the statistics revisions of its unit and of
    those above it."""

    scopes = (ClientScope.STATISTICS_WRITE,)

    def __init__(self, work: Work, options: ImportOptions) -> None:
        super().__init__(work, options)
        self.periods: dict[str, Period | None] = {}
        self.revisions: dict[Place, int] = {}
        self.written: set[Place] = set()
        self.above: set[Place] = set()
        self.placed: set[tuple[str, date]] = set()
        self.over: dict[str, Period] = {}

    def prepare(self, session: Session) -> None:
        """The registry of units, and when the caller's key reaches each."""
        self.reached = self._list_reached(session)
        self.places = read_places(session, self.reached or ())

    def _list_reached(self, session: Session) -> Intervals | None:
        """Unit -> when the caller's key reaches it; None where it reaches all."""
        reach = unit_queries.reach_of(self.work.caller.having(*self.scopes))
        if reach is None:
            return None
        found: dict[str, list[tuple[date, date]]] = {}
        for unit, start, end in unit_queries.list_reach(session, reach):
            found.setdefault(unit, []).append((start, end))
        return found

    def find_place(
        self, record: Record, period: Period | None, line: dict[str, Any], faults: list[Fault]
    ) -> Version | None:
        """The unit of a row, noted in its line; what is wrong with it is added to the faults."""
        if len(self.periods) > _MOST_PERIODS:
            self.periods.clear()
        if period is None:
            return None
        line["period"] = period.text
        place = self.places.find(record, self.options.unit, period.end)
        if isinstance(place, Fault):
            faults.insert(0, place)
            return None
        line["unit_code"] = place.code
        if not self._is_reached(place.code, period.end):
            faults.append(Fault("row_outside_scope", "/unit_code", {"unit": place.code}))
        return place

    def _is_reached(self, unit: str, on: date) -> bool:
        if self.reached is None:
            return True
        return any(start <= on <= end for start, end in self.reached.get(unit, ()))

    def keep_revisions(self, session: Session, places: Iterable[Place]) -> None:
        """The revisions of units before their rows are compared: what moves later is looked at again."""
        new = set(places) - self.revisions.keys()
        if new:
            known = repository.list_revisions(session, {unit for _, unit in new})
            self.revisions |= {place: known.get(place, 0) for place in new}

    def touch(self, place: Place, period: Period) -> None:
        """The unit, and those above it: their statistics change."""
        jurisdiction, unit = place
        self.written.add(place)
        self.over.setdefault(period.text, period)
        if (unit, period.end) not in self.placed:
            self.placed.add((unit, period.end))
            self.above |= {(jurisdiction, above) for above in self.places.ancestors(unit, period.end)}

    def finish(self) -> dict[str, Any]:
        """The units concerned, each with what it was compared at."""
        places = self.revisions.keys() | self.above
        with self.work.database.work() as session:
            repository.add_units(session, [self._unit(place) for place in sorted(places)])
        return {}

    def _unit(self, place: Place) -> dict[str, Any]:
        role = "written" if place in self.written else "above" if place in self.above else "compared"
        jurisdiction, unit = place
        return {
            "import_id": self.work.import_id,
            "jurisdiction_code": jurisdiction,
            "unit_code": unit,
            "role": role,
            "revision": self.revisions.get(place),
        }

    @abstractmethod
    def list_figures(self) -> set[str]:
        """What is written, as rules name it: `dossier`, or `measure:<code>`."""

    def watch(self, session: Session) -> list[Watched]:
        """The running rounds that read these figures."""
        jurisdictions = {jurisdiction for jurisdiction, _ in self.written}
        periods = list(self.over.values())
        return watch_rounds_over(session, self.list_figures(), periods, jurisdictions, self.work.caller)

    def hold(self, session: Session) -> None:
        """The statistics revisions of all units concerned, in the order of codes."""
        repository.hold_units(session, self.work.import_id)

    def record(
        self, session: Session, row: ImportRow, table: str, digests: Mapping[str, tuple[str, int]]
    ) -> None:
        """One event for each jurisdiction, with the digest of its rows; `digests`: with their number."""
        for jurisdiction, (digest, rows) in digests.items():
            event = audit.Event(
                self.work.caller,
                f"{table}s.import",
                jurisdiction,
                {"import": row.id},
                after={"rows": rows, "file_name": row.file_name, "sha256": row.sha256},
                digests={f"{table}/import/{row.id}/{jurisdiction}": digest},
            )
            audit.record(session, event)
