"""Nasty files of text: CSV and JSON."""

import codecs
import json

from tests.nasty_parts import BODY, GOOD, HEADING, MEGABYTE, PLAIN, Nasty, Refused, Row, Rows, adder

TEXTS: list[Nasty] = []
nasty = adder(TEXTS)
OBJECTS = [
    {"unit_code": "22", "period": "2021-09", "received": 1234, "resolved": 1000},
    {"unit_code": "24", "period": "2021-09", "received": 56, "resolved": 56},
]
OF_OBJECTS: list[Row] = [(number - 1, *rest) for number, *rest in GOOD]

# encodings
nasty("bom.csv", codecs.BOM_UTF8 + PLAIN.encode(), Rows(GOOD))
nasty("utf-16.csv", PLAIN.replace(",", "\t").encode("utf-16"), Rows(GOOD))
nasty("utf-16-no-bom.csv", PLAIN.encode("utf-16-le"), Refused("file_holds_nul"))
WINDOWS_1258 = (
    "Ma\u0303 đơn vi\u0323,Ky\u0300 báo cáo,Tiê\u0301p nhâ\u0323n,Đa\u0303 gia\u0309i quyê\u0301t\n"
)
nasty("windows-1258.csv", (WINDOWS_1258 + BODY).encode("cp1258"), Refused("file_not_utf8", 1))
TCVN3 = f"M· ®¬n vÞ,Kú b¸o c¸o,TiÕp nhËn,§· gi¶i quyÕt\n{BODY}"
"""As a program shows it that does not know the font."""
nasty("tcvn3.csv", TCVN3.encode("latin-1"), Refused("file_not_utf8", 1))
nasty("tcvn3-as-utf8.csv", TCVN3.encode(), Refused("text_in_old_font"))
nasty(
    "vni-as-utf8.csv",
    f"Maõ ñôn vò,Kyø baùo caùo,Tieáp nhaän,Ñaõ giaûi quyeát\n{BODY}".encode(),
    Refused("text_in_old_font"),
)
nasty("utf-7.csv", PLAIN.encode("utf-7"), Refused("text_in_old_font"))
nasty("mojibake.csv", PLAIN.encode().decode("cp1252", "ignore").encode(), Refused("text_in_old_font"))
nasty("one-bad-byte.csv", PLAIN.encode() + b"25,2021-09,\xff,1\n", Refused("file_not_utf8", 4))
nasty("ascii.csv", f"Ma don vi,Ky bao cao,Tiep nhan,Da giai quyet\n{BODY}".encode("cp1252"), Rows(GOOD))

