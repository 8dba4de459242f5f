"""Documents that somebody brings: read with care, computed anew, and compared number by number."""

import json
from collections.abc import Iterator, Mapping
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
from app.features.publications.mapping.document import COMPUTED, compute, entries_of, figures_of, seal
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


def list_differences(document: Mapping[str, Any]) -> list[Fault]:
    """Where a document of the right shape does not say what follows from itself; empty where it does."""
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
    return list(islice(chain(wrong, found), MOST_FAULTS))


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
    return []


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
    return "-" if value is _ABSENT else str(value)[:100]
