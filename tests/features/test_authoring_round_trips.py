"""A criteria set is the same set as a workbook, as YAML and as JSON: nothing is lost on the way."""

from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any, get_args

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.statistics import COLUMNS, RATES
from app.core.types import ItemSource, Need, NoData, ReformArea, TieMethod, UnitKind
from app.features.authoring.schemas import BAND_FIELDS, FORMS, LAW_FIELDS, NODE_FIELDS, SET_FIELDS
from app.features.authoring.service import make_template, make_workbook, read_workbook
from app.features.frameworks.rule_schemas import ConditionDocument, RuleDocument, StepDocument, TierDocument
from app.features.frameworks.schemas import (
    Applies,
    AreaDocument,
    BandDocument,
    CapsDocument,
    FrameworkDocument,
    LegalBasis,
    ProcessDocument,
    Rounding,
    Ties,
)
from app.infra.documents import read_file, read_yaml, validated, write_yaml

DATA = files("app.data")
SHIPPED = {path.name: path for path in DATA.joinpath("frameworks").iterdir() if path.name.endswith(".yaml")}
SHIPPED["template"] = DATA.joinpath("framework-template.yaml")
KINDS = {
    *("manual", "binary", "options", "checklist", "measure", "bands", "proportional", "complement"),
    *("conjunction", "deduction", "mean_per_dossier", "survey", "bonus", "penalty"),
}


def plain(document: FrameworkDocument) -> dict[str, Any]:
    """A document as JSON has it."""
    data: dict[str, Any] = orjson.loads(orjson.dumps(document.model_dump(by_alias=True), default=float))
    return data


def check_round_trip(document: FrameworkDocument) -> None:
    """Workbook and YAML, in any order, say the same document; the same document makes the same bytes."""
    workbook = make_workbook(document)
    from_cells = FrameworkDocument.model_validate(read_workbook(workbook)[0])
    assert from_cells == document
    assert plain(from_cells) == plain(document)
    from_text = validated(FrameworkDocument, read_yaml(write_yaml(plain(from_cells))))
    assert from_text == document
    assert make_workbook(from_text) == workbook


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_survives(name: str) -> None:
    check_round_trip(validated(FrameworkDocument, read_file(SHIPPED[name])))


def test_the_template_shows_every_kind_of_rule() -> None:
    document = FrameworkDocument.model_validate(read_workbook(make_template())[0])
    assert document == validated(FrameworkDocument, read_file(SHIPPED["template"]))
    nodes = [node for area in document.areas for c in area.criteria for node in (c, *c.sub_criteria)]
    assert {node.rule.kind for node in nodes if node.rule} == KINDS


def members(model: Any, *left_out: str) -> set[str]:
    """Names of the members of a schema, as documents have them."""
    return {field.alias or name for name, field in model.model_fields.items()} - set(left_out)


def test_every_member_of_a_document_has_its_cell() -> None:
    """A member that is added to documents, and to no sheet, would be lost."""
    inner = {
        "caps": CapsDocument,
        "applies": Applies,
        "rounding": Rounding,
        "ties": Ties,
        "process": ProcessDocument,
    }
    caps = {f"caps/{name}" for name in members(CapsDocument)}
    of_set = members(FrameworkDocument, *inner, "bands", "legal_basis", "areas")
    of_set |= {f"{name}/{part}" for name, model in inner.items() for part in members(model)}
    assert {field.member for field in SET_FIELDS} == of_set
    of_node = members(AreaDocument, "caps", "rule", "legal_basis", "criteria") | caps | {"level"}
    assert {field.member for field in NODE_FIELDS} == of_node
    assert {field.member for field in LAW_FIELDS} == members(LegalBasis) | {"code"}
    assert {field.member for field in BAND_FIELDS} == members(BandDocument) | {"to", "below"}
    assert set(FORMS) == KINDS
    for rule in get_args(get_args(RuleDocument)[0]):
        form = FORMS[get_args(rule.model_fields["kind"].annotation)[0]]
        said = {name.removesuffix("?") for name in form.once} | {form.member} - {None} | {"kind"}
        assert said == members(rule), rule
        each = {name.removesuffix("?") for name in form.each}
        match form.member:
            case "steps":
                assert each == members(StepDocument) | {"to", "below"}
            case "tiers":
                assert each == members(TierDocument, "all") | members(ConditionDocument) | {"tier"}
            case None | "rates":
                assert each <= {"rate"}
            case part:
                assert each == members(get_args(rule.model_fields[part].annotation)[0])


