"""Attainment (完成度) of one cell, 0…100, as its standing carries it (rule 10.1). alerts sums it into scores."""

from fractions import Fraction

from services.metrics.measure import Mode

FULL = Fraction(100)
NOTHING = Fraction(0)
WORST_BOUND = Fraction(1, 10)  # that far outside a bound, as a share of it, nothing is left


def of_way(
    actual: Fraction,
    expected: Fraction,
    start: Fraction | None,
    target: Fraction,
    *,
    tolerance: Fraction,
    direction: int,
    mode: Mode,
    whole_reach: bool,
    approx_pct: Fraction | None,
    p_min: Fraction,
) -> Fraction | None:
    """A value held against what is expected, 0…100, by the kind of its window; None: too early.

    `whole_reach`: whole items on their way, scored by shares however small the range. `approx_pct`: of an "about" T.
    """
    short = direction * (expected - actual)
    if start is None or (mode == "bound" and not whole_reach):
        return of_bound(short, expected, tolerance)
    enough = target if approx_pct is None else enough_for(target, direction, approx_pct)
    done = done_of_planned(actual, expected, start, target, enough=enough, p_min=p_min)
    return of_share(short, tolerance, done)


def of_bound(short: Fraction, expected: Fraction, tolerance: Fraction) -> Fraction:
    """A bound of any sort: held, weaker than the start, or a small range that is not one of whole items."""
    if short <= tolerance:
        return FULL
    return max(NOTHING, FULL - FULL * short / (WORST_BOUND * abs(expected))) if expected else NOTHING


def of_share(short: Fraction, tolerance: Fraction, done: Fraction | None) -> Fraction | None:
    """`done`: the share done ÷ the share planned, None while so little is planned that it is too early to say."""
    if done is None:
        return None
    return FULL if short <= tolerance or done >= 1 else max(NOTHING, FULL * done)


def done_of_planned(
    actual: Fraction, expected: Fraction, start: Fraction, target: Fraction, *, enough: Fraction, p_min: Fraction
) -> Fraction | None:
    """a ÷ p with the window's p; `enough` is T, or T_eff of an "about" T, towards which a is counted."""
    planned = (expected - start) / (target - start)
    if planned < p_min or not planned:
        return None
    return (actual - start) / (enough - start) / planned if enough != start else NOTHING


def enough_for(target: Fraction, direction: int, approx_pct: Fraction) -> Fraction:
    """T_eff of an "about" target: the weakest value that still counts as reaching it."""
    return target * (1 - direction * approx_pct / 100)


def of_due(done: bool, due: bool) -> Fraction | None:
    """yes/no and rank: not scored before the due date, then 0 or 100."""
    return (FULL if done else NOTHING) if due else None
