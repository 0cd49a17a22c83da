"""Reporting periods in Shanghai's time (rules 1.4 and 2.1)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.periods import Frequency, between, ending, following, midnight, month_end, parse

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
FREQUENCIES = st.sampled_from(Frequency)


@pytest.mark.parametrize(
    ("text", "start", "end", "frequency"),
    [
        ("2023", "2023-01-01", "2023-12-31", Frequency.YEARLY),
        ("2024-Q1", "2024-01-01", "2024-03-31", Frequency.QUARTERLY),
        ("2024-Q4", "2024-10-01", "2024-12-31", Frequency.QUARTERLY),
        ("2024-02", "2024-02-01", "2024-02-29", Frequency.MONTHLY),
        ("2023-12", "2023-12-01", "2023-12-31", Frequency.MONTHLY),
    ],
)
def test_a_period_is_what_its_text_says(text: str, start: str, end: str, frequency: Frequency) -> None:
    """rule 2.1: years, quarters, months."""
    period = parse(text)
    assert (period.start.isoformat(), period.end.isoformat(), period.frequency) == (start, end, frequency)
    assert str(period) == text
    assert period.year == int(text[:4])


@pytest.mark.parametrize(
    "text", ["", "23", "2023-13", "2023-00", "2023-Q5", "2023Q1", "2023-1", " 2023", "2023-06\n", "２０２３"]
)
def test_anything_else_is_no_period(text: str) -> None:
    """rule 2.1: no other spelling, no other digits."""
    with pytest.raises(ValueError, match="not a period"):
        parse(text)


def test_a_period_closes_at_midnight_in_shanghai() -> None:
    """rule 1.4: June is over at 00:00 of 1 July, +08:00."""
    assert parse("2023-06").closes_at.isoformat() == "2023-07-01T00:00:00+08:00"
    assert midnight(date(2023, 7, 1)) == parse("2023-Q2").closes_at


def test_periods_that_end_together_are_ordered_by_length() -> None:
    """A month before its quarter before its year, and all before the next month."""
    texts = ["2024-01", "2023", "2023-Q4", "2023-12", "2023-11"]
    assert [str(period) for period in sorted(map(parse, texts))] == ["2023-11", "2023-12", "2023-Q4", "2023", "2024-01"]


@given(FREQUENCIES, DAYS)
def test_the_period_that_contains_a_day(frequency: Frequency, day: date) -> None:
    """`ending` gives the one period of a frequency that contains the day, and its text names it."""
    period = ending(frequency, day)
    assert period.start <= day <= period.end
    assert period.frequency is frequency
    assert parse(period.text) == period


@given(FREQUENCIES, DAYS)
def test_periods_follow_without_a_gap(frequency: Frequency, day: date) -> None:
    """The next period starts on the day after."""
    period = ending(frequency, day)
    assert following(period).start == period.end + timedelta(days=1)
    assert following(period).frequency is frequency


@given(FREQUENCIES, DAYS, st.integers(0, 1000))
def test_between_is_every_period_that_ends_within(frequency: Frequency, first: date, days: int) -> None:
    """In order, each once, exactly those whose end lies in the span."""
    last = first + timedelta(days=days)
    found = list(between(frequency, first, last))
    ends = {ending(frequency, first + timedelta(days=n)) for n in range(days + 1)}
    assert found == sorted(period for period in ends if first <= period.end <= last)


@given(st.integers(2000, 2099), st.integers(1, 12))
def test_month_end_is_the_last_day(year: int, month: int) -> None:
    """The day after it is in another month."""
    end = month_end(year, month)
    assert (end.year, end.month) == (year, month)
    assert (end + timedelta(days=1)).day == 1
