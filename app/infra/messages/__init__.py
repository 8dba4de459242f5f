"""Every message in English and Vietnamese: {code: (en, vi)} and the hint how to mend it."""

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from app.core.explanation.phrases import Named, Part, Phrase
from app.core.rules import Quotient, Term
from app.infra.messages import explanation, figures, registry, requests, workbooks, workflow
from app.infra.messages.message import Message
from app.infra.messages.names import name_of

__all__ = ["MESSAGES", "Language", "Message", "numerals", "render", "say"]
Language = Literal["en", "vi"]
MESSAGES: Mapping[str, Message] = {
    **requests.MESSAGES,
    **registry.MESSAGES,
    **workflow.MESSAGES,
    **figures.MESSAGES,
    **explanation.MESSAGES,
    **workbooks.MESSAGES,
}


def render(code: str, params: Mapping[str, object], language: Language) -> tuple[str, str | None]:
    """(message, hint) of a code; hint None where there is none."""
    message = MESSAGES[code]
    text, hint = (message.en, message.hint_en) if language == "en" else (message.vi, message.hint_vi)
    return text.format_map(params), hint.format_map(params) or None


def say(phrase: Phrase, language: Language) -> str:
    """A phrase in words."""
    params = {name: _part(part, language, name == "label") for name, part in phrase.params.items()}
    return render(phrase.code, params, language)[0]


def numerals(text: str, language: Language) -> str:
    """Numbers with the decimal comma of Vietnamese."""
    return text if language == "en" else re.sub(r"(?<=\d)\.(?=\d)", ",", text)


def _part(part: Part, language: Language, label: bool = False) -> str:
    match part:
        case str():
            return part if label else numerals(part, language)
        case Named(name=name):
            found = name_of(name)
            return found.en if language == "en" else found.vi
        case Quotient(numerator=above, denominator=below):
            return f"({_sum(above, language)}) / ({_sum(below, language)})"
        case Phrase():
            return say(part, language)
        case _:
            return "; ".join(_part(each, language) for each in part)


def _sum(terms: Iterable[Term], language: Language) -> str:
    signed = (f"{'+' if term.sign > 0 else '-'} {_part(Named(term.figure), language)}" for term in terms)
    return " ".join(signed).removeprefix("+ ")
