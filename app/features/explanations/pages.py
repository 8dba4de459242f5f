"""An explanation as rows of text, for a page or a Markdown file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.infra.clock import VIETNAM
from app.infra.messages import Language, Message, numerals
from app.infra.messages.names import STAGE_NAMES, STATUS_NAMES
from app.infra.messages.words import say

_TEXTS: Mapping[str, Message] = {
    "heading": Message("The PAR index explained", "Diễn giải kết quả Chỉ số cải cách hành chính"),
    "unit": Message("Unit", "Đơn vị"),
    "period": Message("Period", "Kỳ đánh giá"),
    "framework": Message("Criteria set", "Bộ chỉ số"),
    "index": Message("Index", "Chỉ số"),
    "rank": Message("Rank", "Thứ hạng"),
    "band": Message("Band", "Xếp loại"),
    "open": Message("Points still open", "Điểm còn chờ chấm"),
    "adjustment": Message("Adjusted by the caps of the whole set", "Điều chỉnh do mức trần của cả bộ chỉ số"),
    "status": Message("Status", "Tình trạng"),
    "engine": Message("Engine version", "Phiên bản tính toán"),
    "known_at": Message("As known at", "Dữ liệu tại thời điểm"),
    "fixed_at": Message("Figures fixed at", "Số liệu chốt lúc"),
    "caption": Message("How the points came about", "Cách tính điểm từng nội dung"),
    "law": Message("Legal basis", "Căn cứ pháp lý"),
    "inferred": Message("The rule is inferred; no source states it.", "Quy tắc suy ra, nguồn không nêu rõ."),
    "figures_give": Message("The figures give", "Số liệu cho kết quả"),
    "more": Message("For {gain} more", "Để thêm {gain} điểm"),
    "no_data": Message("no figures", "chưa có số liệu"),
    "recorded": Message("recorded {at}", "ghi nhận {at}"),
    "evidence": Message("evidence", "tài liệu"),
    "calculation": Message("Calculation", "Cách tính"),
    "of": Message("of", "trên"),
    "reports": Message("units reported", "đơn vị báo cáo"),
    "bonus": Message("bonus", "điểm thưởng"),
    "penalty": Message("penalty", "điểm trừ"),
}
_COLUMNS = (
    Message("Code", "Mã"),
    Message("Criterion", "Nội dung, tiêu chí"),
    Message("Maximum", "Điểm tối đa"),
    Message("Points", "Điểm đạt"),
    Message("Lost", "Điểm mất"),
    Message("Status", "Tình trạng"),
    Message("How", "Cách tính, số liệu"),
    Message("Law", "Căn cứ"),
)
_UNKNOWN = "–"
SHOWN_REPORTS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """A node as it is printed."""

    depth: int
    children: bool
    code: str
    name: str
    maximum: str
    points: str
    lost: str
    status: str
    lines: list[str]
    law: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that a page says."""

    heading: str
    title: str
    facts: list[tuple[str, str]]
    caption: str
    columns: list[str]
    rows: list[Row]
    law_heading: str
    law: list[str]


def make_page(found: Mapping[str, Any], title: str, language: Language) -> Page:
    """An explanation (see ExplanationRead) in one language."""
    words = _Words(language)
    return Page(
        heading=f"{words['heading']}: {found['unit']['name_vi']}",
        title=title,
        facts=[(label, value) for label, value in words.facts(found) if value],
        caption=words["caption"],
        columns=[words.of(column) for column in _COLUMNS],
        rows=list(words.rows(found["tree"], 0)),
        law_heading=words["law"],
        law=words.all_law(found),
    )


