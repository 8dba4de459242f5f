"""Rules of the registry: versions never overlap, and every unit has a parent while it exists."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from importlib.resources import files
from typing import Any, NamedTuple

from sqlmodel import Session

from app.core import lineage
from app.core.access import NATION, Grant
from app.core.types import ClientScope
from app.core.vietnamese import fold
from app.features.units import repository
from app.features.units.mapping import check_children, check_unit, check_uses, close_open_version, intervals
from app.features.units.schemas import Lineage, Succession, UnitRead, UnitWrite, VersionOfUnit
from app.infra import audit
from app.infra.auth import Caller, require_scope
from app.infra.errors import ForbiddenError, NotFoundError
from app.models import UnitRow, UnitSuccessionRow, UnitVersionRow
from app.models.unit import UnitGroupRow


def get_unit(session: Session, code: str, on: date) -> UnitRead:
    """The unit as on a day."""
    return _read_all(session, [get_version(session, code, on)])[0]


def get_version(session: Session, code: str, on: date) -> UnitVersionRow:
    """The version of a unit on a day, or an error that says when the unit exists."""
    version = repository.find_version(session, code, on)
    if version is not None:
        return version
    versions = repository.list_versions(session, [code])
    if not versions:
        raise NotFoundError("unit_unknown", unit=code)
    raise NotFoundError("unit_not_valid_on", unit=code, on=on, versions=intervals(versions))


def list_units(
    session: Session,
    on: date,
    *,
    filters: dict[str, str | None],
    text: str | None,
    after: str | None,
    limit: int,
) -> list[UnitRead]:
    """Units of a day by code."""
    found = repository.list_units(session, on, filters=filters, text=text, after=after, limit=limit)
    return _read_all(session, found)


def read_lineage(session: Session, code: str) -> Lineage:
    """Versions of a code, and the events that they take part in."""
    versions = repository.list_versions(session, [code])
    if not versions:
        raise NotFoundError("unit_unknown", unit=code)
    rows = repository.list_successions(session, code)
    return Lineage(code=code, versions=_read_all(session, versions), events=_events(session, rows))


def trace_lineage(session: Session, after: date, until: date) -> lineage.Lineage:
    """What became of units after a day, and until another."""
    changed = repository.list_changed(session, after, until)
    return lineage.Lineage(repository.list_steps(session, after, until) if changed else (), changed)


def find_covered(session: Session, grants: Sequence[Grant], units: Iterable[str], on: date) -> set[str]:
    """Those of some units that grants reach on a day: a code may be another unit on another day."""
    reach = repository.reach_of(grants)
    return set(units) if reach is None else repository.list_reached(session, reach, units, on)


def find_own(session: Session, caller: Caller, units: Iterable[str], on: date) -> set[str]:
    """Those of some units that a caller reports for itself."""
    if caller.is_admin:
        return set()
    named = set(units)
    own = find_covered(session, caller.having(ClientScope.SCORES_SELF), named, on)
    return own | (named & {caller.home_unit})


def require_not_own(session: Session, caller: Caller, units: Iterable[str], on: date) -> None:
    """Refuse a caller that reports for any of some units itself: nobody appraises or inspects his own."""
    own = find_own(session, caller, units, on)
    if own:
        raise ForbiddenError("own_unit", units=", ".join(sorted(own)))


def require_units(
    session: Session, caller: Caller, scopes: Sequence[ClientScope], units: Iterable[str], on: date
) -> None:
    """Refuse a caller whose scopes do not reach all of some units on a day."""
    require_scope(caller, scopes)
    wanted = set(units)
    outside = wanted - find_covered(session, caller.having(*scopes), wanted, on)
    if outside:
        raise outside_error(caller, scopes, outside)


def outside_error(caller: Caller, scopes: Sequence[ClientScope], outside: Iterable[str]) -> ForbiddenError:
    """403: the scope is there, for other units."""
    named = ", ".join(sorted(outside)[:10])
    bound = ", ".join(map(str, caller.having(*scopes)))
    return ForbiddenError("outside_scope", units=named, scopes=" | ".join(scopes), bound=bound)


class _Stored(NamedTuple):
    """The registry as it stands in the database."""

    session: Session

    def list_versions(self, codes: Iterable[str]) -> Sequence[UnitVersionRow]:
        """All versions of some codes."""
        return repository.list_versions(self.session, codes)

    def list_children(self, code: str) -> Sequence[UnitVersionRow]:
        """All versions that name `code` as their parent."""
        return repository.list_children_versions(self.session, code)

    def list_uses(self, code: str) -> Sequence[tuple[str, date | None]]:
        """(jurisdiction, day) in which a unit is relied on."""
        return repository.list_uses(self.session, code)


def put_unit(session: Session, code: str, unit: UnitWrite, by: Caller) -> tuple[UnitRead, bool]:
    """Create or replace the version of `valid_from`; (unit, whether it is new)."""
    _require_place(session, code, unit, by)
    repository.lock_tree(session)
    reached = _reached_otherwise(session, code, unit, by)
    versions = list(repository.list_versions(session, [code]))
    existing = next((v for v in versions if v.valid_from == unit.valid_from), None)
    if existing is not None and _read_all(session, [existing])[0] == as_read(
        code, unit, existing.jurisdiction_code
    ):
        return _read_all(session, [existing])[0], False
    before = _read_all(session, [existing])[0].model_dump(mode="json") if existing else None
    ended = close_open_version(versions, unit)
    registry = _Stored(session)
    jurisdiction = check_unit(registry, code, unit, versions)
    row = UnitVersionRow(
        unit_code=code,
        name_folded=fold(f"{unit.name_vi} {unit.name_en or ''}"),
        jurisdiction_code=jurisdiction,
        **unit.model_dump(exclude={"groups"}),
    )
    repository.add_version(session, row, unit.groups)
    check_children(registry, code)
    check_uses(registry, code)
    repository.bump_tree(session)
    session.flush()
    _refuse_wider_reach(session, code, unit, by, reached)
    read = as_read(code, unit, jurisdiction)
    after = read.model_dump(mode="json") | ({"ended_versions_from": ended} if ended else {})
    audit.record(session, audit.Event(by, "unit.put", jurisdiction, {"unit": code}, before, after))
    return read, existing is None


def put_versions(
    session: Session,
    versions: Sequence[tuple[str, UnitWrite, str]],
    ended: Sequence[tuple[str, date, date]],
) -> None:
    """Write versions (code, version, jurisdiction) that were checked together; end others (code, first day,
    last day). The tree is held."""
    rows = [
        {
            "unit_code": code,
            "name_folded": fold(f"{unit.name_vi} {unit.name_en or ''}"),
            "jurisdiction_code": jurisdiction,
            **unit.model_dump(exclude={"groups"}),
        }
        for code, unit, jurisdiction in versions
    ]
    groups = [
        {"unit_code": code, "valid_from": unit.valid_from, "group_code": group}
        for code, unit, _ in versions
        for group in dict.fromkeys(unit.groups)
    ]
    repository.put_versions(session, rows, groups, ended)
    repository.bump_tree(session)


def _require_place(session: Session, code: str, unit: UnitWrite, by: Caller) -> None:
    """Whoever changes the registry must reach the unit, where it exists already, and its place."""
    scope = ClientScope.UNITS_WRITE
    if by.everywhere(scope):
        return
    known = {v.unit_code for v in repository.list_versions(session, [code])}
    require_units(session, by, [scope], known | {unit.parent_code or NATION}, unit.valid_from)


def _reached_otherwise(session: Session, code: str, unit: UnitWrite, by: Caller) -> set[ClientScope]:
    """The caller's scopes that reach a unit that exists already; all, of a new unit or for an admin."""
    if by.is_admin or not repository.list_versions(session, [code]):
        return set(ClientScope)
    return _scopes_reaching(session, code, unit, by)


