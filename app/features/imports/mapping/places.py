"""Which unit a row means: by its code, or by a name that only one unit has on the day."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from app.core.errors import Fault
from app.core.intake.cells import text_of
from app.core.vietnamese import fold
from app.features.imports.mapping.records import Record

_TITLES = ("uy ban nhan dan ", "ubnd ")


class Version(NamedTuple):
    """A unit on some days."""

    code: str
    name_folded: str
    jurisdiction: str
    parent: str | None
    valid_from: date
    valid_to: date | None

    def is_valid(self, on: date) -> bool:
        """Whether it exists on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class Places:
    """All units of the registry, to look up row after row."""

    def __init__(self, versions: Iterable[Version]) -> None:
        self.by_code: dict[str, list[Version]] = {}
        self.by_name: dict[str, list[Version]] = {}
        for version in versions:
            self.by_code.setdefault(version.code, []).append(version)
            self.by_name.setdefault(_bare(version.name_folded), []).append(version)

    def find(self, record: Record, default: str | None, on: date) -> Version | Fault:
        """The unit of a row on a day; where it names none the `default`, else what stands above the table."""
        code = text_of(record.values.get("unit_code")) or ""
        name = text_of(record.values.get("unit_name")) or ""
        if not code and not name:
            code, name = default or "", "" if default else record.head.unit_name or ""
            if not code and not name:
                return Fault("unit_missing", "/unit_code")
        if code and (found := _valid(self.by_code.get(code, ()), on)):
            return found[0]
        if code and (name or self.by_code.get(code)):
            return self._unknown_code(code, on)
        if code:
            return self._find_name(code, "/unit_code", on)  # clerks put names where codes belong
        return self._find_name(name, "/unit_name", on)

    def _find_name(self, name: str, field: str, on: date) -> Version | Fault:
        found = _valid(self.by_name.get(_bare(fold(name)), ()), on)
        if len(found) == 1:
            return found[0]
        if found:
            codes = ", ".join(sorted(version.code for version in found)[:10])
            return Fault("unit_name_unclear", field, {"name": name[:100], "codes": codes})
        if field == "/unit_code":
            return Fault("unit_unknown", field, {"unit": name[:64]})
        return Fault("unit_name_unknown", field, {"name": name[:100], "on": on})

    def _unknown_code(self, code: str, on: date) -> Fault:
        versions = self.by_code.get(code)
        if not versions:
            return Fault("unit_unknown", "/unit_code", {"unit": code[:64]})
        intervals = ", ".join(f"{v.valid_from} – {v.valid_to or '…'}" for v in versions)
        return Fault("unit_not_valid_on", "/unit_code", {"unit": code, "on": on, "versions": intervals})

    def ancestors(self, code: str, on: date) -> set[str]:
        """The units above, up to the province."""
        above: set[str] = set()
        version = next(iter(_valid(self.by_code.get(code, ()), on)), None)
        while version is not None and version.parent not in (None, "VN", *above):
            above.add(version.parent or "")
            version = next(iter(_valid(self.by_code.get(version.parent or "", ()), on)), None)
        return above


def _valid(versions: Iterable[Version], on: date) -> list[Version]:
    return [version for version in versions if version.is_valid(on)]


def _bare(folded: str) -> str:
    """A name without the title of its authority."""
    for title in _TITLES:
        folded = folded.removeprefix(title)
    return folded
