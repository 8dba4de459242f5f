"""A score sheet -> the official document that says the same."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.core.framework import Framework, Node, leaves_of
from app.core.index import Tally, UnitIndex
from app.core.periods import parse_period
from app.core.rounding import exact_points, from_scaled, points_number
from app.core.types import RoundState, Stage
from app.core.workflow import SETTLED_STATES
from app.features.evidence.schemas import Evidence
from app.features.findings.schemas import FindingRead
from app.features.results.schemas import SheetItem, SheetRead, StageScore
from app.infra.clock import VIETNAM
from app.infra.messages import words
from app.infra.official.document import Cell, Column, Document, Letterhead, Row, Signature, Table

TITLE = "Phiếu tự chấm điểm và thẩm định"
RECIPIENTS = ("- Như trên;", "- Lưu: VT.")
DRAFT = "Bản dự thảo, số liệu chưa phê duyệt"
NOT_APPLICABLE = "KĐG"
MISSING = "chưa có điểm"
STATES: Mapping[RoundState, str] = {
    RoundState.DRAFT: "dự thảo",
    RoundState.SELF_ASSESSMENT: "đang tự chấm điểm",
    RoundState.APPRAISAL: "đang thẩm định",
    RoundState.EXPLANATION: "đang giải trình",
    RoundState.FINAL_APPRAISAL: "đang thẩm định lần 2",
    RoundState.APPROVED: "đã phê duyệt",
    RoundState.PUBLISHED: "đã công bố",
    RoundState.CORRECTION: "đang đính chính",
}
STAGES: Mapping[Stage, str] = {
    Stage.SELF: "Tự chấm",
    Stage.APPRAISAL: "Thẩm định",
    Stage.EXPLANATION: "Giải trình",
    Stage.FINAL_APPRAISAL: "Thẩm định lần 2",
    Stage.SURVEY: "Điều tra XHH",
    Stage.STATISTIC: "Số liệu",
    Stage.FINAL: "Kết quả",
}
FINDING_STATES = {"open": "Đang thực hiện", "overdue": "Quá hạn", "resolved": "Đã thực hiện"}
_STEPS = "Các bước chấm điểm"
_COLUMNS = (
    Column("Tiêu chí", 56),
    Column("Điểm tối đa", 14, "center"),
    Column("Tự chấm", 15, "center", _STEPS),
    Column("Thẩm định", 15, "center", _STEPS),
    Column("Giải trình", 38, "left", _STEPS),
    Column("Thẩm định lần 2", 16, "center", _STEPS),
    Column("Điều tra XHH / Số liệu", 17, "center", _STEPS),
    Column("Điểm được tính", 17, "center"),
    Column("Lý do / tài liệu kiểm chứng", 47),
)
_HISTORY = (
    Column("Tiêu chí", 56),
    Column("Bước", 24),
    Column("Điểm", 15, "center"),
    Column("Lý do / tài liệu kiểm chứng", 70),
    Column("Phiên bản", 16, "center"),
    Column("Thời điểm ghi", 30, "center"),
    Column("Người ghi", 26),
)
_FINDINGS = (
    Column("Mã", 24),
    Column("Nội dung cải cách", 36),
    Column("Tiêu chí", 22),
    Column("Kết luận", 62),
    Column("Kiến nghị", 56),
    Column("Thời hạn", 24, "center"),
    Column("Tình trạng", 28, "center"),
)


@dataclass(frozen=True, slots=True)
class Printed:
    """What the caller wants printed around a sheet; None where it is not known yet."""

    number: str | None = None
    place: str | None = None
    signed_on: date | None = None
    position: str | None = None
    signer: str | None = None
    issuer: str | None = None
    superior: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Everything that a printed sheet says."""

    sheet: SheetRead
    framework: Framework
    framework_title: str
    index: UnitIndex
    superior: str


