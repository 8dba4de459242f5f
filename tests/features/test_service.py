"""Liveness, readiness, versions, counters and documentation."""

import pytest

from tests.conftest import Client


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/version", "/openapi.json"])
def test_answers_without_a_key(public: Client, path: str) -> None:
    assert public.get(path).status_code == 200
