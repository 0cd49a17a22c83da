"""One cell against its plan, still exact: what is expected, how far the value stands from it, what it attains.

Between the plan and the standing that is written from it; every rounding comes later (rule 1.2).
"""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Literal

from contracts.cells import Cell
from contracts.events import in_force
from contracts.periods import Period
from contracts.targets import Aim
from services.metrics.accumulation import RolledUp
from services.metrics.attainment import of_bound, of_due, of_way
from services.metrics.baseline import NO_BASELINE, Start, start_of
from services.metrics.history import Trail, trail_of
from services.metrics.measure import Measure, measure, outside_band
from services.metrics.plan import Plan, Stretch
from services.metrics.schedule import Shares, average_rate, seasonal_shares
from services.metrics.views import Fed, Known, Origin, View

WITHOUT_BASELINE = ("hold", "due_date", "band", "none")
BASE_YEAR = Stretch("not_due")
NOT_APPLICABLE = Stretch("not_applicable")


@dataclass(frozen=True, slots=True)
class Finding:
    """Everything a standing says of value and plan."""

    mode: Literal["share", "bound", "due", "none"]
    reason: str | None
    value: Fraction | None
    stretch: Stretch
    expected: Fraction | None = None
    measured: Measure | None = None
    attained: Fraction | None = None
    missed: Aim | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What one standing is made from: as long as none of it changes, the standing stays."""

    known: Known | None
    start: Start
    start_known_at: datetime | None
    shares: Shares | None
    origin: Origin
    rolled: RolledUp | None  # of a derived city figure
    reported: Known | None  # the lead's comparison figure beside it
    trail: Trail = ()  # what its forecast looks back on (rule 6.7)
    fed: Fed | None = None  # where projects feed the cell
    average: Fraction | None = None  # of reported yearly growth rates since the programme's first year (rule 4.5)


def basis_of(plan: Plan, cell: Cell, view: View) -> Basis:
    """Everything a cell's standing is made from, as it was known when the cell locked."""
    start, rolled = _start(plan, cell.period, view), view.rolled.get(cell.period)
    return Basis(
        view.base if _is_base_year(plan, cell) else view.judged.get(cell.period),
        start,
        _start_known_at(start, view),
        _shares(plan, view, cell.period.year),
        view.origins[cell.period],
        rolled,
        view.reported.get(cell.period) if rolled else None,
        trail_of(plan, cell.period, view),
        view.fed.get(cell.period),
        _average(plan, cell.period, view),
    )


def unknown_season(plan: Plan, basis: Basis, finding: Finding) -> bool:
    """Fewer than two full years: straight lines instead (rule 4.5)."""
    return plan.indicator.schedule == "seasonal" and basis.shares is None and finding.mode != "none"


def find(plan: Plan, cell: Cell, basis: Basis) -> Finding:
    """What a value says of its cell; without one, or where nothing can be judged, the reason."""
    stretch, known = _stretch(plan, cell, basis.start, basis.shares), basis.known
    if known is None:
        reason = stretch.reason if stretch is NOT_APPLICABLE else _missing(basis)
        return Finding("none", reason, None, stretch)
    if stretch.reason is not None:
        return Finding("none", stretch.reason, known.value, stretch)
    if stretch.mode is None:
        return _by_due_date(plan, cell.period.end, stretch, known.value)
    if stretch.low_high is not None:
        return _in_band(stretch, known.value)
    return _measured(plan, cell.period.end, stretch, known.value)


def _missing(basis: Basis) -> str:
    """Why there is no value: excused, never reported or taken back, or reported behind a gap (rules 3.1 and 7.2)."""
    origin = basis.origin
    if "excused" in origin.marks:
        return "excused"
    return "incomplete" if basis.rolled is None and in_force(origin.first_received_at, origin.marks) else "no_value"


