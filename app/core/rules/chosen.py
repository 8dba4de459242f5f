"""Rules that people apply: `binary`, `options`, `checklist` say which points can be given."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """A tier or a part of a list, in words, with its scaled points."""

    label_vi: str
    points: int


@dataclass(frozen=True, slots=True)
class Binary:
    """All or nothing (Cà Mau 1.1.3: "đạt 1 / không 0")."""


@dataclass(frozen=True, slots=True)
class Options:
    """One of some tiers (Cà Mau 1.1.1: "kịp thời 1 / không kịp thời 0,5 / không 0")."""

    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Checklist:
    """Any of some parts, added (Đồng Nai 4.2: "0,25 + 0,25 + 0,5")."""

    parts: tuple[Choice, ...]


def allowed_points(rule: Binary | Options | Checklist, max_points: int) -> list[int]:
    """Every number of scaled points that the rule can give, the most first."""
    match rule:
        case Binary():
            found = {0, max_points}
        case Options(choices=choices):
            found = {choice.points for choice in choices}
        case Checklist(parts=parts):
            found = {0}
            for part in parts:
                found |= {points + part.points for points in found}
    return sorted((points for points in found if points <= max_points), reverse=True)
