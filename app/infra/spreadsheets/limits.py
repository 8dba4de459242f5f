"""How much a workbook may hold."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What is larger is refused before anything is made of it.

    `unpacked_bytes`: of all its XML; `part_bytes`: of a part that is read whole;
    `area`: rows x columns of all sheets; `text`: characters of all cells.
    """

    file_bytes: int = 8_000_000
    unpacked_bytes: int = 48_000_000
    sheets: int = 30
    rows: int = 20_000
    columns: int = 100
    area: int = 600_000
    text: int = 20_000_000
    part_bytes: int = 48_000_000


IMPORTED = Limits(
    file_bytes=50_000_000,
    unpacked_bytes=500_000_000,
    sheets=60,
    rows=200_000,
    columns=100,
    area=12_000_000,
    text=100_000_000,
    part_bytes=10_000_000,
)
"""Of tables that are read row by row: `rows` and `area` count what is filled, 200,000 rows of 60 cells."""
