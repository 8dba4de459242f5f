"""What rules say of the counts of a unit, and what was acknowledged."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlmodel import Session

from app.core.composition import months_of, periods_before, periods_within
from app.core.errors import Fault
from app.core.fields import ALL_FIELDS
from app.core.periods import Period
from app.core.validation import Kind, Subject, check
from app.features.checks import mapping, repository
from app.features.checks.repository import Position
from app.features.statistics.repository import list_dossiers
from app.features.statistics.schemas import StatisticWarning
from app.features.statistics.service import READERS
from app.features.units.repository import list_names
from app.features.units.service import find_covered, trace_lineage
from app.infra.auth import Caller
from app.infra.clock import VIETNAM
from app.infra.messages import Language
from app.models import DossierStatisticRow

HISTORY = 24
"""Earlier periods that a figure is compared with."""


class Checked(NamedTuple):
    """Counts of a unit, and the report that says them, where it is one alone."""

    position: Position
    period: Period
    counts: dict[str, int]
    row: DossierStatisticRow | None
    parts: Sequence[str]
    """The periods whose reports they are made of."""

    @property
    def about(self) -> str:
        """Scope, and field of procedure."""
        return "/".join(filter(None, (self.position.scope, self.position.field)))


def list_warnings(
    session: Session, checked: Checked, faults: Sequence[Fault], language: Language, by: Caller
) -> list[StatisticWarning]:
    """What the rules say of counts, then what was found while they were put together. Of like units only as
    much as the caller may read."""
    place = (checked.position.jurisdiction, checked.period.text, checked.position.unit)
    rows = repository.list_acknowledgements(session, place)
    revisions = _revisions(session, checked)
    seen = mapping.Seen(checked.about, checked.period.text, checked.parts, revisions, rows)
    peers = repository.list_peers(session, checked.position.unit, checked.period.end)
    found = check(mapping.shipped().rules.values(), _subject(session, checked, peers, seen.revision))
    if any(finding.rule.kind is Kind.OUTLIER_GROUP for finding in found):
        grants = by.having(*READERS)
        if find_covered(session, grants, peers, checked.period.end) < set(peers):
            found = [mapping.without_peers(finding) for finding in found]
    told = with_names(session, faults, checked.period, language)
    return [
        *(mapping.warning_of_finding(finding, seen, language) for finding in found),
        *(mapping.warning_of_fault(fault, seen, language) for fault in told),
    ]


def with_names(
    session: Session, faults: Sequence[Fault], period: Period, language: Language
) -> Sequence[Fault]:
    """Faults with the names of their units beside the codes. In English the codes read well."""
    if language == "en":
        return faults
    codes = {str(fault.params["unit"]) for fault in faults if "unit" in fault.params}
    names = list_names(session, sorted(codes), period.end)
    return [mapping.with_name(fault, names) for fault in faults]


def _revisions(session: Session, checked: Checked) -> dict[tuple[str, str], int]:
    periods = [period.text for period in periods_within(checked.period)]
    return repository.list_revisions(session, checked.position, periods)


def warnings_of_sum(
    session: Session, period: Period, counts: Mapping[str, int], faults: Sequence[Fault], language: Language
) -> list[StatisticWarning]:
    """What is said of a sum over units: it is mended, or acknowledged, where the figures are."""
    told = with_names(session, faults, period, language)
    return [
        *(mapping.warning_of_finding(found, None, language) for found in mapping.check_counts(counts)),
        *(mapping.warning_of_fault(fault, None, language) for fault in told),
    ]


def _subject(session: Session, checked: Checked, peers: dict[str, str], revision: int) -> Subject:
    """The counts, with all that they are compared with."""
    report = checked.row
    before, earlier = periods_before(checked.period), _periods_earlier(checked.period)
    within = {part for period in (*before, *earlier) for part in periods_within(period)}
    rows = repository.list_past(session, checked.position, _of_same_unit(session, checked, within))
    reported = {name: mapping.add_past(name, fields) for name, fields in rows.items()}
    past = {period: mapping.past_of(period, reported) for period in (*before, *earlier)}
    return Subject(
        checked.counts,
        revision,
        [found for period in before if (found := past[period])],
        [found for period in earlier if (found := past[period])],
        _peer_counts(session, checked, peers),
        report.extracted_at.astimezone(VIETNAM).date() if report and report.extracted_at else None,
        report.recorded_at.astimezone(VIETNAM).date() if report else None,
        (report.data_to if report else None) or checked.period.end,
    )


def _of_same_unit(session: Session, checked: Checked, periods: Collection[Period]) -> list[str]:
    """Those of some earlier periods at whose end the code was the unit that it is."""
    unit, end = checked.position.unit, checked.period.end
    if not periods:
        return []
    lineage = trace_lineage(session, min(period.end for period in periods), end)
    return [period.text for period in periods if lineage.was_same(unit, end, period.end)]


def _periods_earlier(period: Period) -> list[Period]:
    """Periods of the same length before it, the latest first."""
    earlier: list[Period] = []
    while len(earlier) < HISTORY and months_of(period):
        before = [p for p in periods_before(period) if months_of(p) == months_of(period)]
        if not before:
            break
        period = before[0]
        earlier.append(period)
    return earlier


def _peer_counts(session: Session, checked: Checked, peers: dict[str, str]) -> list[dict[str, int]]:
    if not peers:
        return []
    found = list_dossiers(session, set(peers.values()), [checked.period.text], units=peers)
    scope, field = checked.position.scope, checked.position.field
    said: dict[str, dict[str, dict[str, int]]] = {}
    for at, counts in found.items():
        if at.scope == scope and at.unit in peers and field in (ALL_FIELDS, at.field):
            said.setdefault(at.unit, {})[at.field] = counts
    return [mapping.add_fields({ALL_FIELDS: c[field]} if field else c) for c in said.values()]
