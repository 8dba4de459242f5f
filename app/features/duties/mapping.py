"""Figures of a unit with those below it -> what the core assesses, and its answer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from app.core import law
from app.core.composition import compose_flow
from app.core.duties import Duty, assess_duty, overdue_counts
from app.core.errors import Fault
from app.core.figure_names import DOSSIER, is_of_dossiers, measure_of
from app.core.periods import Period
from app.core.ratio import Ratio
from app.core.rollup import RolledUp
from app.core.rounding import as_number
from app.core.rules import Inputs
from app.core.types import Scope
from app.features.checks.mapping import warning_of_fault
from app.features.duties.schemas import DutyDocument, DutyFigure, DutyRead, Role
from app.features.figures.mapping.composing import Figure
from app.features.figures.mapping.faults import first_faults, gap_faults
from app.features.figures.mapping.rolling import counted_figures, roll_up_figures
from app.features.frameworks.schemas import LegalBasis
from app.features.inputs.mapping import dossier_figures
from app.features.statistics import mapping as statistics
from app.features.statistics.mapping import Figures
from app.infra.messages import Language, Message, numerals
from app.infra.messages.names import name_of
from app.infra.messages.words import say, say_value


@dataclass(frozen=True, slots=True)
class Source:
    """The figures of a unit with everything below it."""

    inputs: Inputs
    rolled: Mapping[str, RolledUp]
    """By "dossier", or the code of a measure."""
    derived: frozenset[str]
    """Figures that no report has, and that follow from others."""
    partial: frozenset[str]
    """Figures that only some of the units reported."""
    gaps: Mapping[str, Sequence[Fault]]
    """What is missing of the parts of the period, by the keys of `rolled`."""


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom an answer is: what figures are called, the day whose law is cited, and the language."""

    names: Mapping[str, Message]
    on: date
    language: Language


def figures_of(document: DutyDocument) -> list[tuple[Role, str]]:
    """(role, figure) of every sum of a duty."""
    roles: dict[Role, list[str]] = {
        "owed": document.owed,
        "done": document.done,
        "overdue": document.overdue,
    }
    return [(role, figure) for role, figures in roles.items() for figure in figures]


def names_read(documents: Iterable[DutyDocument]) -> set[str]:
    """Every figure and rate that duties read."""
    documents = list(documents)
    figures = {figure for document in documents for _, figure in figures_of(document)}
    return figures | {document.rate for document in documents if document.rate}


def _beside_dossiers(documents: Iterable[DutyDocument]) -> set[str]:
    """Measures that stand against dossiers: they are added up as these are. What a district says of its own
    letters speaks for its own dossiers, not for those of its communes, unless it counts these, too."""
    figures = [[figure for _, figure in figures_of(document)] for document in documents]
    return {_key(figure) for read in figures if "dossier" in map(_key, read) for figure in read} - {"dossier"}


class Measures(NamedTuple):
    """(measure, unit) -> numbers of a period, and why there are none though parts of it have some."""

    figures: Figures
    gaps: Mapping[tuple[str, str], Fault]


def compose_measures(
    period: Period,
    reported: Mapping[tuple[str, str, str], Mapping[str, int]],
    documents: Iterable[DutyDocument],
) -> Measures:
    """`reported`: (measure, unit, period) -> numbers, of a period and of its parts."""
    flows = {measure_of(figure) for document in documents for figure in document.flows}
    grouped: dict[tuple[str, str], dict[str, Mapping[str, int]]] = {}
    for (measure, unit, part), numbers in reported.items():
        grouped.setdefault((measure, unit), {})[part] = numbers
    figures: dict[tuple[str, str], Mapping[str, int]] = {}
    gaps: dict[tuple[str, str], Fault] = {}
    for (measure, unit), parts in grouped.items():
        if period.text not in parts and measure not in flows:
            params = {"unit": unit, "parts": ", ".join(sorted(parts))}
            gaps[measure, unit] = Fault("duty_not_composed", "", params)
            continue
        composed = compose_flow(period, parts)
        if composed.missing:
            params = {"unit": unit, "missing": ", ".join(composed.missing)}
            gaps[measure, unit] = Fault("duty_period_incomplete", "", params)
        else:
            figures[measure, unit] = composed.counts
    return Measures(figures, gaps)


def source_of(
    unit: str,
    children: Mapping[str, list[str]],
    dossiers: Mapping[tuple[str, str], Figure],
    measures: Measures,
    documents: Iterable[DutyDocument],
) -> Source:
    """`dossiers`: (unit, scope) -> counts; `documents`: who reads them."""
    documents = list(documents)
    wanted, beside = names_read(documents), _beside_dossiers(documents)
    whole = {place: _with_overdue(figure) for place, figure in dossiers.items()}
    below = roll_up_figures(unit, children, whole)
    rolled = {"dossier": below[unit]}
    totals = {code for (code, scope), figure in dossiers.items() if scope == Scope.TOTAL and figure.is_whole}
    rates: dict[str, Ratio] = {}
    figures = dossier_figures(below[unit], wanted)
    for code in {_key(figure) for figure in wanted} - {"dossier"}:
        if code in beside:
            rolled[code] = statistics.add_measure(unit, children, measures.figures, code, totals)[unit]
        else:
            rolled[code] = statistics.roll_up_measure(unit, children, measures.figures, code)[unit]
        figures |= statistics.measure_figures(code, rolled[code].counts)
        rate = statistics.measure_rate(rolled[code].counts)
        if rate is not None:
            rates[f"measure:{code}"] = rate
    reported = {f"dossier:{c}" for (code, _), f in dossiers.items() if code in below for c in f.reported}
    derived = {name for name in figures if is_of_dossiers(name) and name not in reported}
    partial = {f for f in wanted if rolled[_key(f)].reported < rolled[_key(f)].expected}
    gaps = {"dossier": gap_faults(counted_figures(unit, children, dossiers))}
    for (code, of_unit), fault in measures.gaps.items():
        if of_unit in below:
            gaps.setdefault(code, []).append(fault)
    return Source(Inputs(rates, figures), rolled, frozenset(derived), frozenset(partial), gaps)


