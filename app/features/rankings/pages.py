"""Rankings as files: the figures that JSON shows, in the formats of statistics and of offices."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from sqlmodel import Session

from app.features.rankings.mapping.jsonstat import ranking_jsonstat
from app.features.rankings.mapping.sdmx import ranking_sdmx, ranking_structure
from app.features.rankings.mapping.tables import ranking_csv, ranking_workbook
from app.features.results import repository
from app.features.results.mapping import GroupResults
from app.infra.official.document import MEDIA_TYPES

RankingFormat = Literal["json", "csv", "xlsx", "jsonstat", "sdmx", "sdmx-structure"]
MEDIA: Mapping[str, str] = {
    "csv": "text/csv",
    "xlsx": MEDIA_TYPES["xlsx"],
    "jsonstat": "application/json",
    "sdmx": "application/vnd.sdmx.data+xml; version=3.0.0",
    "sdmx-structure": "application/vnd.sdmx.structure+xml; version=3.0.0",
}
_ENDINGS: Mapping[str, str] = {
    "csv": ".csv",
    "xlsx": ".xlsx",
    "jsonstat": ".json",
    "sdmx": ".xml",
    "sdmx-structure": "_structure.xml",
}


class RankingFile(NamedTuple):
    """A file to hand out."""

    name: str
    media_type: str
    content: bytes


def write_ranking(
    session: Session, results: GroupResults, body: Mapping[str, Any], format_: RankingFormat
) -> RankingFile:
    """A ranking as it was answered, as a file: it has no other rows and no other digits."""
    narrowed = [body[name] for name in ("area", "reform_area", "region") if body[name]]
    narrowed += ["today"] * (body["map"] == "today")
    narrowed += [] if body["known_at"] is None else [f"{body['known_at']:%Y%m%d-%H%M%S}"]
    parts = [results.round.code, results.group.group_code, *narrowed]
    name = f"bang-xep-hang_{'_'.join(parts)}{_ENDINGS[format_]}"
    return RankingFile(name, MEDIA[format_], _content(session, results, body, format_))


def _content(
    session: Session, results: GroupResults, body: Mapping[str, Any], format_: RankingFormat
) -> bytes:
    match format_:
        case "csv":
            return ranking_csv(results, body)
        case "xlsx":
            return ranking_workbook(results, body)
    decided_on = repository.find_decision_day(session, results.round.code, body["known_at"])
    match format_:
        case "jsonstat":
            return ranking_jsonstat(results, body, decided_on)
        case "sdmx":
            return ranking_sdmx(results, body, decided_on)
        case _:
            return ranking_structure(results, body, decided_on)
