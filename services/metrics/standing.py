"""One cell against its plan: value, stretch, measure and words put together into a standing (进度状态)."""

from datetime import date, datetime
from fractions import Fraction

from contracts.cells import Cell
from contracts.events import Derived, Exact, Owed, Standing
from contracts.numbers import exact, published
from contracts.periods import Period, ending
from services.metrics.attainment import enough_for, of_bound, of_due, of_share
from services.metrics.baseline import NO_BASELINE, Start, start_of
from services.metrics.explanation import Finding, explain
from services.metrics.measure import Measure, measure, outside_band
from services.metrics.plan import Plan, Stretch
from services.metrics.schedule import Shares
from services.metrics.views import View
from services.metrics.written import as_sent, ratio

RULES = "1"  # the version of the rules by which standings are computed

BASE_YEAR = Stretch("not_due")
NOT_APPLICABLE = Stretch("not_applicable")


def stand(plan: Plan, cell: Cell, view: View, shares: Shares | None = None) -> Standing:
    """The standing of a cell that has a report or a derived figure. Version 0: the store numbers it."""
    finding = find(plan, cell, view, shares)
    return _written(plan, cell, view, finding)


def find(plan: Plan, cell: Cell, view: View, shares: Shares | None = None) -> Finding:
    """Everything a standing says, still exact."""
    period, is_base = cell.period, cell.due_at is None and cell.period.end < plan.indicator.valid_from
    known = view.base if is_base else view.judged.get(period)
    start = _start(plan, view)
    stretch = BASE_YEAR if is_base else plan.stretch(period.end, start, shares) if cell.applicable else NOT_APPLICABLE
    reason = stretch.reason or (None if known else "no_value")
    if known is None or reason is not None:
        reason = reason if known or reason == "not_applicable" else "no_value"
        return Finding("none", reason, known.value if known else None, stretch)
    return _judged(plan, period, stretch, known.value)


def _start(plan: Plan, view: View) -> Start:
    if plan.indicator.schedule in ("hold", "due_date", "band", "none"):
        return NO_BASELINE
    declared, indicator = plan.indicator.baseline, plan.indicator
    first_day = plan.lookup.programme.first_day
    base_end = date(first_day.year - 1, 12, 31)
    return start_of(
        indicator.judged_as,
        stock=indicator.stock,
        declared=(declared.on, exact(declared.value)) if declared else None,
        base_year=(base_end, view.base.value) if view.base else None,
        first_report=(view.first[0].end, view.first[1].value) if view.first else None,
        before_programme=base_end,
    )


def _judged(plan: Plan, period: Period, stretch: Stretch, value: Fraction) -> Finding:
    assert stretch.target is not None
    assert stretch.aim is not None
    missed = plan.missed(period.end, value)
    if stretch.mode is None:
        due, done = period.end >= stretch.aim.on, plan.indicator.direction * (stretch.target - value) <= 0
        return Finding("due", None, value, stretch, attained=of_due(done, due), missed=missed)
    if stretch.low_high is not None:
        return _banded(stretch, value)
    assert stretch.expected is not None
    measured = measure(
        value,
        stretch.expected,
        stretch.start,
        stretch.target,
        direction=plan.indicator.direction,
        mode=stretch.mode,
        p_min=plan.p_min,
    )
    return Finding(
        measured.mode,
        None,
        value,
        stretch,
        stretch.expected,
        measured,
        _attained(plan, stretch, value, measured),
        missed,
    )


def _banded(stretch: Stretch, value: Fraction) -> Finding:
    """`band`: held against the end of the band that is nearer to being left."""
    assert stretch.low_high is not None
    low, high = stretch.low_high
    short = outside_band(value, low, high)
    nearest = low if low - value >= value - high else high
    measured = Measure("bound", short, 100 * short / abs(nearest) if nearest else None, None, None)
    return Finding("bound", None, value, stretch, nearest, measured, of_bound(short, nearest, stretch.tolerance))


def _attained(plan: Plan, stretch: Stretch, value: Fraction, measured: Measure) -> Fraction | None:
    assert stretch.expected is not None
    assert stretch.target is not None
    assert stretch.aim is not None
    if measured.mode == "bound" and not stretch.whole_reach:
        return of_bound(measured.short, stretch.expected, stretch.tolerance)
    assert stretch.start is not None
    enough = stretch.target
    if stretch.aim.bound == "approx":
        enough = enough_for(enough, plan.indicator.direction, plan.approx_pct)
    return of_share(
        measured.short,
        value,
        stretch.expected,
        stretch.start,
        stretch.target,
        stretch.tolerance,
        p_min=plan.p_min,
        enough=enough,
    )


