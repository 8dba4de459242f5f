"""What a nasty file is, and the two rows that every one of them says."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

Said = int | str | None
Row = tuple[int, str, str, Said, Said]
"""Number of the row in the file, unit, period, received, resolved; a text is the code of what is wrong."""


class Rows(NamedTuple):
    """What is read, what is wrong with rows as such {number: codes}, and what is remarked of the file."""

    rows: Sequence[Row]
    faults: Mapping[int, Sequence[str]] = {}
    remarks: Sequence[str] = ()
    totals: int = 0


class Refused(NamedTuple):
    """The code, and the line where it breaks, or the cell of a workbook."""

    code: str
    line: int | None = None
    cell: str | None = None


class Nasty(NamedTuple):
    """A file to be written into a folder under its name."""

    name: str
    write: Callable[[Path], Path]
    kind: str
    expected: Rows | Refused


HEADING = "Mã đơn vị,Kỳ báo cáo,Tiếp nhận,Đã giải quyết"
BODY = "22,2021-09,1234,1000\n24,2021-09,56,56\n"
PLAIN = f"{HEADING}\n{BODY}"
GOOD: list[Row] = [(2, "22", "2021-09", 1234, 1000), (3, "24", "2021-09", 56, 56)]
MEGABYTE = 1_000_000
KIND = "dossier-statistics"


def adder(gallery: list[Nasty]) -> Callable[[str, bytes | Callable[[], bytes], Rows | Refused], None]:
    """What adds a file to a gallery; what is large is made when it is written."""

    def add(name: str, content: bytes | Callable[[], bytes], expected: Rows | Refused) -> None:
        def write_file(folder: Path) -> Path:
            path = folder / name
            path.write_bytes(content if isinstance(content, bytes) else content())
            return path

        gallery.append(Nasty(name, write_file, KIND, expected))

    return add
