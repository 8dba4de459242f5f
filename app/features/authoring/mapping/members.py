"""One member of a document <-> one cell."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.core.rounding import decimal_text
from app.features.authoring.schemas import KINDS, YES, Choices, Field, Kind
from app.infra.problems import FaultError
from app.infra.spreadsheets.cells import Value
from app.infra.spreadsheets.values import day_of, number_of, percent_of, shown, text_of
from app.infra.spreadsheets.writing import Cell

_NO = "không"
Data = Mapping[str, Any]


def folded(text: str) -> str:
    """A word as it is compared: without regard to case, spaces, and how accents are spelt."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def is_blank(value: Value) -> bool:
    """Whether a cell says nothing."""
    return value is None or (isinstance(value, str) and not value.strip())


def read(field: Field, value: Value) -> Any:
    """What a cell that says something says. Raises FaultError where it cannot be read."""
    if field.null is not None and isinstance(value, str) and folded(value) == folded(field.null):
        return None
    if field.choices is not None:
        return _choice(field, field.choices, text_of(value))
    return _READERS[field.kind](value)


def _text(value: Value) -> str:
    return text_of(value).strip()


def _whole(value: Value) -> int | Decimal:
    """What is not whole is refused later, with every other number of the document."""
    number = number_of(value)
    return int(number) if number == number.to_integral_value() else number


def _choice(field: Field, choices: Choices, given: str) -> str:
    words = {folded(word): str(code) for code, word in choices.items()}
    words |= {str(code): str(code) for code in choices}
    try:
        return words[folded(given)]
    except KeyError:
        expected = "; ".join(field.options)
        if choices is KINDS:
            raise FaultError("unknown_rule", rule=shown(given), known=expected) from None
        raise FaultError("not_one_of", expected=expected) from None


def _flag(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    word = folded(text_of(value))
    if word not in (folded(YES), _NO):
        raise FaultError("not_one_of", expected=f"{YES}; {_NO.capitalize()}")
    return word != _NO


def _rate(value: Value) -> Any:
    """A named rate, or `(a + b - c) / (d)`: sums of figures with a sign between spaces."""
    text = _text(value)
    tokens = text.replace("(", " ( ").replace(")", " ) ").replace("−", "-").split()
    if len(tokens) == 1:
        return tokens[0]
    if tokens.count("/") != 1:
        raise FaultError("rate_form", rate=shown(text))
    middle = tokens.index("/")
    sides = {"numerator": tokens[:middle], "denominator": tokens[middle + 1 :]}
    return {name: _sum(side, text) for name, side in sides.items()}


def _sum(tokens: list[str], text: str) -> dict[str, list[str]]:
    if len(tokens) > 1 and (tokens[0], tokens[-1]) == ("(", ")"):
        tokens = tokens[1:-1]
    figures, signs = tokens[::2], ["+", *tokens[1::2]]
    if len(figures) != len(signs) or not set(signs) <= {"+", "-"} or {"(", ")", "+", "-"} & set(figures):
        raise FaultError("rate_form", rate=shown(text))
    found: dict[str, list[str]] = {"plus": [], "minus": []}
    for sign, figure in zip(signs, figures, strict=True):
        found["plus" if sign == "+" else "minus"].append(figure)
    return found


_READERS: Mapping[Kind, Callable[[Value], Any]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: number_of,
    Kind.WHOLE: _whole,
    Kind.PERCENT: percent_of,
    Kind.DAY: day_of,
    Kind.FLAG: _flag,
    Kind.RATE: _rate,
}


def write(field: Field, data: Data) -> Cell:
    """The cell of a member; what the document does not say is empty."""
    present, value = _look_up(data, field.member)
    if value is None:
        return field.null if present else None
    if field.choices is not None:
        return field.choices[value]
    match field.kind:
        case Kind.FLAG:
            return YES if value else None
        case Kind.RATE:
            return value if isinstance(value, str) else _as_quotient(value)
        case Kind.PERCENT if 0 < value <= 1:
            return decimal_text(value).replace(".", ",")  # a bare 0.7 is refused: Excel keeps 70 % so
        case _:
            assert isinstance(value, str | int | Decimal | date)  # noqa: S101 - members are plain
            return value


def _look_up(data: Data, member: str) -> tuple[bool, Any]:
    """(whether the document has a member, its value)."""
    outer, _, inner = member.rpartition("/")
    within = data.get(outer) if outer else data
    return (False, None) if within is None or inner not in within else (True, within[inner])


def _as_quotient(rate: Data) -> str:
    return " / ".join(_as_sum(rate[side]) for side in ("numerator", "denominator"))


def _as_sum(total: Data) -> str:
    terms = list(_terms(total))
    text = " ".join(terms).removeprefix("+ ")
    return f"({text})" if len(terms) > 1 else text


def _terms(total: Data) -> Iterator[str]:
    yield from (f"+ {figure}" for figure in total["plus"])
    yield from (f"- {figure}" for figure in total["minus"])