# separators, quotes, line ends
nasty("semicolons.csv", PLAIN.replace(",", ";").encode(), Rows(GOOD))
nasty("tabs.txt", PLAIN.replace(",", "\t").encode(), Rows(GOOD))
nasty("sep-line.csv", f"sep=|\r\n{PLAIN.replace(',', '|')}".encode(), Rows(GOOD))
nasty(
    "decimal-commas.csv",
    PLAIN.replace(",", ";").replace("1234;1000", "1234,0;1000,5").encode(),
    Rows([(2, "22", "2021-09", 1234, "count_not_whole"), GOOD[1]]),
)
nasty("thousands.csv", PLAIN.replace(",", ";").replace("1234;1000", "1.234;1 000").encode(), Rows(GOOD))
nasty("thousands-in-quotes.csv", PLAIN.replace("1234,1000", '"1,234","1,000"').encode(), Rows(GOOD))
nasty(
    "commas-not-quoted.csv",
    PLAIN.replace("1234,1000", "1,234,1,000").encode(),
    Rows([(2, "22", "2021-09", 1, 234), GOOD[1]], {2: ["cell_under_no_heading"] * 2}),
)
nasty("apostrophes.csv", PLAIN.replace("22,", "'22,").replace("1234", "'1234").encode(), Rows(GOOD))
nasty(
    "negative.csv",
    PLAIN.replace("1234", "-1234").encode(),
    Rows([(2, "22", "2021-09", "count_negative", 1000), GOOD[1]]),
)
nasty("carriage-returns.csv", PLAIN.replace("\n", "\r").encode(), Rows(GOOD))
nasty("line-break-in-cell.csv", PLAIN.replace("Tiếp nhận", '"Tiếp\nnhận"').encode(), Rows(GOOD))
nasty(
    "blank-tail.csv",
    f"{PLAIN.replace(chr(10), ',,,' + chr(10))}{',,,,,,' + chr(10)}".encode() + b"\n" * 1000,
    Rows(GOOD),
)
nasty(
    "quote-not-closed.csv",
    PLAIN.replace("22,", '"22,').encode() + BODY.encode() * 50_000,
    Refused("quote_not_closed", 2),
)
nasty(
    "quote-closed-by-another.csv",
    f'{HEADING}\n"22,2021-09,1,1\n24,2021-09,1,1\n"25",2021-09,1,1\n'.encode(),
    Refused("quote_not_closed", 2),
)
nasty("endless-line.csv", lambda: PLAIN.encode() + b"1" * 20 * MEGABYTE, Refused("line_too_long", 4))
nasty("endless-line-alone.csv", lambda: b"1;" * 5 * MEGABYTE, Refused("line_too_long", 1))
nasty(
    "endless-cell.csv", lambda: PLAIN.encode() + b"25,2021-09," + b"1" * 200_000, Refused("cell_too_long", 4)
)
nasty("nul-bytes.csv", PLAIN.encode() + b"25,2021-09,\0\0,1\n", Refused("file_holds_nul"))
nasty(
    "nul-bytes-late.csv",
    lambda: PLAIN.encode() + b"\n" * 70_000 + b"25,2021-09,\0\0,1\n",
    Refused("file_holds_nul"),
)
nasty("lone-heading.csv", f"{HEADING}\n".encode(), Refused("table_without_rows"))
nasty("no-heading.csv", BODY.encode(), Refused("headings_not_found"))
nasty(
    "heading-twice.csv",
    PLAIN.replace("Đã giải quyết", "Tổng tiếp nhận").encode(),
    Refused("heading_twice", 1),
)
SHORT = "Mã đơn vị,Tiếp nhận\n"
nasty(
    "heading-on-each-page.csv",
    f"{PLAIN}{HEADING}\n1,2,3,4\n{BODY}".encode(),
    Rows([*GOOD, (6, *GOOD[0][1:]), (7, *GOOD[1][1:])], remarks=("numbering_left_out",)),
)
nasty(
    "figures-like-column-numbers.csv",
    "Mã đơn vị,Tiếp nhận,Đã giải quyết\n01,2,3\n02,3,4\n".encode(),
    Rows([(2, "01", "", 2, 3), (3, "02", "", 3, 4)]),
)
nasty(
    "column-numbers.csv",
    "Mã đơn vị,Tiếp nhận,Đã giải quyết\n(1),(2),(3)\n1,2,3\n2,3,4\n".encode(),
    Rows([(3, "1", "", 2, 3), (4, "2", "", 3, 4)]),
)
nasty(
    "column-numbers-with-gaps.csv",
    "Mã đơn vị,Tiếp nhận,Đã giải quyết,Đang giải quyết\n1,2,3,\n".encode(),
    Rows([(2, "1", "", 2, 3)]),
)
nasty("other-heading-below.csv", f"{PLAIN}{SHORT}25,7\n".encode(), Refused("headings_differ", 4))
nasty("smaller-table-above.csv", f"{SHORT}25,7\n{PLAIN}".encode(), Refused("headings_differ", 3))
nasty("heading-below-figures.csv", f"{BODY}{PLAIN}".encode(), Refused("figures_above_heading", 1))
nasty(
    "letterhead-in-cells.csv",
    f"Đơn vị,Sở Tư pháp,Kỳ,2021-09\n{PLAIN}".encode(),
    Rows([(number + 1, *rest) for number, *rest in GOOD]),  # type: ignore[misc]
)
nasty(
    "late-of-what.csv",
    "Mã đơn vị,Kỳ,Đang giải quyết,Quá hạn\n22,2021-09,5,1\n".encode(),
    Refused("heading_unclear", 1),
)
nasty("empty.csv", b"", Refused("file_empty"))
nasty("spaces.csv", b"\xef\xbb\xbf \r\n\r\n", Refused("file_empty"))
nasty("duplicate-rows.csv", (PLAIN + BODY).encode(), Rows([*GOOD, (4, *GOOD[0][1:]), (5, *GOOD[1][1:])]))
nasty("total-rows.csv", f"{PLAIN}Tổng cộng,,1290,1056\nCộng các xã,,0,0\n".encode(), Rows(GOOD, totals=2))
nasty(
    "units-like-totals.csv",
    "Tên đơn vị,Kỳ,Tiếp nhận\nCông an tỉnh,2021-09,5\nTổng cục Thuế,2021-09,6\n".encode(),
    Rows([(2, "Công an tỉnh", "2021-09", 5, None), (3, "Tổng cục Thuế", "2021-09", 6, None)]),
)
nasty(
    "signatures.csv",
    (
        f',,UBND TỈNH,\n,,BÁO CÁO,\n{PLAIN},,"Hà Nội, ngày 5 tháng 10 năm 2021",\n'
        "Người lập biểu,,,Thủ trưởng\n,,,\nNguyễn Văn A,,,Trần B\n"
    ).encode(),
    Rows([(number + 2, *rest) for number, *rest in GOOD]),
)  # type: ignore[misc]
nasty(
    "errors-given-back.csv",
    "\n".join(
        f"{first},{rest}" for first, rest in zip(("Lỗi", "ô C2 sai", ""), PLAIN.splitlines(), strict=True)
    ).encode(),
    Rows(GOOD),
)

