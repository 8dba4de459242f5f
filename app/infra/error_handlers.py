"""Every failure as a problem document; nothing of the inside leaves the service."""

import json
import logging
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import IntegrityError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from app.core.errors import Fault
from app.infra.errors import (
    AppError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    TimedOutError,
    TooLargeError,
    UnavailableError,
    UnsupportedMediaError,
)
from app.infra.http import DocumentRoute
from app.infra.middleware import body_limit
from app.infra.problems import choose_language, fault_of_pydantic, problem
from app.infra.spreadsheets.cells import PLACES, locate

_log = logging.getLogger("parindex")


class _MethodNotAllowedError(AppError):
    status = HTTPStatus.METHOD_NOT_ALLOWED
    title_en = "Method not allowed"
    title_vi = "Phương thức không được phép"


def answer(request: Request, error: AppError) -> Response:
    """The problem document of an error."""
    language = choose_language(request.headers.get("accept-language", ""))
    error.faults = locate(error.faults, request.scope.get(PLACES, {}))
    body = problem(error, language, request.scope.get("request_id", ""))
    headers = {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-store"}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "2"
    return Response(_as_json(body), error.status, headers, "application/problem+json")


def _as_json(body: dict[str, Any]) -> bytes:
    """A refusal may name what was sent, and that may hold half a surrogate pair, which is no text."""
    try:
        return orjson.dumps(body)
    except TypeError:
        return json.dumps(body, ensure_ascii=False).encode(errors="replace")


async def _app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)  # noqa: S101 - registered for it
    return answer(request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    if _is_not_json(request, error):
        route = request.scope.get("route")
        expected = route.reads if isinstance(route, DocumentRoute) else "application/json"
        return answer(request, UnsupportedMediaError("media_type_unsupported", expected=expected))
    faults = [_located(e, error.body) for e in error.errors()]
    return answer(request, InvalidInputError("invalid_input", faults, count=len(faults)))


def _is_not_json(request: Request, error: RequestValidationError) -> bool:
    """Whether the body was never read as JSON: FastAPI then validates its bytes."""
    return "json" not in request.headers.get("content-type", "") and isinstance(error.body, bytes)


def _located(error: dict[str, Any], body: object) -> Fault:
    """Pointers of bodies start at the body; those of parameters at /path, /query or /header."""
    where, *location = error["loc"]
    if error["type"] == "json_invalid":
        return Fault("json_invalid", "", error["ctx"])
    if where == "body":
        return fault_of_pydantic({**error, "loc": location}, body)
    return fault_of_pydantic({**error, "loc": location}, None, f"/{where}")


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    match error.status_code:
        case 404:
            return answer(request, NotFoundError("not_found"))
        case 405:
            response = answer(request, _MethodNotAllowedError("method_not_allowed"))
            response.headers.update(error.headers or {})
            return response
        case 408:
            seconds = request.app.state.settings.body_seconds
            response = answer(request, TimedOutError("body_too_slow", seconds=seconds))
            response.headers["Connection"] = "close"
            return response
        case 413:
            limit = body_limit(request.scope, request.app.state.settings)
            return answer(request, TooLargeError("body_too_large", limit=limit))
        case _:
            return answer(request, InvalidInputError("malformed", error=error.detail))


async def _database(request: Request, error: Exception) -> Response:
    _log.error("request %s: database: %s", request.scope.get("request_id"), error)
    return answer(request, UnavailableError("database_unavailable"))


async def _integrity(request: Request, error: Exception) -> Response:
    """Two writers created the same thing at once: the constraint let one of them through."""
    _log.warning("request %s: constraint: %s", request.scope.get("request_id"), error)
    return answer(request, ConflictError("written_meanwhile"))


def answer_unexpected(request: Request) -> Response:
    """What a caller sees of a failure that nobody foresaw; the log has the rest."""
    return answer(request, AppError("internal"))


def install(app: FastAPI) -> None:
    """Register all handlers."""
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(IntegrityError, _integrity)
    for kind in (OperationalError, InterfaceError, InternalError, PoolTimeoutError):
        app.add_exception_handler(kind, _database)
