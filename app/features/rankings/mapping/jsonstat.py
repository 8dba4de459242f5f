"""A ranking as a dataset of JSON-stat 2.0."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import orjson

from app.features.rankings.mapping.figures import Named, cube_of, decimals_of, metrics_of, rows_of
from app.features.results.mapping import GroupResults

_LABELS = {"unit": "Đơn vị", "area": "Lĩnh vực", "metric": "Chỉ tiêu"}
_UNITS_VI = {"points": "điểm", "max_points": "điểm", "percent": "%"} | {
    "change_index_percent": "điểm phần trăm",
    "change_rank": "bậc",
}
_SAID = (
    "round",
    "period",
    "group",
    "framework",
    "engine_version",
    "revision",
    "area",
    "reform_area",
    "region",
    "ranked",
    "ties",
    "status",
    "map",
    "known_at",
)


def ranking_jsonstat(results: GroupResults, body: Mapping[str, Any], decided_on: date | None) -> bytes:
    """One dataset with null where there is no figure. `updated` is the day of the decision that published it;
    bands, which are no figures, and what is provisional are told in `extension`."""
    cube, metrics = cube_of(results, body), metrics_of(body)
    sizes = {"unit": cube.units, "area": cube.areas, "metric": [Named(*each) for each in metrics.items()]}
    dimensions = {name: _dimension(_LABELS[name], found) for name, found in sizes.items()}
    dimensions["metric"]["category"]["unit"] = {
        metric: {"label": _UNITS_VI.get(metric, "hạng"), "decimals": decimals_of(results, metric)}
        for metric in metrics
    }
    dataset = {
        "version": "2.0",
        "class": "dataset",
        "label": f"{results.round.title_vi} ({results.group.group_code})",
        "source": f"{results.round.title_vi}; {results.framework.reference}",
        **({"updated": decided_on} if decided_on else {}),
        "id": list(sizes),
        "size": [len(found) for found in sizes.values()],
        "role": {"geo": ["unit"], "metric": ["metric"]},
        "dimension": dimensions,
        "value": list(cube.values),
        "extension": {
            **{name: body[name] for name in _SAID},
            "units": {
                item["unit"]["code"]: {"band": item["band"], "status": item["status"]}
                for item in rows_of(results, body)
            },
        },
    }
    return orjson.dumps(dataset)


def _dimension(label: str, found: Sequence[Named]) -> dict[str, Any]:
    return {
        "label": label,
        "category": {"index": [each.code for each in found], "label": dict(found)},
    }
