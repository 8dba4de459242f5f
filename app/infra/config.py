"""Settings: environment variables `PARINDEX_*`, listed in the README."""

import re
from pathlib import Path
from typing import Annotated, Literal

from limits import parse
from pydantic import AfterValidator, Field, HttpUrl, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MIN_KEY_LENGTH = 24
MAX_BATCH_ROWS = 20_000
"""SQLite takes 32,766 parameters in a statement, and a batch may name as many units."""


def _parsed_rate(text: str) -> str:
    if text:
        parse(text)
    return text


Rate = Annotated[str, AfterValidator(_parsed_rate)]
"""`100/minute`, `5 per second`, or empty."""


class Settings(BaseSettings):
    """What a deployment can set. Unsafe values are refused outside development."""

    model_config = SettingsConfigDict(
        env_prefix="PARINDEX_",
        frozen=True,
        hide_input_in_errors=True,
        url_preserve_empty_path=True,  # an issuer is compared to the letter
    )

    environment: Literal["development", "production"] = Field(
        "development", description="`production` refuses unsafe settings."
    )
    database_url: str = Field(
        "sqlite:///parindex.db", description="`sqlite:///file` or `postgresql://user:password@host/name`."
    )
    database_pool: int = Field(10, ge=1, le=100, description="Connections kept open by each worker.")
    statement_seconds: float = Field(30, gt=0, le=3600, description="Longest statement in the database.")
    settled_seconds: float = Field(
        3600, ge=0, le=86_400, description="How long ago `known_at` must be: longer than any write takes."
    )
    admin_key: SecretStr | None = Field(
        None, description="Key with every scope; at least 24 characters. Made and printed in development."
    )
    max_body_bytes: int = Field(16 * 1024 * 1024, ge=1024, description="Largest request body.")
    body_seconds: float = Field(30, gt=0, le=3600, description="Longest time for a body to arrive.")
    max_batch_rows: int = Field(10_000, ge=1, le=MAX_BATCH_ROWS, description="Most scores in one batch.")
    rate_limit: Rate = Field("6000/minute", description="Requests of one client; empty is no limit.")
    rate_limit_anonymous: Rate = Field(
        "6000/minute", description="Requests without a key from one address; empty is no limit."
    )
    files_folder: Path = Field(Path("parindex-files"), description="Where uploaded evidence is stored.")
    max_file_bytes: int = Field(10 * 1024 * 1024, ge=1024, description="Largest uploaded file.")
    max_import_bytes: int = Field(
        512 * 1024 * 1024, ge=1024, description="Largest file of an import, which goes to disk as it comes."
    )
    import_threads: int = Field(1, ge=1, le=8, description="Imports that a worker works on at a time.")
    import_queue: int = Field(20, ge=1, le=1000, description="Imports that wait for their turn; then 503.")
    signing_key: SecretStr | None = Field(
        None, description="Ed25519 key that signs publications: PEM (PKCS #8) or JWK."
    )
    signing_key_file: Path | None = Field(None, description="File with that key.")
    cors_origins: tuple[str, ...] = Field((), description="Origins of browsers that may call, as JSON list.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is logged.")
    log_format: Literal["json", "text"] = Field("json", description="How it is logged.")
    oidc_issuer: HttpUrl | None = Field(None, description="Issuer whose tokens are taken.")
    oidc_audience: str | None = Field(None, description="Audience that a token must name.")
    oidc_jwks_url: HttpUrl | None = Field(
        None, description="Its keys; where left out, the issuer's discovery document names them."
    )
    oidc_roles_claim: str = Field(
        "roles", description="Claim with the grants (`scores:self@22`), dotted where it is nested."
    )

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
        if (self.oidc_issuer is None) != (self.oidc_audience is None):
            raise ValueError("set PARINDEX_OIDC_ISSUER and PARINDEX_OIDC_AUDIENCE together")
        for url in (self.oidc_issuer, self.oidc_jwks_url):
            if url is not None and url.scheme != "https" and self.environment == "production":
                raise ValueError("PARINDEX_OIDC_* addresses must be https in production")
        if "*" in self.cors_origins and self.environment == "production":
            raise ValueError("PARINDEX_CORS_ORIGINS must name origins in production")
        if self.max_file_bytes > self.max_body_bytes and self.environment == "production":
            raise ValueError("PARINDEX_MAX_FILE_BYTES must not exceed PARINDEX_MAX_BODY_BYTES")
        return self
