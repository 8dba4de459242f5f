"""Names of rates and figures in both languages, and of the areas of reform."""

from collections.abc import Mapping
from typing import NamedTuple

from app.core.types import ReformArea


class Name(NamedTuple):
    """What a rate or figure is called."""

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

REFORM_AREAS: Mapping[ReformArea, str] = {
    ReformArea.INSTITUTIONAL: "Cải cách thể chế",
    ReformArea.PROCEDURES: "Cải cách thủ tục hành chính",
    ReformArea.APPARATUS: "Cải cách tổ chức bộ máy hành chính nhà nước",
    ReformArea.CIVIL_SERVICE: "Cải cách chế độ công vụ",
    ReformArea.PUBLIC_FINANCE: "Cải cách tài chính công",
    ReformArea.DIGITAL_GOVERNMENT: "Xây dựng và phát triển Chính phủ điện tử, Chính phủ số",
    ReformArea.LEADERSHIP: "Chỉ đạo, điều hành cải cách hành chính",
    ReformArea.IMPACT: "Tác động của cải cách hành chính",
}
"""As Resolution 76/NQ-CP names them, and the two that criteria sets add."""


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
