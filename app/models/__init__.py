"""Tables only. Importing this package fills `metadata`."""

from app.models.assessment_round import (
    AssessmentRoundRow,
    RoundGroupRow,
    RoundParticipantRow,
    RoundTransitionRow,
)
from app.models.audit import AuditChainRow, AuditEventRow
from app.models.base import metadata
from app.models.change import ChangeCounterRow, ChangeRow, HeldChangeRow
from app.models.client import ClientRow, KeptAnswerRow
from app.models.evidence import EvidenceFileRow, EvidenceRow, EvidenceUseRow
from app.models.finding import FindingRow
from app.models.framework import FrameworkVersionRow
from app.models.imports import ImportDossierRow, ImportLineRow, ImportRow, ImportUnitRow
from app.models.measure import MeasureRow
from app.models.publication import PublicationDocumentRow, PublicationRow, SigningKeyRow
from app.models.score import ScoreEntryRow, SheetRow, SheetSubmissionRow
from app.models.statistic import (
    DossierStatisticRow,
    FigureAcknowledgementRow,
    MeasureValueRow,
    StatisticsRevisionRow,
)
from app.models.unit import UnitGroupRow, UnitRow, UnitSuccessionRow, UnitTreeRow, UnitVersionRow
from app.models.unit_result import UnitResultRow

__all__ = [
    "AssessmentRoundRow",
    "AuditChainRow",
    "AuditEventRow",
    "ChangeCounterRow",
    "ChangeRow",
    "ClientRow",
    "DossierStatisticRow",
    "EvidenceFileRow",
    "EvidenceRow",
    "EvidenceUseRow",
    "FigureAcknowledgementRow",
    "FindingRow",
    "FrameworkVersionRow",
    "HeldChangeRow",
    "ImportDossierRow",
    "ImportLineRow",
    "ImportRow",
    "ImportUnitRow",
    "KeptAnswerRow",
    "MeasureRow",
    "MeasureValueRow",
    "PublicationDocumentRow",
    "PublicationRow",
    "RoundGroupRow",
    "RoundParticipantRow",
    "RoundTransitionRow",
    "ScoreEntryRow",
    "SheetRow",
    "SheetSubmissionRow",
    "SigningKeyRow",
    "StatisticsRevisionRow",
    "UnitGroupRow",
    "UnitResultRow",
    "UnitRow",
    "UnitSuccessionRow",
    "UnitTreeRow",
    "UnitVersionRow",
    "metadata",
]
