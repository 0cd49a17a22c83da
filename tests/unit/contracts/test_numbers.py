"""Exact numbers, rounding once, and units (rules 1.1, 1.2, 2.2)."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.numbers import UNITS, UnitMismatch, convert, exact, plain, published, trimmed, unit_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", Fraction(0)),
        ("-1.5", Fraction(-3, 2)),
        ("98.45", Fraction(1969, 20)),
        ("31.0", Fraction(31)),
        ("-0", Fraction(0)),
    ],
)
def test_a_value_is_what_it_says(text: str, value: Fraction) -> None:
    """rule 1.1: exact, and equal in value is equal."""
    assert exact(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "01",
        "1.",
        ".5",
        "+1",
        "1e3",
        "1,000",
        "1 000",
        " 1",
        "1\n",
        "NaN",
        "inf",
        "1/3",
        "１",
        "1.123456789",
        "1234567890123456",
    ],
)
def test_anything_else_is_no_number(text: str) -> None:
    """rule 2.2: the grammar has no exponents, signs, separators, other digits, and is bounded."""
    with pytest.raises(ValueError, match="not a decimal number"):
        exact(text)


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Fraction(1, 2), 0, "1"),
        (Fraction(-1, 2), 0, "-1"),  # ties away from zero
        (Fraction(-4, 10), 0, "0"),  # never -0
        (Fraction(125, 10), 3, "12.500"),
        (Fraction(2, 3), 3, "0.667"),
        (Fraction(-2, 3), 2, "-0.67"),
        (Fraction(9995, 1000), 2, "10.00"),
        (Fraction(0), 4, "0.0000"),
    ],
)
def test_a_value_is_rounded_once(value: Fraction, places: int, text: str) -> None:
    """rule 1.2: HALF_UP, ties away from zero, never -0, with all its places."""
    assert published(value, places) == text


@given(st.decimals(-(10**9), 10**9, places=6), st.integers(0, 5))
def test_rounding_agrees_with_decimal(value: Decimal, places: int) -> None:
    """rule 1.2, held against the standard library's HALF_UP."""
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    assert published(Fraction(value), places) == f"{rounded + 0 if rounded else abs(rounded):f}"


@given(st.decimals(-(10**9), 10**9, places=6))
def test_plain_is_the_shortest_way_back(value: Decimal) -> None:
    """What is written reads back as the same number, without a needless zero."""
    text = plain(Fraction(value))
    assert exact(text) == Fraction(value)
    assert "." not in text or not text.endswith("0")


def test_plain_refuses_what_has_no_end() -> None:
    """A third is no decimal number."""
    with pytest.raises(ValueError, match="no finite decimal form"):
        plain(Fraction(1, 3))


@pytest.mark.parametrize(
    ("value", "sent", "wanted", "result"),
    [
        ("800000", "万元", "CNY_100M", Fraction(80)),
        ("1", "亿元", "千元", Fraction(100000)),
        ("3", "百万元", "元", Fraction(3000000)),
        ("1203000", "亩", "万亩", Fraction(1203, 10)),
        ("20000", "户", "10k_households", Fraction(2)),
        ("15000", "套", "10k_dwellings", Fraction(3, 2)),
        ("1059000000", "斤", "亿斤", Fraction(1059, 100)),
        ("14800", "万吨", "t_100M", Fraction(37, 25)),
        ("905800", "标箱", "万标箱", Fraction(4529, 50)),
        ("5", "家", "count", Fraction(5)),
        ("33.6", "%", "percent", Fraction(168, 5)),
        ("1.61", "", "ratio", Fraction(161, 100)),
    ],
)
def test_units_convert_exactly_within_one_quantity(value: str, sent: str, wanted: str, result: Fraction) -> None:
    """rule 2.2: by id or in Chinese; a ratio's empty unit is `ratio`."""
    assert convert(exact(value), sent, wanted) == result


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [("万元", "mu"), ("斤", "t"), ("percent", "ratio"), ("户", "套"), ("furlong", "km"), ("", "percent")],
)
def test_units_of_different_quantities_do_not_convert(sent: str, wanted: str) -> None:
    """rule 2.2: otherwise `unit_mismatch`."""
    with pytest.raises(UnitMismatch):
        convert(Fraction(1), sent, wanted)


def test_every_unit_is_found_by_its_id_and_by_its_chinese_name() -> None:
    """rule 2.2: no two units answer to one name."""
    for unit in UNITS.values():
        assert unit_of(unit.id) is unit
        assert unit_of(unit.zh) is unit
        assert unit_of(f" {unit.zh} ") is unit
    assert unit_of("furlong") is None


def test_pieces_are_whole() -> None:
    """rule 4.8: count, person, person_times and household are counted in whole items, nothing else is."""
    assert {unit.id for unit in UNITS.values() if unit.whole} == {"count", "person", "person_times", "household"}


@pytest.mark.parametrize(
    ("number", "like", "shown"),
    [
        ("20.00", "80", "20"), ("1.6000", "1.60", "1.60"), ("5.34", "8", "5.34"), ("20", None, "20"),
        ("-1.250", None, "-1.25"), ("0.000", None, "0"), ("1000.00", "1000", "1000"), ("7.5", "7.25", "7.5"),
    ],
)  # fmt: skip
def test_a_number_is_shown_without_needless_zeros(number: str, like: str | None, shown: str) -> None:
    """Zeros at the end go, but for the places that the number beside it has; those before the point stay."""
    assert trimmed(number, like) == shown
