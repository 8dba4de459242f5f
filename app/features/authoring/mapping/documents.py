"""The sheets of a workbook -> the document of a criteria set as plain data."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from app.core.errors import Fault
from app.features.authoring.mapping.grids import Findings, Grid, find_grid, read_row
from app.features.authoring.mapping.members import folded, is_blank, read
from app.features.authoring.mapping.rules import RuleRow, check_upper_ends, read_rule
from app.features.authoring.schemas import (
    BAND_FIELDS,
    BANDS,
    HELP,
    KEY_FIELDS,
    LAW,
    LAW_FIELDS,
    LEVELS,
    LISTS,
    NODE_FIELDS,
    NODES,
    READ,
    RULE_FIELDS,
    RULES,
    SET,
    SET_FIELDS,
    Field,
)
from app.infra.problems import FaultError
from app.infra.spreadsheets.cells import Place
from app.infra.spreadsheets.reading import Sheet
from app.infra.spreadsheets.values import shown

_LEVEL, *_MEMBERS = NODE_FIELDS
_BAND_FROM = BAND_FIELDS[1]
_FIELDS_OF = {SET: KEY_FIELDS, NODES: NODE_FIELDS, RULES: RULE_FIELDS, LAW: LAW_FIELDS, BANDS: BAND_FIELDS}
_NEEDED = (SET, NODES)
Nodes = dict[str, tuple[str, dict[str, Any]]]
"""Code -> pointer and data of a node; "" is one whose code cannot be read."""


def read_document(sheets: Sequence[Sheet]) -> tuple[dict[str, Any], Findings]:
    """The document that a workbook describes, the cell of each of its members, and what is wrong. Where
    sheets or columns are wrong, nothing more is read."""
    findings = Findings()
    grids = _find_grids(sheets, findings)
    if findings.faults:
        return {}, findings
    document = _read_set(grids[SET], findings)
    nodes = _read_nodes(grids[NODES], document, findings)
    if BANDS in grids:
        document["bands"] = _read_bands(grids[BANDS], findings)
    if RULES in grids:
        _read_rules(grids[RULES], nodes, findings)
    if LAW in grids:
        _read_law(grids[LAW], document, nodes, findings)
    return document, findings


def _find_grids(sheets: Sequence[Sheet], findings: Findings) -> dict[str, Grid]:
    names = {folded(name): name for name in (*READ, HELP, LISTS)}
    found: dict[str, Grid] = {}
    for sheet in sheets:
        name = names.get(folded(sheet.name))
        if name is None:
            params = {"sheet": sheet.name, "known": "; ".join(names.values())}
            findings.faults.append(Fault("sheet_unknown", "", params, Place(sheet.name, "A1")))
        elif name in _NEEDED or (name in READ and sheet.rows):
            found[name] = find_grid(sheet, _FIELDS_OF[name], findings)
    for name in _NEEDED:
        if name not in found:
            findings.faults.append(Fault("sheet_missing", "", {"sheet": name}, Place(name, "A1")))
    return found


def _read_set(grid: Grid, findings: Findings) -> dict[str, Any]:
    """The members of the set itself: one key a row."""
    document: dict[str, Any] = {}
    rows = _rows_by_key(grid, findings)
    for field in SET_FIELDS:
        pointer, mine = f"/{field.member}", rows.get(field.member, [])
        findings.places[pointer] = grid.place(mine[0] if mine else grid.end, "value")
        findings.places.setdefault(pointer.rpartition("/")[0], findings.places[pointer])
        said = [row for row in mine if not is_blank(grid.value(row, "value"))]
        if not said and field.required:
            findings.miss(field, pointer, findings.places[pointer])
        for index, row in enumerate(said):
            here = f"{pointer}/{index}" if field.many else pointer
            place = findings.places[here] = grid.place(row, "value")
            if index and not field.many:
                findings.faults.append(Fault("key_twice", pointer, {"key": field.heading}, place))
                continue
            try:
                _keep(document, field, read(field, grid.value(row, "value")))
            except FaultError as error:
                findings.add(error, here, place)
    findings.places[""] = findings.places["/total_points"]
    return document


def _rows_by_key(grid: Grid, findings: Findings) -> dict[str, list[int]]:
    known = {folded(field.heading): field.member for field in SET_FIELDS}
    rows: dict[str, list[int]] = {}
    for row in grid.rows():
        key = grid.value(row, "key")
        member = known.get(folded(key)) if isinstance(key, str) else None
        if member is not None:
            rows.setdefault(member, []).append(row)
        elif not is_blank(key) or not is_blank(grid.value(row, "value")):
            params = {"key": shown(str(key or "")), "known": "; ".join(f.heading for f in SET_FIELDS)}
            findings.faults.append(Fault("key_unknown", "", params, grid.place(row, "key")))
    return rows


def _keep(data: dict[str, Any], field: Field, value: Any) -> None:
    outer, _, inner = field.member.rpartition("/")
    within = data.setdefault(outer, {}) if outer else data
    if field.many:
        within.setdefault(inner, []).append(value)
    else:
        within[inner] = value


def _read_bands(grid: Grid, findings: Findings) -> list[dict[str, Any]]:
    """Xếp loại, from the highest; upper ends are compared and not kept."""
    findings.places["/bands"] = grid.place(1, "label_vi")
    rows = list(grid.rows())
    bands = [read_row(grid, row, BAND_FIELDS, f"/bands/{n}", findings) for n, row in enumerate(rows)]
    check_upper_ends(bands, [partial(grid.place, row) for row in rows], "/bands", findings)
    for number, (row, band) in enumerate(zip(rows, bands, strict=True)):
        band.setdefault("label_vi", None)
        if "from" not in band and is_blank(grid.value(row, "from")):
            findings.miss(_BAND_FROM, f"/bands/{number}/from", grid.place(row, "from"))
    return bands


def _read_nodes(grid: Grid, document: dict[str, Any], findings: Findings) -> Nodes:
    """The tree, from rows with levels. Below a row that cannot be placed, rows without a parent are not told
    again."""
    document["areas"] = []
    findings.places["/areas"] = grid.place(1, "code")
    nodes: Nodes = {}
    above: list[tuple[str, dict[str, Any]]] = []
    lost = False
    for row in grid.rows():
        level = _level_of(grid, row, findings)
        if level is not None and level > len(above) + 1 and not lost:
            params = {"level": level, "above": level - 1}
            findings.faults.append(Fault("level_without_parent", "/areas", params, grid.place(row, "level")))
        if level is None or level > len(above) + 1:
            lost = True
            pointer, node = f"/{row}", _read_node(grid, row, level, f"/{row}", findings)
        else:
            lost = lost and level > 1
            del above[level - 1 :]
            outer_pointer, outer = above[-1] if above else ("", document)
            siblings = outer.setdefault(LEVELS[level - 1], [])
            pointer = f"{outer_pointer}/{LEVELS[level - 1]}/{len(siblings)}"
            node = _read_node(grid, row, level, pointer, findings)
            siblings.append(node)
            above.append((pointer, node))
        nodes.setdefault(node.get("code", ""), (pointer, node))
    return nodes


def _level_of(grid: Grid, row: int, findings: Findings) -> int | None:
    found = read_row(grid, row, [_LEVEL], f"/{row}", findings).get("level")
    return None if found is None else int(found)


def _read_node(grid: Grid, row: int, level: int | None, pointer: str, findings: Findings) -> dict[str, Any]:
    node: dict[str, Any] = {}
    fields = [field for field in _MEMBERS if field.level in (None, level)]
    found = read_row(grid, row, fields, pointer, findings)
    findings.places[pointer] = grid.place(row, "max_points")
    for field in _MEMBERS:
        if field.member in found:
            _keep(node, field, found[field.member])
        elif level is not None and field not in fields and not is_blank(grid.value(row, field.member)):
            params = {"heading": field.heading, "level": field.level}
            place = grid.place(row, field.member)
            findings.faults.append(Fault("cell_of_other_level", pointer, params, place))
    return node


def _read_rules(grid: Grid, nodes: Nodes, findings: Findings) -> None:
    rows: dict[str, list[RuleRow]] = {}
    for row in grid.rows():
        code = _known_code(grid, row, RULE_FIELDS[0], nodes, findings)
        if code is not None:
            rows.setdefault(code, []).append(RuleRow(grid, row))
    for code, mine in rows.items():
        pointer, node = nodes[code]
        rule = read_rule(mine, f"{pointer}/rule", findings)
        if rule is not None:
            node["rule"] = rule


def _read_law(grid: Grid, document: dict[str, Any], nodes: Nodes, findings: Findings) -> None:
    first, *others = LAW_FIELDS
    for row in grid.rows():
        pointer, owner = "", document
        if not is_blank(grid.value(row, first.member)):
            code = _known_code(grid, row, first, nodes, findings)
            pointer, owner = nodes.get(code or "", ("/unknown", {}))
        citations = owner.setdefault("legal_basis", [])
        here = f"{pointer}/legal_basis/{len(citations)}"
        citations.append(read_row(grid, row, others, here, findings))
        findings.places[here] = grid.place(row, "document")


def _known_code(grid: Grid, row: int, field: Field, nodes: Nodes, findings: Findings) -> str | None:
    """The code of a node, in another sheet than that of nodes."""
    code = read_row(grid, row, [field], f"/{grid.sheet.name}/{row}", findings).get("code")
    if code is None or code in nodes:
        return code
    if "" in nodes:
        return None  # it may be the one that cannot be read
    params = {"code": shown(code), "sheet": NODES}
    findings.faults.append(Fault("code_not_in_nodes", "", params, grid.place(row, "code")))
    return None
