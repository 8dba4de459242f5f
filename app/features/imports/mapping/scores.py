"""Records -> scores as they would be written."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from pydantic import TypeAdapter

from app.core.errors import Fault
from app.core.framework import Framework, Item
from app.core.intake.cells import is_blank, read_decimal, text_of
from app.core.rounding import points_number
from app.core.sheet import Said
from app.core.types import Stage
from app.core.vietnamese import fold
from app.features.imports.mapping.fields import read_day_of, read_number_of, read_yes_of, validated
from app.features.imports.mapping.records import Record
from app.features.imports.schemas import ImportOptions
from app.features.scores.schemas import ScoreCreate
from app.infra.messages.names import STAGE_NAMES

_SHAPE = TypeAdapter(ScoreCreate)
_STAGES = {
    **{fold(text): stage for stage, name in STAGE_NAMES.items() for text in (name.vi, name.en)},
    **{stage.value: stage.value for stage in Stage},
}
_EVIDENCE = ("title", "number", "issued_by", "url", "sha256")
NAMES = ("points", "not_applicable", "reason", "evidence")


class Items:
    """Items of a criteria set by code, and by names that only one of them has."""

    def __init__(self, framework: Framework) -> None:
        self.framework = framework
        self.names: dict[str, list[Item]] = {}
        for item in framework.items.values():
            self.names.setdefault(fold(item.name_vi), []).append(item)

    def find(self, record: Record) -> str | Fault:
        """The code of the item of a row: each column may hold its code or its name."""
        said = [(f, text) for f in ("item", "item_name") if (text := text_of(record.values.get(f)))]
        for _, text in said:
            if text in self.framework.items:
                return text
        for field, text in said:
            named = self.names.get(fold(text), [])
            if len(named) > 1:
                codes = ", ".join(item.code for item in named)
                return Fault("item_name_unclear", f"/{field}", {"name": text[:100], "codes": codes})
            if named:
                return named[0].code
        if not said:
            return Fault("item_missing", "/item")
        params = {"item": said[0][1][:100], "framework": self.framework.reference}
        return Fault("item_unknown", f"/{said[0][0]}", params)


def read_score(
    record: Record, options: ImportOptions, unit: str, item: str, faults: list[Fault]
) -> ScoreCreate | None:
    """The score of a row; None where something is wrong with it."""
    stage = _stage(record, options, faults)
    said: dict[str, Any] = {
        "unit": unit,
        "item": item,
        "stage": stage,
        "points": read_number_of(record, "points", read_decimal, faults),
        "not_applicable": read_yes_of(record, "not_applicable", faults),
        "reason": text_of(record.values.get("reason")) or None,
        "evidence": _evidence(record, faults),
    }
    if faults:
        return None
    found: ScoreCreate | None = validated(_SHAPE, said, faults)
    return found


def _stage(record: Record, options: ImportOptions, faults: list[Fault]) -> str:
    text = text_of(record.values.get("stage"))
    stage = _STAGES.get(text) or _STAGES.get(fold(text)) if text else options.stage
    if stage is None:
        params = {"stage": text[:60], "known": ", ".join(Stage)}
        faults.append(Fault("stage_unknown" if text else "stage_missing", "/stage", params))
    return stage or ""


def _evidence(record: Record, faults: list[Fault]) -> list[dict[str, Any]]:
    """Of JSON a list of documents; of a table one, in columns of its own."""
    listed = text_of(record.values.get("evidence"))
    if listed:
        try:
            found: list[dict[str, Any]] = orjson.loads(listed)
        except orjson.JSONDecodeError:
            found = [{"title": listed}]
        return found
    document: dict[str, Any] = {
        name: text for name in _EVIDENCE if (text := text_of(record.values.get(f"evidence_{name}")))
    }
    if not is_blank(record.values.get("evidence_issued_on")):
        document["issued_on"] = read_day_of(record, "evidence_issued_on", faults)
    return [document] if document else []


def column_of(pointer: str) -> str:
    """A pointer into a score -> the column that it is about: those of evidence have columns of their own."""
    parts = pointer.strip("/").split("/")
    return f"/evidence_{parts[2]}" if parts[0] == "evidence" and len(parts) == 3 else f"/{parts[0]}"


def show_score(stored: Sequence[Any]) -> Mapping[str, Any]:
    """As over HTTP."""
    points, not_applicable, reason, evidence = stored
    shown = {
        "points": None if points is None else points_number(points, 4),
        "not_applicable": not_applicable or None,
        "reason": reason,
    }
    return {**shown, "evidence": orjson.loads(evidence) if evidence else None}


def as_said(stored: str) -> Said:
    """What a score says, from JSON."""
    points, not_applicable, reason, evidence = orjson.loads(stored)
    return points, not_applicable, reason, evidence
