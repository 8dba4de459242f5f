"""What else is told of a rank: that under the other methods, and what decided between equals."""

from collections.abc import Sequence
from typing import Any

from app.core.framework import Framework
from app.core.ranking import deciding_key, equal_runs, rank, rank_by_methods
from app.core.rounding import percent_number
from app.core.types import TieMethod
from app.core.vietnamese import sort_key
from app.features.results.mapping import Part, UnitResult, lineup_of, scores_of

MOST_TIED = 20
"""Of units that are equal to very many, those that stand next to them are named: all that have no points yet
are equal to one another."""
_DECIMALS = 4


def ranks_by_method(
    framework: Framework, results: Sequence[UnitResult], part: Part, ranked: bool
) -> dict[str, dict[str, int | None]]:
    """Unit -> its rank under each method; None where it has none."""
    found = rank_by_methods(scores_of(results, part), lineup_of(framework, results))
    nowhere: dict[TieMethod, int | None] = dict.fromkeys(TieMethod)
    return {
        result.code: {method.value: (ranks or nowhere)[method] if ranked else None for method in TieMethod}
        for result, ranks in zip(results, found, strict=True)
    }


def ties_of(
    framework: Framework, results: Sequence[UnitResult], part: Part, ranked: bool
) -> dict[str, dict[str, Any] | None]:
    """Unit -> whom it is equal to, and what decided between them; None where it is equal to nobody, or has no
    rank."""
    lineup, scores = lineup_of(framework, results), scores_of(results, part)
    order = [position for position, _ in rank(scores, lineup, framework.tie_method)]
    found: dict[str, dict[str, Any] | None] = dict.fromkeys(result.code for result in results)

    def decider(one: int, other: int) -> str | None:
        key = deciding_key(lineup.ties[one], lineup.ties[other])
        if key is not None:
            return framework.tie_keys[key]
        if framework.tie_method is not TieMethod.ORDINAL:
            return None
        names = [sort_key(results[position].name_vi) for position in (one, other)]
        return "code" if names[0] == names[1] else "name"

    for run in equal_runs(scores, order) if ranked else ():
        for place, position in enumerate(run):
            found[results[position].code] = {
                "units": len(run) - 1,
                "with": [
                    {"unit": results[other].code, "decided_by": decider(position, other)}
                    for other in _neighbours(run, place)
                ],
                "keys": [_key_answer(framework, results[position], key) for key in framework.tie_keys],
            }
    return found


def _neighbours(run: Sequence[int], place: int) -> list[int]:
    """The others of a run, in its order; of very many the next ones."""
    start = max(0, min(place - MOST_TIED // 2, len(run) - MOST_TIED - 1))
    return [other for other in run[start : start + MOST_TIED + 1] if other != run[place]]


def _key_answer(framework: Framework, result: UnitResult, key: str) -> dict[str, Any]:
    if key == "name":
        return {"key": key, "value": result.name_vi}
    area = [area.code for area in framework.areas].index(key.removeprefix("area:"))
    return {"key": key, "value": percent_number(*result.index.areas[area].score, _DECIMALS)}
