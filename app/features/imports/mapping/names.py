"""Names of units as clerks write them."""

import re
import unicodedata
from functools import lru_cache

from app.core.vietnamese import fold

_TITLE = re.compile(r"\s*(?:(?:ủy ban nhân dân|uỷ ban nhân dân|uy ban nhan dan|ubnd)[\s.]+)+", re.IGNORECASE)
_PROVINCE = re.compile(r"(?:tỉnh|tinh)\s+(.+)", re.IGNORECASE)
_CITY = re.compile(r"(?:thành phố|thanh pho|tp\b\.?)\s*(.+)", re.IGNORECASE)
_CITIES = frozenset(["ha noi", "hai phong", "hue", "da nang", "ho chi minh", "can tho"])
"""Cities directly under the centre (Resolution 202/2025/QH15); every other city is within a province."""
_TONES = "\u0300\u0301\u0303\u0309\u0323"


def place_of(name: str) -> str:
    """A name without the title of its authority: "UBND tỉnh Hà Giang" -> "tỉnh Hà Giang"."""
    return _TITLE.sub("", unicodedata.normalize("NFC", name), count=1).strip()


def authority_of(place: str) -> str | None:
    """The name of a province without what it is; None for cities that are none, and for other names."""
    if found := _PROVINCE.fullmatch(place):
        return None if spelling(found[1]) in _CITIES else found[1]
    found = _CITY.fullmatch(place)
    return found[1] if found and spelling(found[1]) in _CITIES else None


@lru_cache(maxsize=20_000)
def spelling(name: str) -> str:
    """A name to look up: without the title, accents, hyphens and dots."""
    return " ".join(re.sub(r"[-–—.,]", " ", fold(place_of(name))).split())


def is_same(name: str, registered: str) -> bool:
    """Whether names that are spelt alike have the same accents, or the first has none."""
    return spelling(name) == " ".join(_accented(name)) or _accented(name) == _accented(place_of(registered))


def _accented(name: str) -> list[str]:
    """Words with each tone at the end of its word: Hoà Bình and Hòa Bình are the same."""
    words = re.sub(r"[-–—.,]", " ", unicodedata.normalize("NFD", name.lower())).split()
    return ["".join(sorted(word, key=lambda letter: letter in _TONES)) for word in words]
