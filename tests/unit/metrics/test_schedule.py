"""What a plan expects at a date, whatever the indicator (services/metrics/schedule.py)."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.periods import elapsed
from contracts.targets import yearly
from services.metrics.schedule import (
    average_rate,
    growth,
    line,
    seasonal,
    seasonal_shares,
    steps,
    whole_items,
    window,
)

CALM = settings(deadline=None, max_examples=50)  # a slow machine is no finding
DAYS = st.dates(date(2022, 1, 1), date(2028, 12, 31))
VALUES = st.fractions(min_value=-1000, max_value=1000, max_denominator=100)
PLAN = [(date(2022, 12, 31), Fraction(0)), (date(2023, 12, 31), Fraction(80)), (date(2027, 12, 31), Fraction(800))]


def test_june_is_exactly_half() -> None:
    """Rule 4.2: shares of a year are counted in months, as officials reckon; August is two thirds."""
    year = date(2022, 12, 31), date(2023, 12, 31)
    assert elapsed(*year, date(2023, 6, 30)) == Fraction(1, 2)
    assert elapsed(*year, date(2023, 8, 31)) == Fraction(2, 3)
    assert elapsed(*year, date(2023, 2, 14)) == Fraction(3, 24)


def test_published_lags_of_august_come_out() -> None:
    """Rule 4.2: 77.2 % by August is 10.5 points ahead, 74 % is 7.33 points, as published."""
    due = elapsed(date(2022, 12, 31), date(2023, 12, 31), date(2023, 8, 31))
    assert round(float(100 * (Fraction("0.772") - due)), 1) == 10.5
    assert round(float(100 * (Fraction("0.74") - due)), 2) == 7.33


def test_targets_day_belongs_to_the_stretch_it_ends() -> None:
    """Rule 4.3: on 31 December the old window is asked, a day later the next."""
    assert window(PLAN, date(2023, 12, 31)) == (PLAN[0], PLAN[1])
    assert window(PLAN, date(2024, 1, 1)) == (PLAN[1], PLAN[2])
    assert window(PLAN, date(2022, 1, 1)) == (PLAN[0], PLAN[1])
    assert window(PLAN, date(2030, 1, 1)) == (PLAN[1], PLAN[2])


@CALM
@given(first=DAYS, second=DAYS)
def test_line_is_monotone_towards_its_target(first: date, second: date) -> None:
    """Rule 4.2: with rising targets E never falls as time passes, and never leaves [S, T]."""
    early, late = sorted((first, second))
    assert 0 <= line(PLAN, early) <= line(PLAN, late) <= 800


@CALM
@given(at=DAYS, start=VALUES, target=VALUES)
def test_line_meets_its_ends(at: date, start: Fraction, target: Fraction) -> None:
    """Rule 4.2: S before and on the first day, T on and after the last, between them in between."""
    anchors = [(date(2022, 12, 31), start), (date(2027, 12, 31), target)]
    assert line(anchors, date(2022, 12, 31)) == start
    assert line(anchors, date(2027, 12, 31)) == target
    assert min(start, target) <= line(anchors, at) <= max(start, target)


def test_steps_owe_nothing_between() -> None:
    """Rule 4.5: the last milestone due; before the first, the start."""
    milestones = [(date(2023, 3, 31), Fraction(20)), (date(2023, 9, 30), Fraction(60))]
    assert steps(milestones, Fraction(5), date(2023, 3, 30)) == 5
    assert steps(milestones, Fraction(5), date(2023, 9, 29)) == 20
    assert steps(milestones, Fraction(5), date(2023, 12, 31)) == 60


def test_season_is_the_median_of_full_years() -> None:
    """Rule 4.5: two full years give the shares, a running maximum that ends at 1; one year does not."""
    flat = [Fraction(month * 10) for month in range(1, 13)]
    late = [Fraction(0)] * 11 + [Fraction(100)]
    assert seasonal_shares([flat]) is None
    assert seasonal_shares([flat, flat[:11]]) is None
    shares = seasonal_shares([flat, late])
    assert shares is not None
    assert shares[11] == 1
    assert shares[0] == Fraction(1, 24)
    assert list(shares) == sorted(shares)


def test_season_runs_straight_through_a_month() -> None:
    """Rule 4.5: half of January is half of January's share."""
    shares = tuple(Fraction(month, 12) for month in range(1, 13))
    assert seasonal(Fraction(0), Fraction(120), shares, date(2023, 4, 15)) == 35


def test_growth_is_compound() -> None:
    """Rule 4.5: five years of 10 % on 30,000; a whole year is exact."""
    assert growth(Fraction(30000), Fraction(1, 10), Fraction(60)) == Fraction("48315.3")
    assert growth(Fraction(100), Fraction(1, 10), Fraction(12)) == 110


def test_average_rate_is_the_geometric_mean() -> None:
    """Rule 4.5: 年均 of +21 % and 0 % is 10 %, not 10.5 %."""
    assert average_rate([Fraction(21), Fraction(0)]) == 10


@CALM
@given(start=st.integers(-50, 50), added=VALUES)
def test_whole_items_never_owe_a_part(start: int, added: Fraction) -> None:
    """Rule 4.8: whole numbers from the start, never more than the line asks for, in either direction."""
    due = whole_items(Fraction(start), start + added)
    assert due.denominator == 1
    assert abs(due - start) <= abs(added) < abs(due - start) + 1


@pytest.mark.parametrize(
    ("printed", "every_year", "found"),
    [
        ({2023: 75, 2027: 120}, False, {2023: 75, 2024: "86.25", 2025: "97.5", 2026: "108.75", 2027: 120}),
        ({2023: 15, 2027: 20}, True, {2023: 15, 2024: 20, 2025: 20, 2026: 20, 2027: 20}),
        ({2027: 160}, False, {2027: 160}),
        ({2027: 160}, True, dict.fromkeys(range(2023, 2028), 160)),
        ({2023: 10, 2025: None, 2027: 30}, False, {2023: 10, 2027: 30}),
        ({2023: 10}, False, {2023: 10}),
        ({2023: None}, True, {}),
    ],
)
def test_years_between_printed_figures(
    printed: dict[int, int | None], every_year: bool, found: dict[int, int | str]
) -> None:
    """Rule 4.6: equal steps, or 每年 with its printed exception; nothing is invented before a single figure."""
    given_ = {year: None if value is None else Fraction(value) for year, value in printed.items()}
    assert yearly(given_, range(2023, 2028), every_year=every_year) == {y: Fraction(v) for y, v in found.items()}
