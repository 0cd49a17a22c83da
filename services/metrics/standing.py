"""A finding put into words and digits: the standing (进度状态) of one cell, as it travels and is shown.

Rounded once, here; the exact numbers go beside the written ones (rules 1.1 and 1.2).
"""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache

import msgspec

from contracts.cells import Cell
from contracts.editions import BEGINNING
from contracts.events import Derived, Exact, Fed, Owed, Standing
from contracts.fed import names_in
from contracts.numbers import published
from contracts.periods import ending
from services.metrics import views
from services.metrics.explanation import explain
from services.metrics.finding import Basis, Finding, basis_of, find, unknown_season
from services.metrics.outlook import Foresight, foresee, written
from services.metrics.plan import Plan, Stretch
from services.metrics.views import View
from services.metrics.written import as_sent, ratio

RULES = "1"  # the version of the rules by which standings are computed
UNKNOWN_SEASON = "seasonal_default"  # fewer than two full years: straight lines instead (rule 4.5)


def stand(plan: Plan, cell: Cell, view: View, since: datetime = BEGINNING) -> Standing:
    """The standing of a cell that has a report or a derived figure. Version 0: the store numbers it.

    `since` when the plan is known: no standing was known before it (rule 2.10). An indicator is folded at every batch
    and most of its cells stay as they were: the last standing of each is kept with all that it was made from.
    """
    basis, kept = basis_of(plan, cell, view), plan.stood.get(cell.period)
    if kept is None or kept[0] != (basis, since, cell.applicable):
        standing = _written(plan, cell, basis, find(plan, cell, basis))
        if standing.known_at < since:
            standing = msgspec.structs.replace(standing, known_at=since)
        kept = plan.stood[cell.period] = (basis, since, cell.applicable), standing
    return kept[1]


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a stretch contributes to every standing in it, written once."""

    target: str | None
    target_on: date | None
    baseline: str | None
    tolerance: str
    window_years: tuple[int, int] | None
    exact: Exact


@lru_cache(maxsize=32768)
def inputs(plan: Plan, stretch: Stretch) -> Inputs:
    aim = stretch.aim
    return Inputs(
        target=_sent(aim.value if aim else None, plan.decimals),
        target_on=aim.on if aim else None,
        baseline=_sent(stretch.start, plan.decimals),
        tolerance=as_sent(stretch.tolerance, 0),
        window_years=_years(aim.on if aim else None, stretch.start_on, plan.restarts),
        exact=Exact(start=_ratio(stretch.start), target=_ratio(stretch.target), tolerance=_ratio(stretch.tolerance)),
    )


def _written(plan: Plan, cell: Cell, basis: Basis, finding: Finding) -> Standing:
    """Rounded once, here; the exact numbers go beside them (rules 1.1 and 1.2)."""
    indicator, programme, said = plan.indicator, plan.programme, inputs(plan, finding.stretch)
    stretch, measured, places = finding.stretch, finding.measured, plan.decimals
    origin, season = basis.origin, _season(plan, basis, finding)
    aim = stretch.aim
    judged, foresight = finding.mode != "none", foresee(plan, cell, basis, finding)
    return Standing(
        programme=programme.id,
        indicator=indicator.id,
        district=cell.district,
        period=cell.period.text,
        version=0,
        catalogue_version=programme.version,
        rule_version=RULES,
        as_of=cell.period.end,
        known_at=_known_at(basis, stretch, foresight),
        received_at=origin.first_received_at,
        unit=plan.unit,
        direction=indicator.direction,
        goal=indicator.goal,
        schedule=indicator.schedule,
        mode=finding.mode,
        reason=finding.reason,
        value=_sent(finding.value, places),
        expected=_published(finding.expected, places + 2),
        target=said.target,
        target_on=said.target_on,
        baseline=said.baseline,
        baseline_on=stretch.start_on,
        baseline_source=stretch.source,
        tolerance=said.tolerance if judged else None,
        short=_published(measured.short, places + 2) if measured else None,
        short_pct=_published(measured.short_pct, 3) if measured else None,
        lag=_published(measured.lag, 3) if measured else None,
        ratio=_published(measured.ratio, 3) if measured else None,
        attainment=_published(finding.attained, 4) if aim and aim.binding else None,
        binding=judged and aim is not None and aim.binding,
        confidence=origin.confidence,
        flags=(*origin.marks, *origin.needs, *(("commented",) if origin.commented else ()), *season),
        owed=_owed(plan, cell, finding),
        derived=_derived(plan, basis),
        window_years=said.window_years,
        exact=_exact(finding, said.exact),
        explanation=explain(plan, cell.period, basis, finding, foresight),
        forecast=written(plan, foresight) if foresight else None,
        excused_until=origin.excused_until,
        fed=_fed(plan, basis.fed),
        published_at=msgspec.UNSET if origin.published_at is None else origin.published_at,
    )


def _known_at(basis: Basis, stretch: Stretch, foresight: Foresight | None) -> datetime:
    """The newest moment among the facts a standing depends on: its own, those summed up in it, its baseline's, and
    those its forecast looks back on."""
    moments = [basis.origin.at]
    if basis.known is not None:
        moments.append(basis.known.at)
    if stretch.from_start and basis.start_known_at is not None:
        moments.append(basis.start_known_at)
    if foresight is not None and foresight.known_at is not None:
        moments.append(foresight.known_at)
    return max(moments)


def _season(plan: Plan, basis: Basis, finding: Finding) -> tuple[str, ...]:
    return (UNKNOWN_SEASON,) if unknown_season(plan, basis, finding) else ()


def _owed(plan: Plan, cell: Cell, finding: Finding) -> Owed | None:
    aim = finding.missed
    if aim is None or aim.value is None:
        return None
    return Owed(on=aim.on, value=as_sent(aim.value, plan.decimals), period=ending(cell.period.frequency, aim.on).text)


def _derived(plan: Plan, basis: Basis) -> Derived | None:
    """What the city's figure is made of, with the lead's comparison figure beside it (rule 3.2)."""
    rolled, reported = basis.rolled, basis.reported
    if rolled is None:
        return None
    difference = reported.value - rolled.value if reported is not None and rolled.value is not None else None
    return Derived(
        value=_sent(rolled.value, plan.decimals),
        missing=rolled.missing,
        reported=_sent(reported.value, plan.decimals) if reported else None,
        difference=_sent(difference, plan.decimals),
    )


def _fed(plan: Plan, fed: views.Fed | None) -> Fed | None:
    """The sum over projects, with the unit's own figure beside it (rule 12)."""
    if fed is None:
        return None
    beside = fed.beside.value if fed.beside is not None else None
    return Fed(
        value=as_sent(fed.value, plan.decimals),
        projects=names_in(fed.projects),
        reported=_sent(beside, plan.decimals),
        difference=None if beside is None else as_sent(beside - fed.value, plan.decimals),
    )


def _years(target_on: date | None, start_on: date | None, restarts: bool) -> tuple[int, int] | None:
    if target_on is None:
        return None
    first = start_on.year if start_on and not restarts else target_on.year
    return first, target_on.year


def _exact(finding: Finding, said: Exact) -> Exact:
    measured, aim = finding.measured, finding.stretch.aim
    if finding.mode == "none":
        return Exact(actual=_ratio(finding.value))
    return Exact(
        actual=_ratio(finding.value),
        expected=_ratio(finding.expected),
        start=said.start,
        target=said.target,
        tolerance=said.tolerance,
        short=_ratio(measured.short) if measured else None,
        lag=_ratio(measured.lag) if measured else None,
        ratio=_ratio(measured.ratio) if measured else None,
        attained=_ratio(finding.attained) if aim is not None and aim.binding else None,
    )


def _sent(value: Fraction | None, decimals: int) -> str | None:
    return None if value is None else as_sent(value, decimals)


def _published(value: Fraction | None, places: int) -> str | None:
    return None if value is None else published(value, places)


def _ratio(value: Fraction | None) -> str | None:
    return None if value is None else ratio(value)