def _written(plan: Plan, cell: Cell, view: View, finding: Finding) -> Standing:
    """Rounded once, here; the exact numbers go beside them (rules 1.1 and 1.2)."""
    indicator, programme = plan.indicator, plan.lookup.programme
    stretch, measured, places = finding.stretch, finding.measured, plan.decimals
    origin = view.origins[cell.period]
    aim = stretch.aim
    judged = finding.mode != "none"
    return Standing(
        programme=programme.id,
        indicator=indicator.id,
        district=cell.district,
        period=cell.period.text,
        version=0,
        catalogue_version=programme.version,
        rule_version=RULES,
        as_of=cell.period.end,
        known_at=_known_at(cell, view, stretch, origin.at),
        received_at=origin.first_received_at,
        unit=plan.unit,
        direction=indicator.direction,
        goal=indicator.goal,
        schedule=indicator.schedule,
        mode=finding.mode,
        reason=finding.reason,
        value=_sent(finding.value, places),
        expected=_published(finding.expected, places + 2),
        target=_sent(aim.value if aim else None, places),
        target_on=aim.on if aim else None,
        baseline=_sent(stretch.start, places),
        baseline_on=stretch.start_on,
        baseline_source=stretch.source,
        tolerance=_sent(stretch.tolerance, 0) if judged else None,
        short=_published(measured.short, places + 2) if measured else None,
        short_pct=_published(measured.short_pct, 3) if measured else None,
        lag=_published(measured.lag, 3) if measured else None,
        ratio=_published(measured.ratio, 3) if measured else None,
        attainment=_published(finding.attained, 4) if aim and aim.binding else None,
        binding=aim.binding if aim else False,
        confidence=origin.confidence,
        flags=origin.marks + origin.needs,
        owed=_owed(plan, cell, finding),
        derived=derived(plan, cell, view),
        window_years=_years(aim.on if aim else None, stretch.start_on, plan.restarts),
        exact=_exact(finding),
        explanation=explain(plan, cell, view, finding),
    )


def _known_at(cell: Cell, view: View, stretch: Stretch, at: datetime) -> datetime:
    """The newest moment among the facts this standing depends on: its own, those summed up in it, its baseline's."""
    moments = [at]
    if (known := view.judged.get(cell.period)) is not None:
        moments.append(known.at)
    if stretch.from_start and stretch.source == "base_year_report" and view.base is not None:
        moments.append(view.base.at)
    if stretch.from_start and stretch.source == "first_report" and view.first is not None:
        moments.append(view.first[1].at)
    return max(moments)


def _owed(plan: Plan, cell: Cell, finding: Finding) -> Owed | None:
    aim = finding.missed
    if aim is None or aim.value is None:
        return None
    return Owed(on=aim.on, value=as_sent(aim.value, plan.decimals), period=ending(cell.period.frequency, aim.on).text)


def derived(plan: Plan, cell: Cell, view: View) -> Derived | None:
    """What the city's figure is made of, with the lead's comparison figure beside it (rule 3.2)."""
    rolled = view.rolled.get(cell.period)
    if rolled is None:
        return None
    reported = view.reported.get(cell.period)
    difference = reported.value - rolled.value if reported is not None and rolled.value is not None else None
    return Derived(
        value=_sent(rolled.value, plan.decimals),
        missing=rolled.missing,
        reported=_sent(reported.value, plan.decimals) if reported else None,
        difference=_sent(difference, plan.decimals),
    )


def _years(target_on: date | None, start_on: date | None, restarts: bool) -> tuple[int, int] | None:
    if target_on is None:
        return None
    first = start_on.year if start_on and not restarts else target_on.year
    return first, target_on.year


def _exact(finding: Finding) -> Exact:
    stretch, measured = finding.stretch, finding.measured
    if finding.mode == "none":
        return Exact(actual=_ratio(finding.value))
    return Exact(
        actual=_ratio(finding.value),
        expected=_ratio(finding.expected),
        start=_ratio(stretch.start),
        target=_ratio(stretch.target),
        tolerance=_ratio(stretch.tolerance),
        short=_ratio(measured.short) if measured else None,
        lag=_ratio(measured.lag) if measured else None,
        ratio=_ratio(measured.ratio) if measured else None,
    )


def _sent(value: Fraction | None, decimals: int) -> str | None:
    return None if value is None else as_sent(value, decimals)


def _published(value: Fraction | None, places: int) -> str | None:
    return None if value is None else published(value, places)


def _ratio(value: Fraction | None) -> str | None:
    return None if value is None else ratio(value)
