"""What the core has frozen of the example rounds is what the service answers about them."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests import golden
from tests.conftest import Client


def shown(points: Decimal | int, decimals: int) -> Decimal:
    """Points as an answer carries them."""
    return Decimal(points).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def read(client: Client, path: str) -> Any:
    """An answer, its numbers as the decimals that were sent."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json(parse_float=Decimal)


def test_the_service_answers_what_is_frozen(examples: Client) -> None:
    rounds = golden.read().rounds
    assert rounds
    for code, units in rounds.items():
        framework = read(examples, f"/v1/rounds/{code}")["framework"].replace("@", "/versions/")
        decimals = read(examples, f"/v1/frameworks/{framework}")["rounding"]["decimals"]
        indices = {
            i["unit"]["code"]: i for i in read(examples, f"/v1/rounds/{code}/indices?limit=100")["items"]
        }
        assert set(indices) == set(units)
        for unit, frozen in units.items():
            index = indices[unit]
            assert (index["points"], index["band"]) == (shown(frozen["points"], decimals), frozen["band"])
            assert index["open_points"] == shown(frozen["open_points"], decimals)
            areas = {area["code"]: area["points"] for area in index["areas"]}
            assert areas == {area: shown(f["points"], decimals) for area, f in frozen["areas"].items()}


def test_items_over_figures_are_frozen_as_the_sheet_shows_them(examples: Client) -> None:
    rounds = golden.read().rounds
    for code in ("six-areas-cau-tre-2022", "six-areas-my-xuyen-2021"):
        ((unit, frozen),) = rounds[code].items()
        sheet = read(examples, f"/v1/rounds/{code}/units/{unit}/sheet")
        found = {item["code"]: item["points"] for item in sheet["items"]}
        assert found == {i: None if p is None else shown(p, 4) for i, p in frozen["items"].items()}
        assert any(found.values())
