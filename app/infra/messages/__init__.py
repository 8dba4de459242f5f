"""Every message in English and Vietnamese: {code: (en, vi)} and the hint how to mend it."""

import re
from collections.abc import Iterable, Mapping

from app.core.explanation.phrases import Named, Part, Phrase
from app.core.rules import Quotient, Term
from app.infra.messages import (
    explanation,
    figures,
    imports,
    intake,
    publications,
    registry,
    requests,
    workbooks,
    workflow,
)
from app.infra.messages.message import Language, Message
from app.infra.messages.names import NO_NAMES, Names, fill, name_of
from app.infra.messages.words import say

__all__ = ["MESSAGES", "Language", "Message", "Names", "numerals", "phrases_said", "render"]
MESSAGES: Mapping[str, Message] = {
    **requests.MESSAGES,
    **registry.MESSAGES,
    **workflow.MESSAGES,
    **figures.MESSAGES,
    **imports.MESSAGES,
    **explanation.MESSAGES,
    **workbooks.MESSAGES,
    **intake.MESSAGES,
    **publications.MESSAGES,
}


def render(code: str, params: Mapping[str, object], language: Language) -> tuple[str, str | None]:
    """(message, hint) of a code; hint None where there is none."""
    message = MESSAGES[code]
    text, hint = (message.en, message.hint_en) if language == "en" else (message.vi, message.hint_vi)
    return fill(text, params, language), fill(hint, params, language) or None


def phrases_said(phrases: Iterable[Phrase], language: Language, names: Names = NO_NAMES) -> str:
    """Phrases one after another, with a capital letter; `names`: what a catalogue calls figures."""
    text = " ".join(_say(phrase, language, names) for phrase in phrases)
    return text[:1].upper() + text[1:]


def _say(phrase: Phrase, language: Language, names: Names) -> str:
    params = {name: _part(part, language, names, name) for name, part in phrase.params.items()}
    return render(phrase.code, params, language)[0]


def numerals(text: str, language: Language) -> str:
    """Numbers with the decimal comma of Vietnamese."""
    return text if language == "en" else re.sub(r"(?<=\d)\.(?=\d)", ",", text)


def _part(part: Part, language: Language, names: Names, param: str = "") -> str:
    match part:
        case str():
            return part if param == "label" else numerals(part, language)
        case Named(name=name):
            return say(name_of(name, names), language)
        case Quotient(numerator=above, denominator=below):
            return f"({_sum(above, language, names)}) / ({_sum(below, language, names)})"
        case Phrase():
            return _say(part, language, names)
        case _:
            between = {"en": " and ", "vi": " và "}[language] if param == "conditions" else "; "
            return between.join(_part(each, language, names) for each in part)


def _sum(terms: Iterable[Term], language: Language, names: Names) -> str:
    signed = (
        f"{'+' if term.sign > 0 else '-'} {_part(Named(term.figure), language, names)}" for term in terms
    )
    return " ".join(signed).removeprefix("+ ")