ODD_TEXTS = (
    "=1+1",
    "+84",
    "-",
    "@name",
    "<r>x</r>",
    "_x0041_",
    "TRUE",
    "0,25",
    "1.10",
    "2020-12-30",
    "70 %",
    "1e5",
    "010",
    "0x1F",
    "1_000",
    "1:30",
    "no",
    "~",
)
CHARACTERS = st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
TEXTS = st.sampled_from(ODD_TEXTS) | st.text(
    CHARACTERS | st.sampled_from("\n\t"), min_size=1, max_size=30
).filter(str.strip)
POINTS = st.integers(0, 10**9).map(lambda n: Decimal(n) / 10_000)
POSITIVE = st.integers(1, 10**9).map(lambda n: Decimal(n) / 10_000)
PERCENTS = st.sampled_from((Decimal("0.7"), Decimal(1), Decimal(70))) | st.integers(0, 10**6).map(
    lambda n: Decimal(n) / 10_000
)
DAYS = st.sampled_from((date(1900, 1, 1), date(1900, 2, 28), date(1900, 3, 1))) | st.dates(
    date(1900, 1, 1), date(9998, 12, 31)
)
LAST_DAY = st.just(date(9998, 12, 31))
CODES = st.sampled_from(
    ("1e5", "010", "1.10", "no", "null", "1_000", "1.2.3-4", "2020-12-30", "0x1F")
) | st.from_regex(r"\A\.{0,2}[A-Za-z0-9_-][A-Za-z0-9._-]{0,20}\Z")
MEASURES = CODES.map(lambda code: f"measure:{code}")
FIGURES = (
    MEASURES
    | MEASURES.map(lambda m: f"{m}/numerator")
    | st.sampled_from(COLUMNS).map(lambda c: f"dossier:{c}")
)
SUMS = st.fixed_dictionaries(
    {"plus": st.lists(FIGURES, min_size=1, max_size=3), "minus": st.lists(FIGURES, max_size=2)}
)
RATE = (
    MEASURES
    | st.sampled_from(list(RATES)).map(lambda name: f"dossier:{name}")
    | st.fixed_dictionaries({"numerator": SUMS, "denominator": SUMS})
)
NO_DATA = {"on_no_data": st.sampled_from(NoData)}
SCALE = {"full_at": POSITIVE.map(lambda n: min(n, Decimal(100))), "floor": PERCENTS, **NO_DATA}
BOUND = st.sampled_from(("from", "above", "to", "below"))


def record(required: dict[str, Any], optional: dict[str, Any] | None = None) -> st.SearchStrategy[Any]:
    """Members that are there, and members that may be."""
    return st.fixed_dictionaries(required, optional=optional or {})


def some(part: st.SearchStrategy[Any], least: int = 2) -> st.SearchStrategy[list[Any]]:
    """A few parts of a rule."""
    return st.lists(part, min_size=least, max_size=4)


