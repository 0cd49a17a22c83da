"""What an unreported cell would have been held to, from the catalogue alone: only what would have counted is missing.

Rules 4.11, 10.1 and 10.2: no target, a disputed or non-binding one, a date that has not come and the first weeks of a
window are in neither sum, whoever reported.
"""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from math import floor

from contracts.numbers import exact
from contracts.periods import elapsed
from contracts.programme import Indicator, Programme
from contracts.targets import Ahead, Aim, ahead_of, restarts

BOUNDS = ("hold", "band", "none")


def unreported(programme: Programme, indicator: Indicator, aims: Sequence[Aim], end: date, unit: str) -> str | None:
    """Why an unreported cell is left out; None: it is missing, and counts with nothing."""
    ahead = ahead_of(indicator, aims, end)
    if ahead.reason is not None or ahead.aim is None:
        return ahead.reason
    if not ahead.aim.binding:
        return "not_binding"
    if indicator.schedule == "due_date":
        return "before_due_date" if end < ahead.aim.on else None
    if (
        indicator.goal != "reach"
        or indicator.schedule in BOUNDS
        or (indicator.schedule == "growth" and unit == "percent")
    ):
        return None
    whole = indicator.whole_items and unit == indicator.unit
    planned = _planned(programme, indicator, ahead, end, whole=whole)
    return "too_early" if planned < exact(programme.profile.p_min) else None


def _planned(programme: Programme, indicator: Indicator, ahead: Ahead, end: date, *, whole: bool) -> Fraction:
    """p: the share of the window's way that is expected; where the start is not known, time alone tells it."""
    aim = ahead.aim
    assert aim is not None
    earlier = [each for each in ahead.usable if each.on < aim.on]
    if indicator.schedule == "steps":
        return Fraction(0) if all(each.on > end for each in ahead.usable) else Fraction(1)
    year = aim.on.year if restarts(indicator) else programme.first_day.year
    start_on = earlier[-1].on if earlier else date(year - 1, 12, 31)
    share = elapsed(start_on, aim.on, end)
    start = earlier[-1].value if earlier else Fraction(0)
    if not whole or start is None or aim.value is None or aim.value == start or (indicator.stock and not earlier):
        return share
    items = abs(aim.value - start)
    return floor(share * items) / items
