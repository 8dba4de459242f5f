"""Which node of one version of a criteria set is which of another.

Nodes are matched from the areas down, below a matched parent before elsewhere, and by what they are called
before by their code: an inserted area renumbers all that follow, and none of these is another criterion for
it (ADR 12).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.core.framework import LEVELS, Framework, Node, walk
from app.core.vietnamese import fold


@dataclass(frozen=True, slots=True)
class Place:
    """A node where it stands. `name`: without accents, capitals and double spaces."""

    node: Node
    pointer: str
    level: int
    parent: str | None
    name: str


_Homes = Sequence[tuple[Place, str | None]]
"""With its home: what the matched parent is called in the old set ("" of areas); None where it has none."""
_Shared = tuple[str, ...]
_Key = Callable[[Place, str | None], _Shared | None]
"""What two nodes must have in common to be one; None where one has no such thing."""


def places_of(framework: Framework) -> dict[str, Place]:
    """Every node by its code, in the order of the document."""
    at = {pointer: node.code for node, pointer in walk(framework)}
    return {
        node.code: Place(
            node, pointer, pointer.count("/") // 2 - 1, at.get(pointer.rsplit("/", 2)[0]), fold(node.name_vi)
        )
        for node, pointer in walk(framework)
    }


def match_places(before: Mapping[str, Place], after: Mapping[str, Place], *, by_code: bool) -> dict[str, str]:
    """Code in `after` -> code in `before` of the same node.

    Level by level, below matched parents: those of one code and name, then of one name; then those of one
    name wherever they stand on the level; then, `by_code`, those of one code below matched parents. At last
    those of one code and name on different levels. Of several candidates none is taken.
    """
    found: dict[str, str] = {}
    steps: list[_Key] = [_code_and_name_at_home, _name_at_home, _name, *([_code_at_home] if by_code else [])]
    for level in range(len(LEVELS)):
        olds = _level(before, level, {code: code for code in found.values()})
        news = _level(after, level, found)
        for key in steps:
            found |= _pair(olds, news, found, key)
    everything = [[(place, None) for place in places.values()] for places in (before, after)]
    return found | _pair(everything[0], everything[1], found, _code_and_name)


def _level(places: Mapping[str, Place], level: int, homes: Mapping[str, str]) -> _Homes:
    """Those of a level with their homes, which `homes` gives for matched parents."""
    here = (place for place in places.values() if place.level == level)
    return [(place, homes.get(place.parent) if place.parent else "") for place in here]


def _code_and_name_at_home(place: Place, home: str | None) -> _Shared | None:
    return None if home is None else (home, place.node.code, place.name)


def _name_at_home(place: Place, home: str | None) -> _Shared | None:
    return None if home is None else (home, place.name)


def _name(place: Place, _: str | None) -> _Shared:
    return (place.name,)


def _code_at_home(place: Place, home: str | None) -> _Shared | None:
    return None if home is None else (home, place.node.code)


def _code_and_name(place: Place, _: str | None) -> _Shared:
    return place.node.code, place.name


def _pair(olds: _Homes, news: _Homes, found: Mapping[str, str], key: _Key) -> dict[str, str]:
    """Code in `news` -> code in `olds`, of those left whose key only one has on either side."""
    taken = set(found.values())
    of_old = _only((key(*one), one[0].node.code) for one in olds if one[0].node.code not in taken)
    of_new = _only((key(*one), one[0].node.code) for one in news if one[0].node.code not in found)
    return {code: of_old[said] for said, code in of_new.items() if said in of_old}


def _only(keyed: Iterable[tuple[_Shared | None, str]]) -> dict[_Shared, str]:
    """Key -> code of those whose key no other has."""
    codes: dict[_Shared, list[str]] = {}
    for key, code in keyed:
        if key is not None:
            codes.setdefault(key, []).append(code)
    return {key: found[0] for key, found in codes.items() if len(found) == 1}
