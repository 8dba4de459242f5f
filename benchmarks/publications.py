"""Publishing a round of 3,321 communes, and verifying what was published."""

from app.features.publications.mapping.checking import list_differences, read_document
from benchmarks import data
from benchmarks.databases import Database
from benchmarks.measure import Row, Sample, sample, time_row, timed, verdict
from benchmarks.rankings import COMMUNES_ROUND
from benchmarks.servers import Server
from benchmarks.starts import megabytes

PUBLISH_LIMIT, MEMORY_LIMIT = 10.0, 300_000_000
DECISION = {"number": "1/QĐ", "issued_on": "2027-01-15", "signer": "Bộ trưởng"}


def measure_publishing(database: Database) -> list[Row]:
    """Freeze, sign and store everything of a round, in a fresh process; then compute it anew."""
    base = f"/v1/rounds/{COMMUNES_ROUND}"
    with Server.of_service(database.url) as server:
        client = server.client()
        client.send("POST", f"{base}/transitions", {"to": "approved"})
        publish = timed(lambda: client.send("POST", f"{base}/publications", {"decision": DECISION}))
        peak = server.peak_bytes()
        content = client.ask("GET", f"/v1/publications/{COMMUNES_ROUND}.1")
    document, _ = read_document(content)
    assert len(document["results"]) == data.COMMUNES
    verify = sample(lambda: list_differences(document), 1, warm_up=0)
    size = f"3,321 units x 88 items, {database.label}"
    return [
        time_row(f"Publishing a round of {size}", Sample((publish,)), limit=PUBLISH_LIMIT),
        Row(
            f"Largest resident memory meanwhile, {database.label}",
            megabytes(peak),
            target=f"<= {megabytes(MEMORY_LIMIT)}",
            met=verdict(peak <= MEMORY_LIMIT),
        ),
        time_row(f"Computing that document of {megabytes(len(content))} anew, {database.label}", verify),
    ]
