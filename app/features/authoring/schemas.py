"""The workbook of a criteria set: its sheets, their columns and the words that officials choose from."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from app.core.types import ItemSource, Need, NoData, TieMethod, UnitKind
from app.infra.messages import words

SET, NODES, RULES, LAW, BANDS = "Bộ chỉ số", "Tiêu chí", "Quy tắc", "Căn cứ pháp lý", "Xếp loại"
HELP, LISTS = "Hướng dẫn", "Danh mục"
READ = (SET, NODES, RULES, LAW, BANDS)
LEVELS = ("areas", "criteria", "sub_criteria")
UNKNOWN, UNLIMITED, NO_AREA = "chưa biết", "không giới hạn", "không thuộc nội dung nào"

Choices = Mapping[Any, str]
"""Code words of the document -> words of the workbook. Files hold them: one that is changed is a new one."""
REFORM_AREAS: Choices = {area: name.vi for area, name in words.REFORM_AREAS.items()}
UNIT_KINDS: Choices = {
    UnitKind.NATION: "Quốc gia",
    UnitKind.MINISTRY: "Bộ, cơ quan ngang bộ",
    UnitKind.PROVINCE: "Tỉnh, thành phố",
    UnitKind.DEPARTMENT: "Sở, ban, ngành",
    UnitKind.DISTRICT: "Huyện",
    UnitKind.COMMUNE: "Xã",
    UnitKind.WARD: "Phường",
    UnitKind.SPECIAL_ZONE: "Đặc khu",
    UnitKind.OTHER: "Khác",
}
STATUSES: Choices = {
    "official": "Chính thức",
    "official_partial": "Chính thức, chưa đầy đủ",
    "illustrative": "Minh họa",
}
TIES: Choices = {
    TieMethod.COMPETITION: "1-2-2-4: đồng hạng, bỏ hạng sau",
    TieMethod.DENSE: "1-2-2-3: đồng hạng, không bỏ hạng",
    TieMethod.ORDINAL: "1-2-3-4: không đồng hạng",
}
NEEDS: Choices = {Need.REQUIRED: "Bắt buộc", Need.OPTIONAL: "Có thể bỏ qua", Need.NONE: "Không có"}
SOURCES: Choices = {
    ItemSource.APPRAISAL: "Thẩm định",
    ItemSource.SURVEY: "Điều tra xã hội học",
    ItemSource.STATISTIC: "Số liệu",
}
NO_DATA: Choices = {
    NoData.MISSING: "Chưa có kết quả",
    NoData.NOT_APPLICABLE: "Không đánh giá",
    NoData.FULL: "Điểm tối đa",
    NoData.ZERO: "0 điểm",
}
BASES: Choices = {"stated": "Văn bản nêu", "inferred": "Suy ra"}
YES = "Có"
KINDS: Choices = {
    "manual": "Chấm theo bước",
    "binary": "Đạt hoặc không đạt",
    "options": "Chọn một mức",
    "checklist": "Cộng các phần",
    "measure": "Tỷ lệ nhân điểm tối đa",
    "bands": "Theo khoảng tỷ lệ",
    "proportional": "Tỷ lệ có ngưỡng",
    "complement": "Phần bù của tỷ lệ",
    "conjunction": "Đủ các điều kiện",
    "deduction": "Trừ theo số lần",
    "mean_per_dossier": "Bình quân theo hồ sơ",
    "survey": "Phiếu khảo sát có hệ số",
    "bonus": "Điểm thưởng",
    "penalty": "Điểm phạt",
}


class Kind(Enum):
    """What a cell holds."""

    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole"
    PERCENT = "percent"
    DAY = "day"
    FLAG = "flag"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Field:
    """A column, or a row of the first sheet, and the member of the document that it is.

    `choices` with `list_name`: the only words. `null`: what is written where the document says null, while
    an empty cell says nothing. `many`: a list, one row for each. `level`: only of nodes of that level.
    """

    member: str
    heading: str
    help: str
    kind: Kind = Kind.TEXT
    width: float = 16
    choices: Choices | None = None
    required: bool = False
    null: str | None = None
    many: bool = False
    level: int | None = None

    @property
    def options(self) -> list[str]:
        """The words of the list to choose from."""
        if self.kind is Kind.FLAG:
            return [YES]
        words = list((self.choices or {}).values())
        return [*words, self.null] if words and self.null else words


KEY_FIELDS = (
    Field("key", "Mục", "", width=28, required=True),
    Field("value", "Giá trị", "", width=60, required=True),
    Field("help", "Giải thích", "", width=70),
)
SET_FIELDS = (
    Field("code", "Mã", "Chữ không dấu, số, dấu . _ - ; ví dụ par-province", required=True),
    Field("version", "Phiên bản", "Thường là năm; sửa đổi là phiên bản mới", required=True),
    Field("title_vi", "Tên", "Tên đầy đủ của bộ chỉ số", required=True),
    Field("title_en", "Tên tiếng Anh", "Có thể để trống"),
    Field("level", "Cấp đơn vị", "Loại đơn vị được đánh giá", choices=UNIT_KINDS, required=True),
    Field("status", "Tình trạng", "Mức độ chính thức của bộ chỉ số", choices=STATUSES, required=True),
    Field("derived_from", "Tiếp theo", "mã@phiên bản của bộ chỉ số được sửa đổi, thay thế; có thể để trống"),
    Field(
        "total_points",
        "Tổng điểm",
        f'Thường là 100; ghi "{UNKNOWN}" nếu văn bản không nêu',
        Kind.NUMBER,
        required=True,
        null=UNKNOWN,
    ),
    Field(
        "caps/bonus",
        "Trần điểm thưởng",
        f'Tổng điểm thưởng tối đa của cả bộ; "{UNLIMITED}" hoặc để trống nếu không có trần',
        Kind.NUMBER,
        null=UNLIMITED,
    ),
    Field(
        "caps/penalty",
        "Trần điểm phạt",
        f'Tổng điểm phạt tối đa của cả bộ; "{UNLIMITED}" hoặc để trống nếu không có trần',
        Kind.NUMBER,
        null=UNLIMITED,
    ),
    Field(
        "applies/from",
        "Đánh giá từ ngày",
        "Ngày đầu tiên được đánh giá theo bộ này, ví dụ 01/01/2026; ngày hiệu lực ghi ở căn cứ pháp lý",
        Kind.DAY,
        required=True,
    ),
    Field("applies/to", "Đánh giá đến ngày", "Ngày cuối cùng; để trống nếu chưa có bộ thay thế", Kind.DAY),
    Field("rounding/decimals", "Số chữ số thập phân", "Khi hiển thị: 0 đến 4; để trống là 4", Kind.WHOLE),
    Field(
        "rounding/items",
        "Làm tròn từng tiêu chí",
        "Số chữ số thập phân trước khi cộng; để trống là không làm tròn",
        Kind.WHOLE,
    ),
    Field("ties/method", "Xếp hạng khi bằng điểm", "Để trống là 1-2-2-4", choices=TIES),
    Field(
        "ties/keys",
        "Tiêu chí phụ khi bằng điểm",
        "area:<mã lĩnh vực> hoặc name (theo tên); mỗi dòng một tiêu chí, theo thứ tự ưu tiên",
        many=True,
    ),
    Field("process/explanation", "Giải trình", "Bước giải trình của kỳ đánh giá", choices=NEEDS),
    Field("process/final_appraisal", "Thẩm định lần 2", "Bước thẩm định lần 2", choices=NEEDS),
    Field("sources", "Nguồn", "Nơi lấy bộ chỉ số; mỗi dòng một nguồn", many=True),
    Field("notes_vi", "Ghi chú", "Điều chưa biết, hoặc cách hiểu văn bản"),
)
NODE_FIELDS = (
    Field(
        "level",
        "Cấp",
        "1: lĩnh vực; 2: tiêu chí; 3: tiêu chí thành phần",
        width=6,
        choices={"1": "1", "2": "2", "3": "3"},
        required=True,
    ),
    Field("code", "Mã", "Ví dụ 1, 1.1, 1.1.2; mỗi mã chỉ dùng một lần", width=10, required=True),
    Field("name_vi", "Tên", "Như trong phụ lục của quyết định", width=60, required=True),
    Field("name_en", "Tên tiếng Anh", "Có thể để trống", width=24),
    Field(
        "max_points",
        "Điểm tối đa",
        f'Tổng các mục con phải bằng mục cha; ghi "{UNKNOWN}" nếu văn bản không nêu. Điểm thưởng, điểm phạt: '
        "mức trần, không tính vào tổng",
        Kind.NUMBER,
        width=12,
        required=True,
        null=UNKNOWN,
    ),
    Field(
        "reform_area",
        "Nội dung cải cách",
        "Của lĩnh vực (cấp 1): nội dung theo Nghị quyết 76/NQ-CP",
        width=30,
        choices=REFORM_AREAS,
        required=True,
        null=NO_AREA,
        level=1,
    ),
    Field(
        "source",
        "Nguồn điểm",
        "Của mục chấm điểm; để trống: Số liệu nếu quy tắc đọc số liệu, còn lại Thẩm định",
        width=20,
        choices=SOURCES,
    ),
    Field(
        "evidence_required",
        "Cần tài liệu kiểm chứng",
        "Tự chấm trên 0 điểm phải kèm tài liệu hoặc nêu lý do",
        Kind.FLAG,
        width=14,
    ),
    Field(
        "points_rule_basis",
        "Cơ sở của quy tắc",
        "Văn bản nêu quy tắc chấm điểm, hay suy ra từ chỉ tiêu mà văn bản nêu",
        width=14,
        choices=BASES,
    ),
    Field(
        "caps/bonus",
        "Trần điểm thưởng",
        "Của lĩnh vực (cấp 1)",
        Kind.NUMBER,
        width=12,
        null=UNLIMITED,
        level=1,
    ),
    Field(
        "caps/penalty",
        "Trần điểm phạt",
        "Của lĩnh vực (cấp 1)",
        Kind.NUMBER,
        width=12,
        null=UNLIMITED,
        level=1,
    ),
    Field("note_vi", "Ghi chú", "Điều chưa biết, hoặc cách hiểu văn bản", width=40),
)
LAW_FIELDS = (
    Field("code", "Mã tiêu chí", "Để trống nếu là căn cứ của cả bộ chỉ số", width=12),
    Field("document", "Văn bản", "Ví dụ Quyết định 1149/QĐ-BNV", width=40, required=True),
    Field("number", "Số, ký hiệu", "Ví dụ 1149/QĐ-BNV", width=20),
    Field("issued_on", "Ngày ban hành", "30/12/2020 hoặc 2020-12-30", Kind.DAY),
    Field("article", "Điều", "Ví dụ Điều 13-15", width=18),
    Field("clause", "Khoản, điểm", "Ví dụ điểm b khoản 4", width=18),
    Field("url", "Địa chỉ", "https://...", width=40),
    Field("valid_from", "Hiệu lực từ", "30/12/2020 hoặc 2020-12-30", Kind.DAY),
    Field("valid_to", "Hiệu lực đến", "Để trống nếu còn hiệu lực", Kind.DAY),
)
BAND_FIELDS = (
    Field(
        "label_vi", "Xếp loại", "Từ loại cao nhất đến loại thấp nhất; để trống nếu nguồn không nêu", width=24
    ),
    Field("from", "Từ (%)", "Đạt từ tỷ lệ này trở lên", Kind.PERCENT),
    Field("to", "Đến (%)", "Không bắt buộc; nếu ghi thì phải liền với loại cao hơn", Kind.PERCENT),
    Field("below", "Dưới (%)", "Như trên, không gồm chính tỷ lệ này", Kind.PERCENT),
)
RULE_FIELDS = (
    Field("code", "Mã tiêu chí", "Ghi ở mỗi dòng; mã ở trang Tiêu chí", width=12, required=True),
    Field("kind", "Quy tắc", "Các quy tắc: xem trang Hướng dẫn", width=26, choices=KINDS),
    Field("rate", "Tỷ lệ", "measure:<mã>, dossier:<tên>, hoặc (a + b - c) / (d)", Kind.RATE, width=40),
    Field("figure", "Số liệu", "measure:<mã> hoặc dossier:<cột>", width=28),
    Field("tier", "Mức", "Của quy tắc nhiều điều kiện: các dòng cùng một mức", Kind.WHOLE, width=8),
    Field("label_vi", "Nội dung", "Tên mức, tên phần hoặc câu trả lời", width=36),
    Field("from", "Từ (≥)", "Tính cả giá trị này; tỷ lệ ghi bằng %", Kind.PERCENT, width=10),
    Field("above", "Trên (>)", "Không tính giá trị này", Kind.PERCENT, width=10),
    Field("to", "Đến (≤)", "Tính cả giá trị này", Kind.PERCENT, width=10),
    Field("below", "Dưới (<)", "Không tính giá trị này", Kind.PERCENT, width=10),
    Field("percent", "Hệ số (%)", "Của câu trả lời: phần trăm điểm tối đa", Kind.PERCENT, width=10),
    Field("points", "Điểm", "Điểm của dòng này", Kind.NUMBER, width=12),
    Field("step", "Bước điểm", "Điểm chấm là bội số của bước", Kind.NUMBER, width=12),
    Field("per_event", "Điểm mỗi lần", "Điểm trừ, cộng cho mỗi lần", Kind.NUMBER, width=12),
    Field(
        "full_at", "Tối đa từ (%)", "Đạt điểm tối đa từ tỷ lệ này; để trống là 100", Kind.PERCENT, width=10
    ),
    Field("floor", "0 điểm dưới (%)", "Không có điểm dưới tỷ lệ này", Kind.PERCENT, width=10),
    Field("on_no_data", "Khi mẫu số bằng 0", "Để trống là Chưa có kết quả", width=18, choices=NO_DATA),
)


@dataclass(frozen=True, slots=True)
class RuleForm:
    """How a rule stands in rows: `once` for the whole rule, `each` for every row, which is a part of the
    list `member`. What has no ? must be given."""

    meaning: str
    once: tuple[str, ...] = ()
    member: str | None = None
    each: tuple[str, ...] = ()


_RATED = ("rate", "on_no_data?")
_SCALED = ("full_at?", "floor?", "on_no_data?")
_ENDS = ("from?", "above?", "to?", "below?")
FORMS: Mapping[str, RuleForm] = {
    "manual": RuleForm("Người chấm cho điểm, theo bước nếu có ghi bước", ("step?",)),
    "binary": RuleForm("Người chấm cho điểm tối đa hoặc 0"),
    "options": RuleForm(
        "Người chấm chọn một mức; mỗi dòng một mức, điểm từ cao xuống thấp",
        (),
        "options",
        ("label_vi", "points"),
    ),
    "checklist": RuleForm(
        "Người chấm cộng các phần đạt được; mỗi dòng một phần, tổng bằng điểm tối đa",
        (),
        "parts",
        ("label_vi", "points"),
    ),
    "measure": RuleForm("Tỷ lệ x điểm tối đa", _RATED),
    "bands": RuleForm(
        "Mỗi dòng một khoảng, từ cao xuống thấp: Từ (gồm cả) hoặc Trên (không gồm); Đến, Dưới không bắt buộc",
        _RATED,
        "steps",
        (*_ENDS, "points"),
    ),
    "proportional": RuleForm(
        "Tỷ lệ x điểm tối đa; đủ điểm từ ngưỡng, 0 điểm dưới ngưỡng", ("rate", *_SCALED)
    ),
    "complement": RuleForm(
        "Như trên, với 100 % trừ các tỷ lệ; mỗi dòng một tỷ lệ", _SCALED, "rates", ("rate",)
    ),
    "conjunction": RuleForm(
        "Điểm của mức đầu tiên đạt đủ mọi điều kiện; mỗi dòng một điều kiện (tỷ lệ hoặc số liệu), điểm ghi ở "
        "dòng đầu của mức",
        (),
        "tiers",
        ("tier", "label_vi?", "points?", "rate?", "figure?", *_ENDS),
    ),
    "deduction": RuleForm("Điểm tối đa trừ điểm mỗi lần, không dưới 0", ("figure", "per_event")),
    "mean_per_dossier": RuleForm(
        "Bình quân điểm các hồ sơ; mỗi dòng một mức điểm và số hồ sơ của mức đó, từ cao xuống thấp",
        ("on_no_data?",),
        "scores",
        ("points", "figure"),
    ),
    "survey": RuleForm(
        "Câu trả lời x hệ số; mỗi dòng một câu trả lời và số phiếu",
        ("on_no_data?",),
        "answers",
        ("label_vi?", "percent", "figure"),
    ),
    "bonus": RuleForm(
        "Cộng ngoài thang điểm; điểm tối đa là mức trần. Có số liệu thì tính theo số lần, không có thì người "
        "chấm cho điểm",
        ("figure?", "per_event?"),
    ),
    "penalty": RuleForm("Trừ ngoài thang điểm, ghi số dương; như điểm thưởng", ("figure?", "per_event?")),
}
