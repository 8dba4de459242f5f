"""Every message in English and Vietnamese: {code: (en, vi)} and the hint how to mend it."""

from collections.abc import Mapping

from app.infra.messages import figures, registry, requests, workflow
from app.infra.messages.message import Language, Message

__all__ = ["MESSAGES", "Language", "Message", "render"]
MESSAGES: Mapping[str, Message] = {
    **requests.MESSAGES,
    **registry.MESSAGES,
    **workflow.MESSAGES,
    **figures.MESSAGES,
}


def render(code: str, params: Mapping[str, object], language: Language) -> tuple[str, str | None]:
    """(message, hint) of a code; hint None where there is none."""
    message = MESSAGES[code]
    text, hint = (message.en, message.hint_en) if language == "en" else (message.vi, message.hint_vi)
    return text.format_map(params), hint.format_map(params) or None
