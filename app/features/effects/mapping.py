"""Results before and after -> what changed."""

from collections.abc import Mapping

from app.core.rounding import percent_number, points_number
from app.features.effects.schemas import GroupEffects, Standing, UnitEffect
from app.features.results.mapping import GroupResults, UnitResult, ranks_of

MOST_UNITS = 100


def compare_groups(before: GroupResults, after: GroupResults) -> GroupEffects:
    """What changed between two sets of results of the same group, as far as the caller may see it."""
    old = {result.code: result for result in before.results}
    old_ranks, new_ranks = _ranks(before), _ranks(after)
    seen = [result for result in after.results if after.seen is None or result.code in after.seen]
    scored = {new.code for new in seen if new.index != old[new.code].index}
    moved = {new.code for new in seen if new_ranks.get(new.code) != old_ranks.get(new.code)}
    shown = sorted(
        (new for new in seen if new.code in scored | moved),
        key=lambda new: (new.code not in scored, new_ranks.get(new.code) or 0, new.code),
    )
    return GroupEffects(
        round=after.round.code,
        group=after.group.group_code,
        changed_points=len(scored),
        changed_ranks=len(moved),
        units=[
            UnitEffect(
                code=new.code,
                name_vi=new.name_vi,
                before=_standing(before, old[new.code], old_ranks),
                after=_standing(after, new, new_ranks),
            )
            for new in shown[:MOST_UNITS]
        ],
    )


def _ranks(results: GroupResults) -> Mapping[str, int | None]:
    if not results.shows_ranks:
        return {}
    return ranks_of(results.framework, results.results, ranked=True)


def _standing(group: GroupResults, result: UnitResult, ranks: Mapping[str, int | None]) -> Standing:
    decimals, total = group.framework.decimals, result.total
    return Standing(
        points=points_number(total.points, decimals),
        index_percent=percent_number(total.points, total.max_points, decimals),
        rank=ranks.get(result.code),
    )
