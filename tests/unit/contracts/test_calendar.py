"""Deadlines, locks, business days and cell states (rules 2.9, 7.1 and 7.2)."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.calendar import Calendar, cell_state, years_without_data
from contracts.periods import SHANGHAI, Frequency, ending, midnight, parse
from contracts.programme import ReportingCalendar

NATIONAL_DAY = (date(2024, 10, 1), date(2024, 10, 7))
LIVE = datetime(2023, 1, 1, tzinfo=SHANGHAI)
DUE_DAYS = {Frequency.MONTHLY: 5, Frequency.QUARTERLY: 10, Frequency.YEARLY: 31}
SETTINGS = ReportingCalendar(due_days=DUE_DAYS)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.mark.parametrize(
    ("period", "lag", "due_at"),
    [
        ("2023-06", 0, "2023-07-06T00:00"),  # 24:00 of 5 July
        ("2023-07", 0, "2023-08-06T00:00"),  # 5 August is a Saturday: weekends do not shift
        ("2024-09", 0, "2024-10-09T00:00"),  # in the break: the first day after it, 8 October
        ("2024-Q3", 0, "2024-10-11T00:00"),  # after the break
        ("2023", 0, "2024-02-01T00:00"),
        ("2023", 60, "2024-04-01T00:00"),  # income and urbanisation: 91 days after the year
    ],
)
def test_due_at_is_24_00_of_the_due_date(period: str, lag: int, due_at: str) -> None:
    """rule 7.1: period end + statistical lag + due days, moved out of an announced break."""
    assert Calendar([NATIONAL_DAY]).due_at(parse(period), lag) == moment(due_at)


def test_a_due_date_moves_only_if_told_to() -> None:
    """rule 7.1: `holiday_shift` off leaves the due date inside the break."""
    fixed = Calendar([NATIONAL_DAY], holiday_shift=False)
    assert fixed.due_at(parse("2024-09")) == moment("2024-10-06T00:00")


@pytest.mark.parametrize(
    ("due_at", "lock_at"),
    [
        ("2023-11-06T00:00", "2023-12-01T00:00"),  # October's cells, due 5 November
        ("2023-10-12T00:00", "2023-11-01T00:00"),  # due 11 October: the 20th day is 31 October
        ("2023-10-13T00:00", "2023-12-01T00:00"),  # due 12 October: it is 1 November
        ("2023-12-06T00:00", "2024-01-01T00:00"),
        ("2024-02-01T00:00", "2024-03-01T00:00"),  # a year's cell, due 31 January
    ],
)
def test_a_cell_locks_at_the_end_of_the_month_of_the_20th_day(due_at: str, lock_at: str) -> None:
    """rule 2.9: counted from the due date, of which `due_at` is the end."""
    assert Calendar().lock_at(moment(due_at), LIVE) == moment(lock_at)


@pytest.mark.parametrize(
    ("live_since", "lock_at"),
    [
        ("2024-03-11T00:00", "2024-04-01T00:00"),  # 20 days after 11 March is 31 March
        ("2024-03-12T09:30", "2024-05-01T00:00"),
        ("2023-11-05T23:59", "2023-12-01T00:00"),  # not later than the due date: the due date counts
    ],
)
def test_history_can_be_loaded_after_the_start(live_since: str, lock_at: str) -> None:
    """rule 2.9: the later of due date and `live_since` starts the count."""
    assert Calendar().lock_at(moment("2023-11-06T00:00"), moment(live_since)) == moment(lock_at)


@given(st.dates(date(2023, 1, 1), date(2027, 12, 31)), st.sampled_from(Frequency), st.integers(0, 90))
def test_every_cell_is_open_for_at_least_20_days_after_it_is_due(day: date, frequency: Frequency, lag: int) -> None:
    """rules 2.9 and 7.1: period end < due < lock, 20 to 51 days from due to lock, which is the first of a month."""
    calendar, period = Calendar.of(SETTINGS), ending(frequency, day)
    due_at = calendar.due_at(period, lag)
    lock_at = calendar.lock_at(due_at, LIVE)
    assert period.closes_at < due_at
    assert timedelta(days=20) <= lock_at - due_at <= timedelta(days=51)
    assert (lock_at.day, lock_at.hour) == (1, 0)


def test_business_days_skip_breaks_and_count_worked_weekends() -> None:
    """rule 7.1: Saturday 12 October 2024 was worked; Sunday was not."""
    calendar = Calendar([NATIONAL_DAY], [date(2024, 9, 29), date(2024, 10, 12)])
    assert calendar.business_days_after(moment("2024-09-30T18:00"), 1) == moment("2024-10-09T00:00")
    assert calendar.business_days_after(moment("2024-10-11T08:00"), 1) == moment("2024-10-13T00:00")
    assert calendar.business_days_after(moment("2024-10-11T08:00"), 2) == moment("2024-10-15T00:00")
    assert calendar.is_business_day(date(2024, 9, 29))
    assert not calendar.is_business_day(date(2024, 10, 13))


def test_the_day_of_an_event_is_that_of_shanghai() -> None:
    """rule 1.4: 17:00 in Greenwich is the next day in Shanghai."""
    late = datetime.fromisoformat("2024-09-23T17:00:00+00:00")
    assert Calendar().business_days_after(late, 1) == moment("2024-09-26T00:00")


@given(st.dates(date(2023, 1, 1), date(2026, 12, 1)), st.integers(1, 15))
def test_a_deadline_ends_the_nth_business_day(day: date, n: int) -> None:
    """rule 7.1: between the event's day and the deadline lie exactly n business days, the last of them before it."""
    calendar = Calendar.of(SETTINGS)
    deadline = calendar.business_days_after(midnight(day), n)
    last = deadline.date() - timedelta(days=1)
    days = [day + timedelta(days=i) for i in range(1, (last - day).days + 1)]
    assert sum(map(calendar.is_business_day, days)) == n
    assert calendar.is_business_day(last)


