"""Documents that somebody brings: read with care, computed anew, and compared number by number."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain, islice
from typing import Any

import orjson

from app.core import ENGINE_VERSION
from app.core.errors import Fault
from app.core.framework import Framework
from app.core.scoring import computed_entry, computed_stage
from app.features.frameworks.mapping import framework_of
from app.features.frameworks.schemas import FrameworkDocument
from app.features.publications.mapping.corrections import Place, list_corrections, position_of, said_by
from app.features.publications.mapping.document import (
    COMPUTED,
    Computed,
    compute,
    entries_of,
    figures_of,
    seal,
)
from app.features.publications.schemas import PublicationDocument
from app.infra.canonical import canonical_bytes
from app.infra.documents import validated
from app.infra.errors import AppError

MOST_FAULTS = 50
MOST_SCORES = 600_000
"""Units times items: twice all communes of the country with 88."""
_ABSENT = object()


def read_document(content: bytes) -> tuple[dict[str, Any], list[Fault]]:
    """The document in bytes, of the right shape, and what is wrong with the bytes: they must be canonical,
    else the same data could be written in two ways. Raises InvalidInputError, naming every place."""
    try:
        document = orjson.loads(content)
        canonical = canonical_bytes(document)
    except (ValueError, RecursionError):
        document, canonical = None, b""
    validated(PublicationDocument, document)
    found: dict[str, Any] = document
    return found, [] if canonical == content else [Fault("publication_not_canonical")]


def list_differences(document: Mapping[str, Any], before: Computed | None = None) -> list[Fault]:
    """Where a document of the right shape does not say what follows from itself; empty where it does.

    `before`: the document that it supersedes, where that is at hand: then it must list all that differs."""
    refused = _refuse_shape(document)
    if refused:
        return refused
    try:
        exact = json.loads(canonical_bytes(document["framework"]), parse_float=Decimal)
        framework = framework_of(validated(FrameworkDocument, exact))
        computed = compute(framework, document["units"], document["groups"], document["inputs"].items())
        said = {name: part for name, part in document.items() if name not in COMPUTED}
        follows = {
            "results": {unit: orjson.loads(part) for unit, part in computed.results.items()},
            "rankings": computed.rankings,
            "digests": seal(said, computed).digests,
        }
        wrong = list(_list_wrong_scores(document, framework))
    except (AppError, KeyError, ValueError, ArithmeticError) as error:
        return [Fault("publication_not_computable", "", {"error": str(error)[:200]})]
    found = _compare({name: document[name] for name in follows}, follows, "")
    corrected = _list_wrong_corrections(document, computed, before)
    return list(islice(chain(wrong, found, _list_strangers(document), corrected), MOST_FAULTS))


def _refuse_shape(document: Mapping[str, Any]) -> list[Fault]:
    """What would be computed in vain, or without end."""
    if document["engine_version"] != str(ENGINE_VERSION):
        said = {"said": document["engine_version"], "known": ENGINE_VERSION}
        return [Fault("publication_of_other_engine", "/engine_version", said)]
    units, items = document["units"], sum(1 for _ in _leaves(document["framework"].get("areas", [])))
    if len(units) * max(items, 1) > MOST_SCORES:
        return [Fault("publication_too_large", "", {"limit": MOST_SCORES})]
    grouped = [unit for group in document["groups"] for unit in group["units"]]
    if sorted(grouped) != sorted(units) or document["inputs"].keys() != units.keys():
        return [Fault("publication_group_odd", "/groups")]
    return _list_repeated_groups(document["groups"])


def _list_repeated_groups(groups: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """A ranking has the code of its group: of two with the same one would be lost."""
    codes = [group["code"] for group in groups]
    return [
        Fault("group_twice", f"/groups/{position}/code", {"group": code})
        for position, code in enumerate(codes)
        if code in codes[:position]
    ]


def _leaves(nodes: Any) -> Iterator[Any]:
    """The nodes of a criteria set that have none below; whatever has no such shape is one."""
    for node in nodes if isinstance(nodes, list) else []:
        below = (node.get("criteria") or node.get("sub_criteria")) if isinstance(node, dict) else None
        if below:
            yield from _leaves(below)
        else:
            yield node


def _list_wrong_scores(document: Mapping[str, Any], framework: Framework) -> Iterator[Fault]:
    """Points that figures give, where they are not what the figures of the document give."""
    for unit, said in document["inputs"].items():
        entries, figures = entries_of(said), figures_of(said)
        for item in framework.computed_items:
            stage = computed_stage(item)
            entry = entries.get((item.code, stage))
            if entry is not None and entry != computed_entry(framework, item, figures):
                yield Fault("publication_score_differs", f"/inputs/{unit}/scores/{item.code}")


def _list_strangers(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Distinctions of units that take no part."""
    for position, said in enumerate(document["distinctions"]):
        if said["unit"] not in document["units"]:
            params = {"unit": said["unit"], "round": document["round"]["code"]}
            yield Fault("unit_not_participant", f"/distinctions/{position}/unit", params)


