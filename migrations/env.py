"""Alembic environment: the connection is given by the caller, or made from the settings."""

from alembic import context
from sqlalchemy import Connection, text

from app.infra.config import Settings
from app.infra.db import Database
from app.models import metadata


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,  # SQLite too: an interrupted upgrade leaves nothing
    )
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.commit()
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    with Database.from_settings(Settings()).engine.connect() as opened:
        _run(opened)
