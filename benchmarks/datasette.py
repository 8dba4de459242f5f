"""The same table as Datasette serves it: a ranking as rows of SQLite, its parts as columns of JSON."""

import sqlite3
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from benchmarks.servers import Server

NAME = f"Datasette {version('datasette')}"
PATH = "/ranking/ranking.json?_shape=array&_size=max&_json=unit&_json=areas"
_COLUMNS = ("rank", "unit", "points", "max_points", "open_points", "index_percent", "band", "status", "areas")


def write_table(body: Path) -> Path:
    """The items of a ranking as it was answered, in a database beside it."""
    path = body.parent / "ranking.db"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(f"CREATE TABLE ranking (place INTEGER PRIMARY KEY, {', '.join(_COLUMNS)})")
        rows = [[_cell(value) for value in row.values()] for row in _rows(body)]
        connection.executemany(f"INSERT INTO ranking VALUES (?{', ?' * len(_COLUMNS)})", rows)
    connection.close()
    return path


def check_same_table(server: Server, body: Path) -> int:
    """The length of its answer, which has exactly the rows of the ranking."""
    answer = server.client().ask("GET", PATH)
    if orjson.loads(answer) != _rows(body):
        raise RuntimeError(f"{NAME} serves another table")
    return len(answer)


def _rows(body: Path) -> list[dict[str, Any]]:
    items = orjson.loads(body.read_bytes())["items"]
    return [{"place": place, **{name: item[name] for name in _COLUMNS}} for place, item in enumerate(items)]


def _cell(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value