def _with_overdue(figure: Figure) -> Figure:
    """Overdue dossiers follow from other columns of the same report."""
    counts = {**figure.counts, **overdue_counts(figure.counts)}
    return figure._replace(composed=figure.composed._replace(counts=counts))


def _key(figure: str) -> str:
    return DOSSIER if is_of_dossiers(figure) else measure_of(figure)


def answer_of(document: DutyDocument, source: Source, reader: Reader) -> DutyRead:
    """How a duty stands, in numbers that people read."""
    duty = Duty(
        tuple(document.owed),
        tuple(document.done),
        tuple(document.overdue),
        document.rate,
        document.done_within_owed,
    )
    standing = assess_duty(duty, source.inputs, source.partial)
    basis, ended = law_on(document, reader.on)
    warnings = [
        *standing.warnings,
        *_partly_reported(document, source),
        *_gaps(document, source),
        *_of_columns(document, source),
        *ended,
    ]
    unit = document.unit_en if reader.language == "en" else document.unit_vi
    texts = ("code", "name_vi", "name_en", "unit_vi", "unit_en")
    return DutyRead(
        **{name: getattr(document, name) for name in texts},
        **{name: _number(getattr(standing, name)) for name in ("owed", "done", "open", "overdue")},
        percent=_percent(standing.share),
        status=standing.status,
        figures=[_figure(role, figure, source, reader) for role, figure in figures_of(document)],
        legal_basis=basis,
        warnings=[warning_of_fault(w, None, reader.language) for w in _named(warnings, unit, reader)],
    )


def law_on(document: DutyDocument, on: date) -> tuple[list[LegalBasis], list[Fault]]:
    """The citations in force on a day; all of them, with a warning, where none is."""
    cited = document.legal_basis
    in_force = [basis for basis in cited if _is_law(basis, on)]
    if in_force or not cited:
        return in_force, []
    named = "; ".join(basis.document for basis in cited)
    return cited, [Fault("duty_law_not_in_force", "", {"documents": named, "on": on})]


def _is_law(basis: LegalBasis, on: date) -> bool:
    return law.LegalBasis(**basis.model_dump()).in_force(on) and (basis.issued_on or on) <= on


def _partly_reported(document: DutyDocument, source: Source) -> Iterator[Fault]:
    """Which of the known figures do not cover the whole tree."""
    for _, figure in figures_of(document):
        if figure in source.partial and figure in source.inputs.figures:
            rolled = source.rolled[_key(figure)]
            known = {"figures": [figure], "reported": rolled.reported, "expected": rolled.expected}
            yield Fault("duty_partly_reported", "", {"columns": [figure], **known})


def _gaps(document: DutyDocument, source: Source) -> list[Fault]:
    """Which parts of the period are missing of the figures that not all units have."""
    read: dict[str, list[str]] = {}
    for _, figure in figures_of(document):
        if figure in source.partial:
            read.setdefault(_key(figure), []).append(figure)
    return first_faults(
        [
            replace(fault, params={**fault.params, "columns": figures, "figures": figures})
            for key, figures in read.items()
            for fault in source.gaps.get(key, ())
        ]
    )


def _of_columns(document: DutyDocument, source: Source) -> list[Fault]:
    """What the roll-up of dossiers says of the columns that a duty reads."""
    columns = {figure.removeprefix("dossier:") for _, figure in figures_of(document)}
    warnings = statistics.warnings_of(source.rolled["dossier"])
    return [warning for warning in warnings if warning.params["column"] in columns]


_NUMBERS = ("owed", "done", "open", "overdue")


def _named(warnings: Iterable[Fault], unit: str, reader: Reader) -> list[Fault]:
    """Warnings with their figures, numbers and days in the language of the reader. `unit`: what is owed."""
    found = []
    for warning in warnings:
        params: dict[str, Any] = {k: say_value(v, reader.language) for k, v in warning.params.items()}
        params |= {k: numerals(params[k], reader.language) for k in _NUMBERS if k in params}
        params |= {"figures": _said(params.get("figures"), reader), "what": unit}
        found.append(replace(warning, params=params))
    return found


def _said(figures: Any, reader: Reader) -> str:
    return "; ".join(say(name_of(figure, reader.names), reader.language) for figure in figures or ())


def _figure(role: Role, figure: str, source: Source, reader: Reader) -> DutyFigure:
    rolled = source.rolled[_key(figure)]
    return DutyFigure(
        role=role,
        figure=figure,
        name=say(name_of(figure, reader.names), reader.language),
        value=_number(source.inputs.figures.get(figure)),
        derived=figure in source.derived,
        reported=rolled.reported,
        expected=rolled.expected,
    )


def _number(value: Fraction | None) -> float | None:
    return None if value is None else as_number(value.numerator, value.denominator, 4)


def _percent(share: Fraction | None) -> float | None:
    return None if share is None else as_number(share.numerator * 100, share.denominator, 2)
