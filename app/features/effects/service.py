"""Effects by doing: the change is made, the results are computed, and everything is taken back."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from sqlmodel import Session

from app.core.access import NATION
from app.core.figure_names import report_of
from app.core.periods import Period
from app.features.effects.mapping import compare_groups
from app.features.effects.schemas import GroupEffects
from app.features.results import service as results
from app.features.results.mapping import GroupResults
from app.features.results.service import Sight
from app.features.rounds import repository as round_queries
from app.features.rounds import service as rounds
from app.infra.auth import Caller
from app.infra.errors import ForbiddenError, UnauthorizedError
from app.models import AssessmentRoundRow, RoundGroupRow


class Watched(NamedTuple):
    """A group of a round, and what the caller may see of it (None: nothing)."""

    round: AssessmentRoundRow
    group: RoundGroupRow
    sight: Sight | None


def find_effects(
    session: Session, watched: Sequence[Watched], write: Callable[[], None]
) -> list[GroupEffects]:
    """What `write` would do to the points and ranks of some groups. Its transaction is rolled back."""
    if all(each.sight is None for each in watched):
        return [_effects(each, None, None) for each in watched]
    before = [_results(session, each) for each in watched]
    write()
    after = [_results(session, each) for each in watched]
    effects = [_effects(*each) for each in zip(watched, before, after, strict=True)]
    session.rollback()
    return [found for found in effects if found.is_hidden or found.units]


def _results(session: Session, watched: Watched) -> GroupResults | None:
    row, group, sight = watched
    if sight is None:
        return None
    return results.compute_group(session, row, group, results.revision_tag(session, row, sight), sight)


def _effects(watched: Watched, before: GroupResults | None, after: GroupResults | None) -> GroupEffects:
    if before is not None and after is not None:
        return compare_groups(before, after)
    row, group, _ = watched
    return GroupEffects(
        round=row.code, group=group.group_code, changed_points=0, changed_ranks=0, units=[], is_hidden=True
    )


def watch_rounds_over(
    session: Session, figures: Iterable[str], periods: Sequence[Period], jurisdictions: set[str], by: Caller
) -> list[Watched]:
    """Groups of the running rounds whose rules read some figures (`dossier`, or `measure:<code>`), of periods
    that belong to theirs, and that units of some jurisdictions take part in."""
    wanted = set(figures)
    found: list[Watched] = []
    for row in round_queries.list_running(session):
        if not any(row.period_start <= p.start and p.end <= row.period_end for p in periods):
            continue
        framework = rounds.get_framework(session, row)
        read = {report_of(name) for name in framework.rates | framework.figures}
        if read & wanted:
            places = round_queries.list_participants(session, row.code)
            groups = {p.group_code for p in places if p.jurisdiction_code in (NATION, *jurisdictions)}
            found += watch_groups(session, row, groups, by)
    return found


def watch_groups(session: Session, row: AssessmentRoundRow, groups: set[str], by: Caller) -> list[Watched]:
    """Some groups of a round that has results."""
    rows = round_queries.list_groups(session, row.code)
    return [Watched(row, g, _sight(session, row, g, by)) for g in rows if g.group_code in groups]


def _sight(session: Session, row: AssessmentRoundRow, group: RoundGroupRow, by: Caller) -> Sight | None:
    try:
        return results.look(session, row, group, by)
    except (ForbiddenError, UnauthorizedError):
        return None
