"""The forecast of one cell from its history (rule 6.7), and its words in the standing's struct.

Only where a share of the way is measured: a bound has nothing to arrive at, a date is kept or not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from contracts.cells import Cell
from contracts.events import Forecast
from contracts.numbers import exact, published
from contracts.periods import month_end, position
from services.metrics.finding import Basis, Finding
from services.metrics.forecast import (
    TEMPO_PERIODS,
    Outlook,
    Point,
    Way,
    by_tempo,
    by_trend,
    falling_fast,
    lost,
    until_red,
)
from services.metrics.history import by_line, history, line_of, newest
from services.metrics.plan import Plan, Stretch


@dataclass(frozen=True, slots=True)
class Foresight:
    """What is foreseen of a cell, still exact: F and its tempo, what a month has to bring, what was lost lately."""

    outlook: Outlook
    method: str
    known_at: datetime | None  # the newest moment among the reports it was made from
    gap: Fraction | None = None
    monthly_required: Fraction | None = None
    monthly_recent: Fraction | None = None
    lost: tuple[Fraction, Fraction] | None = None
    months_to_red: int | None = None  # of a series that falls behind fast

    @property
    def falling(self) -> bool:
        return self.lost is not None and falling_fast(*self.lost)


def foresee(plan: Plan, cell: Cell, basis: Basis, finding: Finding) -> Foresight | None:
    """The forecast at a cell's end; None where no share of the way is measured."""
    stretch, period = finding.stretch, cell.period
    if finding.mode != "share" or stretch.start is None or stretch.start_on is None:
        return None
    assert finding.value is not None
    assert finding.expected is not None
    assert stretch.target is not None
    assert stretch.aim is not None
    now = Point(finding.expected, finding.value)
    way = Way(stretch.start, stretch.target, stretch.tolerance, plan.indicator.direction, plan.p_min)
    past = history(plan, period, now, basis.trail, basis.start, basis.shares)
    used = past.used
    if by_line(plan):
        used = tuple(newest(basis.trail, stretch.start_on))
        at = (position(stretch.aim.on) - position(period.end)) / period.months
        outlook = by_trend(line_of(period, finding.value, basis.trail, stretch), at, now, way)
    else:
        outlook = by_tempo(past.points, way, past.reports)
    fallen = lost(past.points, way) if period.months == 1 else None
    recent = _recent(past.points, period.months)
    left = position(stretch.aim.on) - position(period.end)
    return Foresight(
        outlook,
        "trend" if by_line(plan) else "tempo",
        max((known.at for _, known in used), default=None),
        gap=None if outlook.value is None else way.direction * (way.target - outlook.value),
        monthly_required=(way.target - finding.value) / left if outlook.value is not None and left > 0 else None,
        monthly_recent=recent if outlook.value is not None else None,
        lost=fallen,
        months_to_red=_until_red(plan, cell, basis, way, finding.value, recent) if _falls(fallen) else None,
    )


def written(plan: Plan, foresight: Foresight) -> Forecast:
    """Rounded once, here (rule 1.2): values like expected ones, tempo and lost points like a lag."""
    outlook, places = foresight.outlook, plan.decimals + 2
    in_one, in_three = foresight.lost or (None, None)
    return Forecast(
        value=_published(outlook.value, places),
        tempo_3=_published(outlook.tempo_3, 3),
        tempo_1=_published(outlook.tempo_1, 3),
        required=_published(outlook.required, 3),
        will_miss=outlook.will_miss,
        reason=outlook.reason,
        method="trend" if foresight.method == "trend" else "tempo",
        gap=_published(foresight.gap, places),
        monthly_required=_published(foresight.monthly_required, places),
        monthly_recent=_published(foresight.monthly_recent, places),
        lost_1=_published(in_one, 3),
        lost_3=_published(in_three, 3),
        falling_fast=foresight.falling,
        months_to_red=foresight.months_to_red,
    )


def _falls(fallen: tuple[Fraction, Fraction] | None) -> bool:
    return fallen is not None and falling_fast(*fallen)


def _recent(points: tuple[Point, ...], months: int) -> Fraction | None:
    """Units a month over the last three periods."""
    if len(points) <= TEMPO_PERIODS:
        return None
    first, now = points[-1 - TEMPO_PERIODS].actual, points[-1].actual
    return None if first is None or now is None else (now - first) / (TEMPO_PERIODS * months)


def _until_red(plan: Plan, cell: Cell, basis: Basis, way: Way, actual: Fraction, pace: Fraction | None) -> int | None:
    if pace is None:
        return None
    profile = plan.programme.profile
    red = exact(profile.r_pp), exact(profile.r_ratio)
    return until_red(actual, pace, _to_come(plan, cell, basis), way, *red)


def _to_come(plan: Plan, cell: Cell, basis: Basis) -> Iterator[Fraction]:
    """What is expected now and at the end of each month to come, to the window's end."""
    end, aim = cell.period.end, plan.stretch(cell.period.end, basis.start, basis.shares).aim
    while True:
        stretch: Stretch = plan.stretch(end, basis.start, basis.shares)
        if aim is None or stretch.aim is not aim or stretch.expected is None or end > aim.on:
            return
        yield stretch.expected
        following = end + timedelta(days=1)
        end = month_end(following.year, following.month)


def _published(value: Fraction | None, places: int) -> str | None:
    return None if value is None else published(value, places)
