"""Rules <-> rows of the sheet of rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from app.core.errors import Fault
from app.core.rounding import decimal_text
from app.core.rules.bands import Step, meet
from app.features.authoring.mapping.grids import Findings, Grid
from app.features.authoring.mapping.members import Data, is_blank, read, write
from app.features.authoring.schemas import FORMS, KINDS, RULE_FIELDS, Field, Kind, RuleForm
from app.infra.problems import FaultError
from app.infra.spreadsheets.cells import Place, Value
from app.infra.spreadsheets.writing import Cell

_FIELDS = {field.member: field for field in RULE_FIELDS}
_BOUNDS = ("from", "above", "to", "below")
_ALL = Step(Decimal(100), 0, open_end=True)
"""What the highest step ends at."""


def rows_of_rule(code: str, rule: Data) -> Iterator[list[Cell]]:
    """The rows of one rule; what holds for the whole rule stands in the first."""
    form, kind = FORMS[rule["kind"]], rule["kind"]
    once = {name: rule[name] for name in _names(form.once) if name in rule}
    for number, part in enumerate(_parts(form, rule)):
        row = {"code": code, "kind": kind, **part, **({} if number else once)}
        yield [write(_field_in(row, field), row) for field in RULE_FIELDS]


def _parts(form: RuleForm, rule: Data) -> list[dict[str, Any]]:
    match form.member:
        case None:
            return [{}]
        case "rates":
            return [{"rate": rate} for rate in rule["rates"]]
        case "tiers":
            return [
                {"tier": number, **condition, **({} if place else _without(tier, "all"))}
                for number, tier in enumerate(rule["tiers"], 1)
                for place, condition in enumerate(tier["all"])
            ]
        case member:
            return [dict(part) for part in rule[member]]


def _without(data: Data, name: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != name}


def _field_in(row: Data, field: Field) -> Field:
    """Bounds of a figure are plain numbers, all others percentages."""
    plain_bounds = row.get("figure") is not None and row["kind"] == "conjunction"
    return replace(field, kind=Kind.NUMBER) if field.member in _BOUNDS and plain_bounds else field


def _names(members: Sequence[str]) -> list[str]:
    return [member.removesuffix("?") for member in members]


@dataclass(frozen=True)
class RuleRow:
    """One row of the sheet of rules."""

    grid: Grid
    row: int

    def place(self, member: str) -> Place:
        """The cell of a member."""
        return self.grid.place(self.row, member)

    def value(self, member: str) -> Value:
        """What it holds."""
        return self.grid.value(self.row, member)

    def says(self, *members: str) -> bool:
        """Whether any of some cells is filled in."""
        return not all(is_blank(self.value(member)) for member in members)

    def read(
        self, member: str, pointer: str, findings: Findings, *, required: bool = False
    ) -> dict[str, Any]:
        """{member: what the cell says}; nothing where it is empty or cannot be read."""
        place = findings.places[f"{pointer}/{member}"] = self.place(member)
        if not self.says(member):
            if required:
                findings.miss(_FIELDS[member], f"{pointer}/{member}", place)
            return {}
        try:
            return {member: read(self._field(member), self.value(member))}
        except FaultError as error:
            findings.add(error, f"{pointer}/{member}", place)
            return {}

    def _field(self, member: str) -> Field:
        counts = member in _BOUNDS and self.says("figure") and not self.says("rate")
        return replace(_FIELDS[member], kind=Kind.NUMBER) if counts else _FIELDS[member]


def read_rule(rows: Sequence[RuleRow], pointer: str, findings: Findings) -> dict[str, Any] | None:
    """The rule that some rows describe; None where its kind is not known."""
    findings.places[pointer] = rows[0].place("kind")
    kind = _read_once(rows, "kind", pointer, findings, required=True).get("kind")
    if kind is None:
        return None
    form = FORMS[kind]
    _refuse_idle(rows, form, kind, pointer, findings)
    rule: dict[str, Any] = {"kind": kind}
    for member in form.once:
        name = member.removesuffix("?")
        rule |= _read_once(rows, name, pointer, findings, required=name == member)
    if form.member is not None:
        names, here = _names(form.each), f"{pointer}/{form.member}"
        parts = [row for row in rows if row.says(*names)]
        first = "points" if "points" in names else names[0]
        findings.places[here] = (parts or rows)[0].place(first)
        rule[form.member] = _read_parts(form, parts, here, findings)
    return rule


def _read_once(
    rows: Sequence[RuleRow], member: str, pointer: str, findings: Findings, *, required: bool = False
) -> dict[str, Any]:
    """A member of a whole rule or tier: in its first row, or the same in several."""
    saying = [row for row in rows if row.says(member)] or list(rows[:1])
    found = saying[0].read(member, pointer, findings, required=required)
    place = saying[0].place(member)
    for row in saying[1:]:
        if row.value(member) != saying[0].value(member):
            params = {"heading": _FIELDS[member].heading, "first": place.cell}
            findings.faults.append(Fault("cells_differ", f"{pointer}/{member}", params, row.place(member)))
    findings.places[f"{pointer}/{member}"] = place
    return found


def _refuse_idle(
    rows: Sequence[RuleRow], form: RuleForm, kind: str, pointer: str, findings: Findings
) -> None:
    """A cell that the rule does not read would be passed over."""
    used = {"code", "kind", *_names(form.once), *_names(form.each)}
    for row in rows:
        for field in RULE_FIELDS:
            if field.member not in used and row.says(field.member):
                params = {"heading": field.heading, "rule": KINDS[kind], "used": _headings(form)}
                findings.faults.append(Fault("cell_not_of_rule", pointer, params, row.place(field.member)))


def _headings(form: RuleForm) -> str:
    names = dict.fromkeys(_names((*form.once, *form.each)))
    return "; ".join(_FIELDS[name].heading for name in names) or "-"


def _read_parts(form: RuleForm, rows: Sequence[RuleRow], pointer: str, findings: Findings) -> list[Any]:
    if form.member == "tiers":
        return _read_tiers(rows, pointer, findings)
    parts = []
    for index, row in enumerate(rows):
        here = f"{pointer}/{index}"
        part: dict[str, Any] = {}
        for member in form.each:
            name = member.removesuffix("?")
            part |= row.read(name, here, findings, required=name == member)
        filled = [name for name in _names(form.each) if row.says(name)]
        findings.places[here] = row.place(filled[0])
        parts.append(part)
    if form.member == "rates":
        findings.places |= {f"{pointer}/{n}": row.place("rate") for n, row in enumerate(rows)}
        return [part.get("rate") for part in parts]
    if form.member == "steps":
        check_upper_ends(parts, [row.place for row in rows], pointer, findings)
    return parts


def _read_tiers(rows: Sequence[RuleRow], pointer: str, findings: Findings) -> list[Any]:
    """Rows of one number are the conditions of one tier."""
    groups: dict[Any, list[RuleRow]] = {}
    for row in rows:
        number = row.read("tier", f"{pointer}/{len(groups)}", findings, required=True).get("tier")
        if number is not None:
            groups.setdefault(number, []).append(row)
    tiers = []
    for index, group in enumerate(groups.values()):
        here = f"{pointer}/{index}"
        tier = _read_once(group, "points", here, findings, required=True)
        tier |= _read_once(group, "label_vi", here, findings)
        tier["all"] = [_read_condition(row, f"{here}/all/{n}", findings) for n, row in enumerate(group)]
        findings.places[here] = group[0].place("tier")
        tiers.append(tier)
    return tiers


def _read_condition(row: RuleRow, pointer: str, findings: Findings) -> dict[str, Any]:
    findings.places[pointer] = row.place("rate" if row.says("rate") else "figure")
    members = ("rate", "figure", *_BOUNDS)
    return {name: value for member in members for name, value in row.read(member, pointer, findings).items()}


def check_upper_ends(
    parts: Sequence[dict[str, Any]], place_of: Sequence[Any], pointer: str, findings: Findings
) -> None:
    """Upper ends are not kept: each must meet the lower end of the part above, or there is a gap or an
    overlap. A part with an upper end alone begins at 0."""
    higher = _ALL
    for index, part in enumerate(parts):
        ends = [(name, part.pop(name)) for name in ("to", "below") if name in part]
        if ends and not {"from", "above"} & set(part):
            part["from"] = Decimal(0)
        lower = _lower_end(part)
        for name, percent in ends:
            _check_meeting(name, percent, higher, f"{pointer}/{index}", place_of[index](name), findings)
        if lower is None or lower.height >= higher.height:
            return  # a fault of its own
        higher = lower


def _lower_end(part: Data) -> Step | None:
    if ("from" in part) == ("above" in part):
        return None
    return Step(part["from"], 0) if "from" in part else Step(part["above"], 0, open_end=True)


def _check_meeting(
    name: str, percent: Decimal, higher: Step, pointer: str, place: Place, findings: Findings
) -> None:
    compared = meet(percent, name == "to", higher)
    if compared == 0:
        return
    edge = decimal_text(higher.percent)
    params = {
        "upper": f"{'≤' if name == 'to' else '<'} {decimal_text(percent)} %",
        "lower": f"{'>' if higher.open_end else '≥'} {edge} %",
        "wanted": f"{'≤' if higher.open_end else '<'} {edge} %",
    }
    fault = Fault("range_gap" if compared < 0 else "range_overlap", pointer, params, place)
    findings.faults.append(fault)
