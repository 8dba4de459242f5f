"""Writes openapi.json anew after a change of the API that is meant: `python -m tests.approve_openapi`."""

import json
from pathlib import Path

from app.infra.config import Settings
from app.main import create_app

APPROVED = Path(__file__).parents[1] / "openapi.json"


def render() -> str:
    """The OpenAPI document of the application as the text that is kept; no database is opened."""
    document = create_app(Settings(database_url="sqlite:///none.db", admin_key="x" * 24)).openapi()
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    APPROVED.write_text(render(), encoding="utf-8")
