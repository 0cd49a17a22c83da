"""What one series is held against at a period's end: its stretch between two dated targets, with E (rules 4.1-4.11).

A plan is built once from a catalogue; a stretch depends on nothing but the plan, the date and the baseline.
"""

from collections.abc import Sequence
from dataclasses import InitVar, dataclass, field
from datetime import date
from fractions import Fraction

from contracts.events import Standing
from contracts.numbers import exact
from contracts.periods import Period, position
from contracts.programme import CITY, Indicator, Lookup
from contracts.targets import Aim, ahead_of, aims_of, restarts
from services.metrics.baseline import Start
from services.metrics.measure import Mode, mode_of
from services.metrics.schedule import Shares, growth, line, seasonal, steps, whole_items

PERCENT_TOLERANCE, PERCENT_DECIMALS = Fraction(5, 100), 1


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """What is expected at one date, or the `reason` why nothing can be judged there. Known by identity."""

    reason: str | None
    aim: Aim | None = None
    start_on: date | None = None
    start: Fraction | None = None
    source: str | None = None
    expected: Fraction | None = None
    target: Fraction | None = None
    tolerance: Fraction = Fraction(0)
    mode: Mode | None = None  # None: by its due date (rule 5.1)
    whole_reach: bool = False  # whole items on their way: a small range is scored by shares (rule 10.1)
    low_high: tuple[Fraction, Fraction] | None = None  # of a band
    from_start: bool = False  # depends on the series' own baseline


