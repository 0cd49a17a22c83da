"""All facts of one indicator → how each of its cells stands and what became of each report. Pure, order-free, no "now".

Recording calls `fold` with every fact of the indicator, of all districts and the city, whenever one is added;
`liangshai evaluate` calls it with what a file says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from weakref import WeakKeyDictionary

from contracts.cells import Cells
from contracts.events import OutcomeKind, Standing
from contracts.programme import Indicator, Lookup
from services.metrics.plan import Plan
from services.metrics.revisions import Fact
from services.metrics.rollup import RolledUpSeries
from services.metrics.standing import stand
from services.metrics.views import Series

__all__ = ["Fact", "Folded", "fold"]

_plans: WeakKeyDictionary[Lookup, dict[tuple[str, str], Plan]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Folded:
    """`standings` by (district, period), `outcomes` by (source, id): kind, code, what has to be explained."""

    standings: dict[tuple[str, str], Standing]
    outcomes: dict[tuple[str, str], tuple[OutcomeKind, str | None, tuple[str, ...]]]


def fold(lookup: Lookup, cells: Cells, indicator: Indicator, facts: Sequence[Fact]) -> Folded:
    """The standings of all cells with a report or a derived figure, and the outcome of every fact."""
    folded = Folded({}, {})
    by_district: dict[str, list[Fact]] = {district: [] for district in indicator.districts}
    for fact in facts:
        if fact.district in by_district:
            by_district[fact.district].append(fact)
        else:
            folded.outcomes[fact.identity] = ("refused", "outside_life", ())
    series = [Series(cells, indicator, district, found) for district, found in by_district.items()]
    *districts, city = series
    every: list[Series | RolledUpSeries] = [*districts, city]
    if indicator.derived and districts:
        every[-1] = RolledUpSeries(city, districts, _done(indicator))
    for each in every:
        plan = plan_of(lookup, indicator, each.district)
        for cell in each.cells:
            view = each.view(cell)
            if cell.period in view.origins:
                folded.standings[cell.district, cell.period.text] = stand(plan, cell, view)
    for each in series:
        folded.outcomes.update((identity, (kind, code, needs)) for identity, kind, code, needs in each.outcomes())
    return folded


def plan_of(lookup: Lookup, indicator: Indicator, district: str) -> Plan:
    """What a series is held against, made once per catalogue."""
    plans = _plans.setdefault(lookup, {})
    plan = plans.get((indicator.id, district))
    if plan is None or plan.indicator is not indicator:
        plan = plans[indicator.id, district] = Plan(lookup, indicator, district)
    return plan


def _done(indicator: Indicator) -> Fraction:
    """From which value a district counts as done (rule 5.1)."""
    return Fraction(100) if indicator.unit == "percent" else Fraction(1)
