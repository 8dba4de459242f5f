"""A change of a criteria set in one line."""

from collections.abc import Mapping
from textwrap import shorten

from app.core.comparison import Change, ChangeKind, Rounding, Ruling, Ties, Value, weight_of
from app.core.framework import Band, Caps, Node, Process
from app.core.law import LegalBasis
from app.core.types import ReformArea
from app.infra.messages import words
from app.infra.messages.message import Language, Message
from app.infra.messages.names import NO_NAMES, Names
from app.infra.messages.rulings import say_ruling
from app.infra.messages.words import say, say_number, say_points

CHANGES: Mapping[ChangeKind, Message] = {
    ChangeKind.ADDED: Message("{node}: new, maximum {new}", "{node}: thêm mới, điểm tối đa {new}"),
    ChangeKind.REMOVED: Message(
        "{node}: no longer there, its maximum was {old}", "{node}: không còn, điểm tối đa trước đây {old}"
    ),
    ChangeKind.RECODED: Message("{node}: code {old} -> {new}", "{node}: đổi mã {old} -> {new}"),
    ChangeKind.MOVED: Message("{node}: moved from {old} to {new}", "{node}: chuyển từ {old} sang {new}"),
    ChangeKind.RENAMED: Message('{node}: was called "{old}"', '{node}: tên trước đây là "{old}"'),
    ChangeKind.REWEIGHTED: Message(
        "{node}: maximum {old} -> {new}{difference}", "{node}: điểm tối đa {old} -> {new}{difference}"
    ),
    ChangeKind.RERULED: Message(
        "{node}: scored by: {old} -> {new}", "{node}: cách chấm điểm: {old} -> {new}"
    ),
    ChangeKind.RECLASSIFIED: Message(
        "{node}: reform area {old} -> {new}", "{node}: nội dung cải cách {old} -> {new}"
    ),
    ChangeKind.LEGAL_BASIS: Message(
        "{node}: legal basis {old} -> {new}", "{node}: căn cứ pháp lý {old} -> {new}"
    ),
    ChangeKind.CAPS: Message(
        "{node}: caps of bonus and penalty {old} -> {new}", "{node}: mức trần thưởng, phạt {old} -> {new}"
    ),
    ChangeKind.TOTAL_POINTS: Message(
        "{node}: total {old} -> {new}{difference}", "{node}: tổng điểm {old} -> {new}{difference}"
    ),
    ChangeKind.BANDS: Message("{node}: bands {old} -> {new}", "{node}: ngưỡng xếp loại {old} -> {new}"),
    ChangeKind.ROUNDING: Message("{node}: rounding {old} -> {new}", "{node}: làm tròn {old} -> {new}"),
    ChangeKind.TIES: Message("{node}: ties {old} -> {new}", "{node}: xử lý đồng hạng {old} -> {new}"),
    ChangeKind.PROCESS: Message("{node}: steps {old} -> {new}", "{node}: các bước {old} -> {new}"),
}
PARTIAL = Message(
    "Of at least one of the two sets only a part is known: what looks added, removed or changed may be a "
    "gap of the sources and no change of the law.",
    "Ít nhất một trong hai bộ chỉ biết một phần: chỗ có vẻ thêm, bớt hoặc thay đổi có thể do nguồn không "
    "nêu, không phải do quy định thay đổi.",
)
_UNKNOWN = Message("unknown", "chưa biết")
_NONE = Message("none", "không có")
_WHOLE_SET = Message("Whole set", "Cả bộ")
_ABSENT = {
    ChangeKind.MOVED: Message("the areas", "cấp lĩnh vực"),
    ChangeKind.RERULED: Message("the nodes below", "theo các mục con"),
    ChangeKind.RECLASSIFIED: _NONE,
}
_DETAILS = Message("the same, other details", "như trên, khác chi tiết")
_DECIMALS = Message("{decimals} decimals shown", "hiển thị {decimals} chữ số thập phân")
_ITEMS = Message("items at {items}", "mục làm tròn {items}")
_BONUS = Message("bonus {points}", "thưởng {points}")
_PENALTY = Message("penalty {points}", "phạt {points}")
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
        case str():
            return value
        case Node():
            return _phrase(kind, weight_of(value), language, names)
        case _:
            return _listed(_parts(value, language, names), language)


def _listed(parts: list[str], language: Language) -> str:
    return shorten("; ".join(parts) or say(_NONE, language), _LONGEST, placeholder=" ...")


def _parts(
    value: Ruling | Caps | Rounding | Ties | Process | tuple[Band, ...] | tuple[LegalBasis, ...],
    language: Language,
    names: Names,
) -> list[str]:
    match value:
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
            return [say(words.TIES[method], language), *keys]
        case Process(explanation=explanation, final_appraisal=second):
            steps = [(_EXPLANATION, explanation), (_SECOND, second)]
            return [say(step, language, need=say(words.NEEDS[need], language)) for step, need in steps]
        case _:
            return [_entry(entry, language) for entry in value]


def _entry(entry: Band | LegalBasis, language: Language) -> str:
    if isinstance(entry, Band):
        return f"{entry.label_vi} >= {say_number(entry.percent, language)} %"
    return ", ".join(part for part in (entry.clause, entry.article, entry.document) if part)


def _rulings(old: Ruling, new: Ruling, language: Language, names: Names) -> tuple[str, str]:
    """Both as far as they differ."""
    said = (say_ruling(ruling, language, names) for ruling in (old, new))
    pairs = list(zip(*said, strict=True))
    differing = [pair for pair in pairs if pair[0] != pair[1]] or pairs[:1]
    return _listed([one for one, _ in differing], language), _listed([two for _, two in differing], language)
