"""Settings: environment variables `PARINDEX_*`, listed in the README."""

import re
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MIN_KEY_LENGTH = 24
MAX_BATCH_ROWS = 20_000
"""SQLite takes 32,766 parameters in a statement, and a batch may name as many units."""


class Settings(BaseSettings):
    """What a deployment can set. Unsafe values are refused outside development."""

    model_config = SettingsConfigDict(env_prefix="PARINDEX_", frozen=True, hide_input_in_errors=True)

    environment: Literal["development", "production"] = Field(
        "development", description="`production` refuses unsafe settings."
    )
    database_url: str = Field(
        "sqlite:///parindex.db", description="`sqlite:///file` or `postgresql://user:password@host/name`."
    )
    database_pool: int = Field(10, ge=1, le=100, description="Connections kept open by each worker.")
    admin_key: SecretStr | None = Field(
        None, description="Key for every write; at least 24 characters. Made and printed in development."
    )
    max_body_bytes: int = Field(16 * 1024 * 1024, ge=1024, description="Largest request body.")
    max_batch_rows: int = Field(10_000, ge=1, le=MAX_BATCH_ROWS, description="Most scores in one batch.")

    @field_validator("database_url")
    @classmethod
    def _refuse_odd_database(cls, url: str) -> str:
        if not re.match(r"sqlite:///[^:]|postgres(ql)?(\+psycopg)?://", url):
            raise ValueError("must be sqlite:///<file> or postgresql://<user>:<password>@<host>/<name>")
        return re.sub(r"^postgres(ql)?(\+psycopg)?://", "postgresql+psycopg://", url)

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> "Settings":
        key = self.admin_key.get_secret_value() if self.admin_key else None
        if key is None and self.environment == "production":
            raise ValueError("set PARINDEX_ADMIN_KEY (24 characters or more) in production")
        if key is not None and len(key) < MIN_KEY_LENGTH:
            raise ValueError("PARINDEX_ADMIN_KEY must have 24 characters or more")
        return self
