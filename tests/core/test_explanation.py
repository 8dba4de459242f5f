"""An explanation adds up to the index, and its arithmetic to the points, for every input."""

import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from app.core.entry import Entry
from app.core.explanation.arithmetic import arithmetic_of
from app.core.explanation.trace import NodeStatus, Traced, trace_index
from app.core.framework import Caps, Framework
from app.core.index import compute_index
from app.core.ratio import Ratio
from app.core.rounding import SCALE, to_scaled
from app.core.rules import Inputs, Measured, Proportional, score_rule
from app.core.types import NoData
from tests.core.build import Entries, framework_of
from tests.core.test_properties import CENT, NOT_APPLICABLE, checked

CAPS = st.none() | st.integers(0, 300).map(lambda cents: cents * CENT)
KINDS = st.sampled_from(["manual", "manual", "manual", "bonus", "penalty"])


@st.composite
def frameworks(draw: st.DrawFn) -> Framework:
    """Areas of criteria of items; unknown maxima, points beside the scale, and caps anywhere."""
    areas = []
    for area in range(draw(st.integers(1, 3))):
        criteria = []
        for criterion in range(draw(st.integers(1, 3))):
            kinds = draw(st.lists(KINDS, min_size=1, max_size=4))
            items = [
                {"code": f"{area}.{criterion}.{i}", "max": draw(st.integers(1, 500)), "rule": {"kind": kind}}
                for i, kind in enumerate(kinds)
            ]
            known = sum(i["max"] for i, kind in zip(items, kinds, strict=True) if kind == "manual")
            unknown = draw(st.booleans()) and len([k for k in kinds if k == "manual"]) > 1
            if unknown:
                items = [
                    i | ({"max": None} if k == "manual" else {}) for i, k in zip(items, kinds, strict=True)
                ]
            criteria.append({"code": f"{area}.{criterion}", "max": known, "of": items})
        areas.append({"code": f"{area}", "of": criteria})
    total = sum(c["max"] for a in areas for c in a["of"])
    made = framework_of(areas, total=total, items=draw(st.sampled_from([None, 0, 1])))
    capped = tuple(replace(area, caps=Caps(draw(CAPS), draw(CAPS))) for area in made.areas)
    return replace(made, areas=capped, caps=Caps(draw(CAPS), draw(CAPS)))


def sheets(framework: Framework) -> st.SearchStrategy[Entries]:
    """Nothing, not applicable, or points up to the maximum (of its pool), in hundredths."""
    said = {
        (item.code, "final"): st.none()
        | st.just(NOT_APPLICABLE)
        | st.integers(0, framework.pools[item.pool].max_points // CENT).map(lambda c: Entry(c * CENT))
        for item in framework.items.values()
    }
    return st.fixed_dictionaries(said).map(lambda sheet: {key: e for key, e in sheet.items() if e})


@checked
@given(st.data())
def test_the_tree_adds_up_to_the_index(data: st.DataObject) -> None:
    framework = data.draw(frameworks())
    sheet = data.draw(sheets(framework))
    index, traced = compute_index(framework, sheet), trace_index(framework, sheet, final=True)
    assert traced.points == index.total.points
    assert (traced.max_points, traced.open_points) == (index.total.max_points, index.total.open_points)
    for area, tally in zip(traced.children, index.areas, strict=True):
        assert (area.points, area.max_points, area.open_points) == (
            tally.points,
            tally.max_points,
            tally.open_points,
        )


def leaves(traced: Traced) -> list[Traced]:
    return [leaf for child in traced.children for leaf in leaves(child)] if traced.children else [traced]


@checked
@given(st.data())
def test_without_caps_and_shared_maxima_the_items_add_up_alone(data: st.DataObject) -> None:
    areas = [{"code": str(a), "of": [{"code": f"{a}.{i}", "max": 10} for i in range(3)]} for a in range(3)]
    framework = framework_of(areas, total=90)
    sheet = data.draw(sheets(framework))
    traced = trace_index(framework, sheet, final=True)
    assert sum(leaf.points for leaf in leaves(traced)) == traced.points
    assert sum(leaf.max_points for leaf in leaves(traced)) == traced.max_points
    lost = [leaf.lost_points or 0 for leaf in leaves(traced)]
    assert traced.points + sum(lost) + traced.open_points == traced.max_points


def value_of(text: str) -> Fraction:
    """What `a / b x c / d %` comes to, from left to right."""
    tokens = re.findall(r"[\d.]+ %|[\d.]+|[x/]", text)
    numbers = [
        Fraction(t.removesuffix(" %")) / (100 if t.endswith("%") else 1)
        for t in tokens
        if t not in ("x", "/")
    ]
    value = numbers[0]
    for sign, number in zip((t for t in tokens if t in ("x", "/")), numbers[1:], strict=True):
        value = value * number if sign == "x" else value / number
    return value


RATES = st.builds(Ratio, st.integers(0, 10**6), st.integers(1, 10**6))


@checked
@given(RATES, st.integers(1, 2000), st.integers(1, 100))
def test_whoever_does_the_arithmetic_again_gets_the_points(rate: Ratio, quarters: int, full_at: int) -> None:
    maximum = to_scaled(Decimal(quarters) / 4)
    for rule in (Measured("measure:m"), Proportional("measure:m", Decimal(full_at))):
        inputs = Inputs({"measure:m": rate})
        entry = score_rule(rule, NoData.MISSING, inputs, maximum, None)
        assert entry is not None
        text = arithmetic_of(rule, inputs, maximum, entry)
        left, _, shown = text.partition(" = ")
        if ">=" in text:
            assert entry.points == maximum
            continue
        exact = value_of(left)
        assert entry.points == min(maximum, round_half_up(exact * SCALE))
        assert Fraction(shown.split(" -> ")[0]) == Fraction(round_half_up(exact * 10**4), 10**4)


def round_half_up(value: Fraction) -> int:
    return (value.numerator * 2 + value.denominator) // (value.denominator * 2)


def test_statuses_are_as_weak_as_the_weakest_below() -> None:
    areas = [{"code": "a", "of": [{"code": "a.1", "max": 5}, {"code": "a.2", "max": 5}]}]
    framework = framework_of(areas, total=10)

    def status(**said: dict[str, Entry]) -> NodeStatus:
        entries = {(f"a.{item[1]}", stage): e for item, stages in said.items() for stage, e in stages.items()}
        return trace_index(framework, entries, final=False).status

    five = Entry(5 * SCALE)
    assert status() is NodeStatus.MISSING
    assert status(i1={"appraisal": five}) is NodeStatus.MISSING
    assert status(i1={"appraisal": five}, i2={"self": five}) is NodeStatus.AWAITING_APPRAISAL
    assert status(i1={"appraisal": five}, i2={"final_appraisal": five}) is NodeStatus.ESTIMATED
    assert status(i1={"final": NOT_APPLICABLE}, i2={"appraisal": five}) is NodeStatus.ESTIMATED
    assert status(i1={"final": NOT_APPLICABLE}, i2={"final": NOT_APPLICABLE}) is NodeStatus.NOT_APPLICABLE
    approved = trace_index(framework, {("a.1", "self"): five, ("a.2", "self"): five}, final=True)
    assert approved.status is NodeStatus.FINAL
