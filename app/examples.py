"""The examples that ship with the service: real rounds and reports, each loaded whole or not at all."""

from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from app.core.periods import parse_period
from app.features.findings import service as findings
from app.features.findings.schemas import FindingWrite
from app.features.results import service as results
from app.features.rounds import repository as round_queries
from app.features.rounds import service as rounds
from app.features.rounds.schemas import RoundWrite, TransitionCreate
from app.features.scores import service as scores
from app.features.scores.schemas import ScoreBatch
from app.features.statistics import service as statistics
from app.features.statistics.schemas import DossierWrite, MeasureWrite
from app.features.units import service as units
from app.features.units.schemas import UnitWrite
from app.infra.auth import operator
from app.infra.db import Database
from app.infra.documents import read_file, validated

BY = operator("examples")


class _File(BaseModel):
    """The shape of an example file; its parts are validated as the API validates them."""

    model_config = ConfigDict(extra="forbid")

    title_vi: str
    source: str
    note: str | None = None
    units: list[dict[str, Any]] = []
    round: dict[str, Any] | None = None
    steps: list[dict[str, Any]] = []
    dossier_statistics: list[dict[str, Any]] = []
    measures: list[dict[str, Any]] = []
    findings: list[dict[str, Any]] = []


def load_examples(database: Database, report: Callable[[str], None]) -> None:
    """Load every example that is not there yet; `report` is told the title of each new one."""
    for path in sorted(files("app.data").joinpath("examples").iterdir(), key=lambda p: p.name):
        if path.name.endswith(".yaml"):
            example = validated(_File, read_file(path))
            with database.write() as session:
                if _load(session, example):
                    report(example.title_vi)


def _load(session: Session, example: _File) -> bool:
    """Load one example; False where it is there already (and may have been corrected since), with all of its
    findings."""
    code = example.round["code"] if example.round else None
    if _is_there(session, example):
        return _put_findings(session, example.findings)
    for unit in example.units:
        units.put_unit(session, unit["code"], validated(UnitWrite, _without(unit, "code")), BY)
    for row in example.dossier_statistics:
        _put_dossiers(session, row)
    for row in example.measures:
        _put_measure(session, row)
    if example.round is not None and code is not None:
        rounds.put_round(session, code, validated(RoundWrite, _without(example.round, "code")), BY)
        _take_steps(session, code, example.steps)
    _put_findings(session, example.findings)
    return True


def _is_there(session: Session, example: _File) -> bool:
    """Whether the example's round or, without one, its units' figures exist."""
    if example.round is not None:
        return round_queries.find_round(session, example.round["code"]) is not None
    first = (example.dossier_statistics or example.measures)[0]
    return statistics.has_figures(session, first["unit"], parse_period(str(first["period"])))


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _put_dossiers(session: Session, row: dict[str, Any]) -> None:
    written = validated(DossierWrite, _without(row, "unit", "period"))
    period = parse_period(str(row["period"]))
    statistics.put_dossiers(session, row["unit"], period, written, by=BY)


def _put_measure(session: Session, row: dict[str, Any]) -> None:
    written = validated(MeasureWrite, _without(row, "unit", "measure", "period"))
    period = parse_period(str(row["period"]))
    statistics.put_measure(session, row["unit"], row["measure"], period, written, by=BY, language="vi")


def _put_findings(session: Session, rows: Sequence[dict[str, Any]]) -> bool:
    """Write the findings whose codes are free; whether there were any."""
    new = [row for row in rows if not findings.has_finding(session, row["code"])]
    for row in new:
        findings.put_finding(session, row["code"], validated(FindingWrite, _without(row, "code")), BY)
    return bool(new)


def _take_steps(session: Session, code: str, steps: Sequence[dict[str, Any]]) -> None:
    for step in steps:
        if "scores" in step:
            batch = validated(ScoreBatch, step)
            scores.add_scores(session, code, batch.scores, limit=10_000, by=BY)
        else:
            transition = validated(TransitionCreate, step)
            results.move_round(session, code, transition.to, transition.reason, BY)
