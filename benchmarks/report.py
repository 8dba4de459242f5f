"""RESULTS.md: where it was measured, and the table."""

import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import Row
from benchmarks.servers import ROOT

RESULTS = Path(__file__).parent / "RESULTS.md"
HEAD = ("what", "ours", "reference", "ratio", "target", "met")
PACKAGES = ("fastapi", "uvicorn", "sqlalchemy", "psycopg", "pydantic", "orjson")
NOTES = """
How it is measured:

- All rows come from one run of `python -m benchmarks`; the service is one uvicorn process, the client another
  on the same machine. Times are the median (and the range) of several repetitions after a warm-up, and
  contain the client's side: from sending the request to the last byte of the answer.
- Ratio = reference / ours for times and memory, ours / reference for rates: higher is better.
- Live ranking: one score is changed by PUT before each timed GET of the whole ranking. "From nothing": no
  stored result, and a server process just started.
- Published rankings are asked for without a key. While scores are written, another connection changes one
  score of another round after another, as fast as they are taken.
- Datasette has the same 63 rows in an immutable SQLite file and answers them as JSON, one process, no cache
  before it; what it is asked for is compared with the ranking, row by row, before it is timed.
- Roll-up: twelve monthly reports of each commune, of 11 columns, as the year of the whole country; then after
  one month of every commune was reported a second time.
- Batch: the reference inserts the rows that the batch stored, as they were stored, into the same table under
  the code of a sister round, with the driver's executemany in one committed transaction; the two take turns.
- Import: the reference inserts the very same rows, in the same order, into the same table elsewhere, by COPY
  or the driver's executemany in one committed transaction; reading them is not timed. Small reads and memory
  are watched from the upload to the end of the commit.
- Starts: compiled modules are there (as after any first start), the database is migrated.
- Memory: 1 MB = 10^6 bytes, resident set of the worker process.
"""


def write_report(rows: Sequence[Row], databases: Sequence[str], seconds: float, load: float) -> str:
    """Write RESULTS.md; its text."""
    lines = [
        "# Measured speed and memory",
        "",
        f"- Commit: {_commit()}",
        f"- Date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; the run took {seconds:.0f} s",
        f"- Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} CPUs,"
        f" load average before the run {load:.1f}",
        *(f"- {database}" for database in databases),
        f"- {', '.join(f'{name} {version(name)}' for name in PACKAGES)}",
        "",
        _line(HEAD),
        _line(["---"] * len(HEAD)),
        *(_line([row.what, row.ours, row.reference, row.ratio, row.target, row.met]) for row in rows),
        NOTES,
    ]
    text = "\n".join(lines)
    RESULTS.write_text(text, encoding="utf-8")
    return text


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _commit() -> str:
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--", ".", f":!{RESULTS.relative_to(ROOT)}")
    except (OSError, subprocess.CalledProcessError):
        return "unknown (no git)"
    return f"{commit} {'with uncommitted changes' if changed else '(clean tree)'}"


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()