def _scopes_reaching(session: Session, code: str, unit: UnitWrite, by: Caller) -> set[ClientScope]:
    bound = {grant.scope for grant in by.grants if not grant.everywhere}
    return {
        scope
        for scope in bound
        if find_covered(session, by.having(scope), [code], unit.valid_to or unit.valid_from)
    }


def _refuse_wider_reach(
    session: Session, code: str, unit: UnitWrite, by: Caller, before: set[ClientScope]
) -> None:
    """Nobody widens what he may do himself by moving a unit, or by putting it into a group."""
    wider = _scopes_reaching(session, code, unit, by) - before
    if wider:
        raise ForbiddenError("reach_widened", unit=code, scopes=", ".join(sorted(wider)))


def as_read(code: str, unit: UnitWrite, jurisdiction: str) -> UnitRead:
    """A version as it is told."""
    groups = sorted(dict.fromkeys(unit.groups))
    values = unit.model_dump(exclude={"groups"})
    return UnitRead(code=code, jurisdiction_code=jurisdiction, groups=groups, **values)


def _read_all(session: Session, versions: Sequence[UnitVersionRow]) -> list[UnitRead]:
    groups = repository.list_groups(session, versions)
    return [
        UnitRead(
            code=version.unit_code,
            groups=groups.get((version.unit_code, version.valid_from), []),
            **version.model_dump(exclude={"unit_code", "name_folded"}),
        )
        for version in versions
    ]


