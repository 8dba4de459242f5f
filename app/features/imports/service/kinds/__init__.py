"""The kinds of imports: what each knows of its rows."""

from collections.abc import Mapping

from app.features.imports.schemas import ImportOptions
from app.features.imports.service.kinds.base import Kind
from app.features.imports.service.kinds.dossiers import DossierKind
from app.features.imports.service.kinds.measures import MeasureKind
from app.features.imports.service.kinds.scores import ScoreKind
from app.features.imports.service.kinds.units import RegistryKind
from app.features.imports.service.work import Work
from app.models import ImportRow

KINDS: Mapping[str, type[Kind]] = {
    "dossier-statistics": DossierKind,
    "measures": MeasureKind,
    "scores": ScoreKind,
    "units": RegistryKind,
}


def open_kind(row: ImportRow, work: Work) -> Kind:
    """What is known of the rows of an import."""
    return KINDS[row.kind](work, ImportOptions.model_validate_json(row.options))


__all__ = ["KINDS", "Kind", "open_kind"]
