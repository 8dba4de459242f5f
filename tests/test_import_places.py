"""Which unit a row of a clerk's table means."""

from datetime import date
from typing import Any

import pytest

from app.core.errors import Fault
from app.core.intake.letterhead import Letterhead
from app.core.vietnamese import fold
from app.features.imports.mapping.places import Places, Version
from app.features.imports.mapping.records import Record

BEFORE, AFTER = date(2021, 9, 30), date(2025, 9, 30)
MERGER = (date(2025, 6, 30), date(2025, 7, 1))


def version(code: str, name: str, above: str, start: date, end: date | None = None) -> Version:
    """A unit on some days; provinces are their own jurisdiction."""
    jurisdiction = code if above == "VN" else above
    return Version(code, fold(name), jurisdiction, above, start, end, name)


START = date(2012, 1, 1)
# provinces as the register ships them; the rest by hand
PLACES = Places(
    [
        version("01", "Hà Nội", "VN", START),
        version("02", "Hà Giang", "VN", START, MERGER[0]),
        version("10", "Lào Cai", "VN", START, MERGER[0]),
        version("15", "Yên Bái", "VN", START, MERGER[0]),
        version("15", "Lào Cai", "VN", MERGER[1]),
        version("46", "Thừa Thiên Huế", "VN", START, date(2024, 12, 31)),
        version("46", "Huế", "VN", date(2025, 1, 1)),
        version("77", "Bà Rịa - Vũng Tàu", "VN", START, MERGER[0]),
        version("79", "Hồ Chí Minh", "VN", START),
        version("02.hg", "Thành phố Hà Giang", "02", START, MERGER[0]),
        version("02.xa", "Xã Tân Hòa", "02", START),
        version("10.xa", "Xã Tân Hóa", "10", START),
        version("01.tl", "Phường Tân Lập", "01", START),
        version("02.tl", "Phường Tân Lập", "02", START),
    ]
)


def found(
    said: dict[str, Any], on: date = BEFORE, default: str | None = None, head: str | None = None
) -> str:
    """The code of the unit, or of what is wrong."""
    columns = dict.fromkeys(said, "A")
    record = Record(None, 2, said, columns, [], head=Letterhead(unit_name=head))
    unit = PLACES.find(record, default, on)
    return unit.code


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Hà Giang", "02"),
        ("Tỉnh Hà Giang", "02"),
        ("UBND tỉnh Hà Giang", "02"),
        ("Uỷ ban nhân dân tỉnh Hà Giang", "02"),
        ("ha giang", "02"),
        ("Thành phố Hà Giang", "02.hg"),
        ("Thành phố Hà Nội", "01"),
        ("TP. Hồ Chí Minh", "79"),
        ("TP.Hồ Chí Minh", "79"),
        ("tp ho chi minh", "79"),
        ("Thành phố Lào Cai", "unit_name_unknown"),
        ("Tỉnh Hà Nội", "unit_name_unknown"),
        ("Há Nói", "unit_name_unknown"),
        ("Bà Rịa – Vũng Tàu", "77"),
        ("Xã Tân Hòa", "02.xa"),
        ("Xã Tân Hoà", "02.xa"),
        ("Xã Tân Hóa", "10.xa"),
        ("Xa Tan Hoa", "unit_name_unclear"),
        ("Phường Tân Lập", "unit_name_unclear"),
    ],
)
def test_names_as_clerks_write_them(name: str, expected: str) -> None:
    assert found({"unit_name": name}) == expected


def test_a_name_of_several_units_is_that_of_the_unit_that_reports() -> None:
    assert found({"unit_name": "Phường Tân Lập"}, default="02") == "02.tl"
    assert found({"unit_name": "Phường Tân Lập"}, head="UBND Thành phố Hà Nội") == "01.tl"
    assert found({"unit_name": "Phường Tân Lập"}, default="10") == "unit_name_unclear"


def test_a_code_and_a_name_mean_the_same_unit() -> None:
    assert found({"unit_code": "15", "unit_name": "Yên Bái"}) == "15"
    assert found({"unit_code": "15", "unit_name": "YEN BAI"}) == "15"
    assert found({"unit_code": "15", "unit_name": "Lào Cai"}, AFTER) == "15"
    assert found({"unit_code": "15", "unit_name": "Hà Giang"}) == "unit_code_and_name"
    assert found({"unit_code": "15", "unit_name": "Sở Tư pháp"}) == "unit_code_and_name"
    assert found({"unit_code": "15", "unit_name": "Yên Bái"}, AFTER) == "unit_name_of_other_days"
    assert found({"unit_code": "46", "unit_name": "Huế"}) == "unit_name_of_other_days"
    assert found({"unit_code": "99", "unit_name": "Huế"}) == "unit_unknown"


def test_a_blank_unit_is_nobody_in_a_table_of_units() -> None:
    assert found({"unit_code": "", "unit_name": None}, default="02", head="Hà Giang") == "unit_cell_blank"
    assert found({}, default="02") == "02"
    assert found({}, head="UBND tỉnh Hà Giang") == "02"
    assert found({}) == "unit_missing"


def test_what_stands_above_a_table_contradicts_the_import() -> None:
    assert found({}, default="02", head="UBND tỉnh Hà Giang") == "02"
    assert found({}, default="02", head="Văn phòng") == "02"
    assert found({}, default="02", head="UBND tỉnh Yên Bái") == "unit_differs"


def test_a_code_that_lost_its_zero() -> None:
    assert found({"unit_code": "1"}) == "unit_lost_zero"
    assert found({"unit_code": "3"}) == "unit_unknown"
    assert found({"unit_code": "Hà Giang"}) == "02"


def test_what_is_wrong_names_both_readings() -> None:
    record = Record(None, 2, {"unit_code": "15", "unit_name": "Lào Cai"}, {}, [])
    said = {"code": "15", "called": "Yên Bái", "name": "Lào Cai", "codes": "10"}
    assert PLACES.find(record, None, BEFORE) == Fault("unit_code_and_name", "/unit_name", said)
