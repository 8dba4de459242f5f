"""Comparisons of criteria sets, with the rounds that they touch."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlmodel import Session

from app.core.comparison import ChangeKind, compare
from app.core.errors import Fault
from app.features.comparisons import mapping
from app.features.comparisons.schemas import ComparisonRead, TouchedRound
from app.features.frameworks import service as frameworks
from app.features.frameworks.schemas import FrameworkSummary
from app.features.measures import service as measures
from app.features.rounds import repository as round_queries
from app.infra.auth import Caller
from app.infra.errors import NotFoundError, refuse
from app.infra.messages import Language, Names
from app.infra.messages.changes import PARTIAL
from app.infra.messages.words import say
from app.models import AssessmentRoundRow, FrameworkVersionRow


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions, the rounds that are scored with either, and what the catalogue calls their figures."""

    old: FrameworkVersionRow
    new: FrameworkVersionRow
    rounds: Sequence[AssessmentRoundRow]
    names: Names

    def etag(self, language: Language) -> str:
        """Digests of the documents, revisions of the rounds and names: all that the answer is made of."""
        sets = [f"{row.sha256}.{row.state}" for row in (self.old, self.new)]
        rounds = [f"{row.code}.{row.revision}" for row in self.rounds]
        names = [f"{figure}={self.names[figure]}" for figure in sorted(self.names)]
        parts = " ".join([*sets, *rounds, *names])
        return f'"{hashlib.sha256(parts.encode()).hexdigest()[:32]}.{language}"'


def get_compared(session: Session, code: str, old: str, new: str, caller: Caller | None) -> Compared:
    """The versions `old` and `new` of a code, or of another where they say `code@version`."""
    given = {"from": _reference(code, old), "to": _reference(code, new)}
    rows = frameworks.find_rows(session, given.values())
    if len(rows) < len(set(given.values())) and not frameworks.has_code(session, code):
        raise NotFoundError("framework_unknown", framework=code)
    refuse(
        [
            Fault("framework_unknown", f"/query/{name}", {"framework": "@".join(reference)})
            for name, reference in given.items()
            if reference not in rows
        ]
    )
    pair = [rows[reference] for reference in given.values()]
    for row in pair:
        frameworks.require_reader(row, caller)
    rates = {rate for row in pair for rate in mapping.rates_read(frameworks.parse_row(row))}
    names = measures.list_names(session, rates)
    return Compared(pair[0], pair[1], round_queries.list_rounds_of(session, rows), names)


def _reference(code: str, given: str) -> tuple[str, str]:
    other, _, version = given.rpartition("@")
    return other or code, version


def read_comparison(session: Session, compared: Compared, language: Language) -> ComparisonRead:
    """What changed, and what it touches."""
    old, new = compared.old, compared.new
    changes = compare(frameworks.parse_row(old), frameworks.parse_row(new))
    counts = Counter(change.kind for change in changes)
    documents = orjson.loads(old.document), orjson.loads(new.document)
    partial = "official_partial" in (old.status, new.status)
    return ComparisonRead(
        from_=FrameworkSummary.model_validate(old, from_attributes=True),
        to=FrameworkSummary.model_validate(new, from_attributes=True),
        caveat=say(PARTIAL, language) if partial and changes else None,
        summary={kind: counts[kind] for kind in ChangeKind},
        changes=[mapping.change_of(change, *documents, language, compared.names) for change in changes],
        rounds=_touched(session, compared),
    )


def _touched(session: Session, compared: Compared) -> list[TouchedRound]:
    units: dict[str, list[str]] = {}
    for round_code, unit in round_queries.list_units_of(session, [row.code for row in compared.rounds]):
        units.setdefault(round_code, []).append(unit)
    return [
        TouchedRound(
            code=row.code,
            title_vi=row.title_vi,
            framework=f"{row.framework_code}@{row.framework_version}",
            period=row.period,
            state=row.state,
            participants=len(units.get(row.code, [])),
            units=units.get(row.code, []),
        )
        for row in compared.rounds
    ]
