"""Which unit a row means: by its code, or by a name that only one unit has on the day. Both must agree."""

from collections.abc import Container, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from app.core.errors import Fault
from app.core.intake.cells import text_of
from app.core.units import is_valid_on
from app.features.imports.mapping.names import authority_of, is_same, place_of, spelling
from app.features.imports.mapping.records import Record

_SHOWN_CODES, _SHOWN = 10, 100
_MOST_KNOWN = 20_000


class Version(NamedTuple):
    """A unit on some days."""

    code: str
    name_folded: str
    jurisdiction: str
    parent: str | None
    valid_from: date
    valid_to: date | None
    name: str = ""


class Places:
    """All units of the registry, to look up row after row. Of several of one name those are meant whose codes
    are `near`: those that the caller's key reaches, or that take part in a round."""

    def __init__(self, versions: Iterable[Version], near: Container[str] = ()) -> None:
        self.near = near
        self.by_code: dict[str, list[Version]] = {}
        self.by_name: dict[str, list[Version]] = {}
        self.known: dict[tuple[str, date | None], list[Version]] = {}
        for version in versions:
            self.by_code.setdefault(version.code, []).append(version)
            self.by_name.setdefault(spelling(version.name_folded), []).append(version)

    def find(self, record: Record, default: str | None, on: date) -> Version | Fault:
        """The unit of a row on a day. Only a table without columns for it is of the `default`, or of the unit
        that stands above the table: a blank cell may be that of a total."""
        code = text_of(record.values.get("unit_code"))
        name = text_of(record.values.get("unit_name"))
        near = [unit for unit in (default, self._code_of(record.head.unit_name, on)) if unit]
        if code or name:
            return self._find_said(code, name, near, on)
        if {"unit_code", "unit_name"} & record.columns.keys():
            return Fault("unit_cell_blank", "/unit_name" if "unit_name" in record.columns else "/unit_code")
        if default:
            return self._find_default(default, near, record.head.unit_name or "", on)
        if record.head.unit_name:
            return self._find_name(record.head.unit_name, "/unit_name", near, on)
        return Fault("unit_missing", "/unit_code")

    def _find_said(self, code: str, name: str, near: Sequence[str], on: date) -> Version | Fault:
        if not code:
            return self._find_name(name, "/unit_name", near, on)
        if not name and code not in self.by_code:
            return self._find_name(code, "/unit_code", near, on)  # clerks put names where codes belong
        found = self._find_code(code, on)
        return self._contradiction(found, name, on) or found if isinstance(found, Version) and name else found

    def _find_code(self, code: str, on: date) -> Version | Fault:
        found = _valid(self.by_code.get(code, ()), on)
        return found[0] if found else self._unknown_code(code, on)

    def _find_default(self, code: str, near: Sequence[str], above: str, on: date) -> Version | Fault:
        """The unit of the whole import, unless another one reports by what stands above the table."""
        found = self._find_code(code, on)
        other = next((unit for unit in near if unit != code), None)
        if isinstance(found, Fault) or other is None:
            return found
        said = {"unit": code, "letterhead": above[:_SHOWN], "other": other}
        return Fault("unit_differs", "/unit_code", said)

    def _code_of(self, name: str | None, on: date) -> str | None:
        found = self._named(name, on) if name else []
        return found[0].code if len(found) == 1 else None

    def _named(self, name: str, on: date | None) -> list[Version]:
        """The units of a name on a day, or on any; their accents decide where it has some."""
        if (name, on) not in self.known:
            if len(self.known) >= _MOST_KNOWN:
                self.known.clear()
            self.known[name, on] = self._look_up(name, on)
        return self.known[name, on]

    def _look_up(self, name: str, on: date | None) -> list[Version]:
        text = place_of(name)
        found = self.by_name.get(spelling(text), [])
        if not found and (authority := authority_of(text)) is not None:
            text = authority
            found = [v for v in self.by_name.get(spelling(text), []) if v.code == v.jurisdiction]
        found = found if on is None else _valid(found, on)
        return [version for version in found if is_same(text, version.name or version.name_folded)]

    def _find_name(self, name: str, field: str, near: Sequence[str], on: date) -> Version | Fault:
        found = self._named(name, on)
        if len(found) > 1:
            found = self._below(found, near, on) or [v for v in found if v.code in self.near] or found
        if len(found) == 1:
            return found[0]
        if found:
            codes = ", ".join(sorted(version.code for version in found)[:_SHOWN_CODES])
            return Fault("unit_name_unclear", field, {"name": name[:_SHOWN], "codes": codes})
        if field == "/unit_code":
            return self._unknown_code(name, on)
        return Fault("unit_name_unknown", field, {"name": name[:_SHOWN], "on": on})

    def _below(self, found: Sequence[Version], near: Sequence[str], on: date) -> list[Version]:
        """Those of the units that the import, or what stands above the table, is about."""
        return [v for v in found if set(near) & {v.code, *self.ancestors(v.code, on)}]

    def _contradiction(self, found: Version, name: str, on: date) -> Fault | None:
        """Why a code and a name do not mean the same unit."""
        named = {version.code for version in self._named(name, on)}
        if found.code in named:
            return None
        said = {"code": found.code, "called": found.name or found.name_folded, "name": name[:_SHOWN]}
        if not named and any(version.code == found.code for version in self._named(name, None)):
            return Fault("unit_name_of_other_days", "/unit_name", {**said, "on": on})
        codes = ", ".join(sorted(named)[:_SHOWN_CODES]) or "?"
        return Fault("unit_code_and_name", "/unit_name", {**said, "codes": codes})

    def _unknown_code(self, code: str, on: date) -> Fault:
        versions = self.by_code.get(code)
        padded = code.zfill(len(code) + 1)
        if not versions and code.isdigit() and padded in self.by_code:
            return Fault("unit_lost_zero", "/unit_code", {"unit": code[:64], "code": padded[:64]})
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
    return [version for version in versions if is_valid_on(version, on)]