def test_the_library_knows_the_announced_breaks_of_2023_and_2024() -> None:
    """rule 7.1: New Year, Spring Festival, the autumn week, and the weekends worked for them."""
    calendar = Calendar.of(SETTINGS)
    for first, last in ((date(2023, 1, 21), date(2023, 1, 27)), (date(2023, 9, 29), date(2023, 10, 6)), NATIONAL_DAY):
        for n in range((last - first).days + 1):
            assert not calendar.is_business_day(first + timedelta(days=n))
    for worked in ("2023-01-28", "2023-10-07", "2024-02-04", "2024-10-12"):
        assert calendar.is_business_day(date.fromisoformat(worked))


def test_the_library_agrees_with_the_vectors_on_every_day() -> None:
    """The breaks and worked weekends that the vectors carry are the library's, day by day, 2023 to October 2024."""
    carried = json.loads((Path(__file__).parents[2] / "vectors" / "vectors.json").read_text("utf-8"))["calendar"]
    breaks = [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in carried["breaks"]]
    by_hand = Calendar(breaks, map(date.fromisoformat, carried["worked_weekends"]))
    library = Calendar.of(SETTINGS)
    days = [date(2023, 1, 1) + timedelta(days=n) for n in range(660)]
    assert [library.is_business_day(day) for day in days] == [by_hand.is_business_day(day) for day in days]


def test_the_catalogue_wins_over_the_library_day_by_day() -> None:
    """rule 7.1: a break and a worked day named in the data replace what the library says of those days alone."""
    settings = ReportingCalendar(
        due_days=DUE_DAYS,
        breaks=((date(2024, 10, 12), date(2024, 10, 12)), (date(2027, 2, 5), date(2027, 2, 11))),
        worked_weekends=(date(2024, 10, 7), date(2027, 2, 14)),
    )
    calendar = Calendar.of(settings)
    assert not calendar.is_business_day(date(2024, 10, 12))  # the library: worked
    assert calendar.is_business_day(date(2024, 10, 7))  # the library: in the break
    assert not calendar.is_business_day(date(2024, 10, 4))
    assert calendar.is_business_day(date(2027, 2, 14))
    assert calendar.due_at(parse("2027-01")) == moment("2027-02-13T00:00")


def test_years_without_announced_breaks_are_named() -> None:
    """rule 7.1: a year that neither library nor catalogue knows counts weekends only, and is warned about."""
    first, last = date(2023, 1, 1), date(2098, 1, 1)
    unknown = years_without_data(SETTINGS, first, last)
    assert 2024 not in unknown
    assert 2098 in unknown
    known = ReportingCalendar(due_days=DUE_DAYS, breaks=((date(2098, 2, 1), date(2098, 2, 7)),))
    assert set(unknown) - set(years_without_data(known, first, last)) == {2098}
    assert Calendar.of(SETTINGS).is_business_day(date(2098, 10, 1))


JUNE, DUE = parse("2023-06"), moment("2023-07-06T00:00")
PLAIN: dict[str, Any] = {}


@pytest.mark.parametrize(
    ("now", "received", "more", "state"),
    [
        ("2023-06-30T23:59", None, PLAIN, "not_due"),
        ("2023-07-01T00:00", None, PLAIN, "due"),
        ("2023-07-05T23:59", None, PLAIN, "due"),
        ("2023-07-06T00:00", None, PLAIN, "overdue"),
        ("2023-07-06T00:00", None, {"earlier": False}, "never_reported"),
        ("2023-07-20T00:00", "2023-07-05T23:59", PLAIN, "received_on_time"),
        ("2023-07-20T00:00", "2023-07-06T00:00", PLAIN, "received_late"),
        ("2023-07-20T00:00", "2023-07-03T09:00", {"withdrawn": True}, "overdue"),
        ("2023-07-20T00:00", None, {"excused": True}, "excused"),
        ("2023-07-20T00:00", "2023-07-06T00:00", {"excused": True}, "received_late"),
        ("2023-07-20T00:00", "2023-07-03T09:00", {"applicable": False}, "not_applicable"),
    ],
)
def test_the_state_of_a_cell(now: str, received: str | None, more: dict[str, Any], state: str) -> None:
    """rule 7.2: excused only while nothing is received, withdrawn is not received, not applicable before all."""
    assert cell_state(JUNE, DUE, moment(now), moment(received) if received else None, **more) == state


def test_what_is_never_due_is_never_overdue() -> None:
    """rule 2.9: the base year and a comparison figure are optional for ever."""
    for now in ("2022-12-31T00:00", "2030-01-01T00:00"):
        assert cell_state(parse("2022"), None, moment(now), None) == "not_due"
    assert cell_state(parse("2022"), None, LIVE, moment("2026-01-01T00:00")) == "received_on_time"


def test_years_end_in_december_for_locks() -> None:
    """A 20th day in December locks on 1 January of the next year."""
    assert Calendar().lock_at(moment("2024-12-06T00:00"), LIVE).date() == date(2025, 1, 1)
