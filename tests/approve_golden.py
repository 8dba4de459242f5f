"""Freezes the results of new cases and, with a new ENGINE_VERSION, all of them anew:
`python -m tests.approve_golden [round whose data were edited]...`."""

import sys

from app.core import ENGINE_VERSION
from tests import golden
from tests.core.build import load_cases
from tests.core.example_rounds import compute_rounds


def main(edited: list[str]) -> int:
    """Write what may be frozen, and say what changed."""
    first = golden.Golden(ENGINE_VERSION, [], {})
    frozen = golden.read() if golden.FROZEN.exists() else first
    asked, rounds = golden.questions(load_cases()), compute_rounds()
    try:
        approved, changed = golden.approve(frozen, ENGINE_VERSION, asked, rounds, edited)
    except golden.RefusedError as refused:
        print(refused)  # noqa: T201
        return 1
    golden.FROZEN.write_text(golden.write(approved), encoding="utf-8")
    print("\n".join([f"frozen for engine_version {ENGINE_VERSION}", *changed]))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
