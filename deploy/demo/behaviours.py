"""Named behaviours of simulated reporters: how far a series gets, and what its clerk does on the way.

Nothing here is Huzhou's performance: every report made from these says so in its `source` (/simulated/…).
All of it is a function of (seed, series), so that the same seed tells the same story.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from contracts.periods import Period
from contracts.programme import CITY, Indicator, Lookup

BASE_YEAR = 2022


@dataclass(frozen=True, slots=True)
class Pace:
    """How a series moves: `share(month)` is its part of the year's way by the end of that month; the plan: month/12."""

    name: str
    zh: str
    share: Callable[[int], Decimal]


def _line(month: int) -> Decimal:
    return Decimal(month) / 12


PACES = (
    Pace("on_plan", "按序时推进", lambda m: _line(m) * Decimal("1.01")),
    Pace("front_loaded", "前快后稳", lambda m: min(Decimal("1.02"), _line(m) * Decimal("1.35"))),
    Pace(
        "stalls_in_spring",
        "春季停滞",
        lambda m: _line(m) if m < 3 else _line(2) if m < 7 else _line(m) * Decimal("0.97"),
    ),
    Pace(
        "catches_up", "后程追赶", lambda m: _line(m) * (Decimal("0.62") if m < 7 else Decimal("0.86") if m < 10 else 1)
    ),
    Pace("falls_behind", "持续落后", lambda m: _line(m) * Decimal("0.55")),
)
_WEIGHTS = (50, 16, 10, 14, 10)

# What clerks do, each with the share of series or reports it happens to.
NEVER_REPORTS = 0.02
LATE = 0.05
FORGETS = 0.015
CORRECTS = 0.03
CORRECTS_AFTER_LOCK = 0.004
WRONG_UNIT = 0.006
SENDS_TWICE = 0.01
CONTRADICTS = 0.002
EXPLAINS = 0.6  # of the jumps that rule 2.11 flags


