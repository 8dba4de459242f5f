"""Vietnamese text: search without accents, and alphabetical order."""

import unicodedata
from functools import lru_cache

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTER = {letter: index for index, letter in enumerate(_ALPHABET)}
# ngang, huyền, hỏi, ngã, sắc, nặng: the order of dictionaries
_TONE = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}


def fold(text: str) -> str:
    """Lower case without accents, single spaces: "Hải Phòng" -> "hai phong"."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


@lru_cache(maxsize=20_000)
def sort_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Key of the Vietnamese alphabet (a ă â ... d đ ...), tones deciding last."""
    letters: list[int] = []
    tones: list[int] = []
    for char in unicodedata.normalize("NFC", text.lower()):
        decomposed = unicodedata.normalize("NFD", char)
        tone = next((_TONE[mark] for mark in decomposed if mark in _TONE), 0)
        base = unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in _TONE))
        letters.append(_LETTER.get(base, -0x110000 + ord(base[0])) if base else -0x110000)
        tones.append(tone)
    return tuple(letters), tuple(tones)
