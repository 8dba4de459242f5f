"""The closed vocabularies of the field (Vietnamese terms beside the code words)."""

from enum import StrEnum


class ReformArea(StrEnum):
    """Nội dung cải cách: the six areas of Resolution 76/NQ-CP, with leadership and impact."""

    INSTITUTIONAL = "institutional"
    PROCEDURES = "procedures"
    APPARATUS = "apparatus"
    CIVIL_SERVICE = "civil_service"
    PUBLIC_FINANCE = "public_finance"
    DIGITAL_GOVERNMENT = "digital_government"
    LEADERSHIP = "leadership"
    IMPACT = "impact"


class UnitKind(StrEnum):
    """Loại đơn vị."""

    NATION = "nation"
    MINISTRY = "ministry"
    PROVINCE = "province"
    DEPARTMENT = "department"
    DISTRICT = "district"
    COMMUNE = "commune"
    WARD = "ward"
    SPECIAL_ZONE = "special_zone"
    OTHER = "other"


class Stage(StrEnum):
    """Giai đoạn của một điểm: tự chấm, thẩm định, giải trình, điều tra XHH, số liệu, kết quả."""

    SELF = "self"
    APPRAISAL = "appraisal"
    EXPLANATION = "explanation"
    FINAL_APPRAISAL = "final_appraisal"
    SURVEY = "survey"
    STATISTIC = "statistic"
    FINAL = "final"


class RoundState(StrEnum):
    """Các bước của kỳ đánh giá."""

    DRAFT = "draft"
    SELF_ASSESSMENT = "self_assessment"
    APPRAISAL = "appraisal"
    EXPLANATION = "explanation"
    FINAL_APPRAISAL = "final_appraisal"
    APPROVED = "approved"
    PUBLISHED = "published"
    CORRECTION = "correction"


class ItemSource(StrEnum):
    """Where the points of an item come from."""

    APPRAISAL = "appraisal"
    SURVEY = "survey"
    STATISTIC = "statistic"


class TieMethod(StrEnum):
    """How equal results share ranks: 1-2-2-4, 1-2-2-3, or 1-2-3-4."""

    COMPETITION = "competition"
    DENSE = "dense"
    ORDINAL = "ordinal"


class Scope(StrEnum):
    """A figure of a unit without its children (`own`), or with them (`total`)."""

    OWN = "own"
    TOTAL = "total"


class ResultStatus(StrEnum):
    """How far a result can be relied on."""

    PROVISIONAL = "provisional"
    APPROVED = "approved"
    PUBLISHED = "published"


class ClientScope(StrEnum):
    """What a client may do; each grant of it is bound to everything, a unit with all below, or a group."""

    UNITS_WRITE = "units:write"
    FRAMEWORKS_WRITE = "frameworks:write"
    ROUNDS_MANAGE = "rounds:manage"
    SCORES_SELF = "scores:self"
    SCORES_APPRAISE = "scores:appraise"
    STATISTICS_WRITE = "statistics:write"
    RESULTS_READ_UNPUBLISHED = "results:read_unpublished"
    PUBLISH = "publish"
    AUDIT_READ = "audit:read"
    CLIENTS_MANAGE = "clients:manage"


class SheetState(StrEnum):
    """Phiếu chấm điểm: the unit's side of a sheet is open, submitted (nộp), or returned to it (trả lại)."""

    OPEN = "open"
    SUBMITTED = "submitted"
    RETURNED = "returned"


class Need(StrEnum):
    """Whether a step of the process must be taken, may be left out, or does not exist."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


class NoData(StrEnum):
    """What a zero denominator means for an item: still missing, not applicable, all points, or none."""

    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    FULL = "full"
    ZERO = "zero"
