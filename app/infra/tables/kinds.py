"""What kind of file it is, by its first bytes."""

import codecs

from app.core.errors import Fault
from app.infra.errors import refuse

LOOKED_AT = 64 * 1024
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_STRANGERS = {
    b"%PDF-": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7Z",
    b"\x1f\x8b": "GZIP",
    b"{\\rtf": "RTF",
    b"PAR1": "Parquet",
}
_OLE = b"\xd0\xcf\x11\xe0"


def kind_of(head: bytes) -> str:
    """`xlsx`, `json` or `csv` by the first bytes of a file; what is none of them is refused."""
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not start or head in UTF16:
        refuse([Fault("file_empty")])
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if head.startswith(_OLE):
        refuse([Fault("xlsx_old_format")])
    for signature, name in _STRANGERS.items():
        if head.startswith(signature):
            refuse([Fault("file_is_no_table", "", {"kind": name})])
    if start.startswith(b"<"):
        refuse([Fault("file_is_no_table", "", {"kind": "HTML/XML"})])
    if head.startswith(UTF16):
        _refuse_utf16_json(head)
    elif b"\0" in head:
        refuse([Fault("file_holds_nul")])
    return "json" if start[:1] in (b"{", b"[") else "csv"


def _refuse_utf16_json(head: bytes) -> None:
    start = head[: len(head) // 2 * 2].decode("utf-16", errors="replace").lstrip("\ufeff \r\n\t")
    if start[:1] in ("{", "["):
        refuse([Fault("json_not_utf8")])
    if start.startswith("<"):
        refuse([Fault("file_is_no_table", "", {"kind": "HTML/XML"})])
