"""Duties of a unit: read from the same figures as its statistics, rolled up."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

from sqlmodel import Session

from app.core.composition import periods_within
from app.core.duties import DutyStatus
from app.core.figure_names import measures_in
from app.core.periods import Period
from app.features.checks.service import with_names
from app.features.duties import mapping
from app.features.duties.mapping import Reader, Source
from app.features.duties.schemas import DutiesDocument, DutiesRead, DutyDocument
from app.features.figures.mapping.changes import is_foreign
from app.features.figures.mapping.rolling import counted_figures
from app.features.figures.service import list_changes, list_figures, say_elsewhere
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
    source = _with_names(session, source, period, language)
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
    for figure in say_elsewhere(session, scope, period, counted_figures(unit, children, dossiers)):
        dossiers[figure.unit, figure.scope] = figure
    codes = measures_in(mapping.names_read(duties))
    parts = [part.text for part in periods_within(period)]
    changes = list_changes(session, period)
    reported = statistics.list_measures_of(session, scope, parts, codes)
    own = {place: said for place, said in reported.items() if not is_foreign(*place[1:], changes)}
    return mapping.source_of(unit, children, dossiers, mapping.compose_measures(period, own, duties), duties)


def _with_names(session: Session, source: Source, period: Period, language: Language) -> Source:
    """The units of gaps by their names, as other warnings call them."""
    faults = [fault for found in source.gaps.values() for fault in found]
    named = iter(with_names(session, faults, period, language))
    return replace(source, gaps={key: [next(named) for _ in found] for key, found in source.gaps.items()})
