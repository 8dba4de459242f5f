"""Rows of the feed -> what a caller is told."""

import hashlib
from collections.abc import Mapping

import orjson

from app.core.access import Grant
from app.features.changes.schemas import Change
from app.models import ChangeRow


def change_of(row: ChangeRow) -> Change:
    """A change in full."""
    subject = orjson.loads(row.subject)
    url = url_of(row.kind, row.action, subject)
    return Change.model_validate(
        {**row.model_dump(include={"sequence", "kind", "action", "at"}), "subject": subject, "url": url}
    )


def hidden(row: ChangeRow) -> Change:
    """No more than that there is one."""
    return Change(sequence=row.sequence, kind="hidden")


def url_of(kind: str, action: str, subject: Mapping[str, str]) -> str:
    """The path of a thing. A unit may be over: its lineage can always be read."""
    match kind:
        case "round":
            return f"/v1/rounds/{subject['round']}"
        case "publication" | "correction":
            return f"/v1/publications/{subject['publication']}"
        case "framework":
            return "/v1/frameworks/{}/versions/{}".format(*subject["framework"].split("@"))
        case "unit" if action == "loaded":
            return "/v1/units"
        case "unit":
            return f"/v1/units/{subject['unit']}/lineage"
        case _:
            return f"/v1/findings/{subject['finding']}"


def etag_of(last: int, grants: list[Grant]) -> str:
    """The highest number; with it what the caller may see."""
    rights = hashlib.sha256(orjson.dumps(sorted(map(str, grants)))).hexdigest()[:12]
    return f'"{last}.{rights}"' if grants else f'"{last}"'
