"""Sheets as files: what a reader of the sheet may see, laid out as officials print it."""

from typing import Literal, NamedTuple

from sqlmodel import Session

from app.core.access import NATION
from app.core.index import UnitIndex, compute_index
from app.features.exports.mapping import Printed, Source, sheet_document
from app.features.frameworks import service as frameworks
from app.features.results import service as results
from app.features.rounds import service as rounds
from app.features.units import service as units
from app.infra.auth import Caller
from app.infra.messages import Language
from app.infra.official.document import MEDIA_TYPES
from app.infra.official.word import make_word
from app.infra.official.workbook import make_workbook
from app.models import AssessmentRoundRow

FileFormat = Literal["xlsx", "docx"]


class ExportedFile(NamedTuple):
    """A file to hand out."""

    name: str
    media_type: str
    content: bytes


def export_sheet(
    session: Session,
    row: AssessmentRoundRow,
    unit: str,
    format_: FileFormat,
    printed: Printed,
    caller: Caller,
    language: Language,
) -> ExportedFile:
    """The sheet of a unit as a file; only for who may read the sheet itself."""
    sheet = results.read_sheet(session, row, unit, caller, language)
    framework = rounds.get_framework(session, row)
    title = frameworks.get_row(session, row.framework_code, row.framework_version).title_vi
    index = _index_of(session, row, unit)
    document = sheet_document(
        Source(sheet, framework, title, index, _superior_of(session, row, unit)), printed
    )
    content = make_workbook(document) if format_ == "xlsx" else make_word(document)
    return ExportedFile(f"phieu-cham-diem_{unit}_{row.code}.{format_}", MEDIA_TYPES[format_], content)


def _index_of(session: Session, row: AssessmentRoundRow, unit: str) -> UnitIndex:
    """The exact sums of a sheet: its shown points are rounded, and do not add up to the index."""
    framework = rounds.get_framework(session, row)
    place = {unit: rounds.get_participant(session, row, unit).jurisdiction_code}
    entries = results.list_entries(session, row, framework, place)[unit]
    return compute_index(framework, entries)


def _superior_of(session: Session, row: AssessmentRoundRow, unit: str) -> str:
    """The name of the unit above at the end of the period; none below the nation."""
    parent = units.get_version(session, unit, row.period_end).parent_code
    if parent is None or parent == NATION:
        return ""
    return units.get_version(session, parent, row.period_end).name_vi
