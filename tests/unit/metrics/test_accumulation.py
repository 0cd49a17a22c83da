"""From what is reported to what is judged (services/metrics/accumulation.py)."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.periods import Period, parse
from services.metrics.accumulation import accumulate, share_done, total

CALM = settings(deadline=None, max_examples=50)  # a slow machine is no finding
AMOUNTS = st.lists(st.integers(0, 1000), min_size=12, max_size=12)
MONTHS = [parse(f"2023-{month:02d}") for month in range(1, 13)]


def values(**by_period: int | str) -> dict[Period, Fraction]:
    return {parse(period.replace("_", "-").lstrip("p")): Fraction(value) for period, value in by_period.items()}


def test_gap_stops_the_sum_and_its_filling_completes_it() -> None:
    """Rule 3.1: Jan 5, Feb –, Mar 6 stays at January, 5; when Feb 4 arrives it is March, 15."""
    known = values(p2023_01=5, p2023_03=6)
    found = accumulate(known, "increment", "ytd", parse("2023-03"))
    assert (found.value, found.period, found.complete) == (Fraction(5), parse("2023-01"), False)
    known[parse("2023-02")] = Fraction(4)
    assert accumulate(known, "increment", "ytd", parse("2023-03")).value == 15


def test_quarters_add_up_like_months() -> None:
    """Rule 3.1: the same for quarterly increments."""
    known = {parse("2023-Q1"): Fraction(5), parse("2023-Q2"): Fraction(7)}
    assert accumulate(known, "increment", "ytd", parse("2023-Q2")).value == 12


def test_programme_needs_every_earlier_year_end() -> None:
    """Rule 3.1: 2023's 80 and 2024's 90 and 5 so far are 175; without a December nothing is known."""
    known = values(p2023_12=80, p2024_12=90, p2025_01=5)
    assert accumulate(known, "ytd", "programme", parse("2025-01"), first_year=2023).value == 175
    del known[parse("2024-12")]
    assert accumulate(known, "ytd", "programme", parse("2025-01"), first_year=2023).value is None


def test_ytd_of_a_total_starts_from_the_baseline_in_the_first_year() -> None:
    """Rule 3.1: later years start from the previous December, which must be known."""
    known = values(p2023_06=95, p2024_06=150)
    found = [accumulate(known, "programme", "ytd", p, first_year=2023, start=Fraction(90)) for p in known]
    assert [each.value for each in found] == [5, None]


def test_increment_over_a_gap_tells_its_months() -> None:
    """Rule 3.1: the difference to the last known month, with the months it spans; January stands alone."""
    known = values(p2023_01=5, p2023_04=21)
    assert accumulate(known, "ytd", "increment", parse("2023-04")).months == 3
    assert accumulate(known, "ytd", "increment", parse("2023-01")).value == 5
    assert accumulate(values(p2023_12=80, p2024_01=7), "ytd", "increment", parse("2024-01")).value == 7


def test_level_is_nothing_but_itself() -> None:
    """Rule 3.1: a level cannot be made into a flow."""
    with pytest.raises(ValueError, match="level"):
        accumulate(values(p2023_01=5), "level", "ytd", parse("2023-01"))


@CALM
@given(amounts=AMOUNTS)
def test_increment_and_ytd_are_inverse(amounts: list[int]) -> None:
    """Rule 3.1: increments summed up and taken apart again are the increments."""
    increments = {month: Fraction(amount) for month, amount in zip(MONTHS, amounts, strict=True)}
    ytd = {month: accumulate(increments, "increment", "ytd", month).value or Fraction(0) for month in MONTHS}
    assert {m: accumulate(ytd, "ytd", "increment", m).value for m in MONTHS} == increments
    assert ytd[MONTHS[-1]] == sum(amounts)


def test_city_is_known_only_when_all_are_in() -> None:
    """Rule 3.2: the sum names who is missing; a reported 0 is a value."""
    assert total(("deqing", "anji"), {"deqing": Fraction(1)}).missing == ("anji",)
    assert total(("deqing", "anji"), {"deqing": Fraction(1), "anji": Fraction(0)}).value == 1
    assert total((), {}).value is None


def test_share_done_is_in_percent_of_the_applicable() -> None:
    """Rule 3.2: two of three districts done are 66.67 %; one not in leaves it unknown (rule 4.1)."""
    done = {"deqing": Fraction(1), "anji": Fraction(1), "changxing": Fraction(0)}
    assert share_done(tuple(done), done, Fraction(1)).value == Fraction(200, 3)
    assert share_done((*done, "wuxing"), done, Fraction(1)).missing == ("wuxing",)
