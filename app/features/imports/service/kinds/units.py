"""Units of the registry: the file is one change, whatever the order of its rows."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import orjson
from sqlmodel import Session
from typing_extensions import override

from app.core.errors import Fault
from app.core.types import ClientScope
from app.features.effects.service import Watched
from app.features.imports.mapping.records import Record
from app.features.imports.mapping.registry import Planned, PlannedRegistry, Row, plan
from app.features.imports.mapping.units import read_unit
from app.features.imports.repository import StagedLine
from app.features.imports.service.kinds.base import Checked
from app.features.imports.service.kinds.listed import CHANGING, TOLD, ListedKind
from app.features.units import repository as unit_queries
from app.features.units import service as units
from app.features.units.schemas import UnitWrite
from app.infra import audit
from app.infra.errors import ConflictError
from app.models import ImportRow

_SHOWN_CHANGES = 20
_NAMES = ("name_vi", "name_en", "kind", "parent_code", "valid_from", "valid_to", "groups")
_ENDED = "ended_versions_from"


class RegistryKind(ListedKind):
    """Versions of units."""

    scopes = (ClientScope.UNITS_WRITE,)
    most_rows = 20_000
    chunk = most_rows + 1
    """All rows together: a parent may stand below its children."""

    def prepare(self, session: Session) -> None:
        """The whole registry."""
        groups = unit_queries.list_all_groups(session)
        rows = unit_queries.list_registry(session)
        versions = [Planned(*row) for row in rows]
        for version in versions:
            version.groups = groups.get((version.unit_code, version.valid_from), [])
        self.before = PlannedRegistry(versions, unit_queries.list_all_uses(session))

    def check(self, record: Record, line: dict[str, Any]) -> Checked:
        """A version with its code."""
        faults = list(record.faults)
        found = read_unit(record, faults)
        if found is None:
            return Checked(record, line, None, faults)
        code, unit = found
        line["unit_code"] = code
        key = (code, unit.valid_from.isoformat())
        return Checked(record, line, Row(line["position"], code, unit), faults, key)

    @override
    def list_standing(self, session: Session, rows: Sequence[Checked]) -> Mapping[tuple[str, ...], Any]:
        """Versions that begin on the same day."""
        found = {row.key: self.before.find_begun(row.said.code, row.said.unit.valid_from) for row in rows}
        return {key: _said(version) for key, version in found.items() if version is not None}

    @override
    def check_together(self, rows: Sequence[Checked], standing: Mapping[tuple[str, ...], Any]) -> None:
        """By the rules of the registry, with all rows in it."""
        self.after, self.ended, faults = plan(self.before, [found.said for found in rows], self.work.caller)
        for found in rows:
            found.faults.extend(faults.get(found.line["position"], ()))

    def stored(self, found: Checked) -> dict[str, Any]:
        """A version as the whole file leaves it."""
        version = self.after.find_begun(found.said.code, found.said.unit.valid_from)
        ended = self.ended.get(found.line["position"])
        return (_said(version) if version else {}) | ({_ENDED: ended} if ended else {})

    def is_same(self, old: Any, new: Any) -> bool:
        """Province and other versions follow from these."""
        return all(old[name] == new[name] for name in _NAMES)

    def keep(self, found: Checked, action: str) -> None:
        """Nothing: the plan has it."""

    @override
    def watch(self, session: Session) -> list[Watched]:
        """None: the units of a round stay in it."""
        return []

    def hold(self, session: Session) -> None:
        """The tree: changes of the registry wait for one another."""
        unit_queries.lock_tree(session)

    def list_outdated(self, session: Session) -> tuple[int, list[Fault]]:
        """The registry is the one of the rehearsal; refuses what figures and rounds written since rely on."""
        self.prepare(session)
        lines = self._list_changing(session)
        rows = [Row(line.position, line.unit_code, _write(_new(line))) for line in lines]
        _, _, faults = plan(self.before, rows, self.work.caller)
        if faults:
            named = [
                Fault(fault.code, f"/rows/{position}{fault.pointer}", fault.params)
                for position, found in faults.items()
                for fault in found
            ]
            raise ConflictError("import_no_longer_valid", named[:TOLD], count=len(faults))
        return 0, []

    def _list_changing(self, session: Session) -> list[StagedLine]:
        return [line for page in self.iterate_pages(session, CHANGING) for line in page]

    def write(self, session: Session, row: ImportRow) -> int:
        """A fixed number of statements, and one event for each province."""
        lines = self._list_changing(session)
        if lines:
            written = [(line.unit_code, _write(_new(line)), _new(line)) for line in lines]
            versions = [(code, unit, new["jurisdiction_code"]) for code, unit, new in written]
            ended = [
                (code, date.fromisoformat(day), unit.valid_from - timedelta(days=1))
                for code, unit, new in written
                for day in new.get(_ENDED, ())
            ]
            units.put_versions(session, versions, ended)
        for jurisdiction in sorted({_new(line)["jurisdiction_code"] for line in lines}):
            of = [line for line in lines if _new(line)["jurisdiction_code"] == jurisdiction]
            audit.record(session, self._event(row, jurisdiction, of))
        return len(lines)

    def _event(self, row: ImportRow, jurisdiction: str, lines: Sequence[StagedLine]) -> audit.Event:
        shown = lines[:_SHOWN_CHANGES]
        before = [{"code": line.unit_code, **orjson.loads(line.old)} for line in shown if line.old]
        after = {
            "rows": len(lines),
            "file_name": row.file_name,
            "sha256": row.sha256,
            "units": sorted({line.unit_code for line in lines}),
            "changes": [{"code": line.unit_code, **_new(line)} for line in shown],
        }
        subject = {"import": row.id}
        return audit.Event(self.work.caller, "units.import", jurisdiction, subject, before or None, after)


def _said(version: Planned) -> dict[str, Any]:
    """A version for JSON."""
    said = {name: getattr(version, name) for name in (*_NAMES, "jurisdiction_code")}
    days = {name: said[name] and said[name].isoformat() for name in ("valid_from", "valid_to")}
    return {**said, **days}


def _new(line: StagedLine) -> dict[str, Any]:
    new: dict[str, Any] = orjson.loads(line.new)
    return new


def _write(new: Mapping[str, Any]) -> UnitWrite:
    return UnitWrite.model_validate({name: new[name] for name in _NAMES})
