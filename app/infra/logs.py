"""Logs: one JSON object a line (or readable text), with the request id, and never a secret."""

import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog

from app.infra.config import Settings

_SECRET = re.compile(
    r"par_[A-Za-z0-9_-]{8,}|eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+|(?<=://)[^\s:/@]+:[^\s/@]+(?=@)"
)
_HANDLER = "parindex"
REQUEST = "request"
REQUEST_MEMBERS = ("request_id", "method", "path", "status", "ms", "client", "address")
"""What the line of a request says."""
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
        structlog.processors.JSONRenderer(serializer=_as_json)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    fast = _RequestLine(settings) if settings.log_format == "json" else None
    formatter = _Formatter(
        fast,
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


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Lines of requests are made in one step: a hot read costs less than its usual line would."""

    def __init__(self, fast: "_RequestLine | None", **options: Any) -> None:
        super().__init__(**options)
        self.fast = fast

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        if self.fast is not None and record.msg == REQUEST and record.exc_info is None:
            return self.fast(record)
        return super().format(record)


class _RequestLine:
    """The line of a request, with the members that it has in every format."""

    def __init__(self, settings: Settings) -> None:
        self.secret = _secrets(settings)

    def __call__(self, record: logging.LogRecord) -> str:
        """One JSON object."""
        said = record.__dict__
        line: dict[str, Any] = {name: said.get(name) for name in REQUEST_MEMBERS}
        line["event"], line["level"] = REQUEST, record.levelname.lower()
        line["timestamp"] = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        return self.secret.sub("[secret]", _as_json(line))


def _as_json(line: Any, **_: Any) -> str:
    return orjson.dumps(line, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS).decode()


def _secrets(settings: Settings) -> re.Pattern[str]:
    known = [settings.admin_key.get_secret_value()] if settings.admin_key else []
    written = [*known, *(_as_json(key)[1:-1] for key in known)]  # as it stands in JSON, too
    return re.compile("|".join([*map(re.escape, written), _SECRET.pattern]))


def _redactor(settings: Settings) -> Any:
    """Keys, tokens and passwords of addresses never reach the log, whoever put them into a message."""
    secret = _secrets(settings)

    def redact(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
        return {name: secret.sub("[secret]", v) if isinstance(v, str) else v for name, v in event.items()}

    return redact
