"""Plain data of the case files -> objects of the core."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic import TypeAdapter

import app.data
from app.core.entry import Entry
from app.core.framework import Applies, Band, Caps, Framework, Node, Process
from app.core.law import LegalBasis
from app.core.ranking import Lineup, line_up, rank
from app.core.rounding import from_scaled, to_scaled
from app.core.rules import Rule
from app.core.types import ItemSource, Need, NoData, ReformArea, TieMethod, UnitKind
from app.features.frameworks.mapping import rule_of as mapped_rule
from app.features.frameworks.rule_schemas import RuleDocument

Entries = dict[tuple[str, str], Entry]
CASES = Path(__file__).parent / "cases"
FRAMEWORKS = Path(str(app.data.__file__)).parent / "frameworks"
_RULE: TypeAdapter[RuleDocument] = TypeAdapter(RuleDocument)


class _ExactLoader(yaml.CSafeLoader):
    """YAML whose fractions are decimals."""


_ExactLoader.add_constructor("tag:yaml.org,2002:float", lambda _, node: Decimal(node.value))


class Case(NamedTuple):
    """A worked example: what a check is asked, and what it must answer."""

    name: str
    check: str
    source: str
    input: Any
    expected: Any


def load(path: Path) -> Any:
    """A file of cases, or of frozen ones."""
    return yaml.load(path.read_text(encoding="utf-8"), _ExactLoader)  # noqa: S506 - a safe loader


def load_cases() -> list[Case]:
    """Every case of cases/, by file."""
    return [
        Case(f"{file.relative_to(CASES).with_suffix('')}: {case.pop('name')}", check, **case)
        for file in sorted(CASES.rglob("*.yaml"))
        for check, cases in load(file).items()
        if not check.startswith("_")
        for case in cases
    ]


def framework_of(
    areas: Iterable[Mapping[str, Any]],
    total: Decimal | int | None = 100,
    items: int | None = None,
    bands: Iterable[tuple[str, Decimal]] = (),
    keys: Iterable[str] = (),
    caps: Mapping[str, Any] | None = None,
    process: Mapping[str, str] | None = None,
    legal: Iterable[str] = (),
    code: str = "set",
    standing: Mapping[str, Any] | None = None,
) -> Framework:
    """`areas` as nodes (see node_of), `items`: decimals that items are rounded to, `legal`: documents;
    `standing`: level, status, and the days that are assessed by it."""
    return Framework(
        code=code,
        version="1",
        total_points=None if total is None else to_scaled(total),
        decimals=2,
        item_decimals=items,
        tie_method=TieMethod.COMPETITION,
        tie_keys=tuple(keys),
        bands=tuple(Band(label, Decimal(percent)) for label, percent in bands),
        areas=tuple(node_of(**area) for area in areas),
        process=Process(**{step: Need(need) for step, need in (process or {}).items()}),
        caps=_caps(caps),
        legal_basis=tuple(map(LegalBasis, legal)),
        **_standing(**(standing or {})),
    )


def _standing(
    level: str | None = None, status: str | None = None, applies: Sequence[date] | None = None
) -> dict[str, Any]:
    return {
        "level": None if level is None else UnitKind(level),
        "status": status,
        "applies": None if applies is None else Applies(*applies),
    }


def _caps(caps: Mapping[str, Any] | None) -> Caps:
    return Caps(**{name: to_scaled(points) for name, points in (caps or {}).items()})


def node_of(
    code: str,
    max: Decimal | int | None = None,  # noqa: A002 - the word of the case files
    of: Iterable[Mapping[str, Any]] = (),
    source: str = "appraisal",
    rule: Mapping[str, Any] | None = None,
    reform_area: str | None = None,
    caps: Mapping[str, Any] | None = None,
    name: str | None = None,
    evidence: bool = False,
    legal: Iterable[str] = (),
) -> Node:
    """`of`: the nodes below."""
    children = tuple(node_of(**child) for child in of)
    return Node(
        code=code,
        name_vi=name or code,
        name_en=None,
        max_points=None if max is None else to_scaled(max),
        children=children,
        source=None if children else ItemSource(source),
        rule=None if children else rule_of(rule or {}),
        reform_area=None if reform_area is None else ReformArea(reform_area),
        evidence_required=evidence,
        on_no_data=NoData((rule or {}).get("on_no_data", "missing")),
        legal_basis=tuple(map(LegalBasis, legal)),
        caps=_caps(caps),
    )


def rule_of(rule: Mapping[str, Any]) -> Rule:
    """A rule as documents say it; nothing said is manual."""
    return mapped_rule(_RULE.validate_python(dict(rule)) if rule else None)


def entries_of(sheet: Mapping[str, Any]) -> Entries:
    """{item: {stage: said}}; said: points, `not applicable`, `withdrawn`. {item: said} is the stage final."""
    return {
        (item, stage): entry_of(said)
        for item, stages in sheet.items()
        for stage, said in (stages if isinstance(stages, Mapping) else {"final": stages}).items()
    }


def entry_of(said: Any) -> Entry:
    """Points, `not applicable`, or `withdrawn`."""
    if isinstance(said, str):
        return Entry(None, not_applicable={"not applicable": True, "withdrawn": False}[said])
    return Entry(to_scaled(said))


def said_of(entry: Entry) -> Decimal | str:
    """What an entry says, as entry_of reads it."""
    return "not applicable" if entry.points is None else from_scaled(entry.points)


@dataclass(frozen=True)
class Standing:
    """A unit to rank: scaled points and maximum, tie keys (ascending, best first), name key."""

    code: str
    points: int
    max_points: int
    tie_keys: tuple[object, ...] = ()
    name_key: tuple[object, ...] = ()


def line_up_standings(standings: Sequence[Standing]) -> Lineup:
    """Units as they follow among equals."""
    by_name = sorted(range(len(standings)), key=lambda i: (standings[i].name_key, standings[i].code))
    return line_up([s.tie_keys for s in standings], by_name)


def rank_standings(standings: Sequence[Standing], method: TieMethod) -> list[tuple[int | None, Standing]]:
    """(rank, standing) from the best to the last."""
    lineup = line_up_standings(standings)
    ranked = rank([(s.points, s.max_points) for s in standings], lineup, method)
    return [(place, standings[position]) for position, place in ranked]
