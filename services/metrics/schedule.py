"""序时进度: what a plan expects at a date, whatever the indicator (rules 4.2, 4.3, 4.5 and 4.8).

Pure arithmetic on dated values; `plan.py` decides which of it applies to a series.
"""

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from math import ceil, floor
from statistics import median

from contracts.periods import elapsed

Dated = tuple[date, Fraction]
Shares = tuple[Fraction, ...]  # of the year's work done by the end of each month, 0…1

_SIXTY_DIGITS = Context(prec=60)
_TWELVE_PLACES = Decimal("1e-12")


def window(anchors: Sequence[Dated], at: date) -> tuple[Dated, Dated]:
    """The two neighbouring anchors around `at`; an anchor's own day belongs to the stretch it ends (rule 4.3)."""
    days = [on for on, _ in anchors]
    last = min(max(bisect_left(days, at), 1), len(anchors) - 1)
    return anchors[last - 1], anchors[last]


def line(anchors: Sequence[Dated], at: date) -> Fraction:
    """Straight lines through all dated values; S before the first, T after the last (rules 4.2 and 4.5)."""
    (first, start), (last, target) = window(anchors, at)
    return start + elapsed(first, last, at) * (target - start)


def steps(milestones: Sequence[Dated], start: Fraction, at: date) -> Fraction:
    """The last milestone that is due; nothing is owed between them (rule 4.5)."""
    return next((value for on, value in reversed(milestones) if on <= at), start)


def seasonal(start: Fraction, target: Fraction, shares: Shares, at: date) -> Fraction:
    """S + (T − S)·F, F running straight through each month (rule 4.5)."""
    before = shares[at.month - 2] if at.month > 1 else Fraction(0)
    part = Fraction(at.day, monthrange(at.year, at.month)[1])
    return start + (target - start) * (before + (shares[at.month - 1] - before) * part)


def seasonal_shares(years: Sequence[Sequence[Fraction]]) -> Shares | None:
    """F from the running totals of full earlier years: median, running maximum, F(12) = 1; None from fewer than two."""
    full = [year for year in years if len(year) == 12 and year[-1] > 0]
    if len(full) < 2:
        return None
    middle = [median(year[month] / year[-1] for year in full) for month in range(11)]
    highest = [min(max(middle[: month + 1]), Fraction(1)) for month in range(11)]
    return (*highest, Fraction(1))


def growth(start: Fraction, rate: Fraction, months: Fraction) -> Fraction:
    """S·(1+g)^(months/12) with 60 digits, kept to 12 places: the one calculation that is not exact (rule 1.1)."""
    c = _SIXTY_DIGITS
    base, years = _decimal(1 + rate), _decimal(months / 12)
    grown = c.multiply(_decimal(start), c.power(base, years))
    return Fraction(grown.quantize(_TWELVE_PLACES, ROUND_HALF_UP, c))


def average_rate(rates: Sequence[Fraction]) -> Fraction:
    """年均: the geometric mean of yearly growth rates in percent, 4 places (rule 4.5)."""
    c, product = _SIXTY_DIGITS, Decimal(1)
    for rate in rates:
        product = c.multiply(product, _decimal(1 + rate / 100))
    mean = c.power(product, c.divide(Decimal(1), Decimal(len(rates))))
    return Fraction(c.multiply(c.subtract(mean, Decimal(1)), Decimal(100)).quantize(Decimal("1e-4"), ROUND_HALF_UP, c))


def whole_items(start: Fraction, expected: Fraction) -> Fraction:
    """Only whole items are owed: S + ⌊what the line adds⌋, towards S in either direction (rule 4.8)."""
    added = expected - start
    return start + (floor(added) if added >= 0 else ceil(added))


def _decimal(value: Fraction) -> Decimal:
    return _SIXTY_DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator))
