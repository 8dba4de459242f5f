"""Names of figures and statuses in both languages."""

from collections.abc import Mapping
from types import MappingProxyType

from app.infra.messages.message import Language, Message

DOSSIER_NAMES: Mapping[str, Message] = {
    "received_online": Message("dossiers received online", "số hồ sơ tiếp nhận mới trực tuyến"),
    "received_direct": Message(
        "dossiers received directly or by post", "số hồ sơ tiếp nhận mới trực tiếp, qua bưu chính"
    ),
    "carried_over": Message("dossiers carried over", "số hồ sơ từ kỳ trước chuyển qua"),
    "received": Message("dossiers received", "tổng số hồ sơ tiếp nhận"),
    "resolved_early": Message("dossiers resolved early", "số hồ sơ giải quyết trước hạn"),
    "resolved_on_time": Message("dossiers resolved on time", "số hồ sơ giải quyết đúng hạn"),
    "resolved_early_or_on_time": Message(
        "dossiers resolved early or on time", "số hồ sơ giải quyết trước hạn và đúng hạn"
    ),
    "resolved_overdue": Message("dossiers resolved overdue", "số hồ sơ giải quyết quá hạn"),
    "resolved": Message("dossiers resolved", "tổng số hồ sơ đã giải quyết"),
    "pending_in_time": Message("dossiers pending in time", "số hồ sơ đang giải quyết trong hạn"),
    "pending_overdue": Message("dossiers pending overdue", "số hồ sơ đang giải quyết quá hạn"),
    "pending": Message("dossiers pending", "tổng số hồ sơ đang giải quyết"),
    "returned_or_withdrawn": Message("dossiers returned or withdrawn", "số hồ sơ trả lại, xin rút"),
    "due_in_period": Message("dossiers due in the period", "số hồ sơ đến hạn trong kỳ"),
    "resolved_of_received_percent": Message(
        "share of dossiers resolved of those received", "tỷ lệ hồ sơ đã giải quyết trên tổng số tiếp nhận"
    ),
    "on_time_of_resolved_percent": Message(
        "share of dossiers resolved early or on time of those resolved",
        "tỷ lệ hồ sơ giải quyết trước hạn, đúng hạn trên số đã giải quyết",
    ),
    "in_time_including_pending_percent": Message(
        "share of dossiers resolved or still pending in time of those received",
        "tỷ lệ hồ sơ giải quyết hoặc đang giải quyết trong hạn trên tổng số tiếp nhận",
    ),
    "overdue_of_resolved_percent": Message(
        "share of dossiers resolved overdue of those resolved",
        "tỷ lệ hồ sơ giải quyết quá hạn trên số đã giải quyết",
    ),
    "online_percent": Message(
        "share of new dossiers received online", "tỷ lệ hồ sơ tiếp nhận trực tuyến trên số tiếp nhận mới"
    ),
}
"""Columns of form II.06a (Circular 01/2020/TT-VPCP) and the rates over them."""


STATUS_NAMES: Mapping[str, Message] = {
    "final": Message("final", "đã xác định"),
    "awaiting_appraisal": Message("awaiting appraisal", "chờ thẩm định"),
    "missing": Message("missing", "chưa có điểm"),
    "not_applicable": Message("not assessed", "không đánh giá"),
    "estimated": Message("estimated", "tạm tính"),
    "provisional": Message("provisional", "tạm thời"),
    "approved": Message("approved", "đã phê duyệt"),
    "published": Message("published", "đã công bố"),
    "official": Message("official", "chính thức"),
    "official_partial": Message("official, known in part", "chính thức, chưa đầy đủ nguồn"),
    "illustrative": Message("illustrative", "minh họa"),
}
"""How far points, results and criteria sets can be relied on."""


STAGE_NAMES: Mapping[str, Message] = {
    "self": Message("self-assessment", "tự chấm"),
    "appraisal": Message("appraisal", "thẩm định"),
    "explanation": Message("explanation", "giải trình"),
    "final_appraisal": Message("final appraisal", "thẩm định lần 2"),
    "survey": Message("survey", "điều tra xã hội học"),
    "statistic": Message("statistics", "số liệu thống kê"),
    "final": Message("final result", "kết quả"),
}
"""Stages of a score."""


Names = Mapping[str, Message]
NO_NAMES: Names = MappingProxyType({})


def name_of(figure: str, names: Names = NO_NAMES) -> Message:
    """The name of "dossier:<column or rate>", "measure:<code>", or a part of a measure.

    `names`: what a catalogue calls figures. Names are templates, to be said with `say`.
    """
    if figure in names:
        return names[figure]
    kind, _, rest = figure.partition(":")
    if kind == "dossier":
        return DOSSIER_NAMES[rest]
    code, _, part = rest.partition("/")
    match part:
        case "numerator":
            return Message(f"numerator of measure {code}", f"tử số của chỉ tiêu {code}")
        case "denominator":
            return Message(f"denominator of measure {code}", f"mẫu số của chỉ tiêu {code}")
        case _:
            return Message(f"measure {code}", f"chỉ tiêu {code}")


_COLUMNS = ("column", "whole", "part", "parts", "before")
"""Parameters that may be a column of form II.06a, or several that are added."""


def fill(template: str, params: Mapping[str, object], language: Language) -> str:
    """A template with its parameters; columns by their Vietnamese names. In English their codes read well."""
    if language == "en":
        return template.format_map(params)
    said = {name: _column_name(params[name]) for name in _COLUMNS if name in params}
    text = template.format_map({**params, **said})
    begins = any(template.startswith(f"{{{name}}}") for name in said)
    return text[:1].upper() + text[1:] if begins else text


def _column_name(said: object) -> object:
    parts = said.split(" + ") if isinstance(said, str) else []
    if not parts or not all(part in DOSSIER_NAMES for part in parts):
        return said
    return " + ".join(DOSSIER_NAMES[part].vi for part in parts)