def sheet_document(source: Source, printed: Printed) -> Document:
    """The sheet of a unit as an official document."""
    sheet = source.sheet
    superior = source.superior if printed.superior is None else printed.superior
    findings = [_findings_table(sheet.findings)] if sheet.findings else []
    return Document(
        letterhead=Letterhead(
            issuer=printed.issuer or sheet.unit.name_vi,
            superior=superior,
            number=printed.number,
            place=printed.place,
            signed_on=printed.signed_on,
        ),
        title=TITLE,
        summary=f"{sheet.round_title_vi} - {sheet.unit.name_vi}",
        status=None if sheet.state in SETTLED_STATES else DRAFT,
        lines=[_about(source)],
        tables=[_scores_table(source), *findings],
        annexes=[_history_table(sheet.items)],
        signature=Signature(position=printed.position, name=printed.signer),
        recipients=RECIPIENTS,
        landscape=True,
    )


def _about(source: Source) -> str:
    sheet = source.sheet
    return (
        f"Kỳ đánh giá: {period_text(sheet.period)}; "
        f"Bộ tiêu chí: {source.framework_title} ({sheet.framework}); "
        f"Trạng thái: {STATES[sheet.state]}, phiên bản phiếu: {sheet.revision}."
    )


def period_text(text: str) -> str:
    """A period in words: `năm 2021`, `quý III năm 2021`, `từ ngày 01/01/2021 đến ngày 15/09/2021`."""
    if "/" in text:
        period = parse_period(text)
        return f"từ ngày {period.start:%d/%m/%Y} đến ngày {period.end:%d/%m/%Y}"
    year, _, part = text.partition("-")
    if part.startswith("Q"):
        return f"quý {('I', 'II', 'III', 'IV')[int(part[1]) - 1]} năm {year}"
    if part.startswith("H"):
        return f"6 tháng {'đầu' if part == 'H1' else 'cuối'} năm {year}"
    month = part if part in ("01", "02") else part.lstrip("0")
    return f"tháng {month} năm {year}" if part else f"năm {year}"


def _scores_table(source: Source) -> Table:
    items = {item.code: item for item in source.sheet.items}
    rows: list[Row] = []
    for area, tally in zip(source.framework.areas, source.index.areas, strict=True):
        scored = any(items[leaf.code].counts for leaf in leaves_of(area))
        rows += _rows_of(area, items, _sums(tally, source.framework.decimals, scored))
    total, scored = source.index.total, any(item.counts for item in items.values())
    rows.append(_heading_row("", "Tổng cộng", *_sums(total, source.framework.decimals, scored)))
    notes = []
    if any(_not_applicable(item) for item in items.values()):
        notes.append(f"{NOT_APPLICABLE}: không đánh giá, điểm tối đa của mục không tính vào tổng.")
    if any(item.counts is None for item in items.values()):
        waiting = exact_points(total.open_points).replace(".", ",")
        notes.append(f"Các mục {MISSING} có điểm tối đa cộng lại là {waiting}.")
    return Table((_code_column(items), *_COLUMNS), rows, notes=notes, name="Phiếu")


def _code_column(codes: Iterable[str]) -> Column:
    """Wide enough for most codes: `4.2.1` in one criteria set, `leaders_survey` in another."""
    longest = max(map(len, codes), default=0)
    return Column("Mã", min(36, max(14, 3 + 2.1 * longest)))


def _rows_of(
    node: Node, items: Mapping[str, SheetItem], sums: tuple[Cell, Cell] | None = None
) -> Iterator[Row]:
    """A node and what is below it; `sums` are the maximum and the points of an area."""
    if not node.children:
        yield _item_row(items[node.code])
        return
    known = node.resolved_max
    maximum, points = sums or (None if known is None else from_scaled(known), None)
    yield _heading_row(node.code, node.name_vi, maximum, points)
    for child in node.children:
        yield from _rows_of(child, items)


