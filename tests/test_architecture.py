"""The contracts of pyproject.toml hold: who may import whom."""

from pathlib import Path

import pytest
from importlinter import configuration
from importlinter.application.use_cases import lint_imports

CONTRACTS = Path(__file__).parents[1] / "pyproject.toml"


def test_imports_keep_to_the_contracts(capsys: pytest.CaptureFixture[str]) -> None:
    configuration.configure()
    kept = lint_imports(config_filename=str(CONTRACTS), cache_dir=None, no_logo=True)
    said = capsys.readouterr().out
    assert kept, said
    assert f"Contracts: {CONTRACTS.read_text('utf-8').count('[[tool.importlinter.contracts]]')} kept" in said