class _Words:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __getitem__(self, text: str) -> str:
        return self.of(_TEXTS[text])

    def of(self, name: Message) -> str:
        return say(name, self.language)

    def number(self, value: float | None) -> str:
        """At most four decimals, without noise."""
        if value is None:
            return _UNKNOWN
        return numerals(f"{value:.4f}".rstrip("0").rstrip("."), self.language)

    def facts(self, found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        percent = "" if found["index_percent"] is None else f" = {self.number(found['index_percent'])} %"
        set_status = self.of(STATUS_NAMES[found["framework_status"]])
        yield self["unit"], f"{found['unit']['name_vi']} ({found['unit']['code']})"
        yield self["period"], found["period"]
        yield self["framework"], f"{found['framework']} ({set_status})"
        yield self["index"], f"{self.number(found['points'])} / {self.number(found['max_points'])}{percent}"
        yield self["calculation"], self.calculation(found["arithmetic"])
        yield self["rank"], str(found["rank"] or "")
        yield self["band"], found["band"] or ""
        yield self["open"], self.number(found["open_points"]) if found["open_points"] else ""
        yield self["adjustment"], self.adjustment(found)
        yield self["status"], self.of(STATUS_NAMES[found["status"]])
        yield self["engine"], found["engine_version"]
        yield self["known_at"], _instant(found["known_at"])
        yield self["fixed_at"], _instant(found["figures_known_at"])

    def adjustment(self, found: Mapping[str, Any]) -> str:
        if not found["adjustment"]:
            return ""
        why = f" – {found['limits'][self.language]}" if found["limits"] else ""
        return self.number(found["adjustment"]) + why

    def rows(self, nodes: Sequence[Mapping[str, Any]], depth: int) -> Iterator[Row]:
        for node in nodes:
            beside = f" ({self[node['beside_scale']]})" if node["beside_scale"] else ""
            yield Row(
                depth,
                bool(node["children"]),
                node["code"],
                (self.language == "en" and node["name_en"]) or node["name_vi"],
                self.number(node["max_points"]) + beside,
                self.number(node["points"]),
                self.number(node["lost_points"]),
                self.of(STATUS_NAMES[node["status"]]),
                [line for line in self.lines(node) if line],
                "; ".join(self.law(b) for b in node["legal_basis"] if not b["inherited_from"]),
            )
            yield from self.rows(node["children"], depth + 1)

    def lines(self, node: Mapping[str, Any]) -> Iterator[str]:
        """The rule, the arithmetic, the figures, and what would earn more."""
        yield _typeset(node["rule"][self.language]) if node["rule"] else ""
        yield self["inferred"] if node["rule_basis"] == "inferred" and node["rule"] else ""
        yield self.calculation(node["arithmetic"] or "")
        yield node["limits"][self.language] if node["limits"] else ""
        if node["computed"]:
            yield f"{self['figures_give']}: {self.calculation(node['computed']['arithmetic'])}"
        yield from (self.figure(i) for i in node["inputs"] if i["kind"] == "figure")
        yield from (self.score(i) for i in node["inputs"] if i["kind"] == "score")
        if node["next_step"]:
            yield self.next_step(node["next_step"])

    def next_step(self, step: Mapping[str, Any]) -> str:
        """`Để thêm 0,5 điểm: ...`; only what it takes, where the gain is open."""
        said = _typeset(step[self.language])
        if step["gain"] is None:
            return said
        return f"{say(_TEXTS['more'], self.language, gain=self.number(step['gain']))}: {said}"

    def calculation(self, text: str) -> str:
        return _typeset(numerals(text, self.language))

    def score(self, score: Mapping[str, Any]) -> str:
        """`Thẩm định: 2,5 – lý do`."""
        stage = self.of(STAGE_NAMES[score["stage"]])
        said = self.of(STATUS_NAMES["not_applicable"]) if score["not_applicable"] else ""
        if score["points"] is not None:
            said = self.number(score["points"])
        evidence = "; ".join(score["evidence"])
        recorded = say(_TEXTS["recorded"], self.language, at=_instant(score["recorded_at"]))
        if score["recorded_by"]:
            recorded += f", {score['recorded_by']}"
        parts = (said, score["reason"], evidence and f"{self['evidence']}: {evidence}", f"({recorded})")
        return f"{stage[:1].upper()}{stage[1:]}: {' – '.join(part for part in parts if part)}"

    def figure(self, figure: Mapping[str, Any]) -> str:
        """`Chỉ tiêu plan_tasks (2021): 14 / 27 = 51,85 % – Báo cáo số 12/BC (1 trên 1 đơn vị báo cáo)`."""
        value = self.value(figure)
        name = figure["name"][self.language]
        covered = ""
        if figure["expected"] > 1:
            covered = f" ({figure['reported']} {self['of']} {figure['expected']} {self['reports']})"
        said = "; ".join(map(self.report, figure["reports"][:SHOWN_REPORTS]))
        shown = f"{value}{covered}{said and f' – {said}'}" if value else self["no_data"]
        return f"{name[:1].upper()}{name[1:]} ({figure['period']}): {shown}"

    def value(self, figure: Mapping[str, Any]) -> str:
        """`14 / 27 = 51,85 %`, `87,61 %`, or a count; nothing where it is not known."""
        if figure["value"] is not None:
            return self.number(figure["value"])
        percent = "" if figure["percent"] is None else f"{self.number(figure['percent'])} %"
        if figure["denominator"] is None:
            return percent
        counts = f"{self.number(figure['numerator'])} / {self.number(figure['denominator'])}"
        return f"{counts} = {percent}" if percent else counts

    def report(self, report: Mapping[str, Any]) -> str:
        """`22.1, Báo cáo số 12/BC, ghi nhận 08:00 03/01/2022, one-stop`."""
        recorded = say(_TEXTS["recorded"], self.language, at=_instant(report["recorded_at"]))
        parts = (report["unit"], report["source"], recorded, report["recorded_by"])
        return ", ".join(part for part in parts if part)

    def law(self, basis: Mapping[str, Any]) -> str:
        """`điểm b khoản 4, Điều 15, Thông tư 01/2018/TT-VPCP (23/11/2018)`."""
        parts = (basis["clause"], basis["article"], basis["document"])
        issued = f" ({_day(basis['issued_on'])})" if basis["issued_on"] else ""
        return ", ".join(part for part in parts if part) + issued

    def all_law(self, found: Mapping[str, Any]) -> list[str]:
        """Everything that is cited: by the set, then by its nodes."""
        cited = [*found["legal_basis"], *_cited(found["tree"])]
        return list(dict.fromkeys(self.law(basis) for basis in cited))


def _cited(nodes: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for node in nodes:
        yield from node["legal_basis"]
        yield from _cited(node["children"])


def _typeset(text: str) -> str:
    """The signs of a calculation as they are printed."""
    for typed, printed in ((">=", "≥"), ("<=", "≤"), ("->", "→"), ("x", "×")):
        text = text.replace(f" {typed} ", f" {printed} ")
    return text


def _instant(value: datetime | None) -> str:
    return "" if value is None else f"{value.astimezone(VIETNAM):%H:%M:%S %d/%m/%Y}"


def _day(value: date) -> str:
    return f"{value:%d/%m/%Y}"
