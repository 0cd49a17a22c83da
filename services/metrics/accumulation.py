"""From what is reported to what is judged, and from districts to the city (rules 3.1 and 3.2).

Values are keyed by period, all of one frequency. A reported 0 is a value; a missing period is not 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from contracts.periods import Period, ending, month_end
from contracts.programme import Accumulation

Values = Mapping[Period, Fraction]


@dataclass(frozen=True, slots=True)
class Accumulated:
    """A judged value: of which period it is, whether that is the one asked for, and what it was made from."""

    value: Fraction | None
    period: Period | None
    complete: bool
    used: tuple[Period, ...] = ()
    months: int | None = None  # spanned by an increment


UNKNOWN = Accumulated(None, None, False)


def accumulate(
    values: Values,
    reported_as: Accumulation,
    judged_as: Accumulation,
    at: Period,
    *,
    first_year: int | None = None,
    start: Fraction | None = None,
) -> Accumulated:
    """The judged value at `at` (rule 3.1). `start`: the baseline of a programme total, needed in its first year."""
    if reported_as == judged_as:
        return Accumulated(values[at], at, True, (at,)) if at in values else UNKNOWN
    if "level" in (reported_as, judged_as):
        raise ValueError(f"a value reported as {reported_as} cannot be judged as {judged_as}")
    if judged_as == "ytd":
        return _ytd(values, reported_as, at, first_year, start)
    if judged_as == "programme":
        return _programme(values, reported_as, at, first_year)
    return _increment(values, at, start if reported_as == "programme" else None)


def _ytd(
    values: Values, reported_as: Accumulation, at: Period, first_year: int | None, start: Fraction | None
) -> Accumulated:
    if reported_as == "increment":
        return _sum_of_year(values, at)
    december = _year_end(at, at.year - 1)
    before = values.get(december)
    if before is None and at.year == (first_year or _first_year(values, at)):
        before = start
    if at not in values or before is None:
        return UNKNOWN
    return Accumulated(values[at] - before, at, True, (december, at) if december in values else (at,))


def _sum_of_year(values: Values, at: Period) -> Accumulated:
    """The sum of the year's increments, stopping at the first gap: it stays at the period before it."""
    total, used = Fraction(0), []
    for period in _year_to(at):
        if period not in values:
            break
        total += values[period]
        used.append(period)
    return Accumulated(total, used[-1], used[-1] == at, tuple(used)) if used else UNKNOWN


def _programme(values: Values, reported_as: Accumulation, at: Period, first_year: int | None) -> Accumulated:
    """Year ends of the earlier years + this year to date; unknown if one is missing."""
    first = first_year or _first_year(values, at)
    parts = [accumulate(values, reported_as, "ytd", _year_end(at, year)) for year in range(first, at.year)]
    parts.append(accumulate(values, reported_as, "ytd", at))
    if not all(part.complete for part in parts):
        return UNKNOWN
    total = sum((part.value for part in parts if part.value is not None), Fraction(0))
    return Accumulated(total, at, True, tuple(period for part in parts for period in part.used))


def _increment(values: Values, at: Period, start: Fraction | None) -> Accumulated:
    """The difference to the last known period, with the months it spans: in the year, or since the start of a total."""
    if at not in values:
        return UNKNOWN
    floor = month_end(at.year - 1, 12) if start is None else None
    known = [period for period in values if period.end < at.end and (floor is None or period.end > floor)]
    last = max(known, default=None)
    before = values[last] if last else (start or Fraction(0))
    since = last.end if last else month_end(at.year - 1, 12)
    months = 12 * (at.end.year - since.year) + at.end.month - since.month
    return Accumulated(values[at] - before, at, True, (last, at) if last else (at,), months)


def _year_to(at: Period) -> list[Period]:
    return [ending(at.frequency, month_end(at.year, month)) for month in range(at.months, at.end.month + 1, at.months)]


def _year_end(like: Period, year: int) -> Period:
    return ending(like.frequency, month_end(year, 12))


def _first_year(values: Values, at: Period) -> int:
    return min((period.year for period in values), default=at.year)


@dataclass(frozen=True, slots=True)
class RolledUp:
    """The city's figure from its districts, with those still missing."""

    value: Fraction | None
    missing: tuple[str, ...]


def total(applicable: Sequence[str], values: Mapping[str, Fraction]) -> RolledUp:
    """`sum`: the applicable districts of one period, only when all are in (rule 3.2)."""
    missing = tuple(district for district in applicable if district not in values)
    if missing or not applicable:
        return RolledUp(None, missing)
    return RolledUp(sum((values[district] for district in applicable), Fraction(0)), ())


def share_done(applicable: Sequence[str], values: Mapping[str, Fraction], done: Fraction) -> RolledUp:
    """`share_done`: districts done ÷ applicable, in percent, only when all are in: a report missing is no lag (4.1)."""
    missing = tuple(district for district in applicable if district not in values)
    if missing or not applicable:
        return RolledUp(None, missing)
    ready = sum(values[district] >= done for district in applicable)
    return RolledUp(Fraction(100 * ready, len(applicable)), ())
