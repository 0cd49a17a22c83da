"""Attainment (完成度) of one cell, 0…100, as its standing carries it (rule 10.1). alerts sums it into scores."""

from fractions import Fraction

FULL = Fraction(100)
NOTHING = Fraction(0)
WORST_BOUND = Fraction(1, 10)  # that far outside a bound, as a share of it, nothing is left


def of_bound(short: Fraction, expected: Fraction, tolerance: Fraction) -> Fraction:
    """A bound of any sort: held, weaker than the start, or a small range that is not one of whole items."""
    if short <= tolerance:
        return FULL
    return max(NOTHING, FULL - FULL * short / (WORST_BOUND * abs(expected))) if expected else NOTHING


def of_share(
    short: Fraction,
    actual: Fraction,
    expected: Fraction,
    start: Fraction,
    target: Fraction,
    tolerance: Fraction,
    *,
    p_min: Fraction,
    enough: Fraction,
) -> Fraction | None:
    """The share done of the share expected; None while that is too early to say. `enough`: T, or T_eff of "about" T."""
    planned = (expected - start) / (target - start)
    if planned < p_min:
        return None
    if short <= tolerance:
        return FULL
    done = (actual - start) / (enough - start) if enough != start else NOTHING
    return FULL * min(max(done / planned, NOTHING), Fraction(1))


def enough_for(target: Fraction, direction: int, approx_pct: Fraction) -> Fraction:
    """T_eff of an "about" target: the weakest value that still counts as reaching it."""
    return target * (1 - direction * approx_pct / 100)


def of_due(done: bool, due: bool) -> Fraction | None:
    """yes/no and rank: not scored before the due date, then 0 or 100."""
    return (FULL if done else NOTHING) if due else None