def _list_wrong_corrections(
    document: Mapping[str, Any], computed: Computed, before: Computed | None
) -> Iterator[Fault]:
    """Corrections that do not lead to what the document says, or correct nothing."""
    listed = document["corrections"]
    new = {unit: said_by(computed, unit) for unit in {said["unit"] for said in listed}}
    for position, said in enumerate(listed):
        place = f"/corrections/{position}"
        yield from _compare(said["new"], new[said["unit"]].get((said["what"], said["item"])), f"{place}/new")
        if said["item"] is None:  # it follows from the scores, and has no reason of its own
            yield from _compare(said["reason"], None, f"{place}/reason")
        if said["old"] == said["new"] or document["supersedes"] is None:
            yield Fault("publication_corrects_nothing", place)
        if position and _order(said) <= _order(listed[position - 1]):
            yield Fault("publication_corrections_disordered", place)
    if before is not None:
        differ = list_corrections(before, computed, {})
        yield from _list_wrong_starts(listed, {_key(said): said for said in differ}, new)


def _list_wrong_starts(
    listed: Sequence[Mapping[str, Any]],
    differ: Mapping[Any, Mapping[str, Any]],
    new: Mapping[str, Mapping[Place, str]],
) -> Iterator[Fault]:
    """Corrections that do not start from what was published before, and differences that none tells of.
    `new`: what the document says of the units."""
    for position, said in enumerate(listed):
        known = differ.get(_key(said))
        if known is not None and said["old"] != known["old"]:
            old = {"said": _shown(said["old"]), "published": _shown(known["old"])}
            yield Fault("publication_old_differs", f"/corrections/{position}/old", old)
        elif known is None and said["old"] != said["new"]:
            same = {"published": _shown(new[said["unit"]].get((said["what"], said["item"])))}
            yield Fault("publication_corrects_same", f"/corrections/{position}", same)
    told = {_key(said) for said in listed}
    for hidden in (said for key, said in differ.items() if key not in told):
        shown = {name: _shown(part) for name, part in hidden.items()}
        yield Fault("publication_hides_correction", "/corrections", shown)


def _key(said: Mapping[str, Any]) -> tuple[Any, ...]:
    return said["unit"], said["what"], said["item"]


def _order(said: Mapping[str, Any]) -> tuple[Any, ...]:
    return said["unit"], position_of((said["what"], said["item"]))


def _compare(said: Any, computed: Any, pointer: str) -> Iterator[Fault]:
    if isinstance(said, Mapping) and isinstance(computed, Mapping):
        for name in sorted({*said, *computed}):
            below = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            yield from _compare(said.get(name, _ABSENT), computed.get(name, _ABSENT), below)
    elif isinstance(said, list) and isinstance(computed, list) and len(said) == len(computed):
        for position, parts in enumerate(zip(said, computed, strict=True)):
            yield from _compare(*parts, f"{pointer}/{position}")
    elif said != computed:
        yield Fault("publication_differs", pointer, {"said": _shown(said), "computed": _shown(computed)})


def _shown(value: Any) -> str:
    return "-" if value is _ABSENT or value is None else str(value)[:100]
