"""Names of figures: `dossier:<column or rate>`, `measure:<code>`, and the parts of a measure,
`measure:<code>/numerator` and `measure:<code>/denominator`."""

from collections.abc import Iterable

DOSSIER = "dossier"


def is_of_dossiers(name: str) -> bool:
    """Whether a figure is a count of dossiers, or a rate over them."""
    return name.startswith(f"{DOSSIER}:")


def measure_of(name: str) -> str:
    """The code of the measure that a figure is, or is a part of."""
    return name.removeprefix("measure:").partition("/")[0]


def report_of(name: str) -> str:
    """What is reported as one: `dossier`, or `measure:<code>` without its part."""
    return DOSSIER if is_of_dossiers(name) else f"measure:{measure_of(name)}"


def measures_in(names: Iterable[str]) -> set[str]:
    """The codes of all measures among some figures."""
    return {measure_of(name) for name in names if name.startswith("measure:")}