def _heading_row(code: str, name: str, maximum: Cell, points: Cell) -> Row:
    return Row((code, name, maximum, None, None, None, None, None, points, None), bold=True)


def _sums(tally: Tally, decimals: int, scored: bool) -> tuple[Cell, Cell]:
    """Applicable maximum and points, as in the index. Nothing scored yet is not 0."""
    points = _number(points_number(tally.points, decimals)) if scored else MISSING
    return _number(points_number(tally.max_points, 4)), points


def _item_row(item: SheetItem) -> Row:
    stages = item.stages
    explained = stages.get(Stage.EXPLANATION)
    figures = stages.get(Stage.SURVEY) or stages.get(Stage.STATISTIC)
    return Row(
        (
            item.code,
            item.name_vi,
            _number(item.max_points),
            _points(stages.get(Stage.SELF)),
            _points(stages.get(Stage.APPRAISAL)),
            None if explained is None else _said(explained),
            _points(stages.get(Stage.FINAL_APPRAISAL)),
            _points(figures),
            _counted(item),
            "\n".join(_reasons(item)) or None,
        )
    )


def _number(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _points(score: StageScore | None) -> Cell:
    if score is None:
        return None
    return NOT_APPLICABLE if score.not_applicable else _number(score.points)


def _not_applicable(item: SheetItem) -> bool:
    return item.counts is not None and item.stages[item.counts].not_applicable


def _counted(item: SheetItem) -> Cell:
    if item.counts is None:
        return MISSING
    return NOT_APPLICABLE if _not_applicable(item) else _number(item.points)


def _reasons(item: SheetItem) -> Iterator[str]:
    """What was said of every stage; explanations have a column of their own, official figures have none."""
    for stage, score in item.stages.items():
        if stage is Stage.EXPLANATION:
            continue
        figure = str(_points(score) or "").replace(".", ",") if stage is Stage.FINAL else ""
        said = "\n".join(part for part in (figure, _said(score)) if part)
        if said:
            yield f"{STAGES[stage]}: {said}"


def _said(score: StageScore) -> str:
    """Reason and evidence."""
    return "\n".join([*([score.reason] if score.reason else []), *map(_evidence_text, score.evidence)])


def _evidence_text(evidence: Evidence) -> str:
    parts = [
        f"Tài liệu: {evidence.title}",
        f" số {evidence.number}" if evidence.number else "",
        f" ngày {evidence.issued_on:%d/%m/%Y}" if evidence.issued_on else "",
        f" của {evidence.issued_by}" if evidence.issued_by else "",
        f" ({evidence.url})" if evidence.url else "",
    ]
    return "".join(parts)


def _history_table(items: Sequence[SheetItem]) -> Table:
    rows = [
        Row(
            (
                item.code,
                item.name_vi,
                STAGES[entry.stage],
                _points(entry),
                _said(entry) or None,
                entry.revision,
                entry.recorded_at.astimezone(VIETNAM).replace(tzinfo=None),
                entry.recorded_by,
            )
        )
        for item in items
        for entry in item.history
    ]
    columns = (_code_column(item.code for item in items), *_HISTORY)
    return Table(columns, rows, title="Lịch sử chấm điểm", name="Lịch sử")


def _findings_table(findings: Sequence[FindingRead]) -> Table:
    rows = [
        Row(
            (
                finding.code,
                words.REFORM_AREAS[finding.reform_area].vi,
                ", ".join(finding.items) or None,
                finding.finding,
                finding.recommendation,
                finding.due_on,
                _finding_state(finding),
            )
        )
        for finding in findings
    ]
    title = "Kết luận, kiến nghị của đoàn kiểm tra"
    return Table(_FINDINGS, rows, title=title, name="Kết luận kiểm tra")


def _finding_state(finding: FindingRead) -> str:
    state = FINDING_STATES[finding.state]
    return f"{state} ngày {finding.resolved_on:%d/%m/%Y}" if finding.resolved_on else state
