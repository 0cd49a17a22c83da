"""Forecasts by hand (rule 6.7): where a series ends at its tempo, or by the line through its reports.

From the recounted values and plans alone; the line is solved from its normal equations.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from contracts.periods import Period, preceding
from contracts.programme import Indicator
from deploy.demo.recount.plan import BASE, P_MIN, Held, in_pieces, months, owed

BACK, LEAST, NEWEST, FADING = 3, 4, 8, Fraction(4, 5)
FAST = (10, 15)  # percentage points lost in one month and in three


@dataclass(frozen=True, slots=True)
class Foreseen:
    """F and whether it misses the target; without an F the reason. `fast`: falling behind fast."""

    value: Fraction | None = None
    misses: bool | None = None
    reason: str | None = None
    fast: bool = False


@dataclass(frozen=True, slots=True)
class _Walk:
    """The last three periods and the present: what was due, what was reached (None: not reported)."""

    due: tuple[Fraction, ...]
    reached: tuple[Fraction | None, ...]

    @property
    def whole(self) -> bool:
        return len(self.due) == BACK + 1


def foreseen(
    indicator: Indicator, district: str, period: Period, value: Fraction, held: Held, seen: Mapping[date, Fraction]
) -> Foreseen | None:
    """The forecast of one cell; None where no share of a way is measured. `seen` as in `Plans.held`."""
    if held.mode != "share":
        return None
    assert held.start_on is not None
    reported = {end: each for end, each in seen.items() if end != BASE and end <= period.end} | {period.end: value}
    walk = _walk(indicator, district, period, held, reported)
    if indicator.judged_as == "level":
        found = _by_line(period, held, reported)
    else:
        inside = sum(end > held.start_on for end in reported)
        found = _by_tempo(held, walk, inside)
    reason = found if isinstance(found, str) else None
    value_at_end, slow = (None, None) if isinstance(found, str) else found
    misses = None
    if value_at_end is not None and held.target is not None:
        misses = indicator.direction * (held.target - value_at_end) > held.tolerance and bool(slow)
    return Foreseen(value_at_end, misses, reason, period.months == 1 and _fast(held, walk))


def _walk(indicator: Indicator, district: str, period: Period, held: Held, reported: Mapping[date, Fraction]) -> _Walk:
    """From the window's start on, at most three periods back."""
    assert held.start_on is not None
    assert held.start is not None
    assert held.target is not None
    assert held.target_on is not None
    way, pieces = ((held.start_on, held.start), (held.target_on, held.target)), in_pieces(indicator, district)
    due: list[Fraction] = []
    reached: list[Fraction | None] = []
    at = period
    while len(due) <= BACK and at.end > held.start_on:
        due.append(held.start + owed(*way, at.end, pieces=pieces))
        reached.append(reported.get(at.end))
        at = preceding(at)
    if len(due) <= BACK:
        due.append(held.start)
        reached.append(_reached_at_start(indicator, held, reported))
    return _Walk(tuple(reversed(due)), tuple(reversed(reached)))


def _reached_at_start(indicator: Indicator, held: Held, reported: Mapping[date, Fraction]) -> Fraction | None:
    """What was reported for the window's first day; a target before it may have been missed."""
    assert held.start_on is not None
    if indicator.judged_as == "ytd" or indicator.every_year:
        return held.start
    return reported.get(held.start_on, None if held.start_from == "target before" else held.start)


def _by_tempo(held: Held, walk: _Walk, inside: int) -> tuple[Fraction, bool] | str:
    if inside < BACK or not walk.whole:
        return "fewer_than_3_reports"
    if (early := _not_now(held)) is not None:
        return early
    if walk.due[-1] in (walk.due[0], walk.due[-2]):
        return "no_plan_in_window"
    if any(each is None for each in walk.reached):
        return "missing_period"
    first, _, last, now = (each for each in walk.reached if each is not None)
    assert held.target is not None
    quarter = (now - first) / (walk.due[-1] - walk.due[0])
    month = (now - last) / (walk.due[-1] - walk.due[-2])
    needed = (held.target - now) / (held.target - walk.due[-1])
    return now + quarter * (held.target - walk.due[-1]), max(quarter, month) < needed


def _by_line(period: Period, held: Held, reported: Mapping[date, Fraction]) -> tuple[Fraction, bool] | str:
    """y = m + b·x by its weighted normal equations; x counts periods back from now, an older one weighs less."""
    assert held.start_on is not None
    assert held.target_on is not None
    points = {end: value for end, value in reported.items() if end >= held.start_on}
    points = dict(sorted(points.items())[-NEWEST:])
    if held.start_from == "measured" and _ends_a_period(held.start_on, period) and held.start_on not in reported:
        assert held.start is not None
        points = dict(sorted((points | {held.start_on: held.start}).items())[-NEWEST:])
    if len(points) < LEAST:
        return "fewer_than_4_reports"
    if (early := _not_now(held)) is not None:
        return early
    xs = {end: Fraction(months(end) - months(period.end), period.months) for end in points}
    ws = {end: FADING ** int(-x) for end, x in xs.items()}
    w, x, y, xx, xy = (
        sum((ws[end] * of(end) for end in points), Fraction(0))
        for of in (
            lambda _: 1, xs.__getitem__, points.__getitem__, lambda end: xs[end] ** 2, lambda end: xs[end] * points[end]
        )
    )  # fmt: skip
    b = (w * xy - x * y) / (w * xx - x**2)
    at = Fraction(months(held.target_on) - months(period.end), period.months)
    return (y - b * x) / w + b * at, True


def _not_now(held: Held) -> str | None:
    assert held.expected is not None
    assert held.start is not None
    assert held.target is not None
    if (held.expected - held.start) / (held.target - held.start) < P_MIN:
        return "too_early"
    return "window_over" if held.expected == held.target else None


def _fast(held: Held, walk: _Walk) -> bool:
    """Ten points lost in a month and fifteen in three."""
    if not walk.whole or held.start is None or held.target is None:
        return False
    behind = [None if at is None else due - at for due, at in zip(walk.due, walk.reached, strict=True)]
    first, last, now = behind[0], behind[-2], behind[-1]
    if first is None or last is None or now is None:
        return False
    share = 100 / (held.target - held.start)
    return (now - last) * share >= FAST[0] and (now - first) * share >= FAST[1]


def _ends_a_period(day: date, like: Period) -> bool:
    return (day + timedelta(days=1)).day == 1 and (months(like.end) - months(day)) % like.months == 0
