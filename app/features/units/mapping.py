"""Rules over versions of units: they never overlap, and every unit has a parent while it exists."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Protocol

from app.core.access import NATION
from app.core.errors import Fault
from app.core.types import UnitKind
from app.core.units import Placement, check_placement, is_valid_on, overlap
from app.features.units.schemas import UnitWrite
from app.infra.errors import ConflictError, refuse


class Version(Protocol):
    """A unit on some days."""

    unit_code: str
    kind: str
    parent_code: str | None
    jurisdiction_code: str
    valid_from: date
    valid_to: date | None


class Registry(Protocol):
    """Where versions are looked up: in the database, or as they would be."""

    def list_versions(self, codes: Iterable[str], /) -> Sequence[Version]:
        """All versions of some codes, by code and day."""

    def list_children(self, code: str, /) -> Sequence[Version]:
        """All versions that name `code` as their parent."""

    def list_uses(self, code: str, /) -> Sequence[tuple[str, date | None]]:
        """(jurisdiction, day) in which a unit is relied on: rounds have a last day, figures None."""


def close_open_version(versions: Sequence[Version], unit: UnitWrite) -> list[date]:
    """A new version ends the open one before it on the day before; when the ended ones began."""
    ended = []
    for version in versions:
        if version.valid_to is None and version.valid_from < unit.valid_from:
            version.valid_to = unit.valid_from - timedelta(days=1)
            ended.append(version.valid_from)
    return ended


def check_unit(registry: Registry, code: str, unit: UnitWrite, versions: Sequence[Version]) -> str:
    """Refuse what cannot be; return the jurisdiction."""
    refuse(
        [Fault("interval_reversed", "/valid_to")] if unit.valid_to and unit.valid_to < unit.valid_from else []
    )
    overlaps = [v for v in versions if v.valid_from != unit.valid_from and overlap(v, unit)]
    if overlaps:
        refuse([Fault("version_overlap", "/valid_from", {"interval": intervals(overlaps)})])
    placement = Placement(unit.kind, unit.valid_from, unit.valid_to)
    if unit.parent_code is None:
        refuse(check_placement(placement, None))
        return NATION
    parents = [v for v in registry.list_versions([unit.parent_code]) if overlap(v, unit)]
    params = {"parent": unit.parent_code, "interval": _interval(unit), "versions": intervals(parents) or "-"}
    if not _covers(parents, unit):
        refuse([Fault("parent_not_valid", "/parent_code", params)])
    kinds = dict.fromkeys(UnitKind(parent.kind) for parent in parents)
    refuse([fault for kind in kinds for fault in check_placement(placement, kind)])
    _refuse_cycle(registry, code, parents)
    jurisdictions = list_jurisdictions(code, unit.kind, parents)
    if len(jurisdictions) > 1:
        named = ", ".join(sorted(jurisdictions))
        refuse([Fault("parent_changes_province", "/parent_code", params | {"provinces": named})])
    return jurisdictions.pop()


def list_jurisdictions(code: str, kind: UnitKind | str, parents: Sequence[Version]) -> set[str]:
    """The provinces that a unit belongs to: its own, or those of its parents."""
    return {code} if kind == UnitKind.PROVINCE else {parent.jurisdiction_code for parent in parents}


def _refuse_cycle(registry: Registry, code: str, parents: Sequence[Version]) -> None:
    """No unit may stand below itself on any day."""
    seen: set[str] = set()
    level = {parent.unit_code for parent in parents}
    while level - seen:
        if code in level:
            refuse([Fault("parent_is_below", "/parent_code", {"unit": code})])
        seen |= level
        level = {v.parent_code for v in registry.list_versions(level) if v.parent_code}


def check_children(registry: Registry, code: str) -> None:
    """Units below must not outlive their parent, nor find themselves in another province."""
    versions = registry.list_versions([code])
    children = registry.list_children(code)
    orphans = [c for c in children if not _covers(versions, c)]
    if orphans:
        raise ConflictError("children_outlive", children=_names(orphans))
    misplaced = [c for c in children if not _fits([v for v in versions if overlap(v, c)], c)]
    if misplaced:
        raise ConflictError("children_misplaced", children=_names(misplaced))


def _fits(parents: Sequence[Version], child: Version) -> bool:
    """Whether a stored version may stand below these, and its province is theirs."""
    placement = Placement(UnitKind(child.kind), child.valid_from, child.valid_to)
    allowed = not any(check_placement(placement, UnitKind(parent.kind)) for parent in parents)
    return allowed and list_jurisdictions(child.unit_code, child.kind, parents) == {child.jurisdiction_code}


def _names(versions: Sequence[Version]) -> str:
    return ", ".join(f"{version.unit_code} ({_interval(version)})" for version in versions[:10])


def check_uses(registry: Registry, code: str) -> None:
    """Figures and rounds stay with the province in which they were written."""
    versions = registry.list_versions([code])
    for jurisdiction, on in registry.list_uses(code):
        if not any(
            v.jurisdiction_code == jurisdiction and (on is None or is_valid_on(v, on)) for v in versions
        ):
            raise ConflictError("unit_in_use", unit=code, jurisdiction=jurisdiction)


def _covers(versions: Sequence[Version], unit: UnitWrite | Version) -> bool:
    """Whether versions (ordered, disjoint) leave no day of the unit's interval out."""
    day: date | None = unit.valid_from
    for version in versions:
        if day is None or version.valid_from > day:
            break
        if version.valid_to is None:
            return True
        if version.valid_to >= day:
            day = version.valid_to + timedelta(days=1)
    return day is not None and unit.valid_to is not None and day > unit.valid_to


def _interval(unit: UnitWrite | Version) -> str:
    return f"{unit.valid_from}..{unit.valid_to or ''}"


def intervals(versions: Sequence[Version]) -> str:
    """Versions as texts name them."""
    return ", ".join(map(_interval, versions))
