"""Reports that need an explanation (rule 2.11): the value counts, the flag asks for a comment."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from contracts.periods import Period
from contracts.programme import Accumulation

FELL = "running_total_fell"
JUMPED = "change_over_30_percent"
LIMIT = Fraction(30, 100)


def needs_explanation(
    accumulation: Accumulation,
    value: Fraction,
    previous: Fraction | None,
    same_last_year: Fraction | None = None,
    *,
    correction: bool = False,
) -> tuple[str, ...]:
    """What a value has to be explained for.

    `previous` is the last known running total of the year (ytd) or of the programme, of a level the value one period
    before. A total that fell; a change of more than 30 %: of a ytd against the same period of last year, of a level
    against the previous period. A declared correction is not tested.
    """
    if correction:
        return ()
    flags = []
    if accumulation in ("ytd", "programme") and previous is not None and value < previous:
        flags.append(FELL)
    base = same_last_year if accumulation == "ytd" else previous if accumulation == "level" else None
    if base and abs(value - base) > LIMIT * abs(base):
        flags.append(JUMPED)
    return tuple(flags)


def compared(
    accumulation: Accumulation,
    periods: Sequence[Period],
    values: Mapping[Period, Fraction],
    corrected: frozenset[Period],
    *,
    first: int = 0,
) -> dict[Period, tuple[str, ...]]:
    """The flags of the values of a series, from its period number `first` on. `periods` are all of its periods in
    order, the base year first."""
    flags = {}
    per_year = 12 // periods[-1].months
    for n in range(max(first, 1), len(periods)):
        period = periods[n]
        if period not in values or period in corrected:
            continue
        previous, last_year = _before(accumulation, periods, n, values), None
        if accumulation == "ytd" and n >= per_year and periods[n - per_year].months == period.months:
            last_year = values.get(periods[n - per_year])
        found = needs_explanation(accumulation, values[period], previous, last_year)
        if found:
            flags[period] = found
    return flags


def _before(
    accumulation: Accumulation, periods: Sequence[Period], n: int, values: Mapping[Period, Fraction]
) -> Fraction | None:
    """The last known running total before a value, or the level one period before it."""
    if accumulation == "level":
        return values.get(periods[n - 1]) if periods[n - 1].months == periods[n].months else None
    for earlier in reversed(periods[:n]):
        if accumulation == "ytd" and earlier.year != periods[n].year:
            return None
        if earlier in values:
            return values[earlier]
    return None