class Series:
    """One simulated series: its pace, and the value it has reached at a period's end."""

    def __init__(self, lookup: Lookup, indicator: Indicator, district: str, seed: str) -> None:
        self.indicator, self.district = indicator, district
        self.random = Random(f"{seed}/{indicator.id}/{district}")
        self.pace = self.random.choices(PACES, _WEIGHTS)[0]
        self.never_reports = self.random.random() < NEVER_REPORTS
        self.done_month = self.random.randint(3, 70)  # yes/no: months after the programme's start
        self.ranks = [self.random.choice((8, 9, 10, 12)) for _ in range(6)]
        self._scale = Decimal(self.random.randint(97, 104)) / 100
        self.dates = _dated_targets(lookup, indicator, district)

    def value(self, period: Period) -> Decimal:
        """The value at the period's end, in the indicator's unit, before it is written with its decimals."""
        indicator = self.indicator
        if indicator.goal in ("yes_no", "rank_at_most"):
            return self._verdict(period)
        if not self.dates:
            return Decimal(40) + Decimal(months_since_start(period.end)) / 10
        if indicator.goal in ("hold_floor", "hold_ceiling", "band") or indicator.schedule == "hold":
            return self._held(period)
        if indicator.judged_as == "ytd":
            return self._flow(period)
        return self._stock(period)

    def start(self) -> Decimal:
        """Where the series stood on 2022-12-31."""
        if self.indicator.judged_as == "level":
            first = self.dates[0][1] if self.dates else Decimal(40)
            return first * (Decimal("0.82") if self.indicator.direction > 0 else Decimal("1.04"))
        return self.dates[0][1] * Decimal("0.3") if self.indicator.stock and self.dates else Decimal(0)

    def mistaken(self, value: Decimal) -> Decimal:
        """What a typing error makes of a value: another one that could be true."""
        return self._other_verdict(value) if self.indicator.goal == "yes_no" else value * Decimal("0.9")

    def checked(self, value: Decimal, random: Random) -> Decimal:
        """What a check against the source makes of a locked value: most often a little better than was reported."""
        if self.indicator.goal in ("yes_no", "rank_at_most"):
            return value
        better = Decimal(self.indicator.direction) * random.choice((Decimal("0.06"), Decimal("0.25"), Decimal("-0.04")))
        return value * (1 + better)

    def contradiction(self, value: Decimal) -> Decimal:
        """What a second system of the same unit says of the same cell."""
        if self.indicator.goal == "yes_no":
            return self._other_verdict(value)
        return value - 1 if self.indicator.unit == "percent" and value > 99 else value + 1

    def _other_verdict(self, value: Decimal) -> Decimal:
        done = Decimal(100 if self.indicator.unit == "percent" else 1)
        return done - value

    def _verdict(self, period: Period) -> Decimal:
        if self.indicator.goal == "rank_at_most":
            return Decimal(self.ranks[period.year % len(self.ranks)])
        done = months_since_start(period.end) >= self.done_month
        return self._other_verdict(Decimal(0)) if done else Decimal(0)

    def _held(self, period: Period) -> Decimal:
        bound = next((value for on, value in self.dates if on >= period.end), self.dates[-1][1])
        slack = {"on_plan": 1, "front_loaded": 2, "stalls_in_spring": -1, "catches_up": 0, "falls_behind": -6}
        share = Decimal(slack[self.pace.name]) / 100
        if self.pace.name == "stalls_in_spring" and period.end.month not in (3, 6):
            share = Decimal("0.005")
        value = bound * (1 + self.indicator.direction * share)
        return min(value, Decimal(100)) if self.indicator.unit == "percent" else value

    def _flow(self, period: Period) -> Decimal:
        year = self._yearly(period.year)
        return year * self.pace.share(period.end.month) * self._scale

    def _yearly(self, year: int) -> Decimal:
        """The figure of a year: printed, or on the straight line between the printed ones."""
        points = [(on.year, value) for on, value in self.dates]
        if year in dict(points):
            return dict(points)[year]
        if year <= points[0][0] or len(points) == 1:
            return points[0][1] if year <= points[0][0] else points[-1][1]
        (y0, v0), (y1, v1) = points[0], points[-1]
        return v0 + (v1 - v0) * (year - y0) / (y1 - y0) if y0 <= year <= y1 else v1

    def _stock(self, period: Period) -> Decimal:
        points = [(date(BASE_YEAR, 12, 31), self.start()), *self.dates]
        for (d0, v0), (d1, v1) in itertools.pairwise(points):
            if period.end <= d1:
                years = d1.year - d0.year
                gone, month = divmod((period.end.year - d0.year) * 12 + period.end.month - 12, 12)
                share = (gone + (self.pace.share(month) if month else 0)) / Decimal(years)
                behind = {"falls_behind": Decimal("0.6"), "catches_up": Decimal("0.93")}.get(self.pace.name, Decimal(1))
                return v0 + (v1 - v0) * share * (behind if gone else 1)
        return points[-1][1]

    def written(self, value: Decimal) -> str:
        """A value as a clerk writes it: with the indicator's decimals, in its domain."""
        places = Decimal(1).scaleb(-self.indicator.decimals)
        value = value.quantize(places, ROUND_HALF_UP)
        if self.indicator.unit == "percent" and self.indicator.measure != "growth":
            value = min(max(value, Decimal(0)), Decimal(100)).quantize(places)
        return format(value, "f")


def months_since_start(day: date) -> int:
    return (day.year - BASE_YEAR - 1) * 12 + day.month


def _dated_targets(lookup: Lookup, indicator: Indicator, district: str) -> list[tuple[date, Decimal]]:
    """What the series owes at its dates: its allocation where a city target is split, the printed target otherwise."""
    allocation = lookup.allocations.get((indicator.id, district))
    if allocation is not None:
        return sorted((date.fromisoformat(on), Decimal(value)) for on, value in allocation.targets.items())
    if indicator.aggregate == "sum" and district != CITY:
        printed = [(t.on, Decimal(t.value) / max(1, len(indicator.applicable))) for t in indicator.targets if t.value]
    else:
        printed = [(t.on, Decimal(t.value)) for t in indicator.targets if t.value]
    return sorted(printed)
