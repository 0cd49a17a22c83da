"""How numbers leave the calculation: as sent, rounded once, or exact (rules 1.1 and 1.2)."""

from fractions import Fraction

from contracts.numbers import published

_MOST_PLACES = 12


def as_sent(value: Fraction, decimals: int) -> str:
    """A value with all of its own places, at least `decimals`; one without a finite form is rounded like a share."""
    denominator = value.denominator
    if denominator == 1:
        return f"{value.numerator}.{'0' * decimals}" if decimals else str(value.numerator)
    for places in range(1, _MOST_PLACES + 1):
        if 10**places % denominator == 0:
            return published(value, max(places, decimals))
    return published(value, max(2, decimals + 1))


def ratio(value: Fraction) -> str:
    """The exact value as "n/d"."""
    return f"{value.numerator}/{value.denominator}"
