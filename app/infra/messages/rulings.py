"""How an item is scored, in words."""

from collections.abc import Mapping

from app.core.comparison import Ruling
from app.core.rules import (
    Bands,
    Binary,
    Bonus,
    Checklist,
    Complement,
    Conjunction,
    Deduction,
    Manual,
    MeanPerDossier,
    Measured,
    Options,
    Penalty,
    Proportional,
    Rule,
    Step,
    Survey,
)
from app.core.types import ItemSource, NoData
from app.infra.messages.message import Language, Message
from app.infra.messages.names import NO_NAMES, Names, name_of
from app.infra.messages.words import say, say_number, say_points

RULES: Mapping[type[Rule], Message] = {
    Manual: Message("points given by people", "chấm điểm trực tiếp"),
    Binary: Message("all or nothing", "đạt hoặc không đạt"),
    Options: Message("one of some tiers", "chọn một trong các mức"),
    Checklist: Message("parts that add up", "cộng điểm từng nội dung đạt được"),
    Measured: Message("rate x maximum", "tỷ lệ x điểm tối đa"),
    Bands: Message("steps over a rate", "theo các mức tỷ lệ"),
    Proportional: Message("proportion with thresholds", "tính theo tỷ lệ, có ngưỡng"),
    Complement: Message("what rates leave of 100 %", "100 % trừ đi các tỷ lệ"),
    Conjunction: Message("conditions that must all hold", "đạt đủ các điều kiện của từng mức"),
    Deduction: Message("deduction for each event", "trừ điểm theo số lần"),
    MeanPerDossier: Message("mean over dossiers", "điểm trung bình các hồ sơ"),
    Survey: Message("answers of a survey", "theo kết quả phiếu điều tra"),
    Bonus: Message("bonus beside the scale", "điểm thưởng ngoài thang điểm"),
    Penalty: Message("penalty beside the scale", "điểm trừ ngoài thang điểm"),
}
SOURCES: Mapping[ItemSource, Message] = {
    ItemSource.APPRAISAL: Message("appraisal", "thẩm định"),
    ItemSource.SURVEY: Message("sociological survey", "điều tra xã hội học"),
    ItemSource.STATISTIC: Message("figures", "số liệu"),
}
NO_DATA: Mapping[NoData, Message] = {
    NoData.MISSING: Message("no points yet without data", "không có số liệu thì chưa có điểm"),
    NoData.NOT_APPLICABLE: Message("not applicable without data", "không có số liệu thì không đánh giá"),
    NoData.FULL: Message("all points without data", "không có số liệu thì được điểm tối đa"),
    NoData.ZERO: Message("0 points without data", "không có số liệu thì được 0 điểm"),
}
EVIDENCE: Mapping[bool, Message] = {
    True: Message("evidence required", "phải có tài liệu kiểm chứng"),
    False: Message("evidence optional", "không bắt buộc tài liệu kiểm chứng"),
}
_STEP = Message("in steps of {points}", "mỗi bước {points} điểm")
_FULL = Message("full from {percent} %", "từ {percent} % trở lên được điểm tối đa")
_FLOOR = Message("0 below {percent} %", "dưới {percent} % được 0 điểm")
_FROM = Message(">= {percent} %: {points}", "từ {percent} %: {points} điểm")
_ABOVE = Message("> {percent} %: {points}", "trên {percent} %: {points} điểm")
_TIER = Message("{label}: {points}", "{label}: {points} điểm")
_EVENT = Message("{points} for each event", "mỗi lần {points} điểm")


def say_ruling(ruling: Ruling, language: Language, names: Names = NO_NAMES) -> list[str]:
    """Rule, source, what no data means, and whether evidence is asked for; `names`: what a catalogue calls
    figures."""
    rule = say(RULES[type(ruling.rule)], language)
    details = ", ".join(_details(ruling.rule, language, names))
    return [
        f"{rule} ({details})" if details else rule,
        say(SOURCES[ruling.source], language) if ruling.source else "",
        say(NO_DATA[ruling.on_no_data], language),
        say(EVIDENCE[ruling.evidence_required], language),
    ]


def _details(rule: Rule, language: Language, names: Names) -> list[str]:
    """The numbers of rules that have few of them."""
    match rule:
        case Manual(step=int(step)):
            return [say(_STEP, language, points=say_points(step, language))]
        case Options(choices=choices) | Checklist(parts=choices):
            return [
                say(_TIER, language, label=choice.label_vi, points=say_points(choice.points, language))
                for choice in choices
            ]
        case Deduction(per_event=int(each)) | Bonus(per_event=int(each)) | Penalty(per_event=int(each)):
            return [say(_EVENT, language, points=say_points(each, language))]
        case Measured() | Bands() | Proportional() | Complement():
            return [*_rates(rule, language, names), *_thresholds(rule, language)]
        case _:
            return []


def _rates(rule: Measured | Bands | Proportional | Complement, language: Language, names: Names) -> list[str]:
    """The rates that have a name."""
    read = rule.rates if isinstance(rule, Complement) else (rule.rate,)
    return [say(name_of(rate, names), language) for rate in read if isinstance(rate, str)]


def _thresholds(rule: Measured | Bands | Proportional | Complement, language: Language) -> list[str]:
    match rule:
        case Bands(steps=steps):
            return [_step(step, language) for step in steps]
        case Proportional(full_at=full_at, floor=floor) | Complement(full_at=full_at, floor=floor):
            bounds = [(_FULL, full_at), (_FLOOR, floor)]
            return [
                say(bound, language, percent=say_number(percent, language))
                for bound, percent in bounds
                if percent is not None
            ]
        case Measured():
            return []


def _step(step: Step, language: Language) -> str:
    end = _ABOVE if step.open_end else _FROM
    percent, points = say_number(step.percent, language), say_points(step.points, language)
    return say(end, language, percent=percent, points=points)
