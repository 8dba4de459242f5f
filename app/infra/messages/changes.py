"""A change of a criteria set in one line."""

from collections.abc import Mapping
from textwrap import shorten

from app.core.comparison import Change, ChangeKind, Member, Rounding, Ruling, Ties, Value, weight_of
from app.core.framework import Applies, Band, Caps, Node, Process
from app.core.law import LegalBasis
from app.core.types import ReformArea, UnitKind
from app.infra.messages import words
from app.infra.messages.message import Language, Message
from app.infra.messages.names import NO_NAMES, STATUS_NAMES, Names
from app.infra.messages.rulings import say_ruling
from app.infra.messages.words import say, say_day, say_number, say_points

CHANGES: Mapping[ChangeKind, Message] = {
    ChangeKind.ADDED: Message("{node}: new, maximum {new}", "{node}: thêm mới, điểm tối đa {new}"),
    ChangeKind.REMOVED: Message(
        "{node}: no longer there, its maximum was {old}", "{node}: không còn, điểm tối đa trước đây là {old}"
    ),
    ChangeKind.RECODED: Message("{node}: code {old} -> {new}", "{node}: đổi mã số {old} -> {new}"),
    ChangeKind.MOVED: Message("{node}: moved from {old} to {new}", "{node}: chuyển từ {old} sang {new}"),
    ChangeKind.RENAMED: Message('{node}: was called "{old}"', '{node}: tên trước đây là "{old}"'),
    ChangeKind.REWEIGHTED: Message(
        "{node}: maximum {old} -> {new}{difference}", "{node}: điểm tối đa {old} -> {new}{difference}"
    ),
    ChangeKind.RERULED: Message(
        "{node}: scored by: {old} -> {new}", "{node}: cách chấm điểm: {old} -> {new}"
    ),
    ChangeKind.RECLASSIFIED: Message(
        "{node}: reform area: {old} -> {new}", "{node}: nội dung cải cách hành chính: {old} -> {new}"
    ),
    ChangeKind.LEGAL_BASIS: Message(
        "{node}: legal basis: {old} -> {new}", "{node}: căn cứ pháp lý: {old} -> {new}"
    ),
    ChangeKind.CAPS: Message(
        "{node}: caps of bonus and penalty: {old} -> {new}",
        "{node}: mức trần điểm thưởng, điểm trừ: {old} -> {new}",
    ),
    ChangeKind.TOTAL_POINTS: Message(
        "{node}: total {old} -> {new}{difference}", "{node}: tổng điểm {old} -> {new}{difference}"
    ),
    ChangeKind.BANDS: Message("{node}: bands: {old} -> {new}", "{node}: ngưỡng xếp loại: {old} -> {new}"),
    ChangeKind.ROUNDING: Message("{node}: rounding: {old} -> {new}", "{node}: làm tròn: {old} -> {new}"),
    ChangeKind.TIES: Message(
        "{node}: ties: {old} -> {new}", "{node}: xếp hạng khi bằng điểm: {old} -> {new}"
    ),
    ChangeKind.PROCESS: Message("{node}: steps: {old} -> {new}", "{node}: các bước đánh giá: {old} -> {new}"),
    ChangeKind.APPLIES: Message(
        "{node}: time that is assessed by it: {old} -> {new}",
        "{node}: thời gian áp dụng để đánh giá: {old} -> {new}",
    ),
    ChangeKind.LEVEL: Message("{node}: for {old} -> {new}", "{node}: đối tượng áp dụng: {old} -> {new}"),
    ChangeKind.STATUS: Message(
        "{node}: standing: {old} -> {new}", "{node}: tính chất bộ chỉ số: {old} -> {new}"
    ),
}
PARTIAL = Message(
    "Of at least one of the two sets only a part is known: what looks added, removed or changed may be a "
    "gap of the sources and no change of the law.",
    "Ít nhất một trong hai bộ chỉ số mới được biết một phần: nội dung có vẻ được bổ sung, bãi bỏ hoặc thay "
    "đổi có thể là do nguồn không nêu, không phải do quy định thay đổi.",
)
_UNKNOWN = Message("unknown", "chưa biết")
_NONE = Message("none", "không có")
_WHOLE_SET = Message("Whole set", "Cả bộ chỉ số")
_ABSENT = {
    ChangeKind.MOVED: Message("the areas", "cấp lĩnh vực"),
    ChangeKind.RERULED: Message("the nodes below", "tính theo các mục con"),
    ChangeKind.RECLASSIFIED: _NONE,
}
_NODE = Message("{code}", "mục {code}")
_DETAILS = Message("the same, other details", "như cũ, chỉ khác ở chi tiết")
_DECIMALS = Message("{decimals} decimals shown", "hiển thị {decimals} chữ số thập phân")
_ITEMS = Message("items rounded to {items}", "điểm từng mục làm tròn đến {items} chữ số thập phân")
_BONUS = Message("bonus {points}", "điểm thưởng {points}")
_PENALTY = Message("penalty {points}", "điểm trừ {points}")
_BY_AREA = Message("then by points of area {area}", "rồi theo điểm lĩnh vực {area}")
_BY_NAME = Message("then by name", "rồi theo tên đơn vị")
_BAND = Message("{label} >= {percent} %", "{label} từ {percent} %")
_BETWEEN = Message("from {start} to {end}", "từ {start} đến {end}")
_SINCE = Message("from {start} on", "từ {start}")
_EXPLANATION = Message("explanation {need}", "giải trình {need}")
_SECOND = Message("second appraisal {need}", "thẩm định lần 2 {need}")
_LONGEST = 200


