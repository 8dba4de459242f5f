"""How much a workbook may hold."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What is larger is refused before anything is made of it.

    `unpacked_bytes`: of all its XML; `area`: rows x columns of all sheets; `text`: characters of all cells.
    """

    file_bytes: int = 8_000_000
    unpacked_bytes: int = 48_000_000
    sheets: int = 30
    rows: int = 20_000
    columns: int = 100
    area: int = 600_000
    text: int = 20_000_000
