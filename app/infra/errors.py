"""Errors of the service, each with a status and a stable code.

AppError
├── UnauthorizedError        401  no key, or a wrong one
├── ForbiddenError           403  a scope is missing, or bound to other units
├── NotFoundError            404  unknown code in the path
├── ConflictError            409  state or immutability
├── TimedOutError            408  the body did not arrive in time
├── PreconditionFailedError  412  stale If-Match
├── TooLargeError            413  body over the limit
├── UnsupportedMediaError    415  body of a kind that is not read here
├── InvalidInputError        422  bad body, row or parameter
├── TooManyRequestsError     429  over the limit of the client
└── UnavailableError         503  the database does not answer
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from app.core.errors import Fault


class AppError(Exception):
    """A refusal with a message for people and a code for machines."""

    status: ClassVar[int] = 500
    title_en: ClassVar[str] = "Internal error"
    title_vi: ClassVar[str] = "Lỗi nội bộ"

    def __init__(self, code: str, faults: Sequence[Fault] = (), **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.faults = list(faults)
        self.params = params


class UnauthorizedError(AppError):
    """No key, or a wrong one."""

    status = 401
    title_en = "Key required"
    title_vi = "Cần khóa truy cập"


class ForbiddenError(AppError):
    """The caller is known, and may not do that."""

    status = 403
    title_en = "Not allowed"
    title_vi = "Không có quyền"


class NotFoundError(AppError):
    """The path names something that does not exist."""

    status = 404
    title_en = "Not found"
    title_vi = "Không tìm thấy"


class ConflictError(AppError):
    """The state of a thing, or its immutability, forbids it."""

    status = 409
    title_en = "Conflict"
    title_vi = "Xung đột trạng thái"


class TimedOutError(AppError):
    """The body did not arrive in time."""

    status = 408
    title_en = "Timed out"
    title_vi = "Quá thời gian"


class PreconditionFailedError(AppError):
    """Somebody else changed it first. `conflict`: both versions, and where they differ."""

    status = 412
    title_en = "Changed meanwhile"
    title_vi = "Đã thay đổi"

    def __init__(self, code: str, conflict: Mapping[str, Any], **params: object) -> None:
        super().__init__(code, (), **params)
        self.conflict = conflict


class TooLargeError(AppError):
    """The body is over the limit."""

    status = 413
    title_en = "Too large"
    title_vi = "Quá lớn"


class UnsupportedMediaError(AppError):
    """The body is of a kind that is not read here."""

    status = 415
    title_en = "Unsupported media type"
    title_vi = "Kiểu nội dung không hỗ trợ"


class InvalidInputError(AppError):
    """The body, a row of it or a parameter is wrong."""

    status = 422
    title_en = "Invalid input"
    title_vi = "Dữ liệu không hợp lệ"


class TooManyRequestsError(AppError):
    """Over the limit of the client, or of the address."""

    status = 429
    title_en = "Too many requests"
    title_vi = "Quá nhiều yêu cầu"


class UnavailableError(AppError):
    """The database does not answer."""

    status = 503
    title_en = "Unavailable"
    title_vi = "Tạm thời không phục vụ"


def refuse_state(fault: Fault | None) -> None:
    """Raise ConflictError where something stands against it."""
    if fault is not None:
        raise ConflictError(fault.code, (), **fault.params)


def refuse(faults: Sequence[Fault], prefix: str = "") -> None:
    """Raise InvalidInputError where there are faults; `prefix` goes before their pointers."""
    if faults:
        moved = [replace(fault, pointer=prefix + fault.pointer) for fault in faults]
        raise InvalidInputError("invalid_input", moved, count=len(moved))
