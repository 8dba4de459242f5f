"""Logs: one JSON object a line (or readable text), with the request id, and never a secret."""

import logging
import re
import sys
from typing import Any

import structlog

from app.infra.config import Settings

_SECRET = re.compile(
    r"par_[A-Za-z0-9_-]{8,}|eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+|(?<=://)[^\s:/@]+:[^\s@]+(?=@)"
)
_HANDLER = "parindex"
log = logging.getLogger("parindex")


def configure(settings: Settings) -> None:
    """Send the log of the service to standard error. Doing it again changes nothing."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redactor(settings),
    ]
    shown: Any = (
        structlog.processors.JSONRenderer(sort_keys=True, ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, shown],
    )
    handler = next((h for h in log.handlers if h.get_name() == _HANDLER), None)
    if handler is None:
        handler = logging.StreamHandler(sys.stderr)
        handler.set_name(_HANDLER)
        log.addHandler(handler)
    handler.setFormatter(formatter)
    log.setLevel(settings.log_level.upper())


def _redactor(settings: Settings) -> Any:
    """Keys, tokens and passwords of addresses never reach the log, whoever put them into a message."""
    known = [settings.admin_key.get_secret_value()] if settings.admin_key else []
    secret = re.compile("|".join([*map(re.escape, known), _SECRET.pattern]))

    def redact(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
        return {name: secret.sub("[secret]", v) if isinstance(v, str) else v for name, v in event.items()}

    return redact
