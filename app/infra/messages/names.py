"""Names of figures and statuses in both languages."""

from collections.abc import Mapping
from typing import NamedTuple


class Name(NamedTuple):
    """What a thing is called."""

    en: str
    vi: str


DOSSIER_NAMES: Mapping[str, Name] = {
    "received_online": Name("dossiers received online", "số hồ sơ tiếp nhận mới trực tuyến"),
    "received_direct": Name(
        "dossiers received directly or by post", "số hồ sơ tiếp nhận mới trực tiếp, qua bưu chính"
    ),
    "carried_over": Name("dossiers carried over", "số hồ sơ từ kỳ trước chuyển qua"),
    "received": Name("dossiers received", "tổng số hồ sơ tiếp nhận"),
    "resolved_early": Name("dossiers resolved early", "số hồ sơ giải quyết trước hạn"),
    "resolved_on_time": Name("dossiers resolved on time", "số hồ sơ giải quyết đúng hạn"),
    "resolved_early_or_on_time": Name(
        "dossiers resolved early or on time", "số hồ sơ giải quyết trước hạn và đúng hạn"
    ),
    "resolved_overdue": Name("dossiers resolved overdue", "số hồ sơ giải quyết quá hạn"),
    "resolved": Name("dossiers resolved", "tổng số hồ sơ đã giải quyết"),
    "pending_in_time": Name("dossiers pending in time", "số hồ sơ đang giải quyết trong hạn"),
    "pending_overdue": Name("dossiers pending overdue", "số hồ sơ đang giải quyết quá hạn"),
    "pending": Name("dossiers pending", "tổng số hồ sơ đang giải quyết"),
    "returned_or_withdrawn": Name("dossiers returned or withdrawn", "số hồ sơ trả lại, xin rút"),
    "due_in_period": Name("dossiers due in the period", "số hồ sơ đến hạn trong kỳ"),
    "resolved_of_received_percent": Name(
        "share of dossiers resolved of those received", "tỷ lệ hồ sơ đã giải quyết trên tổng số tiếp nhận"
    ),
    "on_time_of_resolved_percent": Name(
        "share of dossiers resolved early or on time of those resolved",
        "tỷ lệ hồ sơ giải quyết trước hạn, đúng hạn trên số đã giải quyết",
    ),
    "in_time_including_pending_percent": Name(
        "share of dossiers resolved or still pending in time of those received",
        "tỷ lệ hồ sơ giải quyết hoặc đang giải quyết trong hạn trên tổng số tiếp nhận",
    ),
    "overdue_of_resolved_percent": Name(
        "share of dossiers resolved overdue of those resolved",
        "tỷ lệ hồ sơ giải quyết quá hạn trên số đã giải quyết",
    ),
    "online_percent": Name(
        "share of new dossiers received online", "tỷ lệ hồ sơ tiếp nhận trực tuyến trên số tiếp nhận mới"
    ),
}
"""Columns of form II.06a (Circular 01/2020/TT-VPCP) and the rates over them."""


STATUS_NAMES: Mapping[str, Name] = {
    "final": Name("final", "đã xác định"),
    "awaiting_appraisal": Name("awaiting appraisal", "chờ thẩm định"),
    "missing": Name("missing", "chưa có điểm"),
    "not_applicable": Name("not assessed", "không đánh giá"),
    "estimated": Name("estimated", "tạm tính"),
    "provisional": Name("provisional", "tạm thời"),
    "approved": Name("approved", "đã phê duyệt"),
    "published": Name("published", "đã công bố"),
    "official": Name("official", "chính thức"),
    "official_partial": Name("official, known in part", "chính thức, chưa đầy đủ nguồn"),
    "illustrative": Name("illustrative", "minh họa"),
}
"""How far points, results and criteria sets can be relied on."""


STAGE_NAMES: Mapping[str, Name] = {
    "self": Name("self-assessment", "tự chấm"),
    "appraisal": Name("appraisal", "thẩm định"),
    "explanation": Name("explanation", "giải trình"),
    "final_appraisal": Name("final appraisal", "thẩm định lần 2"),
    "survey": Name("survey", "điều tra xã hội học"),
    "statistic": Name("statistics", "số liệu thống kê"),
    "final": Name("final result", "kết quả"),
}
"""Stages of a score."""


def name_of(figure: str) -> Name:
    """The name of "dossier:<column or rate>", "measure:<code>", or a part of a measure."""
    kind, _, rest = figure.partition(":")
    if kind == "dossier":
        return DOSSIER_NAMES[rest]
    code, _, part = rest.partition("/")
    match part:
        case "numerator":
            return Name(f"numerator of measure {code}", f"tử số của chỉ tiêu {code}")
        case "denominator":
            return Name(f"denominator of measure {code}", f"mẫu số của chỉ tiêu {code}")
        case _:
            return Name(f"measure {code}", f"chỉ tiêu {code}")
