"""The same results, to the byte, on both databases, whatever the order in which scores came."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from app.models import DossierStatisticRow, MeasureValueRow
from tests.conftest import BACKENDS, Client, Templates, make_app, open_client
from tests.features.test_results import PEOPLE, get, group, start_round


@contextmanager
def both_databases(all_templates: Callable[[str], Templates], loaded: bool) -> Iterator[list[Client]]:
    """A client of SQLite and one of PostgreSQL, over the same data."""
    with ExitStack() as stack:
        clients = []
        for backend in BACKENDS:
            templates = all_templates(backend)
            url = stack.enter_context(templates.copy(templates.loaded if loaded else templates.empty))
            app = make_app(url)
            stack.callback(app.state.database.close)
            clients.append(stack.enter_context(open_client(app)))
        yield clients


RECORDED = re.compile(rb'"recorded_at":"[^"]+"')  # when each of them was loaded


def reads_of(client: Client) -> Iterator[str]:
    """Every read of everything that the examples hold."""
    for code in [r["code"] for r in get(client, "/v1/rounds")["items"]]:
        base = f"/v1/rounds/{code}"
        yield from (base, f"{base}/rankings", f"{base}/indices?limit=1000", f"{base}/rankings?limit=2")
        ranking = get(client, f"{base}/rankings")
        yield from (f"{base}/rankings?area={area['code']}" for area in ranking["items"][0]["areas"])
        yield from (f"{base}/rankings?format={name}" for name in ("csv", "xlsx", "jsonstat", "sdmx"))
        for item in ranking["items"][:6]:
            yield f"{base}/indices/{item['unit']['code']}"
            yield f"{base}/units/{item['unit']['code']}/sheet"
    yield from ("/v1/rounds", "/v1/frameworks")
    for each in get(client, "/v1/frameworks")["items"]:
        yield f"/v1/frameworks/{each['code']}/versions/{each['version']}"
    for day in ("2024-12-31", "2025-07-01"):
        yield from (f"/v1/units?limit=1000&valid_on={day}", f"/v1/units?q=lam&valid_on={day}")
        yield f"/v1/units?limit=7&parent=VN&valid_on={day}"
    yield from (f"/v1/units/{code}/lineage" for code in ("15", "31", "46", "68", "VN"))
    dossiers = select(col(DossierStatisticRow.unit_code), col(DossierStatisticRow.period)).distinct()
    measures = select(MeasureValueRow.unit_code, MeasureValueRow.measure_code, MeasureValueRow.period)
    with client.app.state.database.read() as session:
        reported = sorted(session.exec(dossiers))
        measured = sorted(session.exec(measures))
    for unit, period in reported:
        url = f"/v1/units/{unit}/dossier-statistics/{period.replace('/', '--')}"
        yield from (url, f"{url}?scope=total", f"{url}?rollup=true")
        yield f"/v1/units/VN/dossier-statistics/{period.replace('/', '--')}?rollup=true"
    for unit, measure, period in measured:
        url = f"/v1/units/{unit}/measures/{measure}/{period.replace('/', '--')}"
        yield from (url, f"{url}?rollup=true")


def test_both_databases_answer_the_same_bytes(all_templates: Callable[[str], Templates]) -> None:
    with both_databases(all_templates, loaded=True) as (sqlite, postgresql):
        urls = list(dict.fromkeys(reads_of(sqlite)))
        assert len(urls) > 200
        named = {"X-Request-Id": "the-same-for-both"}
        for url in urls:
            one, other = (client.get(url, headers=named) for client in (sqlite, postgresql))
            said, other_said = (RECORDED.sub(b"", answer.content) for answer in (one, other))
            assert (one.status_code, said) == (other.status_code, other_said), url
            assert one.headers.get("ETag") == other.headers.get("ETag"), url
            if "rankings" in url:  # computed before, stored now
                assert sqlite.get(url).content == postgresql.get(url).content == one.content, url


UNITS = ("01", "02", "04", "06")
MAXIMA = {"a": 50, "b": 30, "c": 20}
rows = st.tuples(
    st.sampled_from(UNITS),
    st.sampled_from(sorted(MAXIMA)),
    st.booleans(),
    st.none() | st.integers(0, 10**4),
)
batches = st.lists(rows, min_size=1, max_size=24, unique_by=lambda row: row[:3]).flatmap(
    lambda batch: st.tuples(st.just(batch), st.permutations(batch))
)


def as_score(unit: str, item: str, final: bool, share: int | None) -> dict[str, Any]:
    """A share (of 10^4) of the item's maximum, or not applicable."""
    own = "survey" if item == "c" else "appraisal"
    row = {"unit": unit, "item": item, "stage": "final" if final else own, "reason": "thử nghiệm"}
    return row | ({"not_applicable": True} if share is None else {"points": share * MAXIMA[item] / 10**4})


def exact_index(batch: list[tuple[str, str, bool, int | None]], unit: str) -> Fraction | None:
    """Points / applicable maximum by the definition: `final` before the other stage, then a sum."""
    said = {(item, final): share for of, item, final, share in batch if of == unit}
    points, maximum = Fraction(0), 0
    for item, of in MAXIMA.items():
        share = said.get((item, True), said.get((item, False), 0))
        if share is not None:
            points, maximum = points + Fraction(share * of, 10**4), maximum + of
    return points / maximum if maximum else None


def test_any_scores_in_any_order_give_the_same_ranking(all_templates: Callable[[str], Templates]) -> None:
    with both_databases(all_templates, loaded=False) as clients:
        numbers = count()

        @settings(max_examples=15, deadline=None, derandomize=True, database=None)
        @given(batches)
        def check(orders: tuple[list[Any], list[Any]]) -> None:
            code = f"r{next(numbers)}"
            answers = []
            for client, order in zip(clients, orders, strict=True):
                base = start_round(client, PEOPLE, group(*UNITS), code=code)
                sent = client.post(f"{base}/scores", json={"scores": [as_score(*row) for row in order]})
                assert sent.status_code == 201, sent.text
                answers.append(client.get(f"{base}/rankings"))
            assert answers[0].content == answers[1].content
            index = {unit: exact_index(orders[0], unit) for unit in UNITS}
            for item in answers[0].json()["items"]:
                own = index[item["unit"]["code"]]
                better = [i for i in index.values() if i is not None and own is not None and i > own]
                assert item["rank"] == (None if own is None else 1 + len(better))
                assert item["points"] == round(sum(a["points"] for a in item["areas"]), 2)
                assert own is None or 0 <= item["index_percent"] <= 100

        check()
