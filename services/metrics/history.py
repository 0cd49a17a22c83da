"""What a series reported before a cell, as far as its forecast looks back (rule 6.7).

The history of a cell is the start of its window, then the periods reported in it. The value reported for the window's
first day is where the way began in fact; where none was, the baseline is, but not a previous target: it may be missed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache

from contracts.periods import Period, ending, position, preceding
from services.metrics.baseline import Start
from services.metrics.forecast import TEMPO_PERIODS, TREND_NEWEST, Point
from services.metrics.plan import Plan, Stretch
from services.metrics.schedule import Shares
from services.metrics.views import Known, View

Trail = tuple[tuple[Period, Known], ...]  # what was reported before a cell, the newest first
AHEAD = ("linear", "anchors", "steps", "seasonal", "quota", "growth")


@dataclass(frozen=True, slots=True)
class History:
    """The way of one series to the end of a cell, within the window of that cell."""

    points: tuple[Point, ...]  # of the last three periods and the present, fewer near the window's start
    reports: int  # after the start
    used: Trail


def trail_of(plan: Plan, period: Period, view: View) -> Trail:
    """What a forecast for `period` is made from: the last three periods, or all there is where one of them is missing
    or where a line is laid through the reports."""
    indicator = plan.indicator
    if indicator.goal != "reach" or indicator.schedule not in AHEAD or period not in view.judged:
        return ()
    judged = view.judged
    if not by_line(plan):
        near = before(period)
        if all(each in judged for each in near):
            return tuple((each, judged[each]) for each in near)
    return tuple((each, judged[each]) for each in reversed(view.order) if each < period)


def by_line(plan: Plan) -> bool:
    """Levels go up and down: a line through their reports; whatever is added up goes on at its tempo."""
    return plan.indicator.judged_as == "level"


@lru_cache(maxsize=4096)
def before(period: Period) -> tuple[Period, ...]:
    """The last three periods, the newest first."""
    found = [period]
    for _ in range(TEMPO_PERIODS):
        found.append(preceding(found[-1]))
    return tuple(found[1:])


def history(plan: Plan, period: Period, now: Point, trail: Trail, start: Start, shares: Shares | None) -> History:
    """The points of the last periods; what lies before the window is left out, its first day is its start."""
    stretch = plan.stretch(period.end, start, shares)
    assert stretch.start_on is not None
    known = {each.text: value.value for each, value in trail}
    points = [now]
    for each in before(period):
        if each.end <= stretch.start_on:
            break
        due = plan.stretch(each.end, start, shares)
        points.append(Point(due.expected if due.expected is not None else now.expected, known.get(each.text)))
    if len(points) <= TEMPO_PERIODS:
        points.append(_beginning(plan, period, stretch, known))
    inside = tuple((each, value) for each, value in trail if each.end > stretch.start_on)
    return History(tuple(reversed(points)), len(inside) + 1, inside)


def line_of(period: Period, now: Fraction, trail: Trail, stretch: Stretch) -> list[tuple[int, Fraction]]:
    """A level's reports in its window by their distance from the present in periods, the measured start included."""
    first = stretch.start_on
    assert first is not None
    found = [(_periods_between(period, each.end), v.value) for each, v in newest(trail, first)]
    measured = stretch.source in ("declared", "base_year_report") and stretch.start is not None
    if measured and ending(period.frequency, first).end == first and all(each.end != first for each, _ in trail):
        assert stretch.start is not None
        found.append((_periods_between(period, first), stretch.start))
    return [(0, now), *found]


def newest(trail: Trail, first: date) -> Iterator[tuple[Period, Known]]:
    """The reports through which a level's line goes, beside the present one."""
    return (pair for pair in trail[: TREND_NEWEST - 1] if pair[0].end >= first)


def _beginning(plan: Plan, period: Period, stretch: Stretch, known: dict[str, Fraction]) -> Point:
    assert stretch.start is not None
    assert stretch.start_on is not None
    if plan.restarts:
        return Point(stretch.start, stretch.start)
    day = ending(period.frequency, stretch.start_on)
    actual = known.get(day.text) if day.end == stretch.start_on else None
    if actual is None and stretch.source != "previous_target":
        actual = stretch.start
    return Point(stretch.start, actual)


def _periods_between(period: Period, end: date) -> int:
    return int((position(end) - position(period.end)) / period.months)