def _events(session: Session, rows: Sequence[UnitSuccessionRow]) -> list[Succession]:
    codes = {row.from_code for row in rows} | {row.to_code for row in rows}
    versions = {(v.unit_code, v.valid_from): v for v in repository.list_versions(session, codes)}

    def version(code: str, valid_from: date) -> VersionOfUnit:
        found = versions[code, valid_from]
        return VersionOfUnit(code=code, valid_from=valid_from, valid_to=found.valid_to, name_vi=found.name_vi)

    events: dict[tuple[Any, ...], Succession] = {}
    for row in rows:
        key = (row.effective_on, row.kind, row.instrument, row.to_code)
        successors = [version(row.to_code, row.to_valid_from)]
        event = Succession(
            effective_on=row.effective_on,
            kind=row.kind,
            instrument=row.instrument,
            predecessors=[],
            successors=successors,
        )
        events.setdefault(key, event).predecessors.append(version(row.from_code, row.from_valid_from))
    return list(events.values())


def load_reference(session: Session, by: Caller) -> int:
    """Load the bundled nation, provinces and mergers where they are absent; the number of new versions."""
    if repository.find_version(session, NATION, date(2012, 1, 1)) is not None:
        return 0
    rows = _csv("units.csv")
    repository.add_rows(session, UnitRow, [{"code": code} for code in dict.fromkeys(r["code"] for r in rows)])
    repository.add_rows(session, UnitVersionRow, [_reference_version(row) for row in rows])
    groups = [
        {"unit_code": row["code"], "valid_from": date.fromisoformat(row["valid_from"]), "group_code": group}
        for row in rows
        for group in row["groups"].split(";")
        if group
    ]
    repository.add_rows(session, UnitGroupRow, groups)
    dates = ("effective_on", "from_valid_from", "to_valid_from")
    successions = [
        {**row, "instrument": row["instrument"] or None, **{d: date.fromisoformat(row[d]) for d in dates}}
        for row in _csv("successions.csv")
    ]
    repository.add_rows(session, UnitSuccessionRow, successions)
    repository.bump_tree(session)
    loaded = {"unit_versions": len(rows), "successions": len(successions)}
    audit.record(session, audit.Event(by, "units.load_reference", NATION, {}, None, loaded))
    return len(rows)


def _csv(name: str) -> list[dict[str, str]]:
    text = files("app.data").joinpath("units", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _reference_version(row: dict[str, str]) -> dict[str, Any]:
    return {
        "unit_code": row["code"],
        "valid_from": date.fromisoformat(row["valid_from"]),
        "valid_to": date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        "kind": row["kind"],
        "name_vi": row["name_vi"],
        "name_en": row["name_en"] or None,
        "name_folded": fold(f"{row['name_vi']} {row['name_en']}"),
        "parent_code": row["parent_code"] or None,
        "jurisdiction_code": row["code"],
    }
