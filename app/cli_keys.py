"""`parindex keys`: API keys made, listed and revoked at the machine itself."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError

from app.core.access import Grant, parse_grant
from app.core.types import ClientScope
from app.features.clients import service
from app.features.clients.schemas import ClientCreate
from app.infra.auth import operator
from app.infra.clock import VIETNAM
from app.infra.config import Settings
from app.infra.db import Database
from app.infra.errors import AppError
from app.infra.messages import render
from app.infra.problems import faults_of

BY = operator("cli")
app = typer.Typer(no_args_is_help=True, help="API keys of clients.")

Code = Annotated[str, typer.Option(help="A short stable name: so-noi-vu.")]
Name = Annotated[str, typer.Option(help="What the client is.")]
Grants = Annotated[
    list[str], typer.Option("--grant", help="scope, scope@unit or scope@group:code; repeat for more.")
]
Home = Annotated[str | None, typer.Option("--unit", help="Unit that it reports for, and never appraises.")]
Expires = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Not taken from this day on (in Vietnam).")
]


@app.command()
def create(code: Code, name: Name, grant: Grants, unit: Home = None, expires: Expires = None) -> None:
    """Make a client and print its key, once."""
    body = {
        "code": code,
        "name": name,
        "grants": [_as_body(_parse(text)) for text in grant],
        "home_unit": unit,
        "expires_at": expires.replace(tzinfo=VIETNAM) if expires else None,
    }
    with _database() as database, database.write() as session:
        made = service.create_client(session, _validated(body), BY)
    typer.echo(f"Key  {made.key}")
    typer.echo("     It is shown now and never again.")
    typer.echo(f"Try  curl -s -H 'Authorization: Bearer {made.key}' http://127.0.0.1:8000/v1/rounds")


@app.command("list")
def list_keys() -> None:
    """Every client with its grants; the beginning of its key, never the key."""
    with _database() as database, database.read() as session:
        clients = service.list_clients(session, BY, None, sys.maxsize)
    for client in clients:
        grants = ",".join(str(Grant(g.scope, g.unit, g.group)) for g in client.grants)
        used, expires = _shown(client.last_used_at), _shown(client.expires_at)
        said = (client.code, client.state, f"{client.key_hint}...", grants, client.home_unit or "-")
        typer.echo("\t".join((*said, f"used {used}", f"expires {expires}", client.name)))


@app.command()
def revoke(code: Annotated[str, typer.Argument(help="Code of the client.")]) -> None:
    """Refuse the key of a client from now on."""
    with _database() as database, database.write() as session:
        service.revoke_client(session, code, BY)
    typer.echo(f"Revoked {code}.")


def _shown(at: datetime | None) -> str:
    return at.astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M") if at else "never"


def _parse(text: str) -> Grant:
    try:
        return parse_grant(text)
    except ValueError:
        _refuse(f"{text!r} is no grant: scope, scope@unit or scope@group:code, of {', '.join(ClientScope)}")


def _as_body(grant: Grant) -> dict[str, Any]:
    return {"scope": grant.scope, "unit": grant.unit, "group": grant.group}


def _validated(body: dict[str, Any]) -> ClientCreate:
    try:
        return ClientCreate.model_validate(body)
    except ValidationError as error:
        faults = faults_of(error, body)
        _refuse(*(f"{fault.pointer}: {render(fault.code, fault.params, 'en')[0]}" for fault in faults))


@contextmanager
def _database() -> Iterator[Database]:
    """The database of the settings; a refusal of the service is a line, not a stack trace."""
    database = Database.from_settings(Settings())
    try:
        yield database
    except AppError as error:
        _refuse(*_lines(error))
    finally:
        database.close()


def _lines(error: AppError) -> Sequence[str]:
    if error.faults:
        return [f"{fault.pointer}: {render(fault.code, fault.params, 'en')[0]}" for fault in error.faults]
    return [render(error.code, error.params, "en")[0]]


def _refuse(*lines: str) -> NoReturn:
    for line in lines:
        typer.echo(f"keys: {line}")
    raise typer.Exit(2)