CHOICE = record({"label_vi": TEXTS, "points": POINTS})
STEP = record({"from": PERCENTS, "points": POINTS}) | record({"above": PERCENTS, "points": POINTS})
CONDITION = st.builds(
    lambda subject, bounds: subject | bounds,
    record({"rate": RATE}) | record({"figure": FIGURES}),
    st.dictionaries(BOUND, POINTS, min_size=1),
)
TIER = record({"points": POINTS, "all": some(CONDITION, 1)}, {"label_vi": TEXTS})
EXTRA = record({"figure": FIGURES, "per_event": POSITIVE}) | record({}, {"per_event": POSITIVE})
RULES = {
    "manual": record({}, {"step": POSITIVE}),
    "binary": record({}),
    "options": record({"options": some(CHOICE)}),
    "checklist": record({"parts": some(CHOICE, 1)}),
    "measure": record({"rate": RATE}, NO_DATA),
    "bands": record({"rate": RATE, "steps": some(STEP, 1)}, NO_DATA),
    "proportional": record({"rate": RATE}, SCALE),
    "complement": record({"rates": some(RATE, 1)}, SCALE),
    "conjunction": record({"tiers": some(TIER, 1)}),
    "deduction": record({"figure": FIGURES, "per_event": POSITIVE}),
    "mean_per_dossier": record({"scores": some(record({"points": POINTS, "figure": FIGURES}))}, NO_DATA),
    "survey": record(
        {"answers": some(record({"percent": PERCENTS, "figure": FIGURES}, {"label_vi": TEXTS}))}, NO_DATA
    ),
    "bonus": EXTRA,
    "penalty": EXTRA,
}
RULE = st.sampled_from(sorted(RULES)).flatmap(
    lambda kind: RULES[kind].map(lambda rule: {"kind": kind, **rule})
)
CITATION = record(
    {"document": TEXTS},
    {
        **dict.fromkeys(("number", "article", "clause"), TEXTS),
        "url": st.sampled_from(("https://vanban.example.vn/=1?a=b&c", "http://a")),
        **dict.fromkeys(("issued_on", "valid_from"), DAYS),
        "valid_to": LAST_DAY,
    },
)
CAPS = record({"bonus": st.none() | POINTS, "penalty": st.none() | POINTS})
NODE = {
    "name_en": TEXTS,
    "source": st.sampled_from(ItemSource),
    "rule": RULE,
    "evidence_required": st.just(True),
    "points_rule_basis": st.sampled_from(("stated", "inferred")),
    "note_vi": TEXTS,
    "legal_basis": st.lists(CITATION, max_size=2),
}
AREA = {**NODE, "caps": CAPS}


@st.composite
def documents(draw: st.DrawFn) -> FrameworkDocument:
    """Any document of the right shape, with codes of its own; its sums need not be right."""
    count = 0

    def node(optional: dict[str, Any], **more: Any) -> dict[str, Any]:
        nonlocal count
        count += 1
        said = draw(record({"name_vi": TEXTS, "max_points": st.none() | POINTS}, optional))
        return {"code": f"{draw(CODES)}.{count}", **said, **more}

    def level(below: list[str], shape: dict[str, Any], most: int) -> list[dict[str, Any]]:
        nodes = []
        for _ in range(draw(st.integers(int(not count), most))):
            of_area = {"reform_area": draw(st.none() | st.sampled_from(ReformArea))} if shape is AREA else {}
            made = node(shape, **of_area)
            nodes.append(made | ({below[0]: level(below[1:], NODE, 2)} if below else {}))
        return nodes

    said = draw(
        record(
            {
                "code": CODES,
                "version": CODES,
                "title_vi": TEXTS,
                "level": st.sampled_from(UnitKind),
                "status": st.sampled_from(("official", "official_partial", "illustrative")),
                "total_points": st.none() | POSITIVE,
                "applies": record({"from": DAYS}, {"to": LAST_DAY}),
            },
            {
                "title_en": TEXTS,
                "derived_from": st.builds("{}@{}".format, CODES, CODES),
                "caps": CAPS,
                "rounding": record({"decimals": st.integers(0, 4), "items": st.none() | st.integers(0, 10)}),
                "ties": record(
                    {
                        "method": st.sampled_from(TieMethod),
                        "keys": st.lists(CODES.map(lambda code: f"area:{code}"), max_size=3),
                    }
                ),
                "bands": some(record({"label_vi": st.none() | TEXTS, "from": PERCENTS}), 0),
                "process": record(dict.fromkeys(("explanation", "final_appraisal"), st.sampled_from(Need))),
                "legal_basis": st.lists(CITATION, max_size=2),
                "sources": st.lists(TEXTS, max_size=3),
                "notes_vi": TEXTS,
            },
        )
    )
    return FrameworkDocument.model_validate(said | {"areas": level(["criteria", "sub_criteria"], AREA, 2)})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_whatever_can_be_said_survives(document: FrameworkDocument) -> None:
    check_round_trip(document)


AROUND = {
    "code": "c",
    "version": "1",
    "title_vi": "T",
    "level": "other",
    "status": "illustrative",
    "total_points": 1,
    "applies": {"from": "2020-01-01"},
}
ITEM = {"code": "1", "name_vi": "A", "reform_area": None, "max_points": 1}


@pytest.mark.parametrize("kind", sorted(RULES))
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_every_kind_of_rule_survives(kind: str, data: st.DataObject) -> None:
    rule = {"kind": kind, **data.draw(RULES[kind])}
    check_round_trip(FrameworkDocument.model_validate(AROUND | {"areas": [ITEM | {"rule": rule}]}))
