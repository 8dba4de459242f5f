"""Faults and errors as RFC 9457 problem documents."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from app.core.errors import Fault
from app.infra.errors import AppError, PreconditionFailedError
from app.infra.messages import Language, render

_PYDANTIC = {
    "missing": "missing",
    "extra_forbidden": "unknown_member",
    "json_invalid": "json_invalid",
    "finite_number": "not_finite",
    "decimal_max_places": "too_many_decimals",
    "greater_than": "not_above",
    "greater_than_equal": "below_minimum",
    "less_than_equal": "above_maximum",
    "int_type": "not_whole",
    "int_from_float": "not_whole",
    "int_parsing": "not_whole",
    "decimal_type": "not_a_number",
    "decimal_parsing": "not_a_number",
    "string_type": "not_text",
    "string_unicode": "not_printable",
    "list_type": "not_a_list",
    "dict_type": "not_an_object",
    "model_type": "not_an_object",
    "model_attributes_type": "not_an_object",
    "bool_type": "not_true_or_false",
    "bool_parsing": "not_true_or_false",
    "union_tag_not_found": "missing",
    "union_tag_invalid": "kind_unknown",
    "enum": "not_one_of",
    "literal_error": "not_one_of",
    "date_type": "not_a_date",
    "date_parsing": "not_a_date",
    "date_from_datetime_parsing": "not_a_date",
    "date_from_datetime_inexact": "not_a_date",
    "timezone_aware": "not_an_instant",
    "datetime_parsing": "not_an_instant",
    "datetime_from_date_parsing": "not_an_instant",
    "datetime_type": "not_an_instant",
    "string_pattern_mismatch": "wrong_pattern",
}


def fault_of_pydantic(error: Mapping[str, Any], body: object, prefix: str = "") -> Fault:
    """One error of a ValidationError over `body` as a fault; those of our own validators pass through."""
    pointer = prefix + _pointer(error["loc"], body)
    context: dict[str, Any] = error.get("ctx", {})
    raised = context.get("error")
    if isinstance(raised, FaultError):
        return Fault(raised.fault.code, pointer + raised.fault.pointer, raised.fault.params)
    params = {
        "minimum": context.get("ge", context.get("min_length", 0)),
        "maximum": context.get("le", context.get("max_length", "")),
        "error": raised or error["msg"],
        **context,
    }
    kind: str = error["type"]
    if kind == "union_tag_not_found" and not isinstance(error["input"], dict):
        return Fault("not_an_object", pointer)
    if kind.startswith("union_tag"):
        pointer += "/" + str(context["discriminator"]).strip("'")
    if kind.endswith(("too_short", "too_long")):
        return Fault("wrong_length", pointer, params)
    return Fault(_PYDANTIC.get(kind, "malformed"), pointer, params)


class FaultError(ValueError):
    """A fault raised inside a pydantic validator."""

    def __init__(self, code: str, pointer: str = "", **params: object) -> None:
        super().__init__(code)
        self.fault = Fault(code, pointer, params)


def _pointer(location: Sequence[str | int], body: object) -> str:
    """JSON pointer of a location; tags of unions, which are no members of the body, are left out."""
    pointer, tagged = "", None
    location = [part for part in location if not str(part).startswith("tag:")]
    for index, part in enumerate(location):
        last = index == len(location) - 1
        if isinstance(body, dict):
            if body is not tagged and body.get("kind") == part:
                tagged = body  # a rule of the kind `options` has a member `options` too
                continue
            if part not in body and not last:
                continue
            body = body.get(part)
        elif isinstance(body, list) and isinstance(part, int) and part < len(body):
            body = body[part]
        elif not last:
            continue
        pointer += "/" + escape(part)
    return pointer


def faults_of(error: ValidationError, body: object, prefix: str = "") -> list[Fault]:
    """All errors of a ValidationError over `body`."""
    return [fault_of_pydantic(dict(e), body, prefix) for e in error.errors(include_url=False)]


def escape(part: object) -> str:
    """A part of a JSON pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")


def render_fault(fault: Fault, language: Language) -> dict[str, Any]:
    """A fault as a member of `errors`."""
    message, hint = render(fault.code, fault.params, language)
    told = {"pointer": fault.pointer, "code": fault.code, "message": message, "hint": hint}
    return told | (dict(zip(("sheet", "cell"), fault.place, strict=True)) if fault.place else {})


def render_warnings(warnings: Sequence[Fault], language: Language) -> list[dict[str, Any]]:
    """Faults that are kept with a figure: code, the columns concerned, message."""
    return [
        {
            "code": warning.code,
            "columns": warning.params.get("columns", []),
            "message": render(warning.code, warning.params, language)[0],
        }
        for warning in warnings
    ]


def problem(error: AppError, language: Language, request_id: str) -> dict[str, Any]:
    """The body of an error answer."""
    detail, hint = render(error.code, error.params, language)
    return {
        "type": f"urn:parindex:problem:{error.code}",
        "title": error.title_en if language == "en" else error.title_vi,
        "status": error.status,
        "detail": f"{detail} {hint}" if hint else detail,
        "code": error.code,
        "errors": [render_fault(fault, language) for fault in error.faults],
        "request_id": request_id,
    } | ({"conflict": error.conflict} if isinstance(error, PreconditionFailedError) else {})


def choose_language(accept_language: str) -> Language:
    """`vi` or `en`, by the weights of Accept-Language; `vi` where nothing is said."""
    best: tuple[float, Language] = (0.0, "vi")
    for part in accept_language.split(","):
        tag, _, weight = part.strip().partition(";q=")
        primary = tag.split("-")[0].lower()
        try:
            quality = float(weight or 1)
        except ValueError:
            continue
        if primary in ("vi", "en") and quality > best[0]:
            best = (quality, "vi" if primary == "vi" else "en")
    return best[1]


def matches(if_match: str, etag: str) -> bool:
    """Whether If-Match (a list of ETags, or *) names an ETag."""
    return if_match.strip() == "*" or etag in {tag.strip() for tag in if_match.split(",")}


def conflict_between(
    current: Mapping[str, Any], yours: Mapping[str, Any], revision: int | str
) -> dict[str, Any]:
    """Both versions of a document, and the members in which they differ. No `current`: there is none."""
    difference = [
        {"field": name, "current": current[name], "yours": yours[name]}
        for name in current
        if current[name] != yours[name]
    ]
    stands = {**current, "revision": revision} if current else None
    return {"current": stands, "yours": yours, "difference": difference}
