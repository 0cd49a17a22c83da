"""When a cell is due, locks, and what state it is in (rules 2.9, 7.1 and 7.2); business days for tickets (rule 8).

Statutory breaks and worked weekends come from the kept library `chinesecalendar`; the catalogue's own days win over it,
day by day. Pure: nothing here asks what time it is.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Literal, Self

from chinese_calendar.constants import holidays, workdays

from contracts.periods import SHANGHAI, Frequency, Period, midnight
from contracts.programme import ReportingCalendar

CellState = Literal[
    "not_applicable",
    "not_due",
    "due",
    "received_on_time",
    "received_late",
    "overdue",
    "never_reported",
    "excused",
]

DUE_DAYS: Mapping[Frequency, int] = {Frequency.MONTHLY: 5, Frequency.QUARTERLY: 10, Frequency.YEARLY: 31}
LOCK_AFTER_DAYS = 20
DAY = timedelta(days=1)


class Calendar:
    """Breaks, worked weekends and the reporting deadlines of one programme."""

    def __init__(
        self,
        breaks: Iterable[tuple[date, date]] = (),
        worked_weekends: Iterable[date] = (),
        due_days: Mapping[Frequency, int] = DUE_DAYS,
        *,
        holiday_shift: bool = True,
        lock_after_days: int = LOCK_AFTER_DAYS,
    ) -> None:
        """`breaks` are [first, last] spans of days; the library is not asked (`Calendar.of` adds it)."""
        self._off = frozenset(day for first, last in breaks for day in _days(first, last))
        self._worked = frozenset(worked_weekends)
        self._due_days = dict(due_days)
        self._holiday_shift = holiday_shift
        self._lock_after = timedelta(days=lock_after_days)

    @classmethod
    def of(cls, settings: ReportingCalendar) -> Self:
        """The library's days, each overridden where the catalogue names that day."""
        off = {day for first, last in settings.breaks for day in _days(first, last)}
        worked = set(settings.worked_weekends)
        off |= holidays.keys() - worked
        worked |= workdays.keys() - off
        return cls(
            ((day, day) for day in off),
            worked,
            settings.due_days,
            holiday_shift=settings.holiday_shift,
            lock_after_days=settings.lock_after_days,
        )

    def due_at(self, period: Period, lag_days: int = 0) -> datetime:
        """24:00 of period end + lag + due days; inside a break, of the first day after it. Weekends do not shift."""
        day = period.end + timedelta(days=lag_days + self._due_days[period.frequency])
        while self._holiday_shift and day in self._off:
            day += DAY
        return midnight(day + DAY)

    def lock_at(self, due_at: datetime, live_since: datetime) -> datetime:
        """The end of the month in which the 20th day after the due date falls, not counted from before `live_since`.

        `due_at` is 24:00 of the due date: October's cells are due on 5 November and lock on 1 December 00:00.
        """
        due_date = (due_at.astimezone(SHANGHAI) - timedelta(microseconds=1)).date()
        day = max(due_date, live_since.astimezone(SHANGHAI).date()) + self._lock_after
        return midnight(date(day.year + day.month // 12, day.month % 12 + 1, 1))

    def is_business_day(self, day: date) -> bool:
        """Not in a break, and Monday to Friday or a worked weekend."""
        return day not in self._off and (day.weekday() < 5 or day in self._worked)

    def business_days_after(self, moment: datetime, n: int) -> datetime:
        """24:00 of the n-th business day after the day of `moment` in Shanghai."""
        day = moment.astimezone(SHANGHAI).date()
        while n > 0:
            day += DAY
            n -= self.is_business_day(day)
        return midnight(day + DAY)

    def business_days_since(self, moment: datetime, now: datetime) -> int:
        """The business days after the day that ends with or holds `moment`, today's among them."""
        day = (moment.astimezone(SHANGHAI) - timedelta(microseconds=1)).date()
        return sum(self.is_business_day(each) for each in _days(day + DAY, now.astimezone(SHANGHAI).date()))


def years_without_data(settings: ReportingCalendar, first: date, last: date) -> tuple[int, ...]:
    """Years of [first, last] of which neither the library nor the catalogue knows a break: weekends only (rule 7.1)."""
    known = {day.year for day in holidays} | {day.year for span in settings.breaks for day in span}
    return tuple(year for year in range(first.year, last.year + 1) if year not in known)


def cell_state(
    period: Period,
    due_at: datetime | None,
    now: datetime,
    first_received_at: datetime | None,
    *,
    applicable: bool = True,
    excused: bool = False,
    withdrawn: bool = False,
    earlier: bool = True,
) -> CellState:
    """The state of a cell at `now` (rule 7.2). `earlier`: an earlier period of the series has a value.

    `due_at` None: never due (the base year, a comparison figure).
    """
    if not applicable:
        return "not_applicable"
    if first_received_at is not None and not withdrawn:
        return "received_on_time" if due_at is None or first_received_at < due_at else "received_late"
    if excused:
        return "excused"
    if due_at is None or now < period.closes_at:
        return "not_due"
    if now < due_at:
        return "due"
    return "overdue" if earlier else "never_reported"


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
