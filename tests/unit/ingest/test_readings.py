"""Texts of numbers, periods and units as clerks write them → the programme's own, exactly, or refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.numbers import DECIMAL, exact
from contracts.objections import Objection
from contracts.periods import parse
from services.ingest.tables import readings
from services.ingest.tables.cells import plain_number
from services.ingest.tables.grid import Cell
from services.ingest.tables.styles import day_of, format_of

_FULL = str.maketrans("0123456789.,-%", "０１２３４５６７８９．，－％")


def _number(text: str, unit: str = "亿元", **cell: bool) -> str:
    said = readings.number(Cell(text, **cell), unit)  # type: ignore[arg-type]
    return said.code if isinstance(said, Objection) else said


def _period(text: str, kind: str = "text") -> str:
    said = readings.period(Cell(text, kind))  # type: ignore[arg-type]
    return said.code if isinstance(said, Objection) else said


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=4), st.booleans(), st.booleans())
def test_a_number_is_the_same_however_it_is_typed(value: Decimal, separated: bool, full: bool) -> None:
    """Thousands separators, full-width digits and blanks around change nothing, whatever the number."""
    text = f"{value:,f}" if separated else f"{value:f}"
    said = _number(f"\u3000{text.translate(_FULL) if full else text} ")
    assert DECIMAL.fullmatch(said)
    assert Decimal(said) == value


@given(st.floats(allow_subnormal=False, min_value=-1e12, max_value=1e12))
def test_a_saved_double_is_what_excel_shows_of_it(value: float) -> None:
    """A number of the file is its 15 significant digits: any decimal of so many comes back as it was typed."""
    typed = format(value, ".15g")
    assert Decimal(plain_number(repr(float(typed)))) == Decimal(typed)


def test_the_tail_of_a_double_is_no_figure() -> None:
    """0.1+0.2 is 0.3, 12.3 saved as 12.300000000000001 is 12.3, small and large ones are written out."""
    assert plain_number("0.30000000000000004") == "0.3"
    assert plain_number("12.300000000000001") == "12.3"
    assert plain_number("1.2E-3") == "0.0012"
    assert plain_number("1E+5") == "100000"
    assert plain_number("-0") == "0"
    assert plain_number("1E+999999") == "1E+999999"


@given(st.integers(min_value=0, max_value=10**7))
def test_a_percent_cell_is_its_percent_exactly(thousandths: int) -> None:
    """The cell holds a fraction and shows a percentage: 0.125 as 12.5%, without a float in between."""
    held = plain_number(repr(thousandths / 100_000))
    said = readings.number(Cell(held, "number", percent=True), "%")
    assert isinstance(said, str)
    assert exact(said) * 1000 == thousandths


@pytest.mark.parametrize(
    ("text", "unit", "said"),
    [
        ("1,234.5", "亿元", "1234.5"),
        ("１２３４．５", "亿元", "1234.5"),
        ("1，234，567", "亿元", "1234567"),
        (" 007.50 ", "亿元", "7.50"),
        (".5", "亿元", "0.5"),
        ("+3", "亿元", "3"),
        ("－1.5", "%", "-1.5"),
        ("−2", "%", "-2"),
        ("-0", "%", "0"),
        ("12.5%", "%", "12.5"),
        ("12.5％", "％", "12.5"),
        ("12.5%", "亿元", "percent_in_other_unit"),
        ("12.5万", "元", "unreadable_number"),
        ("3亿", "亿元", "unreadable_number"),
        ("约30", "个", "unreadable_number"),
        ("30左右", "个", "unreadable_number"),
        (">=5", "个", "unreadable_number"),
        ("1,23", "亿元", "unreadable_number"),
        ("1.234,5", "亿元", "unreadable_number"),
        ("1 234", "亿元", "unreadable_number"),
        ("(12)", "亿元", "unreadable_number"),
        ("1e3", "亿元", "unreadable_number"),
        ("—", "亿元", "unreadable_number"),
        ("无", "亿元", "unreadable_number"),
        ("二十", "个", "unreadable_number"),
        (".", "个", "unreadable_number"),
        ("1.123456789", "个", "too_many_decimals"),
        ("1.1234567800", "个", "1.12345678"),
    ],
)
def test_numbers_as_they_are_typed(text: str, unit: str, said: str) -> None:
    """What can mean one thing is read; what could mean two, or none, is refused."""
    assert _number(text, unit) == said


def test_why_a_number_is_refused() -> None:
    """The remedy fits the mistake, in both languages."""
    for text, zh, en in (("3万", "单位栏", "unit column"), ("—", "留空", "empty"), ("约3", "确定", "definite")):
        said = readings.number(Cell(text), "个")
        assert isinstance(said, Objection)
        assert zh in said.text.zh
        assert en in said.text.en


def test_yes_and_no() -> None:
    """是 is done where the indicator is a yes or no, in its unit; elsewhere it is no number."""
    assert readings.number(Cell("是"), "个", yes_no=True) == "1"
    assert readings.number(Cell("已完成"), "%", yes_no=True) == "100"
    assert readings.number(Cell("否"), "%", yes_no=True) == "0"
    assert _number("是", "个") == "unreadable_number"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026年3月", "2026-03"), ("2026 年 3 月", "2026-03"), ("2026-03", "2026-03"), ("2026.3", "2026-03"),
        ("2026/3", "2026-03"), ("2026/3/31", "2026-03"), ("2026-03-31 00:00:00", "2026-03"), ("202603", "2026-03"),
        ("２０２６年３月", "2026-03"), ("2026年3月份", "2026-03"), ("2026年3月31日", "2026-03"),
        ("2026年一季度", "2026-Q1"), ("2026年第2季度", "2026-Q2"), ("2026Q3", "2026-Q3"), ("2026-Q4", "2026-Q4"),
        ("2026", "2026"), ("2026年", "2026"), ("2026年度", "2026"),
        ("2026-13", "unreadable_period"), ("2026/2/30", "unreadable_period"), ("3月", "unreadable_period"),
        ("26年3月", "unreadable_period"), ("2026年1-3月", "unreadable_period"), ("46112", "unreadable_period"),
        ("2026上半年", "unreadable_period"), ("", "unreadable_period"),
    ],
)  # fmt: skip
def test_periods_as_they_are_typed(text: str, said: str) -> None:
    """Months, quarters, years and days in the ways they are written; the rest is refused."""
    assert _period(text) == said


def test_a_month_that_lost_its_zero() -> None:
    """2026.1 as a number, or as a CSV shows it, may have been 2026.10; as a text it is January."""
    assert _period("2026.1", "number") == "ambiguous_period"
    assert _period("2026.1", "plain") == "ambiguous_period"
    assert _period("2026.1") == "2026-01"
    assert _period("2026.11", "number") == "2026-11"


@given(
    st.integers(2000, 2099), st.integers(1, 12), st.sampled_from(["{}-{:02d}", "{}年{}月", "{}/{}", "{}年{:02d}月份"])
)
def test_a_month_is_the_same_however_it_is_written(year: int, month: int, form: str) -> None:
    """Every month of every year in every form is that month."""
    assert parse(_period(form.format(year, month))).text == f"{year}-{month:02d}"


@given(st.text(max_size=12))
def test_no_text_is_a_defect(text: str) -> None:
    """Whatever stands in a cell: a value of the domain's grammar, a period, or an objection with both texts."""
    for said in (readings.number(Cell(text), "%", yes_no=True), readings.period(Cell(text))):
        if isinstance(said, Objection):
            assert said.text.zh != said.text.en
    period = readings.period(Cell(text))
    assert isinstance(period, Objection) or parse(period)


def test_number_formats() -> None:
    """Percent, date and scaled formats are told apart from those that only look like it."""
    assert format_of(10, None).percent
    assert format_of(0, "0.0%").percent
    assert not format_of(0, '0.0"%"').percent
    assert format_of(14, None).date
    assert format_of(57, None).date
    assert format_of(0, 'yyyy"年"m"月"').date
    assert format_of(0, "[$-804]yyyy\\-mm").date
    assert not format_of(0, "[Red]0.00").date
    assert not format_of(0, "#,##0.00_);(#,##0.00)").scaled
    assert format_of(0, '0!.0,"万"').scaled
    assert format_of(0, "0.00,,").scaled


def test_serials_of_days() -> None:
    """In both of Excel's calendars; what is no day is none."""
    assert day_of("46112", from_1904=False) == "2026-03-31"
    assert day_of("44650", from_1904=True) == "2026-03-31"
    assert day_of("46112.75", from_1904=False) == "2026-03-31"
    assert day_of("0", from_1904=False) is None
    assert day_of("1000000", from_1904=False) is None
