"""Criteria sets: checked when loaded, immutable once published."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any

import orjson
from sqlmodel import Session

from app.core.access import NATION
from app.core.errors import Fault
from app.core.framework import Framework
from app.core.framework_check import check_framework
from app.core.types import ClientScope
from app.features.frameworks import repository
from app.features.frameworks.mapping import children_of, framework_of
from app.features.frameworks.schemas import FrameworkDocument, FrameworkSummary, NodeDocument
from app.infra import audit
from app.infra.auth import Caller, require_everywhere, require_scope
from app.infra.documents import read_file, validated
from app.infra.errors import ConflictError, NotFoundError, UnauthorizedError, refuse
from app.models import FrameworkVersionRow

DRAFT_READERS = (ClientScope.FRAMEWORKS_WRITE, ClientScope.ROUNDS_MANAGE)


def list_frameworks(
    session: Session, *, on: date | None, drafts: bool, after: list[str] | None, limit: int
) -> list[FrameworkSummary]:
    """Criteria sets by code and version."""
    rows = repository.list_versions(session, on=on, drafts=drafts, after=after, limit=limit)
    return [FrameworkSummary.model_validate(row, from_attributes=True) for row in rows]


def get_row(session: Session, code: str, version: str) -> FrameworkVersionRow:
    """A stored version, or an error."""
    return _found(repository.find_version(session, code, version), code, version)


def _found(row: FrameworkVersionRow | None, code: str, version: str) -> FrameworkVersionRow:
    if row is None:
        raise NotFoundError("framework_unknown", framework=f"{code}@{version}")
    return row


def find_rows(
    session: Session, references: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], FrameworkVersionRow]:
    """(code, version) -> stored version, of those that there are."""
    return {(row.code, row.version): row for row in repository.list_rows(session, references)}


def has_code(session: Session, code: str) -> bool:
    """Whether there is any version of a criteria set."""
    return bool(repository.list_digests(session, [code]))


def require_reader(row: FrameworkVersionRow, caller: Caller | None) -> None:
    """Refuse a stranger to a draft; published versions are everybody's."""
    if row.state != "draft":
        return
    if caller is None:
        raise UnauthorizedError("key_missing")
    require_scope(caller, DRAFT_READERS)


def reads_drafts(caller: Caller | None) -> bool:
    """Whether a caller is shown drafts."""
    return caller is not None and bool(caller.having(*DRAFT_READERS))


def read_document(row: FrameworkVersionRow) -> dict[str, Any]:
    """The document of a stored version with its state and digest."""
    document: dict[str, Any] = orjson.loads(row.document)
    return {**document, "state": row.state, "sha256": row.sha256}


def document_of(row: FrameworkVersionRow) -> FrameworkDocument:
    """The document of a stored version, every number exact."""
    return FrameworkDocument.model_validate(json.loads(row.document, parse_float=Decimal))


def get_framework(session: Session, code: str, version: str) -> Framework:
    """The criteria set to compute with; parsed once for each document."""
    digest = repository.find_digest(session, code, version)
    if digest is None:
        raise NotFoundError("framework_unknown", framework=f"{code}@{version}")
    return _parsed_of(session, code, version, digest)


def get_frameworks(
    session: Session, references: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Framework]:
    """(code, version) -> criteria set, by one query for those that were parsed before."""
    wanted = set(references)
    digests = repository.list_digests(session, {code for code, _ in wanted})
    return {
        (code, version): _parsed_of(session, code, version, digests[code, version])
        for code, version in wanted
    }


def _parsed_of(session: Session, code: str, version: str, digest: str) -> Framework:
    return _parsed.get(digest) or parse_row(get_row(session, code, version))


def parse_row(row: FrameworkVersionRow) -> Framework:
    """The criteria set of a stored version; parsed once for each document."""
    found = _parsed.get(row.sha256)
    if found is None:
        if len(_parsed) >= 100:
            _parsed.clear()
        found = _parsed[row.sha256] = framework_of(document_of(row))
    return found


_parsed: dict[str, Framework] = {}


