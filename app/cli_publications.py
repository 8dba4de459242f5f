"""`parindex verify`, and keys that sign: what needs no service and no database."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.markup import escape

from app.features.publications.mapping.checking import list_differences, read_document
from app.infra.canonical import digest_of
from app.infra.errors import AppError
from app.infra.messages import render
from app.infra.signing import SigningKey, is_signed, kid_of, write_key

console = Console(highlight=False)
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The document of a publication.")]
NewFile = Annotated[Path, typer.Argument(help="Where it is written; it must not be there yet.")]
Signature = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="What GET /v1/publications/<id>/signature answered."),
]
Keys = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="What GET /.well-known/jwks.json answered."),
]


def verify(file: File, signature: Signature = None, keys: Keys = None) -> None:
    """Check a publication without any service: compute every number anew from the document itself, and, with
    --signature and --keys, check who signed it. Exit status 1 where anything is wrong."""
    if (signature is None) != (keys is None):
        console.print("[red]--signature and --keys are given together[/]")
        raise typer.Exit(2)
    try:
        content = file.read_bytes()
        document, faults = read_document(content)
    except AppError as error:
        for fault in error.faults:
            message, _ = render(fault.code, fault.params, "en")
            console.print(f"[red]{escape(fault.pointer) or '/'}[/]  {escape(message)}")
        raise typer.Exit(1) from None
    console.print(escape(f"Publication  {document['id']}, {document['decision']['number']}"))
    console.print(f"SHA-256      {digest_of(content)}")
    differences = [*faults, *list_differences(document)]
    for fault in differences:
        told = render(fault.code, fault.params, "en")[0]
        console.print(f"[red]{escape(fault.pointer) or '/'}[/]  {escape(told)}")
    if not differences:
        console.print(f"Numbers      [green]{len(document['units'])} units computed anew: all as they say[/]")
    signed = _check_signature(content, signature, keys)
    if differences or not signed:
        raise typer.Exit(1)


def _check_signature(content: bytes, signature: Path | None, keys: Path | None) -> bool:
    """Whether the signature is good; True where nobody asked."""
    if signature is None or keys is None:
        console.print("Signature    not checked: give --signature and --keys")
        return True
    jws = _member(signature, "jws")
    known = _member(keys, "keys")
    if isinstance(jws, str) and isinstance(known, list) and is_signed(content, jws, known):
        console.print(f"Signature    [green]valid, key {kid_of(jws)}[/]")
        return True
    console.print("[red]Signature    not that of this document by one of these keys[/]")
    return False


def _member(file: Path, name: str) -> object:
    try:
        content = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError:
        return None
    return content.get(name) if isinstance(content, dict) else None


def make_signing_key(file: NewFile) -> None:
    """Make an Ed25519 key that signs publications. After a rotation the old public key stays known."""
    key = SigningKey.make()
    try:
        write_key(key, file)
    except OSError as error:
        console.print(f"[red]{file}:[/] {error.strerror}")
        raise typer.Exit(2) from None
    sys.stdout.write(f"{key.kid}\n")
