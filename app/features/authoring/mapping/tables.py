"""The document of a criteria set -> the tables of its workbook."""

from collections.abc import Iterator, Sequence
from typing import Any

from app.features.authoring.mapping.members import Data, write
from app.features.authoring.mapping.rules import rows_of_rule
from app.features.authoring.schemas import (
    BAND_FIELDS,
    BANDS,
    FORMS,
    HELP,
    KEY_FIELDS,
    KINDS,
    LAW,
    LAW_FIELDS,
    LEVELS,
    NODE_FIELDS,
    NODES,
    RULE_FIELDS,
    RULES,
    SET,
    SET_FIELDS,
    Field,
    Kind,
)
from app.infra.messages.names import DOSSIER_NAMES
from app.infra.spreadsheets.writing import Cell, Column, Table

_NUMBERS = {Kind.NUMBER, Kind.WHOLE}
_SHEETS = (
    (SET, "Thông tin chung của bộ chỉ số: mỗi dòng một mục."),
    (
        NODES,
        "Phụ lục của quyết định: mỗi dòng một lĩnh vực, tiêu chí hoặc tiêu chí thành phần, mục con ngay "
        "dưới mục cha.",
    ),
    (
        RULES,
        "Quy tắc chấm điểm: một hoặc nhiều dòng cho mỗi mục chấm điểm. Mục không có dòng nào: người chấm "
        "cho điểm từ 0 đến điểm tối đa.",
    ),
    (LAW, "Căn cứ pháp lý của cả bộ chỉ số và của từng mục."),
    (BANDS, "Xếp loại theo tỷ lệ điểm đạt được, từ cao xuống thấp; có thể để trống."),
)
_ADVICE = (
    "Xóa các dòng ví dụ rồi điền bộ chỉ số của mình; giữ nguyên tên trang và dòng tiêu đề.",
    "Ô mã là dạng văn bản: Excel không phân biệt số 1.1 và 1.10.",
    "Số thập phân trong ô văn bản ghi bằng dấu phẩy (0,25), không ghi dấu phân cách hàng nghìn.",
    "Tỷ lệ ghi 70 hoặc 70 %, không ghi 0,7.",
    "Chưa biết thì ghi rõ, không để trống ô bắt buộc.",
    "Kiểm tra và nạp: parindex framework load <tệp>; mỗi lỗi được chỉ ra theo trang và ô.",
)


def tables_of(document: Data, example: Data) -> list[Table]:
    """All sheets; `example` shows every kind of rule in the help."""
    nodes = list(_walk(document["areas"], 0))
    rules = [row for _, node in nodes if node.get("rule") for row in rows_of_rule(node["code"], node["rule"])]
    return [
        _table_of_set(document),
        _table(NODES, NODE_FIELDS, [_cells(NODE_FIELDS, {**n, "level": level}) for level, n in nodes], 3),
        _table(RULES, RULE_FIELDS, rules, 2),
        _table(LAW, LAW_FIELDS, list(_law(document, nodes)), 0),
        _table(BANDS, BAND_FIELDS, [_cells(BAND_FIELDS, band) for band in document["bands"]], 0),
        _help(example),
    ]


def lists_of() -> dict[str, list[str]]:
    """Heading -> the words to choose from."""
    fields = (*SET_FIELDS, *NODE_FIELDS, *RULE_FIELDS)
    return {field.heading: field.options for field in fields if field.options}


def _walk(nodes: Sequence[Data], depth: int) -> Iterator[tuple[str, Data]]:
    """(level, node) in the order of the document."""
    for node in nodes:
        yield str(depth + 1), node
        if depth + 1 < len(LEVELS):
            yield from _walk(node[LEVELS[depth + 1]], depth + 1)


def _table(name: str, fields: Sequence[Field], rows: Sequence[Sequence[Cell]], frozen: int) -> Table:
    return Table(name, [_column(field) for field in fields], rows, frozen=frozen)


def _column(field: Field) -> Column:
    choices = field.heading if field.options else None
    return Column(field.heading, field.width, field.kind not in _NUMBERS, choices, field.help)


def _cells(fields: Sequence[Field], data: Data) -> list[Cell]:
    return [write(field, data) for field in fields]


def _table_of_set(document: Data) -> Table:
    rows: list[list[Cell]] = []
    choices = {}
    for field in SET_FIELDS:
        for value in _values(field, document):
            if field.options:
                choices[len(rows), 1] = field.heading
            rows.append([field.heading, value, field.help])
    return Table(SET, [_column(field) for field in KEY_FIELDS], rows, choices, frozen=1)


def _values(field: Field, document: Data) -> list[Cell]:
    if not field.many:
        return [write(field, document)]
    within: Any = document
    for name in field.member.split("/"):
        within = within[name]
    return list(within) or [None]


def _law(document: Data, nodes: Sequence[tuple[str, Data]]) -> Iterator[list[Cell]]:
    for code, owner in [(None, document), *((node["code"], node) for _, node in nodes)]:
        for citation in owner["legal_basis"]:
            yield _cells(LAW_FIELDS, {**citation, "code": code})


def _help(example: Data) -> Table:
    """What is what: sheets, columns, rules with an example each, names of rates and figures."""
    rows: list[list[Cell]] = [["Cách dùng", None, text, None] for text in _ADVICE]
    rows += [["Trang", name, text, None] for name, text in _SHEETS]
    for name, fields in ((NODES, NODE_FIELDS), (RULES, RULE_FIELDS), (LAW, LAW_FIELDS), (BANDS, BAND_FIELDS)):
        rows += [
            [f"Cột của trang {name}", field.heading, field.help, "; ".join(field.options) or None]
            for field in fields
        ]
    shown = dict(_examples(example))
    rows += [[RULES, KINDS[kind], form.meaning, shown.get(kind)] for kind, form in FORMS.items()]
    rows += [["Tỷ lệ, số liệu", f"dossier:{name}", found.vi, None] for name, found in DOSSIER_NAMES.items()]
    rows += [
        ["Tỷ lệ, số liệu", "measure:<mã>", "tỷ lệ hoặc số của chỉ tiêu có mã đó", "measure:plan_tasks"],
        ["Tỷ lệ, số liệu", "measure:<mã>/numerator", "tử số của chỉ tiêu", None],
        ["Tỷ lệ, số liệu", "measure:<mã>/denominator", "mẫu số của chỉ tiêu", None],
    ]
    columns = [Column("Về", 26), Column("Tên", 34), Column("Ý nghĩa", 70), Column("Ví dụ, giá trị", 70)]
    return Table(HELP, columns, rows, frozen=2)


def _examples(document: Data) -> Iterator[tuple[str, str]]:
    """Kind of rule -> its rows in the example, as text."""
    for _, node in _walk(document["areas"], 0):
        if node.get("rule"):
            rows = rows_of_rule(node["code"], node["rule"])
            yield node["rule"]["kind"], "\n".join(_spoken(row) for row in rows)


def _spoken(row: Sequence[Cell]) -> str:
    """`Tỷ lệ: measure:plan_tasks | Từ (≥): 90`."""
    named = [
        (field.heading, value) for field, value in zip(RULE_FIELDS, row, strict=True) if value is not None
    ]
    return " | ".join(f"{heading}: {value}" for heading, value in named)
