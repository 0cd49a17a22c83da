"""A cell against its plan by hand: what is expected of a value, by how much it falls short, what it attains.

Straight from the rules of chapters 4, 5 and 10.1, for the schedules that the programme uses; no code of services/.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from contracts.periods import Frequency
from contracts.programme import CITY, Indicator, Lookup

BASE = date(2022, 12, 31)
BEYOND = Fraction(110, 100)
MIN_RANGE, P_MIN, WORST = 5, Fraction(15, 100), Fraction(1, 10)


@dataclass(frozen=True, slots=True)
class Owing:
    """One dated target of a series; `value` None where none is known or it is disputed."""

    on: date
    value: Fraction | None
    about: bool = False
    binding: bool = True
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A value held against its plan. `mode` none: nothing can be judged; due: by its due date."""

    mode: str
    expected: Fraction | None = None
    start: Fraction | None = None
    target: Fraction | None = None
    target_on: date | None = None
    tolerance: Fraction = Fraction(0)
    short: Fraction = Fraction(0)
    lag: Fraction | None = None
    ratio: Fraction | None = None
    attained: Fraction | None = None
    exceeds: bool = False  # a ≥ 1.10 of the way (rule 10.4)
    binding: bool = True
    quota: bool = False
    window: tuple[int, int] | None = None
    owed: date | None = None  # the missed target that is still owed (rule 4.10)
    start_on: date | None = None
    start_from: str = ""  # the target before, a measured value, nothing at all, the first report (rule 4.4)


NOTHING = Held("none")
Start = tuple[date, Fraction, str]  # its day, S, where it is from


@dataclass(slots=True)
class Plans:
    """The plans of one version of the catalogue; a series' dated targets are read once."""

    lookup: Lookup
    _read: dict[tuple[str, str], list[Owing]] = field(default_factory=dict)

    def held(
        self, indicator: Indicator, district: str, end: date, value: Fraction, seen: Mapping[date, Fraction]
    ) -> Held:
        """`seen`: the series' values known when the cell locked, by period end, the base year's at 2022-12-31."""
        alone = restarts(indicator)
        whole = self.owing(indicator, district)
        aims = [each for each in whole if not alone or each.on.year == end.year]
        usable = [each for each in aims if each.value is not None and not each.disputed]
        aim = next((each for each in usable if each.on >= end), None)
        if aim is None and (not usable or any(each.on >= end for each in aims)):
            return NOTHING
        aim = aim or usable[-1]
        if self.nothing_owed(indicator, district, aim) or (indicator.yearly_floor and end.month != 12):
            return NOTHING
        found = self._against(indicator, district, end, value, seen, aim, usable)
        if found.mode == "none":
            return found
        return replace(found, binding=aim.binding, target_on=aim.on, owed=_owed(self, indicator, district, end, value))

    def owing(self, indicator: Indicator, district: str) -> list[Owing]:
        """A series' dated targets in order, with the years between the printed ones (rules 3.3 and 4.6)."""
        key = indicator.id, district
        if key not in self._read:
            printed = sorted(_printed(self.lookup, indicator, district), key=lambda each: each.on)
            self._read[key] = _filled(indicator, printed) if restarts(indicator) else printed
        return self._read[key]

    def tolerance(self, indicator: Indicator, district: str, aim: Owing) -> Fraction:
        base = Fraction(indicator.tolerance or 0)
        if indicator.aggregate == "share_done" and district == CITY and indicator.unit != "percent":
            base = Fraction(5, 100)
        assert aim.value is not None
        return max(base, abs(aim.value) * Fraction(indicator.approx_pct) / 100) if aim.about else base

    def nothing_owed(self, indicator: Indicator, district: str, aim: Owing) -> bool:
        """A district that was given 0: not applicable for that stretch (rule 3.3)."""
        return aim.value == 0 and (indicator.id, district) in self.lookup.allocations

    def _against(
        self, indicator: Indicator, district: str, end: date, value: Fraction,
        seen: Mapping[date, Fraction], aim: Owing, usable: list[Owing],
    ) -> Held:  # fmt: skip
        assert aim.value is not None
        tolerance, direction = self.tolerance(indicator, district, aim), indicator.direction
        if indicator.schedule == "due_date":
            return _due(direction, end, value, aim, tolerance)
        if indicator.schedule in ("hold", "none", "growth"):
            return _bound(direction, aim.value, value, tolerance, indicator)
        before = [each for each in usable if each.on < aim.on]
        if before:
            assert before[-1].value is not None
            start: Start | None = (before[-1].on, before[-1].value, "target before")
        else:
            start = _start(indicator, district, end, seen)
        if start is None:
            return NOTHING
        return _way(indicator, district, end, value, start, aim, tolerance)