# JSON
LINES = "\n".join(json.dumps(row) for row in OBJECTS)
nasty("list.json", json.dumps(OBJECTS).encode(), Rows(OF_OBJECTS))
nasty(
    "rows.json",
    json.dumps({"about": {"x": [1]}, "rows": OBJECTS}).encode(),
    Rows(OF_OBJECTS, remarks=("json_member_unread",)),
)
nasty(
    "lines.ndjson",
    codecs.BOM_UTF8 + f"\r\n{LINES}\r\n\r\n".encode(),
    Rows([(n + 1, *rest) for n, *rest in OF_OBJECTS]),
)
nasty("one.json", json.dumps(OBJECTS[0], indent=1).encode(), Rows(OF_OBJECTS[:1]))
nasty("list-as.csv", json.dumps(OBJECTS, indent=2).encode(), Rows(OF_OBJECTS))
nasty("nan.json", json.dumps(OBJECTS).replace("1234", "NaN").encode(), Refused("json_broken", 1))
nasty("infinity.ndjson", LINES.replace("56,", "-Infinity,").encode(), Refused("json_broken", 2))
nasty(
    "key-twice.json",
    json.dumps(OBJECTS).replace("resolved", "received").encode(),
    Refused("json_key_twice", 1),
)
nasty(
    "same-field-twice.json",
    json.dumps([{**OBJECTS[0], "tiep_nhan": 5}]).encode(),
    Rows([(1, "22", "2021-09", 5, 1000)], {1: ["field_in_two_members"]}),
)
nasty("deep.json", b'[{"unit_code": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]", Refused("json_too_deep", 1))
nasty(
    "nested.json",
    json.dumps([{**OBJECTS[0], "received": {"a": [1.5]}}]).encode(),
    Rows([(1, "22", "2021-09", "cell_no_count", 1000)]),
)
nasty(
    "huge-numbers.json",
    json.dumps(OBJECTS).replace("1234", "1e999999999").replace("1000", "9" * 4000).encode(),
    Rows([(1, "22", "2021-09", "cell_no_count", "count_too_large"), OF_OBJECTS[1]]),
)
nasty(
    "exact.json",
    json.dumps(OBJECTS).replace("1234", "1234.0").replace("1000", "1000.0000000000000000001").encode(),
    Rows([(1, "22", "2021-09", 1234, "count_not_whole"), OF_OBJECTS[1]]),
)
nasty("no-rows.json", b'{"rows": 5}', Refused("json_no_rows"))
nasty("no-objects.json", b"[1, 2]", Refused("json_row_no_object", 1))
nasty("empty-list.json", b"[]", Refused("file_empty"))
nasty("cut.json", json.dumps(OBJECTS).encode()[:-9], Refused("json_broken", 2))
nasty("more-behind.json", json.dumps(OBJECTS).encode() + b"]", Refused("json_broken", 2))
nasty("nul.json", json.dumps([{**OBJECTS[0], "source": "a\0b"}]).encode(), Refused("text_unstorable", 1))
nasty(
    "half-a-letter.json",
    json.dumps([{**OBJECTS[0], "source": "\ud800"}]).encode(),
    Refused("text_unstorable", 1),
)
nasty("utf-16.json", json.dumps(OBJECTS).encode("utf-16"), Refused("json_not_utf8"))
nasty("endless-string.json", lambda: b'[{"unit_code": "' + b"x" * 20 * MEGABYTE, Refused("line_too_long", 1))
nasty("other-names.json", b'[{"a": 1, "b": 2}]', Refused("headings_not_found"))
nasty(
    "many-members.ndjson",
    lambda: b"\n".join(json.dumps({**OBJECTS[0], f"x{n}": n}).encode() for n in range(2000)),
    Refused("too_many_columns", 497),
)
