"""`parindex`: serve, migrate, load."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import orjson
import typer
from pydantic import ValidationError
from rich.console import Console
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from app import cli_frameworks, cli_keys, cli_publications
from app.cli_imports.command import import_file
from app.infra.auth import make_key, operator
from app.infra.config import Settings
from app.infra.db import Database

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The PAR index service.")
db = typer.Typer(no_args_is_help=True, help="The database.")
app.add_typer(db, name="db")
audit = typer.Typer(no_args_is_help=True, help="The audit log.")
app.add_typer(audit, name="audit")
app.add_typer(cli_keys.app, name="keys")
app.add_typer(cli_frameworks.app, name="framework")
app.command("import")(import_file)
app.command("verify")(cli_publications.verify)
cli_keys.app.command("signing")(cli_publications.make_signing_key)
REFERENCE = operator("reference")
console = Console(highlight=False)

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Processes.")]
Setup = Annotated[bool, typer.Option("--setup", help="First migrate, load reference data and examples.")]


def main() -> None:
    """Entry point: a wrong setting is one clear line, not a stack trace."""
    try:
        app()
    except ValidationError as error:
        for fault in error.errors():
            name = "_".join(map(str, fault["loc"])).upper()
            console.print(f"[red]settings:[/] {f'PARINDEX_{name}: ' if name else ''}{fault['msg']}")
        raise SystemExit(2) from None
    except (OperationalError, ProgrammingError) as error:
        console.print(f"[red]database:[/] {str(error.orig).strip()}")
        raise SystemExit(2) from None


_START_SECONDS = 30
"""Within which a worker must say that it is there. While it imports it cannot, and on a busy machine that
takes longer than the 5 seconds after which uvicorn kills it, again and again."""


@app.command()
def serve(host: Host = "127.0.0.1", port: Port = 8000, workers: Workers = 1, setup: Setup = False) -> None:
    """Serve the API."""
    import uvicorn

    settings = Settings()
    made = settings.admin_key is None
    key = make_key() if settings.admin_key is None else settings.admin_key.get_secret_value()
    os.environ["PARINDEX_ADMIN_KEY"] = key
    if setup:
        _upgrade(settings)
        _load_reference(settings)
        _load_examples(settings)
    _require_schema(settings)
    _greet(f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}", key if made else None)  # noqa: S104
    uvicorn.run(
        "app.main:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_level="warning",
        timeout_worker_healthcheck=_START_SECONDS,
    )


def _require_schema(settings: Settings) -> None:
    from app.infra.idempotency import forget_old

    database = Database.from_settings(settings)
    if _newest_file() != _current(database):
        console.print("[red]The database is not at the newest schema:[/] run `parindex db upgrade` first.")
        raise typer.Exit(2)
    with suppress(DBAPIError), database.store() as session:  # a replica keeps what its primary keeps
        forget_old(session)
    database.close()


def _greet(url: str, made_key: str | None) -> None:
    lines = [
        f"API            {url}/v1/rounds",
        f"Documentation  {url}/docs",
        f"Try            curl -s '{url}/v1/rounds/par-province-2020/rankings?limit=3'",
    ]
    if made_key:
        bearer = f"-H 'Authorization: Bearer {made_key}'"
        lines += [
            f"Key            {made_key} (made for this start; set PARINDEX_ADMIN_KEY to keep one)",
            f"With the key   curl -s {bearer} {url}/v1/rounds/six-areas-my-xuyen-2021/rankings",
        ]
    for line in lines:
        console.print(line, soft_wrap=True)


@audit.command()
def verify(
    known: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Links kept earlier: the answer of /v1/audit/chains."),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Write the newest links there, to be kept.")] = None,
) -> None:
    """Check the audit log and every history; names the first broken link. Exit status 1 where one is."""
    from app.features.audit import service
    from app.features.audit.schemas import AuditChain

    database = Database.from_settings(Settings())
    try:
        links = [AuditChain(**link) for link in orjson.loads(known.read_bytes())["items"]] if known else []
    except (KeyError, TypeError, ValueError):
        raise typer.BadParameter("no links in that file", param_hint="--known") from None
    with database.read() as session:
        found = service.verify(session, links)
    database.close()
    for link in found.broken:
        where = f"chain {link.jurisdiction}, event {link.sequence or '-'}"
        console.print(f"[red]broken:[/] {where}: {link.place}: {link.fault}", soft_wrap=True)
    if output is not None:
        output.write_bytes(orjson.dumps({"items": [link.model_dump() for link in found.chains]}))
    console.print(
        f"{found.events} events in {len(found.chains)} chains, {found.rows} rows of histories checked."
    )
    if not found.intact:
        raise typer.Exit(1)


@db.command()
def upgrade() -> None:
    """Bring the database to the newest schema."""
    _upgrade(Settings())


@app.command("load-reference")
def load_reference() -> None:
    """Load provinces, mergers, the criteria sets and the catalogue of measures that ship with the service."""
    _load_reference(Settings())


@app.command("load-examples")
def load_examples() -> None:
    """Load real rounds and reports (after load-reference)."""
    _load_examples(Settings())


def _upgrade(settings: Settings) -> None:
    from app.features.audit.service import begin

    database = Database.from_settings(settings)
    if _newest_file() != _current(database):
        migrate(database)
        console.print("Database is at the newest schema.")
        with database.exclusively(), database.write() as session:
            begin(session, operator("upgrade"))
    database.close()


def migrate(database: Database, revision: str = "head") -> None:
    """Upgrade the schema in one transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    with database.exclusively() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def migrations_folder() -> Path:
    """In the package where it is installed, else beside it."""
    inside = Path(__file__).parent / "_migrations"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "migrations"


def _newest_file() -> str:
    """Migrations are numbered: the newest is the last."""
    return max(path.name.split("_")[0] for path in (migrations_folder() / "versions").glob("[0-9]*.py"))


def _current(database: Database) -> str | None:
    """The revision of the database; starting is quick where there is nothing to do."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        current: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return current


def _load_reference(settings: Settings) -> None:
    from app.features.frameworks import service as frameworks
    from app.features.measures import service as measures
    from app.features.units import service as units

    database = Database.from_settings(settings)
    with database.exclusively(), database.write() as session:
        new_units = units.load_reference(session, REFERENCE)
        new_frameworks = frameworks.load_bundled(session, REFERENCE)
        new_measures = measures.load_bundled(session, REFERENCE)
    database.close()
    if new_units or new_frameworks or new_measures:
        console.print(
            f"Loaded {new_units} unit versions, {new_frameworks} criteria sets and {new_measures} measures."
        )


def _load_examples(settings: Settings) -> None:
    from app.examples import load_examples as load

    database = Database.from_settings(settings)
    with database.exclusively():
        load(database, lambda title: console.print(f"Loaded example: {title}", soft_wrap=True))
    database.close()


if __name__ == "__main__":
    main()
