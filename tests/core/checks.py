"""What a case may ask: (input, expected) -> the answer of the core, as plain data."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, zip_longest
from typing import Any

from app.core.access import parse_grant
from app.core.comparison import Change, compare
from app.core.composition import compose
from app.core.composition import periods_before as before
from app.core.duties import Duty, assess_duty, overdue_counts
from app.core.errors import InvalidPeriodError
from app.core.fields import combine_fields
from app.core.framework import unbounded_items
from app.core.framework_check import check_framework
from app.core.index import Tally, band_of, compute_index, rests_on_self_scores, sum_reform_areas
from app.core.lineage import Lineage, Step, Version
from app.core.outliers import modified_z
from app.core.periods import parse_period
from app.core.ratio import Ratio
from app.core.rollup import RolledUp, roll_up
from app.core.rounding import (
    as_number,
    divide_half_up,
    exact_points,
    from_scaled,
    percent_number,
    points_number,
    quantise,
    quotient_text,
    to_scaled,
)
from app.core.rules import Inputs
from app.core.scoring import (
    counting_stage,
    effective_entry,
    needs_reason,
    removed_points,
    writable_stages,
)
from app.core.statistics import compute_rates, derive_counts, refuse_counts
from app.core.types import ItemSource, RoundState, Stage, UnitKind
from app.core.units import Placement, check_placement
from app.core.validation import Finding, Past, Subject, check
from app.core.vietnamese import fold, sort_key
from app.features.checks.mapping import check_counts, shipped
from tests.core.build import entries_of, entry_of, framework_of, said_of
from tests.core.intake_checks import INTAKE_CHECKS
from tests.core.plain import plain
from tests.core.ranking_checks import RANKING_CHECKS
from tests.core.rule_checks import (
    choices,
    computed_points,
    explained,
    given_points,
    shipped_choices,
    shipped_index,
    shipped_points,
    united,
)


def _json(number: float | None) -> Decimal | None:
    """The digits that JSON would carry."""
    return None if number is None else Decimal(repr(number))


def effective(given: Any, _: Any) -> Any:
    """Sheets of one item -> [stage that counts, points], null where nothing does."""
    framework = framework_of([{"code": "1", "max": 10, "source": given["source"]}], 10)
    item, found = framework.items["1"], []
    for sheet in given["sheets"]:
        entries = entries_of({"1": sheet})
        stage, entry = counting_stage(item, entries), effective_entry(item, entries)
        found.append(None if entry is None else [stage, said_of(entry)])
    return found


def writable(given: Any, expected: Any) -> Any:
    """State of the round -> stages that people may write for an item of each source."""
    found = {}
    for state in expected:
        stages = {source: writable_stages(ItemSource(source), RoundState(state)) for source in given}
        found[state] = {source: sorted(allowed) for source, allowed in stages.items()}
    return found


def reasons(given: Any, _: Any) -> Any:
    """State, and [source, stage] -> whether a reason must be given."""
    items = {
        source: framework_of([{"code": "1", "max": 10, "source": source}], 10).items["1"]
        for source in ("appraisal", "survey", "statistic")
    }
    state = RoundState(given["state"])
    return [needs_reason(items[source], Stage(stage), state) for source, stage in given["rows"]]


def removed(given: Any, _: Any) -> Any:
    """Stage, what is written, and what stands -> points that are taken away from an item of a kind."""
    judged = {Stage(stage): entry_of(said) for stage, said in given["standing"].items()}
    item = {"code": "1", "max": 10, "rule": {"kind": given.get("kind", "manual")}}
    framework = framework_of([item], total=0 if given.get("kind") else 10)
    written = entry_of(given["written"])
    return from_scaled(removed_points(framework.items["1"], Stage(given["stage"]), written, judged))


def index(given: Any, expected: Any) -> Any:
    """Sheet -> what the case asks for of points, maximum, open points, percent, band, areas."""
    framework, entries = framework_of(**given["framework"]), entries_of(given["sheet"])
    result = compute_index(framework, entries)
    total = result.total
    answer = {
        **_tally(total),
        "band": band_of(framework, total.points, total.max_points),
        "areas": [from_scaled(tally.points) for tally in result.areas],
        "reform_areas": {
            area.value: [from_scaled(tally.points), from_scaled(tally.max_points)]
            for area, tally in sum_reform_areas(framework, result).items()
        },
        "self_scores_only": rests_on_self_scores(framework, entries),
    }
    return {key: answer[key] for key in expected}


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "points": from_scaled(tally.points),
        "max_points": from_scaled(tally.max_points),
        "open_points": from_scaled(tally.open_points),
        "percent": _json(percent_number(tally.points, tally.max_points, 2)),
    }


def totals(given: Any, _: Any) -> Any:
    """Sheets of several units -> their index percentages."""
    framework = framework_of(**given["framework"])
    sums = {unit: compute_index(framework, entries_of(sheet)).total for unit, sheet in given["units"].items()}
    return {unit: _json(percent_number(t.points, t.max_points, 2)) for unit, t in sums.items()}


def dossiers(given: Any, expected: Any) -> Any:
    """Counts -> what the case asks for of faults, warnings, derived counts and rates."""
    rates = compute_rates(given)
    answer = {
        "refused": [
            f"{f.pointer} > {f.params['whole']}" if f.params else f.code for f in refuse_counts(given)
        ],
        "warnings": [_warning(f) for f in check_counts(given)],
        "derived": derive_counts(given),
        "rates": {
            name: None if r is None else _json(percent_number(r.numerator, r.denominator, 2))
            for name, r in rates.items()
        },
    }
    return {key: answer[key] for key in expected}


def _warning(fault: Finding) -> str:
    if "difference" not in fault.params:
        return fault.code
    return f"{fault.code}: {fault.params['whole']} - ({fault.params['parts']}) = {fault.params['difference']}"


def rolled(given: Any, expected: Any) -> Any:
    """Tree with `own` and `total` rows -> the fields that the case asks for, by unit."""
    found = roll_up(given["root"], given["children"], given.get("own", {}), given.get("total", {}))
    return {
        unit: {field: _field(found[unit], field) for field in fields} for unit, fields in expected.items()
    }


def _field(result: RolledUp, field: str) -> Any:
    if field == "differences":
        return [[d.unit, d.column, d.total - d.parts] for d in result.differences]
    if field == "rates":
        rates = compute_rates(result.counts)
        return {name: _json(percent_number(r.numerator, r.denominator, 2)) for name, r in rates.items() if r}
    return getattr(result, field)


def fields(given: Any, _: Any) -> Any:
    """Field -> counts: what they come to together."""
    found = combine_fields(given)
    differences = [[d.column, d.whole - d.parts] for d in found.differences]
    return {**found._asdict(), "differences": differences}


def composed(given: Any, expected: Any) -> Any:
    """Period and the figures of its parts -> what the case asks for of the whole."""
    found = compose(parse_period(str(given["period"])), {str(k): v for k, v in given["figures"].items()})
    if found is None:
        return None
    differences = [[d.period, d.column, d.whole - d.parts] for d in found.differences]
    listed = {name: list(getattr(found, name)) for name in ("parts", "missing", "left_out")}
    answer = {**found._asdict(), **listed, "differences": differences}
    return {key: answer[key] for key in expected}


def periods_before(given: Any, _: Any) -> Any:
    """Periods -> those that end on the day before."""
    return [[found.text for found in before(parse_period(text))] for text in given]


def origins(given: Any, _: Any) -> Any:
    """Version of a unit -> the units that it came from, and those that were split; where versions are given,
    also the codes that were other units, and whether it was one unit all along."""
    steps = [Step(*step) for step in given["steps"]]
    versions = [Version(*version, "P") for version in given.get("versions", ())]
    found = Lineage(steps, versions).origins(tuple(given["unit"]), given["day"])
    told = [list(codes) for codes in found[:3]]
    return [*told, found.is_same] if versions else told[:2]


def findings(given: Any, _: Any) -> Any:
    """Counts, and what they are compared with -> what the rules say."""
    past = [Past("past", counts, 1) for counts in given.get("history", ())]
    before = [Past("before", given["before"], 1)] if "before" in given else []
    days = {name: given.get(name) for name in ("extracted_on", "recorded_on", "ended_on")}
    subject = Subject(given["counts"], 1, before, past, given.get("peers", ()), **days)
    found = check(shipped().rules.values(), subject)
    return [f"{f.rule.code} {f.code}: {' '.join(f.columns)}" for f in found]


def scores(given: Any, _: Any) -> Any:
    """[value, others] -> [median, modified z-score at 4 decimals]."""
    found = [modified_z(Fraction(value), [Fraction(other) for other in others]) for value, others in given]
    return [[f.median, None if f.score is None else Decimal(str(round(float(f.score), 4)))] for f in found]


def rolled_chain(given: Any, _: Any) -> Any:
    """Each unit has one child; every one reports the same counts."""
    units = [str(number) for number in range(given["levels"])]
    children = {unit: [below] for unit, below in pairwise(units)}
    result = roll_up("0", children, dict.fromkeys(units, given["each"]), {})["0"]
    return {"counts": result.counts, "reported": result.reported, "expected": result.expected}


def periods(given: Any, _: Any) -> Any:
    """Texts -> "canonical text, first day, last day"; null where it is no period."""
    return [_period(text) for text in given]


def _period(text: str) -> str | None:
    try:
        period = parse_period(text)
    except InvalidPeriodError:
        return None
    return f"{period.text} {period.start} {period.end}"


def grants(given: Any, _: Any) -> Any:
    """Texts -> "scope unit group", with - for none and * before what is over everything; null is no grant."""
    return [_grant(text) for text in given]


def _grant(text: str) -> str | None:
    try:
        grant = parse_grant(text)
    except ValueError:
        return None
    assert str(grant) == text
    return f"{'* ' * grant.everywhere}{grant.scope} {grant.unit or '-'} {grant.group or '-'}"


def half_up(given: Any, _: Any) -> Any:
    """[numerator, denominator] -> whole number."""
    return [divide_half_up(*pair) for pair in given]


def scaled(given: Any, _: Any) -> Any:
    """Points -> [10^-10 points, points again as text]."""
    return [[to_scaled(points), str(from_scaled(to_scaled(points)))] for points in given]


def exact(given: Any, _: Any) -> Any:
    """Points -> all their digits as text."""
    return [exact_points(to_scaled(points)) for points in given]


def quantised(given: Any, _: Any) -> Any:
    """[points, decimals] -> points."""
    return [from_scaled(quantise(to_scaled(points), decimals)) for points, decimals in given]


def numbers(given: Any, _: Any) -> Any:
    """[numerator, denominator, decimals] -> digits of the JSON number."""
    return [_json(as_number(*row)) for row in given]


def quotients(given: Any, _: Any) -> Any:
    """[numerator, denominator, decimals] -> text."""
    return [quotient_text(*row) for row in given]


def sums_shown(given: Any, _: Any) -> Any:
    """Lists of points -> digits of their sum at 4 decimals."""
    return [_json(points_number(sum(map(to_scaled, points)), 4)) for points in given]


def folded(given: Any, _: Any) -> Any:
    """Search texts."""
    return [fold(text) for text in given]


def alphabetical(given: Any, _: Any) -> Any:
    """Names in order."""
    return sorted(given, key=sort_key)


def placements(given: Any, _: Any) -> Any:
    """[kind, parent kind, from, to] -> code of what is wrong, or null."""
    found = []
    for kind, parent, start, end in given:
        faults = check_placement(
            Placement(UnitKind(kind), start, end), None if parent is None else UnitKind(parent)
        )
        found.append([fault.code for fault in faults])
    return found


def framework_faults(given: Any, expected: Any) -> Any:
    """Criteria set -> what is wrong: code, pointer and the parameters that the case asks for."""
    faults = check_framework(framework_of(**given))
    wanted: list[Mapping[str, Any]] = [*expected, *({"code": "", "pointer": ""} for _ in faults)]
    return [
        {key: ({"code": f.code, "pointer": f.pointer} | dict(f.params)).get(key) for key in keys}
        for f, keys in zip(faults, wanted, strict=False)
    ]


def changes(given: Any, expected: Any) -> Any:
    """Two criteria sets -> what the case asks for of each change."""
    found = compare(framework_of(**given["from"]), framework_of(**given["to"]))
    return [
        {
            name: value
            for name, value in {
                "change": change.kind,
                "code": change.code,
                "old": plain(change.old),
                "new": plain(change.new),
                "at": [change.pointer_from, change.pointer_to],
            }.items()
            if name in wanted
        }
        for change, wanted in zip_longest(found, expected, fillvalue={"change", "code"})
        if isinstance(change, Change)
    ]


def pools(given: Any, _: Any) -> Any:
    """Criteria set -> {item: [maximum, items that share it]} and the items that nothing bounds."""
    framework = framework_of(**given)
    unbounded = unbounded_items(framework)
    if unbounded:
        return {"unbounded": unbounded}
    shared = {item.code: framework.pools[item.pool] for item in framework.items.values()}
    return {
        "pools": {code: [from_scaled(pool.max_points), list(pool.items)] for code, pool in shared.items()}
    }


def _said_inputs(figures: Mapping[str, Any]) -> Inputs:
    """Pairs are rates alone, as of a report that prints a percentage; numbers are figures."""
    rates = {name: Ratio(*value) for name, value in figures.items() if isinstance(value, list)}
    counts = {name: Fraction(value) for name, value in figures.items() if not isinstance(value, list)}
    return Inputs(rates, counts)


def duties(given: Any, expected: Any) -> Any:
    """Figures of a unit -> what the case asks for of how a duty stands."""
    document = {name: tuple(v) if isinstance(v, list) else v for name, v in given["duty"].items()}
    found = assess_duty(Duty(**document), _said_inputs(given["figures"]), given.get("partial", ()))
    numbers = {name: getattr(found, name) for name in ("owed", "done", "open", "overdue")}
    percent = None if found.share is None else found.share * 100
    answer = {
        **numbers,
        "percent": percent and _json(as_number(*percent.as_integer_ratio(), 2)),
        "status": found.status,
        "warnings": [[warning.code, warning.params["columns"]] for warning in found.warnings],
    }
    return {name: answer[name] for name in expected}


def overdue(given: Any, _: Any) -> Any:
    """Columns -> the overdue ones that follow."""
    return overdue_counts(given)


CHECKS = {
    check.__name__: check
    for check in (
        computed_points,
        explained,
        given_points,
        duties,
        overdue,
        choices,
        shipped_points,
        shipped_choices,
        shipped_index,
        united,
        effective,
        writable,
        reasons,
        removed,
        index,
        totals,
        dossiers,
        rolled,
        rolled_chain,
        fields,
        composed,
        periods_before,
        findings,
        scores,
        origins,
        periods,
        grants,
        half_up,
        scaled,
        quantised,
        numbers,
        quotients,
        exact,
        sums_shown,
        folded,
        alphabetical,
        placements,
        framework_faults,
        changes,
        pools,
        *INTAKE_CHECKS,
        *RANKING_CHECKS,
    )
}
