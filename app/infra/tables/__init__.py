"""Tables from outside as rows of cells, one at a time: CSV, JSON, NDJSON and workbooks, told apart by what
they hold, whatever they are called. Memory does not grow with the rows."""

from collections.abc import Iterator
from pathlib import Path

from app.infra.spreadsheets.streaming import stream_rows
from app.infra.tables.delimited import read_delimited
from app.infra.tables.kinds import LOOKED_AT, kind_of
from app.infra.tables.objects import read_objects
from app.infra.tables.rows import Entry, Line, Remark

__all__ = ["Entry", "Line", "Remark", "kind_of", "read_table"]


def read_table(path: Path) -> Iterator[Line | Entry | Remark]:
    """Rows in their order, and remarks on the file between them. Raises InvalidInputError where the file is
    no table, or where it breaks off; TooLargeError where it holds too much."""
    with path.open("rb") as file:
        head = file.read(LOOKED_AT)
        match kind_of(head):
            case "xlsx":
                for row in stream_rows(file):
                    yield row if isinstance(row, Remark) else Line(*row)
            case "json":
                yield from read_objects(path, head)
            case _:
                yield from read_delimited(path, head)
