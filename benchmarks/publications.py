"""Publishing a round of 3,321 communes, correcting it, and verifying what was published."""

from typing import Any

from app.features.publications.mapping.checking import list_differences, read_document
from benchmarks import data
from benchmarks.databases import Database
from benchmarks.measure import Row, Sample, sample, time_row, timed, verdict
from benchmarks.rankings import COMMUNES_ROUND
from benchmarks.servers import Client, Server
from benchmarks.starts import megabytes

PUBLISH_LIMIT, MEMORY_LIMIT = 10.0, 300_000_000
CORRECTED = 100
REASON = "Kết luận thanh tra"
DECISION = {"number": "1/QĐ", "issued_on": "2027-01-15", "signer": "Bộ trưởng"}


def measure_publishing(database: Database) -> list[Row]:
    """Freeze, sign and store everything of a round, in a fresh process; then a correction of 100 units, in
    another one; and compute the first document anew."""
    base = f"/v1/rounds/{COMMUNES_ROUND}"
    with Server.of_service(database.url) as server:
        client = server.client()
        client.send("POST", f"{base}/transitions", {"to": "approved"})
        rows = _measure(server, client, "Publishing", database.label, {"decision": DECISION})
        content = client.ask("GET", f"/v1/publications/{COMMUNES_ROUND}.1")
        correct(client, base)
    with Server.of_service(database.url) as server:
        said = {"decision": DECISION, "reason": REASON}
        rows += _measure(server, server.client(), "Correcting", database.label, said)
    document, _ = read_document(content)
    assert len(document["results"]) == data.COMMUNES
    verify = sample(lambda: list_differences(document), 1, warm_up=0)
    computing = f"Computing that document of {megabytes(len(content))} anew, {database.label}"
    return [*rows, time_row(computing, verify)]


def correct(client: Client, base: str) -> None:
    """Open the round again, and take all points of one item from 100 units."""
    client.send("POST", f"{base}/transitions", {"to": "correction", "reason": REASON})
    final = {"item": next(iter(data.item_maxima())), "stage": "final", "points": 0, "reason": REASON}
    scores = [{"unit": unit, **final} for unit, _, _ in data.communes()[:CORRECTED]]
    client.send("POST", f"{base}/scores", {"scores": scores})


def _measure(server: Server, client: Client, what: str, label: str, said: dict[str, Any]) -> list[Row]:
    """A publication: how long it takes, and how much memory."""
    path = f"/v1/rounds/{COMMUNES_ROUND}/publications"
    seconds = timed(lambda: client.send("POST", path, said))
    peak = server.peak_bytes()
    size = f"3,321 units x 88 items, {label}"
    return [
        time_row(f"{what} a round of {size}", Sample((seconds,)), limit=PUBLISH_LIMIT),
        Row(
            f"Largest resident memory meanwhile, {label}",
            megabytes(peak),
            target=f"<= {megabytes(MEMORY_LIMIT)}",
            met=verdict(peak <= MEMORY_LIMIT),
        ),
    ]
