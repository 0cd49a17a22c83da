"""Where a series is heading at the end of its window, and how fast it falls behind (预测, rule 6.7). Pure arithmetic.

What grows along a plan is carried on at its tempo; a level, which goes up and down, by the line through its reports.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.metrics.measure import measure

TEMPO_PERIODS = 3
TREND_AT_LEAST, TREND_NEWEST, TREND_WEIGHT = 4, 8, Fraction(8, 10)
LOST_IN_ONE, LOST_IN_THREE = Fraction(10), Fraction(15)  # percentage points


@dataclass(frozen=True, slots=True)
class Point:
    """What a period's end expects and what was reached by it, in the indicator's unit; `actual` None: not reported."""

    expected: Fraction
    actual: Fraction | None


@dataclass(frozen=True, slots=True)
class Way:
    """The window a series is on its way through: S ≠ T, as rule 5 measures shares."""

    start: Fraction
    target: Fraction
    tolerance: Fraction
    direction: int
    p_min: Fraction


@dataclass(frozen=True, slots=True)
class Outlook:
    """F with what it was made from, or the `reason` why there is none."""

    value: Fraction | None = None
    tempo_3: Fraction | None = None
    tempo_1: Fraction | None = None
    required: Fraction | None = None
    will_miss: bool | None = None
    reason: str | None = None


def by_tempo(points: Sequence[Point], way: Way, reports: int) -> Outlook:
    """F = A + tempo_3·(T − E). `points` end with the present; the first may be the window's start. `reports` are all
    those after the start. Missed if F is, and neither the last period nor the last three kept the tempo required."""
    now = points[-1]
    assert now.actual is not None
    if reports < TEMPO_PERIODS or len(points) <= TEMPO_PERIODS:
        return Outlook(reason="fewer_than_3_reports")
    reason = _not_now(now, way)
    if reason is not None:
        return Outlook(reason=reason)
    third, second, first = points[-1 - TEMPO_PERIODS], points[-3], points[-2]
    if now.expected in (third.expected, first.expected):
        return Outlook(reason="no_plan_in_window")
    if third.actual is None or second.actual is None or first.actual is None:
        return Outlook(reason="missing_period")
    tempo_3 = (now.actual - third.actual) / (now.expected - third.expected)
    tempo_1 = (now.actual - first.actual) / (now.expected - first.expected)
    required = (way.target - now.actual) / (way.target - now.expected)
    value = now.actual + tempo_3 * (way.target - now.expected)
    slow = tempo_1 < required and tempo_3 < required
    return Outlook(value, tempo_3, tempo_1, required, _missed(value, way) and slow)


def by_trend(reports: Sequence[tuple[int, Fraction]], at: Fraction, now: Point, way: Way) -> Outlook:
    """A level's line through its reports (index, value), read at index `at`. It needs no tempo to be slow: the line is
    made from up to eight reports, so that no single one decides."""
    assert now.actual is not None
    value = least_squares(reports, at)
    if value is None:
        return Outlook(reason="fewer_than_4_reports")
    reason = _not_now(now, way)
    if reason is not None:
        return Outlook(reason=reason)
    required = (way.target - now.actual) / (way.target - now.expected)
    return Outlook(value, required=required, will_miss=_missed(value, way))


def least_squares(points: Sequence[tuple[int, Fraction]], at: Fraction) -> Fraction | None:
    """The weighted line through the newest eight points, read at index `at`; weight 0.8 for each period of age.

    Indexes count periods, so a gap ages what lies before it. None from fewer than four points.
    """
    newest = sorted(points)[-TREND_NEWEST:]
    if len(newest) < TREND_AT_LEAST:
        return None
    weights = [TREND_WEIGHT ** (newest[-1][0] - index) for index, _ in newest]
    total = sum(weights, Fraction(0))
    centre = sum((w * x for w, (x, _) in zip(weights, newest, strict=True)), Fraction(0)) / total
    mean = sum((w * y for w, (_, y) in zip(weights, newest, strict=True)), Fraction(0)) / total
    spread = sum((w * (x - centre) ** 2 for w, (x, _) in zip(weights, newest, strict=True)), Fraction(0))
    rise = sum((w * (x - centre) * (y - mean) for w, (x, y) in zip(weights, newest, strict=True)), Fraction(0))
    return mean + rise / spread * (at - centre)


def lost(points: Sequence[Point], way: Way) -> tuple[Fraction, Fraction] | None:
    """Percentage points lost to the plan in the last period and in the last three; None where one is not known."""
    if len(points) <= TEMPO_PERIODS:
        return None
    third, first, now = points[-1 - TEMPO_PERIODS], points[-2], points[-1]
    if now.actual is None or first.actual is None or third.actual is None:
        return None
    behind, span = now.expected - now.actual, way.target - way.start
    return (
        100 * (behind - (first.expected - first.actual)) / span,
        100 * (behind - (third.expected - third.actual)) / span,
    )


def falling_fast(in_one: Fraction, in_three: Fraction) -> bool:
    """The badge: at least 10 points lost in a month and at least 15 in three."""
    return in_one >= LOST_IN_ONE and in_three >= LOST_IN_THREE


def until_red(
    actual: Fraction, pace: Fraction, expected: Iterable[Fraction], way: Way, red_lag: Fraction, red_ratio: Fraction
) -> int | None:
    """Months until the numbers are red if `pace` (units a month) goes on; 0: they are. None: not within the window.

    `expected` is what is expected now and at the end of each month to come.
    """
    for months, due in enumerate(expected):
        found = measure(
            actual + months * pace,
            due,
            way.start,
            way.target,
            direction=way.direction,
            mode="share",
            p_min=way.p_min,
        )
        assert found.lag is not None
        slow = found.ratio is not None and found.ratio < red_ratio
        if found.short > way.tolerance and (found.lag > red_lag or slow):
            return months
    return None


def _not_now(now: Point, way: Way) -> str | None:
    if (now.expected - way.start) / (way.target - way.start) < way.p_min:
        return "too_early"
    return "window_over" if now.expected == way.target else None


def _missed(value: Fraction, way: Way) -> bool:
    return way.direction * (way.target - value) > way.tolerance
