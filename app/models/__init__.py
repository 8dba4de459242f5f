"""Tables only. Importing this package fills `metadata`."""

from app.models.assessment_round import (
    AssessmentRoundRow,
    RoundGroupRow,
    RoundParticipantRow,
    RoundTransitionRow,
)
from app.models.base import metadata
from app.models.framework import FrameworkVersionRow
from app.models.score import ScoreEntryRow, SheetRow
from app.models.statistic import DossierStatisticRow, MeasureValueRow, StatisticsRevisionRow
from app.models.unit import UnitGroupRow, UnitRow, UnitSuccessionRow, UnitTreeRow, UnitVersionRow
from app.models.unit_result import UnitResultRow

__all__ = [
    "AssessmentRoundRow",
    "DossierStatisticRow",
    "FrameworkVersionRow",
    "MeasureValueRow",
    "RoundGroupRow",
    "RoundParticipantRow",
    "RoundTransitionRow",
    "ScoreEntryRow",
    "SheetRow",
    "StatisticsRevisionRow",
    "UnitGroupRow",
    "UnitResultRow",
    "UnitRow",
    "UnitSuccessionRow",
    "UnitTreeRow",
    "UnitVersionRow",
    "metadata",
]
