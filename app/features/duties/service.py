"""Duties of a unit: read from the same figures as its statistics, rolled up."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from sqlmodel import Session

from app.core.duties import DutyStatus
from app.core.figure_names import measures_in
from app.core.periods import Period
from app.features.duties import mapping
from app.features.duties.mapping import Reader, Source
from app.features.duties.schemas import DutiesDocument, DutiesRead, DutyDocument
from app.features.figures.service import list_figures
from app.features.measures import service as measures
from app.features.statistics import repository as statistics
from app.features.statistics.service import children_of, reach, scope_of
from app.infra.auth import Caller
from app.infra.documents import read_file, validated
from app.infra.messages import Language


@cache
def shipped_duties() -> Sequence[DutyDocument]:
    """The duties that ship with the service."""
    return validated(DutiesDocument, read_file(files("app.data").joinpath("duties.yaml"))).duties


def read_duties(session: Session, unit: str, period: Period, language: Language, by: Caller) -> DutiesRead:
    """How every duty of a unit stands, with everything below it, on the map of the period's end."""
    jurisdiction = reach(session, unit, period, by)
    duties = shipped_duties()
    source = _source_of(session, (jurisdiction, unit), period, duties)
    names = measures.list_names(session, mapping.names_read(duties))
    reader = Reader(names, period.end, language)
    answers = [mapping.answer_of(duty, source, reader) for duty in duties]
    counts = Counter(answer.status for answer in answers)
    return DutiesRead(
        unit=unit,
        period=period.text,
        summary={status: counts[status] for status in DutyStatus},
        duties=answers,
        revision=statistics.find_revision(session, jurisdiction, unit),
    )


def _source_of(
    session: Session, place: tuple[str, str], period: Period, duties: Sequence[DutyDocument]
) -> Source:
    """`place`: (jurisdiction, unit)."""
    jurisdiction, unit = place
    scope = scope_of(jurisdiction)
    children = children_of(session, {jurisdiction}, period)
    dossiers = list_figures(session, scope, period)
    codes = measures_in(mapping.names_read(duties))
    values = statistics.list_measures(session, scope, period.text, codes)
    return mapping.source_of(unit, children, dossiers, values, duties)
