"""How far a value stands from what its schedule expects: short, lag, ratio (rule 5, its numbers without its colours).

Also the attainment a standing carries (rule 10.1) is decided from these numbers, in `attainment.py`.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from contracts.programme import Goal

Mode = Literal["share", "bound"]


@dataclass(frozen=True, slots=True)
class Measure:
    """`short` > 0 means behind, in units. Share mode has lag and ratio, bound mode `short_pct`."""

    mode: Mode
    short: Fraction
    short_pct: Fraction | None
    lag: Fraction | None  # percentage points of the way from S to T
    ratio: Fraction | None  # share done ÷ share expected, once enough is expected


def mode_of(
    start: Fraction | None, target: Fraction, tolerance: Fraction, direction: int, goal: Goal, min_range_tols: int
) -> Mode:
    """Bound: a floor or ceiling, a range too small to be divided, or a target weaker than the start (4.9)."""
    if goal != "reach" or start is None:
        return "bound"
    span = direction * (target - start)
    return "bound" if span <= 0 or span <= min_range_tols * tolerance else "share"


def measure(
    actual: Fraction,
    expected: Fraction,
    start: Fraction | None,
    target: Fraction,
    *,
    direction: int,
    mode: Mode,
    p_min: Fraction,
) -> Measure:
    """The numbers of rule 5. In share mode `start` is known; T − S carries the sign, lower-is-better needs no code."""
    behind = expected - actual
    short = behind if direction > 0 else -behind
    if mode == "bound" or start is None:
        return Measure("bound", short, 100 * short / abs(expected) if expected else None, None, None)
    span, owed = target - start, expected - start
    ratio = (actual - start) / owed if owed and owed / span >= p_min else None
    return Measure("share", short, None, 100 * behind / span, ratio)


def outside_band(actual: Fraction, low: Fraction, high: Fraction) -> Fraction:
    """`band`: how far a value lies outside [low, high]; negative inside (rule 4.5)."""
    return max(low - actual, actual - high)
