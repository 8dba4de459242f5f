"""Form II.06a of Circular 01/2020/TT-VPCP: the rows count one unit by level and field of procedure."""

import re
from functools import lru_cache

from app.core.intake.cells import Cell, is_blank, text_of
from app.core.intake.headings import is_total, plain

_LEVELS = {
    "tinh": "tinh",
    "so": "tinh",
    "huyen": "huyen",
    "xa": "xa",
    "phuong": "xa",
    "trung uong": "trung-uong",
    "bo": "trung-uong",
}
_LEVEL = re.compile(
    r"(?:[ivx]+ |[a-e] |\d )?(?:tong |cong )?(?:so )?(?:tthc |thu tuc hanh chinh |ho so )?"
    r"(?:(?:thuoc|tham quyen|giai quyet|cua) )*cap (tinh|huyen|xa|phuong|so|bo|trung uong)( .*)?"
)
_CODE = re.compile(r"(?:(?:tinh|huyen|xa|trung-uong)\.)?[a-z0-9]+(?:-[a-z0-9]+)*")


@lru_cache(maxsize=10_000)
def _level_of(text: str) -> str | None:
    found = _LEVEL.fullmatch(plain(text))
    return _LEVELS[found[1]] if found else None


def level_of(label: Cell) -> str | None:
    """The level that a row of the form heads: "Cấp tỉnh", "I. Cấp huyện", "TTHC cấp xã"; None for others."""
    return _level_of(text_of(label))


_NUMERAL = re.compile(
    r"^\s*(?:(?:[ivx]+|\d+(?:\.\d+)*)(?:\s*[.):/]\s*|\s+[–-]\s*|[–-]\s+)|[a-h][.)]\s*|\d+\s+)", re.IGNORECASE
)
"""Before a name, with a mark behind it: "Vi phạm hành chính" begins with none."""
_NUMERAL_ALONE = re.compile(r"[ivx]+|\d+|[a-h]", re.IGNORECASE)


@lru_cache(maxsize=10_000)
def code_of_field(name: str) -> str | None:
    """A field of procedure by its name: "Đất đai" -> "dat-dai"; a code stays as it is, a total is "", as is
    a cell that says nothing. None where a text names no field."""
    if is_blank(name) or is_total(name):
        return ""
    if _NUMERAL_ALONE.fullmatch(name):
        return None
    if len(name) <= 64 and _CODE.fullmatch(name):
        return name
    words = plain(_NUMERAL.sub("", name, count=1)).removeprefix("linh vuc ").split()
    return "-".join(words)[:57].strip("-") or None
