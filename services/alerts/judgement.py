"""From a standing to a colour (rules 5, 5.1 and 6.2): what the numbers say, and what they say after a given colour.

Decided on the exact rationals that the standing carries (rule 1.1); pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from typing import Self

import msgspec

from contracts.events import Colour, Standing
from contracts.programme import Profile

WORSE: Mapping[Colour | None, int] = {None: 0, "grey": 0, "green": 0, "yellow": 1, "red": 2}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A profile's numbers, exact: where a colour begins, and the margin that getting better needs (rule 6.2)."""

    yellow_lag: Fraction
    red_lag: Fraction
    yellow_ratio: Fraction
    red_ratio: Fraction
    lag_margin: Fraction
    ratio_margin: Fraction
    bound_share: Fraction
    bound_points: Fraction
    bound_margin: Fraction

    @classmethod
    @lru_cache(maxsize=64)
    def of(cls, profile: Profile) -> Self:
        return cls(
            Fraction(profile.y_pp),
            Fraction(profile.r_pp),
            Fraction(profile.y_ratio),
            Fraction(profile.r_ratio),
            Fraction(profile.rec_pp),
            Fraction(profile.rec_ratio),
            Fraction(profile.bound_red_pct) / 100,
            Fraction(profile.bound_red_points),
            Fraction(profile.bound_margin),
        )


def raw(standing: Standing, profile: Profile) -> Colour:
    """The colour of the numbers alone; grey where nothing can be measured."""
    return judge(standing, None, profile)


def judge(standing: Standing, previous: Colour | None, profile: Profile) -> Colour:
    """The colour after `previous` (none, grey and green hold nothing back): worse at once, better with a margin."""
    return _judge(standing, (previous,), profile)[0]


def _judge(standing: Standing, after: Sequence[Colour | None], profile: Profile) -> list[Colour]:
    """The colours after each of several previous ones: the numbers are read once."""
    at = Thresholds.of(profile)
    match standing.mode:
        case "share":
            numbers = _numbers(standing)
            return [_share(*numbers, previous, at) for previous in after]
        case "bound":
            short, tolerance, _, _ = _numbers(standing)
            limit = _limit(standing, at)
            return [_bound(short, tolerance, limit, previous, at) for previous in after]
        case "due":
            return [_due(standing)] * len(after)
        case _:
            return ["grey"] * len(after)


class Judgement(msgspec.Struct, frozen=True):
    """All that a fold needs of a standing: its colour after each previous colour, and what else binds it.

    A struct, as `CellLight` is: a batch at a month's end makes tens of thousands, four times as fast as dataclasses.

    `after` is (after none or green, after yellow, after red), or None where nothing can be measured.
    """

    after: tuple[Colour, Colour, Colour] | None
    valued: bool
    binding: bool
    quota: bool  # a yearly quota: colour and hysteresis start fresh with the year (rule 4.5)
    stretch: str  # names the window, for rule 6.3
    owed_period: str | None  # the cell whose light of record bounds it (rule 4.10)
    known_at: datetime
    version: int = 0
    excused: bool = False  # the office has excused the cell: not overdue (rule 7.2)
    excused_until: datetime | None = None  # when that ends by itself
    received: bool = False  # a report with a value is in force, be it computable or not (rule 7.2)
    published_at: datetime | None = None  # a publication locked the cell then, before the calendar (rule 2.9)
    misses: bool = False  # at its tempo the target will be missed (rule 6.7)

    def excused_at(self, moment: datetime) -> bool:
        """Whether nothing is owed for the cell at that moment."""
        return self.excused and (self.excused_until is None or moment < self.excused_until)

    @classmethod
    def of(cls, standing: Standing, profile: Profile) -> Self:
        measured = standing.mode != "none" and standing.value is not None
        colours = _judge(standing, (None, "yellow", "red"), profile) if measured else None
        return cls(
            after=(colours[0], colours[1], colours[2]) if colours else None,
            valued=standing.value is not None,
            binding=standing.binding,
            quota=standing.schedule == "quota",
            stretch=f"{standing.window_years}/{standing.target_on}",
            owed_period=standing.owed.period if standing.owed else None,
            known_at=standing.known_at,
            version=standing.version,
            excused=standing.value is None and standing.reason == "excused",
            excused_until=standing.excused_until,
            received=standing.received,
            published_at=None if standing.published_at is msgspec.UNSET else standing.published_at,
            misses=standing.forecast is not None and bool(standing.forecast.will_miss),
        )


def _share(
    short: Fraction, tolerance: Fraction, lag: Fraction, ratio: Fraction | None, previous: Colour | None, at: Thresholds
) -> Colour:
    if short <= tolerance:
        colour: Colour = "green"
    elif lag > at.red_lag or (ratio is not None and ratio < at.red_ratio):
        colour = "red"
    elif lag >= at.yellow_lag or (ratio is not None and ratio < at.yellow_ratio):
        colour = "yellow"
    else:
        colour = "green"
    if WORSE[colour] >= WORSE[previous]:
        return colour
    if lag < at.yellow_lag - at.lag_margin and (ratio is None or ratio >= at.yellow_ratio + at.ratio_margin):
        return "green"
    left = lag <= at.red_lag - at.lag_margin and (ratio is None or ratio >= at.red_ratio + at.ratio_margin)
    return "yellow" if previous == "yellow" or left else "red"


def _limit(standing: Standing, at: Thresholds) -> Fraction:
    """How much further than the tolerance yellow reaches: 5 % of |E|, one point for percent, nothing where E = 0."""
    expected = _exact(standing.exact.expected)
    if expected == 0:
        return Fraction(0)
    return at.bound_points if standing.unit == "percent" else at.bound_share * abs(expected)


def _bound(short: Fraction, tolerance: Fraction, limit: Fraction, previous: Colour | None, at: Thresholds) -> Colour:
    if short <= tolerance:
        return "green"
    if short > tolerance + limit:
        return "red"
    return "red" if previous == "red" and short > tolerance + (1 - at.bound_margin) * limit else "yellow"


def _due(standing: Standing) -> Colour:
    """Yes/no and ranks: done is green; not done is a question of confidence until the due date, red from then on."""
    gap = standing.direction * (_exact(standing.exact.target) - _exact(standing.exact.actual))
    if gap <= _exact(standing.exact.tolerance or "0"):
        return "green"
    if standing.target_on is None or standing.as_of < standing.target_on:
        return "yellow" if standing.confidence in ("at_risk", "unlikely") else "green"
    return "red"


def _numbers(standing: Standing) -> tuple[Fraction, Fraction, Fraction, Fraction | None]:
    given = standing.exact
    lag = Fraction(0) if given.lag is None else Fraction(given.lag)
    return _exact(given.short), _exact(given.tolerance), lag, None if given.ratio is None else Fraction(given.ratio)


def _exact(text: str | None) -> Fraction:
    if text is None:
        raise ValueError("a measured standing carries its exact numbers (rule 1.1)")
    return Fraction(text)