def say_change(change: Change, language: Language, names: Names = NO_NAMES) -> str:
    """Node, what of it, old and new: "3 Cải cách thủ tục hành chính: điểm tối đa 14,5 -> 13 (-1,5)".

    `names`: what a catalogue calls figures.
    """
    node = say(_WHOLE_SET, language) if change.code is None else f"{change.code} {change.name_vi}"
    if isinstance(change.old, Ruling) and isinstance(change.new, Ruling):
        old, new = _rulings(change.old, change.new, language, names)
    else:
        old, new = (_phrase(change.kind, value, language, names) for value in (change.old, change.new))
    if old == new and None not in (change.old, change.new):
        new = say(_DETAILS, language)
    difference = _difference(change.old, change.new, language)
    return say(CHANGES[change.kind], language, node=node, old=old, new=new, difference=difference)


def _difference(old: Value | None, new: Value | None, language: Language) -> str:
    if not (isinstance(old, int) and isinstance(new, int)):
        return ""
    return f" ({'+' if new > old else '-'}{say_points(abs(new - old), language)})"


def _phrase(kind: ChangeKind, value: Value | None, language: Language, names: Names) -> str:
    match value:
        case None:
            return say(_ABSENT.get(kind, _UNKNOWN), language)
        case int():
            return say_points(value, language)
        case ReformArea():
            return say(words.REFORM_AREAS[value], language)
        case UnitKind():
            return say(words.LEVELS[value], language)
        case str():
            return _named(kind, value, language)
        case _:
            return _listed(_parts(value, language, names), language)


def _named(kind: ChangeKind, value: str, language: Language) -> str:
    match kind:
        case ChangeKind.MOVED:
            return say(_NODE, language, code=value)
        case ChangeKind.STATUS:
            return say(STATUS_NAMES[value], language)
        case _:
            return value


def _listed(parts: list[str], language: Language) -> str:
    return shorten("; ".join(parts) or say(_NONE, language), _LONGEST, placeholder=" ...")


def _parts(  # noqa: PLR0911 - one for each kind of member
    value: Member, language: Language, names: Names
) -> list[str]:
    match value:
        case Node():
            return [_phrase(ChangeKind.REWEIGHTED, weight_of(value), language, names)]
        case Ruling():
            return say_ruling(value, language, names)[:2]
        case Caps(bonus=bonus, penalty=penalty):
            known = [(_BONUS, bonus), (_PENALTY, penalty)]
            return [
                say(of, language, points=say_points(cap, language)) for of, cap in known if cap is not None
            ]
        case Rounding(decimals=decimals, items=items):
            said = [say(_DECIMALS, language, decimals=decimals)]
            return said if items is None else [*said, say(_ITEMS, language, items=items)]
        case Ties(method=method, keys=keys):
            return [say(words.TIES[method], language), *(_key(key, language) for key in keys)]
        case Process(explanation=explanation, final_appraisal=second):
            steps = [(_EXPLANATION, explanation), (_SECOND, second)]
            return [say(step, language, need=say(words.NEEDS[need], language)) for step, need in steps]
        case Applies():
            return [_days(value, language)]
        case _:
            return [_entry(entry, language) for entry in value]


def _days(applies: Applies, language: Language) -> str:
    start = say_day(applies.start, language)
    if applies.end is None:
        return say(_SINCE, language, start=start)
    return say(_BETWEEN, language, start=start, end=say_day(applies.end, language))


def _key(key: str, language: Language) -> str:
    """A tie-break key: `area:<code>` or `name`."""
    _, _, area = key.partition("area:")
    return say(_BY_AREA, language, area=area) if area else say(_BY_NAME, language)


def _entry(entry: Band | LegalBasis, language: Language) -> str:
    if isinstance(entry, Band):
        return say(
            _BAND,
            language,
            label=entry.label_vi or say(_UNKNOWN, language),
            percent=say_number(entry.percent, language),
        )
    return ", ".join(part for part in (entry.clause, entry.article, entry.document) if part)


def _rulings(old: Ruling, new: Ruling, language: Language, names: Names) -> tuple[str, str]:
    """Both as far as they differ."""
    said = (say_ruling(ruling, language, names) for ruling in (old, new))
    pairs = list(zip(*said, strict=True))
    differing = [pair for pair in pairs if pair[0] != pair[1]] or pairs[:1]
    return _listed([one for one, _ in differing], language), _listed([two for _, two in differing], language)