def restarts(indicator: Indicator) -> bool:
    """Each year stands alone (rules 4.5 and 4.10)."""
    return indicator.judged_as == "ytd" or indicator.every_year


def _printed(lookup: Lookup, indicator: Indicator, district: str) -> list[Owing]:
    printed = {
        each.on: Owing(each.on, None if each.value is None else Fraction(each.value), each.bound == "approx",
                       each.binding, each.disputed)
        for each in indicator.targets
    }  # fmt: skip
    split = lookup.allocations.get((indicator.id, district))
    if split is not None:
        given = {date.fromisoformat(on): Fraction(value) for on, value in split.targets.items()}
        return [
            Owing(on, given.get(on), *(
                (printed[on].about, printed[on].binding, printed[on].disputed) if on in printed else ()
            ))
            for on in printed.keys() | given.keys()
        ]  # fmt: skip
    if district != CITY and (indicator.aggregate == "sum" or indicator.own_targets):
        return [replace(each, value=None) for each in printed.values()]
    if district == CITY and indicator.aggregate == "share_done":
        return [each if each.value is None else replace(each, value=Fraction(100)) for each in printed.values()]
    return list(printed.values())


def _filled(indicator: Indicator, printed: list[Owing]) -> list[Owing]:
    """The same figure every year, or equal steps between two (rule 4.6)."""
    known = {each.on.year: each for each in printed}
    first, last = (min(known), max(known)) if known else (0, 0)
    filled = list(printed)
    for year in range(indicator.valid_from.year, indicator.valid_to.year + 1):
        if year in known or not known:
            continue
        value = _between_years(indicator, known, first, last, year)
        if value is not None:
            giver = next((known[each] for each in sorted(known) if each > year), known[last])
            filled.append(replace(giver, on=date(year, 12, 31), value=value, disputed=False))
    return sorted(filled, key=lambda each: each.on)


def _between_years(
    indicator: Indicator, known: Mapping[int, Owing], first: int, last: int, year: int
) -> Fraction | None:
    usable = {year_: each.value for year_, each in known.items() if each.value is not None and not each.disputed}
    if indicator.every_year:
        return usable.get(last)
    earlier, later = [each for each in usable if each < year], [each for each in usable if each > year]
    if not earlier or not later:
        return None
    (y0, v0), (y1, v1) = (max(earlier), usable[max(earlier)]), (min(later), usable[min(later)])
    return v0 + (v1 - v0) * Fraction(year - y0, y1 - y0)


def _start(indicator: Indicator, district: str, end: date, seen: Mapping[date, Fraction]) -> Start | None:
    """S, in the order of rule 4.4."""
    if indicator.judged_as == "ytd":
        return date(end.year - 1, 12, 31), Fraction(0), "nothing"
    if indicator.baseline is not None:
        value = Fraction(indicator.baseline.value)
        if district == CITY or indicator.aggregate != "sum" or value == 0:
            return indicator.baseline.on, value, "measured"
    if BASE in seen:
        return BASE, seen[BASE], "measured"
    if indicator.judged_as == "programme" and not indicator.stock:
        return BASE, Fraction(0), "nothing"
    reported = [each for each in seen if each != BASE and each <= end]
    return (min(reported), seen[min(reported)], "first report") if reported else None


def owed(start: tuple[date, Fraction], aim: tuple[date, Fraction], end: date, *, pieces: bool) -> Fraction:
    """What is due of the way from S to T by a period's end (rules 4.2 and 4.8)."""
    (on, s), (until, t) = start, aim
    whole = months(until) - months(on)
    gone = Fraction(min(max(months(end) - months(on), 0), whole), whole)
    return Fraction(int((t - s) * gone)) if pieces else (t - s) * gone