def _start(plan: Plan, period: Period, view: View) -> Start:
    """The series' baseline as it was known (rule 4.4); no period starts from a later one."""
    indicator, programme = plan.indicator, plan.programme
    if indicator.schedule in WITHOUT_BASELINE:
        return NO_BASELINE
    declared, base_end = plan.declared, date(programme.first_day.year - 1, 12, 31)
    return start_of(
        indicator.judged_as,
        stock=indicator.stock,
        declared=declared,
        base_year=(base_end, view.base.value) if view.base else None,
        first_report=(view.first[0].end, view.first[1].value) if view.first and view.first[0] <= period else None,
        before_programme=base_end,
    )


def _start_known_at(start: Start, view: View) -> datetime | None:
    """Since when a reported start is known."""
    if start.source == "base_year_report" and view.base is not None:
        return view.base.at
    return view.first[1].at if start.source == "first_report" and view.first is not None else None


def _shares(plan: Plan, view: View, year: int) -> Shares | None:
    """The season of the full earlier years (rule 4.5); None: not seasonal, or not known yet."""
    if plan.indicator.schedule != "seasonal":
        return None
    years: dict[int, list[Fraction]] = {}
    for period in sorted(view.judged):
        if period.year < year and period.months == 1:
            years.setdefault(period.year, []).append(view.judged[period].value)
    return seasonal_shares(list(years.values()))


def _average(plan: Plan, period: Period, view: View) -> Fraction | None:
    """年均: from two years on, when none is missing."""
    if plan.indicator.measure != "growth" or period.months != 12:
        return None
    rates = [view.judged[each].value for each in sorted(view.judged) if each <= period]
    years = period.year - plan.indicator.valid_from.year + 1
    return average_rate(rates) if len(rates) == years > 1 else None


def _is_base_year(plan: Plan, cell: Cell) -> bool:
    return cell.period.end < plan.programme.first_day


def _stretch(plan: Plan, cell: Cell, start: Start, shares: Shares | None) -> Stretch:
    if _is_base_year(plan, cell):
        return BASE_YEAR
    return plan.stretch(cell.period.end, start, shares) if cell.applicable else NOT_APPLICABLE


def _by_due_date(plan: Plan, end: date, stretch: Stretch, value: Fraction) -> Finding:
    """Done or not done (rule 5.1); `expected` is what is due already."""
    assert stretch.target is not None
    done = plan.indicator.direction * (stretch.target - value) <= 0
    attained, missed = of_due(done, stretch.expected is not None), plan.missed(end, value)
    return Finding("due", None, value, stretch, stretch.expected, attained=attained, missed=missed)


def _in_band(stretch: Stretch, value: Fraction) -> Finding:
    """Held against the end of the band that is nearer to being left."""
    assert stretch.low_high is not None
    low, high = stretch.low_high
    short = outside_band(value, low, high)
    nearest = low if low - value >= value - high else high
    measured = Measure("bound", short, 100 * short / abs(nearest) if nearest else None, None, None)
    return Finding("bound", None, value, stretch, nearest, measured, of_bound(short, nearest, stretch.tolerance))


def _measured(plan: Plan, end: date, stretch: Stretch, value: Fraction) -> Finding:
    assert stretch.expected is not None
    assert stretch.target is not None
    assert stretch.mode is not None
    measured = measure(
        value,
        stretch.expected,
        stretch.start,
        stretch.target,
        direction=plan.indicator.direction,
        mode=stretch.mode,
        p_min=plan.p_min,
    )
    attained = _attained(plan, stretch, value, measured)
    return Finding(measured.mode, None, value, stretch, stretch.expected, measured, attained, plan.missed(end, value))


def _attained(plan: Plan, stretch: Stretch, value: Fraction, measured: Measure) -> Fraction | None:
    assert stretch.aim is not None
    assert stretch.expected is not None
    assert stretch.target is not None
    return of_way(
        value,
        stretch.expected,
        stretch.start,
        stretch.target,
        tolerance=stretch.tolerance,
        direction=plan.indicator.direction,
        mode=measured.mode,
        whole_reach=stretch.whole_reach,
        approx_pct=plan.approx_pct if stretch.aim.bound == "approx" else None,
        p_min=plan.p_min,
    )
