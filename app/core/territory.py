"""The index of a unit that others were united into: computed from their counts added up, or not at all.

An average of percentages is none: 90 % of 10 and 50 % of 1,000 dossiers are not 70 %.
"""

from collections.abc import Sequence

from app.core.entry import Entry
from app.core.framework import Framework, Pool
from app.core.rules import Inputs
from app.core.scoring import Entries, computed_entry, computed_stage, counting_stage, effective_entry
from app.core.types import Stage


def unite_entries(
    framework: Framework, parts: Sequence[Entries], inputs: Inputs
) -> dict[tuple[str, str], Entry]:
    """The entries that the parts have as one unit. `inputs`: their counts added up.

    There is one where figures gave the points of every part, and where an item applies to none of them;
    points that people gave cannot be united."""
    united: dict[tuple[str, str], Entry] = {}
    for item in framework.items.values():
        given = [effective_entry(item, part) for part in parts]
        if all(entry is not None and entry.not_applicable for entry in given):
            united[item.code, Stage.FINAL] = Entry(None, not_applicable=True)
        elif all(counting_stage(item, part) is computed_stage(item) for part in parts):
            entry = computed_entry(framework, item, inputs)
            if entry is not None:
                united[item.code, computed_stage(item)] = entry
    return united


def comparable_areas(framework: Framework, parts: Sequence[Entries], united: Entries) -> frozenset[int]:
    """Positions of the areas all of whose items could be united; what is beside the scale is, too, where no
    part has any."""
    lacking = {pool.area for pool in framework.pools if not _is_whole(framework, pool, parts, united)}
    return frozenset(range(len(framework.areas))) - lacking


def _is_whole(framework: Framework, pool: Pool, parts: Sequence[Entries], united: Entries) -> bool:
    for code in pool.items:
        item = framework.items[code]
        if effective_entry(item, united) is not None:
            continue
        if not pool.sign or any(effective_entry(item, part) is not None for part in parts):
            return False
    return True
