"""Entries of the catalogue -> what they are called in texts."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from app.core.vietnamese import fold
from app.infra.messages import Message
from app.models import MeasureRow

_WHOLE = Message("{name} ({code})", "{name} ({code})")
_NUMERATOR = Message("{name} (numerator of {code})", "{name} (tử số của {code})")
_DENOMINATOR = Message("{name} (denominator of {code})", "{name} (mẫu số của {code})")
_PARTS = {"": _WHOLE, "/numerator": _NUMERATOR, "/denominator": _DENOMINATOR}


def names_of(rows: Iterable[MeasureRow]) -> dict[str, Message]:
    """Name of a figure -> what it is called, of entries and their parts."""
    return {
        f"measure:{row.code}{part}": _name(row.code, orjson.loads(row.document), part)
        for row in rows
        for part in _PARTS
    }


def _name(code: str, document: Mapping[str, Any], part: str) -> Message:
    """ "tỷ lệ nhiệm vụ hoàn thành (plan_tasks)": as it stands within a sentence, with its code."""
    prefix = part.removeprefix("/") or "name"
    vi = document.get(f"{prefix}_vi") or document["name_vi"]
    en = document.get(f"{prefix}_en") or document.get("name_en") or vi
    template = _PARTS[part]
    return Message(
        template.en.format(name=_inside(en), code=code), template.vi.format(name=_inside(vi), code=code)
    )


def _inside(name: str) -> str:
    """A name within a sentence, braces as they stand in a template: "Tỷ lệ" -> "tỷ lệ", but "TTHC" stays."""
    lowered = name[:1].lower() + name[1:] if name[1:2].islower() else name
    return lowered.replace("{", "{{").replace("}", "}}")


def is_found(row: MeasureRow, text: str) -> bool:
    """Whether a text stands in the code or a name, accents or not."""
    document = orjson.loads(row.document)
    return fold(text) in fold(f"{row.code} {document['name_vi']} {document.get('name_en') or ''}")
