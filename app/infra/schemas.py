"""Shapes that every feature shares: texts, codes, pages, problems."""

import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from app.core.errors import InvalidPeriodError
from app.core.periods import parse_period
from app.infra.clock import VIETNAM
from app.infra.problems import FaultError

CODE_PATTERN = r"^\.*[A-Za-z0-9_-][A-Za-z0-9._-]*$"
CODE_LENGTH = 64


def printable(text: str) -> str:
    """Refuse control characters."""
    if any(unicodedata.category(char) == "Cc" and char not in "\n\t" for char in text):
        raise FaultError("not_printable")
    return text


def _canonical_period(text: str) -> str:
    try:
        return parse_period(text).text
    except InvalidPeriodError as error:
        raise FaultError("period_invalid", period=text) from error


def _no_number(value: object) -> object:
    if isinstance(value, int | float | Decimal):
        raise FaultError("not_a_date")
    return value


def _no_text(value: object) -> object:
    if isinstance(value, str | bool):
        raise FaultError("not_a_number")
    return value


def _in_range(value: datetime) -> datetime:
    if not 1900 <= value.year <= 9998:
        raise ValueError("year out of range")
    return value


Code = Annotated[str, Field(pattern=CODE_PATTERN, max_length=CODE_LENGTH, examples=["22"])]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
    AfterValidator(printable),
]
LongText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    AfterValidator(printable),
]
PeriodText = Annotated[
    str,
    StringConstraints(max_length=32),
    AfterValidator(_canonical_period),
    Field(examples=["2021-01-01/2021-09-15"]),
]
Day = Annotated[date, BeforeValidator(_no_number), Field(ge=date(1900, 1, 1), le=date(9998, 12, 31))]
Instant = Annotated[AwareDatetime, BeforeValidator(_no_number), AfterValidator(_in_range)]
NoText = BeforeValidator(_no_text)
"""Numbers are numbers: "5_0" and true are none."""
AsNumber = WithJsonSchema({"type": "number"}, mode="serialization")
"""Answers carry decimals as JSON numbers."""
ShownInstant = Annotated[datetime, PlainSerializer(lambda at: at.astimezone(VIETNAM), return_type=datetime)]
"""Instants are stored in UTC and shown in Vietnamese time."""
PointsValue = Annotated[
    Decimal,
    NoText,
    Field(ge=0, le=100_000, decimal_places=4, allow_inf_nan=False, examples=[57.66]),
    AsNumber,
]


class Schema(BaseModel):
    """Base of request bodies: unknown members are refused."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _no_number(cls, data: Any) -> Any:
        """Bodies are validated by attributes too, and an exact number is an object that lacks them all."""
        if isinstance(data, Decimal):
            raise FaultError("not_an_object")
        return data


class Read(BaseModel):
    """Base of answers."""

    model_config = ConfigDict(use_attribute_docstrings=True)


Item = TypeVar("Item")


class Page(Read, Generic[Item]):
    """A page of a list; `next_cursor` is null on the last one."""

    items: list[Item]
    next_cursor: str | None = Field(default=None, examples=[None])


class ProblemError(Read):
    """One mistake, with its place in the input."""

    pointer: str = Field(examples=["/scores/3/points"])
    code: str = Field(examples=["points_above_maximum"])
    message: str = Field(examples=["12 điểm vượt điểm tối đa 10."])
    hint: str | None = None
    sheet: str | None = Field(default=None, examples=["Tiêu chí"])
    """Of a workbook."""
    cell: str | None = Field(default=None, examples=["E7"])


class FieldDifference(Read):
    """One field that differs between what was sent and what stands."""

    field: str = Field(examples=["items/2.1/appraisal/points"])
    base: Any = Field(default=None, examples=[1.5])
    """As it was at the revision that If-Match names."""
    current: Any = Field(default=None, examples=[1.25])
    """As it stands now."""
    yours: Any = Field(default=None, examples=[1.0])
    """As you sent it."""


class Conflict(Read):
    """Both versions of what was changed meanwhile."""

    current: Any
    """What stands now."""
    yours: Any = None
    """What you sent."""
    difference: list[FieldDifference] = []


class Problem(Read):
    """RFC 9457 problem document."""

    type: str = Field(examples=["urn:parindex:problem:invalid_input"])
    title: str = Field(examples=["Dữ liệu không hợp lệ"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["Dữ liệu có 1 lỗi; chưa lưu gì."])
    code: str = Field(examples=["invalid_input"])
    errors: list[ProblemError] = []
    conflict: Conflict | None = None
    """Of a 412 alone."""
    request_id: str = Field(examples=["0f8fad5bd9cb469f"])


_MEANINGS = {
    304: "Not changed since the ETag in If-None-Match",
    401: "No key, or a wrong one",
    403: "A scope is missing, or bound to other units",
    404: "Unknown code in the path",
    408: "The body did not arrive in time",
    409: "The state of a thing, or its immutability, forbids it",
    412: "Changed since the ETag in If-Match",
    413: "Body over the limit",
    415: "Body of a kind that is not read here",
    422: "Bad body, row or parameter",
    429: "Over the limit of requests; Retry-After says when to come again",
    503: "The database does not answer",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Documented error answers of an operation; 422 and 503 belong to all."""
    documented: dict[int | str, dict[str, Any]] = {}
    for status in sorted({*statuses, 422, 503}):
        documented[status] = {"description": _MEANINGS[status]}
        if status != 304:
            schema = {"$ref": "#/components/schemas/Problem"}
            documented[status]["content"] = {"application/problem+json": {"schema": schema}}
    return documented
