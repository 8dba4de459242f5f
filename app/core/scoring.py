"""Effective points of an item: which stage counts, and what a rule over figures gives."""

from collections.abc import Mapping
from functools import cache

from app.core.entry import Entry
from app.core.framework import Framework, Item
from app.core.rules import Inputs, Penalty, Survey, is_computed, score_rule
from app.core.types import ItemSource, RoundState, Stage

WRITABLE_STAGES: Mapping[RoundState, frozenset[Stage]] = {
    RoundState.DRAFT: frozenset(),
    RoundState.SELF_ASSESSMENT: frozenset({Stage.SELF}),
    RoundState.APPRAISAL: frozenset({Stage.APPRAISAL, Stage.SURVEY, Stage.FINAL}),
    RoundState.EXPLANATION: frozenset({Stage.EXPLANATION}),
    RoundState.FINAL_APPRAISAL: frozenset({Stage.FINAL_APPRAISAL, Stage.SURVEY, Stage.FINAL}),
    RoundState.APPROVED: frozenset(),
    RoundState.PUBLISHED: frozenset(),
    RoundState.CORRECTION: frozenset({Stage.FINAL}),
}
"""Stages that may be written in each state of a round."""

COUNTING_STAGES: Mapping[ItemSource, tuple[Stage, ...]] = {
    ItemSource.APPRAISAL: (Stage.FINAL, Stage.FINAL_APPRAISAL, Stage.APPRAISAL, Stage.SELF),
    ItemSource.SURVEY: (Stage.FINAL, Stage.FINAL_APPRAISAL, Stage.SURVEY),
    ItemSource.STATISTIC: (Stage.FINAL, Stage.FINAL_APPRAISAL, Stage.STATISTIC),
}
"""Stages that count for an item, the strongest first."""

OVERRIDING_STAGES = frozenset({Stage.FINAL, Stage.FINAL_APPRAISAL, Stage.STATISTIC})

JUDGED_STAGES: Mapping[str, tuple[Stage, ...]] = {
    Stage.APPRAISAL: (Stage.SELF,),
    Stage.FINAL_APPRAISAL: (Stage.APPRAISAL, Stage.SELF),
    Stage.FINAL: (Stage.FINAL_APPRAISAL, Stage.APPRAISAL, Stage.SELF),
}
"""The stages that a later one judges, the nearest first: taking a point away from them needs a reason."""


Entries = Mapping[tuple[str, str], Entry]
"""(item code, stage) -> the latest entry."""


@cache
def writable_stages(source: ItemSource, state: RoundState) -> frozenset[Stage]:
    """Stages that people may write for items of a source in a state (`statistic` is the machine's).

    The scored unit's own stages, `self` and `explanation`, belong to appraised items alone.
    """
    stages = set(COUNTING_STAGES[source]) - {Stage.STATISTIC}
    if source is ItemSource.APPRAISAL:
        stages.add(Stage.EXPLANATION)
    return WRITABLE_STAGES[state] & stages


def needs_reason(item: Item, stage: str, state: RoundState) -> bool:
    """A correction, and a later stage that overrides a survey or statistic item, must say why."""
    if state is RoundState.CORRECTION:
        return True
    return item.source is not ItemSource.APPRAISAL and stage in OVERRIDING_STAGES


def removed_points(item: Item, stage: str, entry: Entry, standing: Mapping[str, Entry]) -> int:
    """Scaled points that an appraisal takes away: from the stage that it judges, or from what it said itself
    before, whichever is more; 0 where it takes none.

    An item that is declared not applicable loses all of its points. A penalty takes away what it is above
    the one that stands, and all of it where none does.
    """
    judged = JUDGED_STAGES.get(stage, ())
    nearest = [s for s in judged if s in standing and standing[s].counts][:1]
    own = [stage] if judged and stage in standing else []
    before = [standing[s] for s in (*nearest, *own)]
    if isinstance(item.rule, Penalty):
        return max((_lost(entry, said) for said in before), default=entry.points or 0 if judged else 0)
    return max((_lost(said, entry) for said in before), default=0)


def _lost(before: Entry, after: Entry) -> int:
    return max(0, (before.points or 0) - (after.points or 0))


def counting_stage(item: Item, entries: Entries) -> Stage | None:
    """The strongest stage that says something; None is missing."""
    for stage in COUNTING_STAGES[item.source]:
        entry = entries.get((item.code, stage))
        if entry is not None and entry.counts:
            return stage
    return None


def effective_entry(item: Item, entries: Entries) -> Entry | None:
    """The entry that counts: `final` > `final_appraisal` > `appraisal` > `self`; None is missing."""
    stage = counting_stage(item, entries)
    return None if stage is None else entries[item.code, stage]


def computed_stage(item: Item) -> Stage:
    """The stage that a computed score of an item belongs to."""
    return Stage.SURVEY if isinstance(item.rule, Survey) else Stage.STATISTIC


def computed_entry(framework: Framework, item: Item, inputs: Inputs) -> Entry | None:
    """The entry that figures give an item; None where people score it, or where an input is unknown."""
    if not is_computed(item.rule) or item.max_points is None:
        return None
    return score_rule(item.rule, item.on_no_data, inputs, item.max_points, framework.item_decimals)


def computed_entries(framework: Framework, inputs: Inputs) -> dict[tuple[str, str], Entry]:
    """(item, stage) -> entry: all that the figures of a unit give now."""
    computed = {
        (item.code, computed_stage(item).value): computed_entry(framework, item, inputs)
        for item in framework.computed_items
    }
    return {key: entry for key, entry in computed.items() if entry is not None}
