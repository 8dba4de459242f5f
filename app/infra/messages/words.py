"""The closed vocabularies and numbers in words, for lines that people read."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from app.core.rounding import decimal_text, from_scaled
from app.core.types import Need, ReformArea, TieMethod, UnitKind
from app.infra.messages.message import Language, Message

REFORM_AREAS: Mapping[ReformArea, Message] = {
    ReformArea.INSTITUTIONAL: Message("Institutional reform", "Cải cách thể chế"),
    ReformArea.PROCEDURES: Message("Administrative procedure reform", "Cải cách thủ tục hành chính"),
    ReformArea.APPARATUS: Message(
        "Organizational reform of the State administrative apparatus",
        "Cải cách tổ chức bộ máy hành chính nhà nước",
    ),
    ReformArea.CIVIL_SERVICE: Message("Civil service reform", "Cải cách chế độ công vụ"),
    ReformArea.PUBLIC_FINANCE: Message("Public finance reform", "Cải cách tài chính công"),
    ReformArea.DIGITAL_GOVERNMENT: Message(
        "Development of e-Government and digital government",
        "Xây dựng và phát triển Chính phủ điện tử, Chính phủ số",
    ),
    ReformArea.LEADERSHIP: Message(
        "Direction and administration of the reform", "Chỉ đạo, điều hành cải cách hành chính"
    ),
    ReformArea.IMPACT: Message("Impact of the reform", "Tác động của cải cách hành chính"),
}
NEEDS: Mapping[Need, Message] = {
    Need.REQUIRED: Message("required", "bắt buộc"),
    Need.OPTIONAL: Message("optional", "không bắt buộc"),
    Need.NONE: Message("none", "không có"),
}
TIES: Mapping[TieMethod, Message] = {
    TieMethod.COMPETITION: Message(
        "shared, then a gap (1-2-2-4)", "xếp đồng hạng, bỏ trống hạng kế tiếp (1-2-2-4)"
    ),
    TieMethod.DENSE: Message(
        "shared, without a gap (1-2-2-3)", "xếp đồng hạng, không bỏ trống hạng kế tiếp (1-2-2-3)"
    ),
    TieMethod.ORDINAL: Message(
        "one after the other (1-2-3-4)", "không xếp đồng hạng, xếp lần lượt (1-2-3-4)"
    ),
}
LEVELS: Mapping[UnitKind, Message] = {
    UnitKind.NATION: Message("nation", "cả nước"),
    UnitKind.MINISTRY: Message("ministries", "cấp bộ"),
    UnitKind.PROVINCE: Message("provinces", "cấp tỉnh"),
    UnitKind.DEPARTMENT: Message("departments", "sở, ban, ngành, phòng chuyên môn"),
    UnitKind.DISTRICT: Message("districts", "cấp huyện"),
    UnitKind.COMMUNE: Message("communes", "cấp xã"),
    UnitKind.WARD: Message("wards", "phường"),
    UnitKind.SPECIAL_ZONE: Message("special zones", "đặc khu"),
    UnitKind.OTHER: Message("others", "đơn vị khác"),
}


def say(message: Message, language: Language, **params: object) -> str:
    """A message in a language."""
    return (message.en if language == "en" else message.vi).format_map(params)


def say_number(number: Decimal, language: Language) -> str:
    """All its digits; decimal comma in Vietnamese."""
    text = decimal_text(number)
    return text if language == "en" else text.replace(".", ",")


def say_value(value: object, language: Language) -> object:
    """A day or a number as it is written in the language; anything else as it is."""
    match value:
        case Decimal():
            return say_number(value, language)
        case date():
            return say_day(value, language)
        case _:
            return value


def say_points(points: int, language: Language) -> str:
    """Scaled points."""
    return say_number(from_scaled(points), language)


def say_day(day: date, language: Language) -> str:
    """A day as documents write it: 2022-11-10, 10/11/2022."""
    return day.isoformat() if language == "en" else f"{day:%d/%m/%Y}"