def put_framework(
    session: Session, code: str, version: str, document: FrameworkDocument, by: Caller
) -> tuple[FrameworkVersionRow, bool]:
    """Create or replace a draft; (row, whether it is new). The same published document again is no change."""
    require_everywhere(by, ClientScope.FRAMEWORKS_WRITE)
    if (document.code, document.version) != (code, version):
        stated, path = f"{document.code}@{document.version}", f"{code}@{version}"
        refuse([Fault("framework_code_differs", "/code", {"document": stated, "path": path})])
    refuse(_check_document(document) + _check_origin(session, document))
    text = _canonical(document)
    digest = hashlib.sha256(text.encode()).hexdigest()
    existing = repository.find_version_for_update(session, code, version)
    if existing is not None and existing.sha256 == digest:
        return existing, False
    if existing is not None and existing.state == "published":
        raise ConflictError("framework_published", framework=f"{code}@{version}")
    row = FrameworkVersionRow(
        code=code,
        version=version,
        state="draft",
        status=document.status,
        title_vi=document.title_vi,
        applies_from=document.applies.from_,
        applies_to=document.applies.to,
        document=text,
        sha256=digest,
        recorded_at=datetime.now(UTC),
        recorded_by=by.code,
    )
    repository.add_version(session, row)
    before = {"sha256": existing.sha256} if existing else None
    _record(session, by, "framework.put", f"{code}@{version}", before, {"sha256": digest, "document": text})
    return get_row(session, code, version), existing is None


def publish_framework(session: Session, code: str, version: str, by: Caller) -> FrameworkVersionRow:
    """Make a version immutable; publishing again changes nothing."""
    require_everywhere(by, ClientScope.FRAMEWORKS_WRITE)
    row = _found(repository.find_version_for_update(session, code, version), code, version)
    if row.state != "published":
        row.state = "published"
        session.flush()
        after = {"state": "published", "sha256": row.sha256}
        digests = {f"framework_version/{code}@{version}": row.sha256}
        reference = f"{code}@{version}"
        _record(session, by, "framework.publish", reference, {"state": "draft"}, after, digests)
    return row


def _record(
    session: Session,
    by: Caller,
    action: str,
    reference: str,
    before: Any,
    after: Any,
    digests: Mapping[str, str] | None = None,
) -> None:
    subject = {"framework": reference}
    audit.record(session, audit.Event(by, action, NATION, subject, before, after, None, digests or {}))


def _check_document(document: FrameworkDocument) -> list[Fault]:
    shape = [
        fault
        for index, area in enumerate(document.areas)
        for fault in _check_items(area, f"/areas/{index}", ("criteria", "sub_criteria"))
    ]
    return shape or check_framework(framework_of(document))


def _check_origin(session: Session, document: FrameworkDocument) -> list[Fault]:
    """A set derives from another version that is there."""
    if document.derived_from is None:
        return []
    code, _, version = document.derived_from.partition("@")
    itself = (code, version) == (document.code, document.version)
    if itself or repository.find_digest(session, code, version) is None:
        return [Fault("framework_unknown", "/derived_from", {"framework": document.derived_from})]
    return []


def _check_items(node: NodeDocument, pointer: str, levels: tuple[str, ...]) -> list[Fault]:
    """A node with children is no item."""
    children = children_of(node)
    faults = [
        Fault("item_has_children", f"{pointer}/{member}")
        for member in ("source", "rule")
        if children and getattr(node, member) is not None
    ]
    for index, child in enumerate(children):
        faults += _check_items(child, f"{pointer}/{levels[0]}/{index}", levels[1:])
    return faults


def _canonical(document: FrameworkDocument) -> str:
    """The stored text of a document: all members, numbers as numbers."""
    return orjson.dumps(document.model_dump(by_alias=True), default=_number).decode()


def _number(value: object) -> float | int:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)


def load_bundled(session: Session, by: Caller) -> int:
    """Load and publish the criteria sets that ship with the service; the number of new ones."""
    new = 0
    for path in sorted(files("app.data").joinpath("frameworks").iterdir(), key=lambda p: p.name):
        if not path.name.endswith(".yaml"):
            continue
        code, _, version = path.name.removesuffix(".yaml").partition("@")
        if repository.find_digest(session, code, version) is None:
            put_framework(session, code, version, validated(FrameworkDocument, read_file(path)), by)
            publish_framework(session, code, version, by)
            new += 1
    return new
