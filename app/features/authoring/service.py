"""Criteria sets as officials write them: workbooks and texts, told cell by cell what is wrong."""

import json
from functools import cache
from importlib.resources import files
from pathlib import PurePath
from typing import Any

import orjson
from pydantic import ValidationError
from sqlmodel import Session

from app.core.errors import Fault
from app.features.authoring.mapping.documents import read_document
from app.features.authoring.mapping.tables import lists_of, tables_of
from app.features.authoring.schemas import LISTS, READ
from app.features.frameworks import service as frameworks
from app.features.frameworks.schemas import FrameworkDocument
from app.infra.auth import Caller
from app.infra.documents import check_values, read_file, read_json, read_yaml, validated, write_yaml
from app.infra.errors import InvalidInputError
from app.infra.problems import faults_of
from app.infra.spreadsheets.cells import Place, Places, locate
from app.infra.spreadsheets.limits import Limits
from app.infra.spreadsheets.reading import read_sheets
from app.infra.spreadsheets.writing import write_tables
from app.models import FrameworkVersionRow

MOST_FAULTS = 1000
"""That are told at once; all are counted."""
_ZIP = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
ROOM = Limits(columns=60)


@cache
def make_template() -> bytes:
    """The workbook to be filled in, with a small example that loads as it is."""
    return make_workbook(_example())


@cache
def _example() -> FrameworkDocument:
    return validated(FrameworkDocument, read_file(files("app.data").joinpath("framework-template.yaml")))


def make_workbook(document: FrameworkDocument) -> bytes:
    """A criteria set as a workbook that loads as the same set."""
    data = document.model_dump(by_alias=True)
    tables = tables_of(data, _example().model_dump(by_alias=True))
    return write_tables(document.title_vi, tables, LISTS, lists_of())


def make_text(row: FrameworkVersionRow, format_: str) -> str:
    """A stored set as YAML or JSON that loads as the same set."""
    document: dict[str, Any] = orjson.loads(row.document)
    if format_ == "yaml":
        return write_yaml(document)
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def read_workbook(content: bytes) -> tuple[dict[str, Any], Places]:
    """The document of a workbook as plain data, and the cell of each member. Raises InvalidInputError with
    the cell of every mistake."""
    document, findings = read_document(read_sheets(content, ROOM))
    check_values(document)
    if findings.faults:
        told = {fault.place for fault in findings.faults}
        shape = _faults_of_shape(document, findings.places) if document else []
        more = [f for f in shape if f.place not in told and (f.pointer, f.code) != ("/areas", "wrong_length")]
        faults = sorted([*findings.faults, *more], key=_order)
        raise InvalidInputError("invalid_input", faults[:MOST_FAULTS], count=len(faults))
    return document, findings.places


def _faults_of_shape(document: dict[str, Any], places: Places) -> list[Fault]:
    try:
        FrameworkDocument.model_validate(document)
    except ValidationError as error:
        return locate(faults_of(error, document), places)
    return []


def _order(fault: Fault) -> tuple[int, int, int, str]:
    """By sheet, row and column."""
    sheet, cell = Place(*fault.place) if fault.place else ("", "A1")
    letters = cell.rstrip("0123456789")
    number = READ.index(sheet) if sheet in READ else -1
    return number, int(cell.removeprefix(letters)), len(letters), letters


def load(session: Session, name: str, content: bytes, by: Caller) -> tuple[FrameworkVersionRow, bool]:
    """Store a file as a draft, at the code and version that it names; (row, whether it is new)."""
    data, places = _read(name, content)
    try:
        document = validated(FrameworkDocument, data)
        return frameworks.put_framework(session, document.code, document.version, document, by)
    except InvalidInputError as error:
        error.faults = sorted(locate(error.faults, places), key=_order) if places else error.faults
        raise


def _read(name: str, content: bytes) -> tuple[Any, Places]:
    """Plain data of a file, by its name; a workbook is known by its content too."""
    suffix = PurePath(name).suffix.lower()
    if suffix == ".xlsx" or content.startswith(_ZIP):
        return read_workbook(content)
    if suffix in (".yaml", ".yml"):
        return read_yaml(content), {}
    if suffix == ".json":
        return _read_json(content), {}
    raise InvalidInputError(
        "invalid_input", [Fault("file_kind_unknown", "", {"file": PurePath(name).name})], count=1
    )


def _read_json(content: bytes) -> Any:
    try:
        return read_json(content)
    except json.JSONDecodeError as error:
        fault = Fault("json_invalid", "", {"error": str(error)})
        raise InvalidInputError("invalid_input", [fault], count=1) from error
