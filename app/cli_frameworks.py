"""`parindex framework`: criteria sets written as workbooks or texts, checked, loaded and shown."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.features.authoring import service
from app.features.frameworks import service as frameworks
from app.infra.auth import operator
from app.infra.config import Settings
from app.infra.db import Database
from app.infra.errors import AppError, TooLargeError
from app.infra.messages import Language, render
from app.infra.problems import render_fault

BY = operator("cli")
MAX_FILE_BYTES = 16_000_000
app = typer.Typer(no_args_is_help=True, help="Criteria sets: template, load, show.")
_HEADINGS: dict[Language, tuple[str, ...]] = {
    "vi": ("Trang", "Ô", "Lỗi", "Cách sửa"),
    "en": ("Sheet", "Cell", "Mistake", "How to mend it"),
}
_PLACES: dict[Language, str] = {"vi": "Vị trí", "en": "Place"}

Words = Annotated[Language, typer.Option("--language", help="Of the mistakes: vi or en.")]
Reference = Annotated[str, typer.Argument(help="code@version, like par-province@2020.")]
Format = Annotated[Literal["yaml", "json", "xlsx"], typer.Option("--format", help="How to write it.")]


@app.command()
def template(
    file: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("bo-chi-so-mau.xlsx"),
) -> None:
    """Write the workbook for a new criteria set: help, lists to choose from, and an example that loads."""
    if file.exists():
        _refuse(f"{file} exists already; nothing was written.")
    file.write_bytes(service.make_template())
    _say(f"Wrote {file}.")


@app.command()
def load(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=".xlsx, .yaml or .json.")],
    publish: Annotated[bool, typer.Option("--publish", help="Make it immutable, for rounds to use.")] = False,
    language: Words = "vi",
) -> None:
    """Check a criteria set and store it as a draft. Every mistake is named with its place; then nothing is
    stored, and the exit status is 1."""
    with _database(language) as database, database.write() as session:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise TooLargeError("file_too_large", limit=MAX_FILE_BYTES)
        row, _ = service.load(session, file.name, file.read_bytes(), BY)
        if publish:
            row = frameworks.publish_framework(session, row.code, row.version, BY)
        said = f"Stored {row.code}@{row.version}: {row.state}."
    _say(said)


@app.command()
def show(
    reference: Reference,
    format_: Format = "yaml",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write.")] = None,
    language: Words = "vi",
) -> None:
    """Write a stored criteria set as YAML, JSON or a workbook; each of them loads as the same set."""
    if format_ == "xlsx" and output is None:
        _refuse("A workbook needs a file: --output FILE.")
    code, _, version = reference.partition("@")
    with _database(language) as database, database.read() as session:
        row = frameworks.get_row(session, code, version)
        content = (
            service.make_workbook(frameworks.document_of(row))
            if format_ == "xlsx"
            else service.make_text(row, format_).encode()
        )
    if output is None:
        sys.stdout.write(content.decode())
    else:
        output.write_bytes(content)


@contextmanager
def _database(language: Language) -> Iterator[Database]:
    """The database of the settings; a refusal is a table of mistakes, not a stack trace."""
    database = Database.from_settings(Settings())
    try:
        yield database
    except AppError as error:
        _tell(error, language)
        raise typer.Exit(1) from None
    finally:
        database.close()


def _tell(error: AppError, language: Language) -> None:
    message, hint = render(error.code, error.params, language)
    _say(f"{message} {hint or ''}".strip(), "red")
    if error.faults:
        Console().print(_table_of(error, language))


def _table_of(error: AppError, language: Language) -> Table:
    told = [render_fault(fault, language) for fault in error.faults]
    sheet, cell, mistake, mend = _HEADINGS[language]
    in_cells = any("cell" in fault for fault in told)
    table = Table(*((sheet, cell) if in_cells else (_PLACES[language],)), mistake, mend, show_lines=True)
    for fault in told:
        place = (fault.get("sheet", ""), fault.get("cell", "")) if in_cells else (fault["pointer"] or "/",)
        table.add_row(*map(escape, (*place, fault["message"], fault["hint"] or "")))
    return table


def _say(line: str, style: str | None = None) -> None:
    Console(highlight=False).print(line, style=style, markup=False, soft_wrap=True)


def _refuse(line: str) -> NoReturn:
    _say(line, "red")
    raise typer.Exit(2)
