"""Errors of the service, each with a status and a stable code.

AppError
├── UnauthorizedError        401  no key, or a wrong one
├── NotFoundError            404  unknown code in the path
├── ConflictError            409  state or immutability
├── PreconditionFailedError  412  stale If-Match
├── TooLargeError            413  body over the limit
├── UnsupportedMediaError    415  body of a kind that is not read here
├── InvalidInputError        422  bad body, row or parameter
└── UnavailableError         503  the database does not answer
"""

from collections.abc import Sequence
from typing import ClassVar

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


class PreconditionFailedError(AppError):
    """Somebody else changed it first."""

    status = 412
    title_en = "Changed meanwhile"
    title_vi = "Đã thay đổi"


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


class UnavailableError(AppError):
    """The database does not answer."""

    status = 503
    title_en = "Unavailable"
    title_vi = "Tạm thời không phục vụ"


def refuse(faults: Sequence[Fault], prefix: str = "") -> None:
    """Raise InvalidInputError where there are faults; `prefix` goes before their pointers."""
    if faults:
        moved = [Fault(fault.code, prefix + fault.pointer, fault.params) for fault in faults]
        raise InvalidInputError("invalid_input", moved, count=len(moved))
