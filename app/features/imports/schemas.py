"""Shapes of imports."""

from typing import Literal

from app.core.types import Scope
from app.infra.schemas import Code, Instant, LongText, PeriodText, Schema

ImportKind = Literal["dossier-statistics", "measures", "scores", "units"]
ImportState = Literal["rehearsing", "rehearsed", "committing", "committed", "failed", "cancelled"]
LineAction = Literal["inserted", "updated", "unchanged", "rejected"]


class ImportOptions(Schema):
    """What holds for every row that does not say it itself."""

    period: PeriodText | None = None
    unit: Code | None = None
    scope: Scope = Scope.OWN
    source: LongText | None = None
    extracted_at: Instant | None = None
    round: Code | None = None
    stage: str | None = None