@dataclass(eq=False)
class Plan:
    """One series' dated targets and how they are to be read. Holds no `Lookup`: plans are kept as long as theirs."""

    lookup: InitVar[Lookup]
    indicator: Indicator
    district: str
    stood: dict[Period, tuple[object, Standing]] = field(default_factory=dict)  # the last standing of each cell
    _kept: dict[tuple[date, Start, Shares | None], Stretch] = field(default_factory=dict)

    def __post_init__(self, lookup: Lookup) -> None:
        self.programme, self.districts = lookup.programme, lookup.districts
        profile, indicator = self.programme.profile, self.indicator
        self.unit = indicator.unit_at(self.district)
        self.aims = aims_of(lookup, indicator, self.district)
        self.restarts = restarts(indicator)
        self.whole = indicator.whole_items and self.unit == indicator.unit
        self.min_range_tols, self.p_min = profile.min_range_tols, exact(profile.p_min)
        self.approx_pct = exact(indicator.approx_pct)
        self._tolerance = exact(indicator.tolerance) if indicator.tolerance else Fraction(0)
        self.decimals, self.declared = indicator.decimals, _declared(indicator, self.district)
        if self.unit != indicator.unit:  # the city's share of districts done
            self._tolerance, self.decimals = PERCENT_TOLERANCE, PERCENT_DECIMALS

    def stretch(self, end: date, start: Start, shares: Shares | None = None) -> Stretch:
        """What is expected at the end of a period. Kept: a series asks for the same dates again and again."""
        key = (end, start, shares)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) > 1000:
                self._kept.clear()
            found = self._kept[key] = self._stretch(end, start, shares)
        return found

    def tolerance(self, aim: Aim) -> Fraction:
        """Half of the last place; on the way to an "about" target the larger of that and approx_pct (rule 1.3)."""
        if aim.bound != "approx" or aim.value is None:
            return self._tolerance
        return max(self._tolerance, abs(aim.value) * self.approx_pct / 100)

    def missed(self, end: date, actual: Fraction) -> Aim | None:
        """The latest past dated target that `actual` does not reach within its tolerance (rule 4.10)."""
        if self.restarts or self.indicator.goal == "band":
            return None
        for aim in reversed(self.aims):
            if aim.on < end and aim.usable and not aim.nothing_owed and aim.value is not None:
                short = self.indicator.direction * (aim.value - actual)
                if short > self.tolerance(aim):
                    return aim
        return None

    def _stretch(self, end: date, start: Start, shares: Shares | None) -> Stretch:
        ahead = ahead_of(self.indicator, self.aims, end)
        if ahead.reason is not None or ahead.aim is None:
            return Stretch(ahead.reason, ahead.aim)
        return self._towards(ahead.aim, ahead.usable, end, start, shares)

    def _towards(self, aim: Aim, usable: Sequence[Aim], end: date, start: Start, shares: Shares | None) -> Stretch:
        assert aim.value is not None
        kind, goal, tolerance = self.indicator.schedule, self.indicator.goal, self.tolerance(aim)
        if kind == "due_date":
            return Stretch(
                None, aim, target=aim.value, expected=aim.value if end >= aim.on else None, tolerance=tolerance
            )
        if kind == "band" or goal == "band":
            return self._band(aim, usable, tolerance)
        if kind in ("hold", "none") or (kind == "growth" and self.unit == "percent"):
            return Stretch(None, aim, target=aim.value, expected=aim.value, tolerance=tolerance, mode="bound")
        return self._way(aim, usable, end, start, shares)

    def _band(self, aim: Aim, usable: Sequence[Aim], tolerance: Fraction) -> Stretch:
        low = [each.value for each in usable if each.on == aim.on and each.bound != "le" and each.value is not None]
        high = [each.value for each in usable if each.on == aim.on and each.bound == "le" and each.value is not None]
        if not low or not high:
            return Stretch("no_target", aim)
        return Stretch(None, aim, target=aim.value, tolerance=tolerance, mode="bound", low_high=(low[0], high[0]))

    def _way(self, aim: Aim, usable: Sequence[Aim], end: date, start: Start, shares: Shares | None) -> Stretch:
        """On the way from S to T: the stretch between two neighbouring dated targets (rule 4.3)."""
        kind, before = self.indicator.schedule, [each for each in usable if each.on < aim.on]
        if kind == "steps":
            aim, before = usable[-1], []
        if before and kind != "growth":
            assert before[-1].value is not None
            start = Start(before[-1].on, before[-1].value, "previous_target")
        own = start.source != "previous_target"
        shown_on = date(end.year, 1, 1) if start.source == "zero" and start.on is None else start.on
        on = date(end.year - 1, 12, 31) if start.source == "zero" and start.on is None else start.on
        if start.value is None or on is None or shown_on is None:
            return Stretch("no_baseline", aim, target=aim.value, tolerance=self.tolerance(aim), from_start=own)
        expected, target = self._expected(aim, usable, end, (on, start.value), shares)
        tolerance, goal, direction = self.tolerance(aim), self.indicator.goal, self.indicator.direction
        way = direction * (target - start.value) > 0 and on < aim.on  # else a bound at T (4.9, and 4.4: no window)
        expected = (whole_items(start.value, expected) if self.whole else expected) if way else target
        mode = mode_of(start.value, target, tolerance, direction, goal, self.min_range_tols) if way else "bound"
        return Stretch(
            None,
            aim,
            shown_on,
            start.value,
            start.source,
            expected,
            target,
            tolerance,
            mode,
            whole_reach=way and self.whole and goal == "reach",
            from_start=own,
        )

    def _expected(
        self, aim: Aim, usable: Sequence[Aim], end: date, start: tuple[date, Fraction], shares: Shares | None
    ) -> tuple[Fraction, Fraction]:
        """E and T."""
        assert aim.value is not None
        (on, value), kind = start, self.indicator.schedule
        if kind == "growth":
            at, rate = min(end, aim.on), aim.value / 100
            first, last = position(on), position(aim.on)
            return growth(value, rate, max(position(at) - first, Fraction(0))), growth(value, rate, last - first)
        if kind == "steps":
            milestones = [(each.on, each.value) for each in usable if each.value is not None]
            return steps(milestones, value, end), aim.value
        if kind == "seasonal" and shares is not None and end.year == aim.on.year and on <= date(end.year - 1, 12, 31):
            return seasonal(value, aim.value, shares, end), aim.value
        return line([(on, value), (aim.on, aim.value)], end) if on < aim.on else aim.value, aim.value


def _declared(indicator: Indicator, district: str) -> tuple[date, Fraction] | None:
    """The declared baseline; a sum's is the city's, of which a district has only nothing (rules 3.3 and 4.4)."""
    if indicator.baseline is None:
        return None
    on, value = indicator.baseline.on, exact(indicator.baseline.value)
    return (on, value) if district == CITY or indicator.aggregate != "sum" or value == 0 else None
