"""Reporting periods and the time zone in which they end, and time counted in months (rules 1.4, 2.1 and 4.2)."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_PERIOD = re.compile(r"([1-9]\d{3})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?", re.ASCII)


class Frequency(StrEnum):
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


_MONTHS = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3, Frequency.YEARLY: 12}


class Period(NamedTuple):
    """A reporting period (报告期). Ordered by its end, the longer one last among those that end together."""

    end: date
    months: int
    text: str

    @property
    def year(self) -> int:
        return self.end.year

    @property
    def start(self) -> date:
        return date(self.end.year, self.end.month - self.months + 1, 1)

    @property
    def frequency(self) -> Frequency:
        return next(f for f, months in _MONTHS.items() if months == self.months)

    @property
    def closes_at(self) -> datetime:
        """24:00 Asia/Shanghai of the last day: from then on the period is over."""
        return midnight(self.end + timedelta(days=1))

    def __str__(self) -> str:
        return self.text


def midnight(day: date) -> datetime:
    """00:00 Asia/Shanghai of `day`."""
    return datetime.combine(day, time(), SHANGHAI)


@lru_cache(maxsize=4096)
def parse(text: str) -> Period:
    """The period that `YYYY`, `YYYY-Qn` or `YYYY-MM` names; ValueError for anything else."""
    match = _PERIOD.fullmatch(text)
    if match is None:
        raise ValueError(f"not a period: {text!r}")
    year, quarter, month = match.groups()
    last = int(month) if month else 3 * int(quarter) if quarter else 12
    months = 1 if month else 3 if quarter else 12
    return Period(month_end(int(year), last), months, text)


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def ending(frequency: Frequency, end: date) -> Period:
    """The period of that frequency which contains `end`."""
    months = _MONTHS[frequency]
    last = -(-end.month // months) * months
    text = {1: f"{end.year}-{last:02d}", 3: f"{end.year}-Q{last // 3}", 12: f"{end.year}"}[months]
    return parse(text)


def following(period: Period) -> Period:
    """The next period of the same frequency."""
    return ending(period.frequency, period.end + timedelta(days=1))


def preceding(period: Period) -> Period:
    """The period of the same frequency before it."""
    return ending(period.frequency, period.start - timedelta(days=1))


def between(frequency: Frequency, first: date, last: date) -> Iterator[Period]:
    """The periods of a frequency whose ends lie in [first, last], in order."""
    period = ending(frequency, first)
    while period.end <= last:
        if period.end >= first:
            yield period
        period = following(period)


@lru_cache(maxsize=4096)
def position(day: date) -> Fraction:
    """A day's place on an axis of months: June is exactly one half of its year (rule 4.2)."""
    return 12 * day.year + day.month - 1 + Fraction(day.day, monthrange(day.year, day.month)[1])


@lru_cache(maxsize=65536)
def elapsed(first: date, last: date, at: date) -> Fraction:
    """The share of the way from `first` to `last` that is over at the end of `at`, 0…1."""
    if at <= first:
        return Fraction(0)
    return Fraction(1) if at >= last else (position(at) - position(first)) / (position(last) - position(first))
