"""What holds for every input."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from functools import reduce
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.comparison import ChangeKind, compare
from app.core.composition import compose
from app.core.entry import Entry
from app.core.framework import Framework, walk
from app.core.index import UnitIndex, compute_index
from app.core.periods import parse_period
from app.core.ranking import order_key
from app.core.rollup import roll_up
from app.core.rounding import SCALE, divide_half_up, quantise
from app.core.types import TieMethod
from app.features.checks.mapping import check_counts
from tests.core.build import Entries, Standing, framework_of, rank_standings

checked = settings(max_examples=100, deadline=None)
CENT = SCALE // 100
NOT_APPLICABLE = Entry(None, not_applicable=True)


@st.composite
def frameworks(draw: st.DrawFn) -> Framework:
    """One to four areas of one to four items; maxima in hundredths, items rounded to any decimals."""
    sizes = st.lists(st.integers(1, 3000), min_size=1, max_size=4)
    areas = [
        {
            "code": f"{area}",
            "of": [{"code": f"{area}.{item}", "max": Decimal(m) / 100} for item, m in enumerate(maxima)],
        }
        for area, maxima in enumerate(draw(st.lists(sizes, min_size=1, max_size=4)))
    ]
    return framework_of(areas, items=draw(st.sampled_from([None, 0, 1, 2])))


def sheets(framework: Framework) -> st.SearchStrategy[Entries]:
    """Valid entries: missing, not applicable, or points from 0 to the maximum, in hundredths."""
    said = {
        (item.code, "final"): st.none()
        | st.just(NOT_APPLICABLE)
        | st.integers(0, (item.max_points or 0) // CENT).map(lambda cents: Entry(cents * CENT))
        for item in framework.items.values()
    }
    return st.fixed_dictionaries(said).map(lambda sheet: {key: e for key, e in sheet.items() if e})


def mirrored(framework: Framework) -> Framework:
    """The same set with areas and items in reverse."""
    areas = tuple(replace(area, children=area.children[::-1]) for area in reversed(framework.areas))
    return replace(framework, areas=areas)


def plain_sums(framework: Framework, sheet: Entries) -> tuple[int, int]:
    """(points, maximum) added item by item; no item is lifted above its maximum by rounding."""
    points = maximum = 0
    for item in framework.items.values():
        entry, most = sheet.get((item.code, "final")), item.max_points or 0
        if entry != NOT_APPLICABLE:
            maximum += most
            said = 0 if entry is None else entry.points or 0
            points += min(most, quantise(said, framework.item_decimals))
    return points, maximum


@checked
@given(st.data())
def test_the_total_is_the_sum_of_the_areas_in_any_order(data: st.DataObject) -> None:
    framework = data.draw(frameworks())
    sheet = data.draw(sheets(framework))
    shuffled = dict(data.draw(st.permutations(list(sheet.items()))))
    result = compute_index(framework, sheet)
    assert (result.total.points, result.total.max_points) == plain_sums(framework, sheet)
    assert compute_index(framework, shuffled) == result
    assert compute_index(mirrored(framework), shuffled) == UnitIndex(result.areas[::-1])


@checked
@given(st.data())
def test_an_index_lies_between_0_and_100(data: st.DataObject) -> None:
    framework = data.draw(frameworks())
    result = compute_index(framework, data.draw(sheets(framework)))
    for tally in [*result.areas, result.total]:
        assert 0 <= tally.points <= tally.max_points
        assert 0 <= tally.open_points <= tally.max_points - tally.points


def places(framework: Framework, units: Mapping[str, Entries], method: TieMethod) -> dict[str, int | None]:
    """Ranks by the index, then by the first area, then by name."""
    standings = []
    for unit, sheet in units.items():
        result = compute_index(framework, sheet)
        first, total = result.areas[0], result.total
        keys = (-order_key(first.points, first.max_points),)
        standings.append(Standing(unit, total.points, total.max_points, keys, (unit,)))
    return {standing.code: place for place, standing in rank_standings(standings, method)}


@checked
@given(st.data(), st.sampled_from(TieMethod))
def test_a_higher_score_never_lowers_the_rank(data: st.DataObject, method: TieMethod) -> None:
    framework = data.draw(frameworks())
    units = {unit: data.draw(sheets(framework)) for unit in "abcde"}
    unit, code = data.draw(st.sampled_from("abcde")), data.draw(st.sampled_from(list(framework.items)))
    key, most = (code, "final"), framework.items[code].max_points or 0
    before = units[unit].get(key, Entry(0))
    if before == NOT_APPLICABLE:
        before = Entry(0)
    low = units | {unit: units[unit] | {key: before}}
    cents = data.draw(st.integers((before.points or 0) // CENT, most // CENT))
    high = units | {unit: units[unit] | {key: Entry(cents * CENT)}}
    old, new = places(framework, low, method)[unit], places(framework, high, method)[unit]
    assert old is not None
    assert new is not None
    assert new <= old


POINTS, MAXIMA = st.integers(0, 10**15), st.integers(1, 10**15)


@checked
@given(POINTS, MAXIMA, st.integers(-3, 3), st.integers(-3, 3), st.integers(1, 10**4))
def test_the_order_key_orders_as_exact_fractions_do(
    points: int, maximum: int, more: int, larger: int, times: int
) -> None:
    """Against a neighbour, an equal quotient, and the quotient next to one half."""
    near = (max(0, points + more), max(1, maximum + larger))
    for a, b in [near, (points * times, maximum * times), (maximum, 2 * maximum - 1)]:
        ours, theirs = order_key(points, maximum), order_key(a, b)
        left, right = Fraction(points, maximum), Fraction(a, b)
        assert (ours > theirs, ours == theirs) == (left > right, left == right)


@checked
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6)), min_size=1, max_size=12))
def test_competition_and_dense_ranks_count_better_units(rows: list[tuple[int, int]]) -> None:
    standings = [Standing(str(n), points, maximum) for n, (points, maximum) in enumerate(rows)]
    exact = {s.code: Fraction(s.points, s.max_points) for s in standings if s.max_points}
    for method, values in [(TieMethod.COMPETITION, list), (TieMethod.DENSE, set)]:
        found = {s.code: place for place, s in rank_standings(standings, method)}
        assert found == {
            s.code: 1 + sum(v > exact[s.code] for v in values(exact.values())) if s.max_points else None
            for s in standings
        }
    ordinal = [place for place, _ in rank_standings(standings, TieMethod.ORDINAL) if place is not None]
    assert ordinal == list(range(1, len(exact) + 1))


Tree = tuple[dict[str, list[str]], dict[str, dict[str, int]]]


@st.composite
def reported_trees(draw: st.DrawFn) -> Tree:
    """A tree of up to 12 units, every one of which reports every column."""
    units = [str(n) for n in range(draw(st.integers(1, 12)))]
    children: dict[str, list[str]] = {}
    for n in range(1, len(units)):
        children.setdefault(units[draw(st.integers(0, n - 1))], []).append(units[n])
    counts = st.fixed_dictionaries({"received": st.integers(0, 10**12), "resolved": st.integers(0, 9)})
    return children, {unit: draw(counts) for unit in units}


@checked
@given(reported_trees())
def test_a_full_roll_up_is_the_plain_sum_in_any_order(tree: Tree) -> None:
    children, own = tree
    result = roll_up("0", children, own, {})
    assert roll_up("0", {parent: below[::-1] for parent, below in children.items()}, own, {}) == result
    assert result["0"].counts == {
        column: sum(counts[column] for counts in own.values()) for column in ("received", "resolved")
    }
    assert result["0"].known_in == {}
    assert result["0"].reported == result["0"].expected == result["0"].rows == len(own)


def _add(sums: dict[str, int], counts: Mapping[str, int]) -> dict[str, int]:
    return {column: sums[column] + counts[column] for column in sums.keys() & counts.keys()}


@checked
@given(reported_trees(), st.data())
def test_a_sum_knows_just_what_every_report_knows(tree: Tree, data: st.DataObject) -> None:
    children, full = tree
    columns = st.sets(st.sampled_from(["received", "resolved"]))
    reports: Any = {unit: data.draw(st.none() | columns, label=unit) for unit in full}
    own = {u: {c: full[u][c] for c in known} for u, known in reports.items() if known is not None}
    result = roll_up("0", children, own, {})["0"]
    assert result == roll_up("0", {p: below[::-1] for p, below in children.items()}, own, {})["0"]
    assert result.counts == (reduce(_add, own.values()) if own else {})
    assert (result.reported, result.expected) == (len(own), len(full))


DAYS = st.dates(date(1, 1, 1), date(9998, 12, 31))


@checked
@given(DAYS, DAYS, st.sampled_from(["/", "--"]))
def test_periods_round_trip(one: date, other: date, separator: str) -> None:
    start, end = sorted([one, other])
    period = parse_period(f"{start}{separator}{end}")
    assert (period.start, period.end) == (start, end)
    assert parse_period(period.text) == parse_period(period.text.replace("/", "--")) == period


@checked
@given(
    st.integers(1, 9998),
    st.sampled_from(["", *(f"-H{n}" for n in (1, 2)), "-Q1", "-Q2", "-Q3", "-Q4", "-02", "-12"]),
)
def test_a_period_has_one_name(year: int, suffix: str) -> None:
    label = parse_period(f"{year:04}{suffix}")
    assert label.text == f"{year:04}{suffix}"
    assert parse_period(f"{label.start}/{label.end}") == label


@checked
@given(st.integers(-(10**20), 10**20), st.integers(1, 10**15), st.integers(0, 10))
def test_rounding_is_decimal_half_up(numerator: int, denominator: int, decimals: int) -> None:
    """In 120 digits no quotient that is not a half looks like one."""
    with localcontext(prec=120):
        for top, bottom in [(numerator, denominator), (2 * numerator + 1, 2)]:
            exact = Decimal(top) / Decimal(bottom)
            whole = exact.quantize(Decimal(1), ROUND_HALF_UP)
            assert divide_half_up(top, bottom) == whole
            kept = (exact / SCALE).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
            assert quantise(top, decimals, bottom) == kept * SCALE


@st.composite
def versions(draw: st.DrawFn) -> Framework:
    """Areas with criteria of few codes and few names, so that they meet again in another version."""
    codes = draw(st.permutations("abcdefgh"))[: draw(st.integers(1, 8))]
    nodes = [
        {
            "code": code,
            "name": draw(st.sampled_from(["Thể chế", "Bộ máy", "bo may", "Công vụ", "Tài chính"])),
            "max": draw(st.none() | st.integers(1, 3)),
            "source": draw(st.sampled_from(["appraisal", "survey"])),
        }
        for code in codes
    ]
    first = draw(st.integers(0, len(nodes) - 1))
    above: dict[str, Any] = nodes[0] | {"of": nodes[1 : first + 1]}
    return framework_of([above, *nodes[first + 1 :]], total=draw(st.sampled_from([None, 10])))


@checked
@given(versions(), versions())
def test_a_comparison_backwards_says_the_opposite(old: Framework, new: Framework) -> None:
    """What is added from one version to the other is removed on the way back, and so for every change."""
    opposite = {ChangeKind.ADDED: ChangeKind.REMOVED, ChangeKind.REMOVED: ChangeKind.ADDED}
    there = [(c.kind, c.pointer_from, c.pointer_to, c.old, c.new) for c in compare(old, new)]
    back = [
        (opposite.get(c.kind, c.kind), c.pointer_to, c.pointer_from, c.new, c.old) for c in compare(new, old)
    ]
    assert sorted(map(repr, there)) == sorted(map(repr, back))


@checked
@given(versions(), versions())
def test_every_node_is_kept_added_or_removed(old: Framework, new: Framework) -> None:
    assert compare(old, old) == []
    kinds = [change.kind for change in compare(old, new)]
    kept = {len(list(walk(old))) - kinds.count(ChangeKind.REMOVED)}
    assert kept == {len(list(walk(new))) - kinds.count(ChangeKind.ADDED)}


MONTHS = [f"2021-{month:02}" for month in range(1, 13)]


@st.composite
def years(draw: st.DrawFn) -> dict[str, dict[str, int]]:
    """Twelve months of a unit that counts rightly: what is pending is carried over, every identity holds."""
    months = {}
    carried_over = draw(st.integers(0, 100))
    for month in MONTHS:
        online, direct, resolved = (draw(st.integers(0, 1000)) for _ in range(3))
        received = online + direct + carried_over
        resolved = min(resolved, received)
        months[month] = {
            "received_online": online,
            "received_direct": direct,
            "carried_over": carried_over,
            "received": received,
            "resolved": resolved,
            "pending": received - resolved,
        }
        carried_over = received - resolved
    return months


@checked
@given(years())
def test_a_year_of_right_months_is_right(months: dict[str, dict[str, int]]) -> None:
    year = compose(parse_period("2021"), months)
    assert year is not None
    assert check_counts(year.counts) == []
    assert year.counts["resolved"] == sum(month["resolved"] for month in months.values())
    assert year.counts["carried_over"] == months["2021-01"]["carried_over"]
    assert year.counts["pending"] == months["2021-12"]["pending"]


@checked
@given(years(), st.sets(st.sampled_from(["2021-Q1", "2021-Q2", "2021-H2", "2021-Q4"])))
def test_a_year_is_the_same_over_whatever_parts(months: dict[str, dict[str, int]], parts: set[str]) -> None:
    whole = compose(parse_period("2021"), months)
    composed = {part: compose(parse_period(part), months) for part in parts}
    assert whole is not None
    figures = months | {part: dict(found.counts) for part, found in composed.items() if found}
    mixed = compose(parse_period("2021"), figures)
    assert mixed is not None
    assert (mixed.counts, mixed.months, mixed.differences) == (whole.counts, 12, ())


@checked
@given(years(), st.sets(st.sampled_from(MONTHS), min_size=1, max_size=11))
def test_a_year_that_lacks_a_month_is_not_composed(months: dict[str, dict[str, int]], gaps: set[str]) -> None:
    year = compose(parse_period("2021"), {name: m for name, m in months.items() if name not in gaps})
    assert year is not None
    named = {month for period in year.missing for month in MONTHS if within(month, period)}
    assert (year.counts, named, year.months) == ({}, gaps, 12 - len(gaps))


def within(month: str, period: str) -> bool:
    inner, outer = parse_period(month), parse_period(period)
    return outer.start <= inner.start and inner.end <= outer.end
