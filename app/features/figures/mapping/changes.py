"""Units that are what they are only since a day within a period."""

from collections.abc import Container, Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from app.core.composition import periods_within
from app.core.lineage import Lineage
from app.core.periods import Period


class Change(NamedTuple):
    """A unit is what it is only since a day. `foreign`: parts of the period whose figures are not its own;
    `origins`: the units that those are of, as far as it came from them."""

    since: date
    foreign: frozenset[str]
    origins: tuple[str, ...]


Changes = Mapping[str, Change]


NO_CHANGES: Changes = MappingProxyType({})


def find_changes(lineage: Lineage, period: Period, wanted: Container[str] | None = None) -> dict[str, Change]:
    """Code -> how a unit of the period's end came about, where its code was another unit's within the
    period."""
    parts = periods_within(period)
    after = min(part.end for part in parts)
    found = {}
    for version in lineage.list_begun(after, period.end):
        code, since = version.code, version.valid_from
        if (wanted is not None and code not in wanted) or not lineage.had_code(version):
            continue
        if lineage.was_same(code, period.end, after):
            continue
        ends = {part.end for part in parts if not lineage.was_same(code, period.end, part.end)}
        foreign = frozenset(part.text for part in parts if part.end in ends)
        if foreign:
            found[code] = Change(since, foreign, lineage.origins((code, since), max(ends)).units)
    return found


def is_foreign(unit: str, period: str, changes: Changes) -> bool:
    """Whether the figures of a part of a period, reported under the code of a unit, are another's."""
    return unit in changes and period in changes[unit].foreign