def in_pieces(indicator: Indicator, district: str) -> bool:
    return indicator.whole_items and not (indicator.aggregate == "share_done" and district == CITY)


def months(day: date) -> int:
    """Counted in months: all periods and dated targets end with one (rule 4.2)."""
    return 12 * day.year + day.month


def _way(
    indicator: Indicator, district: str, end: date, value: Fraction, start: Start, aim: Owing, tolerance: Fraction,
) -> Held:  # fmt: skip
    (on, s, source), t, direction = start, aim.value, indicator.direction
    assert t is not None
    if direction * (t - s) <= 0 or on >= aim.on:
        beyond = t != s and (value - s) / (t - s) >= BEYOND
        bound = _bound(direction, t, value, tolerance, indicator)
        return replace(bound, start=s, window=(on.year, aim.on.year), exceeds=beyond)
    pieces = in_pieces(indicator, district)
    due = owed((on, s), (aim.on, t), end, pieces=pieces)
    expected, planned = s + due, due / (t - s)
    short = direction * (expected - value)
    small = indicator.goal != "reach" or direction * (t - s) <= MIN_RANGE * tolerance
    enough = t * (1 - direction * Fraction(indicator.approx_pct) / 100) if aim.about else t
    done = None
    if planned >= P_MIN and planned:
        done = (value - s) / (enough - s) / planned if enough != s else Fraction(0)
    by_share = not small or aim.about or (pieces and indicator.goal == "reach")
    attained = _attained(short, tolerance, done) if by_share else _bound_attained(short, expected, tolerance)
    return Held(
        "bound" if small else "share", expected, s, t, tolerance=tolerance, short=short,
        lag=None if small else 100 * (expected - value) / (t - s),
        ratio=(value - s) / due if not small and due and planned >= P_MIN else None,
        attained=attained, exceeds=enough != s and (value - s) / (enough - s) >= BEYOND,
        quota=indicator.schedule == "quota",
        window=(aim.on.year if restarts(indicator) else on.year, aim.on.year), start_on=on, start_from=source,
    )  # fmt: skip


def _attained(short: Fraction, tolerance: Fraction, done: Fraction | None) -> Fraction | None:
    if done is None:
        return None
    return Fraction(100) if short <= tolerance or done >= 1 else max(Fraction(0), 100 * done)


def _bound_attained(short: Fraction, expected: Fraction, tolerance: Fraction) -> Fraction:
    if short <= tolerance:
        return Fraction(100)
    return max(Fraction(0), 100 - 100 * short / (WORST * abs(expected))) if expected else Fraction(0)


def _bound(direction: int, bound: Fraction, value: Fraction, tolerance: Fraction, indicator: Indicator) -> Held:
    short = direction * (bound - value)
    return Held("bound", bound, None, bound, tolerance=tolerance, short=short,
                attained=_bound_attained(short, bound, tolerance), quota=indicator.schedule == "quota")  # fmt: skip


def _due(direction: int, end: date, value: Fraction, aim: Owing, tolerance: Fraction) -> Held:
    assert aim.value is not None
    gap = direction * (aim.value - value)
    done, due = gap <= 0, end >= aim.on
    attained = None if not due else Fraction(100 if done else 0)
    return Held("due", aim.value if due else None, None, aim.value, tolerance=tolerance, short=gap, attained=attained)


def _owed(plans: Plans, indicator: Indicator, district: str, end: date, value: Fraction) -> date | None:
    """The latest past dated target that the value does not reach (rule 4.10)."""
    if restarts(indicator):
        return None
    for aim in reversed(plans.owing(indicator, district)):
        if aim.on >= end or aim.value is None or aim.disputed or plans.nothing_owed(indicator, district, aim):
            continue
        if indicator.direction * (aim.value - value) > plans.tolerance(indicator, district, aim):
            return aim.on
    return None


def period_ending(frequency: Frequency, on: date) -> str:
    """The period whose cell a dated target belongs to."""
    if frequency is Frequency.YEARLY:
        return str(on.year)
    return f"{on.year}-Q{(on.month + 2) // 3}" if frequency is Frequency.QUARTERLY else f"{on:%Y-%m}"
